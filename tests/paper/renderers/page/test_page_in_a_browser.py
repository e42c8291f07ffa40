"""The page and the notebook pages as their reader meets them, in Chromium."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect


def ask_for_colours(page: Page, colours: Literal["light", "dark"]) -> None:
    """Ask for light or dark, and wait until the page has heard of it."""
    page.emulate_media(color_scheme=colours)
    expect(page.locator("html")).to_have_attribute("data-scheme", colours)


def test_every_figure_is_drawn_and_described(page: Page) -> None:
    images = page.locator("figure img")
    assert images.count() == 10
    for image in images.all():
        assert image.evaluate("image => image.complete && image.naturalWidth > 300")
        assert len(image.get_attribute("alt") or "") > 30


def test_every_number_leads_to_its_row_below_the_cell_that_computed_it(page: Page) -> None:
    # Without the way back, which is the link's own.
    links = page.locator("a.num").evaluate_all(
        "links => links.map(link => link.href.replace(link.search, ''))"
    )
    assert len(links) > 80
    for target in sorted(set(links)):
        page.goto(target)
        row = page.locator("tr:target")
        assert row.count() == 1, target
        assert row.locator("code").inner_text() == target.partition("#key-")[2]
        assert "publish(" in page.locator(".cell:has(tr:target)").inner_text()


def test_every_link_within_the_paper_has_a_target(page: Page) -> None:
    broken = page.evaluate(
        """() => [...document.querySelectorAll('a[href^="#"]')]
               .map(link => link.getAttribute('href'))
               .filter(target => !document.getElementById(decodeURIComponent(target.slice(1))))"""
    )
    assert broken == []


def test_downloads_and_notebook_pages_are_there(page: Page, built: Path) -> None:
    links = page.locator("nav a:not([href^='#'])").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert {"paper.pdf", "paper.docx", "paper.xml"} <= set(links)
    assert sum(link.startswith("notebooks/") for link in links) == 13
    for link in links:
        assert (built / "_manuscript" / link).is_file()


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_other_page_scrolls_sideways_on_a_phone(page: Page, built: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    pages = sorted((built / "_manuscript").glob("*/*.html"))
    assert len(pages) == 14  # the notebooks and the checklist
    for file in pages:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, file.name


def test_figures_and_tables_are_numbered_in_order(page: Page) -> None:
    labels = page.locator("figcaption strong, caption strong").all_inner_texts()
    figures = [label for label in labels if label.startswith("Figure")]
    tables = [label for label in labels if label.startswith("Table")]
    assert figures == [f"Figure\u00a0{n}." for n in range(1, 11)]
    assert tables == [f"Table\u00a0{n}." for n in range(1, 13)]


def test_every_cell_leads_back_to_its_numbers_without_scripts(
    browser: Browser, built: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built / "_manuscript/notebooks/02-pain-intensity-preview.html").as_uri())
    page.locator("#cell-nrs-change .in-text a[title='nrs.change.percentage']").click()
    target = page.locator("a.num:target")
    expect(target).to_have_attribute("data-key", "nrs.change.percentage")
    context.close()


def test_a_notebook_page_shows_tables_and_captions_with_their_numbers(
    page: Page, built: Path
) -> None:
    pages = built / "_manuscript/notebooks"
    page.goto((pages / "01-cohort-preview.html").as_uri())
    table = page.locator("#cell-tbl-outcomes table")
    expect(table.locator("tbody tr")).to_have_count(6)
    expect(table.locator("caption")).to_contain_text("has its 95% confidence interval")
    expect(page.locator("#cell-fig-forest .caption")).to_contain_text("with its 95% confidence")
    for file in pages.glob("*.html"):
        text = file.read_text()
        assert "IPython.core" not in text, file.name
        assert "{&quot;" not in text, file.name  # what is recorded, for the machine


def test_citations_show_their_reference(page: Page) -> None:
    for cite in page.locator("a[role=doc-biblioref]").all():
        cite.focus()
        entry = page.locator(f"[id='{(cite.get_attribute('href') or '#')[1:]}']")
        shown = page.locator(".answer > div").inner_text()
        assert len(shown) > 40
        assert shown in entry.inner_text()


def test_references_show_their_figure_or_table(page: Page) -> None:
    for kind, what in (("fig", "img"), ("tbl", "table")):
        link = page.locator(f"main a[href^='#{kind}-']").first
        link.focus()
        expect(page.locator(f".answer .preview {what}")).to_be_visible()
        assert page.locator(".answer [id]:not(#answer-title)").count() == 0


def test_sections_are_below_the_title_and_rows_have_headers(page: Page) -> None:
    assert page.locator("h1").count() == 1
    assert page.locator("main h2:text-is('Methods')").count() == 1
    for table in page.locator("main table").all():
        rows = table.locator("tbody tr").count()
        assert table.locator("tbody tr > th:first-child").count() == rows


def test_the_page_is_light_or_dark_as_one_likes(page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark page").click()
    assert page.evaluate(ground) != light
    page.reload()
    assert page.evaluate(ground) != light
    page.get_by_role("button", name="Light page").click()
    assert page.evaluate(ground) == light


def test_indexes_find_title_and_abstract_with_its_numbers(page: Page) -> None:
    def content(name: str) -> str:
        return page.locator(f"meta[name='{name}']").get_attribute("content") or ""

    assert content("citation_title") == page.locator("h1").inner_text()
    assert "went from 7.54 ± 1.35 to 5.59 ± 2.2" in content("citation_abstract").replace(
        "\xa0", " "
    )
    known = page.locator("script[type='application/ld+json']").text_content() or ""
    assert json.loads(known)["abstract"] == content("citation_abstract")


def test_figures_enlarge_and_the_keyboard_comes_back(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    button = page.get_by_role("button", name="Enlarge Figure\u00a02", exact=True)
    small = page.locator("figure img").nth(1)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Figure\u00a02")
    large = dialog.locator("img")
    assert large.get_attribute("alt") == small.get_attribute("alt")
    assert large.evaluate("i => i.clientWidth") > 1.3 * small.evaluate("i => i.clientWidth")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_every_enlarged_figure_is_seen_whole(page: Page) -> None:
    for button in page.locator(".enlarge").all():
        button.click()
        view = page.locator("dialog .view")
        expect(view.locator("img")).to_be_visible()
        assert view.evaluate(
            "v => v.scrollHeight <= v.clientHeight + 1 && v.scrollWidth <= v.clientWidth"
        ), button.get_attribute("aria-label")
        page.keyboard.press("Escape")


def test_the_contents_follow_the_reader(page: Page) -> None:
    page.locator("h2:text-is('Discussion')").evaluate("heading => heading.scrollIntoView()")
    expect(page.locator("nav [aria-current=location]")).to_have_text("Discussion")
    page.locator("h3:text-is('Safety')").evaluate("heading => heading.scrollIntoView()")
    expect(page.locator("nav [aria-current=location]")).to_have_text("Safety")
    expect(page.locator("nav [aria-current=location]")).to_be_in_viewport()


def test_the_keyboard_meets_skip_link_search_contents_and_text_in_this_order(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search the text")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("nav a").first).to_be_focused()
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("a.num").first).to_be_focused()
    assert page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0


def test_on_a_phone_the_contents_are_folded_away(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("nav a").first).to_be_hidden()
    page.get_by_text("Contents", exact=True).click()
    page.locator("nav a:text-is('Discussion')").click()
    expect(page.locator("nav a").first).to_be_hidden()
    expect(page.locator("h2:text-is('Discussion')")).to_be_in_viewport()


def test_print_has_text_and_addresses_and_nothing_of_the_screen(page: Page) -> None:
    number = page.locator("a.num").first
    number.focus()
    page.emulate_media(media="print", color_scheme="dark")
    for chrome in ("nav", ".answer", ".enlarge", ".skip"):
        assert not page.locator(chrome).first.is_visible(), chrome
    assert number.evaluate("link => getComputedStyle(link).textDecorationLine") == "none"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 31, 35)"
    entries = page.locator(".csl-entry").all_inner_texts()
    assert sum("doi:10." in entry or "https://" in entry for entry in entries) > 40


def test_figures_keep_a_light_ground_in_the_dark(page: Page) -> None:
    ask_for_colours(page, "dark")
    red, green, blue = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert max(red, green, blue) < 40
    for image in page.locator("figure img").all():
        ground = image.evaluate("image => getComputedStyle(image).backgroundColor")
        assert ground == "rgb(255, 255, 255)"


# What is open, how wide the window is, which colours are asked for.
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("opened", ["nothing", "card", "figure", "notebook"])
def test_axe_finds_no_violation(
    page: Page, opened: str, width: int, colours: Literal["light", "dark"]
) -> None:
    ask_for_colours(page, colours)
    page.set_viewport_size({"width": width, "height": 900})
    if opened == "card":
        page.locator("a.num").nth(12).focus()
        expect(page.get_by_role("tooltip")).to_be_visible()
    elif opened == "figure":
        page.locator(".enlarge").first.click()
    elif opened == "notebook":
        page.goto(page.locator("a.num").nth(12).evaluate("link => link.href"))
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_no_violation_in_a_card_opened_by_touch(browser: Browser, built: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto((built / "_manuscript/index.html").as_uri())
    page.locator("a.num").nth(12).tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    found = Axe().run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_the_page_is_light(built: Path) -> None:
    # It is all there is to load: it makes no request.
    assert (built / "_manuscript/index.html").stat().st_size <= 1_200_000
