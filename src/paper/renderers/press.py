"""What every format is rendered with: text, filters, styles, and a folder to work in."""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper.manuscript.conditions import ANSWERS
from paper.renderers.pandoc import NATURAL_WIDTHS, epoch, pandoc, tools
from paper.renderers.reading.images import DRAWN
from paper.renderers.reading.source import Manuscript, image_files
from paper.storage.files import digest
from paper.storage.project import Project
from paper.storage.render_cache import by_name
from paper.storage.sources.article import CONFIGURATION
from paper.storage.steps import Inputs

# What renders and inspects.
MACHINE = sorted(
    file for kind in ("py", "yml") for file in Path(__file__).parent.rglob(f"*.{kind}")
)
PAGE = (
    "page.html", "paper.css", "screens.css", "paper.js", "choices.js", "reading.js", "page.js",
)  # fmt: skip
# The filters, in their order.
FILTERS = (
    "conditions.lua", "num.lua", "callouts.lua", "manuscript.lua", "expected.lua", "floats.lua",
    "panels.lua", "jats.lua", "appendix.lua", "shared.lua", "choices.lua", "page.lua", "head.lua",
)  # fmt: skip
STYLE = "style.csl"
MARKUP = re.compile(r"[!-/:-@\[-`{-~]")


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
        template, *files = self.parts(*PAGE)
        options = {".css": "--css=", ".js": "--variable=script:"}
        return [
            f"--template={template}", "--embed-resources",
            *(f"{options[file.suffix]}{file}" for file in files),
        ]  # fmt: skip

    def parts(self, *names: str) -> list[Path]:
        """Return files of the extension."""
        return [self.project.extension / name for name in names]

    def inputs(self, image: str, *own: str) -> Inputs:
        """Return what a format is made from.

        `own`: templates, styles and scripts that no other format takes.
        """
        manuscript, project = self.manuscript, self.project
        text = [manuscript.metadata, manuscript.jats, manuscript.document]
        figures = [
            part
            for name, media in manuscript.media.items()
            if name.endswith(image) or not name.endswith(DRAWN)
            for part in (name.encode(), media)
        ]
        files = [
            project.numbers, *project.references, project.root / CONFIGURATION,
            *self.parts(*FILTERS, *own),
        ]  # fmt: skip
        return {
            "the text": digest([json.dumps(text, default=str).encode()]),
            "the figures": digest(figures),
            "SOURCE_DATE_EPOCH": epoch(),
            **made_with(project, files),
        }

    def article(self, writer: str, target: Path, *options: str | Path, top: int = 1) -> None:
        """Render the manuscript with one of Pandoc's writers, sections with headings of a level."""
        arguments = [
            "paper.json", "--from=json", f"--to={writer}", f"--output={target}", "--standalone",
            "--metadata-file=metadata.json",
            *(f"--lua-filter={file}" for file in self.parts(*FILTERS)),
            NATURAL_WIDTHS, f"--shift-heading-level-by={top - self.manuscript.level}",
            *citing(self.project), *options,
        ]  # fmt: skip
        pandoc(arguments, self.work, self.variables)


def _name(project: Project, number: int) -> str:
    """Name a bibliography: Word keeps the names of these files, and not where they stood."""
    return f"references{number or ''}{project.bibliography[number].suffix}"


def citing(project: Project) -> list[str]:
    """Return what makes references of these copies."""
    names = [_name(project, number) for number in range(len(project.bibliography))]
    style = [f"--csl={STYLE}"] if project.csl else []
    return ["--citeproc", *(f"--bibliography={name}" for name in names), *style]


def copy_references(project: Project, folder: Path) -> None:
    """Copy bibliographies and style into a folder to work in."""
    for number, file in enumerate(project.bibliography):
        shutil.copy(file, folder / _name(project, number))
    if project.csl:
        shutil.copy(project.csl, folder / STYLE)


def lay_out(press: Press) -> None:
    """Write what every format is made from into the folder to work in."""
    press.work.mkdir(parents=True)
    image_files(press.work, press.manuscript.media)
    copy_references(press.project, press.work)
    write_json(press.work / "paper.json", press.manuscript.document)
    write_json(press.work / "metadata.json", press.manuscript.metadata)


def as_words(label: str) -> str:
    """Return what Pandoc reads as these very words: in metadata it reads Markdown."""
    return MARKUP.sub(r"\\\g<0>", " ".join(label.split()))


def write_json(file: Path, content: Any) -> None:
    """Write what Pandoc reads as metadata."""
    file.write_text(json.dumps(content, ensure_ascii=False, default=str), encoding="utf-8")
