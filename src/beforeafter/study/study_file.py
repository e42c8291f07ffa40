"""Reading `study.yml`, and refusing what does not fit together in it."""

from collections.abc import Iterator
from pathlib import Path

from beforeafter.study.definition import Study
from beforeafter.study.instruments import Instrument, read_instrument
from beforeafter.study.outcomes import BASELINE, FOLLOW_UP, ITEM, ItemColumns, Outcome
from beforeafter.study.roles import roles
from declared import DataError, Problem, YamlFile, nearest, read_yaml, repeats, validate

# Beside the study definition: what its questionnaires are made of.
INSTRUMENTS = "instruments"
PATIENT = "patient"
# In which a duration may be computed from dates.
UNITS_OF_DATES = ("days", "weeks", "months", "years")


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
    study = validate(Study, source, _used_twice, _said_twice)
    instruments, problems = _read_instruments(study, source)
    study = study.with_instruments({**instruments, **study.instruments})
    problems += [*_unfit_scores(study, source), *_unfit_means(study, source)]
    problems = problems or [*_mixed_up_columns(study, source), *_unfit_records(study, source)]
    if problems:
        raise DataError(file, sorted(problems, key=lambda problem: problem.line or 0))
    return study


def _used_twice(source: YamlFile) -> Iterator[Problem]:
    parts = ("outcomes", "ratings", "durations", "characteristics")
    yield from repeats(source, "name used twice", *((part, "*", "name") for part in parts))
    measured = [column for _, column in source.each("outcomes", "*", "columns", "*")]
    columns = (
        *(("outcomes", "*", "columns", *way) for way in (("*",), ("other", "*"))),
        *(("ratings", "*", "column"), ("durations", "*", "columns", "*")),
        ("characteristics", "*", "column"),
    )
    # Subgroups by baseline look once more at a column whose checks the outcome has.
    views = [
        column
        for (_, place, _), column in source.each("characteristics", "*", "column")
        if column in measured and [*source.each("characteristics", place, "cuts")]
    ]
    used = [column for pattern in columns for _, column in source.each(*pattern)]
    for problem in repeats(source, "column used twice", *columns):
        if used.count(problem.value) - views.count(problem.value) > 1:
            yield problem
    for field, column in (found for pattern in columns for found in source.each(*pattern)):
        if column == PATIENT:
            yield source.problem(field, column, "is the column of patients")


