"""Scores from answers: R's, a naive program's, published cases, and what a file may not say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import naive_scoring
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from beforeafter.records.computed import score_items
from beforeafter.study import Instrument
from beforeafter.study.instruments import read_instrument
from declared import DataError

ROOT = Path(__file__).resolve().parents[3]
INSTRUMENTS = ROOT / "data" / "instruments"
R = ROOT / "tests" / "r"
ANSWERS = pd.read_csv(R / "instruments.csv", na_values=["NA"])
# Sums of at most a dozen terms of two digits before the point, written by R with 15 digits.
EXACT = 1e-12

modest = settings(max_examples=60, deadline=None, derandomize=True)
Content = dict[str, Any]


def instrument(name: str) -> Instrument:
    return read_instrument(INSTRUMENTS / f"{name}.yml")


def answers(*rows: str) -> pd.DataFrame:
    """Return answers written as a row of digits for each patient; x is ten, a point is none."""
    codes = [[{".": math.nan, "x": 10.0}.get(c) or float(c) for c in row] for row in rows]
    return pd.DataFrame(codes, columns=[str(n + 1) for n in range(len(codes[0]))], dtype=float)


@pytest.mark.parametrize(
    ("name", "score"),
    [(name, score) for name in ("hads", "npsi", "sf12") for score in instrument(name).scores],
)
def test_every_score_is_what_r_says(name: str, score: str) -> None:
    data = pd.read_csv(R / "data" / f"items_{name}.csv", dtype=float)
    of_score = ANSWERS.statistic.str.rpartition(".")[0] == score
    expected = ANSWERS.value[(ANSWERS.dataset == name) & of_score].to_numpy()
    assert len(expected) == len(data)
    np.testing.assert_allclose(
        score_items(data, instrument(name), score), expected, rtol=EXACT, atol=EXACT
    )


@pytest.mark.parametrize(
    ("row", "physical", "mental"),
    [
        ("133222211165", 56.57706, 60.75781),  # nothing but best answers: the constants
        # A report printed by OrthoToolKit, which scores version 1.
        ("332221213455", 54.02145, 46.04113),
        ("511111156611", 23.99938, 19.06444),  # nothing but worst answers, as others score them
    ],
)
def test_component_summaries_of_known_cases(row: str, physical: float, mental: float) -> None:
    table, sf12 = answers(row), instrument("sf12")
    assert score_items(table, sf12, "physical")[0] == pytest.approx(physical, abs=5e-9)
    assert score_items(table, sf12, "mental")[0] == pytest.approx(mental, abs=5e-9)


@pytest.mark.parametrize(
    ("name", "score", "ends"),
    [
        ("hads", "anxiety", (0, 21)),
        ("hads", "depression", (0, 21)),
        ("npsi", "total", (0, 100)),
        ("npsi", "evoked", (0, 10)),
        ("sf12", "physical", (9.94738, 70.13284)),
        ("sf12", "mental", (5.89058, 72.28379)),
    ],
)
def test_range_of_a_score(name: str, score: str, ends: tuple[float, float]) -> None:
    assert instrument(name).range(score) == pytest.approx(ends, abs=1e-9)


@pytest.mark.parametrize(
    ("row", "anxiety", "depression"),
    [
        ("30303030303030", 21, 0),
        ("03030303030303", 0, 21),
        ("1.2.3.0.......", 10.5, math.nan),  # (1 + 2 + 3 + 0) * 7 / 4
        ("1.2.3.........", math.nan, math.nan),  # three of seven are fewer than half
        ("..............", math.nan, math.nan),
    ],
)
def test_half_rule(row: str, anxiety: float, depression: float) -> None:
    table, hads = answers(row), instrument("hads")
    computed = [score_items(table, hads, score)[0] for score in ("anxiety", "depression")]
    np.testing.assert_array_equal(computed, [anxiety, depression])


def test_subscores_are_means_and_the_total_a_sum() -> None:
    # Items 4 and 7 are no part of any score, answered or not.
    table, npsi = answers("123445634567", "123.56.34567", "x23556634.67"), instrument("npsi")
    computed = {score: score_items(table, npsi, score).tolist() for score in npsi.scores}
    total = 1 + 2 + 3 + 4 + 5 + 3 + 4 + 5 + 6 + 7
    expected = {
        "total": [total, total + 2, math.nan],
        "burning": [1, 1, 10],
        "pressing": [2.5, 2.5, 2.5],
        "paroxysmal": [4.5, 5.5, 5.5],
        "evoked": [4, 4, math.nan],
        "paraesthesia": [6.5, 6.5, 6.5],
    }
    assert computed.keys() == expected.keys()
    for score, values in expected.items():
        np.testing.assert_array_equal(computed[score], values, err_msg=score)


@pytest.mark.parametrize("item", range(12))
@pytest.mark.parametrize("score", ["physical", "mental"])
def test_a_component_summary_needs_every_item(item: int, score: str) -> None:
    table = answers("332221213455")
    table.iloc[0, item] = math.nan
    assert math.isnan(score_items(table, instrument("sf12"), score)[0])


def test_no_patients() -> None:
    nobody = answers("30303030303030").iloc[:0]
    assert score_items(nobody, instrument("hads"), "anxiety").tolist() == []


@pytest.mark.parametrize(("item", "code"), [("1", 4), ("3", -1), ("13", 1.5), ("5", math.inf)])
def test_answer_that_is_no_code(item: str, code: float) -> None:
    table = answers("30303030303030")
    table[item] = float(code)
    with pytest.raises(ValueError, match=f"^item {item}: {code:g} is none of the codes"):
        score_items(table, instrument("hads"), "anxiety")


def test_item_without_a_column() -> None:
    with pytest.raises(KeyError, match="13"):
        score_items(answers("303030303030"), instrument("hads"), "anxiety")


def test_index_of_the_patients_is_kept() -> None:
    table = answers("30303030303030", "03030303030303").set_index(pd.Index(["P7", "P3"]))
    scored = score_items(table, instrument("hads"), "anxiety")
    assert scored.to_dict() == {"P7": 21, "P3": 0}
    assert scored.name == "anxiety"


def test_answers_may_be_whole_numbers_that_can_be_missing() -> None:
    table = answers("1.2.3.0......1", "30303030303030")
    expected = score_items(table, instrument("hads"), "anxiety")
    pd.testing.assert_series_equal(
        score_items(table.astype("Int64"), instrument("hads"), "anxiety"), expected
    )


# ---- Any questionnaire ------------------------------------------------------------------------

hundredths = st.integers(-2000, 2000).map(lambda n: Fraction(n, 100))


@st.composite
def questionnaires(draw: st.DrawFn) -> tuple[Content, naive_scoring.Worth]:
    """Draw the content of a file, and what each answer counts for as a table."""
    items = [str(n + 1) for n in range(draw(st.integers(1, 5)))]
    sets = st.sets(st.integers(-3, 9), min_size=1, max_size=5).map(sorted)
    alike = draw(st.none() | sets)
    codes = {item: alike or draw(sets) for item in items}
    kind = draw(st.sampled_from(["code", "reversed", "weights"]))
    weights = {item: [draw(hundredths) for _ in codes[item]] for item in items}
    table = {
        "code": {i: {c: Fraction(c) for c in codes[i]} for i in items},
        "reversed": {i: {c: Fraction(min(codes[i]) + max(codes[i]) - c) for c in codes[i]}
                     for i in items},
        "weights": {i: dict(zip(codes[i], weights[i], strict=True)) for i in items},
    }[kind]  # fmt: skip
    prorated = alike and kind != "weights"
    least = draw(st.integers(1, len(items))) if prorated else len(items)
    score = {
        "label": "A score",
        "combine": draw(st.sampled_from(["sum", "mean"])),
        "least_answered": least,
        "constant": float(draw(hundredths)),
        "items": {i: [float(w) for w in weights[i]] if kind == "weights" else kind for i in items},
    }
    content = {
        "name": "drawn",
        "label": "Drawn",
        "version": "1",
        "sources": [],
        "answers": [{"items": [int(i)], "codes": codes[i]} for i in items],
        "scores": {"score": score},
    }
    return content, table


@st.composite
def scored(draw: st.DrawFn) -> tuple[Content, naive_scoring.Worth, list[naive_scoring.Answered]]:
    content, worth = draw(questionnaires())
    patient = st.fixed_dictionaries(
        {item: st.none() | st.sampled_from(list(table)) for item, table in worth.items()}
    )
    return content, worth, draw(st.lists(patient, max_size=8))


def table_of(patients: list[naive_scoring.Answered], worth: naive_scoring.Worth) -> pd.DataFrame:
    return pd.DataFrame(patients, columns=list(worth), dtype=float)


@given(drawn=scored())
@modest
def test_any_score_is_what_the_naive_program_says(
    drawn: tuple[Content, naive_scoring.Worth, list[naive_scoring.Answered]],
) -> None:
    content, worth, patients = drawn
    rules = content["scores"]["score"]
    expected = naive_scoring.scores(
        patients,
        worth,
        Fraction(str(rules["constant"])),
        rules["least_answered"],
        mean=rules["combine"] == "mean",
    )
    made = Instrument.model_validate(content)
    assert {type(count) for item in made.worth("score").values() for count in item} == {float}
    computed = score_items(table_of(patients, worth), made, "score")
    np.testing.assert_allclose(
        computed, [math.nan if e is None else float(e) for e in expected], rtol=1e-12, atol=1e-12
    )


@given(drawn=scored())
@modest
def test_any_score_is_within_its_range_and_attains_both_ends(
    drawn: tuple[Content, naive_scoring.Worth, list[naive_scoring.Answered]],
) -> None:
    content, worth, patients = drawn
    made = Instrument.model_validate(content)
    least, greatest = made.range("score")
    found = score_items(table_of(patients, worth), made, "score").dropna()
    assert found.between(least - 1e-9, greatest + 1e-9).all()
    ends = [{item: pick(t, key=t.__getitem__) for item, t in worth.items()} for pick in (min, max)]
    attained = score_items(table_of(ends, worth), made, "score")
    assert attained.tolist() == pytest.approx([least, greatest], abs=1e-9)


# ---- Files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(INSTRUMENTS.glob("*.yml")), ids=lambda file: file.stem)
def test_files_of_this_study_load_and_cite_their_source(file: Path) -> None:
    loaded = read_instrument(file)
    assert loaded.name == file.stem
    assert any(source.doi for source in loaded.sources)


def refusal(change: Callable[[Content], object], name: str, folder: Path) -> str:
    content = yaml.safe_load((INSTRUMENTS / f"{name}.yml").read_text(encoding="utf-8"))
    change(content)
    file = folder / f"{name}.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_instrument(file)
    message = str(refused.value)
    assert re.match(rf"{name}\.yml, line \d+, ", message)
    return re.sub(r"line \d+, ", "", message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c.update(name="had"),
            "hads.yml, name: 'had': expected the name of the file, hads",
        ),
        (
            lambda c: c["scores"]["anxiety"]["items"].update({1: "codes"}),
            "hads.yml, scores.anxiety.items.1: 'codes': "
            "expected code, reversed, or a list of numbers, one for each code",
        ),
        (
            lambda c: c["scores"]["anxiety"]["items"].update({15: "code"}),
            "hads.yml, scores.anxiety.items.15: '15': expected an item that `answers` gives codes",
        ),
        (
            lambda c: c["scores"]["anxiety"].update(least_answered=8),
            "hads.yml, scores.anxiety.least_answered: 8: "
            "expected no more than the 7 items of the score",
        ),
        (
            lambda c: c["scores"]["anxiety"].update(least_answered=0),
            "hads.yml, scores.anxiety.least_answered: 0: expected more than 0",
        ),
        (
            lambda c: c["scores"]["anxiety"].update(combine="median"),
            "hads.yml, scores.anxiety.combine: 'median': expected 'sum' or 'mean'",
        ),
        (
            lambda c: c["answers"].append({"items": [14, 3], "codes": [1, 2]}),
            "item given twice: 14, 3",
        ),
        (
            lambda c: c["answers"][0]["items"].__setitem__(0, 1.5),
            "hads.yml, answers.0.items.0: 1.5: expected text in quotes",
        ),
        (
            lambda c: c["answers"][0].update(codes=[0, 2, 1]),
            "hads.yml, answers.0.codes: [0, 2, 1]: "
            "expected whole numbers, each greater than the one before",
        ),
        (
            lambda c: c["sources"][0].update(doi="doi.org/x"),
            "hads.yml, sources.0.doi: 'doi.org/x': ",
        ),
        (
            lambda c: c["scores"]["anxiety"].update(wheight=1),
            "hads.yml, scores.anxiety.wheight: 1: unknown field; ",
        ),
    ],
)
def test_what_a_file_may_not_say(
    change: Callable[[Content], object], message: str, tmp_path: Path
) -> None:
    found = refusal(change, "hads", tmp_path)
    assert message in found
    assert len(found.splitlines()) == 1


def test_items_with_other_codes_are_never_prorated(tmp_path: Path) -> None:
    def widen(content: Content) -> None:
        content["answers"] = [
            {"items": list(range(2, 15)), "codes": [0, 1, 2, 3]},
            {"items": [1], "codes": [0, 1, 2, 3, 4]},
        ]

    assert refusal(widen, "hads", tmp_path) == (
        "hads.yml, scores.anxiety.least_answered: 4: expected all 7 items: "
        "with other codes or weights none stands for another"
    )


def test_items_with_other_weights_are_never_prorated(tmp_path: Path) -> None:
    def weigh(content: Content) -> None:
        content["scores"]["anxiety"]["items"][1] = [0.0, 2.0, 4.0, 6.0]

    assert refusal(weigh, "hads", tmp_path) == (
        "hads.yml, scores.anxiety.least_answered: 4: expected all 7 items: "
        "with other codes or weights none stands for another"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda rules: rules["items"].update({2: [1.0, 2.0]}),
            "items.2: [1.0, 2.0]: expected 3 weights, one for each code",
        ),
        (
            lambda rules: rules.update(least_answered=11),
            "least_answered: 11: expected all 12 items: "
            "with other codes or weights none stands for another",
        ),
    ],
)
def test_weights_are_complete_and_never_prorated(
    change: Callable[[Content], object], message: str, tmp_path: Path
) -> None:
    found = refusal(lambda c: change(c["scores"]["mental"]), "sf12", tmp_path)
    assert found == f"sf12.yml, scores.mental.{message}"
