"""The same numbers in every format, and in the abstract those of the publication."""

from __future__ import annotations

import json
import re
from pathlib import Path

import lxml.html
import pytest
import yaml
from extract import (
    NUMERAL,
    abstract_numerals,
    docx_numbers,
    docx_text,
    first_missing,
    html_numbers,
    html_text,
    jats_numbers,
    jats_text,
    pdf_text,
    plain,
)

TEXTS = {
    "index.html": html_text,
    "paper.pdf": pdf_text,
    "paper.docx": docx_text,
    "paper.xml": jats_text,
}

# What the abstract says beside the printed numbers: over how many patients the later ones are.
MORE = {"cohort.n_follow_up": "80"}


def as_the_paper_writes(claim: dict[str, str]) -> str:
    """Bring a printed number into the paper's spelling: spaces, minus sign, `P =`."""
    text = claim.get("reads", claim["printed"])
    text = text.removesuffix(" months").replace("-", "−")
    if text.startswith("p"):
        return re.sub(r"^p\s*[:=]\s*", "P = ", text).replace("p <", "P <")
    return text.replace(" ", "")


@pytest.fixture(scope="module")
def claims(built: Path) -> dict[str, str]:
    published = yaml.safe_load((built / "data/published.yml").read_text())
    return {claim["key"]: as_the_paper_writes(claim) for claim in published["claims"]}


def test_page_and_jats_hold_the_same_numbers_in_the_same_order(built: Path) -> None:
    page = html_numbers(built / "_manuscript/index.html")
    assert len(page) > 80
    assert page == jats_numbers(built / "_manuscript/paper.xml")


def test_word_holds_the_numbers_of_the_page_in_the_same_order(built: Path) -> None:
    page = [text for _, text in html_numbers(built / "_manuscript/index.html")]
    assert docx_numbers(built / "_manuscript/paper.docx") == page


def test_pdf_holds_the_numbers_of_the_page_in_the_same_order(built: Path) -> None:
    page = built / "_manuscript/index.html"
    assert first_missing(pdf_text(built / "_manuscript/paper.pdf"), page) is None


def test_abstract_prints_every_published_number_as_published(
    built: Path, claims: dict[str, str]
) -> None:
    abstract = dict(html_numbers(built / "_manuscript/index.html")[: len(claims | MORE)])
    assert abstract == claims | MORE


@pytest.mark.parametrize("document", TEXTS)
def test_abstract_has_the_same_numerals_in_every_format(
    built: Path, claims: dict[str, str], document: str
) -> None:
    numbers = html_numbers(built / "_manuscript/index.html")[: len(claims | MORE)]
    expected = [numeral for _, text in numbers for numeral in NUMERAL.findall(text)]
    assert abstract_numerals(TEXTS[document](built / "_manuscript" / document)) == expected


def test_every_number_of_the_page_is_the_recorded_text(built: Path) -> None:
    recorded = json.loads((built / "results/numbers.json").read_text())
    for key, text in html_numbers(built / "_manuscript/index.html", floats=False):
        assert text == recorded[key]["text"]


# Tables of words, of sizes that nobody publishes, and cells that name what their row is of.
WITHOUT_KEYS = {"tbl-sizes", "tbl-subgroups"}


def test_every_number_in_a_table_has_its_key(built: Path) -> None:
    page = lxml.html.parse(built / "_manuscript/index.html")
    tables = [one for one in page.xpath("//table") if one.get("id") not in WITHOUT_KEYS]
    assert len(tables) == 11
    for cell in (cell for table in tables for cell in table.xpath(".//td")):
        beside = [*cell.xpath("text()"), *cell.xpath("*/following-sibling::text()")]
        words = re.sub("exact tie, [^,]+", "", "".join(beside))
        assert not re.search(r"\d", words), cell.text_content()
    assert len(page.xpath("//td//a[@class='num']")) > 400


@pytest.mark.parametrize("part", ["low", "high", "printed"])
def test_a_table_prints_what_is_known_of_a_number(built: Path, part: str) -> None:
    numbers = json.loads((built / "results/numbers.json").read_text())
    page = lxml.html.parse(built / "_manuscript/index.html")
    found = page.xpath(f"//a[@data-part='{part}']")
    assert found
    for one in found:
        entry = numbers[one.get("data-key")]
        known = entry["printed"] if part == "printed" else entry["standing"][part]
        assert plain(one.text_content()) == known


@pytest.mark.parametrize("document", TEXTS)
def test_no_shortcode_is_left_over(built: Path, document: str) -> None:
    text = TEXTS[document](built / "_manuscript" / document)
    assert "{{<" not in text
    assert "nan" not in text.split()


@pytest.mark.parametrize("document", TEXTS)
def test_every_format_says_that_the_cohort_is_reconstructed(built: Path, document: str) -> None:
    assert "This cohort is reconstructed." in TEXTS[document](built / "_manuscript" / document)


# Numbers that are no property of patients: what was planned, and counts of claims and the like.
ABOUT_THE_PAPER = (
    "protocol", "cohort", "claims", "audit", "bounds", "ranges", "ensemble", "own_numbers",
)  # fmt: skip


def test_every_number_of_patients_says_what_is_known_of_it(built: Path) -> None:
    numbers = json.loads((built / "results/numbers.json").read_text())
    keys = {key for key, _ in html_numbers(built / "_manuscript/index.html")}
    unknown = {
        key
        for key in keys
        if "standing" not in numbers[key]
        and not key.startswith(ABOUT_THE_PAPER)
        and "baseline_bounds" not in key
    }
    assert unknown == {"relief.whole.mean"}  # printed twice, in two roundings


@pytest.mark.parametrize("name", TEXTS)
def test_bounds_and_ranges_stand_behind_their_number(built: Path, name: str) -> None:
    numbers = json.loads((built / "results/numbers.json").read_text())
    text = TEXTS[name](built / "_manuscript" / name)
    for key, word in {
        "nrs.change.mean": "bounds",
        "nrs.responders.at_least_30.proportion": "bounds",
        "nrs.regression_to_the_mean.towards.mean_4.own_slope.lower": "range",
    }.items():
        entry = numbers[key]
        ends = "{low} to {high}".format(**entry["standing"])
        assert f"{entry['text']} [{word} {ends}]" in " ".join(text.split())


def test_printed_numbers_stand_alone(built: Path, claims: dict[str, str]) -> None:
    numbers = json.loads((built / "results/numbers.json").read_text())
    standings = {key: numbers[key].get("standing", {"kind": "printed"}) for key in claims}
    assert {standing["kind"] for standing in standings.values()} == {"printed"}


def test_printed_numbers_carry_what_is_printed(built: Path) -> None:
    published = yaml.safe_load((built / "data/published.yml").read_text())
    numbers = json.loads((built / "results/numbers.json").read_text())
    carried = {key: entry["printed"] for key, entry in numbers.items() if "printed" in entry}
    assert carried == {claim["key"]: claim["printed"] for claim in published["claims"]}
