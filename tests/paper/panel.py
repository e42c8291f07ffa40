"""The panel in which a reader analyses the change another way, driven for tests."""

from __future__ import annotations

import json

from commands import ROOT
from playwright.sync_api import Locator, Page, expect

NUMBERS = json.loads((ROOT / "results/numbers.json").read_text("utf-8"))
STEM = "nrs.specifications."
ASK = "Try another analysis"
NO_BREAK = "\N{NO-BREAK SPACE}"
# Name in data/study.yml → how a reader chooses it: what changes, those lost, how it is summed up.
OF_MEAN, OWN = "in per cent of the mean at baseline", "each patient’s own change in per cent"
SEEN = "left out: only patients seen at both visits count"
WAYS = {
    "median_worst": (OF_MEAN, "counted as having the worst score", "pseudo-median"),
    "own_unchanged": (OWN, "counted as unchanged", "mean"),
    "own_median_seen": (OWN, SEEN, "pseudo-median"),
    "beyond_regression": (f"{OF_MEAN}, less a return to a usual mean of 4", SEEN, "mean"),
    "mean_imputed": (OF_MEAN, "estimated from those seen (multiple imputation)", "mean"),
}


def panel_of(page: Page) -> Locator:
    """Open the panel."""
    page.get_by_role("button", name=ASK).first.click()
    panel = page.get_by_role("region", name="Analysed another way")
    expect(panel.get_by_role("group")).to_be_visible()
    return panel


def choose(panel: Locator, way: str) -> None:
    change, lost, summary = WAYS[way]
    panel.get_by_label("Patients lost are").select_option(lost)
    panel.get_by_label("Summed up by its").select_option(summary)
    panel.get_by_label("The change is").select_option(change)


def text_of(key: str) -> str:
    return str(NUMBERS[key]["text"]).replace(" ", NO_BREAK)
