"""What printed means, deviations and p-values say about change."""

from collections.abc import Iterable, Iterator, Sequence
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

    Where patients are missing at follow-up, of whom `followed` has the possible numbers, the
    printed baseline is not that of the pairs, and nothing here refutes.
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
    before, after, change = (printed[key] for key in keys)
    implied = change_between(before, after)
    agrees = implied.meets(change)
    relation = "which meets" if agrees else "outside"
    text = f"the printed means differ by {implied} %, {relation} the printed change, {change} %"
    if not agrees and not binding:
        text += "; it may be of the pairs alone, or the mean of individual changes"
    claims = tuple(f"{outcome.name}.{key}" for key in keys)
    return AuditFinding("change", claims, binding and not agrees, text)


def _unpaired(
    outcome: Outcome, printed: Intervals, n_enrolled: int, followed: Sequence[int]
) -> AuditFinding:
    (first, first_sd), (last, last_sd) = _visits(printed)
    p = _hull(unpaired_p((n_enrolled, n), (first, last), (first_sd, last_sd)) for n in followed)
    verdict = "agrees with" if p.meets(printed["change.p"]) else "cannot give"
    text = f"an unpaired t-test, p in {p}, {verdict} the printed p in {printed['change.p']}"
    return AuditFinding("unpaired test", _of_p(outcome), refuted=False, explanation=text)


def _implied(
    outcome: Outcome, printed: Intervals, followed: Sequence[int], *, binding: bool
) -> AuditFinding:
    (first, first_sd), (last, last_sd) = _visits(printed)
    difference, p = difference_of(last, first), printed["change.p"]
    change = _hull(deviation_of_change(difference, t_of_p(p, n - 1), n) for n in followed)
    implied = correlation(first_sd, last_sd, change)
    possible = implied.meets(CORRELATIONS)
    if possible:
        implied = Interval(max(implied.low, Fraction(-1)), min(implied.high, Fraction(1)))
    text = f"the paired t-test implies an SD of change in {change} and a correlation in {implied}"
    text += "" if binding else ", if the pairs have the printed baseline"
    numbers = {"change.standard_deviation": change, "correlation": implied}
    ends = {key: (float(each.low), float(each.high)) for key, each in numbers.items()}
    refuted = binding and not possible
    return AuditFinding("implied correlation", _of_p(outcome), refuted, text, ends)


def _visits(printed: Intervals) -> tuple[tuple[Interval, ...], ...]:
    """Return mean and deviation at baseline, and at follow-up."""
    found = tuple(printed[key] for key in DESCRIBED)
    return found[:2], found[2:]


def _of_p(outcome: Outcome) -> tuple[str, ...]:
    return tuple(f"{outcome.name}.{key}" for key in (*DESCRIBED, "change.p"))


def _hull(intervals: Iterable[Interval]) -> Interval:
    found = list(intervals)
    return Interval(min(each.low for each in found), max(each.high for each in found))
