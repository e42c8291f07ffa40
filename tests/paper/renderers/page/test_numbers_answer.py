"""A number answers for itself: by keyboard, mouse and finger, and without any script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

NUMBERS = json.loads((ROOT / "results/numbers.json").read_text())
KEY = "nrs.change.percentage"
PARTS = {
    None: "", "low": "Least value. ", "high": "Greatest value. ", "printed": "As printed. ",
    "value": "Unrounded. ",
}  # fmt: skip
Opening = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, paper: Path) -> Iterator[Opening]:
    """Open the paper in a window of the wanted kind; fail on an error or a request to a host."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def watch(url: str) -> None:
        if not url.startswith(("file:", "data:")):
            wrong.append(url)

    def open_page(**kind: object) -> Page:
        contexts.append(browser.new_context(**kind))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: watch(request.url))
        page.goto((paper / "index.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def number(page: Page, key: str = KEY) -> Locator:
    """Return where a number first stands."""
    return page.locator(f"a.num[data-key='{key}']").first


def source_of(entry: dict[str, Any]) -> str:
    """Return the code of the cell that published a number, without its options."""
    cells = json.loads((ROOT / entry["notebook"]).read_text())["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    (source,) = (one for one in sources if f"#| label: {entry['cell']}\n" in one)
    return "\n".join(line for line in source.split("\n") if not line.startswith("#|"))


def expected_arithmetic(entry: dict[str, Any]) -> str | None:
    """Return the formula with the texts of the numbers that it names, and the result."""
    if not (formula := entry.get("formula")):
        return None
    filled = re.sub(r"{(.+?)}", lambda other: str(NUMBERS[other[1]]["text"]), formula)
    return f"{filled} = {entry['text']}"


def expected_standing(entry: dict[str, Any]) -> str | None:
    """Return what is known of a number, its least value before its greatest."""
    if "printed" in entry:
        return f"prints {entry['printed']}"
    if not (known := entry.get("standing")):
        return None
    ends = f"{known['low']} to {known['high']}"
    if known["kind"] == "ranged" and known["low"] == known["high"]:
        return "does not print it; it is the same in many cohorts"
    return {
        "printed": "prints it",
        "implied": "does not print it; it follows from what is printed",
        "bounded": f"does not print it; what is printed allows {ends}",
        "ranged": f"does not print it; from {ends} in many cohorts",
    }[known["kind"]]


# All that an open card says, asked for at once: there are hundreds.
READ_CARD = """card => ({
  title: card.querySelector('.answer-title').innerText,
  number: card.querySelector('strong').innerText,
  code: card.querySelector('pre').innerText,
  facts: Object.fromEntries([...card.querySelectorAll('dt')].map(
    name => [name.innerText, name.nextElementSibling.innerText])),
  edges: [card.getBoundingClientRect().left, card.getBoundingClientRect().right],
})"""


def test_every_number_opens_a_card_with_its_facts(opened: Opening) -> None:
    page = opened(viewport={"width": 700, "height": 800})
    card = page.locator(".answer")
    places = page.locator("a.num").evaluate_all(
        "links => links.map(link => [link.dataset.key, link.dataset.part ?? null, link.innerText])"
    )
    first = {key: place for place, (key, _, _) in reversed([*enumerate(places)])}
    for key, place in first.items():
        _, part, shown = places[place]
        entry = NUMBERS[key]
        page.locator("a.num").nth(place).focus()
        expect(card.locator("strong")).to_have_text(shown, use_inner_text=True)
        said = card.evaluate(READ_CARD)
        facts = said["facts"]
        value, _, unit = facts["Unrounded"].partition(" ")
        assert (float(value.replace("−", "-")), unit) == (entry["value"], entry["unit"])
        shown = shown.replace("\u00a0", " ")
        assert part or shown in {entry["text"], re.sub("^P (= )?", "", entry["text"])}
        title = said["title"].replace("\u00a0", " ")
        assert title == f"{shown} {PARTS[part]}{entry['label']}"
        assert facts["Rounding"] == entry["rule"]
        assert facts["Key"] == key
        assert f"cell {entry['cell']}" in facts["Computed in"]
        assert said["code"] == source_of(entry)
        assert facts.get("Arithmetic") == expected_arithmetic(entry)
        assert facts.get("The publication") == expected_standing(entry)
        assert entry["n"] is None or facts["Patients"] == str(entry["n"])
        left, right = said["edges"]
        assert 0 <= left < right <= 700


def test_each_number_of_a_table_opens_a_card(opened: Opening) -> None:
    """A cell of a notebook names the number of each text; on the page each of them is a link."""
    page, tables = opened(), 0
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(file.read_text("utf-8"))["cells"]:
            label = re.search(r"#\| label: *(tbl-[\w-]+)", "".join(cell["source"]))
            table = page.locator(f"#{label[1]}" if label else "#none")
            if table.count() == 0:
                continue
            shown = "".join(
                "".join(output.get("data", {}).get("text/markdown", ""))
                for output in cell["outputs"]
            )
            named = [key for key in re.findall(r'data-key="([^"]+)"', shown) if key in NUMBERS]
            linked = table.locator("tbody a.num").evaluate_all("all => all.map(a => a.dataset.key)")
            assert linked == named
            tables += bool(named)
    assert tables > 8


def test_the_page_carries_only_the_numbers_it_uses(opened: Opening) -> None:
    page = opened()
    known = page.evaluate("JSON.parse(document.getElementById('numbers').textContent)")
    carried = known["numbers"]
    used = page.locator("a.num").evaluate_all("links => links.map(link => link.dataset.key)")
    offered = {
        key
        for outcome in known["choices"]
        for one in outcome["specifications"]
        for key in one["keys"].values()
    }
    assert len(offered) == 80
    assert list(carried) == sorted({*used, *offered})
    assert carried == {key: NUMBERS[key] for key in carried}


def test_every_place_of_a_number_has_an_id_of_its_own(opened: Opening) -> None:
    links = opened().locator("a.num")
    ids = links.evaluate_all("links => links.map(link => link.id)")
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_keyboard_there_and_back_to_the_very_number(opened: Opening) -> None:
    page = opened()
    link = page.locator("a.num[data-key='cohort.n_lost']").last
    name = link.get_attribute("id") or ""
    assert name.startswith("num-cohort.n_lost-")
    link.focus()
    tooltip = page.get_by_role("tooltip")
    expect(tooltip).to_be_visible()
    facts = link.get_attribute("aria-describedby") or "none"
    assert page.locator(f"#{facts}").inner_text() == "9 Cohort: patients lost to follow-up"
    expect(page.locator(".answer dt:text-is('Arithmetic') + dd")).to_have_text("89 − 80 = 9")
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()
    expect(link).to_be_focused()
    assert link.get_attribute("aria-describedby") is None
    page.keyboard.press("Enter")
    row = page.locator("tr:target")
    expect(row).to_contain_text("cohort.n_lost")
    expect(row).to_be_in_viewport()
    mark = "row => getComputedStyle(row.firstElementChild).backgroundColor"
    assert row.evaluate(mark) != page.locator("tr:not(:target)").first.evaluate(mark)
    back = page.get_by_role("link", name="Back to the text")
    expect(back).to_be_in_viewport()
    back.focus()
    page.keyboard.press("Enter")
    expect(page.locator(":target")).to_have_id(name)
    expect(page.locator(":target")).to_be_in_viewport()


def test_a_card_opens_under_the_mouse_and_may_be_entered(opened: Opening) -> None:
    page = opened(viewport={"width": 1280, "height": 900})
    card = page.locator(".answer")
    number(page).hover()
    expect(card).to_be_visible()
    card.hover(position={"x": 30, "y": 30})
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.mouse.move(1, 1)
    expect(card).to_be_hidden()
    number(page).click()
    expect(page.locator("tr:target")).to_contain_text(KEY)


def test_a_tap_opens_the_card_and_its_link_leads_on(opened: Opening) -> None:
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    dialog = page.get_by_role("dialog", name=NUMBERS[KEY]["text"])
    number(page).tap()
    expect(dialog).to_be_visible()
    expect(dialog).to_be_focused()
    # Past the end of the card the keyboard is back at the number, and goes on from there.
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Tab")
    expect(dialog).to_be_hidden()
    expect(page.locator(".answer")).to_be_hidden()
    number(page).tap()
    dialog.get_by_role("button", name="Close").tap()
    expect(dialog).to_be_hidden()
    number(page).tap()
    dialog.get_by_role("link", name="Go to its row").tap()
    expect(page.locator("tr:target")).to_contain_text(KEY)


def test_all_numbers_are_one_stop_of_the_tab_key(opened: Opening) -> None:
    page = opened()
    assert page.locator("a.num:not([tabindex='-1'])").count() == 1
    first, second = page.locator("a.num").nth(0), page.locator("a.num").nth(1)
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('a.num')")
    page.keyboard.press("Shift+Tab")
    expect(second).to_be_focused()


def test_a_number_is_copied_with_its_source(opened: Opening) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    number(page).focus()
    page.keyboard.press("c")
    expect(page.locator(".answer")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{number(page).inner_text()} (")
    assert copied.endswith(f"#key-{KEY})")


def test_without_scripts_a_number_is_a_plain_link(opened: Opening) -> None:
    page = opened(java_script_enabled=False)
    link = number(page)
    assert KEY in (link.get_attribute("title") or "")
    link.click()
    expect(page.locator("tr:target")).to_contain_text(KEY)
    expect(page.locator("tr:target")).to_be_in_viewport()


def test_a_crafted_address_puts_nothing_into_the_page(opened: Opening) -> None:
    page = opened()
    href = number(page).evaluate("link => link.href")
    page.goto(href.replace("from=num-", "from=%22%3Ejavascript:num-"))
    assert page.locator(":target").count() == 1
    assert page.get_by_role("link", name="Back to the text").count() == 0
