"""The command `reported`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from rich.text import Text

from paincohort.errors import DataError
from paincohort.study import Study
from reported.claims import Published
from reported.errors import ReportedError
from reported.finding import Finding
from reported.inputs import read_inputs
from reported.verify import Verdict, verify

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
    output: Annotated[Path, typer.Option(help="Where the cohort goes.")] = Path("data/cohort.csv"),
) -> None:
    """Write a cohort that satisfies every claim."""
    # The solver takes a second to import, which verifying and --help need not wait for.
    from reported.reconstruct import reconstruct  # noqa: PLC0415

    defined, claims = _read(study, published)
    parts = len(defined.outcomes) + len(defined.ratings) + len(defined.durations)
    with Progress(console=stderr) as bar:
        task = bar.add_task("Reconstructing", total=parts)
        verdicts = reconstruct(
            defined, claims, output, lambda label: bar.update(task, advance=1, description=label)
        )
    stderr.print(f"{output}: all {len(verdicts)} claims hold")


@app.command("verify")
def verify_command(
    cohort: Annotated[Path, typer.Argument(help="The cohort, a CSV file.")],
    study: StudyFile = STUDY,
    published: PublishedFile = PUBLISHED,
) -> None:
    """Compare a cohort with every claim; exit with 1 if one fails."""
    verdicts = verify(cohort, *_read(study, published))
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check by exact arithmetic which claims can be true; exit with 1 if some cannot."""
    # The checks take a second to import, which verifying and --help need not wait for.
    from reported.checks import run_checks  # noqa: PLC0415

    defined, claims = _read(study, published)
    findings = run_checks(claims, defined)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        Console().print(_findings_table(findings))
    if any(finding.refuted for finding in findings):
        raise typer.Exit(1)


def _findings_table(findings: list[Finding]) -> Table:
    claimed = Column("Claims", overflow="fold")
    table = Table("Check", claimed, "Verdict", "Arithmetic", box=SIMPLE_HEAD, pad_edge=False)
    for finding in findings:
        verdict = "[bold red]refuted[/]" if finding.refuted else "not refuted"
        claims = Text("\n".join(finding.claims))
        table.add_row(finding.check, claims, verdict, Text(finding.explanation))
    return table


def _read(study: Path, published: Path) -> tuple[Study, Published]:
    return read_inputs(study, published)


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
