"""What `archive` in `paper.yml` says: how to build from an archive, and what its parts are."""

from pathlib import Path

from declared import Definition, Texts, YamlFile, validate
from paper.errors import PaperError
from paper.storage.settings import ARCHIVE, SETTINGS, read_section


class Part(Definition):
    """A file or a folder of the archive; its type is one of schema.org, beside file or folder."""

    name: str
    license: Texts
    description: str = ""
    type: str = ""


class Descriptions(Definition):
    """How to build, and the parts by their paths, folders with a slash at the end.

    Where the data are and how to ask for them, if they are records that stay elsewhere.
    """

    build: str
    data: str = ""
    parts: dict[str, Part]

    def part_with(self, path: str) -> str:
        """Return the part that a file is, or the innermost folder that holds it, or nothing."""
        holding = (p for p in self.parts if p == path or (p.endswith("/") and path.startswith(p)))
        return max(holding, key=len, default="")


def read_descriptions(root: Path) -> Descriptions:
    """Read `archive` in `paper.yml`.

    Raises PaperError if it is missing. Raises DataError if it lacks a field or has one that is not
    known, with the line.
    """
    section = read_section(root, ARCHIVE)
    if section.content is None:
        raise PaperError(SETTINGS, f"has no {ARCHIVE}", "Say there what the parts are.")
    return validate(Descriptions, YamlFile(root / SETTINGS, section.content, section.node, ()))
