"""Which whole numbers of patients can be behind printed percentages."""

from fractions import Fraction
from math import floor

from reported.claims.printed import Convention, Interval, PrintedNumber

Codes = tuple[int, ...]


def counts(percentage: Interval, n: int) -> range:
    """Return the numbers of patients that are the printed percentage of n patients."""
    allowed = percentage.scaled(Fraction(n, 100)).integers
    return range(max(allowed.start, 0), min(allowed.stop, n + 1))


def complement_rounded(printed: PrintedNumber, convention: Convention, n: int) -> list[int]:
    """Return counts of n patients whose percentage is printed as 100 less a rounded remainder.

    68.75 % is printed as 68.7 if the remaining 31.25 % were rounded half-up to 31.3 first.
    """
    remainder = PrintedNumber(100 - printed.value, printed.decimals)
    return sorted(n - rest for rest in counts(remainder.interval(convention), n))


def sum_of_rounded_parts(
    printed: PrintedNumber, convention: Convention, n: int, parts: int
) -> Codes | None:
    """Return counts of categories whose rounded percentages add up to the printed one, or None.

    33.3 % and 33.3 % are printed as 66.6 %, which 2/3 of the patients are not.
    """
    rounded = [(k, value) for k in range(n + 1) for value in _roundings(k, n, printed, convention)]
    sums: dict[tuple[int, Fraction], Codes] = {(0, Fraction(0)): ()}
    for _ in range(parts):
        sums = {
            (patients + k, total + value): (*chosen, k)
            for (patients, total), chosen in sums.items()
            for k, value in rounded
            if patients + k <= n and total + value <= printed.value
        }
    return next((chosen for (_, total), chosen in sums.items() if total == printed.value), None)


def _roundings(k: int, n: int, like: PrintedNumber, convention: Convention) -> list[Fraction]:
    exact = Fraction(100 * k, n)
    below = floor(exact / like.unit) * like.unit
    return [
        value
        for value in (below, below + like.unit)
        if exact in PrintedNumber(value, like.decimals).interval(convention)
    ]
