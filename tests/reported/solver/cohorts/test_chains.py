"""The sampler against a study so small that all its cohorts can be listed."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import chisquare, multivariate_normal
from tiny import tiny

from beforeafter.study import Implausibility, Study
from reported.claims.published import Claim, Published
from reported.solver.cohorts import chains as chains_of
from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.implausible import Implausible
from reported.solver.cohorts.target import Density, Table
from reported.solver.prior_draw import Levels

ENROLLED, N = 4, 3


@pytest.fixture(scope="module")
def small(study: Study, published: Published) -> tuple[Study, Published]:
    """One scale, 0 to 3, and one rating of three categories, of 3 patients and one who was lost."""
    rating = study.ratings[0].model_copy(update={"categories": ("better", "same", "worse")})
    groups = {"improved": rating.groups["improved"].model_copy(update={"codes": (1,)})}
    rating = rating.model_copy(update={"groups": groups})
    few, printed = tiny(
        study, published, ENROLLED, {"baseline.mean": "1.5", "follow_up.mean": "1.0"}
    )
    share = Claim(key="pgic.improved.proportion", printed="33.3 %", place="test")
    rule = {
        "name": "better_in_more_pain",
        "label": "",
        "together": {"pgic.category": {"at_most": 1}, "scale.improvement": {"at_most": -1}},
    }
    rules = (Implausibility.model_validate(rule),)
    reading = printed.reading.model_copy(update={"n_follow_up": N})
    claims = (*printed.claims, share)
    return (
        few.model_copy(update={"ratings": (rating,), "plausibility": rules}),
        printed.model_copy(update={"claims": claims, "reading": reading}),
    )


@pytest.fixture(scope="module")
def table(small: tuple[Study, Published]) -> Table:
    return Table.of(*small)


@pytest.fixture(scope="module")
def listed(table: Table) -> Levels:
    """All cohorts that have the printed numbers and nobody implausible, by listing."""
    baselines = [x for x in product(range(4), repeat=ENROLLED) if sum(x) == 6]
    later = [x for x in product(range(4), repeat=N) if sum(x) == 3]
    rated = [x for x in product((1, 2, 3), repeat=N) if x.count(1) == 1]
    found = [
        [(r, b, f) for r, b, f in zip((*rate, 0), start, (*end, 0), strict=True)]
        for start, end, rate in product(baselines, later, rated)
        if not any(r == 1 and f > b for r, b, f in zip(rate, start, end, strict=False))
    ]
    assert [part.columns for part in table.parts] == [(0,), (1, 2)]
    return np.array(found)


@pytest.fixture(scope="module")
def drawn(table: Table) -> Density:
    """The parameters of two cohorts."""
    return Density.drawn(table, 2, np.random.default_rng(5))


@pytest.mark.parametrize("case", [*product([0, 1], [1, 2, N])])
def test_given_parameters_draws_have_the_probabilities_that_are_stated(
    small: tuple[Study, Published],
    listed: Levels,
    drawn: Density,
    case: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where few of the patients, those with the lowest baselines, may lead a move."""
    table, (which, lowest) = Table.of(*small), case
    monkeypatch.setattr(chains_of, "LOWEST", lowest)
    log = drawn.of(np.full(len(listed), which))(table, listed)
    exact = np.exp(log - log.max())
    exact /= exact.sum()
    # All chains start at one cohort, an improbable one; the last state of each is a draw.
    count = 1000
    starts = np.repeat(listed[[exact.argmin()]], count, axis=0)
    rng, rules = np.random.default_rng(7), Implausible(small[0], table)
    chains = Chains(table, drawn.of(np.full(count, which)), starts, rules, rng)
    chains.run(4000)
    place = {cohort.astype(np.int64).tobytes(): at for at, cohort in enumerate(listed)}
    at = np.array([place[cohort.astype(np.int64).tobytes()] for cohort in chains.cohorts])
    order = exact.argsort()
    by_density = np.empty(len(listed), int)
    by_density[order] = np.minimum(exact[order].cumsum() * 20, 19).astype(int)
    change = (listed[:, :N, 2] - listed[:, :N, 1]) * (listed[:, :N, 0] - 2)
    by_association = change.sum(axis=1).clip(-2, 4) + 2
    by_categories = (listed[:, :N, 0] == 2).sum(axis=1) * 4 + listed[:, N, 1]
    for bins in (by_density, by_association, by_categories):
        expected = np.bincount(bins, exact) * count
        observed = np.bincount(bins[at], minlength=len(expected))
        used = expected > 0
        assert chisquare(observed[used], expected[used]).pvalue > 0.001


def test_the_density_is_normal_row_by_row(table: Table, drawn: Density) -> None:
    rng = np.random.default_rng(3)
    cohorts = rng.integers(0, 4, (2, ENROLLED, 3))
    cohorts[:, N:, [0, 2]] = 0

    def exact(cohort: Levels) -> float:
        mean, covariance = drawn.centre[0], np.linalg.inv(drawn.precision[0, 0])
        pairs = multivariate_normal(mean, covariance).logpdf(cohort[:N])
        lost = multivariate_normal(mean[1], covariance[1, 1]).logpdf(cohort[N:, 1])
        return float(pairs.sum() + np.sum(lost))

    ours = drawn.of(np.zeros(2, int))(table, cohorts)
    assert ours[0] - ours[1] == pytest.approx(exact(cohorts[0]) - exact(cohorts[1]))


def test_the_gain_of_a_move_is_the_difference_of_densities(table: Table, drawn: Density) -> None:
    before = np.random.default_rng(4).integers(0, 4, (2, ENROLLED, 3))
    before[:, N:, [0, 2]] = 0
    after, which = before.copy(), np.array([[0, 3], [1, 3]])
    chains = np.arange(2)
    after[chains[:, np.newaxis], which, 1] += np.array([[1, -1], [2, 1]])
    old, new = (x[chains[:, np.newaxis], which] for x in (before, after))
    gain = drawn.gain(chains, which >= N, np.array([1]), old, new)
    assert gain == pytest.approx(drawn(table, after) - drawn(table, before))


def test_parameters_differ_between_cohorts_where_nothing_is_printed(
    study: Study, published: Published
) -> None:
    table = Table.of(study, published)
    many = Density.drawn(table, 200, np.random.default_rng(1))
    printed, free = table.part("nrs").columns[1], table.part("npsi").columns[1]
    assert np.ptp(many.centre[:, printed]) == 0
    assert many.centre[:, free].std() > 3
