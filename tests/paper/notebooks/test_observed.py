"""Whatever a notebook reads, and however, it runs again when that changes; and only then."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from commands import run_paper
from little import ALLOWED, RECORD, write_little_paper, write_notebook

from paper.notebooks.freshness.stale import notebook_steps, stale_notebooks
from paper.storage.project import open_project

FILES = {
    "src/lib/__init__.py": "",
    "src/lib/one.py": "from . import two\n",
    "src/lib/two.py": "def f():\n    import lib.inner.three\n",
    "src/lib/inner/__init__.py": "from pathlib import Path\nTEXT = Path(__file__).with_name('three.txt').read_text()\n",
    "src/lib/inner/three.py": "",
    "src/lib/inner/three.txt": "",
    "src/lib/four.py": "",
    "src/lib/five.py": "",
    "src/lib/magic.py": "def load_ipython_extension(shell):\n    pass\n",
    "src/face/__init__.py": "import lazy_loader\n__getattr__, *_ = lazy_loader.attach_stub(__name__, __file__)\n",
    "src/face/__init__.pyi": "from .hall import h\nfrom .room import f\n",
    "src/face/hall.py": "h = 1\n",
    "src/face/room.py": "f = 1\n",
    "notebooks/beside.py": "",
    "notebooks/beside.csv": "a\n1\n",
    "data/x/a.yml": "a: 1\n",
    "data/x/b.yml": "b: 1\n",
    "data/y/1.csv": "a\n1\n",
    "data/plain": "1",
    "data/bytes.bin": "\0" * 16,
    "data/some.json": "[1]",
    "data/run.py": "a = 1\n",
    "data/template.txt": "$a",
    "more/deep/er/m.csv": "a\n1\n",
    "elsewhere/l.yml": "l: 1\n",
}  # fmt: skip
# What a cell does → the file it reads.
READS = {
    "open('../data/plain').read()": "data/plain",
    "open('../data/x/%s.yml' % 'a')": "data/x/a.yml",
    "n = 1\nopen(f'../data/y/{n}.csv')": "data/y/1.csv",
    "from pathlib import Path\n(Path.cwd().parent / 'data' / 'plain').read_bytes()": "data/plain",
    "from pathlib import Path\nPath('..', 'data', 'x', 'b' + '.yml').open()": "data/x/b.yml",
    "import os\nopen(os.path.join('..', 'data', 'some.json'))": "data/some.json",
    "import os\nos.chdir('../more/deep')\nopen('er/m.csv')": "more/deep/er/m.csv",
    "import os\nos.close(os.open('../data/bytes.bin', os.O_RDONLY))": "data/bytes.bin",
    "from paper import locate\nopen(locate(f'data/x/{\"a\"}.yml'))": "data/x/a.yml",
    "from paper import locate as find\n(find('more') / 'deep/er/m.csv').read_text()": "more/deep/er/m.csv",
    "open('beside.csv')": "notebooks/beside.csv",
    "open('../data/link/l.yml')": "elsewhere/l.yml",
    "import io\nio.open_code('../data/run.py'.replace('..', __import__('os').path.abspath('..')))": "data/run.py",
    "import codecs\ncodecs.open('../data/template.txt', encoding='utf-8').read()": "data/template.txt",
    "import linecache\nlinecache.getlines('../data/template.txt')": "data/template.txt",
    "import fileinput\nlist(fileinput.input('../data/template.txt'))": "data/template.txt",
    "import json\njson.load(open('../data/some.json'))": "data/some.json",
    "import yaml\nyaml.safe_load(open('../data/x/a.yml'))": "data/x/a.yml",
    "import csv\nlist(csv.reader(open('../data/y/1.csv')))": "data/y/1.csv",
    "import pandas\npandas.read_csv('../data/y/1.csv')": "data/y/1.csv",
    "import pandas\npandas.read_json('../data/some.json')": "data/some.json",
    "import pandas\npandas.read_excel('../data/w.xlsx')": "data/w.xlsx",
    "import pandas\npandas.read_parquet('../data/p.parquet')": "data/p.parquet",
    "import pandas\npandas.read_parquet('../data/parts')": "data/parts/one.parquet",
    "import pandas\npandas.read_pickle('../data/p.pickle')": "data/p.pickle",
    "import numpy\nnumpy.loadtxt('../data/y/1.csv', skiprows=1)": "data/y/1.csv",
    "import numpy\nnumpy.fromfile('../data/bytes.bin')": "data/bytes.bin",
    "import numpy\nnumpy.load('../data/a.npz')['a']": "data/a.npz",
    "import numpy\nnumpy.memmap('../data/bytes.bin', mode='r')": "data/bytes.bin",
    "import gzip\ngzip.open('../data/z.gz').read()": "data/z.gz",
    "import zipfile\nzipfile.ZipFile('../data/z.zip').namelist()": "data/z.zip",
    "import sqlite3\nsqlite3.connect('../data/d.sqlite').execute('select * from t').fetchall()": "data/d.sqlite",
    "import configparser\nconfigparser.ConfigParser().read('../data/set.ini')": "data/set.ini",
    "import matplotlib.pyplot as plt\nplt.imread('../data/i.png')": "data/i.png",
    "import runpy\nrunpy.run_path('../data/run.py')": "data/run.py",
    "exec(open('../data/run.py').read())": "data/run.py",
    "%run ../data/run.py": "data/run.py",
    "%load_ext lib.magic": "src/lib/magic.py",
    "!cat ../data/plain": "data/plain",
    "%%bash\ncat ../data/plain": "data/plain",
    "import subprocess\nsubprocess.run(['cat', '../data/plain'])": "data/plain",
    "import os\nos.system('cat ../data/plain')": "data/plain",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'open(\"../data/plain\")'])": "data/plain",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'beside'])": "notebooks/beside.py",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-c', 'open(\"../data/plain\")'])": "data/plain",
    "import os\nif not os.fork():\n    open('../data/plain')\n    os._exit(0)\nos.wait()": "data/plain",
    "from joblib import Parallel, delayed\nParallel(2)(delayed(__import__('pandas').read_csv)(f) for f in ['../data/y/1.csv'])": "data/y/1.csv",
    "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n    pool.submit(open, '../data/plain').result()": "data/plain",
    "import lib": "src/lib/__init__.py",
    "from lib.one import two": "src/lib/two.py",
    "from lib import two\ntwo.f()": "src/lib/inner/three.py",
    "import lib.inner": "src/lib/inner/three.txt",
    "import importlib\nimportlib.import_module('lib.' + 'five')": "src/lib/five.py",
    "from importlib.util import *\ns = spec_from_file_location('x', '../data/run.py')\ns.loader.exec_module(module_from_spec(s))": "data/run.py",
    "import pkgutil\npkgutil.get_data('lib.inner', 'three.txt')": "src/lib/inner/three.txt",
    "import importlib.resources as r\nr.files('lib.inner').joinpath('three.txt').read_text()": "src/lib/inner/three.txt",
    "__import__('lib.four')": "src/lib/four.py",
    "import sys\nsys.path.insert(0, '../data')\nimport run": "data/run.py",
    "import beside": "notebooks/beside.py",
    "from face import h": "src/face/hall.py",
    "import face": "src/face/__init__.py",
    "import inspect, lib.one\ninspect.getsource(lib.one)": "src/lib/one.py",
    "from string import Template\nTemplate(open('../data/template.txt').read()).substitute(a=1)": "data/template.txt",
    "import shutil\nshutil.copy('../data/plain', '/dev/null')": "data/plain",
    "import hashlib\nhashlib.file_digest(open('../data/plain', 'rb'), 'sha256')": "data/plain",
    "from IPython.display import Image, display\ndisplay(Image(filename='../data/i.png'))": "data/i.png",
    "from IPython.display import SVG, Markdown\nMarkdown(filename='../data/plain')": "data/plain",
}  # fmt: skip
# What a cell does → the folder in which a new file is something new to it.
LISTS = {
    "import glob\nglob.glob('../data/x/*')": "data/x",
    "from pathlib import Path\nsorted(Path('../data').glob('x/*.yml'))": "data/x",
    "from pathlib import Path\nlist(Path('../more').rglob('*.csv'))": "more/deep/er",
    "from pathlib import Path\nlist(Path('../data/x').iterdir())": "data/x",
    "import os\nos.listdir('../data/x')": "data/x",
    "import os\nlist(os.scandir('../data/x'))": "data/x",
    "import os\nlist(os.walk('../more'))": "more/deep/er",
    "!ls ../data/x": "data/x",
}
SEEKS = {
    "import os\nos.path.exists('../data/gone.csv')": "data/gone.csv",
    "from pathlib import Path\nPath('../data/gone.csv').is_file()": "data/gone.csv",
    "try:\n    open('../data/gone.csv')\nexcept OSError:\n    pass": "data/gone.csv",
}
ALL = {**READS, **LISTS, **SEEKS}
NUMBERS = MappingProxyType({code: number for number, code in enumerate(ALL)})


def write_binary(folder: Path) -> None:
    """Write files of formats that are no text."""
    frame = pd.DataFrame({"a": [1]})
    frame.to_excel(folder / "w.xlsx", index=False)
    frame.to_parquet(folder / "p.parquet")
    (folder / "parts").mkdir()
    frame.to_parquet(folder / "parts/one.parquet")
    frame.to_pickle(folder / "p.pickle")
    np.savez(folder / "a.npz", a=np.ones(2))
    gzip.open(folder / "z.gz", "wb").close()
    zipfile.ZipFile(folder / "z.zip", "w").close()
    matplotlib.image.imsave(folder / "i.png", np.ones((2, 2, 3)))
    with sqlite3.connect(folder / "d.sqlite") as database:
        database.execute("create table t (a)")
    (folder / "set.ini").write_text("[a]\n")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a paper with a notebook for each way to read something; all have run."""
    root = tmp_path_factory.mktemp("observed") / "paper"
    write_little_paper(root)
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    write_binary(root / "data")
    (root / "data/link").symlink_to(root / "elsewhere")
    books = [
        f"    - {{notebook: notebooks/n{number:02}.ipynb, title: N}}\n"
        for number in NUMBERS.values()
    ]
    with (root / "_quarto.yml").open() as stream:
        configuration = stream.read()
    first = "    - {notebook: notebooks/a.ipynb, title: A}\n"
    (root / "_quarto.yml").write_text(configuration.replace(first, first + "".join(books)))
    path = "import sys\nsys.path.insert(0, '../src')"
    for code, number in NUMBERS.items():
        write_notebook(root / f"notebooks/n{number:02}.ipynb", path, code)
    ran = run_paper(root, "run")
    assert ran.status == 0, ran.error
    assert stale_notebooks(open_project(root)) == []
    return root


