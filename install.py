"""Set up `.venv` in stages that say what they do; what was stopped goes on where it was.

`make` calls it before each command with the groups of packages that the command needs:
`python install.py core test`. Each group has a lock file with exact versions and hashes. Where all
is there it says nothing and takes a moment. It needs nothing but Python.
"""

import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

if sys.version_info < (3, 11):  # noqa: UP036 - it is run by whatever Python there is
    sys.exit("Python 3.11 or later is needed, for instance: make PYTHON=python3.13")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# The Python that `.venv` is made with, also where that of `.venv` itself runs this file.
BASE = getattr(sys, "_base_executable", sys.executable)
ORIGIN = {"folder": str(ROOT), "Python": [os.path.realpath(sys.base_prefix), *EXTENSION_SUFFIXES]}

ENVIRONMENT, PROJECT = "environment", "project"
# What each stage is installed from, and what that is.
STAGES = {
    ENVIRONMENT: ("requirements-build.lock", "an environment, and what installs the rest"),
    "core": ("requirements.lock", "what the paper needs"),
    PROJECT: ("pyproject.toml", "the code of the paper"),
    "records": ("requirements-records.lock", "what reads SPSS, Stata and Parquet"),
    "test": ("requirements-test.lock", "what the tests need"),
    "lab": ("requirements-lab.lock", "Jupyter"),
    "mutants": ("requirements-mutants.lock", "what the mutants need"),
}
FIRST = (ENVIRONMENT, "core", PROJECT)
# A locked package and its version, unless it is for another system only; or the project.
PACKAGE = re.compile(r'^(?:name = ")?([\w.-]+)(?:==(\S+)(?=\s)(?! ; \w+ == )|"$)', re.MULTILINE)
# Nothing is compiled: wheels only, but for one package of plain Python that has none.
LOCKED = ("--require-hashes", "--only-binary", ":all:", "--no-binary", "autograd-gamma", "-r")
SETTINGS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_RETRIES": "8",
    "PIP_RESUME_RETRIES": "8",
    "UV_HTTP_RETRIES": "8",
}
SECONDS_OF_SILENCE = 10
# pip keeps what it fetched only if the index allows it, and installs nothing before it has all: a
# few packages each time are what is lost at most where it is stopped.
AT_ONCE = 10


def main(groups: Sequence[str]) -> None:
    """Set up what is missing of groups of packages."""
    with taking_turns() as turn:
        stages = [*FIRST, *(group for group in groups if group not in FIRST)]
        reason = why_anew(stages) if os.path.lexists(VENV) else ""
        if reason:
            print(f".venv {reason}: it is made anew.", flush=True)
            remove()
        missing = [stage for stage in stages if not is_done(stage)]
        if missing:
            set_up_all(missing, turn)


def set_up_all(stages: Sequence[str], turn: int) -> None:
    """Install stages one after the other, and say which."""
    start, uv = time.monotonic(), find_uv()
    print(f"Setting up .venv, Python {sys.version.split()[0]}, by {'uv' if uv else 'pip'}")
    for number, stage in enumerate(stages, start=1):
        size = f": {len(names(stage))} packages" if stage != PROJECT else ""
        print(f"[{number}/{len(stages)}] {STAGES[stage][1]}{size}", flush=True)
        uv = set_up(stage, uv, turn)
    print(f".venv is complete, after {time.monotonic() - start:.0f} s.", flush=True)


@contextmanager
def taking_turns() -> Iterator[int]:
    """Wait until no other process sets up `.venv`, and yield what tells others to wait.

    A child to which it is passed keeps it when this process is killed.
    """
    with Path(__file__).open("rb") as file:
        # A file system without locks has none to wait for.
        with suppress(OSError):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Another command sets up .venv: waiting for it.", flush=True)
                fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def why_anew(stages: Sequence[str]) -> str:
    """Return what is wrong with `.venv` that only a new one mends; nothing if it is sound."""
    made = read_stamp(ENVIRONMENT).get("origin")
    if not made:
        return "was not made by `make`, or not to the end"
    if made["folder"] != ORIGIN["folder"]:
        return f"was made in {made['folder']}"
    if made["Python"] != ORIGIN["Python"]:
        return f"was made with another Python, in {made['Python'][0]}"
    if sys.prefix != str(VENV) and not succeeds([PYTHON, "-I", "-c", ""]):
        return "has a Python that does not start"
    for stage in stages:
        for package in read_stamp(stage).get("packages", []):
            lost = lost_file(site_packages() / package)
            if lost:
                return f"has lost {lost}"
    return ""


def remove() -> None:
    """Remove `.venv`; first what says that it is complete."""
    if VENV.is_symlink():
        VENV.unlink()
        return
    for stage in STAGES:
        stamp(stage).unlink(missing_ok=True)
    shutil.rmtree(VENV)


def set_up(stage: str, uv: str | None, turn: int) -> str | None:
    """Install a stage, by pip where uv is not there or fails; return uv if it did not fail."""
    mend(stage)
    for installer in dict.fromkeys([uv, None]):
        if all(run(command, stage, turn) for command in commands(stage, installer)):
            note(stage)
            return installer
        if stage == ENVIRONMENT:
            remove()
        if installer:
            print("uv did not succeed: pip tries it now.", flush=True)
    sys.exit(
        ".venv is not complete; the reason stands above. What has come is kept: run the command "
        "again, and it goes on from there."
    )


