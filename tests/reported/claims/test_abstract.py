"""Claims proposed from pasted text. The abstracts are invented, in the forms that journals use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from reported import (
    audit,
    audit_claims,
    read_claims,
    read_published,
    read_study_and_published,
)
from reported.claims.abstract import read_abstract
from reported.claims.errors import ReportedError
from reported.cli import app

DATA = Path(__file__).parents[3] / "data"
SCALES = {"nrs", "npsi", "sf12_mental", "sf12_physical", "hads_depression", "hads_anxiety"}
ENGLISH = """Background: chronic pain is common. Methods: 62 patients received a drug 0.5 mg/kg/day
for 4 days. Pain was measured by the NRS (0-10).
Results: NRS decreased from 7.54 +/- 1.35 at day 0 to 5.59 +/- 2.2 at day 30 (26%, p < 0.001).
HADS anxiety fell from 11.35 (4.7) to 9.38 (4.5), P‹0·001. SF-12 mental: 31.4 ± 7.9 at baseline and
36.4 ± 8.9 after treatment (+15.9 %; p:0.0007). 40 patients completed follow-up. 12 (30%) had
adverse events. 68.7 % of patients improved. Mean age was 54.3 ± 12 years."""
FRENCH = """47 patients ont été inclus, 15 hommes et 38 femmes, âgés de 51,2 ans.
L'EVA a diminué de 68,4 ± 15,2 à 41,0 ± 20,3 à 3 mois (p = 0,002).
Le DN4 était de 6,1 (1,8) avant et de 4,9 (2,1) après (p = ns)."""


def claims(text: str) -> dict[str, str | int]:
    read = read_abstract(text).claims
    return {
        " ".join(str(c[part]) for part in ("arm", "key") if part in c): c["printed"] for c in read
    }


def test_an_english_abstract() -> None:
    assert claims(ENGLISH) == {
        "cohort.n_enrolled": "62",
        "nrs.baseline.mean": "7.54",
        "nrs.baseline.standard_deviation": "1.35",
        "nrs.follow_up.mean": "5.59",
        "nrs.follow_up.standard_deviation": "2.2",
        "nrs.change.percentage": "26%",
        "nrs.change.p": "p < 0.001",
        "hads_anxiety.baseline.mean": "11.35",
        "hads_anxiety.baseline.standard_deviation": "4.7",
        "hads_anxiety.follow_up.mean": "9.38",
        "hads_anxiety.follow_up.standard_deviation": "4.5",
        "hads_anxiety.change.p": "P‹0·001",
        "sf_12_mental.baseline.mean": "31.4",
        "sf_12_mental.baseline.standard_deviation": "7.9",
        "sf_12_mental.follow_up.mean": "36.4",
        "sf_12_mental.follow_up.standard_deviation": "8.9",
        "sf_12_mental.change.percentage": "+15.9 %",
        "sf_12_mental.change.p": "p:0.0007",
        "cohort.n_follow_up": "40",
        "share_1.yes.count": "12",
        "share_1.yes.proportion": "30%",
        "share_2.yes.proportion": "68.7 %",
    }


def test_what_is_not_read_is_shown() -> None:
    read = read_abstract(ENGLISH)
    assert "0.5 mg/kg/day, 4 days in: " in " ".join(read.context)
    assert "54.3 ± 12 years" in " ".join(read.context)
    unread = read_abstract("40 patients took part. Compliance was 87%.").unread
    assert unread == ["87% in: Compliance was 87%."]


def test_a_percentage_after_a_fall_reads_below_zero() -> None:
    (change,) = (c for c in read_abstract(ENGLISH).claims if c["key"] == "nrs.change.percentage")
    assert change["reads"] == "-26%"


def test_a_french_abstract() -> None:
    assert claims(FRENCH) == {
        "cohort.n_enrolled": "47",
        "sex.baseline.men.count": "15",
        "sex.baseline.women.count": "38",
        "vas.baseline.mean": "68,4",
        "vas.baseline.standard_deviation": "15,2",
        "vas.follow_up.mean": "41,0",
        "vas.follow_up.standard_deviation": "20,3",
        "vas.change.p": "p = 0,002",
        "dn4.baseline.mean": "6,1",
        "dn4.baseline.standard_deviation": "1,8",
        "dn4.follow_up.mean": "4,9",
        "dn4.follow_up.standard_deviation": "2,1",
        "dn4.change.p": "p = ns",
    }


@pytest.mark.parametrize(
    ("sentence", "key", "printed"),
    [
        ("At week 6 ODI was 31.0 (SD 8.2)", "odi.follow_up.mean", "31.0"),
        ("ODI was 31.0 (SE 1.2) at baseline", "odi.baseline.standard_error", "1.2"),
        ("NDI improved, t(39) = 3.21", "ndi.change.t", "3.21"),
        ("PHQ-9 at baseline 13.5 (5.8), p = .03*", "phq_9.change.p", "p = .03*"),
        ("From baseline (6.1) to day 7 (4.0) the VAS (0-10) fell", "vas.follow_up.mean", ""),
        ("12 (30.0%) men and 28 (70.0%) women", "sex.baseline.women.proportion", "70.0%"),
        ("L'EN passe de 7,2 ± 1,4 à J0 à 5,1 ± 2,0 à J30, une baisse de 29 %", "nrs.change.p", ""),
        ("EN : 7,2 ± 1,4 à J0, 5,1 ± 2,0 à J30, baisse de 29 %", "nrs.change.percentage", "29 %"),
        ("BPI fell from 6.1 to 4.0", "bpi.follow_up.mean", "4.0"),
        ("BPI at baseline 6.1 (standard deviation 1.2)", "bpi.baseline.standard_deviation", "1.2"),
    ],
)
def test_usual_forms(sentence: str, key: str, printed: str) -> None:
    # A number before the name of its scale is not read.
    assert claims(f"40 patients took part. {sentence}.").get(key, "") == printed


def test_a_further_visit_has_a_name_of_its_own() -> None:
    text = "40 patients. NRS was 7.1 (1.2) at baseline, 5.0 (2.1) at day 7 and 5.5 (2.0) at day 30."
    proposal = read_abstract(text)
    assert claims(text)["nrs.day_30.mean"] == "5.5"
    assert '"visits": ["day_30"]' in proposal.files("made up")[1]


def test_text_to_verdict(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(FRENCH, encoding="utf-8")
    folder = tmp_path / "out"
    run = CliRunner().invoke(app, ["read", str(tmp_path / "a.txt"), "--output", str(folder)])
    assert run.exit_code == 0
    assert "Not used, a dose, time or age: 51,2 ans in:" in run.stdout
    audit = audit_claims(*read_study_and_published(folder / "study.yml", folder / "published.yml"))
    assert audit.status == 1
    assert "15" in audit.sentence
    assert "38" in audit.sentence


def test_without_a_number_of_patients_there_is_nothing_to_audit() -> None:
    with pytest.raises(ReportedError, match="number of patients was not found: begin the text"):
        read_abstract("NRS fell from 7 (1.2) to 5 (2.0).").files("made up")


def test_a_number_of_patients_that_is_left_open_is_asked_for_and_can_be_given() -> None:
    text = "30 patients received a drug and 31 patients received saline. NRS fell from 7.1 to 5.0."
    with pytest.raises(ReportedError, match="was left open: of all or of an arm, 30 or 31"):
        read_abstract(text).files("made up")
    assert claims(f"61 patients in all. {text}")["cohort.n_enrolled"] == "61"
    each = "Each arm had 31 patients. NRS was 7.1 before."
    assert "cohort.n_enrolled" not in claims(f"31 patients. {each}")
    assert claims(f"31 patients in all. {each}")["cohort.n_enrolled"] == "31"


def test_where_nothing_but_patients_is_read_there_is_nothing_to_audit() -> None:
    with pytest.raises(ReportedError, match="no score of a usual scale"):
        read_abstract("40 patients took part.").files("made up")


def test_the_files_are_short_and_quote_what_is_printed() -> None:
    study, published = read_abstract(FRENCH).files("made up")
    assert study.count("\n") + published.count("\n") < 25
    assert json.dumps("P = 0,002".lower()) in published


def test_the_freedom_of_t_tells_how_many_pairs() -> None:
    (t,) = (c for c in read_abstract("PHQ-9 fell, t(19) = 2.60.").claims)
    assert t["n"] == 20


def test_a_percentage_of_a_fall_is_not_read_as_a_share_of_patients() -> None:
    assert claims("40 patients took part. Opioid doses were reduced by 29%.") == {
        "cohort.n_enrolled": "40"
    }


WRITTEN = yaml.safe_load(Path(__file__).with_name("abstracts.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case["text"][:30])
def test_nothing_is_read_that_a_person_does_not_read(case: dict[str, Any]) -> None:
    assert claims(case["text"]).items() <= case["claims"].items()


def test_most_of_what_a_person_reads_is_read() -> None:
    found = sum(len(claims(case["text"])) for case in WRITTEN)
    assert found >= 0.95 * sum(len(case["claims"]) for case in WRITTEN)


HOSTILE = yaml.safe_load(Path(__file__).with_name("hostile.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["text"][:30])
def test_true_abstracts_are_not_refuted_and_planted_numbers_are(
    case: dict[str, Any], tmp_path: Path
) -> None:
    assert claims(case["text"]) == case["claims"]
    (tmp_path / "a.txt").write_text(case["text"], encoding="utf-8")
    found = audit(read_claims(tmp_path / "a.txt"))
    assert found.status == case["status"]
    refuted = {key for conflict in found.conflicts for key in conflict.claims}
    assert refuted >= {case.get("planted")} - {None}


@pytest.mark.parametrize(
    ("words", "n"),
    [
        ("Eighty-nine", "89"),
        ("One hundred and twenty", "120"),
        ("Trente et un", "31"),
        ("Quatre-vingt-neuf", "89"),
        ("Soixante-dix-huit", "78"),
    ],
)
def test_numbers_of_patients_in_words(words: str, n: str) -> None:
    assert claims(f"{words} patients. NRS fell from 7 to 5.")["cohort.n_enrolled"] == n


def test_percentages_in_words() -> None:
    read = claims("89 patients took part. Forty percent of patients had fibromyalgia.")
    assert read["share_1.yes.proportion"] == "40 %"


OWN = """Eighty-nine patients received an infusion. NRS went from 7.54 +/- 1.35 at day 0 to
5.59 +/- 2.2 at day 30, a decrease of 26% (p < 0.001). PGIC was improved in 68.7 % of patients
and much or very much improved in 36.2 % of patients. NPSI changed by -28% (p < 0.0001). SF-12
mental went from 31.4 +/-7.9 to 36.4 +/- 8.9 (+15.9 %, p < 0.0001). SF-12 physical went from
30.2 +/- 6.7 to 32.8 +/- 6.8 (+8.6%, p:0.0007). HADS depression went from 10 +/- 4.5 to
8.2 +/- 4.6 (- 15%, p:0.0012). HADS anxiety went from 11.35 +/- 4.7 to 9.38 +/- 4.5 (-14%,
p < 0.0001). The dose was 0.5 mg/kg/day with 1000 mg/day. The mean duration of relief was 3 months
(2.99 ± 2.29). No recurrence of pain at 6 months was seen in 22% of patients."""


def test_the_numbers_of_this_paper_need_no_correction() -> None:
    published = read_published(DATA / "published.yml")
    known = SCALES | {"relief"}
    scores = {c.key: c.printed for c in published.claims if c.key.split(".")[0] in known}
    read = {key.replace("sf_12", "sf12"): text for key, text in claims(OWN).items()}
    assert scores.items() <= read.items()
    shares = [text for key, text in read.items() if key.startswith("share")]
    assert shares == ["68.7 %", "36.2 %"]
    assert read["cohort.n_enrolled"] == "89"
    whole = read_abstract(OWN)
    assert whole.durations == {"relief": {"horizon": 6, "unit": "months"}}
    doses, times = whole.context
    assert doses.startswith("0.5 mg/kg/day, 1000 mg/day in: ")
    assert times.startswith("6 months in: ")
    assert not whole.unread


RELIEF = "40 patients. The mean duration of pain relief was 9.6 ± 6.2 months."


@pytest.mark.parametrize("end", ["", " No recurrence at 6 months was seen in 64% of patients."])
def test_how_long_relief_lasted_is_not_read_without_the_end_of_follow_up(end: str) -> None:
    # A mean of 9.6 months cannot be of a follow-up that ended at 6.
    read = read_abstract(RELIEF + end)
    assert not {key for key in claims(RELIEF + end) if "restricted" in key}
    assert "9.6, followed for how long?" in read.unread[0]
    ended = " No recurrence at 24 months was seen in 20% of patients."
    assert claims(RELIEF + ended)["relief.restricted.mean"] == "9.6"


def test_a_difference_between_arms_is_no_change_of_one() -> None:
    text = (
        "60 patients. In the drug group NRS fell from 6.9 ± 1.4 to 4.1 ± 1.9 (between-group "
        "difference -1.5, 95% CI -2.4 to -0.6, P=0.003)."
    )
    assert not {"nrs.change.mean", "nrs.change.lower", "nrs.follow_up.lower"} & {*claims(text)}
    assert fields(text, "nrs.change.p")["test"] == "between_arms"


@pytest.mark.parametrize(
    "text",
    [
        "36 patients. Le soulagement était supérieur à 50 % chez 14 patients.",
        "36 patients received lidocaine 5% or an 8% patch.",
    ],
)
def test_a_threshold_or_a_strength_is_no_share_of_patients(text: str) -> None:
    assert claims(text) == {"cohort.n_enrolled": "36"}


def test_whom_a_share_is_of_is_not_who_was_followed_up() -> None:
    text = (
        "112 patients took part. 104 (93%) of 112 patients completed. 57 (55%) of 104 had relief."
    )
    assert "cohort.n_follow_up" not in claims(text)
    assert fields(text, "share_2.yes.count")["n"] == 104
    assert "cohort.n_follow_up" not in claims("112 patients. 104 of 112 patients completed.")


def test_where_all_are_women_their_number_is_that_of_the_patients() -> None:
    assert claims("Thirty-one women took part.")["cohort.n_enrolled"] == "31"


def fields(text: str, key: str) -> dict[str, str | int]:
    (found,) = (c for c in read_abstract(text).claims if c["key"] == key)
    return found


def test_a_fall_turns_the_ends_of_its_interval() -> None:
    text = "40 patients. NRS fell by 2.1 points (95% CI 1.6 to 2.6)."
    assert fields(text, "nrs.change.lower")["reads"] == "-2.6"
    assert fields(text, "nrs.change.upper")["reads"] == "-1.6"


def test_the_test_that_is_named_is_that_of_every_p() -> None:
    text = "Wilcoxon signed-rank tests. 40 patients. NRS fell from 7.5 to 5.2 (p = 0.002)."
    assert fields(text, "nrs.change.p")["test"] == "wilcoxon"


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("Wilcoxon's signed-rank test", "wilcoxon"),
        ("the Wilcoxon test", "wilcoxon"),
        ("the Wilcoxon rank-sum test", "unknown"),
        ("the Wilcoxon-Mann-Whitney test", "unknown"),
    ],
)
def test_sums_of_ranks_of_two_arms_are_not_signed_ranks(test: str, expected: str) -> None:
    text = f"In 30 patients NRS fell from 7.1 (1.2) to 5.2 (1.9) at week 4 (p < 0.01) by {test}."
    assert fields(text, "nrs.change.p")["test"] == expected


TWO_ARMS = """Sixty-five adults were randomised to stretching (n = 32) or massage (n = 33). {}"""


@pytest.mark.parametrize(
    "told",
    [
        "In the stretching group NDI fell from 21.4 ± 6.1 to 15.2 ± 7.3; in the massage group it "
        "fell from 20.9 ± 5.8 to 17.7 ± 6.6.",
        "NDI was 21.4 ± 6.1 before and 15.2 ± 7.3 after in the stretching group, 20.9 ± 5.8 before "
        "and 17.7 ± 6.6 after in the massage group.",
        "NDI fell from 21.4 ± 6.1 to 15.2 ± 7.3 with stretching. NDI fell from 20.9 ± 5.8 "
        "to 17.7 ± 6.6 with massage.",
    ],
)
def test_each_arm_has_its_scores_and_its_patients(told: str, tmp_path: Path) -> None:
    read = read_abstract(TWO_ARMS.format(told))
    means = {(c["key"], c.get("arm")): c["printed"] for c in read.claims if "mean" in str(c["key"])}
    assert means == {
        ("ndi.baseline.mean", "stretching"): "21.4",
        ("ndi.follow_up.mean", "stretching"): "15.2",
        ("ndi.baseline.mean", "massage"): "20.9",
        ("ndi.follow_up.mean", "massage"): "17.7",
    }
    (tmp_path / "a.txt").write_text(TWO_ARMS.format(told), encoding="utf-8")
    assert read_claims(tmp_path / "a.txt").published.reading.arms == {
        "stretching": 32,
        "massage": 33,
    }


@pytest.mark.parametrize(
    "told",
    [
        "With stretching NDI was 15.2 ± 7.3 and 17.7 ± 6.6 in the massage group.",
        "NDI fell from 21.4 to 15.2 with stretching. NDI was 14.9 at week 8.",
    ],
)
def test_a_score_whose_arm_is_open_is_not_read(told: str) -> None:
    read = read_abstract(TWO_ARMS.format(told))
    assert not {"17.7", "14.9"} & {c["printed"] for c in read.claims}
    assert "17.7" in " ".join(read.unread) or "14.9" in " ".join(read.unread)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Three patients withdrew. In all, 48 volunteers took part.", "48"),
        ("A number of 1,204 children were seen; 37 children had pain.", "1204"),
        ("There were 71 women in a programme and others (n = 12) outside it.", "71"),
        ("Men were divided: early (n = 14) and late (n = 15).", "29"),
        ("Patients (n = 26) filled in 4 patient-reported scales.", "26"),
    ],
)
def test_the_greatest_number_of_people_is_that_of_all(text: str, n: str) -> None:
    # A smaller one is of some of them; to take it for all would refute what is true of all.
    assert claims(text)["cohort.n_enrolled"] == n
    assert not any(key.startswith("sex.") for key in claims(text))


def test_of_two_arms_no_visit_is_guessed() -> None:
    text = "80 patients. At 6 months NRS was 4.7 (1.8) with magnesium and 6.9 (2.0) with placebo."
    assert "nrs.baseline.mean" not in claims(text)


def test_scores_of_an_unknown_scale_are_not_those_of_the_one_before() -> None:
    text = "40 patients. ODI was 48.6 ± 12.3 at baseline. FIQ was 41.3 ± 9.2 after treatment."
    assert "odi.follow_up.mean" not in claims(text)


@pytest.mark.parametrize("n", [401, 652, 1200])
def test_a_true_share_of_more_patients_than_are_looked_at_one_by_one_is_possible(
    n: int, tmp_path: Path
) -> None:
    better = 2 * n // 3
    text = f"{n} patients took part. {better} patients ({100 * better / n:.1f}%) were better."
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert audit(read_claims(tmp_path / "a.txt")).status == 0


OPIOIDS = "50 patients. Use of opioids fell from 31 of 50 (62%) to 18 of 50 (36%) ({}p = {})."


@pytest.mark.parametrize(
    ("named", "p", "status"),
    [("McNemar, ", "0.002", 0), ("McNemar, ", "0.2", 3), ("", "0.2", 0)],
)
def test_the_p_of_mcnemar_is_that_of_the_counts_before_and_after(
    named: str, p: str, status: int, tmp_path: Path
) -> None:
    """13 more leave than come, of 50: the p is 0.05 at most, whoever they are."""
    text = OPIOIDS.format(named, p)
    if named:
        assert fields(text, "share_1.yes.p")["test"] == "mcnemar"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    found = audit(read_claims(tmp_path / "a.txt"))
    assert (found.status, found.not_used) == (status, {})


def test_where_the_text_names_another_test_of_shares_a_p_may_be_of_that() -> None:
    tests = "McNemar's and Fisher's tests were used. "
    assert "share_1.yes.p" not in claims(tests + OPIOIDS.format("", "0.2"))
    assert "share_1.yes.p" in claims("McNemar's test was used. " + OPIOIDS.format("", "0.2"))
