"""Several files change together or not at all, even when the program is killed between two.

New contents are written aside, the old ones are kept, and a journal names both; only then do the
files change places. Whoever comes after an interruption finds the journal and brings the old ones
back.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from paper.errors import PaperError
from paper.storage.files import digest
from paper.storage.local import CACHE

FOLDER, JOURNAL = "swap", "journal.json"
LEFT = "The files are as they were before."


def swap(root: Path, contents: Mapping[Path, str]) -> None:
    """Replace text files of a paper, all of them or none; leave equal ones alone.

    `root`: folder of the paper; nobody else works on it. `contents`: file → new content. Raises
    PaperError if a file cannot be written. Then every one is as it was.
    """
    new = {
        file: text.encode()
        for file, text in contents.items()
        if not (file.is_file() and file.read_bytes() == text.encode())
    }
    if not new:
        return
    undo(root)
    file = folder = root / CACHE / FOLDER
    try:
        folder.mkdir(parents=True)
        moves = []
        for number, (file, content) in enumerate(new.items()):
            _keep(file, folder / f"{number}.old")
            _write(folder / f"{number}.new", content)
            moves.append([file.relative_to(root).as_posix(), digest([content])])
        _write(folder / "journal.new", json.dumps(moves).encode())
        (folder / "journal.new").rename(folder / JOURNAL)
        for number, file in enumerate(new):
            (folder / f"{number}.new").replace(file)
        # From here on the new files are the ones that count.
        (folder / JOURNAL).unlink()
    except OSError as error:
        undo(root)
        what = f"could not be written: {error.strerror}"
        raise PaperError(file.relative_to(root).as_posix(), what, LEFT) from None
    shutil.rmtree(folder, ignore_errors=True)


def undo(root: Path) -> None:
    """Bring back the files of an interrupted swap; one that was edited since is left alone.

    Raises PaperError if a file cannot be written. Then the next command tries again.
    """
    folder = root / CACHE / FOLDER
    if not folder.exists():
        return
    journal, name = folder / JOURNAL, JOURNAL
    moves = json.loads(journal.read_text(encoding="utf-8")) if journal.is_file() else []
    try:
        for number, (name, new) in enumerate(moves):
            file, old = root / name, folder / f"{number}.old"
            if not file.is_file() or digest([file.read_bytes()]) != new:
                continue
            if old.is_file():
                old.replace(file)
            else:
                file.unlink()
        journal.unlink(missing_ok=True)
    except OSError as error:
        what = f"an interrupted build changed it, and it cannot be restored: {error.strerror}"
        raise PaperError(name, what, "Make its folder writable and run again.") from None
    shutil.rmtree(folder, ignore_errors=True)


def _keep(file: Path, old: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_file():
        return
    try:
        old.hardlink_to(file)
    except OSError:  # a disk that knows no second name for a file
        shutil.copy2(file, old)


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        # On the disk before its name: power may fail, too.
        os.fsync(stream.fileno())
