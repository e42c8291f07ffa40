"""Whether a cohort has every printed number: computed anew from its file, without the solver.

All but p-values are exact fractions; a standard deviation is compared by its square.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import copysign, inf, lcm, nan, sqrt
from pathlib import Path
from statistics import quantiles

from scipy.special import stdtr, stdtrit

from beforeafter.study import Duration, Outcome, PercentageDefinition, Rating, Study
from reported.claims.errors import ReportedError, UnknownClaimError
from reported.claims.printed import Interval
from reported.claims.published import Claim, Published
from reported.verifier.exact_columns import ExactColumns

TIE = "exact tie"
# The upper end of an interval of 95%.
CONFIDENCE = 0.975
QUARTILES = "lower_quartile", "median", "upper_quartile"
# By the rest of the key; a standard deviation or error stands there squared.
Numbers = dict[str, Fraction | float]


@dataclass(frozen=True)
class Verdict:
    """Whether a cohort has one printed number.

    `computed` is the number of the cohort, and `holds` whether it rounds to what is printed. The
    note says so where it is an exact tie, and where it does not round to what is printed, what
    would.
    """

    claim: Claim
    computed: float
    holds: bool
    note: str

    @property
    def said(self) -> str:
        """The verdict in words."""
        return (self.note or "met") if self.holds else f"NOT MET: {self.note}"

    @property
    def is_tie(self) -> bool:
        """Whether the number lies exactly between two that could be printed."""
        return self.note.startswith(TIE)


def verify_file(cohort: Path, study: Study, published: Published) -> list[Verdict]:
    """Compare a cohort with every claim.

    Parameters
    ----------
    cohort
        A CSV file with the columns that the study names.
    study, published
        What the columns mean and which percentage is printed, and the claims.

    Returns
    -------
    list of Verdict
        One for each claim, in their order.

    Raises
    ------
    DataError, UnknownClaimError
        If the file is missing, lacks a column or has a cell that is no number; if a claim is about
        something the study did not measure.

    Notes
    -----
    Baseline is described over all who have one, follow-up and change over all who have both;
    proportions are of those rated or followed until the event. Variances have the divisor n - 1,
    quartiles are those of R's type 7, and intervals have 95% confidence by the t distribution. The
    p-value is two-sided, from the paired t-test; that of another test is not looked at.
    """
    return _verdicts(ExactColumns.in_file(cohort), study, published)


def verify_cells(
    columns: Mapping[str, Sequence[str]], study: Study, published: Published
) -> list[Verdict]:
    """Compare a cohort with every claim, from the cells of its columns, as `verify_file` does."""
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return _verdicts(ExactColumns(rows, Path("cohort in memory")), study, published)


def _verdicts(table: ExactColumns, study: Study, published: Published) -> list[Verdict]:
    later = [
        *(outcome.columns.follow_up for outcome in study.outcomes),
        *(rating.column for rating in study.ratings),
        *(duration.columns.time for duration in study.durations),
    ]
    numbers: Numbers = {
        "cohort.n_enrolled": Fraction(len(table.rows)),
        "cohort.n_follow_up": Fraction(sum(any(map(row.get, later)) for row in table.rows)),
    }
    numbers |= _keyed("protocol", _protocol(study))
    for outcome in study.outcomes:
        numbers |= _keyed(outcome.name, _outcome(table, outcome, study.analysis.percentage))
    for rating in study.ratings:
        numbers |= _keyed(rating.name, _rating(table, rating))
    for duration in study.durations:
        numbers |= _keyed(duration.name, _duration(table, duration))
    claims = published.modelled(study.analysis.test).claims
    return [_judge(claim, numbers, published.interval(claim)) for claim in claims]


def _judge(claim: Claim, numbers: Numbers, interval: Interval) -> Verdict:
    if claim.key not in numbers:
        raise UnknownClaimError(claim.key)
    number = computed = numbers[claim.key]
    printed = interval
    if claim.quantity in {"standard_deviation", "standard_error"}:
        interval, computed = interval.squared(), sqrt(number)
    note = ""
    if number not in interval:
        note = f"outside {float(printed.low):g} to {float(printed.high):g}"
    elif number in {interval.low, interval.high}:
        side = "low" if number == interval.high else "high"
        note = f"{TIE}, {float(computed):g}, printed {side}"
    return Verdict(claim, float(computed), number in interval, note)


def _protocol(study: Study) -> Numbers:
    protocol = study.protocol
    doses = {f"{drug.name}.dose": Fraction(str(drug.dose)) for drug in protocol.treatments}
    horizons = {f"{part.name}.horizon": Fraction(str(part.horizon)) for part in study.durations}
    days = {key: getattr(protocol, key) for key in ("infusion_days", "follow_up_day")}
    planned = {key: Fraction(number) for key, number in days.items() if number is not None}
    return {**planned, **doses, **horizons}


def _outcome(table: ExactColumns, outcome: Outcome, definition: PercentageDefinition) -> Numbers:
    baseline = [value for (value,) in table.complete(outcome.columns.baseline)]
    pairs = table.complete(outcome.columns.baseline, outcome.columns.follow_up)
    before, after = ([pair[visit] for pair in pairs] for visit in (0, 1))
    if definition == "change_between_means":
        percentage = _percentage([_mean(before)], [_mean(after)])
    else:
        percentage = _percentage(before, after)
    differences = [y - x for x, y in zip(before, after, strict=True)]
    changes = _described(differences)
    between = _ranked(differences, changes)
    return {
        **_keyed("baseline", _ranked(baseline, described := _described(baseline)) | described),
        **_keyed("follow_up", _ranked(after, described := _described(after)) | described),
        **_keyed("change", changes | {key: between[key] for key in ("lower", "upper")}),
        "change.percentage": percentage,
        **_keyed("change", _paired_t(changes, len(pairs))),
    }


def _paired_t(changes: Numbers, n: int) -> Numbers:
    variance = changes["standard_deviation"]
    if variance == 0:
        # All changes are equal: t is infinite, or there is no change and nothing to test.
        t = inf if changes["mean"] else 0.0
    else:
        t = copysign(sqrt(changes["mean"] ** 2 * n / variance), changes["mean"])
    return {"t": t, "f": t**2, "p": float(2 * stdtr(n - 1, -abs(t)))}


def _ranked(values: Sequence[Fraction], described: Numbers) -> Numbers:
    mean, half = float(described["mean"]), sqrt(described["standard_error"])
    half *= float(stdtrit(len(values) - 1, CONFIDENCE))
    quartiles = zip(QUARTILES, quantiles(values, n=4, method="inclusive"), strict=True)
    ends = {"minimum": min(values), "maximum": max(values)}
    return {**ends, **dict(quartiles), "lower": mean - half, "upper": mean + half}


def _percentage(before: Sequence[Fraction], after: Sequence[Fraction]) -> Fraction | float:
    """Return the mean percentage change of those whose baseline is not 0."""
    changes = [100 * (y - x) / x for x, y in zip(before, after, strict=True) if x]
    return _mean(changes) if changes else nan


def _rating(table: ExactColumns, rating: Rating) -> Numbers:
    codes = [code for (code,) in table.complete(rating.column)]
    counts = {
        name: Fraction(sum(code in group.codes for code in codes))
        for name, group in rating.groups.items()
    }
    return {
        f"{name}.{kind}": number
        for name, count in counts.items()
        for kind, number in (("count", count), ("proportion", 100 * count / len(codes)))
    }


def _duration(table: ExactColumns, duration: Duration) -> Numbers:
    horizon = Fraction(str(duration.horizon))
    followed = table.complete(duration.columns.time, duration.columns.event)
    if any(time < horizon and not event for time, event in followed):
        raise ReportedError(f"{duration.label}: follow-up ends before {horizon} {duration.unit}")
    described = _described([min(time, horizon) for time, _ in followed])
    free = [Fraction(not event or time > horizon) for time, event in followed]
    del described["standard_error"]
    both = _keyed("restricted", described) | _keyed("whole", described)
    return {**both, "event_free.proportion": 100 * _mean(free)}


def _keyed(name: str, numbers: Numbers) -> Numbers:
    return {f"{name}.{key}": number for key, number in numbers.items()}


def _described(values: Sequence[Fraction]) -> Numbers:
    # Over a common denominator all sums are integers, which add up faster than fractions.
    common = lcm(*(value.denominator for value in values))
    whole = [value.numerator * (common // value.denominator) for value in values]
    n, total = len(whole), sum(whole)
    spread = n * sum(x * x for x in whole) - total**2
    return {
        "mean": Fraction(total, n * common),
        "standard_deviation": Fraction(spread, n * (n - 1) * common**2),
        "standard_error": Fraction(spread, n**2 * (n - 1) * common**2),
    }


def _mean(values: Sequence[Fraction]) -> Fraction:
    return Fraction(sum(values), len(values))
