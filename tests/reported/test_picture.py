"""The page for an author: a conflict drawn, its arithmetic, innocent explanations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from reported import audit, read_claims
from reported.picture import allowed_words, drawn
from reported.report import as_html

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def page() -> str:
    claims = read_claims(EXAMPLES / "yousef2013magnesium")
    return as_html(audit(claims), claims.published)


def test_the_nearest_numbers_that_the_others_allow_are_told() -> None:
    (conflict,) = audit(read_claims(EXAMPLES / "yousef2013magnesium")).conflicts
    told = dict(zip(conflict.claims, conflict.nearest, strict=True))
    # At a correlation of -1 the change has an SD of 2.25 + 1.85; t is 2.7 √40 / 4.1 at least.
    below, above = told["nrs.change.p"]
    assert above == ""
    assert float(below) < 0.034
    assert len(list(allowed_words(conflict))) == len(conflict.claims)


def test_a_mean_of_no_whole_scores_has_a_number_on_either_side() -> None:
    conflict, *_ = audit(read_claims(EXAMPLES / "jeon2012shockwave")).conflicts
    # 102/15 = 6.80 and 103/15 = 6.87.
    assert conflict.nearest == (("6.80", "6.87"),)


def test_the_picture_has_a_text_and_is_well_formed(page: str) -> None:
    svg = page[page.index("<svg") : page.index("</svg>") + 6]
    root = fromstring(svg)
    assert root.get("role") == "img"
    assert "printed p = 0.034" in (root.get("aria-label") or "")
    assert len(root.findall("circle")) == page.count("circle class")


def test_the_page_explains_before_it_lists(page: str) -> None:
    order = ("cannot be true together", "<svg", "Arithmetic", "They can be true if", "<details>")
    places = [page.index(text) for text in order]
    assert places == sorted(places)
    assert "nobody can tell from here" in page


def test_nothing_is_drawn_of_what_was_not_looked_for() -> None:
    (conflict,) = audit(read_claims(EXAMPLES / "yousef2013magnesium")).conflicts
    assert drawn(replace(conflict, nearest=())) == ""
