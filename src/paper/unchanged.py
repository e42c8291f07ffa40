"""Whether anything changed since the last build; if nothing did, it need not look any closer.

All that a build reads is looked at by content, and all that it made. What a notebook may read
beside the paper, where `paper.yml` allows it, is not: of such papers nothing is remembered.
"""

import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import declared
from paper.notebooks.kernels.observe import content_of
from paper.storage.files import digest, replace_text
from paper.storage.local import CACHE
from paper.storage.project import Project, Renderer, reads_other_data
from paper.storage.settings import read_settings

MEMORY = f"{CACHE}/built.json"
# Variables of the environment that a build, or a program that it starts, may heed.
HEEDED = ("PAPER_", "QUARTO", "SOURCE_DATE_EPOCH", "PATH", "LANG", "LC_", "TZ", "MPL", "PYTHON")
# Folders that no code of a paper reads: history, memory, environments, caches of tools.
UNREAD = {".git", CACHE, "__pycache__", ".ipynb_checkpoints", ".hypothesis"}
MARKS = ("pyvenv.cfg", "CACHEDIR.TAG")


def sources_of(root: Path, output: Path) -> str:
    """Return the digest of all that a build of a paper reads."""
    around = sorted(
        f"{name}={text}" for name, text in os.environ.items() if name.startswith(HEEDED)
    )
    installed = Path(sysconfig.get_path("purelib")).iterdir()
    packages = sorted(one.name for one in installed if one.name not in UNREAD)
    machine = [Path(file).parent for file in (__file__, str(declared.__file__))]
    parts = [sys.version, *around, *packages]
    parts += [part for folder in (root, *machine) for part in _contents(folder, output)]
    return digest(part.encode(errors="surrogateescape") for part in parts)


def is_built(root: Path, renderer: Renderer) -> Path | None:
    """Return the output folder if it is what this build would make, known from the last one."""
    try:
        memory = json.loads((root / MEMORY).read_text(encoding="utf-8"))
        output = root / memory["output"]
        known = [memory["renderer"], memory["sources"], memory["paper"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return output if known == _now(root, output, renderer) else None


def remember_build(project: Project, renderer: Renderer, sources: str) -> None:
    """Remember what was built, and from what, unless the sources are not those any more."""
    may = read_settings(project.root)
    beside = may.may_read or may.variables or may.network or reads_other_data(project.root)
    now = [] if beside else _now(project.root, project.output, renderer)
    if sources not in now:
        (project.root / MEMORY).unlink(missing_ok=True)
        return
    output = os.path.relpath(project.output, project.root)
    memory = dict(zip(("output", "renderer", "sources", "paper"), (output, *now), strict=True))
    replace_text(project.root / MEMORY, json.dumps(memory))


def _now(root: Path, output: Path, renderer: Renderer) -> list[str]:
    made = digest(part.encode(errors="surrogateescape") for part in _contents(output, None))
    return [renderer.value, sources_of(root, output), made]


def _contents(folder: Path, left_out: Path | None) -> Iterator[str]:
    """Yield the path of each file below a folder, and the digest of its content."""
    for at, folders, names in os.walk(folder):
        unread = at != str(folder) and any(mark in names for mark in MARKS)
        folders[:] = [] if unread else sorted(
            name for name in folders if name not in UNREAD and Path(at, name) != left_out
        )  # fmt: skip
        for name in () if unread else sorted(names):
            path = Path(at, name)
            yield f"{path.relative_to(folder)} {content_of(path)}"
