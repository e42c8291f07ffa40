"""Time what is asked of the printed numbers: audit, certificate, bounds, ensemble.

The baseline is the verification of one cohort, in the same run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from time import perf_counter

import yaml
from rich.console import Console
from rich.table import Table

from beforeafter import read_study
from reported import (
    Answer,
    audit_claims,
    constrained_outcomes,
    decide,
    read_abstract,
    read_claims,
    read_ensemble,
    read_published,
    statistic_bounds,
    verify_file,
)

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
CASES, EXAMPLES = ROOT / "tests/reported/cases", ROOT / "examples"
ABSTRACTS = [ROOT / f"tests/reported/claims/{name}.yml" for name in ("abstracts", "hostile")]


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
    print_cases()
    print_reading()


def print_cases() -> None:
    """Print how long the audit of each published or invented case takes."""
    table = Table("Case", "Seconds", "To be under")
    for file in sorted(chain(CASES.glob("*/published.yml"), EXAMPLES.glob("*/published.yml"))):
        claims = read_claims(file.parent)
        taken = seconds(partial(audit_claims, claims.study, claims.published))
        target = 2 if file.parent.name == "yousef2013magnesium" else 10
        table.add_row(str(file.parent.relative_to(ROOT)), f"{taken:.1f}", f"{target:g}")
    Console().print(table)


def print_reading() -> None:
    """Print which share of what `reported read` proposes is right, and which of all it finds."""
    right = proposed = written = 0
    for case in chain(*(yaml.safe_load(file.read_text("utf-8")) for file in ABSTRACTS)):
        claims = read_abstract(case["text"]).claims
        keys = [" ".join(str(c[part]) for part in ("arm", "key") if part in c) for c in claims]
        read = {(key, c["printed"]) for key, c in zip(keys, claims, strict=True)}
        right += len(read & case["claims"].items())
        proposed += len(read)
        written += len(case["claims"]) + len(case.get("unread", {}))
    print(f"reported read: precision {right / proposed:.3f}, recall {right / written:.3f}")


if __name__ == "__main__":
    main()
