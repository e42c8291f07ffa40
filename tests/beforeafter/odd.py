"""Studies of one scale, as many as there are ways to keep a table."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import good
import yaml

from beforeafter.study import Study, read_study

PGIC = [
    *("Very much improved", "Much improved", "Minimally improved", "No change"),
    *("Minimally worse", "Much worse", "Very much worse"),
]


def wide(
    before: str = "nrs_0",
    after: str = "nrs_30",
    *,
    records: dict[str, Any] | None = None,
    pgic: bool = False,
    others: list[dict[str, Any]] | None = None,
    **scale: Any,
) -> dict[str, Any]:
    """A study of one outcome, 0 to 10 in steps of 1 unless said otherwise."""
    definition = {**yaml.safe_load(good.STUDY), "ratings": [], "durations": []}
    outcome = definition["outcomes"][0] | {
        "name": "nrs",
        "columns": {"baseline": before, "follow_up": after},
        "step": 1,
        **scale,
    }
    rating = {
        "name": "pgic",
        "label": "Change",
        "abbreviation": "C",
        "column": "pgic",
        "groups": {},
    }
    if pgic:
        definition["ratings"] = [rating | {"categories": PGIC, "decimals": {"default": 1}}]
    definition |= {"outcomes": [outcome], "characteristics": others or []}
    return deepcopy(definition | {"records": records or {}})


def three(compare: list[str], **more: Any) -> dict[str, Any]:
    """The same at three visits."""
    columns = {"day 0": "EN J0", "day 7": "EN J7", "day 30": "EN J30"}
    definition = wide(**more)
    definition["outcomes"][0]["columns"] = columns
    return definition | {"compare": compare}


def study(definition: dict[str, Any]) -> Study:
    """The study, as it is read from a file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "study.yml"
        file.write_text(
            yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        return read_study(file)
