"""Definitions: a file against its model, and what is said of one that does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, field_validator

from declared import (
    DataError,
    Definition,
    Problem,
    YamlFile,
    misfits,
    nearest,
    read_yaml,
    repeats,
    validate,
)

Key = Annotated[str, Field(pattern="^[a-z]+$")]


class Dose(Definition):
    amount: float = Field(gt=0)
    unit: str


class Drug(Definition):
    name: str
    dose: Dose
    routes: Annotated[tuple[Literal["oral", "nasal"], ...], Field(max_length=2)] = ()


class Plan(Definition):
    days: int = Field(ge=1)
    drugs: tuple[Drug, ...]
    doses: dict[Key, Dose] = Field(default_factory=dict)
    spare: Drug | None = None

    @field_validator("doses")
    @classmethod
    def _doses_are_small(cls, doses: dict[str, Dose]) -> dict[str, Dose]:
        misfits(
            ((name, "amount"), dose.amount, "expected less than {ten}")
            for name, dose in doses.items()
            if dose.amount > 10
        )
        return doses


GOOD = """\
days: 4
drugs:
  - name: one
    dose: {amount: 1, unit: mg}
  - name: two
    dose: {amount: 2, unit: mg}
doses:
  small: {amount: 1, unit: mg}
spare: {name: three, dose: {amount: 3, unit: mg}}
"""
Checked = Callable[..., list[str]]


@pytest.fixture
def problems(tmp_path: Path) -> Checked:
    """Return what is wrong with the file after each old text is changed to the new one."""

    def check(*changes: tuple[str, str], checks: tuple[Callable[..., object], ...] = ()) -> object:
        text = GOOD
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        file = tmp_path / "plan.yml"
        file.write_text(text, encoding="utf-8")
        try:
            assert validate(Plan, read_yaml(file), *checks).days == 4  # type: ignore[arg-type]
        except DataError as error:
            return str(error).replace("plan.yml, ", "").splitlines()
        return []

    return check  # type: ignore[return-value]


def test_a_good_file_is_its_model(problems: Checked) -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("days: 4", "days: four", "line 1, days: 'four': expected a whole number"),
        ("days: 4", "days: 0", "line 1, days: 0: expected 1 or more"),
        ("days: 4", "days: 4\nday: 5",
         "line 2, day: 5: unknown field; did you mean 'days'?"),
        ("days: 4", "days: 4\nx: 5",
         "line 2, x: 5: unknown field; expected one of days, doses, drugs, spare"),
        ("amount: 2, unit: mg", "amount: 2, unit: mg, units: 1",
         "line 6, drugs.1.dose.units: 1: unknown field; did you mean 'unit'?"),
        ("small: {amount: 1, unit: mg}", "small: {amount: 1, unit: mg, amont: 2}",
         "line 8, doses.small.amont: 2: unknown field; did you mean 'amount'?"),
        ("name: three", "name: three, nam: 2",
         "line 9, spare.nam: 2: unknown field; did you mean 'name'?"),
        ("{amount: 2, unit: mg}", "2", "line 6, drugs.1.dose: 2: "
         "expected the fields amount, unit"),
        ("small: {", "Small: {",
         "line 8, doses.Small: 'Small': expected small letters, digits and _, "
         "beginning with a letter"),
        ("small: {amount: 1,", "small: {amount: 11,",
         "line 8, doses.small.amount: 11.0: expected less than {ten}"),
        # A rule of pydantic's that has no words of its own here.
        ("name: one", "name: one\n    routes: [oral, oral, oral]",
         "line 4, drugs.0.routes: ['oral', 'oral', 'oral']: "
         "Tuple should have at most 2 items after validation, not 3"),
        ("name: one", "name: one\n    routes: [orall]",
         "line 4, drugs.0.routes.0: 'orall': expected 'oral' or 'nasal'"),
        ("name: one\n    ", "", "line 3, drugs.0.name: nothing: the field is missing"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_line(
    old: str, new: str, problem: str, problems: Checked
) -> None:
    assert problems((old, new)) == [problem]


def test_problems_of_all_kinds_are_listed_by_line_and_each_once(problems: Checked) -> None:
    def check(source: YamlFile) -> Iterator[Problem]:
        # Of days something is said already, by the model.
        yield source.problem(("days",), 0, "expected another number")
        yield source.problem(("drugs", 1, "name"), "two", "expected another name")

    found = problems(
        ("amount: 3,", "amount: 3, amount: -3,"),
        ("amount: 1,", "amount: 0,"),
        ("days: 4", "days: 0"),
        checks=(check,),
    )
    assert found == [
        "line 1, days: 0: expected 1 or more",
        "line 4, drugs.0.dose.amount: 0: expected more than 0",
        "line 5, drugs.1.name: 'two': expected another name",
        "line 9, spare.dose.amount: '-3': field written twice, first in line 9",
    ]


def test_a_check_alone_refuses_a_file_that_fits_its_model(problems: Checked) -> None:
    assert problems(checks=(lambda source: [source.problem(("days",), 4, "expected 5")],)) == [
        "line 1, days: 4: expected 5"
    ]


def test_texts_that_repeat_are_reported_where_they_come_again(tmp_path: Path) -> None:
    file = tmp_path / "some.yml"
    # The second list stands first in the file; a number is no text, and 1 is not "1".
    file.write_text('b: [y, x, 1]\na: [x, z, "1", 1, x]\n', encoding="utf-8")
    found = repeats(read_yaml(file), "used twice", ("a", "*"), ("b", "*"))
    assert [str(problem) for problem in found] == [
        "line 2, a.0: 'x': used twice, first in line 1",
        "line 2, a.4: 'x': used twice, first in line 1",
    ]


@pytest.mark.parametrize(
    ("word", "known", "question"),
    [
        ("maen", ["mean", "sum"], "did you mean 'mean'?"),
        ("anxiety", ["hads_anxiety", "anxiety_b", "sum"],
         "did you mean 'anxiety_b' or 'hads_anxiety'?"),
        ("x", ["sum", "mean"], "expected one of mean, sum"),
    ],
)  # fmt: skip
def test_the_nearest_words_are_offered_or_all(word: str, known: list[str], question: str) -> None:
    assert nearest(word, known) == question
