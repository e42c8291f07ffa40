"""What every format is rendered with: text, filters, styles, and a folder to work in."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper.manuscript.conditions import ANSWERS, FILTER
from paper.renderers.pandoc import ASSETS, epoch, pandoc, tools
from paper.renderers.source import Manuscript, image_files
from paper.storage.files import digest
from paper.storage.project import CONFIGURATION, Project
from paper.storage.render_cache import by_name
from paper.storage.steps import Inputs

# What renders and inspects.
MACHINE = sorted(Path(__file__).parent.rglob("*.py"))
# A page is one file: it loads nothing.
PAGE = [
    f"--template={ASSETS / 'page.html'}", f"--css={ASSETS / 'paper.css'}",
    f"--variable=script:{ASSETS / 'paper.js'}", "--embed-resources",
]  # fmt: skip
# Pandoc shares the width of the page among the columns of a table whose source has a longer line.
NATURAL_WIDTHS = "--columns=10000"
BIBLIOGRAPHY, STYLE = "references.bib", "style.csl"


@dataclass(frozen=True)
class Press:
    """One rendering: the paper, its text, and a folder to work in."""

    project: Project
    manuscript: Manuscript
    work: Path

    @property
    def variables(self) -> dict[str, str]:
        """What the filters need to know."""
        return {"PAPER_ROOT": str(self.project.root), "PAPER_ARTICLE": self.project.article}

    @property
    def filters(self) -> list[Path]:
        """The filters, in their order."""
        own = self.project.root / "_extensions" / "num"
        return [
            self.project.root / FILTER, own / "num.lua", ASSETS / "expected.lua",
            ASSETS / "floats.lua", own / "appendix.lua", ASSETS / "shared.lua", ASSETS / "page.lua",
        ]  # fmt: skip

    def inputs(self, image: str, *assets: str) -> Inputs:
        """Return what a format is made from.

        Parameters
        ----------
        image
            Which form of the figures it takes.
        assets
            Templates, styles and scripts that are its own.
        """
        manuscript, project = self.manuscript, self.project
        metadata = json.dumps(manuscript.metadata, default=str)
        figures = [
            part
            for name, media in manuscript.media.items()
            if name.endswith(image)
            for part in (name.encode(), media)
        ]
        files = [
            project.numbers, project.bibliography, project.csl, project.root / CONFIGURATION,
            project.cache / ANSWERS,
            *self.filters, *(ASSETS / name for name in assets), *MACHINE,
        ]  # fmt: skip
        return {
            "the text": digest([metadata.encode(), manuscript.body.encode()]),
            "the figures": digest(figures),
            "Pandoc and Typst": tools(),
            "SOURCE_DATE_EPOCH": epoch(),
            **by_name(files, project.root),
        }

    def article(self, writer: str, target: Path, image: str, *options: str | Path) -> None:
        """Render the manuscript with one of Pandoc's writers."""
        arguments = [
            "paper.md", "--from=markdown", f"--to={writer}", f"--output={target}", "--standalone",
            "--metadata-file=metadata.json", f"--default-image-extension={image}",
            *(f"--lua-filter={file}" for file in self.filters),
            NATURAL_WIDTHS, "--shift-heading-level-by=-1",
            "--citeproc", f"--bibliography={BIBLIOGRAPHY}", f"--csl={STYLE}", *options,
        ]  # fmt: skip
        pandoc(arguments, self.work, self.variables)


def lay_out(press: Press) -> None:
    """Write what every format is made from into the folder to work in."""
    manuscript = press.manuscript
    press.work.mkdir(parents=True)
    image_files(press.work, manuscript.media)
    # Word keeps the names of these files: names only, and not where they stood.
    shutil.copy(press.project.bibliography, press.work / BIBLIOGRAPHY)
    shutil.copy(press.project.csl, press.work / STYLE)
    (press.work / "paper.md").write_text(manuscript.body, encoding="utf-8")
    metadata = {
        **{name: value for name, value in manuscript.metadata.items() if name != "author"},
        "by-author": [
            {"name": {"literal": author["name"]}, "affiliations": author.get("affiliations", [])}
            for author in manuscript.metadata["author"]
        ],
        "author": [
            ", ".join([author["name"], *(a["name"] for a in author.get("affiliations", []))])
            for author in manuscript.metadata["author"]
        ],
        "link-citations": True,
    }
    write_json(press.work / "metadata.json", metadata)


def write_json(file: Path, content: Any) -> None:
    """Write what Pandoc reads as metadata."""
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
