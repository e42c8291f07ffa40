"""Eight invented abstracts, hard to read rightly and true, and each with one number made false.

Patients are drawn; tests are those of scipy and of beforeafter, not of the audit. Hostile are many
who do not change, ceilings, ties, patients who are missing, arms of different sizes, p-values of
one side, of exact tests and of approximations, and digits cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import yaml
from scipy import stats
from test_true_studies import rounded

from beforeafter.estimates import wilcoxon_signed_rank
from reported import audit_claims, read_study_and_published
from reported.claims.printed import Convention

Scores = npt.NDArray[np.int64]
Claims = list[dict[str, object]]
Abstract = tuple[dict[str, object], dict[str, object], Claims]


def printed(
    key: str, value: float, decimals: int = 2, rule: Convention = "half_up", **more: object
) -> dict[str, object]:
    text = rounded(value, decimals, rule)
    return {"key": key, "printed": text, "place": "results", **more}


def moments(
    key: str, x: Scores, rule: Convention = "half_up", **more: object
) -> list[dict[str, object]]:
    deviation = float(x.std(ddof=1))
    return [
        printed(f"{key}.mean", float(x.mean()) + 1e-12 * np.sign(x.sum()), 2, rule, **more),
        printed(f"{key}.standard_deviation", deviation, 2, rule, **more),
    ]


def pairs(rng: np.random.Generator, n: int, top: int, fall: float) -> tuple[Scores, Scores]:
    """Return scores before and after, many of them at the ceiling and unchanged."""
    before = np.clip(np.rint(rng.normal(0.75 * top, 0.2 * top, n)), 0, top).astype(np.int64)
    change = np.rint(rng.normal(-fall * top, 0.15 * top, n)) * (rng.random(n) > 0.25)
    return before, np.clip(before + change, 0, top).astype(np.int64)


def scale(top: int, **more: object) -> dict[str, object]:
    return {"scales": {"pain": {"range": [0, top], "step": 1}}, **more}


def reading(n: int, rule: str = "half_up", **more: object) -> dict[str, object]:
    return {"n_enrolled": n, "ties": {"default": rule}, **more}


def described(before: Scores, after: Scores, **more: object) -> Claims:
    parts = {"baseline": before, "follow_up": after, "change": after - before}
    return [claim for part, x in parts.items() for claim in moments(f"pain.{part}", x, **more)]


def pratt_exact(rng: np.random.Generator) -> Abstract:
    before, after = pairs(rng, 24, 10, 0.2)
    p = wilcoxon_signed_rank((after - before).astype(float)).p
    p_claim = printed("pain.change.p", p, 4, test="wilcoxon")
    return scale(10), reading(24, n_follow_up=24), [*described(before, after), p_claim]


def corrected_of_many(rng: np.random.Generator) -> Abstract:
    before, after = pairs(rng, 38, 21, 0.1)
    p = stats.wilcoxon(after - before, correction=True, method="asymptotic").pvalue
    p_claim = printed("pain.change.p", p, 4, test="wilcoxon")
    return scale(21), reading(38, n_follow_up=38), [*described(before, after), p_claim]


def signs(rng: np.random.Generator) -> Abstract:
    before, after = pairs(rng, 17, 4, 0.25)
    fell, rose = int((after < before).sum()), int((after > before).sum())
    p_claim = printed("pain.change.p", stats.binomtest(fell, fell + rose).pvalue, 3, test="sign")
    return scale(4), reading(17, n_follow_up=17), [*described(before, after), p_claim]


def few_and_one_sided(rng: np.random.Generator) -> Abstract:
    before, after = pairs(rng, 8, 10, 0.25)
    change = after - before
    p = stats.wilcoxon(change[change != 0], alternative="less", method="asymptotic").pvalue
    p_claim = printed("pain.change.p", p, 3, test="wilcoxon")
    return scale(10), reading(8, n_follow_up=8), [*described(before, after), p_claim]


def mcnemar_with_losses(rng: np.random.Generator) -> Abstract:
    before = rng.random(46) < 0.3
    after = np.where(before[:40], rng.random(40) < 0.8, rng.random(40) < 0.5)
    came, left = int((after & ~before[:40]).sum()), int((before[:40] & ~after).sum())
    claims = [
        printed("able.baseline.yes.count", int(before.sum()), 0),
        printed("able.yes.proportion", 100 * float(after.mean()) + 1e-12, 1),
        printed("able.yes.p", stats.binomtest(left, came + left).pvalue, 4, test="mcnemar"),
    ]
    return {"ratings": {"able": ["yes", "no"]}}, reading(46, n_follow_up=40), claims


def arms_by_t(rng: np.random.Generator) -> Abstract:
    sizes = {"drug": 31, "sham": 44}
    claims: Claims = []
    later = {}
    for (arm, n), fall in zip(sizes.items(), (0.3, 0.1), strict=True):
        before, later[arm] = pairs(rng, n, 10, fall)
        claims += described(before, later[arm], arm=arm, n=n)
    p = stats.ttest_ind(later["drug"], later["sham"], equal_var=False).pvalue
    claims.append(printed("pain.follow_up.p", p, 4, test="unpaired_t"))
    within = stats.wilcoxon(later["sham"] - before, zero_method="pratt", method="asymptotic").pvalue
    claims.append(printed("pain.change.p", within, 4, test="wilcoxon", arm="sham"))
    return scale(10), reading(75, arms=sizes), claims


def arms_by_fisher(rng: np.random.Generator) -> Abstract:
    sizes, claims, table = {"early": 19, "late": 23}, [], []
    for (arm, n), share in zip(sizes.items(), (0.8, 0.35), strict=True):
        k = int(rng.binomial(n, share))
        table.append([k, n - k])
        claims.append(printed("able.yes.proportion", 100 * k / n, 0, arm=arm, n=n))
    p = stats.fisher_exact(table).pvalue
    claims.append(printed("able.yes.p", p, 4, test="between_arms"))
    return {"ratings": {"able": ["yes", "no"]}}, reading(42, arms=sizes), claims


def cut_off_at_two_visits(rng: np.random.Generator) -> Abstract:
    before, after = pairs(rng, 13, 6, 0.3)
    week = np.clip(before[:11] - rng.integers(0, 2, 11), 0, 6)
    rule: Convention = "truncation"
    claims = moments("pain.baseline", before, rule)
    for key, of, last in (("", before, after), ("week_1.", before[:11], week)):
        more: dict[str, object] = {"n": len(last)}
        visit = key.rstrip(".") or "follow_up"
        claims += moments(f"pain.{visit}", last, rule, **more)
        claims += moments(f"pain.{key}change", last - of, rule, **more)
        p = wilcoxon_signed_rank((last - of).astype(float)).p
        claims.append(printed(f"pain.{key}change.p", p, 3, rule, test="wilcoxon", **more))
    return scale(6), reading(13, rule, visits=["week_1"]), claims


ABSTRACTS: dict[Callable[[np.random.Generator], Abstract], tuple[str, str]] = {
    pratt_exact: ("pain.change.p", "p = 0.62"),
    corrected_of_many: ("pain.change.p", "p = 0.81"),
    signs: ("pain.change.p", "p = 0.774"),
    few_and_one_sided: ("pain.change.p", "p = 0.742"),
    mcnemar_with_losses: ("able.yes.p", "p = 0.60"),
    arms_by_t: ("pain.follow_up.p", "p = 0.2"),
    arms_by_fisher: ("able.yes.p", "p = 0.2"),
    cut_off_at_two_visits: ("pain.week_1.change.p", "p = 0.5"),
}


def status(folder: Path, abstract: Abstract) -> tuple[int, set[str]]:
    """Return the status of the audit, and the keys that conflict."""
    study, read, claims = abstract
    source = {"citation": "invented", "part": "abstract"}
    published = {"source": source, "reading": read, "claims": claims}
    for name, content in {"study.yml": study, "published.yml": published}.items():
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    audit = audit_claims(*read_study_and_published(folder / "study.yml", folder / "published.yml"))
    assert audit.not_used == {}
    return audit.status, {key for conflict in audit.conflicts for key in conflict.claims}


@pytest.mark.parametrize("draw", ABSTRACTS, ids=lambda draw: draw.__name__)
def test_a_true_abstract_is_not_refuted_and_a_false_number_is_found(
    draw: Callable[[np.random.Generator], Abstract], tmp_path: Path
) -> None:
    study, read, claims = draw(np.random.default_rng(1))
    assert status(tmp_path, (study, read, claims)) == (0, set())
    key, text = ABSTRACTS[draw]
    false = [{**c, "printed": text} if c["key"] == key else c for c in claims]
    found, keys = status(tmp_path, (study, read, false))
    assert found
    assert key in keys


@pytest.mark.slow
@pytest.mark.parametrize("draw", ABSTRACTS, ids=lambda draw: draw.__name__)
def test_many_true_abstracts_are_not_refuted(
    draw: Callable[[np.random.Generator], Abstract], tmp_path: Path
) -> None:
    found = [
        seed
        for seed in range(100, 200)
        if status(tmp_path, draw(np.random.default_rng(seed))) != (0, set())
    ]
    assert found == []
