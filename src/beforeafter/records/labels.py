"""What the file says that its values mean, held against the study."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from beforeafter.records.cells import LIKE_MISSING, Refused, code_of
from beforeafter.records.files.table import Cell
from beforeafter.records.report import Conversion, Remark, Report
from beforeafter.records.values import Values, tell_cells
from beforeafter.study import Role, Study, plain_words

NOT_MEASURED = re.compile(
    r"\b(non[ -](fait|renseigne|applicable|evaluable|recu|disponible|reponse)\w*|manquant\w*|"
    r"missing|refus\w*|unknown|inconnu\w*|nsp|ne sait pas|do ?n.?t know|not (done|applicable|"
    r"asked|answered|recorded|available|assessed)|no answer|absent|perdu\w*|declined)\b"
)
BEST = r"excellent|best|perfect|parfaite?|meilleure?|very good|tres bonn?e?"
# What is good depends: no pain is, no relief is not; none of a scale that is better low is.
GOOD = {
    "lower": re.compile(rf"\b(no|not|none|never|aucune?|pas|absence|jamais|rien|{BEST})\b"),
    "higher": re.compile(rf"\b({BEST})\b"),
}
BAD = re.compile(
    r"\b(worst|maxim\w+|extreme\w*|unbearable|severe\w*|insupportable|pire|intense|intolerable|"
    r"very (bad|poor)|tres mauvais\w*)\b"
)


def tell_labels(said: Mapping[str, Values], study: Study, report: Report) -> None:
    """Report labels of values that say something else than the study."""
    ratings = {rating.column: rating for rating in study.ratings}
    for ours, values in said.items():
        labels, role = values.field.column.labels, values.field.wanted.role
        if not labels or role is None or role.kind != "number":
            continue
        shown = ", ".join(f"{code_of(_bare(code))} = {label}" for code, label in labels.items())
        report.conversions.append(
            Conversion(values.field.wanted.theirs, f"labels of values in the file: {shown}")
        )
        if ours in ratings:
            _tell_other_order(ours, ratings[ours].categories, labels, report)
        else:
            _tell_codes(values, role, report)
            _tell_turned(values, role, report)


def _bare(code: Cell) -> str | float:
    return code if isinstance(code, str | int | float) else str(code)


def _tell_other_order(
    column: str, categories: tuple[str, ...], labels: Mapping[Cell, str], report: Report
) -> None:
    codes = {plain_words(name): code for code, name in enumerate(categories, start=1)}
    for code, label in labels.items():
        meant = codes.get(plain_words(label), code)
        if meant != code:
            rule = f"{label} has the code {code} in the file, {meant} in the study"
            mend = "records: columns: values says what the codes mean"
            report.problems.append(Remark(rule, mend, column=column))


def _tell_codes(values: Values, role: Role, report: Report) -> None:
    """Refuse values that a label makes codes: it says so, or none but these has one."""
    wanted, labels = values.field.wanted, values.field.column.labels
    ends = {role.minimum, role.maximum}
    few = {*labels} if not {*labels} & ends and len(labels) <= max(1, _span(role) // 2) else set()
    codes = {code for code, label in labels.items() if NOT_MEASURED.search(plain_words(label))}
    for code in sorted(codes | few, key=str):
        text, label = code_of(_bare(code)), labels[code]
        if text in wanted.missing or text in (wanted.values or {}):
            continue
        here = np.array([cell == code for cell in values.field.column.cells] + [False])
        rule = f"{text} has the label {label} in the file: a code, and no score?"
        column = f"{{name: {wanted.theirs}, missing: [{text}]}}"
        mend = f"records: columns: {wanted.ours}: {column} declares it missing"
        if code in few - codes:
            mend += f"; {{values: {{{text}: {text}}}}} that it is a score"
        tell_cells(values.field, here[values.field.column.codes], Refused(rule, mend), report)


def _span(role: Role) -> float:
    return (role.maximum or 0) - (role.minimum or 0)


def _tell_turned(values: Values, role: Role, report: Report) -> None:
    """Refuse labels by which the end that is better in the study is the worse one."""
    numbers = {
        code: plain_words(label)
        for code, label in values.field.column.labels.items()
        if isinstance(code, int | float) and not NOT_MEASURED.search(plain_words(label))
    }
    if not numbers or role.better is None or values.field.wanted.values:
        return
    ends = min(numbers), max(numbers)
    low, high = (_goodness(numbers[end], role.better) for end in ends)
    if (high > low) if role.better == "lower" else (low > high):
        told = " and ".join(f"{end:g} {numbers[end]}" for end in ends)
        rule = f"in the file {told}: in the study {role.better} is better"
        mend = "correct `better` of the outcome, or give what the codes mean under values"
        place = values.field.column.position
        column = values.field.wanted.theirs
        report.problems.append(Remark(rule, mend, column=column, position=place))


def _goodness(label: str, better: str) -> int:
    return bool(GOOD[better].search(label)) - bool(BAD.search(label))


def tell_missing_codes(said: Mapping[str, Values], report: Report) -> None:
    """Doubt codes that are declared missing and could be scores; they are counted."""
    for values in said.values():
        role, wanted = values.field.wanted.role, values.field.wanted
        if role is None or role.minimum is None or role.maximum is None:
            continue
        for place, cell in enumerate(values.field.column.cells):
            code = code_of(_bare(cell))
            try:
                within = role.minimum <= float(code.replace(",", ".")) <= role.maximum
            except ValueError:
                continue
            if within and code in wanted.missing and code not in LIKE_MISSING:
                cells = int((values.field.column.codes == place).sum())
                rule = f"declared to be missing, and could be a score: {cells} cells"
                report.doubts.append(Remark(rule, column=wanted.theirs, value=code, shown=True))
