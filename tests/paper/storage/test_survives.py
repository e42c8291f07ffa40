"""A build may be killed, refused or interrupted: the paper stays whole, the next build succeeds."""

from __future__ import annotations

import ctypes
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from commands import PAPER, run_paper
from little import RECORD, TABLE, write_little_paper, write_notebook
from test_build import fingerprint

import paper.notebooks.execute
from paper.build import run
from paper.errors import PaperError
from paper.notebooks.freshness.stale import stale_notebooks
from paper.notebooks.progress import progress_bar
from paper.storage.files import SCRATCH
from paper.storage.open_and_repair import at_work, settle
from paper.storage.project import open_project

# One of the few variables that are passed on to kernels; nothing here reads it.
MARK = "VIRTUAL_ENV"
SEED = 20240607
BUILD = ("build", "--renderer", "embedded")
CAPABILITIES = (1, 2)  # to write and to read what permissions forbid
DROP_CAPABILITY = 24
PATIENCE = 10


@pytest.fixture
def mark() -> str:
    """Return what tells the processes of a test from all others."""
    return uuid.uuid4().hex


def started(
    folder: Path,
    mark: str,
    *arguments: str,
    before: Callable[[], object] | None = None,
    **variables: str,
) -> subprocess.Popen[str]:
    """Start a command; every process that comes from it carries the mark."""
    return subprocess.Popen(
        [PAPER, *(arguments or BUILD)], cwd=folder, env=os.environ | {MARK: mark} | variables,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True,
        preexec_fn=before,  # noqa: PLW1509  (no test has threads)
    )  # fmt: skip


def left(mark: str) -> list[psutil.Process]:
    """Return the processes that carry a mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
    return found


def assert_none_left(mark: str) -> None:
    """Fail if a process is still there after a while."""
    end = time.monotonic() + PATIENCE
    while left(mark) and time.monotonic() < end:
        time.sleep(0.05)
    assert left(mark) == []


def change_number(folder: Path) -> None:
    """Change the number that the little paper is about."""
    source = RECORD.format(key="pain").replace("2.5", "3.5")
    write_notebook(folder / "notebooks/a.ipynb", source, TABLE.replace("2.5", "3.5"))


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the little paper, built; and what becomes of it when the number has changed."""
    old, new = (tmp_path_factory.mktemp(name) / "paper" for name in ("old", "new"))
    write_little_paper(old)
    assert run_paper(old, *BUILD).status == 0
    shutil.copytree(old, new)
    change_number(new)
    assert run_paper(new, *BUILD).status == 0
    change_number(old)  # built before the change: what a killed build begins with
    return old, new


@pytest.fixture
def work(versions: tuple[Path, Path], tmp_path: Path) -> Path:
    """Return the built paper, its first notebook changed since."""
    return Path(shutil.copytree(versions[0], tmp_path / "paper"))


