"""Made-up records of patients, like the reconstruction and of nobody, for tests that need some."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from beforeafter import Study, read_study

ROOT = Path(__file__).parents[2]
SEED = 7


def made_up(n: int, study: Study | None = None) -> list[dict[str, str]]:
    """Return rows of patients who improve on every scale, a tenth of them lost."""
    study = study or read_study(ROOT / "data/study.yml")
    rng = np.random.default_rng(SEED)
    severity, lost = rng.normal(size=n), rng.random(n) < 0.1
    rows = [{"patient": f"P{row}"} for row in range(1, n + 1)]
    for outcome in study.outcomes:
        width = outcome.maximum - outcome.minimum
        middle = 0.7 if outcome.better == "lower" else 0.33
        before = middle - outcome.benefit * 0.06 * severity + rng.normal(0, 0.1, n)
        after = before + outcome.benefit * rng.normal(0.16, 0.18, n)
        for column, values in zip(outcome.columns.pair, (before, after), strict=True):
            steps = np.rint(width * values.clip(0, 1) / outcome.step)
            _fill(rows, column, [f"{outcome.minimum + s * outcome.step:.10g}" for s in steps],
                  lost & (column == outcome.columns.follow_up))  # fmt: skip
    for rating in study.ratings:
        codes = rng.integers(1, len(rating.categories) + 1, n)
        _fill(rows, rating.column, [str(code) for code in codes], lost)
    for duration in study.durations:
        time = rng.integers(0, int(duration.horizon) + 1, n)
        _fill(rows, duration.columns.time, [str(t) for t in time], lost)
        event = ["true" if t < duration.horizon else "false" for t in time]
        _fill(rows, duration.columns.event, event, lost)
    return rows


def _fill(rows: list[dict[str, str]], column: str, values: list[str], gone: np.ndarray) -> None:
    for row, value, missing in zip(rows, values, gone, strict=True):
        row[column] = "" if missing else value


def write_people(file: Path, rows: list[dict[str, str]]) -> Path:
    """Write rows of patients as CSV."""
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return file
