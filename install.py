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
    "mutants": ("requirements-mutants.lock", "what the mutants need"),
}
FIRST = (ENVIRONMENT, "core", PROJECT)
# The name of a locked package, or that of the project.
NAME = re.compile(r'^(?:name = ")?([\w.-]+)(?:==|"$)', re.MULTILINE)
# Packages of another system: a lock file has those of all.
ELSEWHERE = re.compile(r"^[\w.-]+==\S+ ; \w+ == .*", re.MULTILINE)
# Nothing is compiled: wheels only, but for one package of plain Python that has none.
LOCKED = ("--require-hashes", "--only-binary", ":all:", "--no-binary", "autograd-gamma", "-r")
SETTINGS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_RETRIES": "8",
    "PIP_RESUME_RETRIES": "8",
    "UV_HTTP_RETRIES": "8",
}
SECONDS_OF_SILENCE = 10


def main(groups: Sequence[str]) -> None:
    """Set up what is missing of groups of packages."""
    with taking_turns() as turn:
        stages = [*FIRST, *(group for group in groups if group not in FIRST)]
        if VENV.is_symlink() or VENV.exists():
            reason = why_anew(stages)
            if reason:
                print(f".venv {reason}: it is made anew.", flush=True)
                remove()
        missing = [stage for stage in stages if not is_done(stage)]
        if missing:
            start = time.monotonic()
            uv = find_uv()
            print(f"Setting up .venv, Python {sys.version.split()[0]}, by {'uv' if uv else 'pip'}")
            for number, stage in enumerate(missing, start=1):
                what = STAGES[stage][1]
                size = f": {len(names(stage))} packages" if stage != PROJECT else ""
                print(f"[{number}/{len(missing)}] {what}{size}", flush=True)
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
    what = ["--no-deps", "--editable", "."] if stage == PROJECT else [*LOCKED, STAGES[stage][0]]
    before = [make] if stage == ENVIRONMENT and not PYTHON.exists() else []
    return [*before, [*install, "--no-build-isolation", *what]]


def run(command: Sequence[str], stage: str, turn: int) -> bool:
    """Run a command; where it draws no bar, say each few seconds how far it is."""
    wanted, start = names(stage), time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=SETTINGS | os.environ, pass_fds=[turn]) as child:
        while True:
            try:
                return child.wait(None if sys.stdout.isatty() else SECONDS_OF_SILENCE) == 0
            except subprocess.TimeoutExpired:
                done = len(wanted & installed().keys())
                passed = time.monotonic() - start
                print(f"  {passed:.0f} s: {done} of {len(wanted)} packages in place", flush=True)


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
    packages = [
        package.name
        for name, package in installed().items()
        if name in names(stage) and not lost_file(package)
    ]
    content: dict[str, Any] = {"from": digest(stage), "packages": sorted(packages)}
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


def names(stage: str) -> set[str]:
    """Return the names of the packages of a stage, as indexes compare them."""
    text = (ROOT / STAGES[stage][0]).read_text(encoding="utf-8")
    return {canonical(name) for name in NAME.findall(ELSEWHERE.sub("", text))}


def installed() -> dict[str, Path]:
    """Return name → `.dist-info` folder of the packages in `.venv`."""
    folders = site_packages().glob("*.dist-info")
    return {canonical(folder.name.split("-")[0]): folder for folder in folders}


def site_packages() -> Path:
    """Return the folder of the packages in `.venv`, made or not."""
    return next(VENV.glob("lib/python*/site-packages"), VENV / "lib")


def canonical(name: str) -> str:
    """Return the name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


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
