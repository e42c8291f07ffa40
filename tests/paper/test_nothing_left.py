"""However a build ends, no kernel stays behind, and nothing that a kernel started."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from little import RECORD, write_notebook
from test_survives import assert_none_left, left, mark, started

__all__ = ["mark"]

# A child, one that leads a session of its own, one whose parent is gone, and one that is both.
START = """\
import subprocess, sys
from pathlib import Path
DAEMON = "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True)"
subprocess.Popen(["sleep", "600"])
subprocess.Popen(["sleep", "600"], start_new_session=True)
subprocess.run(["sh", "-c", "sleep 600 &"])
subprocess.run([sys.executable, "-c", DAEMON])
"""
KILL = "import os\nos.kill(os.getpid(), 9)"
# The kernel is busy, and never lets go.
BUSY = "Path('started').touch()\nwhile True: pass"
# How one or two notebooks go on, what the build is sent, and its exit status.
ENDS = {
    "in good order": ([RECORD.format(key="mood")], None, 0),
    "with a failure and a killed kernel": (["1 / 0", KILL], None, 2),
    "by Ctrl-C": ([BUSY], signal.SIGINT, 130),
    "by SIGTERM": ([BUSY], signal.SIGTERM, 143),
    "by SIGKILL": ([BUSY], signal.SIGKILL, -9),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return an empty folder whose name is short enough for those of sockets."""
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        yield Path(folder)


@pytest.mark.parametrize("kernels", ["warm", "cold"])
@pytest.mark.parametrize("end", ENDS)
def test_however_a_build_ends_no_process_and_no_folder_is_left(
    little: Path, folder: Path, mark: str, kernels: str, end: str
) -> None:
    codes, number, status = ENDS[end]
    for name, code in zip("ba", codes, strict=False):
        write_notebook(little / f"notebooks/{name}.ipynb", START, code)
    process = started(little, mark, "run", PAPER_KERNELS=kernels, TMPDIR=str(folder))
    if number is not None:
        while not (little / "notebooks/started").exists():
            assert process.poll() is None
            time.sleep(0.05)
        assert len(left(mark)) > 5
        process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == status, error
    assert "Traceback" not in error
    assert_none_left(mark)
    assert list(folder.iterdir()) == []
