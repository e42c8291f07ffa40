"""Which printed numbers exclude each other, and the single changes of reading that free them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from beforeafter.study import Duration, Outcome, Rating
from reported.checks.other_tests import other_tests
from reported.checks.percentages import complement_rounded, sum_of_rounded_parts
from reported.checks.single import single_checks
from reported.claims.published import OF_TEST, Claim
from reported.solver.constrained_outcome import alone
from reported.solver.decide import Answer, decide, provable, smallest
from reported.views import View

Keys = Sequence[str]
# Without a printed number of patients there is no conflict.
FREED = "the numbers are of fewer patients, or of other patients at each visit"
OTHER_TEST = "the p-value is of another test, such as one between arms"
ROUNDED = (
    ("exact ties were rounded the other way", "either"),
    ("digits were cut off, not rounded", "truncation"),
)
# The first numbers of patients are tried one by one, of more as many, evenly spread.
EACH = 200
# What another number could be printed in place of one: so many units away, and within its bounds.
FARTHER = (1, 2, 3, 4, 6, 9, 13, 20, 30, 45, 70, 100, 150, 230, 350, 500, 800, 1200, 2000, 5000)
BOUNDED = {"p": 1, "r_p": 1, "r": 1, "standard_deviation": inf, "standard_error": inf}
SIGNED = ("change.mean", "change.percentage", "change.lower", "change.upper")
# Of more numbers no picture is drawn.
DRAWN = 6
PERCENTAGES = ("mean_of_individual_changes", "change_between_means")


@dataclass(frozen=True)
class Conflict:
    """Printed numbers that cannot be true together as they are read.

    `claims` are their keys, none superfluous; `tried` are single changes of the reading, and
    `unless` those that free the numbers; `nearest` are the nearest numbers below and above each
    that the others would allow, none where this takes too long.
    """

    view: str
    claims: tuple[str, ...]
    printed: tuple[str, ...]
    arithmetic: str
    tried: tuple[str, ...]
    unless: tuple[str, ...]
    nearest: tuple[tuple[str, str], ...] = ()


def conflict_of(view: View, keys: Keys, arithmetic: str) -> Conflict:
    """Return the smallest part of the claims with some keys, which conflict, and its readings."""
    view = only(view, keys)
    # What sums refute, they are enough for.
    thorough = possible(view, thorough=False)
    kept = smallest(keys, lambda some: possible(only(view, some), thorough=thorough))
    view = only(view, kept)
    readings = dict(_readings(view))
    free = [
        words
        for words, variants in readings.items()
        if any(possible(variant, thorough=thorough) for variant in variants)
    ]
    claims = view.published.claims
    printed = tuple(claim.printed for claim in claims)
    names = view.keys([claim.key for claim in claims])
    soon = not thorough and len(view.asked) == 1 and len(claims) <= DRAWN
    nearest = tuple((_nearest(view, c, -1), _nearest(view, c, 1)) for c in claims if soon)
    return Conflict(view.name, names, printed, arithmetic, tuple(readings), tuple(free), nearest)


def _nearest(view: View, claim: Claim, way: int) -> str:
    """Return the nearest number that could be printed in place of one; empty where none is."""
    number = claim.number
    if number.relation != "=":
        return ""

    def printable(units: int) -> str:
        value = number.value + way * units * number.unit
        inside = value >= 0 or number.value < 0 or claim.key.endswith(SIGNED)
        inside = inside and (claim.quantity not in BOUNDED or 0 <= value <= BOUNDED[claim.quantity])
        text = f"{float(value):.{number.decimals}f}"
        other = claim.model_copy(update={"printed": text, "reads": None})
        claims = tuple(other if one == claim else one for one in view.published.claims)
        changed = replace(view, published=view.published.model_copy(update={"claims": claims}))
        return text if inside and possible(changed, thorough=False) else ""

    failed = 0
    for far in FARTHER:
        if printable(far):
            while far - failed > 1:
                middle = (far + failed) // 2
                far, failed = (middle, failed) if printable(middle) else (far, middle)  # noqa: PLW2901
            return printable(far)
        failed = far
    return ""


def possible(view: View, *, thorough: bool) -> bool:
    """Whether the claims can hold together with any of the numbers of patients asked."""
    return any(_allowed(view, n, thorough=thorough) for n in sorted(view.asked, reverse=True))


def _allowed(view: View, n: int, *, thorough: bool) -> bool:
    outcome = view.at(n)
    thorough = thorough and provable(outcome)
    if decide(outcome, thorough=thorough).answer is Answer.REFUTED:
        return False
    parts = view.published, view.study, (n,)
    return all(c.judge(c.sizes[0])[0] for c in (*single_checks(*parts), *other_tests(*parts)))


def only(view: View, keys: Collection[str]) -> View:
    """Return the view as if no more had been printed of it."""
    return replace(view, published=view.published.only(keys))


def _readings(view: View) -> Iterator[tuple[str, Iterator[View]]]:
    """Yield single changes of the reading that touch the claims, in words."""
    published = view.published
    kinds = {claim.quantity for claim in published.claims}
    yield FREED, _fewer(view)
    ties = published.reading.ties
    for words, rounding in ROUNDED:
        if ties != {"default": rounding}:
            yield words, iter([reread(view, ties={"default": rounding})])
    if "proportion" in kinds:
        words = "a percentage was added up from rounded parts, or is what a rounded one leaves"
        yield words, iter([replace(_without_detours(view, n), asked=(n,)) for n in view.asked])
    yield from _otherwise_measured(view, kinds)
    if kinds & {*OF_TEST, "r_p"}:
        yield OTHER_TEST, iter([_without(view, {*OF_TEST, "r_p"})])
    if "percentage" in kinds:
        definitions = map(partial(_defined, view), PERCENTAGES)
        yield "the percentage is defined in the other way", definitions
        words = "the percentage is of something else, such as the width of the scale"
        yield words, iter([_without(view, {"percentage"})])
    if kinds & {"lower", "upper"}:
        words = "the confidence interval was made in another way"
        yield words, iter([_without(view, {"lower", "upper"})])
    for old, new, words in (
        ("standard_deviation", "standard_error", "what is read as an SD is a standard error"),
        ("standard_error", "standard_deviation", "what is read as a standard error is an SD"),
    ):
        if old in kinds and isinstance(view.what, Outcome):
            yield words, iter([_renamed(view, old, new)])


def _otherwise_measured(view: View, kinds: set[str]) -> Iterator[tuple[str, Iterator[View]]]:
    if isinstance(view.what, Outcome) and view.what.step:
        finer = view.what.model_copy(update={"step": view.what.step / 10})
        words = "scores come in finer steps than supposed, as averages of ratings do"
        yield words, iter([replace(view, what=finer, study=alone(view.study, finer))])
    if isinstance(view.what, Duration) and kinds & {"mean", "standard_deviation"}:
        longer = view.what.model_copy(update={"horizon": 10 * view.what.horizon})
        followed = replace(view, what=longer, study=alone(view.study, longer))
        words = "the mean duration is of a longer follow-up"
        yield words, iter([_without(followed, {"proportion"})])


def _fewer(view: View) -> Iterator[View]:
    anything = view.published.reading.any_number
    numbers = [*anything[:EACH], *anything[EACH :: max(1, len(anything) // EACH)]]
    yield replace(view, asked=numbers)
    for n in numbers:
        yield replace(reread(view, n_enrolled=n), asked=(n,))


def reread(view: View, **reading: object) -> View:
    """Return the view as if some of it were read otherwise."""
    return replace(view, published=view.published.reread(**reading))


def _without(view: View, kinds: set[str]) -> View:
    kept = [claim.key for claim in view.published.claims if claim.quantity not in kinds]
    return only(view, kept)


def _without_detours(view: View, n: int) -> View:
    """Return the view without the percentages that come of rounding twice, of n patients."""
    convention = view.published.reading.convention("default")

    def twice(claim: Claim) -> bool:
        number, name = claim.number, claim.key.split(".")[-2]
        parts = len(view.what.groups[name].codes) if isinstance(view.what, Rating) else 1
        return claim.quantity == "proportion" and (
            bool(complement_rounded(number, convention, n))
            or (parts > 1 and sum_of_rounded_parts(number, convention, n, parts) is not None)
        )

    return only(view, [claim.key for claim in view.published.claims if not twice(claim)])


def _defined(view: View, definition: str) -> View:
    analysis = view.study.analysis.model_copy(update={"percentage": definition})
    return replace(view, study=view.study.model_copy(update={"analysis": analysis}))


def _renamed(view: View, old: str, new: str) -> View:
    claims = tuple(
        claim.model_copy(update={"key": claim.key.replace(old, new)})
        for claim in view.published.claims
    )
    return replace(view, published=view.published.model_copy(update={"claims": claims}))
