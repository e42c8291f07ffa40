"""What printed means, deviations and p-values say about change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from beforeafter.study import Outcome, Study
from reported.checks.p_values import difference_of, t_of_p, unpaired_p
from reported.checks.paired import change_between, correlation, deviation_of_change
from reported.claims.findings import AuditFinding
from reported.claims.printed import Interval, Intervals
from reported.claims.published import Published

DESCRIBED = (
    "baseline.mean",
    "baseline.standard_deviation",
    "follow_up.mean",
    "follow_up.standard_deviation",
)
CORRELATIONS = Interval(Fraction(-1), Fraction(1))


def change_checks(
    published: Published, study: Study, followed: Sequence[int]
) -> Iterator[AuditFinding]:
    """Yield what change and p-value of each outcome say beside its printed means.

    `followed` are the numbers of patients that may have been followed up. Where patients are
    missing at follow-up, the printed baseline is not that of the pairs, and nothing here refutes.
    With everyone followed up it is.
    """
    n_enrolled = published.reading.n_enrolled
    complete = list(followed) == [n_enrolled]
    for outcome in study.outcomes:
        printed = published.about(outcome.name)
        if _positive(printed, "baseline.mean", "follow_up.mean") and "change.percentage" in printed:
            between_means = study.analysis.percentage == "change_between_means"
            yield _percentage(outcome, printed, binding=complete and between_means)
        if _positive(printed, *DESCRIBED) and "change.p" in printed:
            yield _unpaired(outcome, printed, n_enrolled, followed)
            if study.analysis.test == "paired_t":
                yield _implied(outcome, printed, followed, binding=complete)


def _positive(printed: Intervals, *keys: str) -> bool:
    """Whether all are printed and above 0, so that a change or a test can divide by them."""
    return all(key in printed and printed[key].low > 0 for key in keys)


def _percentage(outcome: Outcome, printed: Intervals, *, binding: bool) -> AuditFinding:
    keys = ("baseline.mean", "follow_up.mean", "change.percentage")
    implied = change_between(printed["baseline.mean"], printed["follow_up.mean"])
    agrees = implied.meets(printed["change.percentage"])
    relation = "which meets" if agrees else "outside"
    explanation = (
        f"the printed means differ by {implied} %, {relation} the printed change, "
        f"{printed['change.percentage']} %"
    )
    if not agrees and not binding:
        explanation += "; it may be of the pairs alone, or the mean of individual changes"
    return _finding("change", outcome, keys, explanation, refuted=binding and not agrees)


def _unpaired(
    outcome: Outcome, printed: Intervals, n_enrolled: int, followed: Sequence[int]
) -> AuditFinding:
    means, deviations = _visits(printed, "mean"), _visits(printed, "standard_deviation")
    p = _hull(unpaired_p((n_enrolled, n), means, deviations) for n in followed)
    agrees = p.meets(printed["change.p"])
    verdict = "agrees with" if agrees else "cannot give"
    explanation = f"an unpaired t-test, p in {p}, {verdict} the printed p in {printed['change.p']}"
    return _finding("unpaired test", outcome, (*DESCRIBED, "change.p"), explanation, refuted=False)


def _implied(
    outcome: Outcome, printed: Intervals, followed: Sequence[int], *, binding: bool
) -> AuditFinding:
    means, deviations = _visits(printed, "mean"), _visits(printed, "standard_deviation")
    difference = difference_of(means[1], means[0])
    change = _hull(
        deviation_of_change(difference, t_of_p(printed["change.p"], n - 1), n) for n in followed
    )
    implied = correlation(*deviations, change)
    possible = implied.meets(CORRELATIONS)
    if possible:
        implied = Interval(max(implied.low, Fraction(-1)), min(implied.high, Fraction(1)))
    explanation = (
        f"the paired t-test implies an SD of change in {change} and a correlation in {implied}"
    )
    if not binding:
        explanation += ", if the pairs have the printed baseline"
    refuted = binding and not possible
    keys = (*DESCRIBED, "change.p")
    found = _finding("implied correlation", outcome, keys, explanation, refuted=refuted)
    numbers = {"change.standard_deviation": change, "correlation": implied}
    ends = {key: (float(each.low), float(each.high)) for key, each in numbers.items()}
    return replace(found, implied=ends)


def _visits(printed: Intervals, quantity: str) -> tuple[Interval, Interval]:
    return printed[f"baseline.{quantity}"], printed[f"follow_up.{quantity}"]


def _hull(intervals: Iterable[Interval]) -> Interval:
    found = list(intervals)
    return Interval(min(each.low for each in found), max(each.high for each in found))


def _finding(
    check: str, outcome: Outcome, keys: Iterable[str], explanation: str, *, refuted: bool
) -> AuditFinding:
    claims = tuple(f"{outcome.name}.{key}" for key in keys)
    return AuditFinding(check, claims, refuted, explanation)
