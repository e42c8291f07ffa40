"""A bound on a weighted count over all cohorts of a scale, proven in integer arithmetic.

A cohort enters what is printed only by its sums. Any multipliers y of the sums prove a bound
(Lagrange): the weights c of a cohort add up to the sum of c - y·f over its patients plus y·F, at
most the greatest over the sums F that are allowed. Multipliers come from a linear programme whose
columns are generated as they are needed; what they prove is computed in integers.

References
----------
Dantzig GB, Wolfe P. Decomposition principle for linear programs. Oper Res 1960;8:101-111.
https://doi.org/10.1287/opre.8.1.101
"""

from dataclasses import dataclass
from math import floor, log2

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from reported.claims.errors import ReportedError
from reported.solver.patient_sums import AllowedSums, Integers, Weights
from reported.solver.sum_limits import SumLimits

Floats = npt.NDArray[np.float64]

# Sums of products stay within so many bits, and so never overflow 64.
LARGEST = 60
ROUNDS = 80
TOLERANCE = 1e-6
# The price of missing a sum by one, in units of the weights.
PENALTY = 1e4
# How many allowed sums the programme begins with.
BEGIN = 200
# Cohorts near a bound are made of the values that have a share in the programme's solution and of
# the best others, each with its neighbours.
SHARE, KEEP, REACH = 1e-6, 20, 2


@dataclass(frozen=True)
class ProvenBound:
    """A bound on the weight of all cohorts; pairs, losses and totals of cohorts that come near."""

    value: int
    pairs: list[tuple[int, int]]
    lost: list[int]
    totals: list[tuple[int, int, int]]


class Relaxation:
    """The cohorts of a scale that have allowed sums, fractions of patients included.

    The weights are to be bounded. `zeros` says how many pairs start at 0; None leaves it open.
    """

    def __init__(self, sums: SumLimits, weights: Weights, zeros: int | None = None) -> None:
        self._sizes = sums.sizes
        self._weights = weights
        self._zeros = zeros
        self._first = sums.lattice.levels[0]
        self.allowed = AllowedSums.by(sums)
        self._levels = len(sums.lattice.levels)
        # The pairs of values the programme begins with; it grows.
        cells = np.linspace(0, self._levels**2 - 1, 8 * self._levels)
        self._cells = np.unique(cells.astype(int))
        # What each patient adds to the sums: of all baselines, their squares, the values at
        # follow-up, their squares, the baselines of the pairs, the squared changes, and of ones
        # for pairs that start at 0. Shapes: sums, levels at baseline (, levels at follow-up).
        levels = np.array(sums.lattice.levels, dtype=np.int64)
        before, after = np.meshgrid(levels, levels, indexing="ij")
        moved, zeros = (after - before) ** 2, (before == 0).astype(np.int64)
        self._pairs = np.stack([before, before**2, after, after**2, before, moved, zeros])
        self._lost = np.stack([levels, levels**2, *[np.zeros_like(levels)] * 5])

    def greatest(self, allowed: AllowedSums, enough: int) -> ProvenBound:
        """Return a bound on the weight of cohorts with allowed sums, no better than `enough`."""
        spread = np.linspace(0, len(allowed.pairs) - 1, BEGIN).astype(int)
        corners = [_corners(allowed, np.array(signs), spread) for signs in ((1, 1), (-1, -1))]
        rows = np.unique(np.hstack(corners), axis=1)
        least: int | None = None
        for _ in range(ROUNDS):
            multipliers, attained, shares = self._programme(allowed, rows)
            proven, reduced, corner = self._proof(allowed, multipliers)
            if least is None or proven < least:
                least, bound = proven, self._bound(proven, allowed, rows, shares, reduced)
            if least <= max(enough, floor(attained + TOLERANCE * max(1, abs(attained)))):
                break
            rows = np.unique(np.hstack([rows, corner]), axis=1)
            self._grow(reduced)
        return bound

    def _bound(
        self,
        proven: int,
        allowed: AllowedSums,
        rows: Integers,
        shares: Floats,
        reduced: tuple[Integers, Integers],
    ) -> ProvenBound:
        levels = self._levels
        of_pairs, of_lost, of_sums = np.split(shares, np.cumsum([len(self._cells), levels]))
        used = self._cells[of_pairs > SHARE]
        best = reduced[0].ravel().argsort()[::-1][:KEEP]
        pairs = _around(np.stack(np.divmod(np.append(used, best), levels)), levels)
        gone = np.append(np.flatnonzero(of_lost > SHARE), reduced[1].argsort()[::-1][:KEEP])
        return ProvenBound(
            proven,
            [(int(a) + self._first, int(b) + self._first) for a, b in pairs.T],
            (_around(gone[np.newaxis], levels)[0] + self._first).tolist(),
            _totals(allowed, rows, of_sums),
        )

    def _grow(self, reduced: tuple[Integers, Integers]) -> None:
        """Add the best follow-up of each baseline, and the best baseline of each follow-up."""
        pairs, _ = reduced
        each = np.arange(len(pairs))
        rows, columns = (
            each * len(pairs) + pairs.argmax(axis=1),
            pairs.argmax(axis=0) * len(pairs) + each,
        )
        self._cells = np.union1d(self._cells, np.append(rows, columns))

    def _programme(self, allowed: AllowedSums, rows: Integers) -> tuple[Floats, float, Floats]:
        """Return the multipliers of the linear programme in some columns, its value and shares."""
        n_enrolled, n = self._sizes
        everyone = np.hstack([allowed.everyone[:, [0, 1]].T, allowed.everyone[:, [0, 2]].T])
        blocks = [
            (self._pairs.reshape(len(self._pairs), -1)[:, self._cells], n),
            (self._lost, n_enrolled - n),
            (-np.pad(everyone, [(0, 5), (0, 0)]), 1),
            (-np.pad(rows, [(2, 1), (0, 0)]), 1),
        ]
        matrix = np.hstack([block * 1.0 for block, _ in blocks])
        sums = np.zeros(len(matrix))
        if self._zeros is None:
            matrix[-1] = 0
        else:
            sums[-1] = self._zeros
        size = np.abs(matrix).max(axis=1, initial=1)
        matrix /= size[:, np.newaxis]
        once = np.repeat(np.eye(len(blocks)), [block.shape[1] for block, _ in blocks], axis=1)
        weights = np.zeros(matrix.shape[1])
        inside = np.append(self._weights.followed.ravel()[self._cells], self._weights.lost)
        weights[: len(inside)] = inside
        scale = max(1.0, float(np.abs(weights).max()))
        # Sums may be missed at a price, so that there are multipliers whatever the columns are.
        miss = np.hstack([np.eye(len(size)), -np.eye(len(size))])
        solved = linprog(
            np.append(-weights / scale, np.full(2 * len(size), PENALTY)),
            A_eq=np.block([[matrix, miss], [once, np.zeros((len(blocks), 2 * len(size)))]]),
            b_eq=np.append(sums, [count for _, count in blocks]),
            method="highs",
        )
        if solved.status:
            raise ReportedError(f"the linear programme failed: {solved.message}")
        multipliers: Floats = -solved.eqlin.marginals[: len(size)] * scale / size
        shares = np.asarray(solved.x)[: matrix.shape[1]]
        return multipliers, float(weights @ shares), shares

    def _proof(
        self, allowed: AllowedSums, multipliers: Floats
    ) -> tuple[int, tuple[Integers, Integers], Integers]:
        """Return what multipliers prove, the reduced weights, and the sums that limit it."""
        n_enrolled, n = self._sizes
        weights = self._weights
        largest = n_enrolled * max(int(np.abs(w).max()) for w in (weights.followed, weights.lost))
        reach = np.abs(self._pairs).max(axis=(1, 2)) * n_enrolled
        # The multiplier of a sum to which no patient adds does not matter.
        multipliers = np.where(reach > 0, multipliers, 0)
        bits = LARGEST - 4 - floor(log2(1 + largest + float(np.abs(multipliers) @ reach)))
        factor = 2 ** max(bits, 0)
        y = np.rint(multipliers * 2.0**bits).astype(np.int64)
        if self._zeros is None:
            y[-1] = 0
        pairs = factor * weights.followed - np.tensordot(y, self._pairs, axes=1)
        lost = factor * weights.lost - y @ self._lost
        square = allowed.everyone[:, 2 if y[1] > 0 else 1]
        corners = _corners(allowed, y[[3, 5]], np.arange(len(allowed.pairs)))
        of_pairs = y[2:-1] @ corners
        value = (
            n * int(pairs.max())
            + (n_enrolled - n) * int(lost.max())
            + int((y[0] * allowed.everyone[:, 0] + y[1] * square).max())
            + int(of_pairs.max())
            + int(y[-1]) * (self._zeros or 0)
        )
        return value // factor, (pairs, lost), corners[:, [of_pairs.argmax()]]


