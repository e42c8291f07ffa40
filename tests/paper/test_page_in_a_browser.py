"""The page and the notebook pages as their reader meets them, in Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, built: Path) -> Iterator[Page]:
    """Open the paper; fail on any message of the console and any request to a host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda r: None if r.url.startswith(("file:", "data:")) else wrong.append(r.url)
    )
    page.goto((built / "_manuscript/index.html").as_uri())
    yield page
    context.close()
    assert wrong == []


def test_every_figure_is_drawn_and_described(page: Page) -> None:
    images = page.locator("figure img")
    assert images.count() == 9
    for image in images.all():
        assert image.evaluate("image => image.complete && image.naturalWidth > 300")
        assert len(image.get_attribute("alt") or "") > 30


def test_every_number_leads_to_the_cell_that_computed_it(page: Page) -> None:
    links = page.locator("a.num").evaluate_all("links => links.map(link => link.href)")
    assert len(links) > 80
    for target in sorted(set(links)):
        page.goto(target)
        cell = page.locator(":target")
        assert cell.count() == 1, target
        assert "record(" in cell.inner_text()


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
    assert sum(link.startswith("notebooks/") for link in links) == 12
    for link in links:
        assert (built / "_manuscript" / link).is_file()


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_figures_and_tables_are_numbered_in_order(page: Page) -> None:
    labels = page.locator("figcaption strong, caption strong").all_inner_texts()
    figures = [label for label in labels if label.startswith("Figure")]
    tables = [label for label in labels if label.startswith("Table")]
    assert figures == [f"Figure\u00a0{n}." for n in range(1, 10)]
    assert tables == [f"Table\u00a0{n}." for n in range(1, 11)]
