"""The bounds of all statistics in a file, each end with the cohort that certifies it."""

import json
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from typing import Any

import numpy as np

from beforeafter.study import Outcome, Study
from reported.claims.errors import ReportedError
from reported.claims.published import Published
from reported.solver.bounds.extremes import Bounds, End, bounds_of
from reported.solver.bounds.statistics import Statistic, statistics
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.in_parallel import in_parallel
from reported.solver.prior_draw import Levels

LOG = getLogger(__name__)
# The key of the digest of what the bounds rest on.
INPUTS = "inputs"


def open_statistics(
    study: Study, published: Published
) -> Iterator[tuple[ConstrainedOutcome, Statistic]]:
    """Yield the statistics that are worth bounding: of scales those that are not printed.

    Percentages of single patients are bounded for primary outcomes only, because that takes long.
    """
    printed = {claim.key for claim in published.claims}
    for outcome in constrained_outcomes(study, published, published.reading.followed_up):
        what = outcome.what
        is_primary = isinstance(what, Outcome) and what.role == "primary"
        for statistic in statistics(outcome):
            known = isinstance(what, Outcome) and statistic.key in printed
            if not known and (is_primary or not statistic.of_baseline):
                yield outcome, statistic


def write_bounds(study: Study, published: Published, output: Path) -> int:
    """Bound every open statistic, write them to a JSON file, and return how many it has.

    Parameters
    ----------
    study, published
        What was measured, and the claims.
    output
        The file, replaced when all are there.
    """
    tasks = list(open_statistics(study, published))
    found: dict[str, Bounds] = {}
    for bound in in_parallel(bounds_of, tasks):
        found[bound.statistic.key] = bound
        LOG.info("%d of %d statistics", len(found), len(tasks))
    entries: dict[str, object] = {INPUTS: _digest(study, published)}
    entries |= {statistic.key: _entry(found[statistic.key]) for _, statistic in tasks}
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries.items())
    aside = output.with_name(f"{output.name}.new")
    try:
        aside.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)
    return len(tasks)


def read_bounds(file: Path, study: Study, published: Published) -> dict[str, Bounds]:
    """Read bounds, after the verifier has found all claims and the value in every certificate.

    A ReportedError is raised of bounds of other claims or another study, and of a false
    certificate.
    """
    entries: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    expected = list(open_statistics(study, published))
    # A cohort certifies that a value is possible. That none is beyond was proven of these claims.
    if entries.get(INPUTS) != _digest(study, published):
        raise ReportedError(f"{file}: bounds of other claims or scales; run `reported bounds`")
    found = {}
    for outcome, statistic in expected:
        ends = [_end(entries[statistic.key][name]) for name in ("least", "greatest")]
        for end in ends:
            _check(file, outcome, statistic, end)
        found[statistic.key] = Bounds(statistic, *ends)
    return found


def _digest(study: Study, published: Published) -> str:
    """Return a digest of all that bounds rest on."""
    analysis = study.analysis
    rests_on = [
        published.reading.model_dump(exclude_defaults=True),
        [(claim.key, claim.printed, claim.reads) for claim in published.claims],
        [analysis.percentage, analysis.responder_thresholds, analysis.seed],
        [(o.name, o.minimum, o.maximum, o.step, o.better, o.role) for o in study.outcomes],
        [
            o.minimal_important_difference and o.minimal_important_difference.value
            for o in study.outcomes
        ],
        [
            (r.name, len(r.categories), [*r.groups], [g.codes for g in r.groups.values()])
            for r in study.ratings
        ],
        [(d.name, d.step, d.horizon, d.recorded) for d in study.durations],
    ]
    return sha256(json.dumps(rests_on).encode()).hexdigest()


def _check(file: Path, outcome: ConstrainedOutcome, statistic: Statistic, end: End) -> None:
    certified = outcome.holds(end.certificate)
    if certified:
        weight = statistic.weights.total(end.certificate, outcome.lattice.levels[0])
        certified = weight * statistic.unit == end.attained * statistic.divisor(end.certificate)
    if not certified:
        raise ReportedError(f"{file}: {statistic.key} has a cohort that does not certify it")


def _entry(found: Bounds) -> dict[str, object]:
    return {
        name: {
            "bound": str(end.bound),
            "attained": str(end.attained),
            "cohort": [_counts(levels) for levels in end.certificate],
        }
        for name, end in (("least", found.low), ("greatest", found.high))
    }


def _counts(levels: Levels) -> list[list[int]]:
    """Return values in steps, each with the number of patients who have them."""
    cells, times = np.unique(levels, axis=0, return_counts=True)
    return [[*cell, count] for cell, count in zip(cells.tolist(), times.tolist(), strict=True)]


def _end(entry: dict[str, Any]) -> End:
    cohort = tuple(map(_levels, entry["cohort"]))
    return End(Fraction(entry["bound"]), Fraction(entry["attained"]), cohort)


def _levels(rows: list[list[int]]) -> Levels:
    # Of those lost, who have one value each, there may be none.
    cells = np.array([row[:-1] for row in rows] or np.empty((0, 1)), int)
    return np.repeat(cells, [row[-1] for row in rows], axis=0)