def stale(root: Path) -> set[int]:
    """Return the numbers of the notebooks that would run again."""
    paths = (Path(book.path).stem for book in stale_notebooks(open_project(root)))
    return {int(name[1:]) for name in paths if name[1:]}


def after(root: Path, name: str, change: Callable[[Path], object]) -> set[int]:
    """Return what is stale after a change of a file, which is undone."""
    file = root / name
    before = file.read_bytes() if file.is_file() else None
    change(file)
    found = stale(root)
    file.unlink() if before is None else file.write_bytes(before)
    assert stale(root) == set()
    return found


def lengthen(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\n")


@pytest.mark.parametrize("code", [code for code, name in READS.items() if name])
def test_a_notebook_runs_again_when_what_it_reads_changes(paper: Path, code: str) -> None:
    assert NUMBERS[code] in after(paper, READS[code], lengthen)


@pytest.mark.parametrize("code", LISTS)
def test_a_notebook_runs_again_when_a_folder_that_it_lists_has_a_new_file(
    paper: Path, code: str
) -> None:
    assert NUMBERS[code] in after(paper, f"{LISTS[code]}/new.yml", Path.touch)


@pytest.mark.parametrize("code", SEEKS)
def test_a_notebook_runs_again_when_what_it_sought_is_there(paper: Path, code: str) -> None:
    assert NUMBERS[code] in after(paper, SEEKS[code], Path.touch)


# Other programs, and libraries that open files by themselves, may have read anything.
BLIND = {
    NUMBERS[code]
    for code in ALL
    if code.startswith(("!", "%%bash")) or "parquet" in code or "cat" in code.split("(")[-1]
    or "'cat'" in code or "os.system" in code or "'-I'" in code
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("paper.qmd", set()),
        ("references.bib", set()),
        ("src/face/room.py", set()),
        ("data/x/new.yml", {NUMBERS[code] for code in LISTS if LISTS[code] == "data/x"}),
        ("notebooks/other.csv", set()),
    ],
)
def test_nothing_runs_again_when_only_what_it_did_not_read_changes(
    paper: Path, name: str, also: set[int]
) -> None:
    change = lengthen if (paper / name).is_file() else Path.touch
    assert after(paper, name, change) == also | BLIND


