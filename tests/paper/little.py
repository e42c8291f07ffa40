"""A paper of two notebooks and one sentence, for tests that break it."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from commands import ROOT

CONFIGURATION = """\
project: {type: manuscript, output-dir: _manuscript}
manuscript:
  article: paper.qmd
  notebooks:
    - {notebook: notebooks/a.ipynb, title: A}
    - {notebook: notebooks/b.ipynb, title: B}
bibliography: references.bib
csl: numeric.csl
"""
ARTICLE = """\
---
title: A little paper
author: [{name: Nobody}]
lang: en
abstract: |
  Pain was {{< num pain.mean >}} at day 0.
---

## Results

Pain was {{< num pain.mean >}} of {{< num mood.mean >}} at
day 0 [@cook2020pain]. See @tbl-pain and [a page](https://example.org/2020).

{{< embed notebooks/a.ipynb#tbl-pain >}}
"""
ALLOWED = """\
typed-numbers:
- {text: day 0, reason: the day of the baseline by definition}
"""
BIBLIOGRAPHY = "@article{cook2020pain, author = {Cook, A.}, title = {Pain}, year = {2020}}\n"
RECORD = """\
from types import SimpleNamespace
from paper import record
record("{key}", {{"mean": SimpleNamespace(value=2.5, text="2.5", unit="points", n=3, rule="all")}})
"""
TABLE = """\
#| label: tbl-pain
#| tbl-cap: "Pain of {{< num pain.mean >}} points."
from IPython.display import Markdown
Markdown("| Pain |\\n|---|\\n| 2.5 |")
"""


def write_notebook(file: Path, *cells: str) -> None:
    """Write a notebook of code cells, not executed."""
    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source, id=f"cell-{number}")
            for number, source in enumerate(cells, start=1)
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    file.parent.mkdir(exist_ok=True)
    nbformat.write(book, file)


def write_little_paper(folder: Path) -> None:
    """Write the sources of the little paper; its notebooks have not run."""
    folder.mkdir(parents=True)
    (folder / "_quarto.yml").write_text(CONFIGURATION)
    (folder / "paper.qmd").write_text(ARTICLE)
    (folder / "paper.yml").write_text(ALLOWED)
    (folder / "references.bib").write_text(BIBLIOGRAPHY)
    shutil.copy(ROOT / "src/paper/renderers/assets/numeric.csl", folder / "numeric.csl")
    shutil.copytree(ROOT / "_extensions", folder / "_extensions")
    write_notebook(folder / "notebooks/a.ipynb", RECORD.format(key="pain"), TABLE)
    write_notebook(folder / "notebooks/b.ipynb", RECORD.format(key="mood"))
