"""Files of columns with types: Parquet, SPSS and Stata.

Their libraries are large, and needed by few: they are installed when asked for.
"""

import math
import pickle
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, Any, cast

import numpy as np
import pandas as pd

from beforeafter.records.files import foreign, table
from beforeafter.records.report import Report
from beforeafter.study import Records
from declared import unobserved

INSTALL = "`make records` installs it; elsewhere `pip install pyarrow pyreadstat`"
PATIENT, INDEX = "patient", "__index_level_0__"
TEXT = {"string", "large_string", "binary", "large_binary"}


def read_parquet(file: Path, _: Records, choose: table.Choose, report: Report) -> table.RawTable:
    """Read a Parquet file, for which pyarrow must be installed."""
    if find_spec("pyarrow") is None:
        raise report.unreadable("Parquet files need pyarrow", INSTALL)
    with unobserved(file):
        return _parquet(file, choose, report)


def _parquet(file: Path, choose: table.Choose, report: Report) -> table.RawTable:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    try:
        # A text that a file holds once may stand in each of its rows: it is kept once here too.
        text = [column.name for column in parquet.read_schema(file) if str(column.type) in TEXT]
        with parquet.ParquetFile(
            file, read_dictionary=text, page_checksum_verification=True
        ) as source:
            names = source.schema_arrow.names
            header = _named(names, choose, report)
            groups = [source.metadata.row_group(n) for n in range(source.num_row_groups)]
            kept = _kept(header, source.metadata.num_rows, choose)
            if sum(group.total_byte_size for group in groups) > table.MOST_BYTES:
                raise table.TooLargeError(
                    f"unpacks to more than {table.MOST_BYTES // 1024**2:,} MiB"
                )
            read = source.read(columns=[names[place] for place in kept])
        rows = _rows(read.num_rows)
        columns = []
        for place, chunks in zip(kept, read.columns, strict=True):
            coded = chunks.dictionary_encode().combine_chunks()
            coded = coded if isinstance(coded, pa.DictionaryArray) else coded.chunk(0)
            codes = coded.indices.fill_null(table.EMPTY).to_numpy()
            cells = _without_blanks(codes, coded.dictionary.to_pylist())
            columns.append(table.Column(header[place], place + 1, *cells, rows))
    except (pa.ArrowException, OSError, ValueError, IndexError):
        raise report.unreadable("damaged, truncated, or no table of plain columns") from None
    return table.RawTable(tuple(header), tuple(columns), typed=True)


def _named(names: Sequence[str], choose: table.Choose, report: Report) -> list[str]:
    """Return the names of columns; of a pandas table an index without a name may be patients.

    It is the last column, and no column where it is of no use.
    """
    header = [PATIENT if name == INDEX else name for name in names]
    if header != [*names]:
        wanted = names.count(PATIENT) == 0 and header.index(PATIENT) in choose(header)
        what = "taken for the codes of patients" if wanted else "left out"
        report.convert(INDEX, f"the index of the table, {what}")
        return header if wanted else [name for name in names if name != INDEX]
    return header


def read_statistics(
    reader: str, file: Path, declared: Records, choose: table.Choose, report: Report
) -> table.RawTable:
    """Read a file of SPSS or Stata with a function of pyreadstat, which must be installed.

    Values that the file declares to be missing, and the extended ones .a to .z, are marked.
    """
    if find_spec("pyreadstat") is None:
        raise report.unreadable("SPSS and Stata files need pyreadstat", INSTALL)
    with unobserved(file):
        return _statistics(reader, file, declared, choose, report)


def _statistics(
    reader: str, file: Path, declared: Records, choose: table.Choose, report: Report
) -> table.RawTable:
    # Not what lies in the folder where it is run, but what is installed (-P).
    command = [sys.executable, "-P", "-m", foreign.__name__]
    arguments = [reader, str(file), declared.encoding or ""]
    with Popen([*command, *arguments], stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as child:  # noqa: S603
        there, back = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)
        try:
            header, n_rows = pickle.load(back)  # noqa: S301
            kept = _kept(header, n_rows, choose)
            # Without any columns the reader would read all.
            pickle.dump(
                ([header[place] for place in kept] or header[:1], table.MOST_ROWS + 1), there
            )
            there.flush()
            data, labels, codes, ranges = pickle.load(back)  # noqa: S301
        except (EOFError, pickle.UnpicklingError, BrokenPipeError):
            raise report.unreadable("damaged, truncated, or not what its name says") from None
    n_rows = len(next(iter(data.values()), []))
    _kept(header, n_rows, choose)
    rows, columns = _rows(n_rows), []
    for place in kept:
        name = header[place]
        coded, distinct = pd.factorize(np.asarray(data[name], dtype=object), use_na_sentinel=True)
        cells = [_marked(cell, codes.get(name, []), ranges.get(name, [])) for cell in distinct]
        meaning = labels.get(name, {})
        columns.append(table.Column(name, place + 1, *_without_blanks(coded, cells), rows, meaning))
    return table.RawTable(tuple(header), tuple(columns), typed=True)


def _marked(cell: Any, codes: Sequence[Any], ranges: Sequence[dict[str, Any]]) -> Any:
    """Return a cell, marked if it is one of the file's own codes for missing."""
    if cell in codes:
        return table.MissingCode(f".{cell}")
    for span in ranges:
        low, high = span["lo"], span["hi"]
        if type(low) is type(cell) and low <= cell <= high:
            return table.MissingCode(f"{cell:g}" if isinstance(cell, float) else str(cell))
    return cell


def _kept(header: Sequence[str], n_rows: int, choose: table.Choose) -> Sequence[int]:
    table.check_width(header)
    kept = choose(header)
    if n_rows > table.MOST_ROWS:
        raise table.TooLargeError(f"more than {table.MOST_ROWS:,} rows")
    if n_rows * len(kept) > table.MOST_CELLS:
        raise table.TooLargeError(f"more than {table.MOST_CELLS:,} cells")
    return kept


def _rows(n_rows: int) -> table.Rows:
    # A viewer of such files numbers the patients from 1: the header is not a row.
    return np.arange(1, n_rows + 1, dtype=np.int64)


def _without_blanks(
    codes: Any, distinct: Iterable[Any]
) -> tuple[table.Codes, tuple[table.Cell, ...]]:
    """Return codes and distinct cells of a column, its blanks taken for empty."""
    cells = [_plain(cell) for cell in distinct]
    # The last place is that of the code of an empty cell.
    blank = np.array([*(cell is None for cell in cells), True])
    renumbered = np.where(blank, table.EMPTY, np.cumsum(~blank) - 1).astype(np.int32)
    return renumbered[codes], tuple(cell for cell in cells if cell is not None)


def _plain(cell: Any) -> table.Cell | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8")  # of what is no text a ValueError is told of above
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, int | float | date | table.MissingCode):
        return cell
    return float(cell) if isinstance(cell, Decimal) else str(cell)
