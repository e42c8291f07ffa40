"""Checklists of reporting, `supplements/*.yml`, as pages and Word files that lead into the paper.

A checklist says of each of its items where the paper reports it, or why it does not. An item that
points to no place of the rendered page stops the build.
"""

from __future__ import annotations

import difflib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from paper.errors import PaperError
from paper.manuscript.check_conditions import labels_left_out
from paper.manuscript.conditions import ANSWERS, FILTER
from paper.renderers.anchors import read_anchors
from paper.renderers.pandoc import ASSETS, epoch, pandoc, tools
from paper.renderers.press import MACHINE
from paper.storage.files import SCRATCH, digest
from paper.storage.project import Project
from paper.storage.render_cache import Kept, by_name, files_below

FOLDER = "supplements"
ANCHORS = "anchors.json"
# What checklists are made with, beside what they say.
PARTS = ("page.html", "paper.css", "reference.docx")
LINE = "line of the file"
# Why an item is reported nowhere → how its row begins.
ABSENT = {"not_reported": "Not reported", "not_applicable": "Not applicable"}
# The numbers of dashes are the widths of the columns.
HEAD = ["| Item | What is asked | Where, or why not |", f"|:{'-' * 8}|:{'-' * 42}|:{'-' * 50}|"]
SHOWN_NEAREST = 3


@dataclass(frozen=True)
class Item:
    """One item: what it asks, and where the paper answers or why it does not."""

    item: str
    asks: str
    anchors: tuple[str, ...]
    absent: str
    note: str
    place: str


@dataclass(frozen=True)
class Checklist:
    """A checklist: its title, what it is, and its items under the headings of its sections."""

    name: str
    title: str
    about: str
    sections: tuple[tuple[str, tuple[Item, ...]], ...]


def add_checklists(project: Project, output: Path) -> None:
    """Render the checklists of a paper beside its finished page.

    Parameters
    ----------
    project
        The paper.
    output
        Folder of the rendered paper, with its `index.html`.

    Raises
    ------
    PaperError
        If a checklist is not one, or an item points to nothing; names file, line and item.
    """
    files = _files(project)
    if not files:
        return
    anchors = read_anchors(output / "index.html")
    gone = labels_left_out(project)
    for file in files:
        _render(project, file, anchors, gone, output)


def render_checklists(project: Project, kept: Kept, page: Path) -> dict[str, Path]:
    """Render the checklists of a paper, as far as they or the places of its page changed.

    Parameters
    ----------
    project
        The paper.
    kept
        What earlier builds made.
    page
        The rendered page.

    Returns
    -------
    dict
        Path in the rendered paper → file.

    Raises
    ------
    PaperError
        As `add_checklists`.
    """
    files = _files(project)
    if not files:
        return {}

    def write_anchors(folder: Path) -> None:
        (folder / ANCHORS).write_text(json.dumps(read_anchors(page)), encoding="utf-8")

    inputs = {"the page": digest([page.read_bytes()])}
    text = (kept.take("places of the page", inputs, write_anchors) / ANCHORS).read_text("utf-8")
    anchors = json.loads(text)
    shared = [
        project.bibliography,
        project.csl,
        project.root / FILTER,
        *(ASSETS / name for name in PARTS),
        *MACHINE,
    ]
    gone = labels_left_out(project)
    inputs = {
        "places of the page": digest([text.encode()]),
        "what is left out": digest(sorted(label.encode() for label in gone)),
        "the conditions": digest([(project.cache / ANSWERS).read_bytes()]),
        "Pandoc and Typst": tools(),
        "SOURCE_DATE_EPOCH": epoch(),
        **by_name(shared, project.root),
    }
    parts: dict[str, Path] = {}
    for file in files:
        make = partial(_render, project, file, anchors, gone)
        place = kept.take(f"{FOLDER}/{file.stem}", inputs | by_name([file], project.root), make)
        parts |= files_below(place)
    return parts


def _files(project: Project) -> list[Path]:
    return sorted((project.root / FOLDER).glob("*.yml"))


def read_checklist(file: Path) -> Checklist:
    """Read a checklist.

    Raises
    ------
    PaperError
        If a field is missing, unknown, empty or said twice, with its line.
    """
    name = f"{FOLDER}/{file.name}"
    try:
        # A safe loader, whose mappings know their lines.
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PaperError(name, f"not YAML: {error}") from None
    texts, lists = {"title", "about"}, {"sections"}
    top = _fields(content, name, texts, lists)
    sections = [
        _fields(section, name, {"title"}, {"items"}) for section in _each(top["sections"], name)
    ]
    read = tuple(
        (section["title"], tuple(_item(item, name) for item in _each(section["items"], name)))
        for section in sections
    )
    _refuse_repeated([item for _, items in read for item in items])
    return Checklist(file.stem, top["title"], top["about"], read)


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which leaves in each mapping the line where it begins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        return {**super().construct_mapping(node, deep=deep), LINE: node.start_mark.line + 1}


def _each(entries: Sequence[Any] | None, name: str) -> Sequence[Any]:
    if not isinstance(entries, list):
        raise PaperError(name, f"not a list: {entries!r}")
    return entries


