"""What is told of an ensemble: numbers and tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from beforeafter.study import Study
from beforeafter.wording import ensemble_numbers, implausible_table, mixing_table, ranks_table

MIXING = {"a.mean": [1.05, 200.0], "b.mean": [1.051, 900.0], "c.mean": [1.0, 199.9]}
RANKS = {"a.mean": [0.2], "b.mean": [0.81], "c.mean": [0.5]}


def test_the_worst_of_each_is_told() -> None:
    told = ensemble_numbers({"mixing": MIXING, "ranks": RANKS})
    texts = {key: getattr(number, "text", number) for key, number in told.items()}
    assert texts == {
        "n_open": 3,
        "greatest_r_hat": "1.051",
        "least_effective": 199,
        "least_rank": 20,
        "greatest_rank": 81,
    }


def test_ends_of_ranks_are_rounded_outwards() -> None:
    told = ensemble_numbers({"mixing": MIXING, "ranks": {"a": [0.2091], "b": [0.6945]}})
    assert (told["least_rank"], told["greatest_rank"]) == (20, 70)


def rows(table: object) -> list[list[str]]:
    lines = str(table._repr_markdown_()).splitlines()  # type: ignore[attr-defined]
    plain = [re.sub(r"</?span[^>]*>", "", line).strip("|") for line in lines[2:]]
    return [[cell.strip() for cell in line.split("|")] for line in plain]


def test_the_numbers_in_which_chains_differ_most_come_first() -> None:
    assert rows(mixing_table(MIXING)) == [
        ["b.mean", "1.051", "900"],
        ["a.mean", "1.050", "200"],
        ["c.mean", "1.000", "200"],
    ]


def test_of_many_numbers_the_slowest_are_told() -> None:
    many = {f"n{i}.mean": [1 + i / 1000, 500.0] for i in range(20)}
    assert [row[0] for row in rows(mixing_table(many))] == [f"n{i}.mean" for i in range(19, 7, -1)]


def test_ranks_are_of_named_numbers_that_are_open(tmp_path: Path) -> None:
    file = tmp_path / "open.yml"
    file.write_text("The mean of a: a.mean\nPrinted: d.mean\n")
    assert rows(ranks_table(RANKS, file)) == [["The mean of a", "20%"]]


def test_every_rule_is_told_by_its_label(study: Study) -> None:
    names = [*(rule.name for rule in study.plausibility), "any"]
    numbers = {name: {"shown": i, "fewest": 0, "most": 2 * i} for i, name in enumerate(names)}
    found = rows(implausible_table(study, numbers))
    assert [row[0] for row in found] == [
        *(rule.label for rule in study.plausibility),
        "Any of these",
    ]
    assert [row[1:] for row in found] == [[str(i), "0", str(2 * i)] for i in range(len(names))]


def test_a_rule_that_the_study_does_not_have_is_an_error(study: Study) -> None:
    with pytest.raises(KeyError):
        implausible_table(study, {"other": {"shown": 0, "fewest": 0, "most": 0}})
