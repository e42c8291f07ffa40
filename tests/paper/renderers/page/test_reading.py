"""Search, addresses of paragraphs, citation and comments, as a reader of the page meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from paper.renderers.reading.front import read_front
from paper.storage.project import open_project

Opening = Callable[[str], Page]


@pytest.fixture
def opened(browser: Browser, built: Path) -> Iterator[Opening]:
    """Open the paper at an address within it; fail on any message of the console."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def open_page(place: str) -> Page:
        page.goto((built / "_manuscript/index.html").as_uri() + place)
        return page

    yield open_page
    context.close()
    assert wrong == []


# What is typed on a keyboard, and how the paper prints it.
@pytest.mark.parametrize(
    ("typed", "printed"),
    [("-26%", "−26%"), ("KAPLAN", "Kaplan"), ("patients' global", "patients’ global")],
)
def test_the_text_is_searched_as_one_types(opened: Opening, typed: str, printed: str) -> None:
    page = opened("")
    page.get_by_label("Search the text").fill(typed)
    marks = page.locator(".hits mark")
    expect(marks.first).to_have_text(printed)
    count = len(marks.all())
    expect(page.get_by_role("status")).to_have_text(f"{count} places")
    link = page.locator(".hits a").first
    target = page.locator(f"[id='{(link.get_attribute('href') or '').removeprefix('#')}']")
    link.click()
    expect(target).to_be_in_viewport()
    expect(target).to_contain_text(printed)


def test_a_search_without_a_hit_says_so(opened: Opening) -> None:
    page = opened("")
    page.get_by_label("Search the text").fill("lidocaine patch")
    expect(page.get_by_role("status")).to_have_text("0 places")
    assert page.locator(".hits li").count() == 0


def test_each_paragraph_has_an_address_of_its_own_that_leads_to_it(opened: Opening) -> None:
    page = opened("")
    addresses = page.locator("main > p > .here").evaluate_all("all => all.map(a => a.hash)")
    assert len(addresses) == len(set(addresses)) == page.locator("main > p").count()
    last = next(one for one in addresses if one.startswith("#limitations-p"))
    page.goto("about:blank")
    page = opened(last)
    expect(page.locator(last)).to_be_in_viewport()


def test_the_paper_is_cited_in_three_forms(opened: Opening) -> None:
    page = opened("")
    page.get_by_role("button", name="Cite this paper").click()
    dialog = page.get_by_role("dialog", name="Cite this paper")
    title = page.locator("h1").inner_text()
    for form, begins in (("Text", "["), ("BibTeX", "@misc{"), ("RIS", "TY  - GEN")):
        button = dialog.get_by_role("button").filter(has_text=f"Copy as {form}")
        button.click()
        expect(button).to_have_count(0)  # it says that it has copied now
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(begins)
        assert title in copied


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("", False),
        ("comments: {hypothesis: true}\n", True),
        ("format:\n  html:\n    comments: {hypothesis: true}\n", True),
        ("comments: {hypothesis: false}\n", False),
    ],
)
def test_readers_comment_only_where_the_author_wants_it(
    built: Path, fields: str, wanted: bool
) -> None:
    front = read_front(open_project(built), f"---\ntitle: T\n{fields}---\n")
    assert bool((front.metadata.get("comments") or {}).get("hypothesis")) == wanted
    page = (built / "_manuscript/index.html").read_text()
    assert "hypothes.is" not in page
