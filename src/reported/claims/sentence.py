"""What a sentence of an abstract seems to claim: numbers in usual forms beside a known scale."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reported.claims.arms import arm_at, arm_in
from reported.claims.printed import parse
from reported.claims.proposal import Proposal
from reported.claims.short_study import known_scales
from reported.claims.written_forms import (
    PAIRS,
    Beside,
    Match,
    beside_of,
    has,
    has_arms,
    is_no_result,
    is_no_score,
    named_test,
    place_of,
    plain,
    sign_of,
    starts_pair,
    time_of,
    written_forms,
)

Parts = dict[str, str]
Reads = dict[str, str | int]


class Sentence:
    """A sentence, and of which scale it speaks."""

    def __init__(self, text: str, proposal: Proposal, named: dict[str, str], scale: str) -> None:
        self.text, self.proposal, self.named, self.scale = text, proposal, named, scale
        self.place = place_of(text)
        # The scale is named here; the visit of the last score; whether visits stand before scores.
        self.own, self.visit, self.first = False, "", False
        # The last mean, to which an interval after it belongs; whether a duration is told.
        self.mean, self.lasting = "", False
        # The rating whose counts before and after McNemar's test compares.
        self.rated = ""
        # Numbers of people who are told with what an arm does.
        self.told: list[int] = []
        # Of which arm the number is that is read, None if it is open; where arms and scores stand.
        self.arm: str | None = ""
        self.mentions: list[tuple[int, str]] = []
        self.scores: list[int] = []

    def read(self, found: Sequence[Match]) -> str:
        """Add what is read, show what is not, and return the scale spoken of at the end."""
        unread: list[str] = []
        context: list[str] = []
        times: list[str] = []
        scored = [
            any(match[kind] for kind in ("mean", "average", "middle", "plain")) for match in found
        ]
        self.scores = [m.start() for m, is_score in zip(found, scored, strict=True) if is_score]
        arms = self.proposal.arms
        self.mentions = [(m.start(), arm_in(m[0], arms)) for m in found if m["arm"]]
        visits = [bool(match["before"] or match["later"]) for match in found]
        self.first = True in visits and visits.index(True) < [*scored, True].index(True)
        for index, match in enumerate(found):
            if match["scale"]:
                self.own, self.scale = True, self.proposal.scale(self.named[plain(match["scale"])])
            elif match["other"] or match["unknown"]:
                named_next = has("next_named", self.text[: match.start()])
                self.scale = self.scale if match["unknown"] and self.own and not named_next else ""
                lasting = has("lasting", self.text[match.start() :])
                self.lasting = lasting and not has("median", self.text)
            elif match["before"] or match["later"]:
                lasted = self.lasting and match["many"] and self._all("relief.whole", mean=match[0])
                timed = match["later"] and re.search(r"\d", match[0])
                times += [match[0].strip()] if timed and not lasted else []
            elif not (match["arm"] or self._read(match, beside_of(found, index))):
                unit = re.match(written_forms()["units"], self.text[match.end() :], re.IGNORECASE)
                (context if unit else unread).append(match[0].strip() + (unit[0] if unit else ""))
        context += [] if self.visit else times
        for texts, shown in ((unread, self.proposal.unread), (context, self.proposal.context)):
            if texts:
                shown.append(f"{', '.join(texts)} in: {' '.join(self.text.split())}")
        return self.scale

    def _range(self) -> tuple[float, float]:
        scale = self.proposal.scales[self.scale]
        low, high = known_scales()[scale].range if isinstance(scale, str) else scale["range"]
        return low, high

    def _read(self, match: Match, beside: Beside) -> bool:
        part = match.groupdict()
        if part["n"] or part["people"]:
            return self.proposal.people(match, self.text, self.told, named=bool(self.mentions))
        self.arm = self._arm(match)
        if part["count"] or (part["percentage"] and self._of_patients(match)):
            open_arm = bool(self.mentions) and self.arm is None
            of_arms = open_arm and not (part["n_of"] or part["base"])
            return not (of_arms or is_no_result(self.text, match)) and self._share(part, match)
        if part["p"] and self.rated:
            return self._claim(f"{self.rated}.yes.p", part["p"], test="mcnemar")
        if self.lasting and (mean := part["mean"] or part["average"]):
            spread = part["spread"] or part["deviation"]
            return self._all("relief.restricted", mean=mean, standard_deviation=spread)
        return bool(self.scale) and not part["span"] and self._of_scale(part, match, beside)

    def _arm(self, match: Match) -> str | None:
        """Return the arm of a number, "" if of everyone, None if the words leave it open."""
        if self.mentions:
            return arm_at(match.start(), self.mentions, self.scores)
        if not self.proposal.arms:
            return None if self.proposal.divided and not has("of_all", self.text) else ""
        of_arms = self.scale in self.proposal.in_arms or has("compared", self.text)
        return None if of_arms and not has("of_everyone", self.text) else ""

    def _claim(self, key: str, printed: str, **more: str | int) -> bool:
        """Add a claim of the arm that is spoken of."""
        more |= {"arm": self.arm} if self.arm else {}
        return self.proposal.claim(key, printed, self.place, **more)

    def _all(self, of: str, /, n: int | None = None, **printed: str) -> bool:
        """Add a claim for each number that is printed of something; tell whether all were added."""
        more = {"n": n} if n else {}
        added = [self._claim(f"{of}.{key}", text, **more) for key, text in printed.items() if text]
        return all(added)

    def _of_scale(self, part: Parts, match: Match, beside: Beside) -> bool:
        if part["greatest"]:
            span = 0.0, float(part["greatest"])
            if self.own and self._range() != span:
                self.proposal.scales[self.scale] = {"range": [*span]}
            return self.own
        if part["lower"]:
            ends = part["lower"], part["upper"]
            return bool(self.mean) and self._pair(self.mean, "interval", match[0], *ends)
        if part["p"] or part["statistic"] or part["percentage"]:
            known = self.own or self.visit
            return bool(known) and not is_no_result(self.text, match) and self._changed(part, match)
        return self._scored(part, match, beside)

    @property
    def _change(self) -> str:
        named = f".{self.visit}" if self.visit not in {"", "baseline", "follow_up"} else ""
        return f"{self.scale}{named}.change"

    def _changed(self, part: Parts, match: Match) -> bool:
        more: Reads = {}
        if part["p"]:
            of_r = has("r_before", self.text[: match.start()])
            kind, printed = "r_p" if of_r else "p", part["p"]
            test = "" if of_r else named_test(self.text, self.proposal.test)
            more = {"test": test} if test else {}
        elif part["statistic"]:
            kind, printed = part["statistic"].lower(), part["value"]
            if kind == "t" and (part["freedom"] or "").isdigit():
                more = {"n": int(part["freedom"]) + 1}
        else:
            kind, printed = "percentage", part["percentage"]
            more = self._signed(printed, match) or {}
        several = self.arm is None or len({arm for _, arm in self.mentions}) > 1
        if several and not part["p"]:
            return False
        if several:
            # Behind the scores of several arms it may compare them.
            self.arm, more["test"] = "", "between_arms" if has("between", self.text) else "unknown"
        return self._claim(f"{self._change}.{kind}", printed, **more)

    def _scored(self, part: Parts, match: Match, beside: Beside) -> bool:
        number = part["mean"] or part["average"] or part["middle"] or part["plain"]
        before, after = self.text[: match.start()], self.text[match.end() :]
        if self.arm is None or is_no_score(self.text, match):
            return False
        if has("between", before) and has("difference", before):
            # It is of two arms, and so is the interval after it.
            self.mean = ""
            return False
        another = self.mean.endswith("change") and has("and_in", before)
        pair = has("goes_on", after) and not has("by", before)
        if another or (has("difference", before) and not pair):
            more = self._signed(number, match)
            sure = self.own and more is not None and not has("needed_change", before)
            return sure and self._described(self._change, number, match, more or {})
        low, high = self._range()
        if not low <= parse(number).value <= high or not (visit := self._at(match, beside)):
            return False
        self.visit = visit
        return self._described(f"{self.scale}.{visit}", number, match, {})

    def _described(self, of: str, number: str, match: Match, more: Reads) -> bool:
        """Add a mean or median of a visit or a change, and what stands beside it."""
        part, before = match.groupdict(), self.text[: match.start()]
        median, change = has("median_next", before), of == self._change
        name = f"{of}.{'median' if median else 'mean'}"
        if (median and change) or not self._claim(name, number, **more):
            return False
        self.mean = "" if median else of
        if part["middle"]:
            pair = next((pair for pair in PAIRS if has(pair, part["of"] or before)), "")
            pair = pair or (self.proposal.pair if median else "")
            allowed = pair and (not median if pair == "interval" else not change)
            return bool(allowed) and self._pair(of, pair, match[0], part["low"], part["high"])
        told = "error" if has("error", part["kind"] or self.text) else part["kind"]
        told = told or self.proposal.spread
        kind = "standard_error" if told == "error" else "standard_deviation"
        spread = part["spread"] or part["deviation"]
        sure = not median and told != "open"
        return spread is None or (sure and self._claim(f"{of}.{kind}", spread))

    def _pair(self, of: str, name: str, text: str, low: str, high: str) -> bool:
        """Add what the two numbers beside a mean or a median are."""
        if has("other_level", text):
            return False
        claims = self.proposal.claims
        means = [c for c in claims if c["key"] == f"{of}.mean" and c.get("arm", "") == self.arm]
        fell = any("reads" in c for c in means) and low[0].isdigit()
        added = [
            self._claim(f"{of}.{end}", one, **({"reads": f"-{one}"} if fell else {}))
            for end, one in zip(PAIRS[name], (high, low) if fell else (low, high), strict=True)
        ]
        return all(added)

    def _at(self, match: Match, beside: Beside) -> str:
        """Return the visit by the words beside a score, or else the next that the scale lacks."""
        taken = self.proposal.taken(self.arm or None)
        lacks = [
            visit
            for visit in ("baseline", "follow_up")
            if not {f"{self.scale}.{visit}.{kind}" for kind in ("mean", "median")} & taken
        ]
        if "baseline" in lacks and has("from", self.text[: match.start()]):
            return "baseline"
        said, last = beside if self.first else reversed(beside)
        if self.first and last and last["before"]:
            said = said or last
        if said is None:
            sure = self.own and (
                bool(self.arm) or not (has_arms("arms", self.text) and "baseline" in lacks)
            )
            return lacks[0] if lacks and sure else ""
        if said["before"]:
            return "baseline"
        time, name = time_of(said), "follow_up"
        if time:
            name = self.proposal.visits.setdefault(time, time if self.proposal.visits else name)
        return name

    def _of_patients(self, match: Match) -> bool:
        alone = not (self.own or self.visit or has("falls", self.text))
        alone = alone and has("somebody", self.text) and not has("in_percent", self.text)
        return alone or has("of_patients", self.text[match.end() :]) or self._in_pair(match)

    def _in_pair(self, match: Match) -> bool:
        """Whether it is one of two percentages before and after that McNemar's test compares."""
        last = bool(self.rated) and has("ends_pair", self.text[: match.start()])
        named = has("mcnemar", self.text) and not (self.own or has("in_percent", self.text))
        return named and (last or starts_pair(self.text, match))

    def _share(self, part: Parts, match: Match) -> bool:
        before, after = self.text[: match.start()], self.text[match.end() :]
        who = part["whom"] or after
        share = part["share"] or part["percentage"]
        count, base = part["count"], part["n_of"] or part["base"]
        if count and not base and has("out_of", before):
            count, base = "", count
        if not base and (has("versus_before", before) or has("versus_after", after)):
            return False
        end = re.search(written_forms()["to_horizon"], self.text, re.IGNORECASE)
        if end and share and not count and has("event_free", self.text):
            self.proposal.durations["relief"] = {"horizon": int(end["end"]), "unit": end["unit"]}
            group = "relief.event_free"
        elif has("of_one_sex", who):
            group = self.proposal.sex(who)
        elif self.rated and has("ends_pair", before):
            group = f"{self.rated}.yes"
        else:
            name, sure = self.proposal.new_share(), self.proposal.mcnemar
            sure = (sure or has("mcnemar", self.text)) and self.arm is not None
            first = sure and starts_pair(self.text, match)
            self.rated = name if first else ""
            group = f"{name}.baseline.yes" if first else f"{name}.yes"
            if not (count or has("of_people", after)):
                self.proposal.guessed.add(f"{group}.proportion")
        return self._all(group, int(base) if base else None, count=count, proportion=share)

    def _signed(self, number: str, match: Match) -> Reads | None:
        """Return how a number without a sign reads after words for its way; None without any."""
        scale = self.proposal.scales[self.scale]
        falls = isinstance(scale, dict) or known_scales()[scale].better == "lower"
        sign = sign_of(number, self.text[: match.start()], better_falls=falls)
        sign = self.proposal.way(self.scale, self.visit, self.arm) if sign is None else sign
        return None if sign is None else {"reads": f"-{number}"} if sign else {}
