"""Files of columns with types: Parquet, SPSS and Stata.

Their libraries are large, and needed by few: they are installed when asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from paincohort.records.declared import Records
from paincohort.records.report import Report
from paincohort.records.table import (
    EMPTY,
    MOST_BYTES,
    MOST_CELLS,
    MOST_ROWS,
    Cell,
    Choose,
    Codes,
    Column,
    MissingCode,
    Rows,
    Table,
    TooLargeError,
    check_width,
)

INSTALL = "pip install pyarrow pyreadstat"


def read_parquet(file: Path, _: Records, choose: Choose, report: Report) -> Table:
    """Read a Parquet file.

    Raises
    ------
    UnreadableError
        If it is damaged, or pyarrow is not installed.
    TooLargeError
        If it has more rows or columns than are read.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise report.unreadable("Parquet files need pyarrow", INSTALL) from None
    try:
        with parquet.ParquetFile(file) as source:
            header = source.schema_arrow.names
            groups = [source.metadata.row_group(n) for n in range(source.num_row_groups)]
            kept = _kept(header, source.metadata.num_rows, choose)
            if sum(group.total_byte_size for group in groups) > MOST_BYTES:
                raise TooLargeError(f"unpacks to more than {MOST_BYTES // 1024**2:,} MiB")
            read = source.read(columns=[header[place] for place in kept])
        rows = _rows(read.num_rows)
        columns = []
        for place, chunks in zip(kept, read.columns, strict=True):
            coded = chunks.dictionary_encode().combine_chunks()
            coded = coded if isinstance(coded, pa.DictionaryArray) else coded.chunk(0)
            codes = coded.indices.fill_null(EMPTY).to_numpy()
            cells = _without_blanks(codes, coded.dictionary.to_pylist())
            columns.append(Column(header[place], place + 1, *cells, rows))
    except (pa.ArrowException, OSError, ValueError, IndexError):
        raise report.unreadable("damaged, truncated, or no table of plain columns") from None
    return Table(tuple(header), tuple(columns), typed=True)


def read_spss(file: Path, declared: Records, choose: Choose, report: Report) -> Table:
    """Read an SPSS file; values that it declares to be missing are marked as such.

    Raises
    ------
    UnreadableError
        If it is damaged, or pyreadstat is not installed.
    TooLargeError
        If it has more rows or columns than are read.
    """
    return _read_statistics("read_sav", file, declared, choose, report)


def read_stata(file: Path, declared: Records, choose: Choose, report: Report) -> Table:
    """Read a Stata file; extended missing values, .a to .z, are marked as such.

    Raises
    ------
    UnreadableError
        If it is damaged, or pyreadstat is not installed.
    TooLargeError
        If it has more rows or columns than are read.
    """
    return _read_statistics("read_dta", file, declared, choose, report)


def _read_statistics(
    reader: str, file: Path, declared: Records, choose: Choose, report: Report
) -> Table:
    try:
        import pyreadstat  # noqa: PLC0415
    except ImportError:
        raise report.unreadable("SPSS and Stata files need pyreadstat", INSTALL) from None
    read = getattr(pyreadstat, reader)
    try:
        _, known = read(file, metadataonly=True, encoding=declared.encoding)
        header = known.column_names
        kept = _kept(header, known.number_rows or 0, choose)
        names = [header[place] for place in kept]
        # Without columns the reader would read all.
        data, meta = read(
            file,
            usecols=names or header[:1],
            user_missing=True,
            row_limit=MOST_ROWS + 1,
            output_format="dict",
            encoding=declared.encoding,
        )
    except (
        pyreadstat.ReadstatError,
        pyreadstat.PyreadstatError,
        ValueError,
        OverflowError,
        OSError,
    ):
        raise report.unreadable(
            "damaged, truncated, or of another format than its name says"
        ) from None
    n_rows = len(next(iter(data.values()), []))
    _kept(header, n_rows, choose)
    rows, columns = _rows(n_rows), []
    for place, name in zip(kept, names, strict=True):
        codes, distinct = pd.factorize(np.asarray(data[name], dtype=object), use_na_sentinel=True)
        cells = [_marked(cell, name, meta) for cell in distinct]
        labels = meta.variable_value_labels.get(name, {})
        columns.append(Column(name, place + 1, *_without_blanks(codes, cells), rows, labels))
    return Table(tuple(header), tuple(columns), typed=True)


def _marked(cell: Any, name: str, meta: Any) -> Any:
    if cell in meta.missing_user_values.get(name, []):
        return MissingCode(f".{cell}")
    for span in meta.missing_ranges.get(name, []):
        low, high = span["lo"], span["hi"]
        if type(low) is type(cell) and low <= cell <= high:
            return MissingCode(f"{cell:g}" if isinstance(cell, float) else str(cell))
    return cell


def _kept(header: Sequence[str], n_rows: int, choose: Choose) -> Sequence[int]:
    check_width(header)
    kept = choose(header)
    if n_rows > MOST_ROWS:
        raise TooLargeError(f"more than {MOST_ROWS:,} rows")
    if n_rows * len(kept) > MOST_CELLS:
        raise TooLargeError(f"more than {MOST_CELLS:,} cells")
    return kept


def _rows(n_rows: int) -> Rows:
    # A viewer of such files numbers the patients from 1: the header is not a row.
    return np.arange(1, n_rows + 1, dtype=np.int64)


def _without_blanks(codes: Any, distinct: Iterable[Any]) -> tuple[Codes, tuple[Cell, ...]]:
    """Return codes and distinct cells of a column, its blanks taken for empty."""
    cells = [_plain(cell) for cell in distinct]
    # The last place is that of the code of an empty cell.
    blank = np.array([*(cell is None for cell in cells), True])
    renumbered = np.where(blank, EMPTY, np.cumsum(~blank) - 1).astype(np.int32)
    return renumbered[codes], tuple(cell for cell in cells if cell is not None)


def _plain(cell: Any) -> Cell | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, int | float | date | MissingCode):
        return cell
    return float(cell) if isinstance(cell, Decimal) else str(cell)
