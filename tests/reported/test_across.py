"""p-values of McNemar's test and of two arms: against enumeration, and through the audit."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest
from scipy import stats

from reported import Audit, audit_claims, read_study_and_published
from reported.across import _changed
from reported.claims.printed import Interval, parse
from reported.readings import OTHER_TEST

STUDY = """scales: {pain: {range: [0, 10], step: 1}}
ratings: {responder: ["yes", "no"]}
"""
HEAD = """source: {citation: invented, part: abstract}
reading: {n_enrolled: 81, n_follow_up: 81, arms: {a: 40, b: 41}, ties: {default: up}}
claims:
"""


def audited(folder: Path, *claims: str) -> Audit:
    (folder / "study.yml").write_text(STUDY, encoding="utf-8")
    lines = (f"  - {{{claim}, place: here}}\n" for claim in claims)
    (folder / "published.yml").write_text(HEAD + "".join(lines), encoding="utf-8")
    return audit_claims(*read_study_and_published(folder / "study.yml", folder / "published.yml"))


# 20 of 81 before and 38 after; that 4 left and 22 came is the p-value of 0.0005.
BEFORE = 'key: responder.baseline.yes.count, printed: "20"'
AFTER = 'key: responder.yes.proportion, printed: "46.9%"'


@pytest.mark.parametrize(
    ("p", "status"), [("p = 0.0005", 0), ("p < 0.001", 0), ("p = 0.02", 0), ("p = 0.04", 3)]
)
def test_mcnemar_is_of_those_who_changed(p: str, status: int, tmp_path: Path) -> None:
    """18 more come than leave, at most 20: McNemar's p is 0.026 at most, with its correction."""
    audit = audited(tmp_path, BEFORE, AFTER, f'key: responder.yes.p, printed: "{p}", test: mcnemar')
    assert audit.status == status
    assert audit.not_used == {}
    if status:
        (conflict,) = audit.conflicts
        assert conflict.unless[-1] == OTHER_TEST
        assert conflict.claims == (
            "responder.baseline.yes.count",
            "responder.yes.proportion",
            "responder.yes.p",
        )


@pytest.mark.parametrize(("p", "status"), [("p = 0.02", 0), ("p = 0.04", 3)])
def test_a_count_beside_its_percentage_tells_of_how_many_mcnemars_test_is(
    p: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """46.9 % may be 23 of 49, but 38 are 46.9 % of 81 only."""
    monkeypatch.setattr("test_across.HEAD", HEAD.replace("n_follow_up: 81, ", ""))
    claims = BEFORE, AFTER, f'key: responder.yes.p, printed: "{p}", test: mcnemar'
    audit = audited(tmp_path, *claims)
    assert "give their n" in audit.not_used["responder.yes.p"]
    audit = audited(tmp_path, 'key: responder.yes.count, printed: "38"', *claims)
    assert audit.not_used == {}
    assert audit.status == status


@pytest.mark.parametrize("seed", range(40))
def test_mcnemar_as_by_enumeration_of_all_tables(seed: int) -> None:
    rng = random.Random(seed)
    n, enrolled = rng.randint(3, 9), rng.randint(3, 12)
    enrolled = max(n, enrolled)
    ways = [range(k := rng.randint(0, top), k + rng.randint(1, 2)) for top in (enrolled, n)]
    text = rng.choice(["0.5", "0.13", "1.0", "p < 0.05", "0.02", "0.06"])
    p = parse(text).interval("either")
    expected = False
    for stay in range(n + 1):
        for left in range(n + 1 - stay):
            for came in range(n + 1 - stay - left):
                lost = range(enrolled - n + 1)
                before = any(stay + left + gone in ways[0] for gone in lost)
                expected |= before and stay + came in ways[1] and has(p, left, came)
    assert _changed(p, ways, (enrolled, n)) is expected


def has(p: Interval, left: int, came: int) -> bool:
    changed = left + came
    if not changed:
        return 1 in p or Fraction(1, 2) in p
    exact = stats.binomtest(left, changed).pvalue
    middle = 2 * stats.binom.cdf(min(left, came), changed, 0.5)
    values = [exact, middle - stats.binom.pmf(min(left, came), changed, 0.5)]
    values += [
        stats.chi2.sf(max(abs(left - came) - off, 0) ** 2 / changed, 1) for off in (0, 0.5, 1)
    ]
    return any(low * value in p for value in values for low in (1, 0.5))


SCORES = (
    'key: pain.follow_up.mean, printed: "3.20", arm: a, n: 40',
    'key: pain.follow_up.standard_deviation, printed: "1.90", arm: a, n: 40',
    'key: pain.follow_up.mean, printed: "4.41", arm: b, n: 41',
    'key: pain.follow_up.standard_deviation, printed: "2.10", arm: b, n: 41',
)


@pytest.mark.parametrize(("p", "status"), [("p = 0.008", 0), ("p = 0.08", 3), ("p < 0.001", 3)])
def test_the_p_of_an_unpaired_t_test_of_two_arms(p: str, status: int, tmp_path: Path) -> None:
    claim = f'key: pain.follow_up.p, printed: "{p}", test: unpaired_t'
    audit = audited(tmp_path, *SCORES, claim)
    assert audit.status == status
    assert audit.not_used == {}
    assert [set(conflict.unless) for conflict in audit.conflicts] == [{OTHER_TEST}][:status]
    assert all("3.20 in a" in conflict.printed for conflict in audit.conflicts)


def test_what_no_test_is_known_of_is_not_used(tmp_path: Path) -> None:
    ranks = 'key: pain.follow_up.p, printed: "p < 0.001", test: mann_whitney'
    some = 'key: pain.baseline.p, printed: "p < 0.001", test: between_arms'
    audit = audited(tmp_path, *SCORES, ranks, some)
    assert audit.status == 0
    assert "mann whitney" in audit.not_used["pain.follow_up.p"]
    assert "unpaired_t" in audit.not_used["pain.baseline.p"]


@pytest.mark.parametrize(
    ("p", "status"), [("p = 0.014", 0), ("p = 0.020", 0), ("p = 0.3", 3), ("p < 0.001", 3)]
)
def test_the_p_of_shares_in_two_arms(p: str, status: int, tmp_path: Path) -> None:
    """24/40 and 13/41: chi-squared 0.0106, with Yates' correction 0.0197, Fisher 0.0143."""
    audit = audited(
        tmp_path,
        'key: responder.yes.proportion, printed: "60%", arm: a, n: 40',
        'key: responder.yes.count, printed: "13", arm: b, n: 41',
        f'key: responder.yes.p, printed: "{p}", test: between_arms',
    )
    assert audit.status == status
    assert audit.not_used == {}


def test_of_how_many_patients_must_be_known(tmp_path: Path) -> None:
    audit = audited(
        tmp_path,
        'key: responder.yes.proportion, printed: "60%", arm: a',
        'key: responder.yes.proportion, printed: "32%", arm: b',
        'key: responder.yes.p, printed: "p = 0.5", test: between_arms',
    )
    assert audit.status == 0
    assert "give their n" in audit.not_used["responder.yes.p"]
