"""Labels are data: whatever stands in a field that people write is printed and means nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docx
import lxml.etree
import pypdf
import pytest
from commands import run_paper
from little import RECORD, TABLE, write_little_paper, write_notebook
from playwright.sync_api import Browser

HOSTILE = "A <!--<script> </script> \"><img src=x onerror=alert()> ' `b` $x^y $ & %s null"
# What a browser makes of a page: its scripts, pictures, and what is still in its text.
PARSED = """text => {
  const page = new DOMParser().parseFromString(text, "text/html");
  return {
    kinds: [...page.querySelectorAll("*")].map(one => one.tagName).filter(name =>
      ["SCRIPT", "META", "LINK", "STYLE", "NAV", "MAIN", "HEADER"].includes(name)).sort(),
    data: [...page.querySelectorAll('script[type$="json"]')].map(one => one.textContent),
    pictures: [...page.querySelectorAll("img")].map(one => one.getAttribute("src")),
    handlers: page.querySelectorAll("[onerror]").length,
    title: page.title, links: [...page.querySelectorAll("nav a")].map(one => one.textContent),
    main: page.querySelector("main").textContent,
    numbers: page.querySelector("#numbers")?.textContent,
  };
}"""


def write_hostile_paper(folder: Path) -> None:
    """Write the little paper with the same string in every field."""
    write_little_paper(folder)
    quoted = json.dumps(HOSTILE)
    for name, pairs in {
        "_quarto.yml": {"title: A}": f"title: {quoted}}}", "title: B": "title: null"},
        "paper.qmd": {
            "title: A little paper": f"title: {quoted}\nsubtitle: {quoted}\nkeywords: [{quoted}]",
            "{name: Nobody}": f"{{name: {quoted}, affiliations: [{quoted}]}}",
        },
    }.items():
        text = (folder / name).read_text()
        for old, new in pairs.items():
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text)
    record = RECORD.format(key="pain").replace('"points"', repr(HOSTILE)).replace(
        '"all"', repr(HOSTILE)
    )  # fmt: skip
    write_notebook(folder / "notebooks/a.ipynb", record, TABLE)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "paper"
    write_hostile_paper(folder)
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    return folder / "_manuscript"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "paper"
    write_little_paper(folder)
    text = (folder / "paper.qmd").read_text()
    fields = "title: A\nsubtitle: B\nkeywords: [C]"
    text = text.replace("title: A little paper", fields)
    text = text.replace("{name: Nobody}", "{name: Nobody, affiliations: [D]}")
    (folder / "paper.qmd").write_text(text)
    assert run_paper(folder, "build", "--renderer", "embedded").status == 0
    return folder / "_manuscript"


def squeezed(text: str) -> str:
    """Leave out white space, and how quotes and dashes are typeset."""
    same = {0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'", 0x2013: "--"}
    return "".join(text.split()).translate(same)


def test_a_browser_finds_the_page_whole(hostile: Path, plain: Path, browser: Browser) -> None:
    def parsed(name: str) -> dict[str, Any]:
        page = browser.new_page()
        usual, found = (page.evaluate(PARSED, (one / name).read_text()) for one in (plain, hostile))
        page.close()
        assert found["kinds"] == usual["kinds"]
        for one in found["data"]:
            json.loads(one)
        assert not found["handlers"]
        assert "x" not in found["pictures"]
        return dict(found)

    front = parsed("index.html")
    assert "Results" in front["main"]
    assert squeezed("<script> </script>") in squeezed(front["title"])
    assert squeezed("<img src=x onerror=alert()>") in squeezed(front["main"])
    entry = json.loads(front["numbers"])["numbers"]["pain.mean"]
    assert (entry["unit"], entry["rule"]) == (HOSTILE, HOSTILE)
    for name in ("a", "b"):
        page = parsed(f"notebooks/{name}-preview.html")
        assert " ".join(HOSTILE.split()) in [" ".join(link.split()) for link in page["links"]]
        assert "b" in page["links"]  # a title that is null is none


def test_the_other_formats_are_whole(hostile: Path) -> None:
    article = lxml.etree.parse(str(hostile / "paper.xml"))
    word = docx.Document(str(hostile / "paper.docx"))
    for text in (
        "".join(article.getroot().itertext()),
        "\n".join(paragraph.text for paragraph in word.paragraphs),
        "".join(page.extract_text() for page in pypdf.PdfReader(hostile / "paper.pdf").pages),
    ):
        assert squeezed("<script> </script>") in squeezed(text)
        assert squeezed("<img src=x onerror=alert()>") in squeezed(text)
    assert not article.xpath("//script | //img")
