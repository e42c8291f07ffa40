"""Files are replaced in whole or not at all, and known by their content."""

import ctypes
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from declared import DataError, YamlFile, read_yaml
from paper.errors import PaperError

# Of Linux: names relative to the working directory, and both change places.
AT_FDCWD, RENAME_EXCHANGE = -100, 2
# How temporary folders are named: whoever was killed leaves one to the next command to delete.
SCRATCH = "scratch-"
# The same beside files of the author, which may be called anything else.
ASIDE = f".paper-{SCRATCH}"
# Is locked as long as the command lives that uses the folder.
IN_USE = "in-use"


def read_text(file: Path, name: str) -> str:
    """Return what an author wrote.

    Raises PaperError if the file is not UTF-8; names it, and the line.
    """
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
        raise PaperError(f"{name}, line {line}", what, "Save the file as UTF-8.") from None


def read_fields(file: Path, name: str) -> YamlFile:
    """Return what an author wrote as YAML.

    Raises PaperError if the file is not YAML; names it, and the line.
    """
    try:
        return read_yaml(file)
    except DataError as error:
        raise PaperError(name, f"not YAML: {error.problems[0]}") from None


def replace_text(file: Path, text: str) -> None:
    """Write a text file aside and put it in place in one step; leave an equal one alone."""
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=ASIDE) as folder:
            aside = Path(folder) / file.name
            aside.write_text(text, encoding="utf-8")
            aside.replace(file)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from None


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Yield a folder where the system has temporary ones; remove those of commands killed since."""
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*/{IN_USE}"):
        with suppress(Timeout, OSError, NotImplementedError), FileLock(left, blocking=False):
            shutil.rmtree(left.parent, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        lock = FileLock(Path(name) / IN_USE)
        with suppress(OSError, NotImplementedError):  # a disk without locks
            lock.acquire()
        yield Path(name)
        lock.release()


def replace_folder(new: Path, folder: Path) -> None:
    """Put a finished folder in the place of another, which is whole until then.

    Where the system can let two folders change places, there is no moment without one. Elsewhere
    a program killed between two renames leaves none, and `restore_folder` brings back the old.
    """
    folder = folder.resolve()  # a link stays one: what it leads to changes places
    aside, old = _aside(folder, "new"), _aside(folder, "old")
    folder.parent.mkdir(parents=True, exist_ok=True)
    restore_folder(folder)
    if new.stat().st_dev != folder.parent.stat().st_dev:
        # A rename does not lead from one disk to another.
        new = Path(shutil.move(new, aside))
    if folder.exists() and _exchange(new, folder):
        shutil.rmtree(new)
        return
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def replace_by_copy(source: Path, folder: Path, aside: Path) -> None:
    """Put a copy of a folder in the place of another; it is made in a folder beside."""
    with tempfile.TemporaryDirectory(dir=aside, prefix=SCRATCH) as scratch:
        replace_folder(Path(shutil.copytree(source, Path(scratch) / source.name)), folder)


def restore_folder(folder: Path) -> None:
    """Mend what a killed `replace_folder` left: bring back the old folder, remove what is aside."""
    folder = folder.resolve()
    aside, old = _aside(folder, "new"), _aside(folder, "old")
    if old.exists() and not folder.exists():
        old.rename(folder)
    for left in (aside, old):
        shutil.rmtree(left, ignore_errors=True)


def _aside(folder: Path, what: str) -> Path:
    return folder.with_name(f".{folder.name}.{what}")


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    names = (os.fsencode(one), os.fsencode(other))
    return (
        rename is not None and rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0
    )


def digest(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of the parts, each with its length, so that no two lists look alike."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(len(part).to_bytes(8, "big"))
        sha.update(part)
    return sha.hexdigest()
