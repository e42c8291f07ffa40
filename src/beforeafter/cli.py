"""The command `beforeafter`: what is wrong with the records of a study.

It talks to the author at his own terminal, and so shows the values; what stops a notebook or a
build does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from declared import SHORT, new_app, run

if TYPE_CHECKING:
    from beforeafter.records import Remark, Report
    from beforeafter.study import Study

# What reads records is imported by the command that reads some: help need not wait for it.
# ruff: noqa: PLC0415

UNFIT = 1

app = new_app("The records of a before/after study.")


@app.command("check")
def check_command(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, ODS, Parquet, SPSS or Stata.")],
    study: Annotated[Path, typer.Option(help="The study definition.")] = Path("data/study.yml"),
    sheet: Annotated[str | None, typer.Option(help="Which sheet of a spreadsheet.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As data, for other programs.")] = False,
) -> None:
    """Tell all that is wrong with records; exit with 1 if they do not fit, 2 if unreadable."""
    from beforeafter.records import check_records
    from beforeafter.study import read_study

    definition = _with_sheet(read_study(study), sheet)
    report = check_records(file, definition)
    if as_json:
        typer.echo(json.dumps(report.as_data(), ensure_ascii=False, indent=1))
    else:
        _print(report, study)
    if report.problems:
        raise typer.Exit(UNFIT)


@app.command("draft")
def draft_command(
    files: Annotated[list[Path], typer.Argument(help="A table, or one for each visit.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it.")
    ] = None,
) -> None:
    """Draft a study definition for a table that has none; it writes over no file."""
    from beforeafter.records import draft_study

    text = draft_study(files)
    if output is None:
        typer.echo(text, nl=False)
    else:
        with output.open("x", encoding="utf-8") as stream:
            stream.write(text)


def _print(report: Report, study: Path) -> None:
    stdout = Console()
    for title, table in _tables(report):
        stdout.print(Text(f"\n{title}", style="bold"))
        stdout.print(table)
    stdout.print(_verdict(report, study), highlight=False, markup=False)


def _with_sheet(study: Study, sheet: str | None) -> Study:
    if sheet is None:
        return study
    return study.model_copy(update={"records": study.records.model_copy(update={"sheet": sheet})})


def _tables(report: Report) -> Iterable[tuple[str, Table]]:
    if report.problems:
        yield "Problems", _remarks(report.problems, report)
    if report.doubts:
        yield "Allowed, and worth a look", _remarks(report.doubts, report)
    if report.conversions:
        rows = ((one.column, _count(one.cells), one.what) for one in report.conversions)
        yield "Converted", _table(("Column", "Cells", "What"), rows)
    if len(report.rows) > len(("all", "read")):
        fates = ((_count(one.cells), one.what) for one in report.rows)
        yield "Rows", _table(("Rows", "Which"), fates)
    if report.recorded:
        rows = ((one.column, _count(one.recorded), _count(one.missing)) for one in report.recorded)
        yield "Recorded", _table(("Column", "Patients", "Missing"), rows)


def _remarks(remarks: Sequence[Remark], report: Report) -> Table:
    several = report.sheet is not None or any(one.part for one in remarks)
    headings = (*(("Sheet",) if several else ()), "Row", "Column", "Value", "Rule", "Mend")
    rows = (
        (
            *((one.part or report.sheet or "",) if several else ()),
            *(_count(one.row), _column(one), _value(one), one.counted, one.mend),
        )
        for one in remarks
    )
    return _table(headings, rows)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    table = Table(*headings, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _column(one: Remark) -> str:
    return one.column or ("" if one.position is None else f"number {one.position}")


def _value(one: Remark) -> str:
    label = f" ({one.label})" if one.label else ""
    return "" if one.value is None else SHORT.repr(one.value) + label


def _verdict(report: Report, study: Path) -> str:
    what = report.file.name if report.sheet is None else f"{report.file.name}, {report.sheet}"
    if report.cohort is None:
        count = len(report.problems)
        return f"{what}: {count} problem{'s' if count > 1 else ''}; nothing was changed"
    return f"{what}: {len(report.cohort):,} patients, as {study.name} has them"


def _told(error: Exception) -> str:
    """Return an error with the value that it is about: the author of the records may see it."""
    from beforeafter.records import UnreadableError

    if not isinstance(error, UnreadableError):
        return str(error)
    about = error.remark
    value = "" if about.value in {None, str(error.file)} else f" {SHORT.repr(about.value)}:"
    return f"{error.file}:{value} {about.told}"


def main() -> None:
    """Run the command; an error that has an explanation is printed without a traceback."""
    run(app, _told)
