"""What was left goes, what is kept is looked at first; two builds, old commits, odd clocks."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import PAPER, run_paper
from filelock import FileLock
from little import RECORD, TABLE, write_little_paper, write_notebook
from quartos import commit_here, git
from test_build import fingerprint
from test_survives import BUILD, WAIT, assert_none_left, left, mark, started

from paper.storage.files import IN_USE, temporary_folder
from paper.storage.open_and_repair import at_work

__all__ = ["mark"]
FAKETIME = shutil.which("faketime")
KEPT = "2 notebooks: outputs as committed"


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Return a folder for temporary ones whose name is short enough for those of sockets."""
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def built_little(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "paper"
    write_little_paper(folder)
    assert run_paper(folder, *BUILD).status == 0
    return folder


@pytest.fixture
def work(built_little: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built_little, tmp_path / "paper"))


@pytest.mark.parametrize("kernels", ["warm", "cold"])
def test_folders_of_a_build_whose_every_process_was_killed_go_with_the_next(
    little: Path, scratch: Path, mark: str, kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(little / "notebooks/b.ipynb", WAIT)
    process = started(little, mark, "run", PAPER_KERNELS=kernels, TMPDIR=str(scratch))
    while not (little / "notebooks/started").exists():
        assert process.poll() is None
        time.sleep(0.05)
    everyone = left(mark)
    for one in everyone:  # none has the time to clean up after another
        one.suspend()
    for one in everyone:
        one.send_signal(signal.SIGKILL)
    process.communicate()
    assert_none_left(mark)
    assert [*scratch.glob("kernel-*")]
    with FileLock(scratch / "kernel-of-another" / IN_USE):
        monkeypatch.setenv("TMPDIR", str(scratch))
        write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"))
        assert run_paper(little, "run").status == 0
        assert [file.name for file in scratch.iterdir()] == ["kernel-of-another"]


def test_a_folder_is_no_others_while_it_is_used(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with temporary_folder("kernel-") as one, temporary_folder("kernel-") as other:
        assert one.is_dir()
        assert other.is_dir()
    assert [*scratch.iterdir()] == []


@pytest.mark.parametrize("name", ["index.html", "paper.pdf", "paper.xml", "a-preview.html", "sum"])
def test_what_is_kept_of_a_format_is_looked_at_before_it_is_published(
    work: Path, name: str
) -> None:
    before = fingerprint(work / "_manuscript")
    for file in (work / ".paper/formats").rglob(name):
        content, times = bytearray(file.read_bytes()), file.stat()
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    shutil.rmtree(work / "_manuscript")
    ran = run_paper(work, *BUILD, "--explain")
    assert ran.status == 0, ran.error
    assert "made, what was kept of it had changed" in ran.output
    assert fingerprint(work / "_manuscript") == before


def test_an_archive_or_a_copy_is_computed_unless_told_otherwise(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(work / ".paper")
    shutil.copytree(work, tmp_path / "kept")
    ran = run_paper(work, *BUILD, "--explain")
    assert "Notebooks: 2" in ran.error
    assert "notebooks/a.ipynb: made, it was not computed in this folder" in ran.output
    assert "Notebooks" not in run_paper(work, *BUILD).error
    monkeypatch.setenv("PAPER_KEEP", "1")
    ran = run_paper(tmp_path / "kept", *BUILD, "--explain")
    assert KEPT in ran.error
    assert "notebooks/a.ipynb: kept" in ran.output
    assert fingerprint(tmp_path / "kept/_manuscript") == fingerprint(work / "_manuscript")


def test_a_clone_is_rendered_from_what_is_committed(work: Path, tmp_path: Path) -> None:
    shutil.rmtree(work / ".paper")
    commit_here(work)
    git(tmp_path, "clone", "--quiet", work, tmp_path / "clone")
    ran = run_paper(tmp_path / "clone", *BUILD)
    assert (ran.status, KEPT in ran.error, "Notebooks" in ran.error) == (0, True, False)


def test_two_builds_at_once_both_end_well(work: Path) -> None:
    write_notebook(work / "notebooks/b.ipynb", RECORD.format(key="mood"), "1 + 1")
    both = [
        subprocess.Popen([PAPER, *BUILD], cwd=work, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("notebooks/b.ipynb: done" in one for one in said) == 1
    alone = Path(shutil.copytree(work, work.parent / "alone"))
    shutil.rmtree(alone / "_manuscript")
    assert run_paper(alone, *BUILD).status == 0
    assert fingerprint(alone / "_manuscript") == fingerprint(work / "_manuscript")


def test_an_older_commit_is_published_as_it_was(work: Path) -> None:
    (work / ".gitignore").write_text("/.paper/\n/_manuscript/\n")
    commit_here(work)
    before = fingerprint(work / "_manuscript")
    source = RECORD.format(key="pain").replace("2.5", "3.5")
    write_notebook(work / "notebooks/a.ipynb", source, TABLE.replace("2.5", "3.5"))
    assert run_paper(work, *BUILD).status == 0
    git(work, "commit", "--quiet", "--all", "--message", "Change the number")
    after = fingerprint(work / "_manuscript")
    assert after != before
    for commit, paper in (("HEAD~1", before), ("-", after)):
        git(work, "checkout", "--quiet", commit)
        ran = run_paper(work, *BUILD)
        assert ran.status == 0, ran.error
        assert fingerprint(work / "_manuscript") == paper


@pytest.mark.parametrize("when", ["2001-02-03 04:05:06", "2061-02-03 04:05:06"])
def test_a_clock_that_is_wrong_changes_no_byte(work: Path, when: str) -> None:
    assert FAKETIME, "this test needs libfaketime: apt-get install faketime"
    before = fingerprint(work / "_manuscript")
    for gone in (".paper", "_manuscript", "results"):
        shutil.rmtree(work / gone)
    done = subprocess.run(
        [FAKETIME, "--exclude-monotonic", "-f", f"@{when}", PAPER, *BUILD],
        cwd=work, env=os.environ | {"PAPER_KERNELS": "cold"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert fingerprint(work / "_manuscript") == before


@pytest.mark.parametrize("error", [NotImplementedError(), OSError(errno.ENOLCK, "No locks")])
def test_on_a_disk_without_locks_it_says_so_and_goes_on(
    little: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(FileLock, "acquire", refuse)
    said: list[str] = []
    with at_work(little, said.append) as project, temporary_folder("kernel-"):
        assert project.root == little
    assert said == ["This disk knows no locks: let no other command work on this paper meanwhile."]


def test_where_few_files_may_be_open_it_says_so(little: Path) -> None:
    write_notebook(little / "notebooks/b.ipynb", "1")
    done = subprocess.run(
        [PAPER, "run"], cwd=little, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)),
    )  # fmt: skip
    assert done.returncode == 2
    assert "Error: ulimit -n: only 20 files may be open at once\nAllow more" in done.stderr