def _fields(
    entry: Any, name: str, texts: set[str], others: set[str], optional: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the fields of a mapping, texts on one line each; all but the optional are needed."""
    if not isinstance(entry, dict):
        raise PaperError(name, f"not `field: value`: {entry!r}")
    place = f"{name}, line {entry[LINE]}"
    known = texts | others | {LINE}
    for field in entry:
        if field not in known:
            raise PaperError(place, f"field {field!r} is not known", _nearest(str(field), known))
    for field in (texts | others) - set(optional):
        if field not in entry:
            raise PaperError(place, f"field {field!r} is missing")
    for field in sorted(texts & set(entry)):
        if not isinstance(entry[field], str | int) or not str(entry[field]).strip():
            raise PaperError(place, f"{field}: {entry[field]!r} is not a text")
    return {f: " ".join(str(v).split()) if f in texts else v for f, v in entry.items()}


def _item(entry: Any, name: str) -> Item:
    optional = ["anchor", "note", *ABSENT]
    fields = _fields(entry, name, {"item", "asks", "note", *ABSENT}, {"anchor"}, optional)
    place = f"{name}, line {fields[LINE]}, item {fields['item']}"
    answers = [field for field in ("anchor", *ABSENT) if field in fields]
    if len(answers) != 1:
        said = " and ".join(answers) or "neither place nor reason"
        raise PaperError(place, f"has {said}", "Give one: anchor, not_reported or not_applicable.")
    anchor = fields.get("anchor", [])
    anchors = [anchor] if isinstance(anchor, str) else anchor
    if not isinstance(anchors, list) or (answers == ["anchor"] and not anchors):
        raise PaperError(place, f"anchor: {anchor!r} is not an identifier or a list of them")
    absent = "".join(f"*{begin}.* {fields[f]}" for f, begin in ABSENT.items() if f in fields)
    note = fields.get("note", "")
    return Item(fields["item"], fields["asks"], tuple(map(str, anchors)), absent, note, place)


def _refuse_repeated(items: Sequence[Item]) -> None:
    first: dict[str, Item] = {}
    for item in items:
        if item.item in first:
            raise PaperError(item.place, "is there already", f"See {first[item.item].place}.")
        first[item.item] = item


def _without(checklist: Checklist, gone: Set[str]) -> Checklist:
    """Leave out places that are not there for these data; an item keeps at least one."""

    def kept(item: Item) -> Item:
        anchors = tuple(anchor for anchor in item.anchors if anchor not in gone)
        return replace(item, anchors=anchors or item.anchors)

    sections = tuple((title, tuple(map(kept, items))) for title, items in checklist.sections)
    return replace(checklist, sections=sections)


def _check(checklist: Checklist, anchors: Mapping[str, str]) -> None:
    for _, items in checklist.sections:
        for item in items:
            for anchor in item.anchors:
                if anchor not in anchors:
                    what = f"the paper has no place named '{anchor}'"
                    raise PaperError(item.place, what, _nearest(anchor, anchors))


def _nearest(word: str, known: Mapping[str, str] | set[str]) -> str:
    candidates = sorted(set(known) - {LINE})
    near = difflib.get_close_matches(word, candidates, n=SHOWN_NEAREST, cutoff=0)
    return f"Nearest: {', '.join(near)}"


def _markdown(checklist: Checklist, places: Mapping[str, str]) -> str:
    rows = list(HEAD)
    for title, items in checklist.sections:
        rows += [_cells("", f"**{title}**", ""), *(_row(item, places) for item in items)]
    return "\n\n".join([f"# {checklist.title}", checklist.about, "\n".join(rows)]) + "\n"


def _row(item: Item, places: Mapping[str, str]) -> str:
    where = "; ".join(places[anchor] for anchor in item.anchors)
    answer = item.absent or (f"{where}. {item.note}" if item.note else where)
    return _cells(item.item, item.asks, answer)


def _cells(*texts: str) -> str:
    return "| " + " | ".join(text.replace("|", r"\|") for text in texts) + " |"


def _render(
    project: Project, file: Path, anchors: Mapping[str, str], gone: Set[str], output: Path
) -> None:
    # What the text leaves out for these data has no place now.
    checklist = _without(read_checklist(file), gone - set(anchors))
    _check(checklist, anchors)
    folder = output / FOLDER
    folder.mkdir(exist_ok=True)
    links = {name: f"[{label}](../index.html#{name})" for name, label in anchors.items()}
    page = [
        f"--template={ASSETS / 'page.html'}", f"--css={ASSETS / 'paper.css'}", "--embed-resources",
        f"--metadata=pagetitle:{checklist.title}", f"--metadata=source:{checklist.name}.docx",
        "--metadata=source-label:Download as Word",
    ]  # fmt: skip
    word = [f"--reference-doc={ASSETS / 'reference.docx'}"]
    for suffix, places, options in (("html", links, page), ("docx", anchors, word)):
        with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as work:
            (Path(work) / "checklist.md").write_text(_markdown(checklist, places), "utf-8")
            # Word keeps the names of these files: names only, and not where they stood.
            shutil.copy(project.bibliography, Path(work) / "references.bib")
            shutil.copy(project.csl, Path(work) / "style.csl")
            arguments = [
                "checklist.md", "--from=markdown", f"--output={folder / checklist.name}.{suffix}",
                "--standalone", "--columns=60", "--citeproc", "--bibliography=references.bib",
                "--csl=style.csl", f"--lua-filter={project.root / FILTER}", *options,
            ]  # fmt: skip
            variables = {
                "PAPER_ARTICLE": f"{FOLDER}/{checklist.name}.yml",
                "PAPER_ROOT": str(project.root),
            }
            pandoc(arguments, Path(work), variables)