def commands(stage: str, uv: str | None) -> list[list[str]]:
    """Return the commands that install a stage."""
    install = [str(PYTHON), "-I", "-m", "pip", "install", "--no-compile"]
    make = [BASE, "-I", "-m", "venv", str(VENV)]
    if uv:
        install = [uv, "pip", "install", "--python", str(PYTHON)]
        make = [uv, "venv", "--quiet", "--python", BASE, str(VENV)]
    install += ["--no-build-isolation", "--no-deps"]
    if stage == PROJECT:
        return [[*install, "--editable", "."]]
    if stage == ENVIRONMENT:
        before = [] if PYTHON.exists() else [make]
        return [*before, [*install, *LOCKED, STAGES[stage][0]]]
    return [[*install, *LOCKED, file] for file in ([STAGES[stage][0]] if uv else parts(stage))]


def parts(stage: str) -> list[str]:
    """Write a lock file in parts, and return where they are."""
    text = (ROOT / STAGES[stage][0]).read_text(encoding="utf-8")
    packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    files = []
    for start in range(0, len(packages), AT_ONCE):
        file = VENV / f".part-{start // AT_ONCE + 1}.lock"
        file.write_text("".join(packages[start : start + AT_ONCE]), encoding="utf-8")
        files.append(str(file))
    return files


def run(command: Sequence[str], stage: str, turn: int) -> bool:
    """Run a command and say how far it came; where it draws no bar, also each few seconds."""
    start = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=SETTINGS | os.environ, pass_fds=[turn]) as child:
        while child.returncode is None:
            with suppress(subprocess.TimeoutExpired):
                child.wait(None if sys.stdout.isatty() else SECONDS_OF_SILENCE)
            done = "" if stage == PROJECT else f", {in_place(stage)} packages in place"
            print(f"  {time.monotonic() - start:.0f} s{done}", flush=True)
    return child.returncode == 0


def mend(stage: str) -> None:
    """Forget packages of a stage that were stopped half-way, so that they are installed again."""
    for name, package in installed().items():
        if name in names(stage) and lost_file(package, is_half=True):
            shutil.rmtree(package)


def lost_file(package: Path, *, is_half: bool = False) -> str:
    """Return the first file that a package should have and has not, or has only in part."""
    try:
        rows = list(csv.reader((package / "RECORD").read_text(encoding="utf-8").splitlines()))
    except FileNotFoundError:
        return f"{package.name}/RECORD"
    place = str(package.parent)
    for name, _, size in rows:
        # Python makes compiled files anew.
        if name.endswith(".pyc"):
            continue
        file = f"{place}/{name}"
        if not os.access(file, os.F_OK):
            return name
        if is_half and size and Path(file).stat().st_size != int(size):
            return name
    return ""


def note(stage: str) -> None:
    """Write that a stage is complete, and which packages it has."""
    whole = [
        package.name
        for name, package in installed().items()
        if name in names(stage) and not lost_file(package)
    ]
    content: dict[str, Any] = {"from": digest(stage), "packages": sorted(whole)}
    if stage == ENVIRONMENT:
        content["origin"] = ORIGIN
    new = stamp(stage).with_suffix(".new")
    new.write_text(json.dumps(content), encoding="utf-8")
    new.replace(stamp(stage))


def is_done(stage: str) -> bool:
    """Return whether a stage is complete, with what its lock file says today."""
    return bool(read_stamp(stage).get("from") == digest(stage))


def stamp(stage: str) -> Path:
    """Return the file that says that a stage is complete."""
    return VENV / f".installed-{stage}"


def read_stamp(stage: str) -> dict[str, Any]:
    """Return what was noted when a stage was complete; nothing if it is not."""
    try:
        return dict(json.loads(stamp(stage).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def digest(stage: str) -> str:
    """Return a digest of what a stage is installed from."""
    return hashlib.sha256((ROOT / STAGES[stage][0]).read_bytes()).hexdigest()


def packages(stage: str) -> set[tuple[str, str]]:
    """Return the packages of a stage, by name, as indexes compare it, and version."""
    text = (ROOT / STAGES[stage][0]).read_text(encoding="utf-8")
    return {(name.replace("_", "-").lower(), version) for name, version in PACKAGE.findall(text)}


def names(stage: str) -> set[str]:
    """Return the names of the packages of a stage."""
    return {name for name, _ in packages(stage)}


def in_place(stage: str) -> str:
    """Return how many packages of a stage are there, and of how many."""
    there = {(name, folder.stem.rpartition("-")[2]) for name, folder in installed().items()}
    return f"{len(packages(stage) & there)} of {len(names(stage))}"


def installed() -> dict[str, Path]:
    """Return name → `.dist-info` folder of the packages in `.venv`."""
    folders = site_packages().glob("*.dist-info")
    return {folder.name.split("-")[0].replace("_", "-").lower(): folder for folder in folders}


def site_packages() -> Path:
    """Return the folder of the packages in `.venv`, made or not."""
    return next(VENV.glob("lib/python*/site-packages"), VENV / "lib")


def find_uv() -> str | None:
    """Return uv where it is on the PATH and runs."""
    uv = shutil.which("uv")
    return uv if uv and succeeds([uv, "--version"]) else None


def succeeds(command: Sequence[str | Path]) -> bool:
    """Return whether a command can be run, without showing what it prints."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Run the command again, and it goes on from here.")
