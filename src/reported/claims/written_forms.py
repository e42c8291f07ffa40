"""The forms in which abstracts write numbers, scales and visits, as patterns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template

from declared import read_yaml
from reported.claims.printed import MINUS

Match = re.Match[str]
# What stands just before a number, and just after, if it tells a visit.
Beside = tuple[Match | None, Match | None]
DAYS = {"d": "day", "j": "day", "w": "week", "s": "week", "m": "month"}
# What the two numbers in brackets after a score are, by the name of their form.
PAIRS = {
    "interval": ("lower", "upper"),
    "quartiles": ("lower_quartile", "upper_quartile"),
    "extremes": ("minimum", "maximum"),
}
FORMS = Path(__file__).parent / "written_forms.yml"


@cache
def written_forms() -> dict[str, str]:
    """Return the patterns of `written_forms.yml` by their names, each with those it is made of."""
    forms = {"minus": MINUS}
    for way, pattern in read_yaml(FORMS).each("*"):
        forms[str(way[0])] = Template(pattern).substitute(forms)
    return forms


def has(form: str, text: str) -> bool:
    """Whether a form of `written_forms.yml` is in a text."""
    return re.search(written_forms()[form], text, re.IGNORECASE) is not None


def has_arms(form: str, text: str) -> bool:
    """Whether a form that tells of arms is in a text, apart from what is said in passing."""
    return has(form, re.sub(written_forms()["in_passing"], " ", text, flags=re.IGNORECASE))


def place_of(text: str) -> str:
    """Return the beginning of a sentence, as where a claim was read."""
    return " ".join(text.split())[:80]


def plain(alias: str) -> str:
    """Return the name of a scale whatever its spaces, hyphens and capitals."""
    return re.sub(r"[\s-]+", " ", alias).casefold()


def beside_of(found: Sequence[Match], index: int) -> Beside:
    """Return the words for a visit just before and just after, with no other number between."""
    passed = [m for m in found[:index] if not (m["scale"] or m["unknown"] or m["arm"])]
    ahead = [m for m in found[index + 1 :] if not (m["scale"] or m["unknown"] or m["arm"])]
    sides = (passed[-1] if passed else None, ahead[0] if ahead else None)
    first, last = (m if m and (m["before"] or m["later"]) else None for m in sides)
    return first, last


def time_of(said: Match) -> str:
    """Return the visit that words for it tell, such as day_30; empty if they tell no time."""
    number, unit = said["time"] or said["many"], said["unit"] or said["length"]
    return f"{DAYS[unit[0].lower()]}_{number}" if number else ""


def is_no_result(text: str, match: Match) -> bool:
    """Whether a percentage is a threshold, or the level of an interval."""
    before, after = text[: match.start()], text[match.end() :]
    alone = match["percentage"]
    return bool(alone) and (has("threshold", before) or has("of_threshold", after))


def starts_pair(text: str, match: Match) -> bool:
    """Whether a count with its percentage is the first of "from 12 (30%) to 25 (63%)"."""
    return has("starts_pair", text[: match.start()]) and has("pair_goes_on", text[match.end() :])


def sign_of(number: str, before: str, *, better_falls: bool) -> str | None:
    """Return the sign that the words before a number without one give it; None without any."""
    ways = list(re.finditer(written_forms()["ways"], before, re.IGNORECASE))
    if not number[0].isdigit() or not ways:
        return None if number[0].isdigit() else ""
    return "-" if ways[-1]["falls"] or (ways[-1]["better"] and better_falls) else ""


def named_test(text: str, named: str) -> str:
    """Return the test of a p-value, where the words say it is no paired t-test of means."""
    if has("between", text):
        return "between_arms"
    return (
        "unknown" if has_arms("arms", text) else named or ("unknown" if has("median", text) else "")
    )


def is_no_score(text: str, match: Match) -> bool:
    """Whether a number is counted, has a unit of its own, or is a ratio or a limit."""
    before, after = text[: match.start()], text[match.end() :]
    counts = bool(match["plain"]) and has("counted_things", after)
    return counts or has("units", after) or has("of_another_kind", before)
