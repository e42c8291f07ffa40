"""The arms that an abstract names with how many patients each had, and of which a number is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize

from reported.claims.written_forms import has, plain, written_forms


class Arm(NamedTuple):
    """An arm as it is called, and how many patients it had."""

    name: str
    n: int


def arms_of(text: str, scales: Collection[str]) -> dict[str, Arm]:
    """Return the arms of a text that are told with their patients; none where it is only one.

    An arm that is told twice with other numbers has the greater.
    """
    arms: dict[str, Arm] = {}
    for sentence in re.split(written_forms()["sentences"], text):
        for name, n in _told(sentence) if has("divided", sentence) else ():
            plainly = normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
            key = re.sub(r"\W+", "_", plainly).strip("_")
            key = key if re.match(r"[a-z].{2}", key) else f"group_{key}"
            if plain(name) not in scales and n > max(1, arms.get(key, Arm("", 0)).n):
                arms[key] = Arm(name, n)
    return arms if len(arms) > 1 else {}


def _told(sentence: str) -> Iterator[tuple[str, int]]:
    """Yield names with numbers: "drug (n = 20)", "20 patients in group A"; none is of people."""
    for form in ("arm_n", "n_arm"):
        for told in re.finditer(written_forms()[form], sentence, re.IGNORECASE):
            if name := _name(told["name"].split()):
                yield name, int(told["n"])


def _name(words: list[str]) -> str:
    """Return the last words that are a name, without "group" and people; empty if none are."""
    while words and has("beside_name", words[-1]):
        words = words[:-1]
    stops = [place for place, word in enumerate(words, start=1) if has("no_name", word)]
    name = " ".join(words[max(stops, default=0) :])
    return "" if has("no_arm", name) else name


def pattern_of(arms: Mapping[str, Arm]) -> str:
    """Return the pattern of a mention; a word that may be no name has "group" beside it."""
    group = written_forms()["group"]
    longest = sorted(arms.values(), key=lambda arm: -len(arm.name))
    names = [_spaced(arm.name) for arm in longest]
    sure = [_spaced(a.name) for a in longest if len(a.name) > 3 and not has("common", a.name)]  # noqa: PLR2004
    either, bare = "|".join(names) or "(?!)", "|".join(sure) or "(?!)"
    return (
        rf"(?<!\w){group}\W+(?:{either})(?!\w)|(?<!\w)(?:{either})\W+{group}(?!\w)"
        rf"|{written_forms()['to_arm']}(?:{bare})(?!\w)"
    )


def _spaced(name: str) -> str:
    return r"[\W_]+".join(re.escape(word) for word in re.split(r"[\W_]+", name))


def arm_in(text: str, arms: Mapping[str, Arm]) -> str:
    """Return which arm a text mentions."""
    longest = sorted(arms, key=lambda key: len(arms[key].name), reverse=True)
    return next(
        key
        for key in longest
        if re.search(rf"(?<!\w){_spaced(arms[key].name)}(?!\w)", text, re.IGNORECASE)
    )


def arm_at(place: int, mentions: Sequence[tuple[int, str]], scores: Sequence[int]) -> str | None:
    """Return the arm of a number: the one before it or, where scores lead the sentence, after it.

    None where the words leave it open: arms stand both before and behind the scores.
    """
    if len({arm for _, arm in mentions}) == 1:
        return mentions[0][1]
    first, last = mentions[0][0], mentions[-1][0]
    if not scores or (first < scores[0] and last > scores[-1]):
        return None
    if first < scores[0]:
        return [arm for start, arm in mentions if start < max(place, first + 1)][-1]
    return next((arm for start, arm in mentions if start > place), None)


def is_of_some(text: str, match: re.Match[str], *, several: bool) -> bool:
    """Whether a number of people is of each arm, in a list, or one of several after "n =".

    After a word for people, as in "adults (n = 40)", it is of all.
    """
    before, after = text[: match.start()], text[match.end() :]
    of_arm = several and match["n"] and not has("told_of_people", before)
    of_each = has("each_before", before) or has("each_after", after)
    return bool(of_arm) or of_each or has("in_a_list", before)
