"""How long a build takes, against the same code as plain scripts and against its peers.

The baseline, in the same run, is the code of the notebooks as plain scripts in one process: what no
build can do without. The peers are `quarto render` of the same paper, where Quarto is installed,
which runs the notebooks in kernels of its own, and nbmake, which does so one after the other.
Prints a table in Markdown.
"""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from paper.notebooks.notebook_file import code_cells, parse_notebook
from paper.renderers.quarto import has_quarto, quarto_program, search_path
from paper.storage.project import left_out
from paper.storage.system.machine import cores

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
BUILD = (BIN / "paper", "build", "--renderer", "embedded")
QUARTO = (quarto_program() or "quarto", "render")
OWN_KERNELS = (*QUARTO, "--execute", "--execute-daemon", "0")
NOTEBOOK = "notebooks/07-relief-duration.ipynb"
PREAMBLE = "import matplotlib\nmatplotlib.use('agg')\nfrom IPython.display import display\n"
NBMAKE = (BIN / "pytest", "--nbmake", "-c", os.devnull, "notebooks")
# One notebook in a kernel of its own, and nothing else.
ALONE = (BIN / "jupyter-execute", NOTEBOOK)
REPEATS = 3


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def call(folder: Path, command: Sequence[str | Path], **variables: str) -> None:
    """Run a command, which must succeed, with some variables of the environment."""
    # The copies are no clones: what their outputs were made from is taken as committed.
    tools = {"PATH": search_path(), "QUARTO_PYTHON": sys.executable, "PAPER_KEEP": "1"}
    subprocess.run(
        command, cwd=folder, check=True, capture_output=True, env=os.environ | tools | variables
    )


def median(folder: Path, command: Sequence[str | Path], change: Callable[[int], object]) -> float:
    """Return the median time of a command, each time after a change."""
    taken = []
    for number in range(REPEATS):
        change(number)
        taken.append(seconds(lambda: call(folder, command)))
    return statistics.median(taken)


def page_and_pdf(folder: Path) -> float:
    """Return the time at which the last of page and PDF was made."""
    made = [
        (folder / ".paper/formats").glob(f"*/files/{name}") for name in ("index.html", "paper.pdf")
    ]
    return max(file.stat().st_mtime for files in made for file in files)


def prose(folder: Path) -> tuple[float, float]:
    """Return the median times until page and PDF are made, and until all formats are in place."""
    parts, wholes = [], []
    for number in range(REPEATS):
        change_prose(folder, number)
        start = time.time()
        call(folder, BUILD)
        wholes.append(time.time() - start)
        parts.append(page_and_pdf(folder) - start)
    return statistics.median(parts), statistics.median(wholes)


def script(folder: Path, notebooks: Sequence[Path]) -> list[str | Path]:
    """Write the code of notebooks as one script; return the command that runs it."""
    books = (parse_notebook(file.read_text(encoding="utf-8"), file.name) for file in notebooks)
    cells = (cell["source"] for book in books for cell in code_cells(book))
    target = folder / "notebooks" / "all.py"
    target.write_text(PREAMBLE + "\n".join(cells))
    return [sys.executable, target]


def time_script(folder: Path, names: Sequence[str]) -> float:
    """Return how long the code of notebooks takes as a plain script."""
    command = script(folder, [folder / name for name in names])
    return seconds(lambda: call(folder / "notebooks", command))


def put(file: Path, old: str, new: str) -> None:
    """Put a text in the place of another, which must be there."""
    before, found, after = file.read_text().partition(old)
    if not found:
        raise SystemExit(f"{file.name} has no {old!r}: change this benchmark too")
    file.write_text(before + new + after)


def change_prose(folder: Path, number: int) -> None:
    """Add a sentence to the manuscript."""
    sentence = f"Nothing {'whatever ' * number}follows from this sentence."
    heading = "\n### Future work"
    put(folder / "paper.qmd", heading, f"\n{sentence}\n{heading}")


def change_notebook(folder: Path, number: int) -> None:
    """Change the code of a notebook, and nothing that it gives."""
    put(folder / NOTEBOOK, " = begin()", f" = begin()  # {number}")


def fresh(folder: Path) -> Path:
    """Copy the sources of the paper."""
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


def forget_outputs(folder: Path) -> None:
    """Forget what the committed outputs were made from, so that all notebooks run."""
    (folder / "results/inputs.json").unlink()


def with_own_kernels(folder: Path) -> None:
    """Let Quarto itself run the notebooks."""
    put(folder / "_quarto.yml", "[paper.qmd]", "['notebooks/*.ipynb', paper.qmd]")
    put(folder / "_extensions/paper/_extension.yml", "[paper run, paper check]", "[paper check]")


def processor() -> str:
    """Return the kind of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))


def measure(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield what was timed, and the seconds; the first is the baseline."""
    names = sorted(f"notebooks/{file.name}" for file in (ROOT / "notebooks").glob("*.ipynb"))
    ours = fresh(folder / "ours")
    yield "notebooks as plain scripts in one process (baseline)", time_script(ours, names)
    forget_outputs(ours)
    yield "`paper build`, from nothing, all formats", seconds(lambda: call(ours, BUILD))
    cold = fresh(folder / "cold")
    forget_outputs(cold)
    yield (
        "`paper build`, from nothing, each kernel started by itself",
        seconds(lambda: call(cold, BUILD, PAPER_KERNELS="cold")),
    )
    yield "Python, which does nothing", median(ours, [sys.executable, "-c", ""], lambda _: None)
    yield "`paper build`, nothing changed", median(ours, BUILD, lambda _: None)
    made, placed = prose(ours)
    yield "`paper build`, prose changed: until page and PDF are made", made
    yield "`paper build`, prose changed: all formats", placed
    yield f"{Path(NOTEBOOK).stem} by itself, `jupyter execute`", median(ours, ALONE, lambda _: None)
    yield (
        "`paper build`, that notebook changed",
        median(ours, BUILD, partial(change_notebook, ours)),
    )
    yield "`paper --help`", median(ours, [BIN / "paper", "--help"], lambda _: None)
    if has_quarto():
        yield from measure_quarto(folder)
    peer = fresh(folder / "peer")
    yield "nbmake, the notebooks only", seconds(lambda: call(peer, NBMAKE))


def measure_quarto(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield what Quarto was timed at, and the seconds."""
    theirs = fresh(folder / "own-kernels")
    with_own_kernels(theirs)
    yield "`quarto render`, own kernels, from nothing", seconds(lambda: call(theirs, OWN_KERNELS))
    current = fresh(folder / "current")
    call(current, BUILD)
    change_prose(current, 0)
    yield "`quarto render`, prose changed", seconds(lambda: call(current, QUARTO))


def header() -> None:
    """Print when, and on what."""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    print(f"{today}, {cores()} cores, {processor()}, Python {platform.python_version()}\n")


def main() -> None:
    """Print the times, and their ratios to the baseline."""
    header()
    print("| What | Seconds | Ratio to the baseline | Load |\n|---|---:|---:|---:|")
    baseline = None
    with tempfile.TemporaryDirectory() as folder:
        for what, taken in measure(Path(folder)):
            baseline = baseline or taken
            load = os.getloadavg()[0]
            print(f"| {what} | {taken:.2f} | {taken / baseline:.2f} | {load:.0f} |", flush=True)
    if not has_quarto():
        print("\nNo Quarto here: it was not timed.")


if __name__ == "__main__":
    main()