@pytest.mark.parametrize("name", ["paper.yml", "results/numbers.json", "data/.DS_Store", "data/a~"])
def test_what_the_build_itself_reads_or_others_leave_is_no_input(paper: Path, name: str) -> None:
    change = Path.touch if not (paper / name).is_file() else lengthen
    assert after(paper, name, change) <= (BLIND if name == "paper.yml" else set())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("open('{outside}')", "reads {outside}, which is outside the paper"),
        ("open('../../outside.csv')", "reads {outside}, which is outside the paper"),
        ("import os\nos.chdir('../..')\nopen('outside.csv')", "reads {outside}, which is outside"),
        (
            "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError:\n    pass",
            "reads from the network: 192.0.2.1",
        ),
    ],
)
@pytest.mark.parametrize("kernels", ["warm", "cold"])
def test_what_is_outside_the_paper_stops_the_run(
    little: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str, kernels: str
) -> None:
    monkeypatch.setenv("PAPER_KERNELS", kernels)
    outside = little.resolve().parent / "outside.csv"
    outside.write_text("1")
    before = (little / "results/inputs.json").read_text()
    write_notebook(
        little / "notebooks/b.ipynb", RECORD.format(key="mood"), code.format(outside=outside)
    )
    ran = run_paper(little, "run")
    assert ran.status != 0
    assert f"notebooks/b.ipynb: {said.format(outside=outside)}" in " ".join(ran.error.split())
    assert "notebooks-may" in ran.error
    assert (little / "results/inputs.json").read_text() == before


