"""What a notebook cell records of a number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from paper import record
from paper.notebooks.publish import MIME


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what cells display, as they do."""
    outputs: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: outputs.append(data))
    return outputs


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
    record("pain", {"mean": number(value)})
    assert displayed[0][MIME]["pain.mean"]["value"] == kept


def test_a_count_stays_whole(displayed: list[dict[str, Any]]) -> None:
    record("cohort", {"n_enrolled": number(1_234_567_890_123)})
    assert repr(displayed[0][MIME]["cohort.n_enrolled"]["value"]) == "1234567890123"
