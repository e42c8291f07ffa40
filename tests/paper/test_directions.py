"""Words that take a side stand under a fact of that side about the scale that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.errors import PaperError
from paper.manuscript.check import check_sources
from paper.manuscript.directions import check_directions, read_directions
from paper.manuscript.printed_text import Passage
from paper.manuscript.scales import Scales, check_scales
from paper.notebooks.collect import gather_facts, gather_scales
from paper.notebooks.notebook_file import read_notebooks
from paper.storage.project import open_project
from paper.storage.settings import WORDS, Section, read_section

NOTEBOOKS = read_notebooks(open_project(ROOT))
SCALES = Scales(gather_scales(NOTEBOOKS))
OF_THE_PAPER, _ = gather_facts(NOTEBOOKS)


def fact(side: str | None, *about: str, holds: bool = True) -> dict[str, Any]:
    return {"holds": holds, "side": side, "about": list(about), "notebook": "a", "cell": "b"}


FACTS = OF_THE_PAPER | {
    "pain_rose": fact("up", "nrs", holds=False),
    "pain_worse": fact("worse", "nrs", holds=False),
    "anxiety_rose": fact("up", "hads_anxiety", holds=False),
    "quality_better": fact("better", "sf12_mental", "sf12_physical"),
    "pain_differs": fact(None, "nrs"),
}


def problems(text: str, words: Section | None = None) -> list[PaperError]:
    section = words or read_section(ROOT, WORDS)
    directions, wrong = read_directions(section)
    assert wrong == []
    passage = Passage("paper.qmd", text, 0, len(text))
    idle = {entry.place for entry in directions.allowed}
    found = check_directions([passage], directions, FACTS, SCALES)
    return [one for one in found if one.where not in idle]


@pytest.mark.parametrize(
    "text",
    [
        '[Pain fell.]{says="pain_fell"}',
        '[Pain was reduced by the infusion.]{says="pain_fell"}',
        '[Quality of life improved.]{says="mental_rose and physical_rose"}',
        '[Quality of life was better.]{says="quality_better"}',
        '[Quality of life rose.]{says="quality_better"}',
        '[Pain was better.]{says="pain_fell"}',
        '[Pain did not increase.]{says="pain_fell"}',
        '[Pain did not fall.]{says="not pain_fell"}',
        '[Neither pain nor anxiety rose.]{says="pain_fell and anxiety_fell"}',
        '[Pain and anxiety fell]{says="pain_fell and anxiety_fell"}',
        '[Pain fell]{says="pain_fell"}, and [quality of life rose]{says="quality_better"}.',
        '[Pain fell and quality of life rose.]{says="pain_fell and quality_better"}',
        "[Less pain and anxiety, and better quality of life, were seen.]"
        '{says="pain_fell and anxiety_fell and quality_better"}',
        'Pain was measured. [It fell.]{says="pain_fell"}',
        'Pain [fell]{when="pain_fell"} a month later.',
        '::: {when="pain_fell"}\nPain fell. The lower scores lasted.\n:::',
        '[Pain differed significantly.]{says="pain_differs"}',
        '[Neuropathic pain fell.]{says="neuropathic_fell"}',
        "Pain and anxiety were measured.",
        "## Methods\n\nWe asked whether pain fell.",
    ],
)
def test_what_a_fact_bears_out_is_no_problem(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        # Nothing bears it out.
        ("Pain fell.", "'fell' takes a side, and no fact bears it out: Pain fell."),
        ("Pain increased.", "no fact"),
        ("Quality of life deteriorated.", "no fact"),
        ("Anxiety went up.", "no fact"),
        ("Depression was alleviated.", "no fact"),
        ('[Anxiety increased significantly.]{when="reconstructed"}', "no fact"),
        ('[Anxiety increased.]{when="some_lost"}', "no fact"),
        ("[Pain fell by much.]{.if-known}", "no fact"),
        # Against the side of the fact.
        ('[Pain rose significantly.]{says="pain_fell"}', "against the side of pain_fell (down)"),
        ('[Pain increased.]{says="pain_fell"}', "'increased' is said of Pain intensity, against"),
        ('[Pain was increased by the infusion.]{says="pain_fell"}', "against"),
        ('[Pain got worse.]{says="pain_fell"}', "against"),
        ('[Pain improved.]{says="pain_rose"}', "against"),
        ('[Quality of life was worse.]{says="quality_better"}', "against"),
        ('[Quality of life fell.]{says="quality_better"}', "against"),
        ('[Quality of life deteriorated.]{says="mental_rose and physical_rose"}', "against"),
        ('[Pain did not fall.]{says="pain_fell"}', "is denied said of Pain intensity, against"),
        ('[Pain fell in no patient.]{says="pain_fell"}', "against"),
        ('[Pain didn\'t fall.]{says="pain_fell"}', "against"),
        ('[Pain rose.]{says="not pain_fell"}', "against"),
        ('[Neither pain nor anxiety fell.]{says="pain_fell and anxiety_fell"}', "against"),
        ('[Pain fell.]{says="pain_differs"}', "pain_differs (no side)"),
        # About another scale.
        ('[Anxiety increased significantly.]{when="pain_fell"}', "of Anxiety, and none"),
        ('[Anxiety fell.]{says="pain_fell"}', "none of the facts given is about it: pain_fell"),
        ('[Quality of life rose.]{says="mental_rose"}', "of Physical quality of life, and none"),
        ('Anxiety [fell]{says="pain_fell"} a month later.', "of Anxiety, and none"),
        ('[Neuropathic pain fell.]{says="pain_fell"}', "of Neuropathic pain symptoms, and none"),
        ('Anxiety was measured. [It fell.]{says="pain_fell"}', "of Anxiety, and none"),
        # Two scales in one sentence.
        ('[Pain fell and anxiety rose.]{says="pain_fell and anxiety_fell"}', "of Anxiety, against"),
        ('[Pain fell and anxiety fell.]{says="pain_fell"}', "of Anxiety, and none"),
        ('[Pain and anxiety fell.]{says="anxiety_fell"}', "of Pain intensity, and none"),
        ('[Pain, anxiety and depression fell.]{says="pain_fell and depression_fell"}', "Anxiety"),
        ('[Less pain and depression were seen.]{says="pain_fell"}', "of Depression, and none"),
        ('[Pain fell]{says="pain_fell"} while quality of life was worse.', "no fact"),
        (
            '[Pain rose significantly, and quality of life was worse.]{says="pain_fell"}',
            "against the side of pain_fell",
        ),
        (
            '[Pain fell, and quality of life fell.]{says="pain_fell and quality_better"}',
            "quality of life, against",
        ),
    ],
)
def test_what_no_fact_bears_out_is_told_with_line_word_and_fact(text: str, what: str) -> None:
    found = problems(text)
    assert found
    assert any(what in problem.what for problem in found), [one.what for one in found]
    assert all(problem.where.startswith("paper.qmd, line ") for problem in found)


@settings(deadline=None)
@given(
    word=st.sampled_from(["fell", "rose", "increased", "decreased", "improved", "worsened"]),
    scale=st.sampled_from(["Pain", "Anxiety", "Depression", "Mental quality of life"]),
    side=st.sampled_from(["down", "up", "better", "worse"]),
    denied=st.booleans(),
)
def test_word_and_its_opposite_are_never_both_borne_out(
    word: str, scale: str, side: str, denied: bool
) -> None:
    name = {"Pain": "nrs", "Anxiety": "hads_anxiety", "Depression": "hads_depression"}.get(
        scale, "sf12_mental"
    )
    FACTS["drawn"] = fact(side, name)
    opposites = {"fell": "rose", "decreased": "increased", "worsened": "improved"}
    opposite = (opposites | {two: one for one, two in opposites.items()})[word]
    text = '[{} {}{}.]{{says="drawn"}}'
    never = "never " if denied else ""
    sound = [not problems(text.format(scale, never, one)) for one in (word, opposite)]
    assert sorted(sound) == [False, True]


def numbers_said(text: str) -> list[str]:
    passage = Passage("paper.qmd", text, 0, len(text))
    return [problem.what for problem in check_scales([passage], SCALES, {})]


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
    ],
)
def test_numbers_of_another_scale_and_swapped_ends_are_told(text: str, what: str) -> None:
    assert any(what in said for said in numbers_said(text)), numbers_said(text)


def test_an_interval_whose_lower_end_is_above_its_upper_is_told() -> None:
    number = {"notebook": "notebooks/a.ipynb", "cell": "b"}
    found = check_scales(
        [],
        SCALES,
        {"a.lower": {"value": 2.0} | number, "a.upper": {"value": 1.0} | number}
        | {"b.lower": {"value": None} | number, "b.upper": {"value": 1.0} | number},
    )
    assert [str(problem) for problem in found] == [
        "notebooks/a.ipynb, cell b: a.lower is 2, above a.upper, 1\n"
        "An interval has its lower end first."
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"words": {"down": ["fell"]}}, "expected allowed, sections_without_results, words"),
        ({"words": {"left": ["fell"]}, "allowed": [], "sections_without_results": []}, "under"),
        ({"words": ["fell"], "allowed": [], "sections_without_results": []}, "lists under"),
        ({"words": {"up": "a"}, "allowed": [], "sections_without_results": []}, "lists"),
        ({"words": {"up": ["("]}, "allowed": [], "sections_without_results": []}, "no pattern"),
    ],
)
def test_a_list_of_words_of_another_form_is_refused(content: Any, what: str) -> None:
    _, found = read_directions(Section(content, None, 7))
    assert len(found) == 1
    assert found[0].where == "paper.yml, line 7"
    assert what.replace("no pattern", "not a pattern") in found[0].what


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ('[Pain rose significantly, and quality of life was worse.]{says="pain_fell"}', "'rose'"),
        ('[Anxiety increased significantly.]{when="some_lost"}', "'increased' takes a side"),
        ("Quality of life deteriorated.", "'deteriorated' takes a side"),
        ("Anxiety changed by {{< num nrs.change.mean >}}.", "in a sentence on Anxiety"),
        ("{{< num nrs.change.upper >}} to {{< num nrs.change.lower >}}", "ends swapped"),
        ('[Pain fell]{says="nrs.change.upper < 0"}', "is not a condition"),
    ],
)
def test_such_a_sentence_in_the_paper_stops_its_build(
    tmp_path: Path, sentence: str, what: str
) -> None:
    folder = tmp_path / "paper"
    folder.mkdir()
    for name in ("data", "notebooks", "results", "src", "_extensions"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("_quarto.yml", "paper.yml", "references.bib"):
        (folder / name).symlink_to(ROOT / name)
    text = (ROOT / "paper.qmd").read_text()
    (folder / "paper.qmd").write_text(
        text.replace("## Discussion\n", f"## Discussion\n\n{sentence}\n")
    )
    line = text[: text.index("## Discussion")].count("\n") + 3
    found = [str(one) for one in check_sources(open_project(folder)).problems]
    assert found
    assert all(one.startswith(f"paper.qmd, line {line}, ") for one in found), found
    assert any(what in one for one in found), found
