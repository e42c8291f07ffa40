"""Which column of the records is which column of the study."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Literal

from beforeafter.records.files.table import EMPTY, VISIT, Column, RawTable
from beforeafter.records.report import MOST_ALIKE, MOST_LISTED, Conversion, Remark, Report
from beforeafter.study import ITEM, RecordedColumn, Records, Role, Study, plain_words, roles

ID = "patient"
# What stands first in a row says of rows that sum up what they are, though the study has no use.
LABEL = "(label)"
Kind = Literal["patient", "number", "event", "category", "date", "visit", "filter", "label"]
# What tells rows apart; a code for missing may be the code of a patient.
KEYS = {"patient", "visit"}


@dataclass(frozen=True)
class Wanted:
    """A column of the study, and where the records have it."""

    ours: str  # its name in the study
    theirs: str  # its name in the records
    kind: Kind
    required: bool = True
    visit: str | None = None  # where each visit has a row of its own
    missing: frozenset[str] = frozenset()  # codes that stand for missing
    values: Mapping[str, str] | None = None  # what codes mean
    words: tuple[str, ...] = ()  # the values that the study gives it; empty where any will do
    role: Role | None = None  # what it is in the study


@dataclass(frozen=True)
class Field:
    """A column of the study with its cells, as the records have them."""

    wanted: Wanted
    column: Column


def wanted_columns(study: Study) -> dict[str, Wanted]:
    """Return every column that the study may have, by the name it has there."""
    declared = study.records
    renamed, missing = dict(_renamed(study, declared.columns)), frozenset(declared.missing)
    wanted = {}
    for column in _columns(study, declared):
        there = renamed.get(column.ours, RecordedColumn(name=column.theirs))
        wanted[column.ours] = replace(
            column,
            theirs=there.name.strip(),
            required=column.required or column.ours in declared.columns,
            visit=column.visit if declared.visits and declared.visits.in_rows else None,
            missing=frozenset(there.missing) if column.kind in KEYS else missing | {*there.missing},
            values=there.values or None,
        )
    return wanted


def _columns(study: Study, declared: Records) -> Iterator[Wanted]:
    if not declared.numbered:
        yield Wanted(ID, ID, "patient")
    computed = {
        column
        for duration in study.durations
        if duration.name in declared.dates  # what is computed cannot be recorded as well
        for column in (duration.columns.time, duration.columns.event)
    }
    for ours, role in roles(study).items():
        if ours not in computed:
            words = (*declared.event_seen, *declared.event_not_seen)
            words = words if role.kind == "event" else role.words
            theirs, required = _theirs(role, declared), role.required
            yield Wanted(ours, theirs, role.kind, required, role.visit, words=words, role=role)
    for name in dict.fromkeys(
        name for dates in declared.dates.values() for name in dates.model_dump().values()
    ):
        yield Wanted(name, name, "date")
    for name in declared.only:
        yield Wanted(f"records: only: {name}", name, "filter")
    if declared.visits and declared.visits.in_rows:
        words = (*declared.visits.named.values(), *declared.visits.other)
        name = declared.visits.column or VISIT
        yield Wanted(name, name, "visit", words=words)


def _theirs(role: Role, declared: Records) -> str:
    """Return the name that records have for a column, if nothing is declared of it alone."""
    visits = declared.visits
    if visits is None or role.outcome is None or role.visit is None:
        return role.column
    of_outcome = declared.columns.get(role.outcome)
    name = of_outcome.name if of_outcome else role.outcome
    # With a row for each visit all visits of an outcome stand in one column.
    return name if visits.in_rows else name + visits.suffixes.get(role.visit, "")


def _renamed(
    study: Study, columns: Mapping[str, RecordedColumn]
) -> Iterator[tuple[str, RecordedColumn]]:
    """Yield the declared columns, those of a pattern one by one."""
    items = {
        pattern: instrument.codes
        for _, columns_of, instrument in study.scored()
        for pattern in columns_of.visits
    }
    outcomes = {outcome.name: outcome.columns.by_visit for outcome in study.outcomes}
    for ours, there in columns.items():
        for visit, column in outcomes.get(ours, {}).items() if study.records.visits else ():
            role = Role(column, "number", visit=visit, outcome=ours)
            name = _theirs(role, study.records)
            yield column, there.model_copy(update={"name": name})
    for ours, there in columns.items():
        for item in items.get(ours, ()):
            name = there.name.replace(ITEM, item)
            yield ours.replace(ITEM, item), there.model_copy(update={"name": name})
        if ours not in items:
            yield ours, there


def chosen(header: Sequence[str], wanted: Mapping[str, Wanted]) -> list[int]:
    """Return the places of the columns to keep: those of the study, and those without a name."""
    names = {column.theirs for column in wanted.values()}
    return [
        place
        for place, name in enumerate(header)
        if name.strip() in names or not name.strip() or (place == 0 and header.count(name) == 1)
    ]


def assign(
    table: RawTable, wanted: Mapping[str, Wanted], declared: Records, report: Report
) -> dict[str, Field]:
    """Find the columns of the study in a table, by their names in the study.

    The report is told of each column that is missing, unknown, without a name or there twice.
    """
    by_name: dict[str, Column] = {}
    for column in table.columns:
        by_name.setdefault(column.name.strip(), column)
        if column.name != column.name.strip():
            report.convert(column.name.strip(), "spaces around its name taken off")
    found = {
        column.ours: Field(column, by_name[column.theirs])
        for column in wanted.values()
        if column.theirs in by_name
    }
    for first in table.columns[:1]:
        name = first.name.strip()
        if first.position == 1 and name not in {one.theirs for one in wanted.values()}:
            found[LABEL] = Field(Wanted(LABEL, name, "label"), first)
    report.problems += [*_misnamed(table, declared.ignore), *_missing(wanted, found)]
    _tell_unknown(table, wanted, declared, report)
    report.conversions += [
        Conversion(column.theirs, f"is column {column.ours} of the study")
        for column in wanted.values()
        if column.ours in found and column.theirs != column.ours and column.kind != "filter"
    ]
    return found


def _misnamed(table: RawTable, ignore: Sequence[str]) -> Iterator[Remark]:
    mend = 'name it, or empty it; or records: ignore: [""] leaves out what has no name'
    times = Counter(name.strip() for name in table.header)
    for column in table.columns:
        name, at = column.name.strip(), column.position
        if name and times[name] > 1:
            rule = f"{times[name]} columns have this name"
            yield Remark(rule, "keep one of them", None, name, at, name, shown=True)
        if not name and "" not in ignore and (column.codes != EMPTY).any():
            yield Remark("the column has no name", mend, position=at)


def _missing(wanted: Mapping[str, Wanted], found: Mapping[str, Field]) -> Iterator[Remark]:
    for column in wanted.values():
        if column.required and column.ours not in found:
            mend = "records: columns may say what it is called there"
            if column.ours == ID:
                mend += "; numbered: true, that patients have no codes"
            if column.kind == "filter":
                mend = "declared under records: only"
            elif column.theirs != column.ours:
                mend = f"declared for {column.ours}"
            name = column.theirs
            yield Remark("column is missing", mend, None, name, value=name, shown=True)


def _tell_unknown(
    table: RawTable, wanted: Mapping[str, Wanted], declared: Records, report: Report
) -> None:
    names = {column.theirs for column in wanted.values()}
    header = [name.strip() for name in table.header]
    absent = names - {*header}
    unknown = [
        (place, name) for place, name in enumerate(header, start=1) if name and name not in names
    ]
    ignored = [one for one in unknown if any(fnmatchcase(one[1], of) for of in declared.ignore)]

    def about(place: int, name: str, rule: str, mend: str = "") -> Remark:
        return Remark(rule, mend, None, name, place, name, known=False)

    if ignored:
        what = f"{len(ignored)} column{'s' if len(ignored) > 1 else ''} left out, as declared: "
        what += ", ".join(name for _, name in ignored[:MOST_LISTED])
        report.convert("", what)
    for place, name in ignored[:MOST_LISTED]:
        if near := _near(name, absent):
            rule = f"is left out, as declared; is it not {near}?"
            report.doubts.append(about(place, name, rule))
    refused = [one for one in unknown if one not in ignored]
    rule = "column is not in the study definition"
    meant = {name: _near(name, absent) for _, name in refused}
    others = [one for one in refused if not meant[one[1]]]
    if len(others) > MOST_ALIKE:
        listed, many = ", ".join(name for _, name in others), f"{len(others)} columns are"
        one = about(*others[0], rule.replace("column is", many), _meant(None))
        report.problems.append(replace(one, value=listed))
        refused = [one for one in refused if meant[one[1]]]
    remarks = (about(*one, rule, _meant(meant[one[1]])) for one in refused)
    report.refuse(remarks, len(refused))


def _meant(near: str | None) -> str:
    if near is None:
        return "remove it, or declare it there, if only under records: ignore"
    return f"did you mean {near}? rename it, or declare it under records: columns"


def _near(name: str, absent: set[str]) -> str | None:
    """Return the absent column whose name is nearest, case, accents and signs apart."""
    plain = {plain_words(other): other for other in sorted(absent)}
    near = get_close_matches(plain_words(name), plain, n=1, cutoff=0.75)
    return plain[near[0]] if near else None