def outputs(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is published, and what the notebooks gave."""
    computed = {
        f"{part}/{name}": value
        for part in ("notebooks", "results")
        for name, value in fingerprint(folder / part).items()
    }
    return fingerprint(folder / "_manuscript"), computed


def assert_whole(work: Path, old: Path, new: Path) -> None:
    """Fail if the paper is anything but what it was, or what the build was to make of it.

    The notebook is stored with what it was made from; numbers are collected after that.
    """
    published, _ = outputs(work)
    assert published in (outputs(old)[0], outputs(new)[0])
    settle(work, lambda _: None)
    _, computed = outputs(work)
    before, after = outputs(old)[1], outputs(new)[1]
    half = {**after, "results/numbers.json": before["results/numbers.json"]}
    assert computed in (before, half, after)


def killed_at(folder: Path, mark: str, seconds: float) -> None:
    """Start a build and kill it."""
    process = started(folder, mark)
    time.sleep(seconds)
    process.kill()
    process.communicate()
    assert_none_left(mark)


def moments(count: int, longest: float) -> Iterator[float]:
    """Return random moments of a build, the same ones each time."""
    chance = random.Random(SEED)
    return (chance.uniform(0, longest) for _ in range(count))


def test_killed_at_random_moments_all_is_whole_and_no_process_is_left(
    versions: tuple[Path, Path], work: Path, mark: str
) -> None:
    for seconds in moments(8, 2.5):
        killed_at(work, mark, seconds)
        assert_whole(work, *versions)
    assert run_paper(work, *BUILD).status == 0
    assert outputs(work) == outputs(versions[1])


@pytest.mark.slow
def test_killed_at_200_random_moments_each_next_build_gives_the_same_bytes(
    versions: tuple[Path, Path], tmp_path: Path, mark: str
) -> None:
    start = time.monotonic()
    shutil.copytree(versions[0], tmp_path / "timed")
    assert run_paper(tmp_path / "timed", *BUILD).status == 0
    longest = time.monotonic() - start
    for number, seconds in enumerate(moments(200, longest)):
        work = Path(shutil.copytree(versions[0], tmp_path / f"{number}"))
        killed_at(work, mark, seconds)
        assert_whole(work, *versions)
        ran = run_paper(work, *BUILD)
        assert ran.status == 0, ran.error
        assert outputs(work) == outputs(versions[1])
        shutil.rmtree(work)


WAIT = "from pathlib import Path\nPath('started').touch()\nimport time\ntime.sleep(600)"


def test_interrupted_it_says_so_and_leaves_all_as_it_was(work: Path, mark: str) -> None:
    write_notebook(work / "notebooks/a.ipynb", WAIT)
    before = outputs(work)
    process = started(work, mark)
    while not (work / "notebooks/started").exists():
        assert process.poll() is None
        time.sleep(0.05)
    (work / "notebooks/started").unlink()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130
    assert error.strip().endswith("Interrupted")
    assert "Traceback" not in error
    assert outputs(work) == before
    assert_none_left(mark)


def test_a_notebook_saved_while_another_runs_is_kept_and_runs_next(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), "1")
    mine = (little / "notebooks/a.ipynb").read_text().replace("Markdown(", "Markdown( ")
    run_notebooks = paper.notebooks.execute.run_notebooks

    def run_and_save(*arguments: Any) -> None:
        (little / "notebooks/a.ipynb").write_text(mine)
        run_notebooks(*arguments)

    monkeypatch.setattr(paper.notebooks.execute, "run_notebooks", run_and_save)
    project = open_project(little)
    with progress_bar() as progress:
        run(project, progress)
    assert (little / "notebooks/a.ipynb").read_text() == mine
    assert [book.title for book in stale_notebooks(project)] == ["A"]


LIMIT_MEMORY = """\
import resource
now = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 2**27, resource.RLIM_INFINITY))
bytearray(2**29)
"""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os\nos.kill(os.getpid(), 9)", "its kernel died"),
        ("import os\nos._exit(3)", "its kernel died"),
        (LIMIT_MEMORY, "MemoryError"),
        ("import time\ntime.sleep(60)", "ran for more than 1 s, the limit that was set"),
        ("while True: pass", "ran for more than 1 s, the limit that was set"),
    ],
)
def test_a_broken_kernel_is_told_and_leaves_all_as_it_was(
    work: Path, monkeypatch: pytest.MonkeyPatch, mark: str, code: str, said: str
) -> None:
    write_notebook(work / "notebooks/a.ipynb", code)
    before = outputs(work)
    monkeypatch.setenv(MARK, mark)
    limit = 1 if "limit" in said else None
    with pytest.raises(PaperError) as raised, progress_bar() as progress:
        run(open_project(work), progress, limit)
    assert f"notebooks/a.ipynb, cell cell-1: {said}" in str(raised.value)
    assert outputs(work) == before
    assert_none_left(mark)


@pytest.mark.parametrize("kernels", ["warm", "cold"])
def test_a_kernel_that_does_not_start_is_told(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernels: str
) -> None:
    write_notebook(little / "notebooks/b.ipynb", "1")
    for name in ("ipykernel_launcher.py", "ipykernel.py"):
        (tmp_path / name).write_text("import sys\nsys.exit(1)\n")
    monkeypatch.setattr("paper.notebooks.kernels.surroundings.PASSED_ON", ("PATH", "PYTHONPATH"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PAPER_KERNELS", kernels)
    with pytest.raises(PaperError) as raised, progress_bar() as progress:
        run(open_project(little), progress)
    assert "notebooks/b.ipynb: its kernel did not start" in str(raised.value)


def test_a_folder_whose_name_is_too_long_for_sockets_is_named(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(little / "notebooks/b.ipynb", "1")
    folder = tmp_path / ("x" * 90)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with pytest.raises(PaperError, match="too long a name") as raised, progress_bar() as progress:
        run(open_project(little), progress)
    assert raised.value.where == "TMPDIR"


def test_a_module_that_ends_the_program_ends_no_notebook_that_does_not_import_it(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "script.py").write_text("import sys\nsys.exit()\n")
    monkeypatch.setattr("paper.notebooks.kernels.surroundings.PASSED_ON", ("PATH", "PYTHONPATH"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    write_notebook(
        little / "notebooks/b.ipynb", RECORD.format(key="mood"), "def never():\n    import script"
    )
    with progress_bar() as progress:
        run(open_project(little), progress)


SHARE_MEMORY = """\
from multiprocessing import shared_memory
shared_memory.SharedMemory("{name}", create=True, size=9)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere shared memory has no file")
def test_memory_that_a_notebook_shared_is_given_back(little: Path, mark: str) -> None:
    write_notebook(
        little / "notebooks/b.ipynb", RECORD.format(key="mood"), SHARE_MEMORY.format(name=mark)
    )
    assert run_paper(little, "run").status == 0
    assert not Path("/dev/shm", mark).exists()


