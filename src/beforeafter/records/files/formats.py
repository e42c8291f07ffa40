"""Which reader a file needs; told by its first bytes where they tell, else by its name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from beforeafter.records.files.binary import read_parquet, read_statistics
from beforeafter.records.files.delimited import read_delimited
from beforeafter.records.files.opendocument import read_ods
from beforeafter.records.files.table import MOST_BYTES, Choose, RawTable, TooLargeError
from beforeafter.records.files.workbook import read_xlsx
from beforeafter.records.report import Report
from beforeafter.study import Records

Reader = Callable[[Path, Records, Choose, Report], RawTable]
READERS: dict[str, Reader] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".ods": read_ods,
    ".parquet": read_parquet,
    ".sav": partial(read_statistics, "read_sav"),
    ".zsav": partial(read_statistics, "read_sav"),
    ".dta": partial(read_statistics, "read_dta"),
}
# In these no row holds the names of the columns.
NAME_THEIR_COLUMNS = {".parquet", ".sav", ".zsav", ".dta"}
# What begins like this is no text, whatever it is called.
BEGINNINGS = {
    b"PK\x03\x04": {".xlsx", ".xlsm", ".ods"},
    b"PAR1": {".parquet"},
    b"$FL2": {".sav"},
    b"$FL3": {".zsav", ".sav"},
    b"\xd0\xcf\x11\xe0": set(),
}


def read_table(file: Path, declared: Records, choose: Choose, report: Report) -> RawTable:
    """Read the cells of a file.

    `choose` says which columns are kept; the report is told what was found out on the way. What is
    no table, or larger than can be read, is an `UnreadableError`.
    """
    suffix = file.suffix.lower()
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(4)
    except FileNotFoundError:
        raise report.unreadable("no such file", value=str(file), shown=True) from None
    except OSError as error:
        raise report.unreadable(f"cannot be read: {error.strerror}") from None
    if size == 0:
        raise report.unreadable("the file is empty")
    if size > MOST_BYTES:
        raise report.unreadable(f"larger than {MOST_BYTES // 1024**2:,} MiB")
    if suffix not in READERS or suffix not in BEGINNINGS.get(start, READERS):
        kinds = ", ".join(READERS)
        raise report.unreadable(
            "of a kind that is not read, or not what its name says", f"read are {kinds}"
        )
    try:
        return READERS[suffix](file, declared, choose, report)
    except TooLargeError as error:
        raise report.unreadable(str(error), "a cohort is smaller") from None
