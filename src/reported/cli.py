"""The command `reported`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from paincohort.errors import DataError
from paincohort.study import Study
from reported.claims.claimable import read_study_and_published
from reported.claims.errors import ReportedError
from reported.claims.published import Published
from reported.verifier.verdicts import Verdict, verify_file

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="What the publication printed, and a cohort that has all of it.",
)
stderr = Console(stderr=True)

StudyFile = Annotated[Path, typer.Option("--study", help="The study definition.")]
PublishedFile = Annotated[Path, typer.Option("--published", help="The printed claims.")]

STUDY = Path("data/study.yml")
PUBLISHED = Path("data/published.yml")


@app.command("reconstruct")
def reconstruct_command(
    study: StudyFile = STUDY,
    published: PublishedFile = PUBLISHED,
    output: Annotated[
        Path, typer.Option(help="Where the cohort goes; of several, a new directory.")
    ] = Path("data/cohort.csv"),
    cohorts: Annotated[int, typer.Option(min=1, help="How many different cohorts.")] = 1,
) -> None:
    """Write a cohort that satisfies every claim, or many different ones."""
    # The solver takes a second to import, which verifying and --help need not wait for.
    from reported.solver.cohorts.diverse import write_cohorts  # noqa: PLC0415
    from reported.solver.cohorts.reconstruct import reconstruct  # noqa: PLC0415

    inputs = _read(study, published)
    with _progress("Reconstructing") as progress:
        if cohorts > 1:
            write_cohorts(*inputs, cohorts, output, progress)
            message = f"{cohorts} cohorts; all claims hold in each"
        else:
            message = f"all {len(reconstruct(*inputs, output, progress))} claims hold"
    stderr.print(f"{output}: {message}")


@app.command("verify")
def verify_command(
    cohort: Annotated[Path, typer.Argument(help="The cohort, a CSV file.")],
    study: StudyFile = STUDY,
    published: PublishedFile = PUBLISHED,
) -> None:
    """Compare a cohort with every claim; exit with 1 if one fails."""
    verdicts = verify_file(cohort, *_read(study, published))
    stdout = Console()
    stdout.print(_table(verdicts))
    for verdict in verdicts:
        if verdict.note:
            stdout.print(f"{verdict.claim.key}: {verdict.note}", highlight=False)
    if not all(verdict.holds for verdict in verdicts):
        raise typer.Exit(1)


@app.command("audit")
def audit_command(
    published: Annotated[Path, typer.Argument(help="The printed claims.")] = PUBLISHED,
    study: StudyFile = STUDY,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print a page of HTML.")] = False,
) -> None:
    """Tell which claims can be true together; exit with 1 if some cannot."""
    # The solver takes a second to import, which verifying and --help need not wait for.
    from reported import report  # noqa: PLC0415
    from reported.audit import audit_claims  # noqa: PLC0415

    defined, claims = _read(study, published)
    with _progress("Auditing") as progress:
        result = audit_claims(defined, claims, progress)
    if as_json:
        typer.echo(report.as_json(result))
    elif as_html:
        typer.echo(report.as_html(result, claims), nl=False)
    else:
        stdout = Console()
        stdout.print(_findings_table(report.rows(result, claims)))
        for sentence in report.conclusions(result):
            stdout.print(sentence, markup=False, highlight=False)
    if result.refuted:
        raise typer.Exit(1)


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
    # The solver takes a second to import, which verifying and --help need not wait for.
    from reported.solver.bounds.bounds_file import write_bounds  # noqa: PLC0415
    from reported.solver.bounds.extremes import bounds, measured_by  # noqa: PLC0415

    defined, claims = _read(study, published)
    with _progress("Bounding") as progress:
        if statistic is None:
            written = write_bounds(defined, claims, output, progress)
            stderr.print(f"{output}: bounds of {written} statistics")
            return
        progress(statistic)
        found = bounds(measured_by(defined, claims, statistic), defined, statistic)
    for name, end in (("least", found.low), ("greatest", found.high)):
        note = "attained" if found.is_exact(end) else f"a cohort has {float(end.attained):.6g}"
        typer.echo(f"{name:<9}{float(end.bound):.6g}  ({note})")


def _findings_table(rows: Iterable[tuple[str, str, str, str]]) -> Table:
    table = Table("Check", "Claims", "Verdict", "Arithmetic", box=SIMPLE_HEAD, pad_edge=False)
    for check, claims, verdict, explanation in rows:
        style = "bold red" if verdict == "refuted" else ""
        table.add_row(check, Text(claims), Text(verdict, style), Text(explanation))
    return table


@contextmanager
def _progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done while it lasts."""
    with stderr.status(title) as status:
        yield lambda what: status.update(f"{title}: {escape(what)}")


def _read(study: Path, published: Path) -> tuple[Study, Published]:
    return read_study_and_published(study, published)


def _table(verdicts: list[Verdict]) -> Table:
    headings = ("Claim", "Printed", "Computed", "Verdict")
    table = Table(
        *(Column(heading, no_wrap=True) for heading in headings),
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for verdict in verdicts:
        table.add_row(
            verdict.claim.key,
            verdict.claim.printed,
            f"{verdict.computed:.5g}",
            "holds" if verdict.holds else "[bold red]fails[/]",
        )
    return table


def main() -> None:
    """Run the command; an error that has an explanation is printed without a traceback."""
    try:
        app()
    except (DataError, ReportedError, OSError) as error:
        stderr.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