def test_what_the_paper_allows_is_an_input(little: Path) -> None:
    outside = little.resolve().parent / "outside.csv"
    outside.write_text("1")
    (little / "paper.yml").write_text(f"{ALLOWED}notebooks-may: {{read: ../outside.csv}}\n")
    write_notebook(
        little / "notebooks/b.ipynb", RECORD.format(key="mood"), "open('../../outside.csv')"
    )
    assert run_paper(little, "run").status == 0
    outside.write_text("4242")
    steps = notebook_steps(open_project(little)).values()
    assert [step.reason for step in steps] == ["", "../outside.csv changed"]


READ_VARIABLES = """\
import os
import subprocess
import sys
by_child = subprocess.run([sys.executable, "-c", "import os; print(os.environ.get('DRAWS'))"],
                          capture_output=True, text=True).stdout
print(os.environ.get("DRAWS"), os.getenv("DRAWS"), dict(os.environ).get("DRAWS"),
      os.environb.get(b"DRAWS"), "DRAWS" in [*os.environ], by_child)
get_ipython().run_line_magic("env", "")
"""


def test_no_variable_reaches_a_notebook_but_those_that_are_named(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWS", "10")
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), READ_VARIABLES)
    assert run_paper(little, "run").status == 0
    text = json.loads((little / "notebooks/b.ipynb").read_text())["cells"][1]["outputs"][0]["text"]
    assert "".join(text).split() == ["None", "None", "None", "None", "False", "None"]
    (little / "paper.yml").write_text(f"{ALLOWED}notebooks-may: {{environment: DRAWS}}\n")
    assert {step.reason for step in notebook_steps(open_project(little)).values()} == {
        "$DRAWS is new"
    }
    assert run_paper(little, "run").status == 0
    monkeypatch.setenv("DRAWS", "11")
    assert {step.reason for step in notebook_steps(open_project(little)).values()} == {
        "$DRAWS changed"
    }


def test_no_other_package_stands_in_for_that_of_the_paper(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs/lifelines").mkdir(parents=True)
    (tmp_path / "theirs/lifelines/__init__.py").write_text("PLACE = 'theirs'\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "theirs"))
    code = "import lifelines\nassert not hasattr(lifelines, 'PLACE')"
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), code)
    ran = run_paper(little, "run")
    assert ran.status == 0, ran.error


def test_a_scratch_file_of_its_own_is_no_input(little: Path) -> None:
    code = (
        "import tempfile, pathlib\nwith tempfile.TemporaryDirectory() as folder:\n"
        "    (pathlib.Path(folder) / 'a').write_text('1')\n    open(folder + '/a').read()\n"
        "pathlib.Path('made.txt').write_text('1')\nopen('made.txt').read()"
    )
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), code)
    ran = run_paper(little, "run")
    assert ran.status == 0, ran.error
    project = open_project(little)
    assert not {name for name in notebook_steps(project)[project.notebooks[1]].inputs
                if "made.txt" in name or os.fspath("/tmp") in name}  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")
def test_a_forked_kernel_and_one_that_starts_alone_read_the_same(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(
        little / "notebooks/b.ipynb", RECORD.format(key="mood"), "import pandas, declared"
    )
    read = []
    for kernels in ("warm", "cold"):
        monkeypatch.setenv("PAPER_KERNELS", kernels)
        assert run_paper(little, "run", "--all").status == 0
        read.append((little / "results/inputs.json").read_text())
    assert read[0] == read[1]


def test_permissions_of_another_kind_are_refused_with_their_line(little: Path) -> None:
    (little / "paper.yml").write_text(f"{ALLOWED}notebooks-may: {{reed: [a]}}\n")
    ran = run_paper(little, "run")
    assert ran.status != 0
    assert "reed" in ran.error
    assert "read" in ran.error
