"""Checklists of reporting as pages and Word files that lead into the paper.

An item that points to no place of the rendered page stops the build.
"""

import json
import tempfile
from collections.abc import Mapping, Set
from functools import partial
from pathlib import Path

from paper.manuscript.check_conditions import labels_left_out
from paper.renderers.anchors import read_anchors
from paper.renderers.checklist import Checklist, read_checklist, still_there
from paper.renderers.pandoc import epoch, pandoc
from paper.renderers.press import citing, copy_references, made_with
from paper.storage.files import SCRATCH, digest
from paper.storage.project import Project
from paper.storage.render_cache import Kept, by_name, files_below

FOLDER = "supplements"
ANCHORS = "anchors.json"
# What checklists are made with, beside what they say.
PARTS = ("page.html", "paper.css", "reference.docx", "conditions.lua")
# The numbers of dashes are the widths of the columns.
HEAD = ["| Item | What is asked | Where, or why not |", f"|:{'-' * 8}|:{'-' * 42}|:{'-' * 50}|"]


def render_checklists(project: Project, kept: Kept, page: Path) -> dict[str, Path]:
    """Render the checklists of a paper, as far as they or the places of its page changed.

    Returns path in the rendered paper → file. Raises DataError if a checklist is not one, or an
    item points to nothing; names file and line.
    """
    files = sorted((project.root / FOLDER).glob("*.yml"))
    if not files:
        return {}

    def write_anchors(folder: Path) -> None:
        (folder / ANCHORS).write_text(json.dumps(read_anchors(page)), encoding="utf-8")

    inputs = {"the page": digest([page.read_bytes()])}
    text = (kept.take("places of the page", inputs, write_anchors) / ANCHORS).read_text("utf-8")
    anchors = json.loads(text)
    parts_of_all = [*project.references, *(project.extension / p for p in PARTS)]
    gone = labels_left_out(project)
    inputs = {
        "places of the page": digest([text.encode()]),
        "what is left out": digest(sorted(label.encode() for label in gone)),
        "SOURCE_DATE_EPOCH": epoch(),
        **made_with(project, parts_of_all),
    }
    parts: dict[str, Path] = {}
    for file in files:
        make = partial(_render, project, file, anchors, gone)
        place = kept.take(f"{FOLDER}/{file.stem}", inputs | by_name([file], project.root), make)
        parts |= files_below(place)
    return parts


def _markdown(checklist: Checklist, places: Mapping[str, str], gone: Set[str]) -> str:
    rows = list(HEAD)
    for section in checklist.sections:
        rows.append(_cells("", f"**{section.title}**", ""))
        for item in section.items:
            where = "; ".join(places[name] for name in still_there(item.anchor, gone))
            answer = item.absent or (f"{where}. {item.note}" if item.note else where)
            rows.append(_cells(item.item, item.asks, answer))
    return "\n\n".join([f"# {checklist.title}", checklist.about, "\n".join(rows)]) + "\n"


def _cells(*texts: str) -> str:
    return "| " + " | ".join(text.replace("|", r"\|") for text in texts) + " |"


def _render(
    project: Project, file: Path, anchors: Mapping[str, str], gone: Set[str], output: Path
) -> None:
    # What the text leaves out for these data has no place now.
    gone = gone - set(anchors)
    checklist = read_checklist(file, anchors, gone)
    target = output / FOLDER / file.stem
    target.parent.mkdir(exist_ok=True)
    template, style, reference, conditions = (project.extension / name for name in PARTS)
    links = {name: f"[{label}](../index.html#{name})" for name, label in anchors.items()}
    page = [
        f"--template={template}", f"--css={style}", "--embed-resources",
        f"--metadata=pagetitle:{checklist.title}", f"--metadata=source:{file.stem}.docx",
        "--metadata=source-label:Download as Word",
    ]  # fmt: skip
    word = [f"--reference-doc={reference}"]
    variables = {"PAPER_ARTICLE": f"{FOLDER}/{file.name}", "PAPER_ROOT": str(project.root)}
    for suffix, places, options in (("html", links, page), ("docx", anchors, word)):
        with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as work:
            text = _markdown(checklist, places, gone)
            (Path(work) / "checklist.md").write_text(text, "utf-8")
            copy_references(project, Path(work))
            arguments = [
                "checklist.md", "--from=markdown", f"--output={target}.{suffix}",
                "--standalone", "--columns=60", *citing(project), f"--lua-filter={conditions}",
                *options,
            ]  # fmt: skip
            pandoc(arguments, Path(work), variables)
