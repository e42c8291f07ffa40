"""The head of the page: what indexes of articles and previews of links read, by each renderer."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import yaml
from commands import ROOT, run_paper
from quartos import Quarto

FRONT = yaml.safe_load((ROOT / "paper.qmd").read_text("utf-8").split("---\n")[1])
TAGS = re.compile(r"citation_\w+|og:\w+|description")
SAID = """\
author:
  - name: {given: Ada, family: Lovelace}
    orcid: 0000-0002-1825-0097
  - name: {given: Grace, family: Hopper}
keywords: [pain, "sleep & mood"]
date: 2024-05-31
doi: 10.1000/182
citation: {container-title: A Journal}
"""


def head_of(page: Path) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Return the tags of a page that indexes and previews read, and what it says in JSON."""
    root = lxml.html.parse(str(page)).getroot()
    named = [
        (str(t.get("name") or t.get("property")), t.get("content", "")) for t in root.iter("meta")
    ]
    (known,) = root.xpath("//script[@type='application/ld+json']")
    return [tag for tag in named if TAGS.fullmatch(tag[0])], json.loads(known.text)


def test_title_abstract_and_keywords_are_told_once_each(paper: Path) -> None:
    tags, known = head_of(paper / "index.html")
    counted = Counter(name for name, _ in tags)
    assert set(counted.values()) == {1}
    told = dict(tags)
    assert told["citation_title"] == told["og:title"] == known["headline"] == FRONT["title"]
    assert told["citation_keywords"] == "; ".join(FRONT["keywords"])
    assert known["keywords"] == FRONT["keywords"]
    assert told["og:type"] == "article"
    assert known["@type"] == "ScholarlyArticle"
    abstract = told["citation_abstract"]
    assert told["description"] == told["og:description"] == known["abstract"] == abstract
    assert "went from 7.54 ± 1.35 to 5.59 ± 2.2" in abstract.replace("\N{NO-BREAK SPACE}", " ")
    assert not re.search(r"\{\{<|\?meta|\[|\*\*", abstract)
    assert (paper / told["citation_pdf_url"]).is_file()


def check_all_that_is_said(page: Path) -> None:
    tags, known = head_of(page)
    assert [text for name, text in tags if name == "citation_author"] == [
        "Ada Lovelace", "Grace Hopper",
    ]  # fmt: skip
    told = dict(tags)
    assert told["citation_doi"] == "10.1000/182"
    assert told["citation_keywords"] == "pain; sleep & mood"
    assert "2024" in told["citation_publication_date"]
    people = [(one["name"], one.get("@id")) for one in known["author"]]
    orcid = "https://orcid.org/0000-0002-1825-0097"
    assert [name for name, _ in people] == ["Ada Lovelace", "Grace Hopper"]
    assert orcid.endswith(people[0][1].rpartition("/")[2])
    assert people[1][1] is None


def write_said(folder: Path) -> None:
    article = folder / "paper.qmd"
    article.write_text(article.read_text().replace("author: [{name: Nobody}]\n", SAID))


def test_authors_date_and_doi_are_told(little: Path) -> None:
    write_said(little)
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    check_all_that_is_said(little / "_manuscript/index.html")


@pytest.mark.quarto
def test_authors_date_and_doi_are_told_by_quarto(little: Path, quarto: Quarto) -> None:
    write_said(little)
    ran = quarto.run(little, "render", "--to", "html")
    assert ran.status == 0, ran.error
    check_all_that_is_said(little / "_manuscript/index.html")
