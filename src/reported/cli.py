"""The command `reported`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from declared import run

if TYPE_CHECKING:
    from beforeafter.study import Study
    from reported.claims.published import Published

# Each command imports what it needs: none waits for the imports of another, and help for none.
# ruff: noqa: PLC0415

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="What the publication printed, and a cohort that has all of it.",
)
stderr = Console(stderr=True)

StudyFile = Annotated[Path, typer.Option("--study", help="The study definition.")]
PublishedFile = Annotated[Path, typer.Option("--published", help="The printed claims.")]

Backend = Annotated[
    str | None, typer.Option(help="Which backend of joblib spreads the work, such as dask or ray.")
]
Scheduler = Annotated[str | None, typer.Option(help="The address of Dask's scheduler.")]

STUDY = Path("data/study.yml")
PUBLISHED = Path("data/published.yml")


@app.callback(invoke_without_command=True)
def reported(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Print the version, or leave the rest to a command."""
    if version:
        from reported.report import release

        typer.echo(f"reported {release()}")
        raise typer.Exit


@app.command("reconstruct")
def reconstruct_command(  # noqa: PLR0913, PLR0917  (each is an option)
    study: StudyFile = STUDY,
    published: PublishedFile = PUBLISHED,
    output: Annotated[
        Path,
        typer.Option(help="Where a central cohort goes, or stays; the ensemble goes beside it."),
    ] = Path("data/cohort.csv"),
    cohorts: Annotated[int, typer.Option(min=1, help="How many cohorts to draw.")] = 1000,
    backend: Backend = None,
    scheduler: Scheduler = None,
) -> None:
    """Draw cohorts that satisfy every claim, and write them and a central one."""
    from reported.solver.cohorts.reconstruct import reconstruct

    with _spread_by(backend, scheduler), _progress("Reconstructing"):
        verdicts = reconstruct(*_read(study, published), output, cohorts)
    stderr.print(f"{output}: all {len(verdicts)} claims hold, as in every cohort of the ensemble")


