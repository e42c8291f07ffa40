"""What earlier builds made is kept by what it was made from, and made again when that changes."""

import filecmp
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from paper.storage.files import SCRATCH, digest, replace_text
from paper.storage.steps import Inputs, Step, difference, read_memory

MEMORY = "inputs.json"
# In the folder of each part: its files, and the digest of their names and contents.
FILES, SUM = "files", "sum"


class Kept:
    """A folder of what builds made; each part in a folder named by the digest of its inputs.

    `folder`: may be deleted at any time. `look`: called with each folder that was made; raises if
    what is in it shall not be kept.
    """

    def __init__(self, folder: Path, look: Callable[[Path], None]) -> None:
        self._folder, self._look = folder, look
        self._before = read_memory(folder / MEMORY)
        self._used: dict[str, tuple[Path, Step]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def steps(self) -> list[Step]:
        """What was asked for, and why it was made if it was."""
        return [step for _, (_, step) in sorted(self._used.items())]

    def take(self, name: str, inputs: Inputs, make: Callable[[Path], None]) -> Path:
        """Return a folder with what a step makes.

        `make`: called with an empty folder to fill, if no earlier build did.
        """
        place = self._folder / digest([json.dumps([name, inputs], sort_keys=True).encode()])
        reason = ""
        if not _is_whole(place):
            gone = "what was kept of it had changed" if place.is_dir() else "it was deleted"
            reason = difference(self._before.get(name), inputs) or gone
            shutil.rmtree(place, ignore_errors=True)
            self._make(place, make)
        self._used[name] = place, Step(name, inputs, reason)
        return place / FILES

    def forget_others(self) -> None:
        """Delete what this build did not ask for."""
        used = {place.name for place, _ in self._used.values()}
        for place in list(self._folder.iterdir()):
            if place.is_dir() and place.name not in used:
                # It loses its name first: what is half gone must not pass for complete.
                gone = place.rename(place.with_name(f"{SCRATCH}{place.name}"))
                shutil.rmtree(gone, ignore_errors=True)
        memory = {step.name: step.inputs for step in self.steps}
        replace_text(self._folder / MEMORY, json.dumps(memory, indent=1))

    def _make(self, place: Path, make: Callable[[Path], None]) -> None:
        # A folder gets its name only when it is complete; whoever was killed left one without.
        aside = Path(tempfile.mkdtemp(dir=self._folder, prefix=SCRATCH))
        try:
            (aside / FILES).mkdir()
            make(aside / FILES)
            self._look(aside / FILES)
            (aside / SUM).write_text(_sum(aside / FILES))
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        aside.rename(place)


def _is_whole(place: Path) -> bool:
    known = place / SUM
    return known.is_file() and known.read_bytes() == _sum(place / FILES).encode()


def _sum(folder: Path) -> str:
    return digest(
        part for name, file in files_below(folder) for part in (name.encode(), file.read_bytes())
    )


def by_name(files: Iterable[Path], root: Path) -> Inputs:
    """Return files as inputs: path in the paper, wherever that is, or folder and name → digest."""

    def name(file: Path) -> str:
        inside = file.is_relative_to(root)
        return file.relative_to(root).as_posix() if inside else f"{file.parent.name}/{file.name}"

    return {name(file): digest([file.read_bytes()]) for file in files}


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder, each with its path from there."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file


def holds(folder: Path, parts: Mapping[str, Path]) -> bool:
    """Return whether a folder holds these files, byte for byte, and no others."""
    there = dict(files_below(folder))
    return there.keys() == parts.keys() and all(
        filecmp.cmp(there[name], file, shallow=False) for name, file in parts.items()
    )


def lay_together(folder: Path, parts: Mapping[str, Path]) -> None:
    """Copy files into a folder."""
    for name, file in parts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / name)
