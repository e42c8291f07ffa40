"""What is printed, taken apart: each thing measured, at each visit, in each arm, by itself.

Each has a number of patients of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from beforeafter.study import Study
from reported.claims.lattice import Measurement
from reported.claims.published import Claim, Published
from reported.solver.constrained_outcome import ConstrainedOutcome, alone


@dataclass(frozen=True)
class View:
    """One thing measured, at baseline and one later visit, in one arm, as if nothing else had been.

    `candidates` are the numbers of patients there may be, `asked` those that agree with the reading
    of the file, `originals` the keys of the claims in the file.
    """

    name: str
    arm: str | None
    visit: str
    what: Measurement
    study: Study
    published: Published
    candidates: Sequence[int]
    asked: Sequence[int]
    originals: Mapping[str, str] = field(default_factory=dict)

    def at(self, n: int) -> ConstrainedOutcome:
        """Return what is printed, with n patients followed up."""
        return ConstrainedOutcome(self.study, self.published, self.what, n)

    @property
    def of_signs(self) -> bool:
        """Whether a p-value of signs or ranks is looked at together with the scores."""
        return bool(self.asked) and self.at(max(self.asked)).of_signs is not None

    def keys(self, canonical: Sequence[str]) -> tuple[str, ...]:
        """Return the keys in the file."""
        return tuple(self.originals.get(key, key) for key in canonical)


def views(study: Study, published: Published) -> Iterator[View]:
    """Yield every view, those that are the cheapest to decide first."""
    whats: tuple[Measurement, ...] = (*study.ratings, *study.durations, *study.outcomes)
    for arm in (None, *published.reading.arms):
        for what in whats:
            claims = [c for c in published.claims if c.arm == arm and c.name == what.name]
            visits = dict.fromkeys(published.visit(claim.key) for claim in claims if _later(claim))
            default = ["follow_up"] if claims or not arm else []
            for visit in visits or default:
                yield _view(study, published, what, arm, visit)


def _later(claim: Claim) -> bool:
    parts = claim.key.split(".")
    return parts[1] != "baseline" or len(parts) > 3  # noqa: PLR2004


def _view(
    study: Study, published: Published, what: Measurement, arm: str | None, visit: str
) -> View:
    claims = [
        claim
        for claim in published.claims
        if claim.arm == arm
        and claim.name == what.name
        and (published.visit(claim.key) == visit or not _later(claim))
    ]
    at_visit = [claim for claim in claims if _later(claim) and claim.n]
    enrolled = published.reading.arms[arm] if arm else published.reading.n_enrolled
    at_baseline = next((c.n for c in claims if c.n and not _later(c)), enrolled)
    n = at_visit[0].n if at_visit else None
    # Numbers of other patients than the pairs say nothing about the pairs.
    apart = [c.key for c in at_visit if c.n != n]
    if n and n > at_baseline:
        apart += [claim.key for claim in claims if not _later(claim)]
    used = [claim for claim in claims if claim.key not in apart]
    canonical = {published.canonical(claim.key): claim for claim in used}
    reading: dict[str, int | None] = {"n_enrolled": max(at_baseline, n or 0)}
    if n or visit != "follow_up" or arm or at_baseline != enrolled:
        reading["n_follow_up"] = n
    seen = published.reread(**reading)
    renamed = tuple(c.model_copy(update={"key": key}) for key, c in canonical.items())
    seen = seen.model_copy(update={"claims": renamed})
    candidates, asked = _numbers(published, seen, n, plain=visit == "follow_up" and not arm)
    extra = [part for part in (visit if visit != "follow_up" else "", arm or "") if part]
    return View(
        ".".join([what.name, *extra]),
        arm,
        visit,
        what,
        alone(study, what),
        seen,
        candidates,
        asked,
        {key: claim.key for key, claim in canonical.items()},
    )


def _numbers(
    published: Published, seen: Published, n: int | None, *, plain: bool
) -> tuple[Sequence[int], Sequence[int]]:
    if n:
        return (n,), (n,)
    printed, anything = published.n_printed, seen.reading.any_number
    if not plain or (printed is not None and printed not in anything):
        return anything, anything
    if printed is not None:
        return (printed,), (printed,)
    read = published.reading.n_follow_up
    return anything, anything if read is None or read not in anything else (read,)


def not_used(study: Study, published: Published) -> dict[str, str]:
    """Return why each claim that nothing looks at is not used, by its key."""
    found = {
        claim.key: why for claim in published.claims if (why := claim.not_used(study.analysis.test))
    }
    seen = set()
    for view in views(study, published):
        seen |= {*view.originals.values()}
        if view.of_signs:
            found.pop(view.originals[f"{view.what.name}.change.p"], None)
    for claim in published.claims:
        if claim.name in study.parts and claim.key not in seen:
            found[claim.key] = "it is of other patients than the numbers beside it"
    return found


def ranges_text(numbers: Sequence[int]) -> str:
    """Return "2, 5 to 9" for 2, 5, 6, 7, 8, 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
