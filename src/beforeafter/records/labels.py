"""What the file says that its values mean, held against the study."""

from collections.abc import Mapping

import numpy as np

from beforeafter.records.cells import Refused, code_of
from beforeafter.records.files import words
from beforeafter.records.files.table import Cell
from beforeafter.records.report import Remark, Report
from beforeafter.records.values import Values, tell_cells
from beforeafter.study import Records, Role, Study, plain_words

Labels = Mapping[Cell, str]
VALUES = "give what the codes mean under values"


def tell_labels(said: Mapping[str, Values], study: Study, report: Report) -> None:
    """Report labels of values that say something else than the study."""
    ratings = {rating.column: rating.categories for rating in study.ratings}
    for ours, values in said.items():
        labels, role = values.field.column.labels, values.field.wanted.role
        if not labels or role is None:
            continue
        if role.kind == "number":
            shown = ", ".join(f"{_code(code)} = {label}" for code, label in labels.items())
            report.convert(values.field.wanted.theirs, f"labels of values in the file: {shown}")
        # What was declared of a code is what it means.
        wanted = values.field.wanted
        told = {*wanted.missing, *(wanted.values or ())}
        open_ = {code: label for code, label in labels.items() if _code(code) not in told}
        if not role.words or role.kind == "number":
            _tell_codes(values, role, open_, report)
        if ours in ratings:
            _tell_other_order(values, ratings[ours], open_, report)
        elif role.kind == "event":
            _tell_other_truth(values, study.records, open_, report)
        elif not wanted.values:
            _tell_turned(values, role, open_, report)


def _code(code: Cell) -> str:
    return code_of(code if isinstance(code, str | int | float) else str(code))


def _tell(values: Values, rule: str, mend: str, report: Report) -> None:
    column = values.field.column
    theirs = values.field.wanted.theirs
    report.problems.append(Remark(rule, mend, column=theirs, position=column.position))


def _tell_other_order(
    values: Values, categories: tuple[str, ...], labels: Labels, report: Report
) -> None:
    codes = {plain_words(name): code for code, name in enumerate(categories, start=1)}
    of_study = {code: words.change_of(name) for code, name in enumerate(categories, start=1)}
    meant = {}
    for code, label in labels.items():
        there = codes.get(plain_words(label))
        side = words.change_of(label)
        ours = of_study.get(int(code) if isinstance(code, int | float) else 0)
        if there is None and side is not None and ours is not None:
            turned = np.sign(side - words.NO_CHANGE) != np.sign(ours - words.NO_CHANGE)
            there = next((at for at, one in of_study.items() if one == side), 0) if turned else None
        if there is not None and there != code:
            meant[_code(code)] = there
    if not meant:
        return
    first = next(code for code in labels if _code(code) in meant)
    text = _code(first)
    number = meant[text] or "another"
    rule = f"{labels[first]} has the code {text} in the file, {number} in the study"
    if len(meant) > 1:
        rule += f"; {len(meant)} labels in all"
    wanted = values.field.wanted
    told = ", ".join(f"{code}: {one or '…'}" for code, one in meant.items())
    line = f"{{name: {wanted.theirs}, values: {{{told}}}}}"
    _tell(values, rule, f"records: columns: {wanted.ours}: {line}", report)


def _tell_other_truth(values: Values, declared: Records, labels: Labels, report: Report) -> None:
    for code, label in labels.items():
        text = _code(code)
        meant = text in declared.event_seen
        if (meant or text in declared.event_not_seen) and words.truth_of(label) is (not meant):
            rule = f"{text} has the label {label} in the file, and is declared the other way round"
            _tell(values, rule, "correct event_seen and event_not_seen of records", report)


def _tell_codes(values: Values, role: Role, labels: Labels, report: Report) -> None:
    """Refuse values that a label makes codes: it says so, or none but these has one."""
    wanted, everyone = values.field.wanted, values.field.column.labels
    few = role.kind == "number" and not {*everyone} & {role.minimum, role.maximum}
    few = few and len(everyone) <= max(1, ((role.maximum or 0) - (role.minimum or 0)) // 2)
    for code, label in labels.items():
        of_nothing = words.NOT_MEASURED.search(plain_words(label))
        if not (few or of_nothing):
            continue
        text = _code(code)
        here = np.array([cell == code for cell in values.field.column.cells] + [False])
        rule = f"{text} has the label {label} in the file: a code, and no score?"
        column = f"{{name: {wanted.theirs}, missing: [{text}]}}"
        mend = f"records: columns: {wanted.ours}: {column} declares it missing"
        if not of_nothing:
            mend += f"; {{values: {{{text}: {text}}}}} that it is a score"
        tell_cells(values.field, here[values.field.column.codes], Refused(rule, mend), report)


def _tell_turned(values: Values, role: Role, labels: Labels, report: Report) -> None:
    """Refuse labels by which the end that is better in the study is the worse one."""
    numbers = {
        code: plain_words(label)
        for code, label in labels.items()
        if isinstance(code, int | float) and not words.NOT_MEASURED.search(plain_words(label))
    }
    if not numbers or role.better is None:
        return
    ends = min(numbers), max(numbers)
    low, high = (
        bool(words.GOOD[role.better].search(numbers[end])) - bool(words.BAD.search(numbers[end]))
        for end in ends
    )
    if (high > low) if role.better == "lower" else (low > high):
        told = " and ".join(f"{end:g} {numbers[end]}" for end in ends)
        rule = f"in the file {told}: in the study {role.better} is better"
        _tell(values, rule, f"correct `better` of the outcome, or {VALUES}", report)


def tell_missing_codes(said: Mapping[str, Values], report: Report) -> None:
    """Doubt codes that are declared missing and could be scores; they are counted."""
    for field in (values.field for values in said.values()):
        wanted, codes = field.wanted, field.column.codes
        for place, code in enumerate(map(_code, field.column.cells)):
            could_be = wanted.role is not None and wanted.role.has(code.replace(",", "."))
            if could_be and code in wanted.missing - words.LIKE_MISSING:
                cells = int((codes == place).sum())
                rule = f"declared to be missing, and could be a score: {cells} cells"
                remark = Remark(rule, column=wanted.theirs, value=code, shown=True)
                report.doubts.append(remark)
