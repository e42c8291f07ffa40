"""What every format is rendered with: text, filters, styles, and a folder to work in."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper.manuscript.conditions import ANSWERS
from paper.renderers.pandoc import epoch, pandoc, tools
from paper.renderers.source import Manuscript, image_files
from paper.storage.files import digest
from paper.storage.project import CONFIGURATION, Project
from paper.storage.render_cache import by_name
from paper.storage.steps import Inputs

# What renders and inspects.
MACHINE = sorted(
    file for kind in ("py", "yml") for file in Path(__file__).parent.rglob(f"*.{kind}")
)
PAGE = ("page.html", "paper.css", "paper.js")
# The filters, in their order.
FILTERS = (
    "conditions.lua", "num.lua", "expected.lua", "floats.lua", "appendix.lua", "shared.lua",
    "page.lua",
)  # fmt: skip
# Pandoc shares the width of the page among the columns of a table whose source has a longer line.
NATURAL_WIDTHS = "--columns=10000"
BIBLIOGRAPHY, STYLE = "references.bib", "style.csl"


def made_with(project: Project, files: Iterable[Path]) -> Inputs:
    """Return as inputs what all that is rendered is made with, and these files."""
    return {
        "the conditions": digest([(project.cache / ANSWERS).read_bytes()]),
        "Pandoc and Typst": tools(),
        **by_name([*files, *MACHINE], project.root),
    }


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
    def page(self) -> list[str]:
        """What makes a page: it is one file, and loads nothing."""
        template, style, script = self.parts(*PAGE)
        return [
            f"--template={template}", f"--css={style}", f"--variable=script:{script}",
            "--embed-resources",
        ]  # fmt: skip

    def parts(self, *names: str) -> list[Path]:
        """Return files of the extension."""
        return [self.project.extension / name for name in names]

    def inputs(self, image: str, *own: str) -> Inputs:
        """Return what a format is made from.

        Parameters
        ----------
        image
            Which form of the figures it takes.
        own
            Templates, styles and scripts that no other format takes.
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
            *self.parts(*FILTERS, *own),
        ]  # fmt: skip
        return {
            "the text": digest([metadata.encode(), manuscript.body.encode()]),
            "the figures": digest(figures),
            "SOURCE_DATE_EPOCH": epoch(),
            **made_with(project, files),
        }

    def article(self, writer: str, target: Path, image: str, *options: str | Path) -> None:
        """Render the manuscript with one of Pandoc's writers."""
        arguments = [
            "paper.md", "--from=markdown", f"--to={writer}", f"--output={target}", "--standalone",
            "--metadata-file=metadata.json", f"--default-image-extension={image}",
            *(f"--lua-filter={file}" for file in self.parts(*FILTERS)),
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
