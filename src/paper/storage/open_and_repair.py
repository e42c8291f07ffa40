"""One command at a time works on a paper; the next one waits, and first mends what was left."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from paper.errors import PaperError
from paper.storage.files import ASIDE, SCRATCH, restore_folder
from paper.storage.local import CACHE, keep_out_of_git
from paper.storage.project import Project, open_project
from paper.storage.replace_together import FOLDER, undo

# Tells the steps of a command, which are commands too, that it holds the lock for them.
HELD = "PAPER_LOCKED"
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


@contextmanager
def at_work(root: Path, tell: Callable[[str], None]) -> Iterator[Project]:
    """Yield a paper on which nobody else works meanwhile.

    Raises PaperError if the folder cannot be written to.
    """
    if os.environ.get(HELD) == str(root):
        yield open_project(root)
        return
    cache = root / CACHE
    lock = FileLock(cache / "lock")
    try:
        cache.mkdir(exist_ok=True)
        keep_out_of_git(cache)
        lock.acquire(blocking=False)
    except Timeout:
        tell("Another command works on this paper; waiting for it to end.")
        lock.acquire()
    except (NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in NO_LOCKS:
            what = f"cannot be written to: {error.strerror}"
            raise PaperError(str(cache), what, "A build needs this folder.") from None
        tell("This disk knows no locks: let no other command work on this paper meanwhile.")
    try:
        yield _mended(root)
    finally:
        lock.release()


def settle(root: Path, tell: Callable[[str], None]) -> Project:
    """Return a paper to read; mend it first where a command was killed while it wrote."""
    if (root / CACHE / FOLDER).exists():
        with at_work(root, tell) as project:
            return project
    return open_project(root)


def held(root: Path) -> Mapping[str, str]:
    """Return the environment in which the steps of the command that holds the lock run."""
    return {HELD: str(root)}


def _mended(root: Path) -> Project:
    undo(root)
    own = [*(root / CACHE).rglob(f"{SCRATCH}*"), *(root / CACHE).rglob(f"{ASIDE}*")]
    for scratch in (*own, *root.glob(f"{ASIDE}*"), *root.glob(f"*/{ASIDE}*")):
        shutil.rmtree(scratch, ignore_errors=True)
    project = open_project(root)
    restore_folder(project.output)
    return project
