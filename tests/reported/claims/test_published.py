from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from declared import DataError
from reported.claims.published import Published, read_published

HEAD = """
source: {citation: someone, part: abstract}
reading: {n_enrolled: 89, n_follow_up: 80, ties: {default: up, proportion: down}}
claims:
"""


def written(directory: Path, text: str) -> Path:
    file = directory / "published.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_claim_is_read(published: Published) -> None:
    assert len(published.claims) == 44
    assert published.reading.n_follow_up == 80


def test_what_words_say_of_the_sign_overrides_the_string(published: Published) -> None:
    assert published.about("nrs")["change.percentage"].middle == -26


def test_ties_go_where_the_kind_of_number_sends_them(published: Published) -> None:
    assert Fraction("68.75") in published.about("pgic")["improved.proportion"]
    assert Fraction("5.595") not in published.about("nrs")["follow_up.mean"]


@pytest.mark.parametrize(
    ("rounding", "low", "high"),
    [("down", False, True), ("half_even", True, True), ("truncation", True, False)],
)
def test_any_convention_can_be_read(
    rounding: str, low: bool, high: bool, published: Published
) -> None:
    reading = published.reading.model_copy(update={"ties": {"default": rounding}})
    interval = published.model_copy(update={"reading": reading}).about("sf12_mental")
    assert interval["follow_up.mean"].low_closed == low
    assert interval["follow_up.mean"].high_closed == high


def test_patients_followed_up_may_be_left_open(tmp_path: Path) -> None:
    text = HEAD.replace("n_follow_up: 80, ", "")
    assert read_published(written(tmp_path, f"{text}  []\n")).reading.n_follow_up is None


def test_names_that_start_alike_are_told_apart(published: Published) -> None:
    assert not published.about("sf12")


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (
            '{key: nrs.p, printed: "7;54", place: here}',
            r"claims\.0\.printed: '7;54': expected one printed number",
        ),
        ('{key: nrs.p, printed: "7", reads: x y, place: here}', r"claims\.0\.reads: 'x y'"),
        ('{key: nrs.p, printed: "7", place: here, page: 3}', r"claims\.0\.page: 3: unknown field"),
        ('{key: nrs.p, printed: "7"}', r"claims\.0\.place: nothing: the field is missing"),
        (
            "{key: nrs.p, printed: 7.50, place: here}",
            r"claims\.0\.printed: 7\.5: expected text in quotes",
        ),
        ('{key: NRS, printed: "7", place: here}', r"claims\.0\.key: 'NRS': expected a key such as"),
    ],
)
def test_a_claim_that_cannot_be_read_is_named(claim: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=expected):
        read_published(written(tmp_path, f"{HEAD}  - {claim}\n"))


def test_a_key_claimed_twice_is_refused(tmp_path: Path) -> None:
    claim = '  - {key: nrs.change.p, printed: "p < 0.05", place: here}\n'
    with pytest.raises(DataError, match=r"line 6, .*'nrs\.change\.p': key claimed twice.*line 5"):
        read_published(written(tmp_path, HEAD + claim + claim))


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (HEAD.replace("80", "90"), "n_follow_up: 90: expected no more than n_enrolled, 89"),
        (HEAD.replace("default: up, ", ""), "ties: .*: expected a default"),
        (HEAD.replace("down", "sideways"), "'up', 'down', 'half_up'"),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused(
    wrong: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=expected):
        read_published(written(tmp_path, f"{wrong}  []\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_published(tmp_path / "published.yml")
