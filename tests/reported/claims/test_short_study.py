"""The short form of a study, for audits, and numbers that are printed beside means and SDs."""

from __future__ import annotations

from pathlib import Path

import pytest

from reported import Audit, audit_claims, read_study_and_published
from reported.claims.errors import BadInputError
from reported.readings import FREED

HEAD = "source: {citation: made up, part: abstract}\n"


def audited(folder: Path, study: str, reading: str, *claims: str) -> Audit:
    lines = "".join(f"  - {{{claim}, place: here}}\n" for claim in claims)
    text = f"{HEAD}reading: {{ties: {{default: up}}, {reading}}}\nclaims:\n{lines}"
    (folder / "published.yml").write_text(text, encoding="utf-8")
    (folder / "study.yml").write_text(study, encoding="utf-8")
    return audit_claims(*read_study_and_published(folder / "study.yml", folder / "published.yml"))


MEAN = 'key: pain.follow_up.mean, printed: "2.68", n: 30'


def test_a_scale_by_name_has_its_step(tmp_path: Path) -> None:
    audit = audited(tmp_path, "scales: {pain: NRS}\n", "n_enrolled: 30", MEAN)
    assert audit.status == 3


def test_an_unknown_step_refutes_nothing(tmp_path: Path) -> None:
    study = "scales: {pain: {range: [0, 10]}}\n"
    assert audited(tmp_path, study, "n_enrolled: 30", MEAN).status == 0


def test_an_unknown_name_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"study.yml, line 1, .*did you mean 'NRS'"):
        audited(tmp_path, "scales: {pain: NRX}\n", "n_enrolled: 30", MEAN)


@pytest.mark.parametrize(
    "claims",
    [
        ('key: pain.baseline.mean, printed: "5.0"', 'key: pain.baseline.maximum, printed: "4"'),
        ('key: pain.baseline.median, printed: "9"', 'key: pain.baseline.mean, printed: "2.0"'),
        (
            'key: pain.baseline.standard_error, printed: "0.10"',
            'key: pain.baseline.standard_deviation, printed: "2.0"',
        ),
        (
            'key: pain.baseline.lower, printed: "2.0"',
            'key: pain.baseline.upper, printed: "3.0"',
            'key: pain.baseline.mean, printed: "6.5"',
        ),
        ('key: pain.change.t, printed: "5.10"', 'key: pain.change.p, printed: "p = 0.20"'),
        ('key: pain.change.f, printed: "26.0"', 'key: pain.change.p, printed: "p = 0.20"'),
        (
            'key: pain.week_1.mean, printed: "9.9"',
            'key: pain.baseline.mean, printed: "5.0"',
            'key: pain.week_1.change.mean, printed: "-2.0"',
        ),
    ],
)
def test_numbers_beside_means_are_used(claims: tuple[str, ...], tmp_path: Path) -> None:
    reading = "n_enrolled: 20, visits: [week_1], n_follow_up: 20"
    audit = audited(tmp_path, "scales: {pain: NRS}\n", reading, *claims)
    assert audit.status in {1, 3}


def test_t_and_p_pin_the_number_of_pairs(tmp_path: Path) -> None:
    claims = 'key: pain.change.t, printed: "2.60"', 'key: pain.change.p, printed: "p = 0.0137"'
    audit = audited(tmp_path, "scales: {pain: NRS}\n", "n_enrolled: 40", *claims)
    assert audit.status == 0
    assert 35 in audit.surviving["pain"]
    assert len(audit.surviving["pain"]) < 12


def test_arms_are_taken_alone_and_a_p_between_them_is_not_used(tmp_path: Path) -> None:
    claims = (
        'key: pain.follow_up.mean, printed: "2.33", arm: drug, n: 3',
        'key: pain.follow_up.mean, printed: "2.25", arm: placebo, n: 3',
        'key: pain.change.p, printed: "p ≤ 0.001", arm: drug, test: between_arms',
        'key: pain.change.d, printed: "0.8", arm: drug',
    )
    audit = audited(
        tmp_path, "scales: {pain: NRS}\n", "n_enrolled: 9, arms: {drug: 4, placebo: 4}", *claims
    )
    (conflict,) = audit.conflicts
    assert conflict.view == "pain.placebo"
    assert FREED in conflict.unless
    assert set(audit.not_used) == {"pain.change.p", "pain.change.d"}


TWICE = "a percentage was added up from rounded parts, or is what a rounded one leaves"


def test_a_percentage_that_a_rounded_one_leaves_may_be_printed_so(tmp_path: Path) -> None:
    # 1 of 16 is 6.25 %, printed 6.3; the other 93.75 % are printed 93.8, which leaves 6.2.
    claim = 'key: better.yes.proportion, printed: "6.2%", n: 16'
    audit = audited(tmp_path, "ratings: {better: ['yes', 'no']}\n", "n_enrolled: 16", claim)
    (conflict,) = audit.conflicts
    assert TWICE in conflict.unless


def test_a_percentage_of_no_count_is_not_freed_so(tmp_path: Path) -> None:
    claim = 'key: better.yes.proportion, printed: "51%", n: 20'
    audit = audited(tmp_path, "ratings: {better: ['yes', 'no']}\n", "n_enrolled: 20", claim)
    (conflict,) = audit.conflicts
    assert TWICE in conflict.tried
    assert audit.status == 1


def test_counts_of_men_and_women_add_up(tmp_path: Path) -> None:
    claims = 'key: sex.baseline.men.count, printed: "15"', "key: sex.baseline.women.count, printed"
    for women, status in (("38", 1), ("32", 0)):
        both = claims[0], f'{claims[1]}: "{women}"'
        audit = audited(tmp_path, "ratings: {sex: [men, women]}\n", "n_enrolled: 47", *both)
        assert audit.status == status


@pytest.mark.parametrize(
    ("mean", "other", "status"),
    [
        # Half with 2 months of relief and half with 6.
        ("4.0", '{key: relief.event_free.proportion, printed: "50%", place: results}', 0),
        # Five of ten at 6 months alone give a mean of 3.
        ("2.9", '{key: relief.event_free.proportion, printed: "50%", place: results}', 3),
        # From 0 to 6 a mean of 4 has no SD above 3.
        ("4.0", '{key: relief.restricted.standard_deviation, printed: "3.9", place: results}', 3),
    ],
)
def test_a_duration_by_its_horizon(mean: str, other: str, status: int, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("study.yml", "published.yml")]
    files[0].write_text("durations: {relief: {horizon: 6}}\n", encoding="utf-8")
    files[1].write_text(
        "source: {citation: made up, part: abstract}\n"
        "reading: {n_enrolled: 10, n_follow_up: 10, ties: {default: up}}\n"
        "claims:\n"
        f'  - {{key: relief.restricted.mean, printed: "{mean}", place: results}}\n  - {other}\n',
        encoding="utf-8",
    )
    found = audit_claims(*read_study_and_published(*files))
    assert found.status == status
    longer = "the mean duration is of a longer follow-up"
    assert all(longer in conflict.unless for conflict in found.conflicts)
