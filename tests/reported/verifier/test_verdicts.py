from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from beforeafter.study import Study
from declared import DataError
from reported.claims.errors import ReportedError, UnknownClaimError
from reported.claims.published import Claim, Published
from reported.verifier.verdicts import verify_file

DATA = Path(__file__).parents[3] / "data"

Rows = list[dict[str, str]]


def tampered(directory: Path, change: Callable[[Rows], object]) -> Path:
    with (DATA / "cohort.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    change(rows)
    file = directory / "cohort.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def failures(file: Path, study: Study, published: Published) -> set[str]:
    return {
        verdict.claim.key for verdict in verify_file(file, study, published) if not verdict.holds
    }


def replace(column: str, function: Callable[[float], float]) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows:
            if row[column]:
                row[column] = f"{function(float(row[column])):g}"

    return change


def test_the_committed_cohort_has_every_printed_number(study: Study, published: Published) -> None:
    verdicts = verify_file(DATA / "cohort.csv", study, published)
    assert [verdict.claim for verdict in verdicts] == list(published.claims)
    assert all(verdict.holds for verdict in verdicts)


def test_exact_ties_are_pointed_out(study: Study, published: Published) -> None:
    notes = {
        verdict.claim.key: verdict.note
        for verdict in verify_file(DATA / "cohort.csv", study, published)
        if verdict.note
    }
    assert notes["pgic.improved.proportion"] == "exact tie, 68.75, printed low"
    assert notes["hads_anxiety.follow_up.mean"] == "exact tie, 9.375, printed high"


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda rows: rows.pop(), "cohort.n_enrolled"),
        (replace("nrs_day0", lambda score: score - 1), "nrs.baseline.mean"),
        (
            replace("nrs_day30", lambda score: 2 * score - 5.5875),
            "nrs.follow_up.standard_deviation",
        ),
        (replace("npsi_day30", lambda score: score + 1), "npsi.change.percentage"),
        (replace("npsi_day30", lambda score: score + 12), "npsi.change.p"),
        (replace("sf12_physical_day30", lambda score: score + 0.1), "sf12_physical.change.p"),
        (replace("pgic", lambda code: min(code + 1, 7)), "pgic.improved.proportion"),
        (replace("relief_months", lambda months: months + 6), "relief.event_free.proportion"),
        (replace("relief_months", lambda months: months // 6 * 6), "relief.whole.mean"),
        (
            lambda rows: [row.update(recurrence_observed="true") for row in rows if row["pgic"]],
            "relief.event_free.proportion",
        ),
    ],
)
def test_a_tampered_cohort_fails(
    change: Callable[[Rows], object],
    broken: str,
    study: Study,
    published: Published,
    tmp_path: Path,
) -> None:
    assert broken in failures(tampered(tmp_path, change), study, published)


def test_a_number_that_does_not_hold_says_what_would(
    study: Study, published: Published, tmp_path: Path
) -> None:
    file = tampered(tmp_path, replace("nrs_day0", lambda score: score - 1))
    notes = {verdict.claim.key: verdict.note for verdict in verify_file(file, study, published)}
    assert notes["nrs.baseline.mean"] == "outside 7.535 to 7.545"


def test_follow_up_that_ends_early_is_refused(
    study: Study, published: Published, tmp_path: Path
) -> None:
    file = tampered(tmp_path, lambda rows: rows[0].update(recurrence_observed="false"))
    with pytest.raises(ReportedError, match="follow-up ends before 6 months"):
        verify_file(file, study, published)


def test_a_protocol_that_is_not_the_printed_one_fails(study: Study, published: Published) -> None:
    other = study.model_copy(
        update={"protocol": study.protocol.model_copy(update={"follow_up_day": 60})}
    )
    assert failures(DATA / "cohort.csv", other, published) == {"protocol.follow_up_day"}


def test_days_of_infusion_are_not_claimed_of_another_treatment(
    study: Study, published: Published
) -> None:
    protocol = study.protocol.model_copy(update={"infusion_days": None})
    with pytest.raises(UnknownClaimError, match=r"protocol\.infusion_days"):
        verify_file(DATA / "cohort.csv", study.model_copy(update={"protocol": protocol}), published)


@pytest.mark.parametrize("key", ["nrs.change.median", "nsr.change.p", "protocol.opium.dose"])
def test_a_claim_about_nothing_measured_is_refused(
    key: str, study: Study, published: Published
) -> None:
    claims = (*published.claims, Claim(key=key, printed="1", place="nowhere"))
    with pytest.raises(UnknownClaimError, match=key):
        verify_file(DATA / "cohort.csv", study, published.model_copy(update={"claims": claims}))


def spoil(rows: Rows) -> None:
    rows[4]["pgic"] = "better"


def empty(rows: Rows) -> None:
    for row in rows:
        row["npsi_day30"] = ""


def drop(rows: Rows) -> None:
    for row in rows:
        del row["pgic"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (spoil, "line 6, pgic: 'better': not a number"),
        (empty, "npsi_day0 and npsi_day30: 0: needs two values or more"),
        (drop, "header: 'pgic': no such column"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(
    change: Callable[[Rows], object],
    message: str,
    study: Study,
    published: Published,
    tmp_path: Path,
) -> None:
    with pytest.raises(DataError, match=message):
        verify_file(tampered(tmp_path, change), study, published)
