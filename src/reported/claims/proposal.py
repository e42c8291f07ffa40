"""Claims proposed from the text of an abstract, and the files that they make."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fractions import Fraction

from reported.claims.arms import Arm, is_of_some
from reported.claims.errors import ReportedError
from reported.claims.printed import parse
from reported.claims.written_forms import Match, has, place_of

# What is printed of a duration whose end of follow-up must be known.
LASTED = ("relief.whole.mean", "relief.restricted.mean", "relief.restricted.standard_deviation")


@dataclass
class Proposal:
    """Claims that a text seems to make.

    `scales`, `ratings` and `durations` are named by the first part of their keys; the first of
    `visits` is the follow-up; `test` is one the text names, if no paired t-test. Of the pieces with
    numbers that are no claims, `context` are doses and times, and `unread` the others.
    """

    scales: dict[str, str | dict[str, list[float]]] = field(default_factory=dict)
    ratings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    durations: dict[str, dict[str, str | float]] = field(default_factory=dict)
    claims: list[dict[str, str | int]] = field(default_factory=list)
    visits: dict[str, str] = field(default_factory=dict)
    arms: dict[str, Arm] = field(default_factory=dict)
    test: str = ""
    # Whether there were several arms, several numbers after "n =", and shares by McNemar's test.
    divided: bool = False
    several_n: bool = False
    mcnemar: bool = False
    # Whether all were followed up; what spreads are, "error" or "open"; what pairs beside medians.
    all_followed: bool = False
    spread: str = ""
    pair: str = ""
    # Shares that may be percentages of something else, keys and numbers of people that may be of
    # an arm.
    guessed: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    of_some: set[int] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)

    def claim(self, key: str, printed: str, place: str, **more: str | int) -> bool:
        """Add a claim unless its key is taken in its arm; tell whether it was added."""
        taken = key in self.taken(more.get("arm"))
        if not taken:
            self.claims.append({"key": key, "printed": printed.strip(), "place": place, **more})
        return not taken

    def taken(self, arm: str | int | None) -> set[str | int]:
        """Return the keys of the claims in an arm, or of all patients."""
        return {each["key"] for each in self.claims if each.get("arm") == arm}

    def new_share(self) -> str:
        """Return the name of a further rating."""
        name = f"share_{len(self.ratings.keys() - {'sex'}) + 1}"
        self.ratings[name] = ("yes", "no")
        return name

    @property
    def in_arms(self) -> set[str]:
        """The scales of which some arm has a claim."""
        return {str(each["key"]).partition(".")[0] for each in self.claims if "arm" in each}

    def enrol(self, number: str, place: str) -> None:
        """Take the greatest number of patients that is told as that of all."""
        known = self.number("n_enrolled") or 0
        if int(number) > known:
            key = "cohort.n_enrolled"
            claim: dict[str, str | int] = {"key": key, "printed": number, "place": place}
            held = (at for at, each in enumerate(self.claims) if each["key"] == key)
            at = next(held, len(self.claims))
            self.claims[at : at + 1] = [claim]

    def sex(self, who: str) -> str:
        """Return the first parts of the keys of men or women, by a word for them."""
        self.ratings["sex"] = ("men", "women")
        return "sex.baseline." + ("women" if has("a_woman", who) else "men")

    def people(self, match: Match, text: str, told: list[int], *, named: bool) -> bool:
        """Add a number of people unless words say it is of some; tell whether it was added.

        `told` are those before it in its sentence with what an arm does; `named` whether that
        names arms.
        """
        place = place_of(text)
        number, who = (match["n"] or match["people"]).replace(",", ""), match["who"] or ""
        if has("of_one_sex", who):
            # A second number of the same sex is of another arm, and so may be the first.
            added = self.claim(key := f"{self.sex(who)}.count", number, place)
            self.doubted |= set() if added else {key}
            return added
        near = text[max(0, match.start() - 30) : match.end() + 30]
        known = self.number("n_enrolled") or 0
        if int(number) <= known and has("out_of", text[: match.start()]):
            return int(number) == known
        if is_of_some(text, match, several=self.several_n):
            self.of_some.add(int(number))
            return False
        if has("not_taken", near) or named or (match["n"] and self.arms):
            return False
        if known and has("followed", near):
            return self.claim("cohort.n_follow_up", number, place)
        if has("what_arms_do", text[match.end() :]):
            # Of two about as many, who receive this and that, each may be but an arm.
            alike = any(2 * each < 3 * int(number) for each in told)
            told.append(int(number))
            self.of_some |= {*told} if alike else set()
        self.enrol(number, place)
        return int(number) >= known

    def number(self, key: str) -> int | None:
        """Return a number of patients that was read."""
        found = (claim["printed"] for claim in self.claims if claim["key"] == f"cohort.{key}")
        return next(map(int, found), None)

    def scale(self, name: str) -> str:
        """Return the first part of the keys of a scale."""
        key = re.sub(r"\W+", "_", name).lower()
        self.scales.setdefault(key, name)
        return key

    def way(self, scale: str, visit: str, arm: str | None) -> str | None:
        """Return the sign of the change between two means that were read; None without them."""
        ends = f"{scale}.baseline.mean", f"{scale}.{visit or 'follow_up'}.mean"
        read = {c["key"]: str(c["printed"]) for c in self.claims if c.get("arm", "") == arm}
        before, after = (parse(read[key]).value if key in read else 0 for key in ends)
        differ = before != after and read.keys() >= {*ends}
        return ("-" if after < before else "") if differ else None

    def settled(self) -> Proposal:
        """Return the proposal without what may be of any of several visits, or of any time."""
        of_sex = [c for c in self.claims if str(c["key"]).endswith("men.count")]
        if (
            len(of_sex) == 1
            and not self.doubted
            and int(of_sex[0]["printed"]) >= (self.number("n_enrolled") or 0)
        ):
            # Where only men or only women are told, and more than patients, all are.
            self.claims.remove(of_sex[0])
            self.enrol(str(of_sex[0]["printed"]), str(of_sex[0]["place"]))
        sizes = [arm.n for arm in self.arms.values()]
        if (self.number("n_enrolled") or 0) <= max(sizes, default=0):
            told = " + ".join(f"{arm.n} {arm.name}" for arm in self.arms.values())
            self.enrol(str(sum(sizes)), told)
        enrolled = self.number("n_enrolled") or 0
        if self.all_followed and enrolled and not self.number("n_follow_up"):
            self.claim("cohort.n_follow_up", str(enrolled), "all")
        # As many as are in an arm, or fewer, are not all, unless the arms tell how many those are.
        few = not sizes and any(enrolled <= each for each in self.of_some)
        horizon = float(self.durations.get("relief", {}).get("horizon", 0))
        for claim in list(self.claims):
            key, printed = str(claim["key"]), str(claim["printed"])
            why = ""
            if key == "cohort.n_follow_up" and len(self.visits) > 1:
                why = "at which visit?"
            said = has("in_all", str(claim["place"]))
            if key in self.doubted or (key == "cohort.n_enrolled" and few and not said):
                why = "of all or of an arm?"
            if key in self.guessed and enrolled and not _some_share(printed, enrolled):
                why = "of what?"
            if key in LASTED and not 0 < parse(printed).value <= horizon:
                why = "followed for how long?"
            if why:
                self.claims.remove(claim)
                self.of_some |= {int(printed)} if key == "cohort.n_enrolled" else set()
                self.unread.append(f"{printed}, {why} in: {claim['place']}")
        return self

    def files(self, citation: str) -> tuple[str, str]:
        """Return a short `study.yml` and `published.yml`; without patients, a ReportedError."""
        printed = {claim["key"]: claim["printed"] for claim in self.claims}
        if "cohort.n_enrolled" not in printed:
            some = " or ".join(map(str, sorted(self.of_some)))
            found = f"was left open: of all or of an arm, {some}?" if some else "was not found:"
            told = "begin the text with how many took part, as in '40 patients in all.'"
            raise ReportedError(f"the number of patients {found} {told}")
        study = {"scales": self.scales, "ratings": self.ratings, "durations": self.durations}
        if not any(study.values()):
            raise ReportedError("no score of a usual scale and no share of patients was read")
        reading = {
            "n_enrolled": int(printed["cohort.n_enrolled"]),
            "visits": [name for name in self.visits.values() if name != "follow_up"],
            "arms": {key: arm.n for key, arm in self.arms.items()},
            "ties": {"default": "up"},
        }
        head = {"source": {"citation": citation, "part": "abstract"}, "reading": reading}
        lines = [f"{key}: {_flow(value)}" for key, value in head.items()]
        lines += ["claims:", *(f"  - {_flow(claim)}" for claim in self.claims)]
        whole = "".join(f"{key}: {_flow(value)}\n" for key, value in study.items() if value)
        return whole, "\n".join(lines) + "\n"


def _some_share(printed: str, most: int) -> bool:
    """Whether it is the percentage of some number of patients up to the most."""
    share = parse(printed).interval("either")
    return any(share.scaled(Fraction(n, 100)).integers for n in range(most, 0, -1))


def _flow(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
