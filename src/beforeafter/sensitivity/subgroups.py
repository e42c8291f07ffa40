"""Change in subgroups of the patients, where the data say who belongs to which."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, count, pairwise

import numpy as np
import pandas as pd
from scipy import stats

from beforeafter.estimates import (
    FEWEST_FOR_SPREAD,
    Floats,
    changes,
    quantity,
    varies,
    visits,
    withheld,
)
from beforeafter.study import Analysis, Characteristic, Outcome, Study, of_part

# So many subgroups have one difference.
TWO = 2


@dataclass(frozen=True)
class Interaction:
    """Test of equal mean changes in all subgroups."""

    n_tested: int = quantity("count")
    df_between: int = quantity("count")
    statistic: float = quantity("statistic")
    df_within: float = quantity("statistic")
    p: float = quantity("p")


@dataclass(frozen=True)
class Difference:
    """Mean change of the second of two subgroups minus that of the first."""

    mean: float = quantity("change")
    lower: float = quantity("change")
    upper: float = quantity("change")


def welch_test(samples: list[Floats]) -> Interaction:
    """Test that means are equal, with spreads that may differ: Welch's analysis of variance.

    Of the changes of each subgroup, each of at least two patients. nan below two subgroups, and
    where a subgroup has all changes equal, whose weight would be without bound.

    References
    ----------
    Welch BL. On the comparison of several mean values: an alternative approach. 1951.
    doi:10.2307/2332579
    """
    n, between = sum(map(len, samples)), max(len(samples) - 1, 0)
    if not between or not all(map(varies, samples)):
        return Interaction(n, between, math.nan, math.nan, math.nan)
    result = stats.f_oneway(*samples, equal_var=False)
    within = _welch_df(samples)
    return Interaction(n, between, float(result.statistic), within, float(result.pvalue))


def _welch_df(samples: list[Floats]) -> float:
    """Degrees of freedom within groups, which scipy uses and does not return."""
    size = np.array([len(sample) for sample in samples])
    weight = size / np.array([sample.var(ddof=1) for sample in samples])
    uncertainty = ((1 - weight / weight.sum()) ** 2 / (size - 1)).sum()
    return float((len(samples) ** 2 - 1) / (3 * uncertainty))


def welch_difference(first: Floats, second: Floats, confidence_level: float) -> Difference:
    """Difference of two mean changes, second minus first, with the interval of Welch's t.

    Each is of at least two patients; there is no interval where either has all changes equal.
    """
    difference = float(second.mean() - first.mean())
    if not (varies(first) and varies(second)):
        return Difference(difference, math.nan, math.nan)
    interval = stats.ttest_ind(second, first, equal_var=False).confidence_interval(confidence_level)
    return Difference(difference, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class Subgroup:
    """Mean change of one subgroup; `few`: fewer pairs than the study asks for."""

    label: str
    few: bool
    n_pairs: int = quantity("count")
    mean: float = quantity("change")
    standard_deviation: float = quantity("estimate")
    lower: float = quantity("change")
    upper: float = quantity("change")


@dataclass(frozen=True)
class SubgroupAnalysis:
    """The subgroups of one characteristic, compared; None: not compared, or not told."""

    label: str
    groups: Mapping[str, Subgroup]
    interaction: Interaction | None
    difference: Difference | None
    n_pairs: int | None = quantity("count")
    n_unknown: int | None = quantity("count")

    @property
    def few(self) -> tuple[str, ...]:
        """The labels of the subgroups with fewer pairs than the study asks for."""
        return tuple(group.label for group in self.groups.values() if group.few)


def subgroup_analyses(
    cohort: pd.DataFrame, outcome: Outcome, study: Study
) -> dict[str, SubgroupAnalysis]:
    """Compare the change between the subgroups of every characteristic that forms some.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Which columns to compare.
    study
        Its characteristics with `subgroup` or `cuts`, and its choices.

    Returns
    -------
    dict
        Name of the characteristic → its subgroups; empty when the data have none of the columns.

    Notes
    -----
    Subgroups are named in outputs: only categories that the study declares form some, for a column
    of any text may name a patient. Not adjusted for the number of characteristics. A p-value here
    says whether the change differs between patients, not whether treatment works differently in
    them: there is no comparison group, and subgroups that start higher have more to return from.
    """
    return {
        part.name: compare_subgroups(cohort, part, outcome, study.analysis)
        for part in study.characteristics
        if (part.cuts or (part.subgroup and part.categories)) and part.column in cohort
    }


def compare_subgroups(
    cohort: pd.DataFrame, characteristic: Characteristic, outcome: Outcome, analysis: Analysis
) -> SubgroupAnalysis:
    """Compare the change of one outcome between the subgroups of one characteristic.

    A number on a cut belongs to the subgroup above. `groups` are by a name made of the label, in
    the order of the study, else of the alphabet; those of the study appear even without patients.
    `n_unknown` pairs lack the characteristic and are in no subgroup. There is a `difference` where
    exactly two subgroups could be tested.
    """
    before, after = visits(cohort, outcome)
    paired = ~(np.isnan(before) | np.isnan(after))
    change = pd.Series(changes(before[paired], after[paired]))
    member = _members(cohort.loc[paired, characteristic.column], characteristic)
    known = member.codes >= 0
    tested = _tested(change[known], member[known])
    return SubgroupAnalysis(
        label=characteristic.label,
        groups=_summaries(change, member, analysis),
        interaction=welch_test(tested),
        difference=welch_difference(tested[0], tested[1], analysis.confidence_level)
        if len(tested) == TWO
        else None,
        n_pairs=int(known.sum()),
        n_unknown=int((~known).sum()),
    )


def _members(values: pd.Series, characteristic: Characteristic) -> pd.Categorical:
    """Say for each patient which subgroup it is in; none where the value is missing."""
    if characteristic.is_number:
        edges = [-math.inf, *characteristic.cuts, math.inf]
        labels = _ranges(characteristic.cuts)
        return pd.Categorical(pd.cut(values, edges, right=False, labels=labels))
    return pd.Categorical(values, categories=characteristic.categories)


def _ranges(cuts: tuple[float, ...]) -> list[str]:
    between = [f"≥ {low:g} and < {high:g}" for low, high in pairwise(cuts)]
    return [f"< {cuts[0]:g}", *between, f"≥ {cuts[-1]:g}"]


def _tested(change: pd.Series, member: pd.Categorical) -> list[Floats]:
    """Split the changes by subgroup, without the subgroups that have no spread."""
    parts = (change.to_numpy()[member.codes == code] for code in range(len(member.categories)))
    return [part for part in parts if len(part) >= FEWEST_FOR_SPREAD]


def _summaries(
    change: pd.Series, member: pd.Categorical, analysis: Analysis
) -> dict[str, Subgroup]:
    table = change.groupby(pd.CategoricalIndex(member), observed=False).agg(["size", "mean", "std"])
    error = table["std"] / np.sqrt(table["size"])
    half = stats.t.ppf((1 + analysis.confidence_level) / 2, table["size"] - 1) * error
    table.insert(0, "few", table["size"] < analysis.smallest_subgroup)
    table = table.assign(lower=table["mean"] - half, upper=table["mean"] + half)
    groups = [Subgroup(str(label), *row) for label, *row in table.itertuples(name=None)]
    return dict(zip(_names(group.label for group in groups), groups, strict=True))


def _names(labels: Iterable[str]) -> list[str]:
    """Make names that a key may have, no two the same: `female`, `from_65`, `group_2`."""
    taken: dict[str, None] = {}
    for name in map(_plain, labels):
        numbered = chain([name], (f"{name}_{number}" for number in count(2)))
        taken[next(one for one in numbered if one not in taken)] = None
    return list(taken)


def _plain(label: str) -> str:
    """Keep small letters, digits and _ of a label, beginning with a letter."""
    words = label.replace("<", " below ").replace("≥", " from ")
    ascii_text = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_text.lower()).strip("_")
    return name if name[:1].isalpha() else f"group_{name}".rstrip("_")


@of_part("subgroups")
def subgroups_told(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, smallest: int
) -> dict[str, SubgroupAnalysis]:
    """Compare subgroups as `subgroup_analyses` does, without those that may not be told."""
    analyses = subgroup_analyses(cohort, outcome, study)
    told = {name: without_small(analysis, smallest) for name, analysis in analyses.items()}
    return {
        name: analysis
        for name, analysis in told.items()
        if any(group.n_pairs for group in analysis.groups.values())
    }


def without_small(analysis: SubgroupAnalysis, smallest: int) -> SubgroupAnalysis:
    """Return an analysis without the subgroups that may not be told, nor what tells of them.

    Parameters
    ----------
    analysis
        Subgroups of one characteristic.
    smallest
        See `beforeafter.estimates.disclosure`.

    Notes
    -----
    The tests go too: degrees of freedom are nearly the size of the smallest subgroup, and few
    divisions of the patients have a p-value to the last digit. All pairs but those shown are the
    pairs withheld, so pairs with the characteristic known are told only with those not known.
    """
    # Where all have one change, that is known of each of them.
    counts = {
        name: group.n_pairs if group.standard_deviation else min(group.n_pairs, 1)
        for name, group in analysis.groups.items()
    }
    hidden = withheld(counts | {None: analysis.n_unknown or 0}, smallest)
    if not hidden:
        return analysis
    shown = {name: group for name, group in analysis.groups.items() if name not in hidden}
    told = replace(analysis, groups=shown, interaction=None, difference=None)
    return replace(told, n_pairs=None, n_unknown=None) if None in hidden else told
