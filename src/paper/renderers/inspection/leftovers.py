"""Find what a renderer left over: shortcodes, conditions, references that lead nowhere, `nan`."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from paper.errors import PaperError

WRONG: Mapping[str, re.Pattern[str]] = {
    "a shortcode is left over": re.compile(r"\{\{(?:<|&lt;).{0,60}"),
    "a condition is left over": re.compile(r"(?:\]\{|data-)(?:says|when)=.{0,60}|\]\{\.if-known"),
    "a reference is not resolved": re.compile(r"\?@[a-z]+-[\w-]+|\?(?:var|meta|env):[\w.-]+"),
}
NAN = re.compile(r"(?<![\w.])(?:nan|NaN)(?![\w.])")
NOT_READ = re.compile(r"<(style|script)\b.*?</\1>|\"data:[^\"]*\"", re.DOTALL)
# Code may name what is not a number.
SHOWN_CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def find_left_over(file: Path, name: str) -> list[PaperError]:
    """Look in a file for what no reader should see; `name` is what the paper calls it."""
    return [problem for part, text in _texts(file, name) for problem in _problems(part, text)]


def _texts(file: Path, name: str) -> Iterator[tuple[str, str]]:
    match file.suffix:
        case ".html" | ".xml":
            yield name, file.read_text(encoding="utf-8")
        case ".docx":
            with zipfile.ZipFile(file) as document:
                for part in document.namelist():
                    if part.endswith(".xml"):
                        # Word may cut a text in two anywhere.
                        text = document.read(part).decode().replace("</w:p>", "\n")
                        yield f"{name}, {part}", TAG.sub("", text)


def _problems(name: str, text: str) -> Iterator[PaperError]:
    read = NOT_READ.sub(_lines, text)
    for what, pattern in WRONG.items():
        for found in pattern.finditer(read):
            yield _problem(name, read, found, what)
    for found in NAN.finditer(SHOWN_CODE.sub(_lines, read)):
        yield _problem(name, read, found, "a number that cannot be estimated is printed as it is")


def _problem(name: str, text: str, found: re.Match[str], what: str) -> PaperError:
    line = text.count("\n", 0, found.start()) + 1
    return PaperError(f"{name}, line {line}", f"{what}: {found[0]}")


def _lines(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
