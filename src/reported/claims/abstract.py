"""Claims proposed from the text of an abstract, English or French, with the words they are from.

Only what is written in a usual form beside the name of a known scale is read. Whatever else has a
digit is shown as not read; nothing is dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reported.claims.errors import ReportedError
from reported.claims.sentence import Sentence, has, plain, written_forms
from reported.claims.short_study import known_scales


@dataclass
class Proposal:
    """Claims that a text seems to make.

    Attributes
    ----------
    scales, ratings
        The usual scales that are named, by the first part of their keys; categories counted.
    claims
        Fields of each claim, in the order of the text.
    visits
        Those after baseline that have a time; the first is the follow-up.
    test
        The test that the text names, if it is no paired t-test.
    unread
        Pieces of text with numbers that were not read.
    """

    scales: dict[str, str | dict[str, list[float]]] = field(default_factory=dict)
    ratings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    claims: list[dict[str, str | int]] = field(default_factory=list)
    visits: dict[str, str] = field(default_factory=dict)
    test: str = ""
    unread: list[str] = field(default_factory=list)

    def claim(self, key: str, printed: str, place: str, **more: str | int) -> bool:
        """Add a claim unless its key is taken; tell whether it was added."""
        taken = any(each["key"] == key for each in self.claims)
        if not taken:
            self.claims.append({"key": key, "printed": printed.strip(), "place": place, **more})
        return not taken

    def number(self, key: str) -> int | None:
        """Return a number of patients that was read."""
        found = (claim["printed"] for claim in self.claims if claim["key"] == f"cohort.{key}")
        return next(map(int, found), None)

    def settled(self) -> Proposal:
        """Return the proposal without a number followed up that may be of any of several visits."""
        for claim in [c for c in self.claims if c["key"] == "cohort.n_follow_up"]:
            if len(self.visits) > 1:
                self.claims.remove(claim)
                self.unread.append(f"{claim['printed']}, at which visit? in: {claim['place']}")
        return self

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
        rf"|(?P<other>{written_forms()['otherwise']})|{written_forms()['forms']}"
        rf"|(?P<unknown>{written_forms()['unknown']})",
        re.VERBOSE | re.IGNORECASE,
    )
    named = {plain(alias): name for alias, name in aliases.items()}
    if not has("paired_t", text):
        proposal.test = "wilcoxon" if has("signed_rank", text) else ""
        proposal.test = proposal.test or ("unknown" if has("other_test", text) else "")
    scale = ""
    for sentence in re.split(r"(?<=[.;!?])\s+(?=[^\W_a-z])|\n\s*\n", text):
        scale = Sentence(sentence, proposal, named, scale).read(list(forms.finditer(sentence)))
    return proposal.settled()


def _spaced(aliases: Iterable[str]) -> Iterator[str]:
    """Yield patterns, the longest first; what is written in capitals is no other word in small."""
    for alias in sorted(aliases, key=len, reverse=True):
        pattern = r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", alias))
        yield f"(?-i:{pattern})" if alias.isupper() else pattern
