"""What a paper sets, `paper.yml` in its folder, section by section; a paper needs none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from declared import nearest
from paper.errors import PaperError
from paper.storage.files import read_fields

SETTINGS = "paper.yml"
CELL_TIMEOUT = "cell-timeout"
TYPED, WORDS, NOT_RECORDS = "typed-numbers", "directional-words", "not-records"
ARCHIVE, DIGITS, MAY = "archive", "typed-digits", "notebooks-may"
SECTIONS = {DIGITS, CELL_TIMEOUT, TYPED, WORDS, NOT_RECORDS, ARCHIVE, MAY}
HOW_TO_SET = f"Write: {CELL_TIMEOUT}: 600, the seconds that a cell of a notebook may run."


@dataclass(frozen=True)
class Section:
    """A section of `paper.yml`."""

    content: Any = None  # what it holds; None if it is left out
    node: yaml.Node | None = None  # the same with positions
    line: int = 1  # where it begins


@dataclass(frozen=True)
class Settings:
    """What a paper sets for its runs."""

    # How many seconds a cell of a notebook may run; None for as long as it takes.
    cell_timeout: int | None = None
    # What notebooks may depend on beside the paper: files and folders, variables of the
    # environment, and whatever comes from the network.
    may_read: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    network: bool = False


def read_section(root: Path, name: str) -> Section:
    """Read one section of `paper.yml`; raises as `read_sections` does."""
    return read_sections(root).get(name, Section())


def read_sections(root: Path) -> dict[str, Section]:
    """Read the sections of `paper.yml` that are there, by their names.

    Raises PaperError if the file is not YAML, or has a section that is not known or there twice.
    """
    file = root / SETTINGS
    if not file.is_file():
        return {}
    source = read_fields(file, SETTINGS)
    content, node = source.content, source.root
    if content is None:
        return {}
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        hint = f"It may hold {', '.join(sorted(SECTIONS))}."
        raise PaperError(SETTINGS, "not `name: value`", hint)
    found: dict[str, Section] = {}
    for key, value in node.value:
        place = f"{SETTINGS}, line {key.start_mark.line + 1}"
        if key.value not in SECTIONS:
            what = f"{key.value!r} is not known; {nearest(str(key.value), SECTIONS)}"
            raise PaperError(place, what)
        if key.value in found:
            raise PaperError(place, f"{key.value} is there twice", "Put both lists into one.")
        found[key.value] = Section(content[key.value], value, key.start_mark.line + 1)
    return found


def read_settings(root: Path) -> Settings:
    """Read what `paper.yml` sets for runs.

    Raises PaperError if it is not YAML, or sets what may not be.
    """
    sections = read_sections(root)
    section = sections.get(CELL_TIMEOUT, Section())
    value = section.content
    if section.node and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        what = f"{CELL_TIMEOUT}: {value!r} is not a number of seconds"
        raise PaperError(f"{SETTINGS}, line {section.line}", what, HOW_TO_SET)
    if MAY not in sections:
        return Settings(value)
    # Few papers need it, and definitions are slow to import.
    from paper.storage.permissions import permissions  # noqa: PLC0415

    may = permissions(root / SETTINGS, sections[MAY].content, sections[MAY].node)
    return Settings(value, may.read, may.environment, may.network)
