"""Plant small faults, one at a time, in a copy of the paper, and list those that nothing tells.

`make faults` plants all of `faults.yml`; names or kinds on the command line plant those.
Each is told by what a build does: it runs notebooks, checks the text, renders, looks through. Only
what a page shows by its script is told by the tests that open it. Exits with 1 if more than three
in a hundred survive, or if one does not find its place.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
FAULTS = Path(__file__).with_suffix(".yml")
SAMPLE, MOST_SURVIVING = "sample", 0.03
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", "mutants", "ruined", "good"
)
CARDS = "tests/paper/renderers/page/test_numbers_answer.py"
COMMAND = "import sys; from paper.cli import main; sys.exit(main())"
# Draws the figures of notebooks, without a kernel, and reads them back as the inspection does.
READ_BACK = """
import io, json, sys
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from paper.renderers.inspection.recorded.drawn import compare_drawing
shell, faults = InteractiveShell.instance(), []
recorded = json.load(open("results/numbers.json"))
for path in sys.argv[1:]:
    for cell in json.load(open(path))["cells"]:
        if cell["cell_type"] == "code":
            shell.run_cell("".join(cell["source"])).raise_error()
        for number in plt.get_fignums():
            drawn = io.StringIO()
            plt.figure(number).savefig(drawn, format="svg", bbox_inches="tight")
            faults += compare_drawing(path, drawn.getvalue(), recorded, recorded["scales"])
        plt.close("all")
        if faults:
            sys.exit("Error: " + faults[0].what)
"""


@dataclass(frozen=True)
class Planted:
    """A fault: its name, by what it is told, where it is, what stood there, what stands there."""

    name: str
    told_by: str
    file: str
    was: str
    now: str


def read_faults() -> list[Planted]:
    known = yaml.safe_load(FAULTS.read_text(encoding="utf-8"))
    return [
        Planted(name, told_by, *fault)
        for told_by, faults in known.items()
        if told_by != SAMPLE
        for name, fault in faults.items()
    ]


def read_sample() -> list[str]:
    return list(yaml.safe_load(FAULTS.read_text(encoding="utf-8"))[SAMPLE])


def copy_paper(folder: Path) -> Path:
    """Copy the paper as it was built last, with an environment that imports its code from there."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    venv.create(folder / ".venv")
    (own,) = (folder / ".venv").glob("lib/python*/site-packages")
    packages = Path(yaml.__file__).parents[1]
    (own / "paper.pth").write_text(f"{folder / 'src'}\n{packages}\n", encoding="utf-8")
    return folder


def what_is_told(fault: Planted, copy: Path) -> str:
    """Plant a fault in a copy, take it out again; return what is told of it, nothing if nothing."""
    file = copy / fault.file
    before = file.read_text(encoding="utf-8")
    if fault.was not in before:
        raise LookupError(f"{fault.name}: {fault.file} has no {fault.was!r}")
    kept = tempfile.mkdtemp(dir=copy.parent)
    outputs = ("notebooks", "results")
    for name in outputs:
        shutil.copytree(copy / name, Path(kept) / name)
    planted = before.replace(fault.was, fault.now, 1)
    if "np." in fault.now and "import numpy" not in planted:
        planted = planted.replace(
            "import matplotlib.pyplot", "import numpy as np\nimport matplotlib.pyplot"
        )
    file.write_text(planted, encoding="utf-8")
    try:
        return next((told for told in map(_run, _steps(fault, copy)) if told), "")
    finally:
        for name in outputs:
            shutil.rmtree(copy / name)
            shutil.copytree(Path(kept) / name, copy / name)
        shutil.rmtree(kept)
        file.write_text(before, encoding="utf-8")


def _steps(fault: Planted, copy: Path) -> Iterator[tuple[list[str], Path]]:
    python = str(copy / ".venv/bin/python")
    paper = [python, "-c", COMMAND]
    if fault.told_by == "drawn":
        names = re.findall(r"^def (draw_\w+)", (copy / fault.file).read_text(), re.MULTILINE)
        drawing = [
            path
            for path in sorted((copy / "notebooks").glob("*.ipynb"))
            if any(f"{name}(" in path.read_text(encoding="utf-8") for name in names)
        ]
        yield [python, "-c", READ_BACK, *map(str, drawing[:2])], copy
    elif fault.told_by == "check":
        yield [*paper, "check"], copy
    else:
        yield [*paper, "build", "--renderer", "embedded"], copy
    if fault.told_by == "page":
        wanted = ["-k", "opens_a_card", "-m", "not quarto"]
        yield [python, "-m", "pytest", "-qx", "-p", "no:cacheprovider", CARDS, *wanted], copy


def _run(step: tuple[list[str], Path]) -> str:
    command, copy = step
    known = {
        "PAPER_KERNELS": "cold",
        "PAPER_KEEP": "1",  # of notebooks, what the fault does not touch
        "MPLBACKEND": "agg",
        "PAPER_BUILT": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        command, cwd=copy, env={**os.environ, **known}, capture_output=True, text=True, check=False
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    told = [line for line in said if line.startswith(("Error", "E  ", "notebooks/"))] or said[-2:]
    return " ".join(told[-1:]) or "it stopped" if done.returncode else ""


def main(names: list[str]) -> None:
    faults = [one for one in read_faults() if not names or {one.name, one.told_by} & {*names}]
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_paper(Path(folder) / "paper")
        for number, fault in enumerate(faults, start=1):
            told = what_is_told(fault, copy)
            print(f"{number}. {fault.name}: {told[:110] or 'SURVIVED'}", flush=True)
            survivors += [] if told else [fault.name]
    print(f"{len(faults)} planted, {len(survivors)} survived", *survivors, sep="\n  ")
    sys.exit(len(survivors) > MOST_SURVIVING * len(faults))


if __name__ == "__main__":
    main(sys.argv[1:])
