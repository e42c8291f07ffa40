"""What is estimated: of whom, what stands for those lost, and how it is summed up.

One table in `study.yml`. Its primary row makes the analysis, all rows together the specifications.
"""

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import model_validator

from beforeafter.study.measures import Recorded
from beforeafter.study.outcomes import Outcome
from beforeafter.study.plan import PercentageDefinition, Test
from declared import Definition, FieldPath, Name, misfits

Fate = Literal[
    "left_out",
    "no_change",
    "worst_score",
    "imputed",
    "imputed_minus_mid",
    "both_visits",
    "no_response",
]
Change = Literal[
    "mean_percent", "mean_own_percent", "pseudo_median_percent", "pseudo_median_own_percent"
]
Summary = Literal[Change, "responders", "completed_months"]
Rule = Literal["thresholds", "minimal", "rating"]
# What a change is summed up by: its test, and what the percentage is of.
OF_SUMMARY: dict[str, tuple[Test, PercentageDefinition]] = {
    "mean_percent": ("paired_t", "change_between_means"),
    "mean_own_percent": ("paired_t", "mean_of_individual_changes"),
    "pseudo_median_percent": ("wilcoxon", "change_between_means"),
    "pseudo_median_own_percent": ("wilcoxon", "mean_of_individual_changes"),
}
# What these give is a mean of all, and neither ranks nor each patient's own percentage.
MEANS_ONLY = ("imputed", "imputed_minus_mid", "both_visits")


class Estimand(Definition):
    """One thing to estimate.

    `responders` says by which rules a patient responds: the thresholds of the analysis, the minimal
    important difference, the groups of a rating. `months` says what a recorded month stands for,
    as of a duration. `usual_mean` takes off what a return to that mean would bring, by the slope of
    the patients themselves.
    """

    name: Name
    label: str
    population: Literal["seen_twice", "all_treated"]
    lost: Fate
    summary: Summary
    responders: tuple[Rule, ...] = ()
    months: Recorded | None = None
    usual_mean: float | None = None
    primary: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        misfits(self._misfits())
        return self

    def _misfits(self) -> Iterator[tuple[FieldPath, object, str]]:
        if (self.population == "seen_twice") != (self.lost == "left_out"):
            yield ("lost",), self.lost, "expected left_out of those seen twice, and only of them"
        if self.lost in MEANS_ONLY and self.summary != "mean_percent":
            yield ("summary",), self.summary, f"expected mean_percent: {self.lost} gives a mean"
        responders_of_all = self.summary == "responders" and self.population == "all_treated"
        if (self.lost == "no_response") != responders_of_all:
            rule = "expected no_response of all treated with summary: responders, and only there"
            yield ("lost",), self.lost, rule
        if bool(self.responders) != (self.summary == "responders"):
            yield ("responders",), list(self.responders), "expected with summary: responders, only"
        months = self.summary == "completed_months" and self.lost == "left_out"
        if (self.months is not None) != months:
            rule = "expected with left_out and summary: completed_months, only"
            yield ("months",), self.months, rule
        way = self.lost, self.summary
        if self.usual_mean is not None and way != ("left_out", "mean_percent"):
            yield ("usual_mean",), self.usual_mean, "expected with left_out and mean_percent, only"
        if self.primary and not (self.is_change and self.lost == "left_out"):
            yield ("primary",), self.primary, "expected of a change of those seen twice"

    @property
    def is_change(self) -> bool:
        """Whether it is a change of a scale."""
        return self.summary in OF_SUMMARY

    @property
    def test(self) -> Test:
        """The test of a change."""
        return OF_SUMMARY[self.summary][0]

    @property
    def percentage(self) -> PercentageDefinition:
        """What a change is in per cent of."""
        return OF_SUMMARY[self.summary][1]

    def applies_to(self, outcome: Outcome) -> bool:
        """Whether an outcome has what it takes: a difference that matters, a usual mean."""
        if self.lost == "imputed_minus_mid" and outcome.minimal_important_difference is None:
            return False
        supposed = outcome.regression_to_the_mean
        return self.usual_mean is None or (
            supposed is not None and self.usual_mean in supposed.usual_means
        )


def one_primary(estimands: tuple[Estimand, ...]) -> tuple[Estimand, ...]:
    """Refuse estimands of which none is primary, or several, and names used twice."""
    primary = [place for place, one in enumerate(estimands) if one.primary]
    if estimands and len(primary) != 1:
        raise ValueError(f"expected one estimand to be primary: true, found {len(primary)}")
    names = [one.name for one in estimands]
    misfits(
        ((place, "name"), name, "name used twice")
        for place, name in enumerate(names)
        if name in names[:place]
    )
    return estimands


def with_estimands(study: Any) -> Any:
    """Return a definition, as read, in which analysis and durations are as the estimands say."""
    rows = study.get("estimands") if isinstance(study, dict) else None
    if not isinstance(rows, list):
        return study
    rows, study = [row for row in rows if isinstance(row, dict)], dict(study)
    summary = next((row.get("summary") for row in rows if row.get("primary") is True), None)
    if isinstance(study.get("analysis"), dict) and summary in OF_SUMMARY:
        test, percentage = OF_SUMMARY[str(summary)]
        study["analysis"] = {"test": test, "percentage": percentage} | study["analysis"]
    months = next((row["months"] for row in rows if row.get("months")), None)
    if months and isinstance(study.get("durations"), list):
        study["durations"] = [
            {"recorded": months} | one if isinstance(one, dict) else one
            for one in study["durations"]
        ]
    return study
