"""What is stale after a change of each kind of input: that, all of it, and nothing else."""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from little import RECORD, write_notebook

from paper.notebooks.freshness.stale import (
    computed_file,
    notebook_steps,
    stale_notebooks,
)
from paper.notebooks.freshness.store import keeper
from paper.storage.project import left_out, open_project, use_other_data

ALL = set(range(1, 14))
# What draws; the eighth and the twelfth have tables and numbers only.


def remember(root: Path) -> None:
    """Keep of the notebooks of a paper what is kept when they have just run."""
    project = open_project(root)
    keep = keeper(project, notebook_steps(project))
    for book in project.notebooks:
        keep(book, (root / book.path).read_text(encoding="utf-8"))
    computed_file(project).unlink()  # they did not run here
    assert stale_notebooks(project) == []


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources of the paper, its notebooks current."""
    root = tmp_path_factory.mktemp("stale") / "paper"
    shutil.copytree(ROOT, root, ignore=left_out)
    remember(root)
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
        ("data/published.yml", {1, 8, 9}),
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
        ("src/reported/solver/local_search.py", {8, 9}),
        ("src/paper/notebooks/publish.py", ALL),
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
        "data/instruments/more.yml is new"
    )


PACKAGE = {
    "src/face/__init__.py": "import lazy_loader\nlazy_loader.attach_stub(__name__, __file__)\n",
    "src/face/__init__.pyi": "from .one import f, g\nfrom .room import h\n",
    "src/face/one.py": "from face import room\n",
    "src/face/two.py": "",
    "src/face/room/__init__.py": "",
    "src/face/room/__init__.pyi": "from .seven import h, seven\n",
    "src/face/room/seven.py": "",
    "src/lib/__init__.py": "",
    "src/lib/one.py": "from . import two\n",
    "src/lib/two.py": "def f():\n    import lib.inner.three\n",
    "src/lib/inner/__init__.py": "",
    "src/lib/inner/three.py": "NAME = 'three.txt'\n",
    "src/lib/inner/three.txt": "",
    "src/lib/inner/four.txt": "",
    "src/lib/five.py": "",
    "src/lib/six.py": "import importlib\nimportlib.import_module('lib.five')\n",
    "notebooks/beside.py": "",
    "data/x/a.yml": "",
    "data/y/b.yml": "",
}
FACE = {"src/face/__init__.py", "src/face/__init__.pyi"}
HALL = FACE | {f"src/face/room/{name}" for name in ("__init__.py", "__init__.pyi", "seven.py")}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1", set()),
        ("import lib", {"src/lib/__init__.py"}),
        ("from face import h", HALL),
        ("from face.room import seven", HALL),
        ("from face import f", HALL | {"src/face/one.py"}),
        ("import face", HALL | {"src/face/one.py"}),
        ("from face import *", HALL | {"src/face/one.py"}),
        ("from face import two", FACE | {"src/face/two.py"}),
        (
            "%matplotlib inline\nfrom lib.one import two",
            {name for name in PACKAGE if name.startswith("src/lib")}
            - {"src/lib/five.py", "src/lib/six.py"},
        ),
        ("import lib.six", set(PACKAGE)),
        ("import beside", {"notebooks/beside.py"}),
        ("from paper import locate\nlocate('data/x/a.yml')", {"data/x/a.yml"}),
        ("from paper import locate\nlocate(f'data/{1}.yml')", {"data/x/a.yml", "data/y/b.yml"}),
        ("open('../data/y/b.yml')", {"data/y/b.yml"}),
        ("open('../data/' + 'y' + '/b.yml')", {"data/x/a.yml", "data/y/b.yml"}),
        ("sorted(here.glob('x/*'))", {"data/x/a.yml", "data/y/b.yml"}),
        ("'''data/x/a.yml'''", set()),
        ("open(f'../data/x/{1}.yml')", {"data/x/a.yml"}),
        ("open('../data/%s.yml' % name)", {"data/x/a.yml", "data/y/b.yml"}),
        ("from paper import locate as find\nfind(1)", {"data/x/a.yml", "data/y/b.yml"}),
        ("from paper import locate\nlocate(path='data/x') / name", {"data/x/a.yml"}),
        (
            "from paper.storage.project import find_root\nfind_root()",
            {"data/x/a.yml", "data/y/b.yml"},
        ),
        ("from importlib import import_module as load\nload(name)", set(PACKAGE)),
        ("import importlib\nlist(map(importlib.import_module, names))", set(PACKAGE)),
        ("%run beside.py", set(PACKAGE)),
        ("%%bash\nls", set(PACKAGE)),
        (
            "import pkgutil\npkgutil.get_data('lib.inner', 'three.txt')",
            {
                "src/lib/__init__.py",
                "src/lib/inner/__init__.py",
                "src/lib/inner/three.txt",
                "src/lib/inner/four.txt",
            },
        ),
        ("this is no Python", set(PACKAGE)),
    ],
)
def test_inputs_are_what_the_code_may_import_or_read(
    little: Path, code: str, expected: set[str]
) -> None:
    for name, text in PACKAGE.items():
        file = little / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    write_notebook(little / "notebooks/b.ipynb", code)
    project = open_project(little)
    inputs = notebook_steps(project)[project.notebooks[1]].inputs
    assert set(inputs) & set(PACKAGE) == expected


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("open('../data/cohort.csv')", "data/cohort.csv"),
        ("open('beside.csv')", "notebooks/beside.csv"),
        ("open('../more/m.csv')", "more/m.csv"),
        ("open('../../outside.csv')", "../outside.csv"),
        ("open('/etc/hosts.csv' if 0 else '/etc/host.conf')", "/etc/host.conf"),
        ("from paper import locate\nlocate('more') / 'm.csv'", "more/m.csv"),
        ("import bare.module", "src/bare/rows.csv"),
        ("import module", "src/rows.csv"),
        ("open('../data/link/l.yml')", "data/link/l.yml"),
        ("from paper import data_file as rows\nrows()", "the patient data"),
        ("from paper import project\nproject.open_project(root).data", "the patient data"),
    ],
)
def test_a_file_is_an_input_wherever_it_is(little: Path, code: str, name: str) -> None:
    read_rows = "from pathlib import Path\nPath(__file__).with_name('rows.csv').read_text()"
    for text, names in {
        "": ("data/cohort.csv", "notebooks/beside.csv", "more/m.csv", "src/rows.csv",
             "src/bare/rows.csv", "elsewhere/l.yml", "../outside.csv"),
        read_rows: ("src/module.py", "src/bare/module.py"),
    }.items():  # fmt: skip
        for path in names:
            (little / path).parent.mkdir(parents=True, exist_ok=True)
            (little / path).write_text(text)
    (little / "data/link").symlink_to(little / "elsewhere")
    write_notebook(little / "notebooks/b.ipynb", code)
    project = open_project(little)
    assert name in notebook_steps(project)[project.notebooks[1]].inputs


def test_a_variable_of_the_environment_is_an_input_where_it_is_read(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(little / "notebooks/a.ipynb", "import os\nos.environ.get('DRAWS', '9')")
    write_notebook(little / "notebooks/b.ipynb", "print('DRAWS')")
    remember(little)
    monkeypatch.setenv("DRAWS", "10")
    reads, does_not = notebook_steps(open_project(little)).values()
    assert (reads.reason, does_not.reason) == ("$DRAWS is new", "")


def test_a_notebook_without_data_does_not_depend_on_them(little: Path) -> None:
    write_notebook(little / "notebooks/a.ipynb", RECORD.format(key="pain"), "data_file()")
    asks, asks_not = notebook_steps(open_project(little)).values()
    assert "the patient data" in asks.inputs
    assert "the patient data" not in asks_not.inputs
