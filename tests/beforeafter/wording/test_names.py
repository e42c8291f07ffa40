"""Numbers have names in words, and formulas that give them."""

import json
import math
import re
from pathlib import Path

import pytest

from beforeafter.wording import formula_of, label_of

NUMBERS = json.loads((Path(__file__).parents[3] / "results/numbers.json").read_text("utf-8"))
COMPUTED = {key: entry["formula"] for key, entry in NUMBERS.items() if entry.get("formula")}
NAMED = re.compile(r"{(.+?)}")


def test_a_number_is_called_by_words() -> None:
    assert label_of("pain.change.p", None) == "Pain: change of the mean, P of the paired t-test"
    assert label_of("pain.wilcoxon.p", None) == "Pain: Wilcoxon signed-rank test, P"
    assert label_of("cohort.n_lost", None) == "Cohort: patients lost to follow-up"


def test_a_formula_names_numbers_behind_the_same_beginning() -> None:
    assert formula_of("a.b.of_all.proportion") == "{a.b.of_all.count} / {a.b.of_all.n_observed}"
    assert formula_of("a.b.proportion") == "{a.b.count} / {a.b.n_observed}"
    assert formula_of("a.event_free.proportion") == ""
    assert formula_of("a.event_free_at.at_1.proportion") == ""
    assert formula_of("a.wilcoxon.p") == ""


@pytest.mark.parametrize("key", COMPUTED)
def test_the_formulas_of_the_paper_give_its_numbers(key: str) -> None:
    values = {other: NUMBERS[other]["value"] for other in NAMED.findall(COMPUTED[key])}
    plain = COMPUTED[key].replace("−", "-").replace("√", "sqrt")
    code = NAMED.sub(lambda other: f"({values[other[1]]})", plain)
    found = eval(code, {"sqrt": math.sqrt})
    percent = 100 if NUMBERS[key]["unit"] == "%" else 1
    assert percent * found == pytest.approx(NUMBERS[key]["value"], rel=1e-9)
