"""Claims proposed from the text of an abstract, English or French, with the words they are from.

Only what is written in a usual form beside the name of a known scale is read. Whatever else has a
digit is shown as not read; nothing is dropped.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Template

from declared import read_yaml
from reported.claims.errors import ReportedError
from reported.claims.printed import MINUS, parse
from reported.claims.short_study import known_scales

Match = re.Match[str]
# What stands just before a number, and just after, if it tells a visit.
Beside = tuple[Match | None, Match | None]
FORMS = Path(__file__).parent / "written_forms.yml"
DAYS = {"d": "day", "j": "day", "w": "week", "s": "week", "m": "month"}


@dataclass
class Proposal:
    """Claims that a text seems to make.

    Attributes ---------- scales, ratings The usual scales that are named, by the first part of
    their keys; categories that are counted. claims Fields of each claim, in the order of the
    text. visits Those after baseline that have a time; the first is the follow-up. unread
    Pieces of text with numbers that were not read.
    """

    scales: dict[str, str | dict[str, list[float]]] = field(default_factory=dict)
    ratings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    claims: list[dict[str, str | int]] = field(default_factory=list)
    visits: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def claim(self, key: str, printed: str, place: str, **more: str | int) -> bool:
        """Add a claim unless its key is taken; tell whether it was added."""
        taken = any(each["key"] == key for each in self.claims)
        if not taken:
            self.claims.append({"key": key, "printed": printed.strip(), "place": place, **more})
        return not taken

    def files(self, citation: str) -> tuple[str, str]:
        """Return the text of a short `study.yml` and of a `published.yml`.

        Raises
        ------
        ReportedError
            If the text prints no number of patients, without which nothing can be audited.
        """
        printed = {claim["key"]: claim["printed"] for claim in self.claims}
        if "cohort.n_enrolled" not in printed:
            raise ReportedError("no number of patients was found: write '40 patients' in the text")
        study = {"scales": self.scales, "ratings": self.ratings}
        reading = {
            "n_enrolled": int(printed["cohort.n_enrolled"]),
            "visits": [name for name in self.visits.values() if name != "follow_up"],
            "ties": {"default": "up"},
        }
        head = {"source": {"citation": citation, "part": "abstract"}, "reading": reading}
        lines = [f"{key}: {_flow(value)}" for key, value in head.items()]
        lines += ["claims:", *(f"  - {_flow(claim)}" for claim in self.claims)]
        whole = "".join(f"{key}: {_flow(value)}\n" for key, value in study.items() if value)
        return whole, "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_abstract(text: str) -> Proposal:
    """Return the claims that the text of an abstract, as it is pasted, seems to make."""
    proposal = Proposal()
    aliases = {alias: name for name, scale in known_scales().items() for alias in scale.names}
    forms = re.compile(
        rf"(?P<scale>(?<!\w)(?:{'|'.join(_spaced(aliases))})(?!\w))"
        rf"|(?P<other>{written_forms()['otherwise']})|{written_forms()['forms']}",
        re.VERBOSE | re.IGNORECASE,
    )
    named = {_plain(alias): name for alias, name in aliases.items()}
    scale = ""
    for sentence in re.split(r"(?<=[.;!?])\s+(?=[^\W_a-z])|\n\s*\n", text):
        scale = _Sentence(sentence, proposal, named, scale).read(list(forms.finditer(sentence)))
    return proposal


def _spaced(aliases: Iterable[str]) -> Iterator[str]:
    """Yield patterns, the longest first; what is written in capitals is no other word in small."""
    for alias in sorted(aliases, key=len, reverse=True):
        pattern = r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", alias))
        yield f"(?-i:{pattern})" if alias.isupper() else pattern


@cache
def written_forms() -> dict[str, str]:
    """Return the patterns of `written_forms.yml` by their names, each with those it is made of."""
    forms = {"minus": MINUS}
    for way, pattern in read_yaml(FORMS).each("*"):
        forms[str(way[0])] = Template(pattern).substitute(forms)
    return forms


def _has(form: str, text: str) -> bool:
    return re.search(written_forms()[form], text, re.IGNORECASE) is not None


def _plain(alias: str) -> str:
    return re.sub(r"[\s-]+", " ", alias).casefold()


class _Sentence:
    """A sentence, and of which scale it speaks."""

    def __init__(self, text: str, proposal: Proposal, named: dict[str, str], scale: str) -> None:
        self.text, self.proposal, self.named, self.scale = text, proposal, named, scale
        self.place = " ".join(text.split())[:80]
        # The scale is named here; the visit of the last score; whether visits stand before scores.
        self.own, self.visit, self.first = False, "", False

    def read(self, found: Sequence[Match]) -> str:
        """Add what is read, show what is not, and return the scale spoken of at the end."""
        unread, times = [], []
        scored = [bool(match["mean"] or match["average"] or match["plain"]) for match in found]
        visits = [bool(match["before"] or match["later"]) for match in found]
        self.first = True in visits and visits.index(True) < [*scored, True].index(True)
        for index, match in enumerate(found):
            if match["scale"]:
                self.own, self.scale = True, self._key(self.named[_plain(match["scale"])])
            elif match["other"]:
                self.scale = ""
            elif visits[index]:
                times += [match[0]] * any(map(str.isdigit, match[0]))
            elif not self._read(match, _beside(found, index)):
                unread.append(match[0].strip())
        unread += [] if self.visit else times
        if unread:
            self.proposal.unread.append(f"{', '.join(unread)} in: {self.text.strip()}")
        return self.scale

    def _key(self, name: str) -> str:
        key = re.sub(r"\W+", "_", name).lower()
        self.proposal.scales.setdefault(key, name)
        return key

    def _range(self) -> tuple[float, float]:
        scale = self.proposal.scales[self.scale]
        low, high = known_scales()[scale].range if isinstance(scale, str) else scale["range"]
        return low, high

    def _read(self, match: Match, beside: Beside) -> bool:
        part = match.groupdict()
        if part["n"] or part["people"]:
            return self._patients(part, match)
        if part["count"] or (part["percentage"] and self._of_patients(match)):
            return self._share(part, match)
        if not self.scale:
            return False
        if part["greatest"]:
            if self.own and self._range() != (0, greatest := float(part["greatest"])):
                self.proposal.scales[self.scale] = {"range": [0, greatest]}
            return self.own
        if part["p"] or part["statistic"] or part["percentage"]:
            return bool(self.own or self.visit) and self._changed(part, match)
        return not part["lower"] and self._scored(part, match, beside)

    def _changed(self, part: dict[str, str], match: Match) -> bool:
        named = f".{self.visit}" if self.visit not in {"", "baseline", "follow_up"} else ""
        change = f"{self.scale}{named}.change"
        more: dict[str, str | int] = {}
        if part["p"]:
            kind, printed = "p", part["p"]
            more = {"test": "between_arms"} if _has("between", self.text) else {}
        elif part["statistic"]:
            kind, printed = part["statistic"].lower(), part["value"]
            if kind == "t" and (part["freedom"] or "").isdigit():
                more = {"n": int(part["freedom"]) + 1}
        else:
            kind, printed = "percentage", part["percentage"]
            more = self._signed(printed, match)
        return self.proposal.claim(f"{change}.{kind}", printed, self.place, **more)

    def _scored(self, part: dict[str, str], match: Match, beside: Beside) -> bool:
        mean = part["mean"] or part["average"] or part["plain"]
        spread = part["spread"] or part["deviation"]
        low, high = self._range()
        alone = spread is None and not self.own
        if alone or _has("units", self.text[match.end() :]):
            return False
        if not low <= parse(mean).value <= high or not (visit := self._at(match, beside)):
            return False
        self.visit = visit
        kind = "standard_error" if _has("error", self.text) else "standard_deviation"
        name, add = f"{self.scale}.{visit}", self.proposal.claim
        read = add(f"{name}.mean", mean, self.place)
        return read and (spread is None or add(f"{name}.{kind}", spread, self.place))

    def _at(self, match: Match, beside: Beside) -> str:
        """Return the visit by the words beside a score, or else the next that the scale lacks."""
        taken = {each["key"] for each in self.proposal.claims}
        lacks = [v for v in ("baseline", "follow_up") if f"{self.scale}.{v}.mean" not in taken]
        if "baseline" in lacks and re.search(r"\b(?:from|de)\s*$", self.text[: match.start()]):
            return "baseline"
        said = beside[0 if self.first else 1]
        if said is None:
            return lacks[0] if lacks else ""
        if said["before"]:
            return "baseline"
        number, unit = said["time"] or said["span"], said["unit"] or said["of"]
        if number is None:
            return "follow_up"
        time = f"{DAYS[unit[0].lower()]}_{number}"
        name = time if self.proposal.visits else "follow_up"
        return self.proposal.visits.setdefault(time, name)

    def _patients(self, part: dict[str, str], match: Match) -> bool:
        number, who = part["n"] or part["people"], part["who"] or ""
        if _has("of_one_sex", who):
            return self.proposal.claim(f"{self._sex(who)}.count", number, self.place)
        near = self.text[max(0, match.start() - 30) : match.end() + 30]
        enrolled = any(each["key"] == "cohort.n_enrolled" for each in self.proposal.claims)
        key = "n_follow_up" if enrolled and _has("followed", near) else "n_enrolled"
        return self.proposal.claim(f"cohort.{key}", number, self.place)

    def _sex(self, who: str) -> str:
        self.proposal.ratings["sex"] = ("men", "women")
        return "sex.baseline." + ("women" if _has("a_woman", who) else "men")

    def _of_patients(self, match: Match) -> bool:
        alone = not (self.own or self.visit or _has("falls", self.text))
        return alone or _has("of_patients", self.text[match.end() :])

    def _share(self, part: dict[str, str], match: Match) -> bool:
        after = self.text[match.end() :]
        if _has("of_one_sex", after):
            group = self._sex(after)
        else:
            name = f"share_{len(self.proposal.ratings.keys() - {'sex'}) + 1}"
            self.proposal.ratings[name], group = ("yes", "no"), f"{name}.yes"
        of = {"n": int(part["n_of"])} if part["n_of"] else {}
        printed = {"count": part["count"], "proportion": part["share"] or part["percentage"]}
        return all(
            self.proposal.claim(f"{group}.{kind}", text, self.place, **of)
            for kind, text in printed.items()
            if text
        )

    def _signed(self, percentage: str, match: Match) -> dict[str, str | int]:
        """Return how a percentage without a sign reads after words that say it fell."""
        ways = list(re.finditer(written_forms()["ways"], self.text[: match.start()], re.IGNORECASE))
        if not percentage[0].isdigit() or not ways:
            return {}
        scale = self.proposal.scales[self.scale]
        falls = isinstance(scale, dict) or known_scales()[scale].better == "lower"
        down = ways[-1]["falls"] or (ways[-1]["better"] and falls)
        return {"reads": f"-{percentage}"} if down else {}


def _beside(found: Sequence[Match], index: int) -> Beside:
    """Return the words for a visit just before and just after, with no other number between."""
    sides = (
        next((m for m in reversed(found[:index]) if not m["scale"]), None),
        next((m for m in found[index + 1 :] if not m["scale"]), None),
    )
    first, last = (m if m and (m["before"] or m["later"]) else None for m in sides)
    return first, last
