"""A number is what its sentence says of it: of its scale, its visit, its patients, in its unit."""

from __future__ import annotations

import re

import pytest
from commands import ROOT

from paper.manuscript.numbers import check_numbers
from paper.manuscript.printed_text import Passage
from paper.manuscript.scales import Scales
from paper.notebooks.collect import gather, gather_scales
from paper.notebooks.notebook_file import read_notebooks
from paper.storage.allowed import Allowed
from paper.storage.project import open_project

NOTEBOOKS = read_notebooks(open_project(ROOT))
SCALES = Scales(gather_scales(NOTEBOOKS))
NUMBERS, _ = gather(NOTEBOOKS)


def numbers_said(text: str, *allowed: Allowed) -> list[str]:
    """Check a text in which `#nrs.change.p#` stands for a number."""
    text = re.sub(r"#([\w.]+)#", r"{{< num \1 >}}", text)
    passage = Passage("paper.qmd", text, 0, len(text))
    return [problem.what for problem in check_numbers([passage], SCALES, NUMBERS, allowed)]


@pytest.mark.parametrize(
    "text",
    [
        "Pain went from {{< num nrs.baseline.mean >}} to {{< num nrs.follow_up.mean >}}.",
        "HADS anxiety was {{< num hads_anxiety.baseline.mean >}}, HADS depression "
        "{{< num hads_depression.baseline.mean >}}.",
        "It is so in {{< num hads_anxiety.multiverse.n_better >}} for anxiety, in "
        "{{< num hads_depression.multiverse.n_better >}} for depression.",
        "Pain of {{< num cohort.n_enrolled >}} patients.",
        "Quality of life was {{< num sf12_mental.baseline.mean >}}.",
        "A change of {{< num protocol.nrs.minimal_important_difference >}} points of pain.",
        "The mean was {{< num nrs.change.mean >}} ({{< num nrs.change.lower >}} to "
        "{{< num nrs.change.upper >}}).",
        "At most {{< num nrs.change.upper >}}, and at least {{< num nrs.change.lower >}}.",
        # Two scales, in turn, in rows and in items.
        "Anxiety and pain: #hads_anxiety.change.p# and #nrs.change.p#, respectively.",
        "| | Before |\n|:--|--:|\n| NPSI | #npsi.baseline.mean# |\n| Pain | #nrs.baseline.mean# |",
        "- Pain: #nrs.change.mean#\n- NPSI: #npsi.change.mean#",
        "The SF-12 changed by #sf12_mental.change.mean# (mental part).",
        "In women with chronic pain, anxiety was #hads_anxiety.baseline.mean#.",
        # Visits.
        "NPSI was #npsi.follow_up.mean# at follow-up, after #npsi.baseline.mean# at baseline.",
        "NPSI came to #npsi.follow_up.mean# from a baseline of #npsi.baseline.mean#.",
        "Compared with baseline, NPSI was #npsi.follow_up.mean#.",
        "NPSI was #npsi.follow_up.mean# (baseline: #npsi.baseline.mean#).",
        # Patients.
        "Of #cohort.n_enrolled# patients treated, #cohort.n_follow_up# were seen again.",
        "Of all treated, #nrs.beyond_minimal.of_all.proportion# responded.",
        # What it is.
        "The mean lies between #nrs.change.lower# and #nrs.change.upper#.",
        "Pain: mean #nrs.baseline.mean#, SD #nrs.baseline.standard_deviation#.",
        "The pseudo-median was #nrs.hodges_lehmann.estimate# (n = #nrs.n_pairs#, #nrs.change.p#).",
        "NPSI changed by #npsi.change.mean# points, #npsi.change.percentage# of its mean.",
        "They came back on day #protocol.follow_up_day#, after #protocol.infusion_days# days.",
    ],
)
def test_numbers_of_the_scale_that_is_named_are_no_problem(text: str) -> None:
    assert numbers_said(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "Anxiety changed by {{< num nrs.change.mean >}}.",
            "nrs.change.mean is a number of Pain intensity, in a sentence on Anxiety",
        ),
        ("Pain fell by {{< num protocol.hads_anxiety.usual_mean_1 >}}.", "a number of Anxiety"),
        (
            "Anxiety was {{< num hads_depression.baseline.mean >}}, depression "
            "{{< num hads_anxiety.baseline.mean >}}.",
            "hads_depression.baseline.mean is a number of Depression, in a sentence on Anxiety",
        ),
        ("Neuropathic pain changed by {{< num nrs.change.mean >}}.", "a number of Pain intensity"),
        ("In {{< num nrs.n_pairs >}} patients anxiety was seen.", "a number of Pain intensity"),
        (
            "The change was {{< num nrs.change.upper >}} to {{< num nrs.change.lower >}}.",
            "ends swapped: nrs.change.upper stands before nrs.change.lower",
        ),
        ("({{< num pgic.improved.upper >}}, {{< num pgic.improved.lower >}})", "ends swapped"),
        (
            "between {{< num hads_anxiety.baseline_bounds.lost_greatest >}} and\n"
            "{{< num hads_anxiety.baseline_bounds.lost_least >}}",
            "ends swapped",
        ),
        ("from {{< num relief.median_upper >}} to {{< num relief.median_lower >}}", "swapped"),
        ("between #npsi.change.lower# and #nrs.change.upper#", "is of two results"),
        # Of another scale.
        ("The HADS changed by #npsi.change.mean#.", "in a sentence on Anxiety or Depression"),
        ("The mental part of the SF-12: #sf12_physical.change.p#.", "on Mental quality of life"),
        ("Anxiety and pain: #nrs.change.p# and #hads_anxiety.change.p#, respectively.", "of Pain"),
        ("| Pain | #npsi.change.p# |\n| NPSI | #nrs.change.p# |", "in a sentence on Pain"),
        ("In women with chronic pain, anxiety was #nrs.baseline.mean#.", "on Anxiety"),
        ("It was #nrs.change.mean# (#npsi.change.p#).", "in a sentence on Pain intensity"),
        # Visits.
        ("NPSI went from #npsi.follow_up.mean# to #npsi.baseline.mean#.", "a value at baseline"),
        ("Scores at day 0 were #npsi.follow_up.mean#.", "called a value at baseline"),
        ("NPSI was #npsi.follow_up.mean# at baseline.", "called a value at baseline"),
        ("NPSI was #npsi.baseline.mean# three weeks later.", "called a value at follow-up"),
        ("NPSI at follow-up was #npsi.paired_baseline.mean#.", "called a value at follow-up"),
        # Patients.
        ("#npsi.n_pairs# patients were enrolled.", "a number of all patients treated"),
        ("#cohort.n_enrolled# were seen again.", "a number of patients seen again"),
        ("#cohort.n_follow_up# patients were lost.", "a number of patients lost"),
        ("#nrs.beyond_minimal.proportion# of all treated responded.", "of all patients treated"),
        # What it is.
        ("The SD was #npsi.baseline.mean#.", "called a standard deviation"),
        ("NPSI was #npsi.baseline.mean# ± #npsi.change.p#.", "a standard deviation or error"),
        ("Mean NPSI was #npsi.baseline.standard_deviation#.", "called a mean"),
        ("The median of the changes was #npsi.change.mean#.", "called a median"),
        ("The tests gave *P* = #npsi.change.mean#.", "called a P value"),
        ("NPSI changed by #npsi.follow_up.mean#.", "called a change"),
        ("The upper limit is #npsi.change.lower#.", "called an upper end"),
        # Units.
        ("NPSI changed by #npsi.change.mean#%.", "npsi.change.mean is in point, and called %"),
        ("It was #npsi.change.percentage# points.", "is in %, and called point"),
        ("For #relief.restricted.mean# weeks.", "is in month, and called week"),
        ("#pgic.improved.proportion#% of patients", "is printed with its own %"),
    ],
)
def test_numbers_of_another_scale_and_swapped_ends_are_told(text: str, what: str) -> None:
    assert any(what in said for said in numbers_said(text)), numbers_said(text)


def test_an_interval_whose_lower_end_is_above_its_upper_is_told() -> None:
    number = {"notebook": "notebooks/a.ipynb", "cell": "b"}
    found = check_numbers(
        [],
        SCALES,
        {"a.lower": {"value": 2.0} | number, "a.upper": {"value": 1.0} | number}
        | {"b.lower": {"value": None} | number, "b.upper": {"value": 1.0} | number},
        (),
    )
    assert [str(problem) for problem in found] == [
        "notebooks/a.ipynb, cell b: a.lower is 2, above a.upper, 1\n"
        "An interval has its lower end first."
    ]


def test_words_that_an_author_gave_a_reason_for_say_nothing_of_a_number() -> None:
    text = "The SD of an earlier trial met our mean of pain, SD #nrs.baseline.mean#."
    assert len(numbers_said(text)) == 1
    entry = Allowed("of pain, SD", "a quotation", "paper.yml, line 1")
    assert numbers_said(text, entry) == []
    assert len(numbers_said(text.replace("of pain, SD", "pain; SD"), entry)) == 1
