"""What words in tables mean, in French and English; all are asked for as `plain_words` has them."""

import re
from pathlib import Path

from beforeafter.study import plain_words
from declared import read_yaml

_KNOWN = read_yaml(Path(__file__).with_name("words.yml")).content
LIKE_MISSING = frozenset(_KNOWN["like_missing"])
NOT_SEEN = frozenset(_KNOWN["not_seen"])
SHORT_SUMMARY = frozenset(_KNOWN["short_summary"])
_OF = {name: rf"\b({'|'.join(words)})\b" for name, words in _KNOWN["whole"].items()}
_FOUND = {name: re.compile(words) for name, words in _OF.items()}
_FOUND |= {name: re.compile("|".join(parts)) for name, parts in _KNOWN["parts"].items()}
NOT_MEASURED, SUMMARY = _FOUND["not_measured"], _FOUND["summary"]
OF_REMARKS, BAD = _FOUND["of_remarks"], _FOUND["bad"]
GOOD = {"lower": re.compile(f"{_OF['nothing']}|{_OF['good']}"), "higher": _FOUND["good"]}
NO_CHANGE = 4
# "Not seen" says seen too: what denies comes first.
TRUTHS = {False: "not_seen", True: "seen"}


def change_of(text: str) -> int | None:
    """Return which of seven degrees of change a text says, 1 the best; None where it says none."""
    plain = plain_words(text)
    said = {name for name, words in _FOUND.items() if words.search(plain)}
    if "unchanged" in said:
        return NO_CHANGE
    if ("worse" in said) == ("improved" in said):
        return None
    degree = 1 if "much" in said else 3 if "little" in said else 2
    return 2 * NO_CHANGE - degree if "worse" in said else degree


def truth_of(text: str) -> bool | None:
    """Return whether a text says that an event was seen; None where it says neither."""
    plain = plain_words(text)
    said = [truth for truth, name in TRUTHS.items() if _FOUND[name].search(plain)]
    return said[0] if said else None