def _said_twice(source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each choice that stands beside the estimand that makes it."""
    rows = dict(source.each("estimands", "*"))
    if any(isinstance(row, dict) and row.get("primary") for row in rows.values()):
        for choice in ("test", "percentage"):
            for field, value in source.each("analysis", choice):
                yield source.problem(field, value, "the primary estimand says it: leave it out")
    for field, value in source.each("durations", "*", "recorded"):
        if [*source.each("estimands", "*", "months")]:
            yield source.problem(field, value, "an estimand says it, in months: leave it out")


def _unfit_means(study: Study, source: YamlFile) -> Iterator[Problem]:
    for place, one in enumerate(study.estimands):
        if not any(one.applies_to(outcome) for outcome in study.outcomes) and one.usual_mean:
            rule = "no outcome supposes it in regression_to_the_mean, usual_means"
            yield source.problem(("estimands", place, "usual_mean"), one.usual_mean, rule)


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
    names = {items.instrument for _, _, items in _items(study)} - {*study.instruments}
    problems = []
    for field, name in ((field, items.instrument) for field, _, items in _items(study)):
        if name in names - {*files}:
            rule = f"no file {INSTRUMENTS}/{name}.yml beside the study definition"
            rule += f"; {nearest(name, files)}" if files else ""
            problems.append(source.problem((*field, "instrument"), name, rule))
    return {name: read_instrument(files[name]) for name in sorted(names & set(files))}, problems


def _unfit_scores(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each score that is unknown, or may fall outside its outcome."""
    for field, outcome, items in _items(study):
        instrument = study.instruments.get(items.instrument)
        if instrument is None:
            continue
        if items.score not in instrument.scores:
            rule = f"{instrument.name} has no such score; {nearest(items.score, instrument.scores)}"
            yield source.problem((*field, "score"), items.score, rule)
            continue
        least, greatest = instrument.range(items.score)
        if least < outcome.minimum or greatest > outcome.maximum:
            rule = f"is from {least:g} to {greatest:g}, the outcome from "
            rule += f"{outcome.minimum:g} to {outcome.maximum:g}"
            yield source.problem((*field, "score"), items.score, rule)


def _mixed_up_columns(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each pattern whose columns mean something else as well."""
    ours = {column for column, role in roles(study).items() if not role.codes}
    meaning: dict[str, object] = dict.fromkeys(ours)
    for field, _, items in _items(study):
        for visit, pattern in zip(("baseline", "follow_up"), items.visits, strict=True):
            for item in study.instruments[items.instrument].codes:
                column, meant = pattern.replace(ITEM, item), (items.instrument, item, visit)
                if meaning.setdefault(column, meant) != meant:
                    rule = f"column {column} is used for something else"
                    yield source.problem((*field, visit), pattern, rule)
                    break


def _unfit_records(study: Study, source: YamlFile) -> Iterator[Problem]:
    patterns = (visit for _, _, items in _items(study) for visit in items.visits)
    outcomes = {outcome.name for outcome in study.outcomes} if study.records.visits else set()
    columns = {PATIENT, *roles(study), *patterns, *outcomes}
    yield from _unfit_visits(study, source)
    names: dict[str, str] = {}
    visits = study.records.visits
    for ours, there in study.records.columns.items():
        field = ("records", "columns", ours)
        if ours not in columns:
            yield source.problem(field, ours, f"no column of the study; {nearest(ours, columns)}")
        elif there.name in names and not (visits and visits.in_rows):
            rule = f"column of the records used for {names[there.name]} already"
            yield source.problem(field, there.name, rule)
        elif there.name in columns - {ours, *study.records.columns, *outcomes}:
            yield source.problem(field, there.name, "is another column of the study")
        for code in {*there.values} & {*study.records.missing, *there.missing}:
            yield source.problem(field, code, "stands for missing and for something else")
        names.setdefault(there.name, ours)
    yield from _unfit_dates(study, source)
    for word in {*study.records.event_seen} & {*study.records.event_not_seen}:
        rule = "says that an event was seen and that it was not"
        declared = min({"event_seen", "event_not_seen"} & study.records.model_fields_set)
        yield source.problem(("records", declared), word, rule)
    yield from _codes_that_are_values(study, source)


def _unfit_dates(study: Study, source: YamlFile) -> Iterator[Problem]:
    durations = {duration.name: duration for duration in study.durations}
    for name in study.records.dates:
        field = ("records", "dates", name)
        if name not in durations:
            yield source.problem(field, name, f"no such duration; {nearest(name, durations)}")
        elif durations[name].unit not in UNITS_OF_DATES or durations[name].recorded == "noticed":
            rule = f"from dates come completed {', '.join(UNITS_OF_DATES)}, which it is not in"
            yield source.problem(field, name, rule)
        said = [*study.records.dates[name].model_dump().values()]
        for column in {one for one in said if one in roles(study) or said.count(one) > 1}:
            yield source.problem(field, column, "column used twice")


def _unfit_visits(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each visit that is compared or measured, and not to be found."""
    visits = study.records.visits
    if visits is None:
        return
    names = dict(zip((BASELINE, FOLLOW_UP), study.compare, strict=True))
    for visit, name in names.items():
        if visit not in visits.named:
            yield source.problem(("records", "visits"), name, "compared, and not among the visits")
    if visits.column in {PATIENT, *roles(study), *(one.name for one in study.outcomes)}:
        rule = "is another column of the study"
        yield source.problem(("records", "visits", "column"), visits.column, rule)
    for place, outcome in enumerate(study.outcomes):
        for visit in outcome.columns.other:
            if visit not in visits.named:
                field = ("outcomes", place, "columns", visit)
                rule = f"not among the visits of the records; {nearest(visit, visits.named)}"
                yield source.problem(field, visit, rule)


def _codes_that_are_values(study: Study, source: YamlFile) -> Iterator[Problem]:
    """Yield a problem for each code for missing that may be a value of several columns."""
    for place, code in enumerate(study.records.missing):
        for column, role in roles(study).items():
            if role.has(code):
                ends = f"{role.minimum:g} to {role.maximum:g}"
                rule = f"may be a value of {column}, {ends}: declare it by column"
                yield source.problem(("records", "missing", place), code, rule)
                break
