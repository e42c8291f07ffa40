"""Words that take a side stand under a fact of that side about the scale that is named."""

from __future__ import annotations

import re
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
from paper.manuscript.scales import Scales
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
        # Other names of a scale, and names that tell of whom something is said.
        '[The HADS scores were lower.]{says="anxiety_fell and depression_fell"}',
        '[SF-12 scores went up.]{says="quality_better"}',
        '[In people with chronic pain, depression eased.]{says="depression_fell"}',
        '[Women treated for pain and depression were less anxious.]{says="anxiety_fell"}',
        '[Those of the pain unit had a better quality of life.]{says="quality_better"}',
        "Anxiety treatment remained stable.",
        '[Unlike depression, anxiety was milder.]{says="anxiety_fell"}',
        # What is denied is not the word.
        '[Nobody knows why anxiety fell.]{says="anxiety_fell"}',
        '[Those in whom opioids had failed had less pain.]{says="pain_fell"}',
        '[A fall in pain was not small.]{says="pain_fell"}',
        '[Anxiety was not unimproved.]{says="anxiety_fell"}',
        # No change, where a fact is of none, and where no scale is meant.
        '[Pain was similar in both groups.]{says="pain_differs"}',
        '[Pain did not change.]{says="not pain_fell"}',
        '[Pain was not unchanged.]{says="pain_fell"}',
        "The doses were unchanged. The staff remained the same. The line of no change is black.",
        "One patient declined to answer. It took more than an hour. The lower limit is shown.",
        "Pain and anxiety were measured.",
        "## Methods\n\nWe asked whether pain fell.",
        # Of records no fact of the reconstruction is published; a printed part that names one is
        # told elsewhere.
        '[Anxiety rose.]{says="of_the_reconstruction_alone"}',
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
        ("Pain was down.", "no fact"),
        ("Anxiety went\nup.", "no fact"),
        ("Depression was more marked.", "no fact"),
        ("All were pain-free.", "no fact"),
        ('![Scores.](a.png){#fig-a fig-alt="Pain grew."}', "'grew' takes a side"),
        ("| Pain | fell |\n| Anxiety | rose |", "'rose' takes a side"),
        # No change.
        ("Anxiety did not change.", "'did not change' takes a side"),
        ("Anxiety was measured. It remained stable.", "no fact"),
        ('[Anxiety was unchanged.]{says="anxiety_fell"}', "of Anxiety, against the side of"),
        ('[No difference in pain was seen.]{says="pain_fell and pain_differs"}', "against"),
        ('[Neither pain nor anxiety changed.]{says="pain_fell and anxiety_fell"}', "against"),
        # Denied by other words than "not", within the word, or after it.
        ('[Anxiety was far from better.]{says="anxiety_fell"}', "is denied of Anxiety"),
        ('[Pain was anything but lower.]{says="pain_fell"}', "is denied of Pain"),
        ('[Pain ceased to fall.]{says="pain_fell"}', "is denied of Pain"),
        ('[Little improvement of pain was seen.]{says="pain_fell"}', "is denied"),
        ('[Pain was unimproved.]{says="pain_fell"}', "'unimproved' is denied of Pain"),
        (
            '[The fall in pain was non-significant.]{says="pain_fell"}',
            "'non-significant' is denied",
        ),
        ('[A fall in anxiety could not be shown.]{says="anxiety_fell"}', "is denied of Anxiety"),
        ('[Improvement of pain was absent.]{says="pain_fell"}', "is denied of Pain"),
        # Against the side of the fact.
        ('[Pain rose significantly.]{says="pain_fell"}', "against the side of pain_fell (down)"),
        ('[Pain increased.]{says="pain_fell"}', "'increased' is said of Pain intensity, against"),
        ('[Pain was increased by the infusion.]{says="pain_fell"}', "against"),
        ('[Pain got worse.]{says="pain_fell"}', "against"),
        ('[Pain improved.]{says="pain_rose"}', "against"),
        ('[Quality of life was worse.]{says="quality_better"}', "against"),
        ('[Quality of life fell.]{says="quality_better"}', "against"),
        ('[Quality of life deteriorated.]{says="mental_rose and physical_rose"}', "against"),
        ('[Pain did not fall.]{says="pain_fell"}', "is denied of Pain intensity, against"),
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
        ('[HADS scores fell.]{says="anxiety_fell"}', "of Depression, and none"),
        ('[In people with chronic pain, depression eased.]{says="pain_fell"}', "of Depression"),
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


def test_a_new_paper_begins_with_the_same_words() -> None:
    files = (ROOT / "paper.yml", ROOT / "src/paper/template/files/paper.yml")
    texts = [
        re.split(r"^  (?:words|sections_.*):", file.read_text(), flags=re.MULTILINE)
        for file in files
    ]
    assert texts[0][1] == texts[1][1]
    assert "fell" in texts[0][1]


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
