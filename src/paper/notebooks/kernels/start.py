"""Kernels that are all alike: same surroundings whoever builds where.

On Linux they are forks of one process that imported the libraries already (`forked`).
Elsewhere a fork is not safe once system libraries are loaded, and each kernel starts by itself
(`alone`); what it computes is the same.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from paper.errors import PaperError
from paper.notebooks.kernels.alone import Alone
from paper.notebooks.kernels.channels import Client
from paper.notebooks.kernels.forked import Warm
from paper.notebooks.kernels.observe import asked
from paper.notebooks.kernels.surroundings import own, own_packages, passed_on
from paper.storage.files import temporary_folder
from paper.storage.settings import read_settings

FEWEST_FILES = 128
LONGEST_SOCKET = 95  # bytes, and a number comes behind them


def can_fork() -> bool:
    """Return whether kernels are forked here, which `PAPER_KERNELS=cold` forbids."""
    return sys.platform == "linux" and os.environ.get("PAPER_KERNELS") != "cold"


def nursery(modules: Iterable[str]) -> Alone:
    """Return what starts kernels, of the kind that is best here.

    `modules`: what notebooks import: kernels may have it already when they start.
    """
    _refuse_few_files()
    return Warm(modules, passed_on(())) if can_fork() else Alone()


@contextmanager
def kernel(
    starts: Alone, root: Path, notes: list[str]
) -> Iterator[tuple[AsyncKernelManager, dict[str, str]]]:
    """Yield a manager that will start a kernel, and the environment to start it in.

    `notes`: is given what was noted of the run, line by line, when it ends.
    """
    with temporary_folder("kernel-") as folder:
        scratch, file = str(folder), folder / "notes"
        may = read_settings(root)
        observed = asked(file, root, own_packages(), online=may.network)
        environment = passed_on(may.variables) | dict([own(scratch)]) | observed
        manager = _manager(scratch)
        made: Any = starts.provisioner(
            kernel_id="", kernel_spec=manager.kernel_spec, parent=manager
        )
        made.nursery, made.scratch = starts, scratch
        manager.provisioner = made
        yield manager, environment
        notes += file.read_text().splitlines() if file.is_file() else []


def _refuse_few_files() -> None:
    """Stop before a library ends the whole program for want of a file."""
    # The number is -1 where there is no limit.
    if os.name == "posix" and 0 <= (allowed := os.sysconf("SC_OPEN_MAX")) < FEWEST_FILES:
        what = f"only {allowed} files may be open at once"
        raise PaperError("ulimit -n", what, "Allow more: ulimit -n 1024")


def _manager(scratch: str) -> AsyncKernelManager:
    manager = AsyncKernelManager(
        kernel_name="python3",
        connection_file=f"{scratch}/connection.json",
        # The kernel of this environment, whatever somebody keeps by its name at home.
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        client_factory=Client,
    )
    if os.name == "posix":
        # Sockets in a private folder: over TCP anyone on the machine could listen.
        manager.transport, manager.ip = "ipc", f"{scratch}/kernel"
        if len(os.fsencode(manager.ip)) > LONGEST_SOCKET:
            what = f"{tempfile.gettempdir()} is too long a name for the sockets of a kernel"
            raise PaperError("TMPDIR", what, "Let it name a folder nearer to the root, as /tmp.")
    return manager
