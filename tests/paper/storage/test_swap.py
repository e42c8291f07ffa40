"""Files and folders change as a whole, whatever happens on the way."""

from __future__ import annotations

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paper.errors import PaperError
from paper.storage.files import ASIDE, SCRATCH, replace_folder, replace_text, restore_folder
from paper.storage.open_and_repair import at_work
from paper.storage.render_cache import Kept
from paper.storage.replace_together import swap, undo

KILLED, REFUSED = 9, 2
# What Python reports before it touches a file.
TOUCHES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}


def end() -> None:
    """End as a killed process does: nothing is flushed, closed or cleaned up."""
    os._exit(KILLED)


def refuse() -> None:
    """Answer as a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(action: Callable[[], object], step: int, how: Callable[[], None]) -> int:
    """Run an action in a process of its own; before it touches a file for the nth time, do this.

    Returns
    -------
    int
        0 if the action ended before, KILLED, or REFUSED if it raised a PaperError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child has no threads to miss
        child = os.fork()
    if child == 0:
        count = 0

        def touch(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal count
            opens = event == "open" and isinstance(arguments[2], int)
            if event in TOUCHES or (opens and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
                count += 1
                if count == step:
                    how()

        sys.addaudithook(touch)
        try:
            action()
        except PaperError:
            os._exit(REFUSED)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


OLD = {"a.txt": "old a", "b.txt": "old b"}
NEW = {"a.txt": "new a", "b.txt": "new b", "sub/c.txt": "new c"}


def files(root: Path) -> dict[str, str]:
    """Return the text files of a paper, apart from what builds remember."""
    found = [file for file in root.rglob("*.txt") if ".paper" not in file.parts]
    return {file.relative_to(root).as_posix(): file.read_text() for file in found}


def written(root: Path) -> Path:
    """Write the old files."""
    root.mkdir()
    for name, text in OLD.items():
        (root / name).write_text(text)
    return root


def swap_files(root: Path) -> None:
    swap(root, {root / name: text for name, text in NEW.items()})


def first_step_that_moves(folder: Path) -> int:
    """Return the step at which two of the three files are new when the program is killed."""
    folder.mkdir()
    for step in range(1, 100):
        root = written(folder / str(step))
        interrupted(lambda root=root: swap_files(root), step, end)
        if (root / "b.txt").read_text() == NEW["b.txt"]:
            return step
    raise AssertionError


def test_files_killed_at_any_step_are_all_old_or_all_new(tmp_path: Path) -> None:
    ends = []
    for step in range(1, 100):
        root = written(tmp_path / str(step))
        ends.append(interrupted(lambda root=root: swap_files(root), step, end))
        assert all(text in {OLD.get(name), NEW[name]} for name, text in files(root).items())
        undo(root)
        assert files(root) in (OLD, NEW)
        assert not (root / ".paper/swap").exists()
        swap_files(root)
        assert files(root) == NEW
        if ends[-1] == 0:
            break
    assert ends == [KILLED] * (len(ends) - 1) + [0]
    assert len(ends) > 15


def test_files_refused_at_any_step_are_all_old(tmp_path: Path) -> None:
    ends = []
    for step in range(1, 100):
        root = written(tmp_path / str(step))
        ends.append(interrupted(lambda root=root: swap_files(root), step, refuse))
        undo(root)
        assert files(root) == (NEW if ends[-1] == 0 else OLD)
        if ends[-1] == 0:
            break
    assert set(ends) == {REFUSED, 0}


def test_bringing_back_is_itself_interrupted_and_then_ends(tmp_path: Path) -> None:
    moved = first_step_that_moves(tmp_path / "first")
    for step in range(1, 100):
        root = written(tmp_path / str(step))
        half = interrupted(lambda root=root: swap_files(root), moved, end)
        assert half == KILLED
        ended = interrupted(lambda root=root: undo(root), step, end)
        undo(root)
        assert files(root) == OLD
        if ended == 0:
            return


def test_what_was_edited_after_an_interruption_is_kept(tmp_path: Path) -> None:
    root = written(tmp_path / "paper")
    moved = first_step_that_moves(tmp_path / "first")
    interrupted(lambda: swap_files(root), moved, end)
    assert (root / "b.txt").read_text() == NEW["b.txt"]
    (root / "a.txt").write_text("mine")
    undo(root)
    assert files(root) == {**OLD, "a.txt": "mine"}


def test_a_refusal_names_the_file_and_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = written(tmp_path / "paper")
    monkeypatch.setattr("paper.storage.replace_together.os.fsync", lambda _: refuse())
    with pytest.raises(PaperError, match=r"a\.txt: could not be written: No space left on device"):
        swap_files(root)
    assert files(root) == OLD


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_folder_killed_at_any_step_is_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exchanges: bool
) -> None:
    if not exchanges or sys.platform != "linux":
        monkeypatch.setattr("paper.storage.files._exchange", lambda *_: False)
    missing = 0
    for step in range(1, 100):
        folder, new = tmp_path / f"{step}/paper", tmp_path / f"{step}/made"
        for made, text in ((folder, "old"), (new, "new")):
            made.mkdir(parents=True)
            (made / "page.txt").write_text(text)
        ended = interrupted(lambda new=new, folder=folder: replace_folder(new, folder), step, end)
        missing += not folder.exists()
        restore_folder(folder)
        assert files(folder) in ({"page.txt": "old"}, {"page.txt": "new"})
        if ended == 0:
            break
    assert files(folder) == {"page.txt": "new"}
    assert sorted(part.name for part in folder.parent.iterdir()) == ["paper"]
    if exchanges and sys.platform == "linux":
        assert missing == 0  # at no moment was there no paper


def test_an_output_folder_that_is_a_link_stays_one(tmp_path: Path) -> None:
    new, folder, link = tmp_path / "new", tmp_path / "elsewhere/paper", tmp_path / "paper"
    for made, text in ((folder, "old"), (new, "new")):
        made.mkdir(parents=True)
        (made / "page.txt").write_text(text)
    link.symlink_to(folder)
    replace_folder(new, link)
    assert link.is_symlink()
    assert files(folder) == {"page.txt": "new"}
    assert [part.name for part in folder.parent.iterdir()] == ["paper"]


def test_what_is_kept_is_complete_though_its_deletion_was_killed(tmp_path: Path) -> None:
    parts = ["one.txt", "two.txt"]

    def make(folder: Path) -> None:
        for name in parts:
            (folder / name).touch()

    def build(root: Path, version: str) -> Path:
        kept = Kept(root, lambda _: None)
        place = kept.take("format", {"text": version}, make)
        kept.forget_others()
        return place

    for step in range(1, 100):
        root = tmp_path / str(step)
        build(root, "old")
        ended = interrupted(lambda root=root: build(root, "new"), step, end)
        assert sorted(part.name for part in build(root, "old").iterdir()) == parts
        if ended == 0:
            return


def test_what_killed_commands_left_is_deleted_by_the_next(little: Path) -> None:
    written = little / ".paper/sub/text.txt"
    for step in range(1, 100):
        ended = interrupted(lambda: replace_text(written, "text"), step, end)
        for place in (little / ".paper", little / ".paper/formats"):
            (place / f"{SCRATCH}left").mkdir(parents=True)
        for place in (little, little / "results"):
            (place / f"{ASIDE}left").mkdir(parents=True)
        (little / f"{SCRATCH}mine").mkdir(exist_ok=True)
        with at_work(little, lambda _: None):
            left = {file.name for file in (little / ".paper").rglob("*")}
        assert not [*little.glob(f"{ASIDE}*"), *little.glob(f"*/{ASIDE}*")]
        assert (little / f"{SCRATCH}mine").is_dir()  # not by a command
        lasting = {".gitignore", "lock", "computed.json", "formats"}
        assert left <= lasting | {"sub", "text.txt"}
        written.unlink(missing_ok=True)
        if ended == 0:
            return
