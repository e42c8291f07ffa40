"""Call Pandoc and Typst, and turn what they complain of into errors with a place."""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from paper.errors import PaperError

# Documents carry a date; this one unless the environment sets another: the earliest a zip can hold.
EPOCH = "315532800"
# Pandoc shares the width of the page among the columns of a table whose source has a longer line.
NATURAL_WIDTHS = "--columns=10000"
FROM_FILTER = re.compile(r"\.lua:\d+: (?P<message>.+)")
# Pandoc counts the lines of what it is given, which are those of no file.
LINE_OF_TEXT = re.compile(r" at line (?P<line>\d+) column \d+")
LABEL_TWICE = re.compile(r"Duplicate identifier '(?P<label>[^']+)'")
BESIDE = re.compile(r"\[WARNING\] |\s*Failing because there were warnings\.\s*")
MISSING_CITATION = re.compile(r"citation (?P<key>\S+) not found")


def epoch() -> str:
    """Return the time that documents carry, in seconds: that of the environment, or a fixed one.

    Raises PaperError if the environment says anything but a number.
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH", EPOCH)
    if not seconds.isdecimal():
        raise PaperError("SOURCE_DATE_EPOCH", f"{seconds!r} is not a number of seconds")
    return seconds


@cache
def tools() -> str:
    """Return what tells one installation of Pandoc and Typst from another."""
    typst = find_spec("typst")
    programs = [Path(_pandoc()), Path(typst.origin if typst and typst.origin else "typst")]
    stamps = [file.stat() for file in programs if file.exists()]
    return " ".join(f"{stamp.st_size} {stamp.st_mtime_ns}" for stamp in stamps)


@cache
def _pandoc() -> str:
    package = find_spec("pypandoc")
    if package and package.origin:
        # Its own, whatever version else there is on this machine: that one would give other bytes.
        for name in ("pandoc", "pandoc.exe"):
            own = Path(package.origin).parent / "files" / name
            if own.is_file():
                return str(own)
    # Only what is rendered needs it.
    import pypandoc  # noqa: PLC0415

    return str(pypandoc.get_pandoc_path())


def read_markdown(text: str, place_of: Callable[[str], str]) -> dict[str, Any]:
    """Return a text as Pandoc reads it.

    `place_of`: where words of the text stand in its sources. Raises as `pandoc` does, with a place.
    """
    options = ["--from=markdown", "--to=json", NATURAL_WIDTHS]
    try:
        read = pandoc(options, Path(tempfile.gettempdir()), {"PAPER_ARTICLE": place_of("")}, text)
    except PaperError as error:
        if not (found := LINE_OF_TEXT.search(error.what)):
            raise
        name = LABEL_TWICE.search(error.what)
        words = f"#{name['label']}" if name else text.splitlines()[int(found["line"]) - 1]
        raise PaperError(place_of(words), LINE_OF_TEXT.sub("", error.what)) from None
    return dict(json.loads(read))


def pandoc(
    arguments: Sequence[str | Path], folder: Path, variables: Mapping[str, str], text: str = ""
) -> str:
    """Run Pandoc, and return what it prints; a warning is an error.

    `text`: what it reads where the command line names no file. Raises PaperError with Pandoc's
    message, or that of the filter that stopped it.
    """
    # The same whatever the language and the place of the machine.
    fixed = {"SOURCE_DATE_EPOCH": epoch(), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    # Nor what somebody keeps at home: templates and their like.
    command = [_pandoc(), "--fail-if-warnings", f"--data-dir={folder}", *map(str, arguments)]
    environment = {**os.environ, **fixed, **variables}
    done = subprocess.run(  # noqa: S603  (no shell; arguments are ours)
        command, cwd=folder, env=environment, input=text, capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    if done.returncode:
        message = done.stderr or f"Pandoc ended with status {done.returncode}"
        if done.returncode < 0:
            message = f"Pandoc was ended: {signal.strsignal(-done.returncode)}"
        raise _failure(message, variables.get("PAPER_ARTICLE", "the manuscript"))
    return done.stdout


def _failure(message: str, article: str) -> PaperError:
    if found := FROM_FILTER.search(message):
        where, _, what = found["message"].partition(": ")
        what, _, nearest = what.partition(" Nearest: ")
        return PaperError(where, what, f"Nearest: {nearest}" if nearest else "")
    if found := MISSING_CITATION.search(message):
        return PaperError(article, f"@{found['key']} is not in the bibliography")
    return PaperError(article, BESIDE.sub("", message).strip())


def compile_typst(source: Path, target: Path) -> None:
    """Compile a Typst file to PDF with the fonts that Typst carries, so that all machines agree.

    Raises PaperError with Typst's message.
    """
    # A slow import, and only a PDF needs it.
    import typst  # noqa: PLC0415

    try:
        typst.compile(
            source,
            output=target,
            root=source.parent,
            ignore_system_fonts=True,
            pdf_standards="ua-1",  # tagged; an image without words for it is an error
            timestamp=int(epoch()),  # a fixed time: the same source is the same PDF
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(target)) from None
    except typst.TypstError as error:
        raise PaperError(source.name, f"Typst: {error}") from None
