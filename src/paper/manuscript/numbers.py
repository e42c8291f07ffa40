"""Compare what a sentence says of a number with what the number is.

Its scale, its unit, the ends of an interval, and what the words beside it call it: "SD 5.59" is no
mean. `words.yml` lists such words, and for each the keys of numbers that are something else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from paper.errors import PaperError
from paper.manuscript.conditions import NUMBER
from paper.manuscript.printed_text import Passage
from paper.manuscript.prose import prose_without, put_back
from paper.manuscript.scales import ENGLISH, WORDS_THAT, Scales, clauses, scales_at
from paper.notebooks.notebook_file import cell_of
from paper.storage.allowed import Allowed
from paper.storage.settings import SETTINGS, WORDS

Numbers = Mapping[str, Mapping[str, Any]]
# Ends of intervals, as their keys name them, in the order in which they are printed.
ENDS = (("lower", "upper"), ("least", "greatest"), ("lowest", "highest"), ("low", "high"))
END = re.compile(rf"(?<=[._])(?:{'|'.join(end for ends in ENDS for end in ends)})$")
# What the patterns of `words.yml` have in short.
LEADS_AWAY = "and|or|to|with|but|than|from|whose|who|which|that"
VISITS = "baseline|follow-up|before|after|day"
SHORT = {
    "NUMBER": NUMBER.pattern,
    "OTHER": r"\{\{<[^{}]*>\}\}",
    "WORDS": rf"(?: (?!(?:{LEADS_AWAY})\b)[\w’'-]+){{0,6}}",
    "THERE": rf"(?: (?!(?:{LEADS_AWAY}|{VISITS})\b)[\w’'-]+){{0,5}}",
    " ": r"(?:(?:[ \t*\[\]]|\n(?!\s*\n))+)",
}
PER_CENT = re.compile(r"proportion|per\s?cent")
UNITS = "hour|day|week|month|year|point"
UNIT = re.compile(rf"{NUMBER.pattern}[\s-]*(?P<unit>%|per\s?cent\b|(?:{UNITS})s?\b)")
HOW_TO_NAME = "Print a number of the scale that is named, or name the scale of the number."
HOW_TO_ALLOW = f"Or list the words beside it, with a reason, in {SETTINGS}, {WORDS}, allowed."


@cache
def _names() -> list[tuple[dict[str, Any], re.Pattern[str]]]:
    """Return what words may call the number beside them, each with a pattern of such words."""
    in_short = re.compile("|".join(SHORT))
    return [
        (name, re.compile(in_short.sub(lambda found: SHORT[found[0]], words), re.IGNORECASE))
        for name in ENGLISH["names of numbers"]
        for words in name["words"]
    ]


def check_numbers(
    passages: Sequence[Passage], scales: Scales, numbers: Numbers, allowed: Sequence[Allowed]
) -> Iterator[PaperError]:
    """Yield an error for each number that is not what its sentence says of it.

    `numbers`: key → recorded number. `allowed`: words that are not taken to say anything of one.
    """
    for passage, prose in prose_without(passages, allowed)[0]:
        text = scales.of_results(prose)
        for sentence in passage.sentences:
            yield from _of_others(passage, sentence, text, scales)
            yield from _of_intervals(passage, sentence)
        ends = (number.span() for number in NUMBER.finditer(passage.text))
        yield from _misnamed(passage, put_back(text, passage.text, ends), numbers)
    yield from _upside_down(numbers)


def _of_others(
    passage: Passage, ends: tuple[int, int], text: str, scales: Scales
) -> Iterator[PaperError]:
    found = [(one, scales.of_key(one["key"])) for one in NUMBER.finditer(passage.text, *ends)]
    told = [(number, name) for number, name in found if name]
    among, in_turn = clauses(text, *ends, scales), scales.in_turn(text[slice(*ends)])
    is_in_turn = WORDS_THAT["goes through in turn"].search(text, *ends)
    for place, (number, name) in enumerate(told):
        named = scales_at(number.start(), among, text, scales)
        opening = passage.text.rfind("(", ends[0], number.start())
        if named and is_in_turn:
            each, rest = divmod(len(told), len(in_turn))
            named = frozenset().union(*in_turn) if rest else in_turn[place // each]
        elif not named and opening > passage.text.rfind(")", ends[0], number.start()):
            named = frozenset([other for one, other in told if one.end() <= opening][-1:])
        if named and name not in named:
            said = " or ".join(sorted(map(scales.label, named)))
            what = f"{number['key']} is a number of {scales.label(name)}, in a sentence on {said}"
            yield _error(passage, number, what, HOW_TO_NAME)


def _of_intervals(passage: Passage, ends: tuple[int, int]) -> Iterator[PaperError]:
    for first, second in pairwise(NUMBER.finditer(passage.text, *ends)):
        between = passage.text[first.end() : second.start()]
        one, other = END.sub("", first["key"]), END.sub("", second["key"])
        kinds = first["key"].removeprefix(one), second["key"].removeprefix(other)
        where = passage.place(first.start())
        if one == other and kinds[::-1] in ENDS and not WORDS_THAT["names an end"].search(between):
            what = f"ends swapped: {first['key']} stands before {second['key']}"
            yield PaperError(where, f"the interval has its {what}", "Print the lower end first.")
        elif one != other and kinds in ENDS and WORDS_THAT["joins two ends"].fullmatch(between):
            what = f"the interval from {first['key']} to {second['key']} is of two results"
            yield PaperError(where, what, f"Print {one}{kinds[1]}.")


def _misnamed(passage: Passage, text: str, numbers: Numbers) -> Iterator[PaperError]:
    for name, words in _names():
        for found in words.finditer(text):
            key = found["key"]
            right = key.replace(*name.get("instead", ("", "")))
            is_known = right in numbers and right != key
            if (
                key in numbers
                and re.search(name["wrong"], key)
                and (is_known or "instead" not in name)
            ):
                what = f"{key} ({numbers[key]['label']}) is called {name['called']}"
                hint = f"Print {right if is_known else 'the number that is meant'}"
                yield _error(passage, found, what, f"{hint}, or change the words beside it.")
    for found in UNIT.finditer(text):
        own, said = str(numbers.get(found["key"], {}).get("unit")), found["unit"]
        own, said = (PER_CENT.sub("%", unit.rstrip("s")) for unit in (own, said))
        if own == said == "%":
            what = f"{found['key']} is printed with its own %"
            yield _error(passage, found, what, "Leave out the one beside it.")
        elif own != said and re.fullmatch(f"%|{UNITS}", own):
            what = f"{found['key']} is in {own}, and called {said}"
            yield _error(passage, found, what, "Leave out the unit, or print another number.")


def _error(passage: Passage, number: re.Match[str], what: str, hint: str) -> PaperError:
    start = passage.text.rindex("{{<", 0, number.start("key"))
    what = f"{what}: {passage.sentence(start)}"
    return PaperError(passage.place(start), what, f"{hint} {HOW_TO_ALLOW}")


def _upside_down(numbers: Numbers) -> Iterator[PaperError]:
    for key, entry in numbers.items():
        lower = re.sub(r"(?:^|(?<=[._]))upper$", "lower", key)
        low, high = numbers.get(lower, entry)["value"], entry["value"]
        if None not in {low, high} and low > high:
            what = f"{lower} is {low:g}, above {key}, {high:g}"
            yield PaperError(cell_of(entry), what, "An interval has its lower end first.")
