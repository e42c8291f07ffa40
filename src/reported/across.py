"""p-values of numbers that stand apart: of the same patients at two visits, and of two arms."""

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from itertools import product

from beforeafter.study import Rating
from reported.checks.p_values import proportions_p, unpaired_p
from reported.checks.percentages import counts
from reported.checks.signs_and_ranks import inside, signs_with
from reported.claims.findings import AuditFinding
from reported.claims.printed import Interval
from reported.claims.published import Claim
from reported.readings import OTHER_TEST, ROUNDED, Conflict, only, reread
from reported.solver.decide import Answer, decide, smallest
from reported.views import View, ranges_text

ANY_SHARE = Interval(Fraction(0), Fraction(100))
# Of more ways to fill the table of two arms not each is tested.
TABLES = 400
Sides = Sequence[View]
Found = tuple[AuditFinding, Conflict | None] | str


def across(seen: Sequence[View]) -> Iterator[tuple[str, Found]]:
    """Yield the key of each p of McNemar's test and of tests between arms, with what it says.

    That is a finding, with the conflict where it refutes, or the reason why it is not used.
    """
    for view in seen:
        for claim in view.published.claims:
            if claim.quantity == "p" and claim.test in {"mcnemar", "between_arms", "unpaired_t"}:
                part = claim.key.split(".")[1]
                sides = _sides(view, claim, part, seen)
                key = view.originals[claim.key]
                yield key, _unused(claim, part, sides) or _found(claim, key, part, sides)


def _sides(view: View, p: Claim, part: str, seen: Sequence[View]) -> Sides:
    """Return the views that a p compares: a rating before and after, or each arm."""
    same = [other for other in seen if other.what.name == view.what.name]
    if p.test == "mcnemar":
        return [v for v in same if v.arm == view.arm and v.visit == "baseline"] + [view]
    arms = [v for v in same if v.arm and (v.visit == view.visit or part == "baseline")]
    return list({v.arm: v for v in arms}.values())


def _unused(p: Claim, part: str, sides: Sides) -> str:
    if len(sides) != 2:  # noqa: PLR2004
        return f"what it compares is not printed, or more than two: {p.test}"
    rated = isinstance(sides[0].what, Rating)
    if not rated and p.test != "unpaired_t":
        return "p of another test: if it is of a t-test between arms, name it unpaired_t"
    if any(_size(side, part) is None for side in sides):
        return "of how many patients it is, is open: give their n"
    return "p of another test" if rated and p.test == "unpaired_t" else ""


def _size(side: View, part: str) -> int | None:
    """Return of how many patients a number is; None where more than one number can be."""
    if "baseline" in {side.visit, part}:
        return side.published.reading.n_enrolled
    numbers = side.asked
    if len(numbers) > 1 and isinstance(side.what, Rating):
        # Counts beside their percentages may leave only one.
        numbers = [
            n for n in numbers if decide(side.at(n), thorough=False).answer is not Answer.REFUTED
        ]
    return numbers[0] if len(numbers) == 1 else None


def _found(p: Claim, key: str, part: str, sides: Sides) -> Found:
    """Return whether the numbers of both sides can have the p, with the fewest that cannot."""
    claims = {
        f"{place} {claim.key}": (
            side.originals[claim.key],
            f"{claim.printed} in {side.arm}" if side.arm else claim.printed,
        )
        for place, side in enumerate(sides)
        for claim in side.published.claims
        if claim.key.split(".")[1] == part and claim.quantity != "p"
    }

    def judged(names: Collection[str], rounding: str = "") -> tuple[bool, str]:
        some = [
            only(side, [name[2:] for name in names if name[0] == str(place)])
            for place, side in enumerate(sides)
        ]
        ties = {"ties": {"default": rounding}} if rounding else {}
        return _possible(p, part, [reread(side, **ties) for side in some])

    possible, text = judged(claims)
    kept = list(claims)
    if not possible:
        kept = smallest(kept, lambda names: judged(names)[0])
    keys, printed = zip(*map(claims.__getitem__, kept), (key, p.printed), strict=True)
    finding = AuditFinding(f"{p.test} test".replace("_", " "), keys, not possible, text)
    if possible:
        return finding, None
    tried = (*(words for words, _ in ROUNDED), OTHER_TEST)
    free = (*(words for words, rule in ROUNDED if judged(kept, rule)[0]), OTHER_TEST)
    return finding, Conflict(f"{p.name}.{part}", keys, printed, text, tried, free)


def _possible(p: Claim, part: str, sides: Sides) -> tuple[bool, str]:
    """Whether numbers on both sides can have a p, by any of the usual rules, and the arithmetic."""
    allowed = sides[0].published.interval(p)
    first, last = (_size(side, part) for side in sides)
    if first is None or last is None:
        return True, "of how many patients it is, is open"
    before, after = (side.at(n).intervals for side, n in zip(sides, (first, last), strict=True))
    if not isinstance(sides[0].what, Rating):
        keys = f"{part}.mean", f"{part}.standard_deviation"
        if not all(key in printed for key in keys for printed in (before, after)):
            return True, "a mean or a standard deviation of an arm is not printed"
        means, deviations = ((before[key], after[key]) for key in keys)
        found = unpaired_p((first, last), means, deviations)
        # A p of one side is half of that of both.
        agrees = found.meets(allowed) or found.scaled(Fraction(1, 2)).meets(allowed)
        return agrees, f"unpaired t-tests, Student's and Welch's, have a p in {found}"
    share = f"{part}.proportion"
    ways = [
        counts(printed.get(share, ANY_SHARE), n) for printed, n in ((before, first), (after, last))
    ]
    text = " and ".join(
        f"{ranges_text(way) or 'none'} of {n}" for way, n in zip(ways, (first, last), strict=True)
    )
    if p.test == "mcnemar":
        agrees = _changed(allowed, ways, (first, last))
    else:
        agrees = len(ways[0]) * len(ways[1]) > TABLES or any(
            inside(allowed, proportions_p(both, (first, last))).any() for both in product(*ways)
        )
    rules = "some rule gives" if agrees else "no rule of the test gives"
    return agrees, f"printed are {text}, of which {rules} a p in {allowed}"


def _changed(p: Interval, ways: Sequence[range], sizes: tuple[int, int]) -> bool:
    """Whether McNemar's test has a p for some numbers who came into the group and left it."""
    enrolled, n = sizes
    # Those who were lost may have been in the group.
    first = {k - lost for k in ways[0] for lost in range(max(enrolled - n, 0) + 1)}
    return any(
        k - left + came in ways[1] and left <= k <= n - came
        for came, left in signs_with(p, n)
        for k in first
    )
