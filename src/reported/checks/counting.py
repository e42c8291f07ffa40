"""How many different datasets have the printed mean and standard deviation."""

from math import comb, isqrt

from reported.checks.moments import squares, sums
from reported.claims.lattice import Lattice
from reported.claims.printed import Interval


def count_datasets(mean: Interval, deviation: Interval, n: int, lattice: Lattice) -> int:
    """Return the number of frequency vectors of n scores with the mean and the deviation.

    Parameters
    ----------
    mean, deviation
        The numbers that the printed mean and standard deviation (divisor n - 1) may stand for.
    n
        Number of scores, at least 2.
    lattice
        The values of a score.

    Notes
    -----
    The datasets of m scores with sum s and sum of squares q are counted for all (m, s, q) at
    once, admitting one value of a score after the other. Scores are taken from a level near the
    mean, where the sums of squares are small. The counts for one m are the digits of one long
    integer, the count of (s, q) at the place :math:`q w + s`, with w wide enough for all sums and
    digits long enough for all counts (Kronecker's substitution). To add a score is then a shift.

    References
    ----------
    Jung L et al. CLOSURE, https://doi.org/10.32614/CRAN.package.unsum (`closure_count_initial`
    and `closure_generate` enumerate what is counted here)
    """
    totals = sums(mean, n, lattice)
    if not totals:
        return 0
    centre = round((totals[0] + totals[-1]) / (2 * n))
    wanted = [
        (total - n * centre, square - 2 * centre * total + n * centre**2)
        for total in totals
        for square in squares(deviation, n, total, lattice.step)
    ]
    if not wanted:
        return 0
    most = max(square for _, square in wanted)
    steps = [level - centre for level in lattice.levels if 0 < (level - centre) ** 2 <= most]
    # No sum of scores that are kept is greater, by the inequality of Cauchy and Schwarz.
    reach = isqrt(n * (most + max((step**2 for step in steps), default=0)))
    width = 2 * reach + 1
    digit = comb(n + len(steps), n).bit_length()
    kept = (1 << (most * width + reach + 1) * digit) - 1
    counts = [1] + [0] * n
    for step in steps:
        shift = (step**2 * width + step) * digit
        for m in range(1, n + 1):
            counts[m] += counts[m - 1] << shift & kept
    everything = sum(counts)
    mask = (1 << digit) - 1
    return sum(
        everything >> (square * width + total) * digit & mask
        for total, square in wanted
        if square >= 0 and abs(total) <= reach
    )
