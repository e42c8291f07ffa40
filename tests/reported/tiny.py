"""A study so small that all its cohorts can be listed, and numbers computed by fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement as multisets
from itertools import product

from beforeafter.study import Study
from reported.claims.printed import Interval
from reported.claims.published import Claim, Published

TOP = 3
Pairs = tuple[tuple[int, int], ...]
Lost = tuple[int, ...]


def tiny(
    study: Study, published: Published, enrolled: int, printed: Mapping[str, str]
) -> tuple[Study, Published]:
    """Return a study of one scale, 0 to 3, with these numbers printed."""
    scale = study.outcomes[0].model_copy(update={"name": "scale", "minimum": 0, "maximum": TOP})
    claims = tuple(Claim(key=f"scale.{k}", printed=v, place="test") for k, v in printed.items())
    reading = published.reading.model_copy(update={"n_enrolled": enrolled, "n_follow_up": None})
    return (
        study.model_copy(update={"outcomes": (scale,), "ratings": (), "durations": ()}),
        published.model_copy(update={"claims": claims, "reading": reading}),
    )


def cohorts(enrolled: int, n: int, printed: Mapping[str, Interval]) -> Iterator[tuple[Pairs, Lost]]:
    """List all cohorts that have the printed numbers."""
    for pairs in multisets(list(product(range(TOP + 1), repeat=2)), n):
        for lost in multisets(range(TOP + 1), enrolled - n):
            numbers = described(pairs, lost)
            if all(
                key in numbers and numbers[key] in (i.squared() if key.endswith("deviation") else i)
                for key, i in printed.items()
            ):
                yield pairs, lost


def described(pairs: Pairs, lost: Lost) -> dict[str, Fraction]:
    """Return means, variances (as standard deviation) and the percentage between means."""
    visits = {"baseline": [a for a, _ in pairs] + list(lost), "follow_up": [b for _, b in pairs]}
    numbers: dict[str, Fraction] = {}
    for visit, values in visits.items():
        mean = Fraction(sum(values), len(values))
        numbers[f"{visit}.mean"] = mean
        squares = sum((x - mean) ** 2 for x in values)
        numbers[f"{visit}.standard_deviation"] = Fraction(squares, len(values) - 1)
    before, after = (sum(pair[i] for pair in pairs) for i in (0, 1))
    if before:
        numbers["change.percentage"] = Fraction(100 * (after - before), before)
    return numbers


def statistic(key: str, pairs: Pairs, lost: Lost) -> Fraction | None:
    """Return one statistic, None where it is of nobody."""
    based = [(a, b) for a, b in pairs if a]
    values: dict[str, list[Fraction]] = {
        "improved.proportion": [Fraction(b < a) for a, b in pairs],
        "unchanged.proportion": [Fraction(b == a) for a, b in pairs],
        "worsened.proportion": [Fraction(b > a) for a, b in pairs],
        "beyond_minimal.proportion": [Fraction(a - b >= 2) for a, b in pairs],
        "change.mean": [Fraction(b - a) for a, b in pairs],
        "paired_baseline.mean": [Fraction(a) for a, _ in pairs],
        "follow_up.mean": [Fraction(b) for _, b in pairs],
        "baseline.mean": [Fraction(x) for x in (*(a for a, _ in pairs), *lost)],
        "lost_baseline.mean": [Fraction(x) for x in lost],
        "responders.at_least_30.proportion": [Fraction(10 * (a - b) >= 3 * a) for a, b in based],
        "responders.at_least_50.proportion": [Fraction(2 * (a - b) >= a) for a, b in based],
        "percentages.mean_of_individual": [Fraction(100 * (b - a), a) for a, b in based],
    }
    rest = key.removeprefix("scale.")
    counted = values[rest.replace(".of_all", "")]
    if ".of_all" in rest:
        # Whoever is lost, or starts at zero, does not respond.
        return Fraction(sum(counted), len(pairs) + len(lost))
    return Fraction(sum(counted), len(counted)) if counted else None
