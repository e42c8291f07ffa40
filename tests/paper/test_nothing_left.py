"""However a build ends, no kernel stays behind, and nothing that a kernel started."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
from little import RECORD, write_notebook
from test_survives import assert_none_left, left, mark, started

__all__ = ["mark"]

# A child, one that leads a session of its own, and one whose parent is gone.
START = """\
import subprocess
from pathlib import Path
subprocess.Popen(["sleep", "600"])
subprocess.Popen(["sleep", "600"], start_new_session=True)
subprocess.run(["sh", "-c", "sleep 600 &"])
"""
# One that is its own leader, and its parent gone: on Linux alone somebody knows of it.
START_DAEMON = START + 'subprocess.run(["setsid", "--fork", "sleep", "600"])\n'
# The kernel is busy, and never lets go.
BUSY = "Path('started').touch()\nwhile True: pass"
ENDS = {
    "in good order": (RECORD.format(key="mood"), None, 0),
    "with a failure": ("1 / 0", None, 2),
    "with a killed kernel": ("import os\nos.kill(os.getpid(), 9)", None, 2),
    "by Ctrl-C": (BUSY, signal.SIGINT, 130),
    "by SIGTERM": (BUSY, signal.SIGTERM, 143),
    "by SIGKILL": (BUSY, signal.SIGKILL, -9),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("kernels", ["warm", "cold"])
@pytest.mark.parametrize("end", ENDS)
def test_however_a_build_ends_no_process_and_no_folder_is_left(
    little: Path, monkeypatch: pytest.MonkeyPatch, mark: str, kernels: str, end: str
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="k"))  # short enough for the names of sockets
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("PAPER_KERNELS", kernels)
    code, number, status = ENDS[end]
    start = START_DAEMON if kernels == "warm" and sys.platform == "linux" else START
    write_notebook(little / "notebooks/b.ipynb", start, code)
    process = started(little, mark, "run")
    if number is not None:
        while not (little / "notebooks/started").exists():
            assert process.poll() is None
            time.sleep(0.05)
        assert len(left(mark)) > len(START.splitlines()) - 1
        process.send_signal(number)
    _, error = process.communicate()
    assert process.returncode == status, error
    assert "Traceback" not in error
    assert_none_left(mark)
    assert list(folder.iterdir()) == []
    folder.rmdir()
