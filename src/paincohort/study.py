"""The study definition, read from `study.yml`: what was measured, which choices were made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, field_validator

from paincohort.definitions import Definition, misfits, nearest, repeats, validate
from paincohort.errors import DataError, Problem
from paincohort.records.declared import Records
from paincohort.scoring import Instrument, Name, read_instrument
from paincohort.yaml_file import YamlFile, read_yaml

# Beside the study definition: what its questionnaires are made of.
INSTRUMENTS = "instruments"
ITEM = "{item}"
# In which a duration may be computed from dates.
UNITS_OF_DATES = ("days", "weeks", "months", "years")


def has_default(choices: dict[str, Any]) -> dict[str, Any]:
    """Refuse choices that leave out what holds for all that they do not name."""
    if "default" not in choices:
        raise ValueError("expected a default")
    return choices


def has_place_for_item(pattern: str) -> str:
    """Refuse a pattern of columns that is not one column for each item."""
    if not pattern.count("{") == pattern.count("}") == pattern.count(ITEM) == 1:
        raise ValueError(f"expected {ITEM} once, where the columns have the number of the item")
    return pattern


def some(values: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse no numbers at all."""
    if not values:
        raise ValueError("expected one number or more")
    return values


def rising(values: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse numbers that do not rise, so that none is there twice."""
    if any(after <= before for before, after in pairwise(values)):
        raise ValueError("expected numbers that rise")
    return values


Decimals = Annotated[dict[str, Annotated[int, Field(ge=0, le=12)]], AfterValidator(has_default)]
ItemPattern = Annotated[str, AfterValidator(has_place_for_item)]
Ties = Literal["up", "down"]
PercentageDefinition = Literal["change_between_means", "mean_of_individual_changes"]
Test = Literal["paired_t", "wilcoxon"]
Recorded = Literal["completed", "noticed"]


class Treatment(Definition):
    """One drug of the regimen."""

    name: Name
    label: str
    route: str
    dose: float = Field(gt=0)
    unit: str


class Protocol(Definition):
    """What was planned. Not every treatment is a drug, or an infusion."""

    design: str
    infusion_days: int | None = Field(default=None, gt=0)
    follow_up_day: int = Field(gt=0)
    treatments: tuple[Treatment, ...] = ()


class Analysis(Definition):
    """The choices that change a result."""

    percentage: PercentageDefinition
    test: Test
    confidence_level: float = Field(gt=0, lt=1)
    responder_thresholds: tuple[float, ...]
    seed: int = Field(ge=0)
    ties: Annotated[dict[str, Ties], AfterValidator(has_default)]
    smallest_subgroup: int = Field(default=10, gt=0)
    imputations: int = Field(default=100, ge=2)
    # Of records: a smaller count of patients is not printed. Zero: every count is.
    smallest_count: int = Field(default=5, ge=0)
    # Records of patients are compared with what was printed about them only if asked.
    compare_with_published: bool = False


class Visits(Definition):
    """The two columns of an outcome."""

    baseline: str
    follow_up: str

    @property
    def pair(self) -> tuple[str, str]:
        """Both, in the order of time."""
        return self.baseline, self.follow_up


class ItemColumns(Definition):
    """The columns of the items from which an outcome is scored, for data that have them."""

    instrument: Name
    score: Name
    baseline: ItemPattern
    follow_up: ItemPattern

    @property
    def visits(self) -> tuple[str, str]:
        """The patterns of both visits, in the order of time."""
        return self.baseline, self.follow_up


class MinimalImportantDifference(Definition):
    """The smallest change that matters to a patient, and who found it."""

    value: float = Field(gt=0)
    source: str


class Reliability(Definition):
    """The test-retest reliability of a scale, from the least found to the greatest, and by whom."""

    lowest: float = Field(ge=0, lt=1)
    highest: float = Field(ge=0, lt=1)
    source: str

    @field_validator("highest")
    @classmethod
    def _not_below_the_lowest(cls, highest: float, info: ValidationInfo) -> float:
        if highest < info.data.get("lowest", -inf):
            raise ValueError(f"expected the lowest or more, {info.data['lowest']:g}")
        return highest


class RegressionToTheMean(Definition):
    """What patients chosen while a scale is extreme return to, supposed, and how fast."""

    reliability: Reliability
    usual_means: Annotated[tuple[float, ...], AfterValidator(some), AfterValidator(rising)]


class Outcome(Definition):
    """A scale measured at baseline and at follow-up."""

    name: Name
    label: str
    instrument: str
    abbreviation: str
    role: Literal["primary", "secondary"]
    unit: str
    columns: Visits
    items: ItemColumns | None = None
    minimum: float
    maximum: float
    step: float = Field(gt=0)
    better: Literal["lower", "higher"]
    decimals: Decimals
    minimal_important_difference: MinimalImportantDifference | None = None
    regression_to_the_mean: RegressionToTheMean | None = None

    @field_validator("maximum")
    @classmethod
    def _range_is_a_range(cls, maximum: float, info: ValidationInfo) -> float:
        if maximum <= info.data.get("minimum", -inf):
            raise ValueError(f"expected more than the minimum, {info.data['minimum']:g}")
        return maximum

    @field_validator("regression_to_the_mean")
    @classmethod
    def _usual_means_are_on_the_scale(
        cls, choice: RegressionToTheMean | None, info: ValidationInfo
    ) -> RegressionToTheMean | None:
        low, high = info.data.get("minimum", -inf), info.data.get("maximum", inf)
        misfits(
            (("usual_means", place), mean, f"expected a score of the scale, {low:g} to {high:g}")
            for place, mean in enumerate(choice.usual_means if choice else ())
            if not low <= mean <= high
        )
        return choice

    @property
    def benefit(self) -> Literal[-1, 1]:
        """The sign of a change for the better."""
        return -1 if self.better == "lower" else 1


class Group(Definition):
    """Categories counted together."""

    label: str
    codes: tuple[int, ...]


class Rating(Definition):
    """An ordered categorical outcome, coded 1, 2, … in the order of its categories."""

    name: Name
    label: str
    abbreviation: str
    column: str
    categories: tuple[str, ...]
    groups: dict[Name, Group]
    decimals: Decimals

    @field_validator("groups")
    @classmethod
    def _groups_have_categories(
        cls, groups: dict[str, Group], info: ValidationInfo
    ) -> dict[str, Group]:
        last = len(info.data.get("categories", ()))
        misfits(
            ((name, "codes"), list(group.codes), f"expected codes of categories, 1 to {last}")
            for name, group in groups.items()
            if last and not {*group.codes} <= {*range(1, last + 1)}
        )
        return groups


class TimeToEvent(Definition):
    """The two columns of a duration."""

    time: str
    event: str


class Duration(Definition):
    """A time from the end of treatment to an event, followed up to a horizon.

    `times` are those at which the share without event is reported. `recorded` says what a recorded
    time k of a patient with the event stands for: `completed`, k without event, which came within
    one step after; `noticed`, a visit at k that found it, one step after the last without. Where
    it is not given, times are exact.
    """

    name: Name
    label: str
    columns: TimeToEvent
    event: str
    event_free: str
    unit: str
    step: float = Field(gt=0)
    horizon: float = Field(gt=0)
    times: Annotated[tuple[Annotated[float, Field(gt=0)], ...], AfterValidator(rising)] = ()
    recorded: Recorded | None = None
    decimals: Decimals

    @field_validator("times")
    @classmethod
    def _times_are_followed(
        cls, times: tuple[float, ...], info: ValidationInfo
    ) -> tuple[float, ...]:
        horizon = info.data.get("horizon", inf)
        misfits(
            ((place,), time, f"expected no more than the horizon, {horizon:g}")
            for place, time in enumerate(times)
            if time > horizon
        )
        return times


class Characteristic(Definition):
    """A column about the patient; used when the data have it.

    `subgroup` compares the changes between its categories, `cuts` between the numbers below a cut
    and those from it on.
    """

    name: Name
    label: str
    column: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    subgroup: bool = False
    cuts: Annotated[tuple[float, ...], AfterValidator(rising)] = ()

    @field_validator("subgroup")
    @classmethod
    def _categories_form_subgroups(cls, subgroup: bool, info: ValidationInfo) -> bool:
        if subgroup and info.data.get("unit") is not None:
            raise ValueError("expected cuts: a number has no categories to compare")
        return subgroup

    @field_validator("cuts")
    @classmethod
    def _numbers_are_cut(cls, cuts: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if cuts and info.data.get("unit") is None:
            raise ValueError("expected subgroup: only a number, which has a unit, can be cut")
        low, high = (info.data.get(end) for end in ("minimum", "maximum"))
        if cuts and (
            (low is not None and cuts[0] <= low) or (high is not None and cuts[-1] > high)
        ):
            raise ValueError("expected cuts with patients possible on both sides")
        return cuts

    @property
    def is_number(self) -> bool:
        """Whether the column holds measurements rather than categories."""
        return self.unit is not None


class Study(Definition):
    """A before/after study: protocol, choices and everything that was measured."""

    protocol: Protocol
    analysis: Analysis
    outcomes: tuple[Outcome, ...]
    ratings: tuple[Rating, ...] = ()
    durations: tuple[Duration, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    records: Records = Records()
    # Read from files of their own, so no field of this one.
    _instruments: dict[str, Instrument] = PrivateAttr(default_factory=dict)

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of that name."""
        return {outcome.name: outcome for outcome in self.outcomes}[name]

    def rating(self, name: str) -> Rating:
        """Return the rating of that name."""
        return {rating.name: rating for rating in self.ratings}[name]

    def duration(self, name: str) -> Duration:
        """Return the duration of that name."""
        return {duration.name: duration for duration in self.durations}[name]

    def ends(self, outcome: Outcome) -> tuple[float, float]:
        """Return the worst and the best score that anyone can have on a scale.

        A weighted score has no patient at 0 or 100: where it is known how an outcome is scored,
        the ends are those that answers can give.
        """
        ends = outcome.minimum, outcome.maximum
        if outcome.items and outcome.items.instrument in self._instruments:
            ends = self.instrument(outcome.items.instrument).range(outcome.items.score)
        return ends if outcome.benefit > 0 else ends[::-1]

    def instrument(self, name: str) -> Instrument:
        """Return the questionnaire of that name."""
        return self._instruments[name]


def read_study(file: Path) -> Study:
    """Read the study definition.

    Parameters
    ----------
    file
        A `study.yml`. The questionnaires that it names are read from the folder `instruments`
        beside it.

    Returns
    -------
    Study
        Protocol, choices, outcomes, ratings, durations and characteristics.

    Raises
    ------
    DataError
        If a file is missing, is not YAML or does not define a study or an instrument.
    """
    source = read_yaml(file)
    study = validate(Study, source, _used_twice)
    instruments, problems = _read_instruments(study, source)
    study._instruments.update(instruments)
    problems += _unfit_scores(study, source)
    problems = problems or [*_mixed_up_columns(study, source), *_unfit_records(study, source)]
    if problems:
        raise DataError(file, problems)
    return study


def _used_twice(source: YamlFile) -> Iterator[Problem]:
    parts = ("outcomes", "ratings", "durations")
    yield from repeats(source, "name used twice", *((part, "*", "name") for part in parts))
    yield from repeats(source, "column used twice", ("outcomes", "*", "columns", "*"))


def _items(study: Study) -> Iterator[tuple[tuple[int | str, ...], Outcome, ItemColumns]]:
    for place, outcome in enumerate(study.outcomes):
        if outcome.items:
            yield ("outcomes", place, "items"), outcome, outcome.items


def _read_instruments(
    study: Study, source: YamlFile
) -> tuple[dict[str, Instrument], list[Problem]]:
    """Read the questionnaires that the outcomes name, and report each that has no file."""
    folder = source.path.parent / INSTRUMENTS
    files = {file.stem: file for file in folder.glob("*.yml")}
    names = {items.instrument for _, _, items in _items(study)}
    problems = [
        source.problem((*field, "instrument"), items.instrument, _no_file(items.instrument, files))
        for field, _, items in _items(study)
        if items.instrument not in files
    ]
    return {name: read_instrument(files[name]) for name in sorted(names & set(files))}, problems


def _no_file(name: str, files: Iterable[str]) -> str:
    near = f"; {nearest(name, files)}" if files else ""
    return f"no file {INSTRUMENTS}/{name}.yml beside the study definition{near}"


def _unfit_scores(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each score that is unknown, or may fall outside its outcome."""
    for field, outcome, items in _items(study):
        instrument = study._instruments.get(items.instrument)
        if instrument is None:
            continue
        if items.score not in instrument.scores:
            rule = f"{instrument.name} has no such score; {nearest(items.score, instrument.scores)}"
            yield source.problem((*field, "score"), items.score, rule)
            continue
        least, greatest = instrument.range(items.score)
        if least < outcome.minimum or greatest > outcome.maximum:
            rule = (
                f"is from {least:g} to {greatest:g}, "
                f"the outcome from {outcome.minimum:g} to {outcome.maximum:g}"
            )
            yield source.problem((*field, "score"), items.score, rule)


def _mixed_up_columns(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each pattern whose columns mean something else as well."""
    meaning: dict[str, object] = dict.fromkeys(_columns(study))
    for field, _, items in _items(study):
        for visit, pattern in zip(("baseline", "follow_up"), items.visits, strict=True):
            for item in study.instrument(items.instrument).codes:
                column, meant = pattern.replace(ITEM, item), (items.instrument, item, visit)
                if meaning.setdefault(column, meant) != meant:
                    rule = f"column {column} is used for something else"
                    yield source.problem((*field, visit), pattern, rule)
                    break


def _unfit_records(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each thing said of the records that does not fit the study."""
    columns = {"patient", *_columns(study), *_patterns(study), *_item_columns(study)}
    names: dict[str, str] = {}
    for ours, there in study.records.columns.items():
        field = ("records", "columns", ours)
        if ours not in columns:
            yield source.problem(field, ours, f"no column of the study; {nearest(ours, columns)}")
        elif there.name in names and not study.records.visits:
            rule = f"column of the records used for {names[there.name]} already"
            yield source.problem(field, there.name, rule)
        elif there.name in columns - {ours, *study.records.columns}:
            yield source.problem(field, there.name, "is another column of the study")
        for code in {*there.values} & {*study.records.missing, *there.missing}:
            yield source.problem(field, code, "stands for missing and for something else")
        names.setdefault(there.name, ours)
    durations = {duration.name: duration for duration in study.durations}
    for name in study.records.dates:
        field = ("records", "dates", name)
        if name not in durations:
            yield source.problem(field, name, f"no such duration; {nearest(name, durations)}")
        elif durations[name].unit not in UNITS_OF_DATES or durations[name].recorded == "noticed":
            rule = f"from dates come completed {', '.join(UNITS_OF_DATES)}, which it is not in"
            yield source.problem(field, name, rule)
    for word in {*study.records.event_seen} & {*study.records.event_not_seen}:
        rule = "says that an event was seen and that it was not"
        declared = min({"event_seen", "event_not_seen"} & study.records.model_fields_set)
        yield source.problem(("records", declared), word, rule)
    yield from _codes_that_are_values(study, source)


def _patterns(study: Study) -> Iterator[str]:
    return (visit for _, _, items in _items(study) for visit in items.visits)


def _item_columns(study: Study) -> Iterator[str]:
    for _, _, items in _items(study):
        for item in study.instrument(items.instrument).codes:
            yield from (visit.replace(ITEM, item) for visit in items.visits)


def _codes_that_are_values(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each code for missing that a patient may have as a value."""
    records, ranges = study.records, dict(_ranges(study))
    for place, code in enumerate(records.missing):
        for column, (low, high) in ranges.items():
            if _is_between(code, low, high):
                rule = f"may be a value of {column}, {low:g} to {high:g}: declare it by column"
                yield source.problem(("records", "missing", place), code, rule)
                break
    for column, there in records.columns.items():
        for place, code in enumerate(there.missing):
            if column in ranges and _is_between(code, *ranges[column]):
                low, high = ranges[column]
                rule = f"may be a value of {column}, {low:g} to {high:g}"
                yield source.problem(("records", "columns", column, "missing", place), code, rule)


def _ranges(study: Study) -> Iterator[tuple[str, tuple[float, float]]]:
    for outcome in study.outcomes:
        yield from ((column, (outcome.minimum, outcome.maximum)) for column in outcome.columns.pair)
    for _, _, items in _items(study):
        for item, codes in study.instrument(items.instrument).codes.items():
            for visit in items.visits:
                yield visit.replace(ITEM, item), (min(codes), max(codes))
    for rating in study.ratings:
        yield rating.column, (1, len(rating.categories))
    for duration in study.durations:
        yield duration.columns.time, (0, duration.horizon)
    for described in study.characteristics:
        if described.minimum is not None and described.maximum is not None:
            yield described.column, (described.minimum, described.maximum)


def _is_between(code: str, low: float, high: float) -> bool:
    try:
        return low <= float(code) <= high
    except ValueError:
        return False


def _columns(study: Study) -> Iterator[str]:
    yield from (column for outcome in study.outcomes for column in outcome.columns.pair)
    yield from (rating.column for rating in study.ratings)
    for duration in study.durations:
        yield from (duration.columns.time, duration.columns.event)
    yield from (characteristic.column for characteristic in study.characteristics)
