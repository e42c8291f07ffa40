"""Files are replaced in whole or not at all, and known by their content."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path


def replace_text(file: Path, text: str) -> None:
    """Write a text file aside and put it in place in one step; leave an equal one alone."""
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="utf-8", delete=False) as aside:
        aside.write(text)
    # A temporary file is private; the file it becomes is as readable as any other.
    Path(aside.name).chmod(0o644)
    os.replace(aside.name, file)  # noqa: PTH105


def replace_folder(new: Path, folder: Path) -> None:
    """Put a finished folder in the place of another."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        folder.rename(old)
    # Not a rename: the new folder may have been made on another disk.
    shutil.move(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def digest(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of the parts, each with its length, so that no two lists look alike."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(len(part).to_bytes(8, "big"))
        sha.update(part)
    return sha.hexdigest()
