"""GRIM: whether a mean of scores that come in steps can be the printed one."""

from __future__ import annotations

from fractions import Fraction

from reported.claims.lattice import Lattice
from reported.claims.printed import Interval


def sums(mean: Interval, n: int, lattice: Lattice) -> range:
    """Return every sum of n scores, in steps, that has the printed mean; none refutes it.

    Scores are values of the lattice. The mean of k items with whole scores has the step 1/k.

    Notes
    -----
    With scores in steps of :math:`g` the sum in steps is an integer :math:`S`, and the mean is
    :math:`g S / n`. Where :math:`n / g` exceeds the printed precision every mean has a sum and
    the test says nothing. A sum between n times the least and n times the greatest score can
    always be had.

    References
    ----------
    Brown NJL, Heathers JAJ. The GRIM test. Soc Psychol Personal Sci 2017;8:363-369.
    https://doi.org/10.1177/1948550616673876
    """
    allowed = mean.scaled(Fraction(n) / lattice.step).integers
    least, greatest = n * lattice.levels[0], n * lattice.levels[-1]
    return range(max(allowed.start, least), min(allowed.stop, greatest + 1))
