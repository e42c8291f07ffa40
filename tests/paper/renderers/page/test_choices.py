"""A reader analyses the change another way: what follows, what does not, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from commands import ROOT
from panel import ASK, NO_BREAK, NUMBERS, OF_MEAN, SEEN, STEM, WAYS, choose, panel_of, text_of
from playwright.sync_api import Browser, Locator, Page, expect

from paper.renderers.pandoc import pandoc


def in_row(page: Page, key: str) -> Locator:
    return page.locator(f"#tbl-outcomes a[data-key='{key}']")


@pytest.mark.parametrize("way", WAYS)
def test_text_table_and_figure_follow_what_is_chosen(page: Page, way: str) -> None:
    figure = page.locator("#fig-specifications img")
    own_drawing = figure.get_attribute("src")
    of_own = {
        f: page.locator(f"p a[data-key='nrs.change.{f}']").count() for f in ("percentage", "p")
    }
    assert min(of_own.values()) > 1  # in the abstract and in the results
    panel = panel_of(page)
    choose(panel, way)
    for field, count in of_own.items():
        shown = page.locator(f"p a[data-key='{STEM}{way}.{field}']")
        expect(shown).to_have_count(count)
        assert set(shown.all_text_contents()) == {text_of(f"{STEM}{way}.{field}")}
        assert page.locator(f"p a[data-key='nrs.change.{field}']").count() == 0
    expect(in_row(page, f"{STEM}{way}.percentage")).to_have_text(text_of(f"{STEM}{way}.percentage"))
    in_table = text_of(f"{STEM}{way}.p").removeprefix(f"P{NO_BREAK}").removeprefix(f"={NO_BREAK}")
    expect(in_row(page, f"{STEM}{way}.p")).to_have_text(in_table)
    label = NUMBERS[f"{STEM}{way}.percentage"]["label"].split("specifications, ")[1]
    expect(figure).to_have_attribute(
        "aria-label", f"{figure_text(page)} Marked: {label.rpartition(', ')[0]}."
    )
    assert figure.get_attribute("src") != own_drawing
    said = panel.get_by_role("status")
    for field in ("percentage", "lower", "upper", "p", "n_patients"):
        expect(said).to_contain_text(NUMBERS[f"{STEM}{way}.{field}"]["text"])


def figure_text(page: Page) -> str:
    """What the figure says of itself, whatever is marked."""
    said = page.locator("#fig-specifications img").get_attribute("aria-label") or ""
    return said.partition(" Marked:")[0]


def test_the_band_lies_over_the_row_of_what_is_chosen(page: Page) -> None:
    choose(panel_of(page), "beyond_regression")
    drawn = """async image => {
        const text = await (await fetch(image.src)).text();
        document.body.insertAdjacentHTML("beforeend", "<div id=probe>" + text + "</div>");
        const box = (element) => element.getBoundingClientRect();
        const band = box(document.querySelector("#probe rect[style*=multiply]"));
        const within = [...document.querySelectorAll("#probe [id^='key:bare:']")]
          .filter(mark => box(mark).bottom > band.top && box(mark).top < band.bottom);
        return within.map(mark => mark.id.split(":")[2]);
    }"""
    found = page.locator("#fig-specifications img").evaluate(drawn)
    assert found == [f"{STEM}beyond_regression.percentage"]


def test_what_was_not_published_for_it_is_struck_out_and_says_so(page: Page) -> None:
    choose(panel_of(page), "own_unchanged")
    for key in ("nrs.change.mean", "nrs.change.lower", "nrs.change.upper", "nrs.n_pairs"):
        number = in_row(page, key)
        expect(number).to_have_text(text_of(key))
        expect(number).to_have_class("num unsaid")
        assert "Not published for the analysis chosen" in (number.get_attribute("title") or "")
        assert "Not published" in (number.get_attribute("aria-label") or "")
    # Those seen twice are the patients of this one.
    choose(page.get_by_role("region", name="Analysed another way"), "own_median_seen")
    expect(in_row(page, "nrs.n_pairs")).to_have_class("num")
    expect(in_row(page, "nrs.change.mean")).to_have_class("num unsaid")


def test_other_outcomes_and_what_is_said_of_the_abstract_do_not_follow(page: Page) -> None:
    own = "a.num[data-key^='npsi.'], #tbl-claims a.num, #tbl-open a.num, #tbl-tests a.num"
    before = page.locator(own).evaluate_all("all => all.map(a => a.outerHTML)")
    choose(panel_of(page), "median_worst")
    after = page.locator(own).evaluate_all("all => all.map(a => a.outerHTML)")
    assert before == after
    assert len(before) > 100


def test_one_click_leads_back_and_leaves_nothing(page: Page) -> None:
    panel = panel_of(page)
    before = page.locator("main").inner_html()
    mark = panel.get_by_text("Not the paper’s own choice.")
    expect(mark).to_be_hidden()
    choose(panel, "median_worst")
    expect(mark).to_be_visible()
    panel.get_by_role("button", name="Close").click()
    expect(panel.get_by_role("group")).to_be_hidden()
    expect(mark).to_be_visible()  # as long as the paper's own is not shown
    panel.get_by_role("button", name="Back to the paper’s own").click()
    assert page.locator("main").inner_html() == before
    expect(mark).to_be_hidden()


def test_what_has_no_such_analysis_is_set_too_and_said(page: Page) -> None:
    panel = panel_of(page)
    choose(panel, "own_unchanged")
    panel.get_by_label("Patients lost are").select_option(WAYS["mean_imputed"][1])
    expect(panel.get_by_label("The change is")).to_have_value(OF_MEAN)
    expect(panel.get_by_role("status")).to_contain_text(
        f"the change is {OF_MEAN}; that was set too"
    )
    assert page.locator(f"a[data-key='{STEM}mean_imputed.percentage']").count() > 2


def test_a_number_in_anothers_place_has_its_own_card_and_row(page: Page) -> None:
    panel = panel_of(page)
    choose(panel, "own_unchanged")
    panel.get_by_role("button", name="Close").click()
    key = f"{STEM}own_unchanged.percentage"
    number = page.locator(f"p a[data-key='{key}']").first
    number.hover()
    card = page.get_by_role("tooltip")
    expect(card).to_contain_text(NUMBERS[key]["label"])
    ends = (NUMBERS[key.replace("percentage", end)]["text"] for end in ("lower", "upper"))
    expect(card).to_contain_text(" to ".join(ends))
    expect(card.locator("pre")).to_contain_text("specification_curve")
    number.click()
    expect(page.locator("tr:target code")).to_have_text(key)


def test_the_keyboard_opens_chooses_closes_and_comes_back(page: Page) -> None:
    opener = page.get_by_role("button", name=ASK).last
    opener.focus()
    page.keyboard.press("Enter")
    first = page.get_by_label("The change is")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Not the paper’s own choice.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(opener).to_be_focused()


def test_without_scripts_the_page_offers_nothing(browser: Browser, built: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built / "_manuscript/index.html").as_uri())
    assert page.locator(".choices, .choices-open, select").count() == 0
    assert page.locator("a[data-key='nrs.change.percentage']").count() > 2
    context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation_in_another_analysis(page: Page, width: int, colours: Any) -> None:
    page.emulate_media(color_scheme=colours)
    expect(page.locator("html")).to_have_attribute("data-scheme", colours)
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("button", name=ASK).locator("visible=true").first.click()
    choose(page.get_by_role("region", name="Analysed another way"), "own_unchanged")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


# --- Another study --------------------------------------------------------------------------------

STUDY = """\
# An invented study.
estimands:
  - {name: twice, label: "Answered </script><b>twice", population: seen_twice, lost: left_out,
     summary: mean_percent, primary: true}
  - {name: same, label: "Lost: same", population: all_treated, lost: no_change,
     summary: mean_percent}
  - {name: worst, label: "Lost: worst", population: all_treated, lost: worst_score,
     summary: mean_percent}
  - {name: responders_all, label: Responders, population: all_treated, lost: no_response,
     summary: responders, responders: [thresholds]}
