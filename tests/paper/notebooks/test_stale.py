"""What is stale after a change of each kind of input: that, all of it, and nothing else."""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from little import RECORD, write_notebook
from quartos import commit_here

from paper.notebooks.freshness import inputs
from paper.notebooks.freshness.stale import (
    computed_file,
    notebook_steps,
    stale_notebooks,
)
from paper.storage.project import left_out, open_project, use_other_data

ALL = set(range(1, 14))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources of the paper, with what is committed of its notebooks."""
    root = tmp_path_factory.mktemp("stale") / "paper"
    shutil.copytree(ROOT, root, ignore=left_out)
    computed_file(open_project(root)).unlink(missing_ok=True)  # they did not run here
    assert stale_notebooks(open_project(root)) == []
    return root


@pytest.fixture
def paper(sources: Path, tmp_path: Path) -> Path:
    """Return a copy of the copy, to change."""
    return Path(shutil.copytree(sources, tmp_path / "paper"))


def stale(root: Path) -> set[int]:
    """Return the numbers of the notebooks that are stale."""
    return {int(Path(book.path).name[:2]) for book in stale_notebooks(open_project(root))}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data/cohort.csv", ALL),
        ("data/study.yml", ALL),
        ("data/instruments/hads.yml", ALL),
        # Figures of 2 and 7 show the other cohorts, which are laid out by what is claimed.
        ("data/published.yml", {1, 2, 7, 8, 9}),
        ("data/bounds.json", {9}),
        ("data/open.yml", {9}),
        ("requirements.lock", ALL),
        ("src/beforeafter/records/check.py", ALL),
        ("src/beforeafter/estimates/change/paired_change.py", {1, 2, 4, 5, 6, 9, 10, 13}),
        ("src/beforeafter/sensitivity/subgroups.py", {9, 12}),
        ("src/beforeafter/figures/regression_to_the_mean.py", {11}),
        ("src/beforeafter/figures/paper.mplstyle", ALL),
        # The face of `reported` is lazy: who uses one module of it does not depend on all.
        ("src/reported/joint_audit.py", {8}),
        ("src/reported/solver/local_search.py", {2, 7, 8, 9}),
        ("src/paper/renderers/embedded.py", set()),
        ("_extensions/paper/paper.css", set()),
        ("src/reported/cli.py", set()),
        ("paper.qmd", set()),
        ("references.bib", set()),
        ("data/README.md", set()),
    ],
)
def test_a_changed_file_makes_exactly_its_notebooks_stale(
    sources: Path, name: str, expected: set[int]
) -> None:
    content = (sources / name).read_bytes()
    (sources / name).write_bytes(content + b"\n")
    found = stale(sources)
    (sources / name).write_bytes(content)
    assert found == expected


@pytest.mark.parametrize("name", ["src/paper/notebooks/publish.py", "src/declared/errors.py"])
def test_another_version_of_what_runs_notebooks_makes_all_stale(
    paper: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    copies = [paper / "src/paper", paper / "src/declared"]
    monkeypatch.setattr(inputs, "own_packages", lambda: copies)
    inputs.machine.cache_clear()
    assert stale(paper) == set()
    (paper / name).write_bytes((paper / name).read_bytes() + b"\n")
    assert stale(paper) == ALL
    inputs.machine.cache_clear()


def test_other_patient_data_make_all_stale(paper: Path, tmp_path: Path) -> None:
    same = shutil.copy(paper / "data/cohort.csv", tmp_path / "cohort.csv")
    use_other_data(paper, Path(same))
    assert stale(paper) == ALL


def test_another_machine_folder_or_python_makes_nothing_stale(
    paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    for name in ("LANG", "TZ", "HOME"):
        monkeypatch.setenv(name, "elsewhere")
    for name in ("data/.DS_Store", "src/beforeafter/.cohort.py.swp", "data/study.yml~"):
        (paper / name).touch()
    assert stale(paper.rename(paper.with_name("another folder"))) == set()


def test_changed_code_makes_its_notebook_stale(paper: Path) -> None:
    notebook = paper / "notebooks/03-global-impression.ipynb"
    notebook.write_text(notebook.read_text().replace("publish(shares)", "publish( shares)", 1))
    assert stale(paper) == {3}


def test_an_edited_output_makes_its_notebook_stale(paper: Path) -> None:
    notebook = paper / "notebooks/12-subgroups.ipynb"
    content = json.loads(notebook.read_text())
    cell = next(cell for cell in content["cells"] if cell.get("outputs"))
    cell["outputs"][0]["data"]["text/plain"] = "mine"
    notebook.write_text(json.dumps(content))
    assert stale(paper) == {12}


def test_a_notebook_that_an_editor_saved_again_is_not_stale(paper: Path) -> None:
    notebook = paper / "notebooks/12-subgroups.ipynb"
    content = json.loads(notebook.read_text())
    content["metadata"]["language_info"] = {"name": "python", "version": "3.99.0"}
    content["metadata"]["vscode"] = {"interpreter": {"hash": "1"}}
    for cell in content["cells"]:
        cell["metadata"]["collapsed"] = True
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell["execution_count"] = 99
            cell["metadata"]["execution"] = {"iopub.status.idle": "now"}
    content["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "id": "x", "source": "!"})
    notebook.write_text(json.dumps(content, indent=4, sort_keys=True))
    assert stale(paper) == set()


@pytest.mark.parametrize(
    "broken",
    [
        "<<<<<<< HEAD\n{0}=======\n{0}>>>>>>> theirs\n",
        "",
        "[]",
        '{{"notebooks/a.ipynb": {{"inputs": ["its code"]}}, "notebooks/b.ipynb": {{}}}}',
    ],
)
def test_what_cannot_be_read_of_the_inputs_is_not_known(little: Path, broken: str) -> None:
    file = little / "results/inputs.json"
    before = file.read_text()
    file.write_text(broken.format(before))
    assert len(stale_notebooks(open_project(little))) == 2
    ran = run_paper(little, "run")
    assert (ran.status, ran.output[:6]) == (0, "2 of 2"), ran.error
    assert file.read_text() == before


def test_after_a_merge_only_that_runs_which_neither_side_has_run(little: Path) -> None:
    def run(cell: str, name: str, shared: str) -> tuple[str, str]:
        key = {"a": "pain", "b": "mood"}[name]
        write_notebook(little / f"notebooks/{name}.ipynb", RECORD.format(key=key), cell)
        (little / "data/shared.yml").write_text(shared)
        assert run_paper(little, "run").status == 0
        known = json.loads((little / "results/inputs.json").read_text())
        path = f"notebooks/{name}.ipynb"
        return (little / path).read_text(), known[path]

    (little / "data").mkdir()
    run("open('../data/shared.yml')", "a", "old")
    ours = run("open('../data/shared.yml').read()", "a", "old")
    theirs = run("1 + 1", "b", "new")
    for path, (text, _) in {"notebooks/a.ipynb": ours, "notebooks/b.ipynb": theirs}.items():
        (little / path).write_text(text)
    (little / "results/inputs.json").write_text(
        json.dumps({"notebooks/a.ipynb": ours[1], "notebooks/b.ipynb": theirs[1]})
    )
    assert [book.title for book in stale_notebooks(open_project(little))] == ["A"]


def test_an_older_commit_has_the_outputs_of_its_sources(little: Path) -> None:
    old = Path(shutil.copytree(little, little.with_name("old")))
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), "1 + 1")
    assert run_paper(little, "run").output.startswith("1 of 2")
    for name in ("notebooks", "results"):
        shutil.rmtree(little / name)
        shutil.copytree(old / name, little / name)
    commit_here(little)
    ran = run_paper(little, "run")
    assert ran.output.startswith("0 of 2"), ran.error


def test_the_reason_names_what_changed(paper: Path) -> None:
    for name in ("src/beforeafter/estimates/change/paired_change.py", "data/study.yml"):
        with (paper / name).open("a") as stream:
            stream.write("\n")
    (paper / "data/instruments/more.yml").write_text("")
    steps = {step.name: step.reason for step in notebook_steps(open_project(paper)).values()}
    assert steps["notebooks/02-pain-intensity.ipynb"] == (
        "data/study.yml changed, src/beforeafter/estimates/change/paired_change.py changed, "
        "what is in data/instruments changed"
    )
