"""Same inputs, same bytes, wherever and however the paper is built."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from commands import ROOT, run_paper
from little import RECORD, TABLE, write_notebook
from test_build import fingerprint

from paper.build import run
from paper.deposit.second_build import verify
from paper.notebooks.progress import progress_bar
from paper.storage.files import SCRATCH
from paper.storage.project import Renderer, open_project

BUILD = ("build", "--renderer", "embedded")


def test_a_second_build_elsewhere_is_compared_and_the_same(little: Path) -> None:
    ran = run_paper(little, *BUILD, "--verify")
    assert ran.status == 0, ran.error
    assert "gave the same bytes" in ran.output


UNLIKE = """\
import os, time, uuid
from IPython.display import Markdown, display
display(Markdown("It was " + str({call})))
"""


def test_what_a_second_build_gives_otherwise_is_named(little: Path) -> None:
    for name, call in (("a", "time.time_ns()"), ("b", "os.getcwd()")):
        source = RECORD.format(key={"a": "pain", "b": "mood"}[name])
        table = [TABLE] if name == "a" else []
        write_notebook(little / f"notebooks/{name}.ipynb", source, *table, UNLIKE.format(call=call))
    ran = run_paper(little, *BUILD, "--verify")
    assert ran.status == 1
    for name in ("a", "b"):
        assert f"_manuscript/notebooks/{name}-preview.html: the second build gave" in ran.error
        assert f"notebooks/{name}.ipynb: the second build gave other bytes" in ran.error
    assert "numbers.json" not in ran.error
    assert "index.html" not in ran.error


MACHINES = [
    {"LC_ALL": "C", "LANG": "C", "TZ": "UTC", "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"},
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2",
     "OMP_NUM_THREADS": "4", "MPLBACKEND": "pdf", "MATPLOTLIBRC": "/nowhere", "COLUMNS": "200",
     "PYTHONSTARTUP": "startup.py", "PYTHONWARNINGS": "error", "PYTHONSAFEPATH": "1",
     "JUPYTER_PATH": "jupyter", "PAPER_KERNELS": "cold"},
]  # fmt: skip
UNSEEN = {"MATPLOTLIBRC", "JUPYTER_PATH", "PAPER_KERNELS"}
SHOW = """\
import os, shutil, time, warnings
import calendar, seaborn  # beside this notebook, but the first goes after its namesake
print([os.environ.get(name) for name in {names}], time.tzname, shutil.get_terminal_size())
print(hasattr(calendar, "month"), seaborn.MINE, "leaked" in globals())
try:
    warnings.warn("beware", stacklevel=99)
except UserWarning:
    print("as an error")
"""


def test_a_notebook_does_not_see_what_differs_from_machine_to_machine(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(set().union(*MACHINES) - UNSEEN)
    write_notebook(
        little / "notebooks/b.ipynb", RECORD.format(key="mood"), SHOW.format(names=names)
    )
    (little / "notebooks/seaborn.py").write_text("MINE = 1\n")
    (little / "notebooks/calendar.py").write_text("MINE = 1\n")
    (little / "notebooks/startup.py").write_text("leaked = 1\n")
    spec = little / "jupyter/kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["false"], "display_name": "Theirs", "language": "python"}')
    seen = []
    for machine in MACHINES:
        for name, value in machine.items():
            monkeypatch.setenv(name, value)
        ran = run_paper(little, "run", "--all")
        assert ran.status == 0, ran.error
        seen.append((little / "notebooks/b.ipynb").read_text())
    assert seen[0] == seen[1]


def test_a_warning_names_no_process(little: Path) -> None:
    warn = "import warnings\nwarnings.warn('beware')"
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), warn)
    assert run_paper(little, "run").status == 0
    text = "".join(nbformat.read(little / "notebooks/b.ipynb", 4).cells[1].outputs[0].text)
    assert re.match(r"\d+\.py:2: UserWarning: beware", text)


HOUSE_STYLE = """\
import matplotlib
matplotlib.rcParams["font.size"] = 99
print("I draw large")
"""
DRAW = """\
import matplotlib
import numpy.random
print(matplotlib.rcParams["font.size"], numpy.random.rand())
"""


def test_what_a_notebook_imports_shows_in_it_and_in_no_other(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "house_style.py").write_text(HOUSE_STYLE)
    monkeypatch.setattr("paper.notebooks.kernels.surroundings.PASSED_ON", ("PATH", "PYTHONPATH"))
    monkeypatch.setenv("PYTHONPATH", str(more))
    write_notebook(
        little / "notebooks/a.ipynb", RECORD.format(key="pain"), f"import house_style\n{DRAW}"
    )
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), DRAW)
    with progress_bar() as progress:
        run(open_project(little), progress)
    first, second = (
        "".join(nbformat.read(file, 4).cells[1].outputs[0].text).split()
        for file in sorted((little / "notebooks").glob("*.ipynb"))
    )
    assert first[:-1] == ["I", "draw", "large", "99.0"]
    assert second[:-1] == ["10.0"]
    assert first[-1] != second[-1]


def test_documents_carry_the_date_that_the_environment_sets(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert run_paper(little, *BUILD).status == 0
    with zipfile.ZipFile(little / "_manuscript/paper.docx") as document:
        assert b"2023-11-14T22:13:20Z" in document.read("docProps/core.xml")
    before = fingerprint(little / "_manuscript")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000001")
    assert run_paper(little, *BUILD).status == 0
    after = fingerprint(little / "_manuscript")
    assert {name for name in before if before[name] != after[name]} == {"paper.docx"}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    ran = run_paper(little, *BUILD)
    assert (ran.status, "SOURCE_DATE_EPOCH: 'today' is not a number" in ran.error) == (2, True)


def test_pandoc_is_the_same_whatever_lies_at_home_or_on_the_path(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_paper(little, *BUILD).status == 0
    before = fingerprint(little / "_manuscript")
    shutil.rmtree(little / ".paper/formats")
    theirs = tmp_path / ".local/share/pandoc/templates/default.jats_archiving"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    program = tmp_path / "pandoc"
    program.write_text("#!/bin/sh\necho pandoc 99.0\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    ran = run_paper(little, *BUILD)
    assert ran.status == 0, ran.error
    assert fingerprint(little / "_manuscript") == before


def test_a_folder_that_is_moved_is_built_already(little: Path) -> None:
    assert run_paper(little, *BUILD).status == 0
    ran = run_paper(little.rename(little.with_name("moved here")), *BUILD, "--explain")
    assert "made" not in ran.output
    assert ran.output.count("kept, nothing changed") == 9


def test_a_terminal_without_a_minus_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ran = run_paper(ROOT, "trace", "nrs.change.mean")
    assert (ran.status, "Traceback" in ran.error) == (0, False)


def test_the_second_build_lies_where_the_next_command_deletes_it(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []

    def killed(_: object, cwd: Path, **__: object) -> None:
        folders.append(cwd)
        raise KeyboardInterrupt

    monkeypatch.setattr("paper.deposit.second_build.subprocess.run", killed)
    with pytest.raises(KeyboardInterrupt):
        verify(open_project(little), Renderer.EMBEDDED)
    assert folders[0].is_relative_to(little / ".paper")
    assert folders[0].parent.name.startswith(SCRATCH)


@pytest.mark.slow
def test_the_whole_paper_built_again_elsewhere_is_the_same(project: Path) -> None:
    ran = run_paper(project, *BUILD, "--verify")
    assert ran.status == 0, ran.error