"""
SLEEP = {"twice": (-20.5, 40), "same": (-15.25, 50), "worst": (-10.75, 50)}
TEXT = """\
---
title: Sleep
by-author: [{name: {literal: Nobody}}]
article: true
---

Sleep changed by [sleep.change.percentage]{.num} ([sleep.change.p]{.num}).
"""
Making = Callable[..., Page]


def published(value: float, unit: str, text: str, cell: str) -> dict[str, Any]:
    return {
        "text": text, "value": value, "unit": unit, "n": None, "rule": "",
        "label": f"Sleep: {text}",
        "notebook": "notebooks/sleep.ipynb", "cell": cell,
    }  # fmt: skip


def sleep_numbers() -> dict[str, Any]:
    """What another study published: three specifications, the first its primary."""
    numbers = {}
    for name, (value, patients) in SLEEP.items():
        percent = published(value, "%", f"{value:g}%", "all")
        p = published(0.001 * patients, "", f"P = {0.001 * patients:.3f}", "all")
        of = f"sleep.specifications.{name}"
        numbers |= {f"{of}.percentage": percent, f"{of}.p": p}
        numbers[f"{of}.n_patients"] = published(patients, "", str(patients), "all")
    for field in ("percentage", "p"):
        numbers[f"sleep.change.{field}"] = numbers[f"sleep.specifications.twice.{field}"]
    return numbers


@pytest.fixture
def sleep(browser: Browser, tmp_path: Path) -> Iterator[Making]:
    """Open the page of another study, of which some numbers were removed."""
    context = browser.new_context()
    extension = ROOT / "_extensions/paper"

    def make(*removed: str) -> Page:
        numbers = {key: entry for key, entry in sleep_numbers().items() if key not in removed}
        cells = [{"id": "all", "cell_type": "code", "source": "publish(curve)"}]
        for name, content in {
            "results/numbers.json": json.dumps(numbers),
            "notebooks/sleep.ipynb": json.dumps({"cells": cells}),
            "data/study.yml": STUDY,
        }.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content)
        filters = [f"--lua-filter={extension / f}.lua" for f in ("num", "choices", "page")]
        scripts = [f"--variable=script:{extension / f}.js" for f in ("paper", "choices", "page")]
        pandoc(
            ["--from=markdown", "--to=html5", "--standalone", "--embed-resources",
             f"--template={extension / 'page.html'}", *filters, *scripts, "--output=index.html"],
            tmp_path, {"PAPER_ROOT": str(tmp_path)}, TEXT,
        )  # fmt: skip
        page = context.new_page()
        page.goto((tmp_path / "index.html").as_uri())
        return page

    yield make
    context.close()


def test_another_study_is_analysed_another_way_as_well(sleep: Making) -> None:
    page = sleep()
    panel = panel_of(page)
    expect(panel.get_by_role("group")).to_contain_text("Sleep, analysed another way")
    lost = panel.get_by_label("Patients lost are")
    expect(lost.locator("option")).to_have_count(3)
    lost.select_option("counted as unchanged")
    expect(page.locator("main a.num")).to_have_text(["-15.25%", f"P{NO_BREAK}={NO_BREAK}0.050"])
    expect(panel.get_by_role("status")).to_contain_text("Sleep: -15.25% (P = 0.050; 50 patients)")


def test_a_specification_whose_estimate_is_not_published_is_not_offered(sleep: Making) -> None:
    page = sleep("sleep.specifications.worst.percentage")
    offered = panel_of(page).get_by_label("Patients lost are").locator("option")
    expect(offered).to_have_text([SEEN, "counted as unchanged"])


def test_where_only_the_papers_own_is_published_nothing_is_offered(sleep: Making) -> None:
    removed = (f"sleep.specifications.{name}.percentage" for name in ("same", "worst"))
    page = sleep(*removed)
    expect(page.locator("main a.num")).to_have_count(2)
    assert page.locator(".choices, .choices-open").count() == 0


def test_a_number_that_the_specification_lacks_is_struck_out(sleep: Making) -> None:
    page = sleep("sleep.specifications.same.p")
    panel_of(page).get_by_label("Patients lost are").select_option("counted as unchanged")
    percentage, p = page.locator("main a.num").all()
    expect(percentage).to_have_text("-15.25%")
    expect(p).to_have_text(f"P{NO_BREAK}={NO_BREAK}0.040")
    expect(p).to_have_class("num unsaid")
