"""The checks of one variable at a time, each for every number of patients there may be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from math import sqrt

from beforeafter.study import Rating, Study
from reported.checks.counting import count_datasets
from reported.checks.moments import grimmer, sums
from reported.checks.percentages import counts
from reported.claims.findings import AuditFinding
from reported.claims.lattice import Lattice
from reported.claims.printed import Interval, Intervals
from reported.claims.published import Published

# The most values of a scale whose datasets are counted, in a second; 22 values take 20 seconds.
COUNTED_LEVELS, COUNTED_PATIENTS = 12, 500
# Of more scores, or of a finer scale, no example is built up.
BUILT_SCORES, BUILT_LEVELS = 1000, 2000


@dataclass(frozen=True)
class SizedCheck:
    """A check of the claims with some keys, which judges each possible number of patients."""

    name: str
    claims: tuple[str, ...]
    sizes: Sequence[int]
    judge: Callable[[int], tuple[bool, str]]

    @cached_property
    def possible(self) -> list[int]:
        """The numbers of patients that do not refute the claims."""
        return [n for n in self.sizes if self.judge(n)[0]]

    def finding(self) -> AuditFinding:
        """Return the verdict; refuted if no number of patients is possible."""
        if len(self.sizes) == 1:
            possible, explanation = self.judge(self.sizes[0])
            return AuditFinding(self.name, self.claims, not possible, explanation)
        sizes = ", ".join(map(str, self.possible)) or "none"
        span = f"{self.sizes[0]} to {self.sizes[-1]}"
        explanation = f"possible numbers of patients, of {span}: {sizes}"
        return AuditFinding(self.name, self.claims, not self.possible, explanation)


def follow_up_sizes(published: Published) -> Sequence[int]:
    """Return how many patients may have been followed up: as read, or any number of them."""
    read = published.reading.n_follow_up
    return published.reading.any_number if read is None else (read,)


def single_checks(
    published: Published, study: Study, followed: Sequence[int]
) -> Iterator[SizedCheck]:
    """Yield every check of one variable: at baseline of all, later of one of `followed`."""
    for name, printed, sizes, lattice in _described(published, study, followed):
        yield from _moments(name, printed, sizes, lattice)
    for rating in study.ratings:
        yield from _proportions(rating, published.about(rating.name), followed)


def dataset_counts(
    published: Published, study: Study, followed: Sequence[int]
) -> Iterator[SizedCheck]:
    """Yield how many datasets of each short scale have its mean and standard deviation."""
    for name, printed, sizes, lattice in _described(published, study, followed):
        mean, deviation = printed.get("mean"), printed.get("standard_deviation")
        short = len(sizes) == 1 and len(lattice.levels) <= COUNTED_LEVELS
        short = short and sizes[0] <= COUNTED_PATIENTS
        if short and mean is not None and deviation is not None:
            keys = (f"{name}.mean", f"{name}.standard_deviation")
            yield SizedCheck("datasets", keys, sizes, partial(_count, mean, deviation, lattice))


def _described(
    published: Published, study: Study, followed: Sequence[int]
) -> Iterator[tuple[str, Intervals, Sequence[int], Lattice]]:
    enrolled = (published.reading.n_enrolled,)
    for outcome in study.outcomes:
        for visit, sizes in (("baseline", enrolled), ("follow_up", followed)):
            name = f"{outcome.name}.{visit}"
            yield name, published.about(name), sizes, Lattice.of(outcome)
    for duration in study.durations:
        for name in (f"{duration.name}.whole", f"{duration.name}.restricted"):
            yield name, published.about(name), followed, Lattice.of(duration)


def _moments(
    name: str, printed: Intervals, sizes: Sequence[int], lattice: Lattice
) -> Iterator[SizedCheck]:
    mean, deviation = printed.get("mean"), printed.get("standard_deviation")
    keys = (f"{name}.mean", f"{name}.standard_deviation")
    if mean is not None:
        yield SizedCheck("GRIM", keys[:1], sizes, partial(_grim, mean, lattice))
        built = max(sizes) <= BUILT_SCORES and len(lattice.levels) <= BUILT_LEVELS
        if deviation is not None and built:
            yield SizedCheck("GRIMMER", keys, sizes, partial(_grimmer, mean, deviation, lattice))


def _proportions(rating: Rating, printed: Intervals, sizes: Sequence[int]) -> Iterator[SizedCheck]:
    for name in rating.groups:
        if share := printed.get(f"{name}.proportion"):
            claims = (f"{rating.name}.{name}.proportion",)
            yield SizedCheck("percentages", claims, sizes, partial(_percentage, share))


def _grim(mean: Interval, lattice: Lattice, n: int) -> tuple[bool, str]:
    found = sums(mean, n, lattice)
    sought = mean.scaled(Fraction(n) / lattice.step)
    steps = "" if lattice.step == 1 else f" steps of {float(lattice.step):g}"
    first, last = (found[0], found[-1]) if found else (None, None)
    which = "none" if first is None else f"{first}" if first == last else f"{first} to {last}"
    return bool(found), f"{n} times a mean in {mean} is a sum in {sought}{steps}: {which}"


def _grimmer(mean: Interval, deviation: Interval, lattice: Lattice, n: int) -> tuple[bool, str]:
    found = grimmer(mean, deviation, n, lattice)
    if found is None:
        ends = " to ".join(lattice.text(level) for level in (lattice.levels[0], lattice.levels[-1]))
        return False, f"no {n} scores from {ends} have a mean in {mean} and an SD in {deviation}"
    total, squares = sum(found), sum(score**2 for score in found)
    step = float(lattice.step)
    described = (step * total / n, step * sqrt(Fraction(n * squares - total**2, n * (n - 1))))
    return True, (
        f"{n} scores with the sum {step * total:g} and the sum of squares {step**2 * squares:g} "
        f"have the mean {described[0]:.6g} and the SD {described[1]:.6g}"
    )


def _count(mean: Interval, deviation: Interval, lattice: Lattice, n: int) -> tuple[bool, str]:
    found = count_datasets(mean, deviation, n, lattice)
    return found > 0, f"{found:,} datasets of {n} scores have both"


def _percentage(printed: Interval, n: int) -> tuple[bool, str]:
    found = counts(printed, n)
    shares = (f"{k}/{n} = {100 * k / n:.6g} %" for k in found)
    return bool(found), ", ".join(shares) or f"no k/{n} in {printed} %"
