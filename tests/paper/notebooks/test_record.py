"""What a notebook cell publishes of a number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beforeafter import notebook
from declared import ExplainedError
from paper import publish
from paper.errors import PaperError
from paper.notebooks.publish import MIME


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what cells display, as they do."""
    outputs: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: outputs.append(data))
    return outputs


@pytest.fixture(autouse=True)
def nothing_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another test may have begun a notebook of records here, whose numbers have fewer digits."""
    monkeypatch.setattr(notebook, "_BEGUN", [])
    monkeypatch.setattr(notebook, "_PATIENTS", [])


def number(value: float) -> SimpleNamespace:
    return SimpleNamespace(value=value, text="", unit="", n=None, rule="")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        # The share without recurrence, as two processors compute it.
        (0.3390759395637393, 0.339075939564),
        (0.3390759395637394, 0.339075939564),
        (8.22297403759059e-13, 8.22297403759e-13),
        (-0.0125, -0.0125),
        (float("nan"), None),
        (float("-inf"), None),
    ],
)
def test_a_value_keeps_the_digits_that_processors_agree_on(
    displayed: list[dict[str, Any]], value: float, kept: float | None
) -> None:
    publish({"pain.mean": number(value)})
    assert displayed[0][MIME]["pain.mean"]["value"] == kept


def test_a_count_stays_whole(displayed: list[dict[str, Any]]) -> None:
    publish({"cohort.n_enrolled": number(1_234_567_890_123)})
    assert repr(displayed[0][MIME]["cohort.n_enrolled"]["value"]) == "1234567890123"


Texts = list[tuple[str, str, Any, str]]


@pytest.mark.parametrize(
    ("results", "named", "published"),
    [
        (["age"], {"mean": 61.34, "unit": "years", "decimals": 1},
         [("age.mean", "61.3", 61.34, "years")]),
        (["age"], {"mean": np.float64(61.35)}, [("age.mean", "61.4", 61.35, "")]),
        (["age"], {"mean": np.float32(0.5), "decimals": 0}, [("age.mean", "1", 0.5, "")]),
        (["age"], {"mean": pd.NA}, [("age.mean", "not estimable", None, "")]),
        (["age"], {"lower": -1.25, "decimals": 1}, [("age.lower", "−1.3", -1.25, "")]),
        (["wards"], {"n_open": np.int64(3)}, [("wards.n_open", "3", 3, "")]),
        (["age"], {"p": 0.0004}, [("age.p", "P < 0.001", 0.0004, "")]),
        (["age", pd.Series({"mean": 61.0, "sd": 9.96})], {},
         [("age.mean", "61.0", 61, ""), ("age.sd", "10.0", 9.96, "")]),
        ([pd.Series({"age.mean": 61.0})], {}, [("age.mean", "61.0", 61, "")]),
        ([{"age": {"mean": 61, "sd": 9.5}}], {},
         [("age.mean", "61", 61, ""), ("age.sd", "9.5", 9.5, "")]),
    ],
)  # fmt: skip
def test_plain_numbers_of_any_kind_are_published(
    displayed: list[dict[str, Any]], results: list[Any], named: dict[str, Any], published: Texts
) -> None:
    publish(*results, **named)
    (output,) = displayed
    found = [
        (key, entry["text"], entry["value"] and pytest.approx(entry["value"]), entry["unit"])
        for key, entry in output[MIME].items()
    ]
    assert published == found


@pytest.mark.parametrize(
    ("results", "named", "said"),
    [
        ([], {"mean": 61.3}, "no key for mean"),
        (["age", 61.3], {}, "age: not a key"),
        (["age"], {"Mean": 61.3}, "age.Mean: not a key"),
        (["age"], {"mean": "61.3"}, "cannot publish str age.mean: write publish"),
        (["age"], {"mean": True}, "cannot publish bool age.mean"),
        (["age", pd.Series([61.3, 50.0])], {}, "age.0: not a key"),
    ],
)
def test_what_is_no_number_with_a_key_is_refused(
    displayed: list[dict[str, Any]], results: list[Any], named: dict[str, Any], said: str
) -> None:
    with pytest.raises(ExplainedError, match=said):
        publish(*results, **named)
    assert displayed == []


def test_of_few_patients_no_plain_number_is_told(
    displayed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    study: Any = SimpleNamespace(smallest_count=5, parts={}, estimands=())
    monkeypatch.setattr(notebook, "_BEGUN", [study])
    monkeypatch.setattr(notebook, "_PATIENTS", [3])
    publish("age", mean=61.3, n=4)
    publish("age", n_old=4, n_none=0, n_young=5, unit="patients")
    texts = [entry["text"] for output in displayed for entry in output[MIME].values()]
    assert texts == ["not shown", "not shown", "0", "5"]
    with pytest.raises(ExplainedError, match="a value for each patient"):
        publish("age", pd.Series({"a": 1.0, "b": 2.0, "c": 3.0}))


def test_a_key_is_asked_for_before_numbers() -> None:
    with pytest.raises(PaperError, match=r'publish\("age", mean=61.3\)'):
        publish(mean=61.3)