def _around(cells: Integers, levels: int) -> Integers:
    """Return cells, shape (axes, cells), and those up to some levels away on each axis."""
    steps = np.arange(-REACH, REACH + 1)
    moves = np.stack(np.meshgrid(*[steps] * len(cells))).reshape(len(cells), 1, -1)
    moved = (cells[:, :, np.newaxis] + moves).reshape(len(cells), -1)
    return np.unique(moved[:, ((moved >= 0) & (moved < levels)).all(axis=0)], axis=1)


def _totals(allowed: AllowedSums, rows: Integers, shares: Floats) -> list[tuple[int, int, int]]:
    """Return allowed totals, those near the mixture of sums that a programme came to."""
    of_everyone, of_pairs = shares[: -rows.shape[1]], shares[-rows.shape[1] :]
    everyone = allowed.everyone[:, 0]
    total = everyone[np.abs(everyone - np.tile(everyone, 2) @ of_everyone).argmin()]
    mixed = allowed.pairs[:, [0, 3]] - rows[[0, 2]] @ of_pairs
    nearest = np.abs(mixed).sum(axis=1).argsort()[:1].tolist()
    likely = [rows[[0, 2], i] for i in of_pairs.argsort()[::-1][:2]]
    chosen = [*allowed.pairs[nearest][:, [0, 3]], *likely]
    return list(dict.fromkeys((int(total), int(a), int(b)) for a, b in chosen))


def _corners(allowed: AllowedSums, signs: Integers, rows: Integers) -> Integers:
    """Return sums of pairs, shape (4, rows), with squares great or small as the signs are."""
    square, change = (2 if signs[0] > 0 else 1), (5 if signs[1] > 0 else 4)
    corners: Integers = allowed.pairs[rows][:, [0, square, 3, change]].T
    return corners
