"""Time what is asked of the printed numbers: audit, certificate, bounds, ensemble.

The baseline is the verification of one cohort, in the same run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from beforeafter import read_study
from reported import (
    Answer,
    audit_claims,
    constrained_outcomes,
    decide,
    read_ensemble,
    read_published,
    statistic_bounds,
    verify_file,
)

DATA = Path(__file__).parents[1] / "data"


def seconds(run: Callable[[], object]) -> float:
    """Return how long it takes once."""
    start = perf_counter()
    run()
    return perf_counter() - start


def main() -> None:
    """Print the times, their ratios to the baseline, and what they must stay under."""
    study, published = read_study(DATA / "study.yml"), read_published(DATA / "published.yml")
    n = published.reading.followed_up
    key = f"{study.outcomes[0].name}.responders.at_least_30.proportion"

    def certificate() -> None:
        decisions = map(decide, constrained_outcomes(study, published, n))
        assert all(decision.answer is Answer.NOT_REFUTED for decision in decisions)

    file = DATA / "ensemble.npy.xz"
    baseline = seconds(lambda: verify_file(DATA / "cohort.csv", study, published))
    # The workers start with the first of these, as they would in the command.
    tasks: dict[str, tuple[float, Callable[[], object]]] = {
        "full audit": (20, lambda: audit_claims(study, published)),
        "certificate for all outcomes": (5, certificate),
        f"bounds of {key}": (10, lambda: statistic_bounds(study, published, key)),
        "ensemble read, every claim looked for": (5, lambda: read_ensemble(file, study, published)),
    }
    table = Table("Task", "Seconds", "To be under", "Ratio")
    table.add_row("verification of one cohort (baseline)", f"{baseline:.2f}", "", "1")
    for task, (target, run) in tasks.items():
        taken = seconds(run)
        table.add_row(task, f"{taken:.1f}", f"{target:g}", f"{taken / baseline:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
