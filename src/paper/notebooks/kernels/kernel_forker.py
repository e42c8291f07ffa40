"""A process that imported what the notebooks import, and forks a kernel for each of them.

Started by `forked` as a process of its own, which has no thread yet; ends when the build does, and
with it all kernels that are left.
"""

import contextlib
import gc
import importlib
import os
import pkgutil
import signal
import sys
import sysconfig
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from paper.notebooks.kernels.guardian import guard
from paper.notebooks.kernels.observe import BLIND_MODULES, observe

# What every kernel is made of.
KERNEL = "paper.notebooks.kernels.lossless"
# Whoever imports these, they are there already, and no input.
OWN = ("paper", "declared")
THIS = "paper.notebooks.kernels.kernel_forker"


def main() -> None:
    """Import what is asked for, then fork a kernel for each order, until no more can come."""
    names, answers = sys.argv[1:], os.dup(sys.stdout.fileno())
    if shown := _import(names):
        others = [name for name in names if name not in shown] or [KERNEL]
        os.dup2(answers, sys.stdout.fileno())
        os.execv(sys.executable, [sys.executable, "-m", THIS, *others])  # noqa: S606
    _forget_own_code()
    # A collection in a kernel would write to all that was imported, and copy it page by page.
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how kernels ended

    def start(order: int | Mapping[str, Any]) -> int:
        """Fork a kernel: its `arguments`, `folder` and `environment`; tell which process it is."""
        if isinstance(order, int):
            return order
        with warnings.catch_warnings():
            # Python warns of threads; those that a numerical library keeps survive a fork.
            warnings.simplefilter("ignore", DeprecationWarning)
            kernel = os.fork()
        if kernel == 0:
            os.close(answers)
            _become_kernel(order)
        with contextlib.suppress(BrokenPipeError):  # the build may be gone by now
            os.write(answers, f"{kernel}\n".encode())
        return kernel

    guard(start)


def _import(names: Sequence[str]) -> set[str]:
    """Import modules; return those whose import shows in what a notebook gives.

    That is for the notebook that imports them, and no other.
    """
    said, nowhere = os.memfd_create("said"), os.open(os.devnull, os.O_WRONLY)
    _print_to(said)
    shown = set()
    for name in [KERNEL, *(name for name in names if name not in BLIND_MODULES)]:
        before = _shown(said)
        # What cannot be imported, or ends the program, is for the notebook that tries to tell.
        with contextlib.suppress(BaseException):
            pkgutil.resolve_name(name)  # some packages import what they offer when it is asked for
        if _shown(said) != before:
            shown.add(name)
    _print_to(nowhere)
    return shown - {KERNEL}


def _forget_own_code() -> None:
    """Forget the modules that are not installed: each kernel imports them itself, observed."""
    paths = sysconfig.get_paths()
    installed = tuple(paths[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
    for name, module in [*sys.modules.items()]:
        file = getattr(module, "__file__", None) or ""
        kept = name.partition(".")[0] in {"__main__", *OWN}
        if file and not kept and not file.startswith(installed):
            del sys.modules[name]


def _print_to(descriptor: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(descriptor, stream.fileno())


def _shown(said: int) -> tuple[int, Mapping[str, Any]]:
    """Return how much was printed, and how figures are drawn where that is not the usual way."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    changed: Mapping[str, Any] = {}
    if library := sys.modules.get("matplotlib"):
        usual = library.rcParamsOrig
        changed = {
            key: value
            for key, value in library.rcParams.items()
            if value != usual[key] and key != "backend"
        }
    return os.fstat(said).st_size, changed


def _become_kernel(order: Mapping[str, Any]) -> None:
    try:
        os.setsid()
        # Orders are for the forker alone.
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
        os.dup2(sys.stdin.fileno(), 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed()  # or all kernels would draw the same numbers
        observe()
        importlib.import_module(KERNEL).launch(argv=order["arguments"])
    finally:
        os._exit(0)


if __name__ == "__main__":
    # Here is no module; IPython lets each kernel find those beside its notebook.
    del sys.path[0]
    main()