@app.command("verify")
def verify_command(
    cohort: Annotated[Path, typer.Argument(help="The cohort, a CSV file.")],
    study: StudyFile = STUDY,
    published: PublishedFile = PUBLISHED,
) -> None:
    """Compare a cohort with every claim; exit with 1 if one fails."""
    from reported.verifier.verdicts import verify_file

    verdicts = verify_file(cohort, *_read(study, published))
    headings = (Column(name, no_wrap=True) for name in ("Claim", "Printed", "Computed", "Verdict"))
    table = Table(*headings, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for one in verdicts:
        told = Text("holds") if one.holds else Text("fails", "bold red")
        table.add_row(one.claim.key, escape(one.claim.printed), f"{one.computed:.5g}", told)
    stdout = Console()
    stdout.print(table)
    for verdict in verdicts:
        if verdict.note:
            stdout.print(f"{verdict.claim.key}: {verdict.note}", highlight=False)
    if not all(verdict.holds for verdict in verdicts):
        raise typer.Exit(1)


@app.command("read")
def read_command(
    abstract: Annotated[Path, typer.Argument(help="The text of an abstract, English or French.")],
    output: Annotated[
        Path | None, typer.Option(help="A new folder for study.yml and published.yml.")
    ] = None,
) -> None:
    """Propose the claims of a pasted text, and show what was not read."""
    from reported.claims.abstract import read_abstract

    proposal = read_abstract(abstract.read_text(encoding="utf-8"))
    for claim in proposal.claims:
        typer.echo(" | ".join(str(claim[part]) for part in ("key", "printed", "place")))
    for text in proposal.context:
        typer.echo(f"Not used, a dose, time or age: {text}")
    for text in proposal.unread:
        typer.echo(f"Not read: {text}")
    if output:
        study, published = proposal.files(abstract.stem)
        output.mkdir(parents=True)
        (output / "study.yml").write_text(study, encoding="utf-8")
        (output / "published.yml").write_text(published, encoding="utf-8")
        stderr.print(f"{output}: look through the claims, then reported audit {output}")


@app.command("audit")
def audit_command(  # noqa: PLR0913, PLR0917  (each is an option)
    published: Annotated[
        Path, typer.Argument(help="The printed claims, a pasted abstract, or a folder of either.")
    ] = PUBLISHED,
    study: StudyFile = STUDY,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print a page of HTML.")] = False,
    details: Annotated[bool, typer.Option(help="Print every check.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(help="Of a folder: one table, .csv or .json; a stopped run goes on from it."),
    ] = None,
    backend: Backend = None,
    scheduler: Scheduler = None,
) -> None:
    """Tell which claims can be true together.

    Exit with 1 if some cannot under any reading that was tried, with 3 if they can under some.
    """
    from reported import report
    from reported.abstracts import FILES, read_claims
    from reported.joint_audit import audit_claims

    if published.is_dir() and not (published / FILES[1]).exists():
        with _spread_by(backend, scheduler):
            _audit_many(published, output, as_json=as_json)
        return
    if published.is_dir() or published.suffix == ".txt":
        read = read_claims(published)
        inputs = read.study, read.published
        texts = [f"Not used, a dose, time or age: {text}" for text in read.context]
        for text in (*texts, *(f"Not read: {text}" for text in read.unread)):
            stderr.print(text, markup=False, highlight=False, soft_wrap=True)
    else:
        inputs = _read(study, published)
    with _spread_by(backend, scheduler), _progress("Auditing"):
        audit = audit_claims(*inputs)
    if as_json:
        typer.echo(report.as_json(audit))
    elif as_html:
        typer.echo(report.as_html(audit, inputs[1]), nl=False)
    else:
        for line in report.as_text(audit, inputs[1], details=details):
            typer.echo(line)
    if audit.status:
        raise typer.Exit(audit.status)


def _audit_many(folder: Path, output: Path | None, *, as_json: bool) -> None:
    """Print a line for each abstract, or write a table of them, and how many have which status."""
    import json
    from collections import Counter
    from dataclasses import asdict

    from rich.progress import track

    from reported.abstracts import audit_folder, kept, sources, write_table

    found: Counter[int] = Counter()
    lines, journal = [], output.with_suffix(".part") if output else None
    known, shown = kept(journal) if journal else {}, bool(output) and stderr.is_terminal
    with journal.open("w", encoding="utf-8") if journal else nullcontext() as stream:
        told = audit_folder(folder, known)
        for line in track(
            told, "Auditing", len(sources(folder)), console=stderr, disable=not shown
        ):
            found[line.status] += 1
            lines.append(line)
            text = json.dumps(asdict(line))
            if stream:
                stream.write(f"{text}\n")
                stream.flush()
            else:
                typer.echo(text if as_json else f"{line.abstract} | {line.verdict}")
    if output and journal:
        write_table(lines, output)
        journal.unlink()
    words = {0: "no conflict", 3: "conflict as read", 1: "conflict", 2: "not readable"}
    summary = ", ".join(f"{found[status]} {word}" for status, word in words.items())
    stderr.print(f"{found.total()} abstracts: {summary}", highlight=False)
    if status := next((status for status in (1, 3, 2) if found[status]), 0):
        raise typer.Exit(status)


@contextmanager
def _spread_by(backend: str | None, scheduler: str | None) -> Iterator[None]:
    """Spread the work by a backend of joblib; of Dask, to the workers of a scheduler."""
    if backend is None:
        yield
        return
    from joblib import parallel_config

    if backend != "dask":
        with parallel_config(backend=backend):
            yield
        return
    try:
        from distributed import Client
    except ImportError:
        raise typer.BadParameter("Dask is not installed: pip install distributed") from None
    client = Client(scheduler)  # type: ignore[no-untyped-call]
    with client, parallel_config(backend="dask"):
        yield


@app.command("bounds")
def bounds_command(
    statistic: Annotated[
        str | None, typer.Argument(help="Such as pain.worsened.proportion; all if none is named.")
    ] = None,
    study: StudyFile = STUDY,
    published: PublishedFile = PUBLISHED,
    output: Annotated[Path, typer.Option(help="Where the bounds of all statistics go.")] = Path(
        "data/bounds.json"
    ),
) -> None:
    """Find the least and greatest value over all cohorts that satisfy the claims."""
    from reported.solver.bounds.bounds_file import write_bounds
    from reported.solver.bounds.extremes import statistic_bounds

    inputs = _read(study, published)
    with _progress("Bounding"):
        if statistic is None:
            written = write_bounds(*inputs, output)
            stderr.print(f"{output}: bounds of {written} statistics")
            return
        found = statistic_bounds(*inputs, statistic)
    for name, end in (("least", found.low), ("greatest", found.high)):
        note = "attained" if found.is_exact(end) else f"a cohort has {float(end.attained):.6g}"
        typer.echo(f"{name:<9}{float(end.bound):.6g}  ({note})")


def _read(study: Path, published: Path) -> tuple[Study, Published]:
    from reported.claims.claimable import read_study_and_published

    return read_study_and_published(study, published)


@contextmanager
def _progress(title: str) -> Iterator[None]:
    """Show what is logged as being done while it lasts."""
    log, handler = logging.getLogger("reported"), _Status(title)
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        with handler.status:
            yield
    finally:
        log.removeHandler(handler)


class _Status(logging.Handler):
    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.status = stderr.status(title)

    def emit(self, record: logging.LogRecord) -> None:
        """Show the message."""
        self.status.update(f"{self.title}: {escape(record.getMessage())}")


def main() -> None:
    """Run the command."""
    run(app)