def full_after(size: int) -> None:
    """Let no file grow beyond a size: as on a full disk, a write is refused half-way."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def ordinary_user() -> None:
    """Give up what lets root write where permissions forbid it; to others it is nothing new."""
    for capability in CAPABILITIES:
        ctypes.CDLL(None).prctl(DROP_CAPABILITY, capability, 0, 0, 0)


@pytest.mark.parametrize(
    ("size", "stops"),
    [
        (100, "notebooks/a.ipynb"),
        (1_000, "notebooks/a.ipynb"),
        (9_000, "paper."),
        (30_000, "paper."),
    ],
)
def test_on_a_full_disk_it_says_so_and_leaves_all_as_it_was(
    versions: tuple[Path, Path], work: Path, mark: str, size: int, stops: str
) -> None:
    before = outputs(work)[0]
    process = started(work, mark, before=lambda: full_after(size))
    _, error = process.communicate()
    assert process.returncode == 2
    assert "file too large" in error.lower() or "File size limit exceeded" in error, stops
    for internal in ("Traceback", "[Errno", "os error", SCRATCH):
        assert internal not in error
    assert f"Error: {stops}" in error
    assert outputs(work)[0] == before
    assert_whole(work, *versions)
    assert_none_left(mark)
    assert run_paper(work, *BUILD).status == 0
    assert outputs(work) == outputs(versions[1])


@pytest.mark.parametrize("name", ["results", "notebooks", ".paper", "."])
def test_without_permission_to_write_it_says_so_and_leaves_all_as_it_was(
    versions: tuple[Path, Path], work: Path, mark: str, name: str
) -> None:
    before = outputs(work)
    (work / name).chmod(0o555)
    process = started(work, mark, before=ordinary_user)
    _, error = process.communicate()
    (work / name).chmod(0o755)
    assert process.returncode == 2
    assert "Permission denied" in error
    assert "Traceback" not in error
    assert outputs(work)[0] == before[0]
    assert_whole(work, *versions)
    assert_none_left(mark)
    assert run_paper(work, *BUILD).status == 0
    assert outputs(work) == outputs(versions[1])


def test_a_check_waits_for_the_build_that_reads_what_it_writes(little: Path, mark: str) -> None:
    answers = little / ".paper/conditions.json"
    with at_work(little, lambda _: None):
        answers.write_text("those of the build")
        process = started(little, mark, "check")
        assert process.stderr is not None
        assert "waiting" in process.stderr.readline()
        assert answers.read_text() == "those of the build"
    process.communicate()
    assert process.returncode == 0


def test_two_builds_at_once_wait_for_each_other(
    versions: tuple[Path, Path], work: Path, mark: str
) -> None:
    with at_work(work, lambda _: None):
        process = started(work, mark)
        assert process.stderr is not None
        assert "waiting" in process.stderr.readline()
        assert process.poll() is None
        assert outputs(work) == outputs(versions[0])
    process.communicate()
    assert process.returncode == 0
    assert outputs(work) == outputs(versions[1])
