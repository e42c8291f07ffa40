"""Quarto's pages as their reader meets them, from a server: its scripts do not load from a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from panel import ASK, NUMBERS, STEM, choose, panel_of, text_of
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.quarto
Colours = Literal["light", "dark"]
Opening = Callable[[str, int, Colours], Page]
PAGES = ["index.html", "notebooks/02-pain-intensity-preview.html"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def address(by_quarto: Path) -> Iterator[str]:
    """Serve what Quarto made."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(by_quarto)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Opening]:
    """Open a page; fail on any message of the console and any request to another host."""
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith((address, "data:")) else wrong.append(r.url),
    )

    def open_page(name: str, width: int, colours: Colours) -> Page:
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address + name)
        return page

    yield open_page
    context.close()
    assert wrong == []


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation_and_nothing_is_wider_than_the_window(
    opened: Opening, name: str, width: int, colours: Colours
) -> None:
    page = opened(name, width, colours)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_finds_no_violation_in_an_open_card(opened: Opening) -> None:
    page = opened("index.html", 1280, "dark")
    page.locator("a.num").nth(12).focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_has_the_colours_its_reader_asks_for(
    opened: Opening, name: str, colours: Colours
) -> None:
    page = opened(name, 1280, colours)
    # One palette is Quarto's theme, the other that of paper.css.
    ground, ink, accent = page.evaluate(
        """() => [['backgroundColor', '--paper'], ['color', '--ink'], ['--bs-primary', '--accent']]
          .map(([theirs, ours]) => {
            const [theme, probe] = [document.createElement('i'), document.createElement('i')];
            document.body.append(theme, probe);
            const body = getComputedStyle(document.body);
            theme.style.color = theirs.startsWith('--') ? `var(${theirs})` : body[theirs];
            probe.style.color = `var(${ours})`;
            return [theme, probe].map((element) => getComputedStyle(element).color);
          })"""
    )
    for theirs, ours in (ground, ink, accent):
        assert theirs == ours
    brightness = sum(map(int, ground[0][4:-1].split(",")))
    assert (brightness < 120) == (colours == "dark")
    for image in page.locator("figure img").all():
        under = image.evaluate("image => getComputedStyle(image).backgroundColor")
        assert colours == "light" or under == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", PAGES)
def test_every_link_within_the_paper_leads_to_a_file(
    opened: Opening, by_quarto: Path, address: str, name: str
) -> None:
    links = opened(name, 1280, "light").evaluate("[...document.links].map((link) => link.href)")
    paths = {unquote(urlsplit(link).path) for link in links if link.startswith(address)}
    assert len(paths) > 1
    assert [path for path in paths if not (by_quarto / path.lstrip("/")).is_file()] == []


def test_the_formats_are_called_what_they_are(opened: Opening) -> None:
    links = opened("index.html", 1280, "light").locator(".quarto-alternate-formats a")
    assert links.all_inner_texts()[:3] == ["PDF", "Word", "JATS"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_notebooks_are_listed_in_order(opened: Opening, width: int) -> None:
    listed = opened("index.html", width, "light").locator(".quarto-alternate-notebooks a:visible")
    titles = listed.all_inner_texts()
    assert [title.split()[0] for title in titles] == [str(n + 1) for n in range(len(titles))]
    assert len(titles) > 10


@pytest.mark.parametrize("way", ["median_worst", "beyond_regression"])
def test_text_table_and_figure_follow_what_a_reader_chooses(opened: Opening, way: str) -> None:
    page = opened("index.html", 1280, "light")
    own = {f: page.locator(f"p a[data-key='nrs.change.{f}']") for f in ("percentage", "p")}
    counts = {field: links.count() for field, links in own.items()}
    assert min(counts.values()) > 1  # in the abstract and in the results
    figure = page.locator("#fig-specifications img")
    drawing, before = figure.evaluate("image => image.src"), page.locator("body").inner_text()
    panel = panel_of(page)
    choose(panel, way)
    for field, count in counts.items():
        shown = page.locator(f"p a[data-key='{STEM}{way}.{field}']")
        expect(shown).to_have_count(count)
        assert set(shown.all_text_contents()) == {text_of(f"{STEM}{way}.{field}")}
        expect(own[field]).to_have_count(0)
    expect(page.locator(f"#tbl-outcomes a[data-key='{STEM}{way}.percentage']")).to_have_count(1)
    assert figure.evaluate("image => image.src") != drawing
    said = panel.get_by_role("status")
    for field in ("percentage", "lower", "upper", "p", "n_patients"):
        expect(said).to_contain_text(NUMBERS[f"{STEM}{way}.{field}"]["text"])
    panel.get_by_role("button", name="Back to the paper’s own").click()
    panel.get_by_role("button", name="Close").click()
    assert page.locator("body").inner_text() == before
    assert figure.evaluate("image => image.src") == drawing


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation_in_another_analysis(
    opened: Opening, width: int, colours: Colours
) -> None:
    page = opened("index.html", width, colours)
    page.get_by_role("button", name=ASK).locator("visible=true").first.click()
    choose(page.get_by_role("region", name="Analysed another way"), "own_unchanged")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_title_runs_under_what_changes_the_colours(opened: Opening) -> None:
    page = opened("index.html", 390, "light")
    title, switch = page.locator("h1.title"), page.locator(".quarto-color-scheme-toggle").first
    ends = title.evaluate("h => h.getBoundingClientRect().right")
    assert ends <= switch.evaluate("s => s.getBoundingClientRect().left")


@pytest.mark.parametrize("width", [1200, 1280, 1440])
def test_no_table_is_cut_off_on_a_wide_screen(opened: Opening, width: int) -> None:
    tables = opened("index.html", width, "light").locator("main table")
    assert tables.count() > 5
    for table in tables.all():
        assert table.evaluate("t => t.offsetWidth <= t.parentElement.clientWidth")


def test_wide_tables_are_cards_on_a_phone_and_each_cell_has_its_heading(opened: Opening) -> None:
    page = opened("index.html", 390, "light")
    cards = page.locator("main table.cards")
    assert cards.count() > 5
    for table in cards.all():
        assert table.evaluate("t => t.offsetWidth <= t.parentElement.clientWidth")
    expect(page.locator("#tbl-sizes table, table#tbl-sizes")).not_to_have_class("cards")
    table = page.locator("#tbl-outcomes table, table#tbl-outcomes")
    heads = table.locator("thead th").all_inner_texts()
    row = table.locator("tbody tr").first
    for cell, head in zip(row.locator("td").all(), heads[1:], strict=True):
        before = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
        assert before == f'"{head}" / ""'
    tops = [(cell.bounding_box() or {})["y"] for cell in row.locator("th, td").all()]
    assert tops == sorted(set(tops))
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(cards).to_have_count(0)
