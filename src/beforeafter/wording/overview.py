"""Every number of a cohort under its key, and what is told of it by many cohorts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed

from beforeafter.estimates import (
    Kind,
    direction_proportions,
    flatten,
    interval_censored,
    minimal_difference_proportions,
    paired_change,
    rating_proportions,
    responder_proportions,
    time_without_event,
)
from beforeafter.records import read_cohort
from beforeafter.sensitivity import (
    adjusted_for_family,
    missing_data,
    multiverse,
    regression_to_the_mean,
    specification_curve,
    subgroups_told,
)
from beforeafter.study import Study
from beforeafter.wording.format import Number, Wording, wording_of
from beforeafter.wording.markdown import MarkdownTable, keyed, markdown_table
from beforeafter.wording.plain import Plain, plain_number
from declared import read_yaml

KNOWN_BY = {"bounded": "bounds", "ranged": "range"}
# How many of the open numbers a table of the slowest has.
SLOWEST = 12
ANY = "any"


@dataclass(frozen=True)
class Computed:
    """A number before it becomes text."""

    value: float  # in full precision
    kind: Kind
    key: str  # within the outcome
    how: Wording

    def text(self, value: float) -> str:
        """Print another value as this one is printed."""
        return self.how.number(self.key, value, self.kind, None).text


def every_number(cohort: pd.DataFrame, study: Study) -> dict[str, Computed]:
    """Compute all outcomes, ratings and durations of a study.

    Parameters
    ----------
    cohort
        One row per patient.
    study
        The study definition.

    Returns
    -------
    dict
        Key, as the notebooks record it → number.
    """
    return dict(each_number(cohort, study))


def each_number(cohort: pd.DataFrame, study: Study) -> Iterator[tuple[str, Computed]]:
    """Compute what `every_number` returns, one after the other, for who may stop before the end."""
    for name, result, how in _results(cohort, study):
        for key, (value, kind, _) in flatten(result):
            yield f"{name}.{key}", Computed(value, kind, key, how)


def values_of_files(files: Sequence[Path], study: Study) -> list[dict[str, float]]:
    """Return the values of every number of many cohorts, of nobody, each in a file."""
    of_nobody = study.with_data(reconstructed=True)
    return list(Parallel(n_jobs=-1)(delayed(_values_of)(file, of_nobody) for file in files))


def _values_of(file: Path, study: Study) -> dict[str, float]:
    computed = every_number(read_cohort(file, study), study)
    return {key: number.value for key, number in computed.items()}


@dataclass(frozen=True)
class Standing:
    """What is known of a number, as it is printed."""

    kind: str
    low: str
    high: str


def standings(known: Mapping[str, Any], computed: Mapping[str, Computed]) -> dict[str, Standing]:
    """Print what is known of each number (kind, low, high) as the number itself is printed."""
    return {
        key: Standing(ends.kind, computed[key].text(ends.low), computed[key].text(ends.high))
        for key, ends in known.items()
    }


def open_table(
    keys: Path, computed: Mapping[str, Computed], told: Mapping[str, Standing]
) -> MarkdownTable:
    """Set numbers beside what they may be at least and at most.

    Parameters
    ----------
    keys
        YAML: label → key of each number, in the order of the table.
    computed
        The numbers of the cohort at hand, by key.
    told
        What is known of each.
    """
    rows = [
        {
            "Number": label,
            "This cohort": keyed(computed[key].text(computed[key].value), key),
            "Least": keyed(told[key].low, key, "low"),
            "Greatest": keyed(told[key].high, key, "high"),
            "Known by": KNOWN_BY.get(told[key].kind, told[key].kind),
        }
        for label, key in read_yaml(keys).content.items()
    ]
    return markdown_table(rows, "lrrrl")


def _results(cohort: pd.DataFrame, study: Study) -> Iterator[tuple[str, Any, Wording]]:
    for outcome in study.outcomes:
        how = wording_of(outcome, study)
        for result in _of_outcome(cohort, study[outcome.name]):
            yield outcome.name, result, how
    for name, adjusted in adjusted_for_family(cohort, study).items():
        yield name, {"holm": adjusted}, wording_of(study.outcome(name), study)
    for rating in study.ratings:
        yield rating.name, rating_proportions(cohort, study[rating.name]), wording_of(rating, study)
    for duration in study.durations:
        how, part = wording_of(duration, study), study[duration.name]
        yield duration.name, time_without_event(cohort, part), how
        yield duration.name, {"interval_censored": interval_censored(cohort, part)}, how


def _of_outcome(cohort: pd.DataFrame, outcome: Any) -> Iterator[Any]:
    """Yield what is computed of a part of the study, which knows what may not be told of few."""
    yield paired_change(cohort, outcome)
    yield direction_proportions(cohort, outcome)
    yield minimal_difference_proportions(cohort, outcome)
    yield {"missing": missing_data(cohort, outcome)}
    curve = specification_curve(cohort, outcome)
    yield {"multiverse": multiverse(curve, outcome)}
    if outcome.definition.role == "primary":
        yield {"responders": responder_proportions(cohort, outcome)}
        yield {"subgroups": subgroups_told(cohort, outcome)}
    if regression := regression_to_the_mean(cohort, outcome):
        yield {"regression_to_the_mean": regression}


def ensemble_numbers(told: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, int | Number]:
    """Return what is published of an ensemble, by the ends of the keys.

    Told are, of each open number, `mixing`: split R-hat and how many independent cohorts its values
    are worth; and `ranks`: the share of the ensemble below the cohort shown.
    """
    r_hat, effective = zip(*told["mixing"].values(), strict=True)
    ranks = [100 * rank for (rank,) in told["ranks"].values()]
    return {
        "n_open": len(r_hat),
        "greatest_r_hat": plain_number("", max(r_hat), Plain(decimals=3), 0),
        "least_effective": int(min(effective)),
        "least_rank": floor(min(ranks)),
        "greatest_rank": ceil(max(ranks)),
    }


def mixing_table(mixing: Mapping[str, Sequence[float]]) -> MarkdownTable:
    """Tell of the numbers in which the chains differ most; see `ensemble_numbers`."""
    rows = [
        {"Number": key, "R-hat": f"{r_hat:.3f}", "Effective": f"{effective:.0f}"}
        for key, (r_hat, effective) in sorted(mixing.items(), key=lambda entry: -entry[1][0])
    ]
    return markdown_table(rows[:SLOWEST], "lrr")


def ranks_table(ranks: Mapping[str, Sequence[float]], file: Path) -> MarkdownTable:
    """Tell how central the cohort shown is in the numbers that a file names as for `open_table`."""
    rows = [
        {"Number": label, "Rank": f"{100 * rank:.0f}%"}
        for label, key in read_yaml(file).content.items()
        for rank in ranks.get(key, ())
    ]
    return markdown_table(rows, "lr")


def implausible_table(study: Study, numbers: Mapping[str, Mapping[str, int]]) -> MarkdownTable:
    """Tell how many patients have values that do not go together.

    Parameters
    ----------
    study
        Has the rules.
    numbers
        Name of a rule, or `any` → how many patients break it: `shown`, and the `fewest` and `most`
        in the cohorts of an ensemble.
    """
    labels = {rule.name: rule.label for rule in study.plausibility} | {ANY: "Any of these"}
    rows = [
        {"Values": labels[rule]}
        | {
            name.capitalize(): keyed(str(counts[name]), f"implausible.{rule}.{name}")
            for name in ("shown", "fewest", "most")
        }
        for rule, counts in numbers.items()
    ]
    return markdown_table(rows, "lrrr")
