"""How long a build takes: from nothing, after a change of prose, and with nothing changed.

The baseline of the ratios, in the same run, is the code of the notebooks as plain scripts in one
process: what no build can do without.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from paper.build import LEFT_OUT
from paper.cells import code_cells

ROOT = Path(__file__).parents[1]
PAPER = Path(sys.executable).parent / "paper"
PREAMBLE = "import matplotlib\nmatplotlib.use('agg')\nfrom IPython.display import display\n"


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def build(folder: Path) -> None:
    """Build with the embedded renderer."""
    command = [PAPER, "build", "--renderer", "embedded"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def write_script(folder: Path) -> Path:
    """Write the code of all notebooks as one script."""
    notebooks = sorted((folder / "notebooks").glob("*.ipynb"))
    cells = (
        cell["source"]
        for file in notebooks
        for cell in code_cells(nbformat.read(file, as_version=4))
    )
    script = folder / "notebooks" / "all.py"
    script.write_text(PREAMBLE + "\n".join(cells).replace("figures_for_print()", ""))
    return script


def change_prose(folder: Path) -> None:
    """Change a heading of the manuscript."""
    article = folder / "paper.qmd"
    article.write_text(article.read_text().replace("### Limitations", "### Limits"))


def main() -> None:
    """Print the times and their ratios to the baseline."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "paper"
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        script = [sys.executable, write_script(folder)]
        baseline = seconds(
            lambda: subprocess.run(
                script, cwd=folder / "notebooks", check=True, capture_output=True
            )
        )
        times = {"notebooks as plain scripts (baseline)": baseline}
        times["from nothing"] = seconds(lambda: build(folder))
        change_prose(folder)
        times["prose changed"] = seconds(lambda: build(folder))
        times["nothing changed"] = seconds(lambda: build(folder))
    table = Table("Build", "Seconds", "Ratio")
    for what, taken in times.items():
        table.add_row(what, f"{taken:.1f}", f"{taken / baseline:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
