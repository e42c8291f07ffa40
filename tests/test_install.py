"""`.venv`: what is there is kept, what is missing comes, what is not sound is made anew."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from wheels import write_wheel

ROOT = Path(__file__).parents[1]
BASE = Path(getattr(sys, "_base_executable", sys.executable))
PROJECT = """\
[build-system]
requires = []
build-backend = "wheels"
backend-path = ["."]

[project]
name = "little"
version = "1"
"""
LOCKS = {
    "requirements-build.lock": ["builder"],
    # More than pip is given at once.
    "requirements.lock": ["first", *(f"more{number}" for number in range(9)), "second"],
    "requirements-records.lock": ["first", "reader"],
}
INSTALLERS = ["pip", *(["uv"] if shutil.which("uv") else [])]


class Index:
    """A package index on this machine, which can lose its connection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: list[str] = []
        # The package of which half is sent; if it hangs, all then wait until it is told to go on.
        self.breaks_at, self.hangs = "", False
        self.hanging, self.goes_on = threading.Event(), threading.Event()
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.answer(self)

            def do_HEAD(self) -> None:
                index.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add(self, name: str, content: str = "") -> str:
        """Add a package, or replace it; return its line in a lock file."""
        wheel = write_wheel(self.folder, name, "1", {f"{name}.py": content})
        return f"{name}==1 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.strip("/").rpartition("/")[2]
        if name.endswith(".whl"):
            body, kind = (self.folder / name).read_bytes(), "application/octet-stream"
        else:
            wheel = f"{name}-1-py3-none-any.whl"
            body, kind = f'<a href="/files/{wheel}">{wheel}</a>'.encode(), "text/html"
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command == "HEAD":
            return
        if self.breaks_at and name.startswith(f"{self.breaks_at}-"):
            request.wfile.write(body[: len(body) // 2])
            request.wfile.flush()
            self.hanging.set()
            if self.hangs:
                self.goes_on.wait(60)
        else:
            request.wfile.write(body)
            self.sent.append(name.partition("-")[0] if name.endswith(".whl") else "")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    folder = tmp_path / "index"
    folder.mkdir()
    index = Index(folder)
    yield index
    index.goes_on.set()
    index.server.shutdown()
    index.server.server_close()


class Make:
    """Run `make` in a little project that is set up as this one is, and has nothing else."""

    def __init__(self, folder: Path, index: Index, installer: str, *, few: bool = False) -> None:
        self.installer = installer
        self.project = folder / "Ma thèse" / "étude 1"
        self.project.mkdir(parents=True)
        for name in ("Makefile", "install.py", "tests/wheels.py"):
            shutil.copy(ROOT / name, self.project)
        (self.project / "pyproject.toml").write_text(PROJECT)
        for lock, names in LOCKS.items():
            added = [name for name in names if not (few and name.startswith("more"))]
            (self.project / lock).write_text("".join(map(index.add, added)))
        tools = folder / "tools"
        tools.mkdir()
        (tools / "python3").symlink_to(BASE)
        if installer == "pip":
            # As where uv is on the PATH and belongs to another Python.
            (tools / "uv").write_text("#!/bin/sh\nexit 127\n")
            (tools / "uv").chmod(0o755)
        left_out = ("PIP_", "UV_", "MAKE", "PYTHON")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(left_out)}
        self.environment = kept | {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"{index.url}/simple",
            "PIP_TRUSTED_HOST": "127.0.0.1",
            "PIP_CACHE_DIR": str(folder / "cache of pip"),
            "PIP_RETRIES": "0",
            "PIP_RESUME_RETRIES": "0",
            "UV_NO_CONFIG": "1",
            "UV_DEFAULT_INDEX": f"{index.url}/simple",
            "UV_CACHE_DIR": str(folder / "cache of uv"),
            "UV_HTTP_RETRIES": "0",
        }

    @property
    def venv(self) -> Path:
        return self.project / ".venv"

    @property
    def packages(self) -> Path:
        return next(self.venv.glob("lib/python*/site-packages"))

    def start(self, *targets: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["make", *targets], cwd=self.project, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def __call__(self, *targets: str, status: int = 0) -> str:
        process = self.start(*targets)
        output, _ = process.communicate()
        assert process.returncode == status, output
        return output

    def imports(self, *modules: str) -> bool:
        """Return whether the Python in `.venv` imports modules."""
        command = [self.venv / "bin/python", "-I", "-c", f"import {', '.join(modules)}"]
        done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
        return done.returncode == 0


@pytest.fixture(params=INSTALLERS)
def make(request: pytest.FixtureRequest, tmp_path: Path, index: Index) -> Make:
    return Make(tmp_path, index, request.param)


@pytest.fixture
def quick_make(tmp_path: Path, index: Index) -> Make:
    return Make(tmp_path, index, INSTALLERS[-1], few=True)


def test_each_group_comes_when_it_is_first_needed_and_says_so(make: Make) -> None:
    said = make("install")
    assert "[1/3] an environment, and what installs the rest: 1 packages" in said
    assert "[2/3] what the paper needs: 11 packages" in said
    assert "[3/3] the code of the paper" in said
    assert make.imports("builder", "first", "second", "wheels")
    assert not make.imports("reader")
    assert "Setting up" not in make("install")
    assert "[1/1] what reads SPSS, Stata and Parquet: 2 packages" in make("records")
    assert make.imports("reader")
    assert "Setting up" not in make("install", "records")


def test_where_the_connection_breaks_it_says_so_and_goes_on_from_there(
    make: Make, index: Index
) -> None:
    index.breaks_at = "second"
    said = make("install", status=2)
    assert ".venv is not complete; the reason stands above" in said
    index.breaks_at = ""
    assert "[1/2] what the paper needs" in make("install")
    assert make.imports("first", "second", "wheels")
    # uv fetches all at the same time: what has come by then is chance.
    assert make.installer == "uv" or index.sent.count("first") == 1


def test_killed_it_goes_on_when_what_it_left_running_has_ended(make: Make, index: Index) -> None:
    index.breaks_at, index.hangs = "second", True
    killed = subprocess.Popen(
        [BASE, "-I", "install.py"], cwd=make.project, env=make.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert index.hanging.wait(60)
    killed.kill()
    killed.wait()
    then = make.start("install")
    assert then.stdout
    assert "Another command sets up .venv: waiting for it." in then.stdout.readline()
    index.breaks_at = ""
    index.goes_on.set()
    said, _ = then.communicate()
    assert "[1/2] what the paper needs" in said
    assert then.returncode == 0
    assert make.imports("first", "second", "wheels")
    # uv fetches all at the same time: what has come by then is chance.
    assert make.installer == "uv" or index.sent.count("first") == 1


def test_a_package_that_was_written_in_half_is_written_again(make: Make, index: Index) -> None:
    (make.project / "requirements.lock").write_text(index.add("first", "NUMBER = 1\n"))
    make("install")
    (make.venv / ".installed-core").unlink()
    (make.packages / "first.py").unlink()
    (make.packages / "first.py").touch()
    assert "[1/1] what the paper needs" in make("install")
    assert (make.packages / "first.py").read_text() == "NUMBER = 1\n"


def test_a_new_lock_file_is_followed_and_what_it_does_not_name_is_refused(
    quick_make: Make, index: Index
) -> None:
    make = quick_make
    make("install")
    lock = make.project / "requirements.lock"
    before = lock.read_text()
    lock.write_text(before + index.add("third", "THIRD = 3\n"))
    index.add("third", "THIRD = 4\n")
    assert ".venv is not complete" in make("install", status=2)
    assert not make.imports("third")
    lock.write_text(before + index.add("third", "THIRD = 4\n"))
    assert "[1/1] what the paper needs: 3 packages" in make("install")
    assert make.imports("third")


def lose_a_file(make: Make) -> None:
    (make.packages / "second.py").unlink()


def stop_before_it_is_made(make: Make) -> None:
    (make.venv / ".installed-environment").unlink()


def lose_python(make: Make) -> None:
    (make.venv / "bin/python").unlink()
    (make.venv / "bin/python").symlink_to("gone")


def take_another_python(make: Make) -> None:
    stamp = make.venv / ".installed-environment"
    content = json.loads(stamp.read_text())
    content["origin"]["Python"][0] = "/another"
    stamp.write_text(json.dumps(content))


def move(make: Make) -> None:
    make.project = make.project.rename(make.project.with_name("étude 2"))


SPOILT = {
    lose_a_file: "has lost second.py",
    lose_python: "has a Python that does not start",
    move: "was made in",
    stop_before_it_is_made: "was not made by `make`, or not to the end",
    take_another_python: "was made with another Python, in /another",
}


def test_what_is_not_sound_is_noticed_and_made_anew(quick_make: Make) -> None:
    make = quick_make
    make("install")
    for spoil, reason in SPOILT.items():
        (make.packages / "left_over.py").touch()
        spoil(make)
        said = make("install")
        assert reason in said
        assert "it is made anew" in said
        assert make.imports("builder", "first", "second", "wheels")
        assert not make.imports("left_over")
        assert "Setting up" not in make("install")


def test_what_nobody_makes_anew_is_kept(quick_make: Make) -> None:
    make = quick_make
    make("install")
    (make.packages / "left_over.py").touch()
    shutil.rmtree(make.packages / "__pycache__", ignore_errors=True)
    assert "Setting up" not in make("install")
    assert make.imports("left_over")


def test_an_old_python_is_told_so(quick_make: Make) -> None:
    old = quick_make.project / "old"
    old.write_text(
        f"#!/bin/sh\nexec {BASE} -c 'import sys; sys.version_info = (3, 10); "
        'sys.argv[:2] = []; exec(open("install.py").read())\' "$@"\n'
    )
    old.chmod(0o755)
    said = quick_make("install", "PYTHON=./old", status=2)
    assert "Python 3.11 or later is needed, for instance: make PYTHON=python3.13" in said
