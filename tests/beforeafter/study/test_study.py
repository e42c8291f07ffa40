"""The study definition, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest
import yaml
from refused import STUDY, Content, copy_of, refusal, refusal_of

from beforeafter.study import Study, read_study
from declared import UnknownNameError


def test_the_study_of_this_paper_loads(study: Study) -> None:
    assert study.protocol.follow_up_day == 30
    assert study.outcome("nrs").role == "primary"
    assert study.rating("pgic").groups["improved"].codes == (1, 2, 3)
    assert study.duration("relief").horizon == 6
    assert [part.name for part in study.characteristics if part.is_number] == ["age"]


def test_benefit_is_the_sign_of_a_change_for_the_better(study: Study) -> None:
    assert study.outcome("nrs").benefit == -1
    assert study.outcome("sf12_mental").benefit == 1


def test_unchanged_content_loads(tmp_path: Path, study: Study) -> None:
    """The other tests refuse a changed copy: the copy itself must be fine."""
    content = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    copied = read_study(copy_of(content, tmp_path))
    assert copied.with_data(reconstructed=True) == study


def test_misspelt_field_is_named(tmp_path: Path) -> None:
    def misspell(content: Content) -> None:
        content["outcomes"][0]["minimun"] = content["outcomes"][0].pop("minimum")

    assert set(refusal_of(misspell, tmp_path).splitlines()) == {
        "study.yml, outcomes.0.minimum: nothing: the field is missing",
        "study.yml, outcomes.0.minimun: 0: unknown field; did you mean 'minimum'?",
    }


@pytest.mark.parametrize(
    ("change", "place", "value", "rule"),
    [
        (lambda c: c["analysis"].update(test="t"), "analysis.test", "'t'", "paired_t"),
        (
            lambda c: c["analysis"].update(confidence_level=95),
            "analysis.confidence_level",
            "95",
            "1",
        ),
        (lambda c: c["analysis"]["ties"].update(p="even"), "analysis.ties.p", "'even'", "'up'"),
        (
            lambda c: c["analysis"].update(ties={"p": "up"}),
            "analysis.ties",
            "{'p': 'up'}",
            "{'p': 'up'}: expected a default",
        ),
        (lambda c: c["outcomes"][1].update(step=0), "outcomes.1.step", "0", "more than 0"),
        (lambda c: c["outcomes"][1].update(step=inf), "outcomes.1.step", "inf", "finite"),
        (lambda c: c["protocol"].update(treatments=1), "protocol.treatments", "1", "a list"),
        (lambda c: c["outcomes"][0].update(columns=1), "outcomes.0.columns", "1", "follow_up"),
        (lambda c: c["outcomes"][2].update(name="SF 12"), "outcomes.2.name", "'SF 12'", "letters"),
        (lambda c: c["outcomes"][0]["decimals"].update(p=-1), "outcomes.0.decimals.p", "-1", "0"),
        (lambda c: c["durations"][0].update(horizon=0), "durations.0.horizon", "0", "than 0"),
        (
            lambda c: c["protocol"].update(follow_up_day=1.5),
            "protocol.follow_up_day",
            "1.5",
            "whole",
        ),
        (lambda c: c.update(extra=1), "extra", "1", "unknown field; expected one of"),
    ],
)
def test_wrong_value_is_named_with_place_and_rule(
    change: Callable[[Content], object], place: str, value: str, rule: str, tmp_path: Path
) -> None:
    message = refusal_of(change, tmp_path)
    assert message.startswith(f"study.yml, {place}: {value}: ")
    assert rule in message
    assert len(message.splitlines()) == 1


def test_missing_part_is_named(tmp_path: Path) -> None:
    message = refusal_of(lambda content: content.pop("analysis"), tmp_path)
    assert message == "study.yml, analysis: nothing: the field is missing"


def test_group_code_without_category(tmp_path: Path) -> None:
    def add(content: Content) -> None:
        content["ratings"][0]["groups"]["improved"]["codes"] = [0, 1, 8]

    assert refusal_of(add, tmp_path) == (
        "study.yml, ratings.0.groups.improved.codes: [0, 1, 8]: "
        "expected codes of categories, 1 to 7"
    )


@pytest.mark.parametrize("maximum", [0, -1])
def test_maximum_not_above_minimum(maximum: float, tmp_path: Path) -> None:
    message = refusal_of(lambda c: c["outcomes"][0].update(maximum=maximum), tmp_path)
    assert message == (
        f"study.yml, outcomes.0.maximum: {maximum}: expected more than the minimum, 0"
    )


@pytest.mark.parametrize("part", ["outcomes", "ratings", "durations"])
def test_name_used_twice(part: str, tmp_path: Path) -> None:
    message = refusal_of(lambda c: c[part][-1].update(name="nrs"), tmp_path)
    assert ".name: 'nrs': name used twice, first in " in message


def test_column_used_twice(tmp_path: Path) -> None:
    message = refusal_of(
        lambda c: c["outcomes"][1]["columns"].update(baseline="nrs_day0"), tmp_path
    )
    assert "outcomes.1.columns.baseline: 'nrs_day0': column used twice, first in " in message


NPSI = "study.yml, outcomes.1.items"


def change_items(**fields: str) -> Callable[[Content], object]:
    return lambda content: content["outcomes"][1]["items"].update(fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"instrument": "npsy"},
            f"{NPSI}.instrument: 'npsy': no file instruments/npsy.yml beside the study definition; "
            "did you mean 'npsi'?",
        ),
        (
            {"score": "totl"},
            f"{NPSI}.score: 'totl': npsi has no such score; did you mean 'total'?",
        ),
        (
            {"instrument": "sf12", "score": "sum"},
            f"{NPSI}.score: 'sum': sf12 has no such score; expected one of mental, physical",
        ),
        *(
            (
                {"baseline": pattern},
                f"{NPSI}.baseline: {pattern!r}: "
                "expected {item} once, where the columns have the number of the item",
            )
            for pattern in (
                "npsi_day0",
                "npsi_{item}_{item}",
                "npsi_{item}_{day}",
                "npsi_{}",
                "npsi_{item}}",
                "npsi_{item}_{",
            )
        ),
        (
            {"baseline": "npsi_{item}_day30"},
            f"{NPSI}.follow_up: 'npsi_{{item}}_day30': "
            "column npsi_1_day30 is used for something else",
        ),
        (
            {"follow_up": "hads_{item}_day30"},
            "study.yml, outcomes.4.items.follow_up: 'hads_{item}_day30': "
            "column hads_1_day30 is used for something else",
        ),
    ],
)
def test_items_that_cannot_be_scored(fields: dict[str, str], message: str, tmp_path: Path) -> None:
    assert message in refusal_of(change_items(**fields), tmp_path).splitlines()


def test_every_score_that_is_unfit_is_listed(tmp_path: Path) -> None:
    def spoil(content: Content) -> None:
        for place, fields in ((1, {"instrument": "npsy"}), (2, {"score": "sum"})):
            content["outcomes"][place]["items"].update(fields)
        content["outcomes"][4]["maximum"] = 20

    assert refusal_of(spoil, tmp_path).splitlines() == [
        f"{NPSI}.instrument: 'npsy': no file instruments/npsy.yml beside the study definition; "
        "did you mean 'npsi'?",
        "study.yml, outcomes.2.items.score: 'sum': sf12 has no such score; "
        "expected one of mental, physical",
        "study.yml, outcomes.4.items.score: 'anxiety': is from 0 to 21, the outcome from 0 to 20",
    ]


def test_every_pattern_that_means_two_things_is_listed_once(tmp_path: Path) -> None:
    def spoil(content: Content) -> None:
        content["outcomes"][1]["items"].update(baseline="npsi_{item}_day30")
        content["outcomes"][4]["items"].update(baseline="sf12_{item}_day0")

    assert refusal_of(spoil, tmp_path).splitlines() == [
        f"{NPSI}.follow_up: 'npsi_{{item}}_day30': column npsi_1_day30 is used for something else",
        "study.yml, outcomes.4.items.baseline: 'sf12_{item}_day0': "
        "column sf12_1_day0 is used for something else",
    ]


def test_no_instruments_at_all(tmp_path: Path) -> None:
    content = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    file = tmp_path / "study.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    first = re.sub(r"line \d+, ", "", refusal(file).splitlines()[0])
    assert first == (
        f"{NPSI}.instrument: 'npsi': no file instruments/npsi.yml beside the study definition"
    )


def test_item_column_that_is_a_total(tmp_path: Path) -> None:
    def rename(content: Content) -> None:
        content["outcomes"][0]["columns"]["baseline"] = "npsi_3_day0"

    assert refusal_of(rename, tmp_path) == (
        f"{NPSI}.baseline: 'npsi_{{item}}_day0': column npsi_3_day0 is used for something else"
    )


def test_score_that_may_fall_outside_its_outcome(tmp_path: Path) -> None:
    message = refusal_of(lambda c: c["outcomes"][1].update(maximum=90), tmp_path)
    assert message == f"{NPSI}.score: 'total': is from 0 to 100, the outcome from 0 to 90"


def test_problem_of_an_instrument_names_its_file_and_line(tmp_path: Path) -> None:
    file = copy_of(yaml.safe_load(STUDY.read_text(encoding="utf-8")), tmp_path)
    broken = tmp_path / "instruments" / "npsi.yml"
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace("combine: sum", "combine: add"), encoding="utf-8")
    line = text[: text.index("combine: sum")].count("\n") + 1
    assert refusal(file) == (
        f"npsi.yml, line {line}, scores.total.combine: 'add': expected 'sum' or 'mean'"
    )


def test_every_problem_is_listed(tmp_path: Path) -> None:
    def spoil(content: Content) -> None:
        content["protocol"]["infusion_days"] = 0
        content["outcomes"][3]["better"] = "up"
        content["durations"][0]["event_fre"] = "x"

    places = [line.split(": ")[0] for line in refusal_of(spoil, tmp_path).splitlines()]
    assert sorted(places) == [
        "study.yml, durations.0.event_fre",
        "study.yml, outcomes.3.better",
        "study.yml, protocol.infusion_days",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1, 2\nb: 3\n", "line 2, column 2: 'b: 3'"),
        ("a: 1\n  b: 2\n", "line 2, column 4: 'b: 2'"),
        ("\ta: 1\n", "line 1, column 1: 'a: 1'"),
        ("\na: 'open\n\n", 'line 2, column 4: "a: \'open"'),
        ("a: {b: 1,\n", "line 1, column 10: 'a: {b: 1,'"),
        ("a: 1\nb: 2001-02-30\n", "line 2, column 4: 'b: 2001-02-30'"),
        ("a: *b\n", "line 1, column 4: 'a: *b'"),
        ("a: 1\n---\nb: 1\n", "line 2, column 1: '---'"),
    ],
)
def test_bad_yaml_names_line_and_column(text: str, place: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yml"
    file.write_text(text, encoding="utf-8")
    assert refusal(file).startswith(f"study.yml, {place}: not valid YAML: ")


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"a: 1\nb: \xff\xfe", "not text in UTF-8"), (b"a: 1\nb: \x00", "not valid YAML")],
)
def test_file_that_is_not_text(content: bytes, rule: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yml"
    file.write_bytes(content)
    message = refusal(file)
    assert message.startswith("study.yml, line 2, file: ")
    assert rule in message


@pytest.mark.parametrize("text", ["", "- 1\n", "just words\n"])
def test_file_that_defines_no_study(text: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yml"
    file.write_text(text, encoding="utf-8")
    message = refusal(file)
    assert message.startswith("study.yml, line 1, file: ")
    assert "expected the fields protocol, analysis, outcomes" in message


@pytest.mark.parametrize("text", ["[" * 5000, "a: &a [*a]\n", "a: &a {b: *a}\na: 1\n"])
def test_file_that_never_ends(text: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yml"
    file.write_text(text, encoding="utf-8")
    assert refusal(file).startswith("study.yml, line 1, ")


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    assert "cannot be read: " in refusal(tmp_path)


def test_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "study.yml"
    assert refusal(file) == f"study.yml, file: {str(file)!r}: no such file"


def test_a_weighted_score_ends_where_answers_do(study: Study) -> None:
    ends = {outcome.name: study.ends(outcome) for outcome in study.outcomes}
    assert (ends["nrs"], ends["hads_anxiety"]) == ((10, 0), (21, 0))
    # Worst first, as the weights of the summaries give them.
    assert ends["sf12_mental"] == pytest.approx((5.9, 72.3), abs=0.05)
    assert ends["sf12_physical"] == pytest.approx((9.9, 70.1), abs=0.05)


def test_no_scale_goes_a_step_beyond_what_answers_give(study: Study) -> None:
    for outcome in study.outcomes:
        ends = outcome.minimum, outcome.maximum
        assert ends == pytest.approx(sorted(study.ends(outcome)), abs=outcome.step), outcome.name


def test_an_unknown_part_is_told_with_those_there_are(study: Study) -> None:
    with pytest.raises(UnknownNameError, match=r"'pain' is no outcome, rating or duration.*nrs, "):
        study["pain"]
    with pytest.raises(UnknownNameError, match="'nsr' is no outcome of the study; it has: nrs, "):
        study.outcome("nsr")
    with pytest.raises(UnknownNameError, match="'nrs' is no rating of the study; it has: pgic"):
        study.rating("nrs")
    with pytest.raises(UnknownNameError, match="'nrs' is no duration of the study; it has: relief"):
        study.duration("nrs")


def row(content: Content, name: str) -> Content:
    found: Content = next(one for one in content["estimands"] if one["name"] == name)
    return found


def change_row(name: str, /, **fields: object) -> Callable[[Content], object]:
    return lambda content: row(content, name).update(fields)


def test_the_primary_estimand_makes_the_analysis(tmp_path: Path, study: Study) -> None:
    assert (study.analysis.test, study.analysis.percentage) == ("paired_t", "change_between_means")
    assert study.duration("relief").recorded == "completed"
    content = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    row(content, "mean_seen")["primary"] = False
    row(content, "own_median_seen")["primary"] = True
    row(content, "relief_months")["months"] = "noticed"
    other = read_study(copy_of(content, tmp_path))
    assert (other.analysis.test, other.analysis.percentage) == (
        "wilcoxon",
        "mean_of_individual_changes",
    )
    assert other.duration("relief").recorded == "noticed"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            change_row("mean_worst", lost="worst"),
            "estimands.12.lost: 'worst': expected 'left_out', 'no_change', 'worst_score', "
            "'imputed', 'imputed_minus_mid', 'both_visits' or 'no_response'",
        ),
        (
            change_row("mean_worst", population="everyone"),
            "estimands.12.population: 'everyone': expected 'seen_twice' or 'all_treated'",
        ),
        (
            change_row("mean_worst", summary="mean"),
            "estimands.12.summary: 'mean': expected 'mean_percent', 'mean_own_percent', "
            "'pseudo_median_percent', 'pseudo_median_own_percent', 'responders' or "
            "'completed_months'",
        ),
        (
            change_row("mean_worst", population="seen_twice"),
            "estimands.12.lost: 'worst_score': expected left_out of those seen twice, and only of "
            "them",
        ),
        (
            change_row("mean_imputed", summary="mean_own_percent"),
            "estimands.10.summary: 'mean_own_percent': expected mean_percent: imputed gives a mean",
        ),
        (
            change_row("mean_worst", lost="no_response"),
            "estimands.12.lost: 'no_response': expected no_response of all treated with summary: "
            "responders, and only there",
        ),
        (
            change_row("mean_worst", responders=["rating"]),
            "estimands.12.responders: ['rating']: expected with summary: responders, only",
        ),
        (
            change_row("mean_worst", months="completed"),
            "estimands.12.months: 'completed': expected with left_out and summary: "
            "completed_months, only",
        ),
        (
            change_row("mean_worst", usual_mean=4),
            "estimands.12.usual_mean: 4.0: expected with left_out and mean_percent, only",
        ),
        (
            change_row("beyond_regression", usual_mean=3),
            "estimands.4.usual_mean: 3.0: no outcome supposes it in regression_to_the_mean, "
            "usual_means",
        ),
        (
            change_row("mean_worst", primary=True),
            "estimands.12.primary: True: expected of a change of those seen twice",
        ),
        (
            change_row("mean_worst", name="mean_seen"),
            "estimands.12.name: 'mean_seen': name used twice",
        ),
        (
            lambda content: content["analysis"].update(test="wilcoxon"),
            "analysis.test: 'wilcoxon': the primary estimand says it: leave it out",
        ),
        (
            lambda content: content["durations"][0].update(recorded="noticed"),
            "durations.0.recorded: 'noticed': an estimand says it, in months: leave it out",
        ),
    ],
)
def test_an_estimand_that_cannot_be(
    change: Callable[[Content], object], message: str, tmp_path: Path
) -> None:
    assert f"study.yml, {message}" in refusal_of(change, tmp_path).splitlines()


def test_one_estimand_is_primary(tmp_path: Path) -> None:
    message = refusal_of(change_row("own_seen", primary=True), tmp_path)
    assert "expected one estimand to be primary: true, found 2" in message
