"""The page on a phone: tables as cards, targets for fingers, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

SMALLEST_TARGET = 24  # pixels: WCAG 2.5.8


@pytest.fixture
def page(browser: Browser, built: Path) -> Iterator[Page]:
    """Open the paper on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto((built / "_manuscript/index.html").as_uri())
    yield page
    context.close()


def test_wide_tables_turn_into_cards_and_narrow_ones_stay(page: Page) -> None:
    cards = page.locator("main table.cards")
    assert cards.count() > 5
    for table in cards.all():
        assert table.evaluate("t => t.offsetWidth <= t.parentElement.clientWidth")
    narrow = page.locator("#tbl-sizes")
    expect(narrow).not_to_have_class("cards")
    assert (
        narrow.locator("td").first.evaluate("cell => getComputedStyle(cell).display")
        == "table-cell"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_each_cell_of_a_card_stands_beside_its_heading(page: Page) -> None:
    table = page.locator("#tbl-outcomes")
    heads = table.locator("thead th").all_text_contents()
    row = table.locator("tbody tr").first
    before = "cell => getComputedStyle(cell, '::before').content"
    for cell, head in zip(row.locator("td").all(), heads[1:], strict=True):
        assert cell.evaluate(before) == f'"{head}" / ""'
    tops = [cell.bounding_box() for cell in row.locator("th, td").all()]
    assert all(one and other and one["y"] < other["y"] for one, other in pairwise(tops))


def test_a_card_is_a_row_of_a_table_to_a_screen_reader(page: Page) -> None:
    table = page.get_by_role("table").filter(has=page.locator("#num-nrs\\.change\\.lower"))
    rows = table.get_by_role("row")
    expect(rows).to_have_count(7)
    expect(table.get_by_role("columnheader")).to_have_count(8)
    expect(table.get_by_role("rowheader")).to_have_text(
        ["NRS", "NPSI", "SF-12 mental", "SF-12 physical", "HADS anxiety", "HADS depression"]
    )
    expect(rows.nth(1).get_by_role("cell")).to_have_count(7)


def test_a_wider_window_has_tables_again(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator("table.cards")).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#tbl-outcomes")).to_have_class("cards")


def test_what_scrolls_sideways_says_so(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 844})  # too wide for cards
    frame = page.locator(".frame:has(#tbl-outcomes)")
    expect(frame).to_have_class("frame scrolls")
    said = frame.evaluate("frame => getComputedStyle(frame, '::before').content")
    assert "Scrolls sideways" in said
    expect(frame).to_have_attribute("tabindex", "0")


def test_every_target_is_large_enough_for_a_finger(page: Page) -> None:
    page.get_by_text("Contents", exact=True).click()
    small = page.evaluate(
        """smallest => [...document.querySelectorAll("a, button, input, select, summary")]
          .map(target => [target.outerHTML.slice(0, 90), target.getBoundingClientRect()])
          .filter(([, { width, height }]) => width && Math.min(width, height) < smallest)
          .map(([html, { width, height }]) => `${width} × ${height}: ${html}`)""",
        SMALLEST_TARGET - 0.01,
    )
    # A link that is read by nobody but a mouse, and the skip link before it has the focus.
    assert [one for one in small if 'class="skip"' not in one] == []
