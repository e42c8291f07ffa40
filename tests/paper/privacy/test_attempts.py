"""Whatever records are called, packed or written in, none is committed, merged or pushed."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import pickle
import random
import shutil
import sqlite3
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from commands import ROOT, run_paper
from people import made_up

from paper.privacy.guard import look_for_records, staged_files
from paper.privacy.rows_in_use import RowsInUse
from paper.storage.local import remember

# Made up, of nobody.
PEOPLE = made_up(60)
FRAME = pd.DataFrame(PEOPLE)
NAMES = list(PEOPLE[0])
BARE = FRAME.drop(columns="patient")
Make = Callable[[], bytes]


def text(frame: pd.DataFrame, separator: str = ",", **how: object) -> bytes:
    """Write a table as text."""
    return frame.to_csv(sep=separator, index=False, **how).encode()  # type: ignore[call-overload]


def renamed(frame: pd.DataFrame = BARE) -> pd.DataFrame:
    """Call the columns by names that tell nothing."""
    return frame.set_axis([f"v{number}" for number in range(frame.shape[1])], axis=1)


def workbook(frame: pd.DataFrame = FRAME, sheet: str = "S") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in [list(frame), *frame.values.tolist()]:
        # As who types it would: numbers are numbers.
        book.active.append([float(v) if str(v).replace(".", "").isdigit() else v for v in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def opendocument(frame: pd.DataFrame = FRAME) -> bytes:
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{v}</text:p></table:table-cell>" for v in row)
        + "</table:table-row>"
        for row in [list(frame), *frame.values.tolist()]
    )
    return packed(
        {"content.xml": f"<office:document-content>{rows}</office:document-content>".encode()}
    )


def word(frame: pd.DataFrame = FRAME) -> bytes:
    document = docx.Document()
    table = document.add_table(0, frame.shape[1])
    for row in [list(frame), *frame.head(12).values.tolist()]:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tape(content: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        entry = tarfile.TarInfo("a.csv")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def notebook(output: dict[str, object] | None = None, source: str = "cohort") -> bytes:
    cell = nbformat.v4.new_code_cell(source)
    if output:
        cell.outputs = [nbformat.v4.new_output("execute_result", data=output)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()


def own_notebook(output: dict[str, object]) -> bytes:
    """The first notebook of this paper, with the table printed."""
    book = nbformat.read(ROOT / "notebooks/01-cohort.ipynb", as_version=4)
    [*filter(lambda c: c.cell_type == "code", book.cells)][-1].outputs = [
        nbformat.v4.new_output("execute_result", data=output)
    ]
    return nbformat.writes(book).encode()


def markdown(frame: pd.DataFrame) -> bytes:
    return frame.to_markdown(index=False).encode()


def lines(frame: pd.DataFrame, join: str) -> bytes:
    return "\n".join(join.join(map(str, row)) for row in frame.values.tolist()).encode()


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=1)


NUMBERS = renamed().apply(pd.to_numeric, errors="coerce").fillna(-1)


def in_numpy(kind: str) -> bytes:
    stream = io.BytesIO()
    np.save(stream, NUMBERS.to_numpy(kind))
    return stream.getvalue()


def in_sqlite() -> bytes:
    base = sqlite3.connect(":memory:")
    NUMBERS.to_sql("t", base, index=False)
    return base.serialize()


INNER = text(FRAME)
# The name of each, and how it is made.
ATTEMPTS: dict[str, tuple[str, Make]] = {
    # Other names of the column that says whose row it is.
    **{
        f"id {name}": ("a.csv", lambda name=name: text(FRAME.rename(columns={"patient": name})))
        for name in ("Fallnummer", "n° dossier", "hospital_no", "MRN", "code", "x")
    },
    "no id": ("a.csv", lambda: text(BARE)),
    "no id, no header": ("a.csv", lambda: text(BARE, header=False)),
    "other names of all columns": ("a.csv", lambda: text(renamed())),
    "other names, other order": ("a.csv", lambda: text(renamed(BARE[NAMES[:0:-1]]))),
    "other names, three columns": ("a.csv", lambda: text(renamed(BARE[NAMES[3:6]]))),
    "other names, patients shuffled": ("a.csv", lambda: text(renamed(shuffled(BARE)))),
    "by semicolon and decimal comma": (
        "a.csv", lambda: text(renamed(), ";").replace(b".", b","),
    ),
    **{
        f"by {separator!r}": (
            "a.log", lambda separator=separator: lines(BARE, separator),
        )
        for separator in ("\t", "|", ":", " ", "~", "^", " / ", "&", "\x1f", "$", "_")
    },
    "UTF-16": ("a.txt", lambda: b"\xff\xfe" + INNER.decode().encode("utf-16-le")),
    "UTF-16 without a mark": ("a.txt", lambda: INNER.decode().encode("utf-16-be")),
    "UTF-32 without a mark": ("a.txt", lambda: INNER.decode().encode("utf-32-le")),
    "Latin-1": ("a.txt", lambda: INNER.replace(b"patient", "identité du malade".encode("latin-1"))),
    "gz": ("a.csv.gz", lambda: gzip.compress(INNER)),
    "gz of another name": ("a.md", lambda: gzip.compress(text(renamed(), header=False))),
    "bz2": ("a", lambda: bz2.compress(INNER)),
    "xz": ("a.dat", lambda: lzma.compress(INNER)),
    "tar": ("a.tgz", lambda: tape(INNER)),
    "zip": ("a.zip", lambda: packed({"a/b.csv": INNER})),
    "zip in zip": ("a.bin", lambda: packed({"b": packed({"c": text(renamed())})})),
    "workbook renamed": ("a.doc", workbook),
    "workbook renamed, without names": ("figure.png", lambda: workbook(renamed())),
    "OpenDocument renamed": ("a.txt", opendocument),
    "Word": ("a.docx", word),
    "Word without names": ("a.docx", lambda: word(renamed())),
    "Markdown": ("notes.md", lambda: b"# Notes\n\n" + markdown(FRAME)),
    "Markdown, other names": ("notes.md", lambda: markdown(renamed())),
    "CSV in Markdown": ("notes.md", lambda: b"```\n" + INNER + b"```\n"),
    "HTML": ("a.html", lambda: FRAME.to_html().encode()),
    "LaTeX": ("a.tex", lambda: lines(BARE, " & ").replace(b"\n", b" \\\\\n")),
    **{
        f"JSON {orient}": ("a.json", lambda orient=orient: FRAME.to_json(orient=orient).encode())
        for orient in ("records", "columns", "index", "split", "values")
    },
    "JSON, other names": ("a.json", lambda: renamed().to_json(orient="records", indent=1).encode()),
    "JSON lines": ("a.jsonl", lambda: FRAME.to_json(orient="records", lines=True).encode()),
    "YAML": ("a.yml", lambda: yaml.safe_dump(PEOPLE).encode()),
    "YAML, other names": ("a.yml", lambda: yaml.safe_dump(renamed().to_dict("list")).encode()),
    "a program": ("a.py", f"rows = {PEOPLE!r}\n".encode),
    "a program, columns": ("a.py", f"nrs = [{', '.join(BARE['nrs_day0'])}]\n".encode),
    "a program in R": ("a.R", f"x <- c({', '.join(BARE['nrs_day30'])})\n".encode),
    "SQL": ("a.sql", lambda: b"".join(b"INSERT INTO t VALUES ('" + b"','".join(
        line.split(b",")) + b"');\n" for line in text(renamed(), header=False).splitlines())),
    "notebook": ("a.ipynb", lambda: notebook({"text/plain": FRAME.to_string()})),
    "notebook, HTML": ("a.ipynb", lambda: notebook({"text/html": BARE.to_html()})),
    "notebook, source": ("a.ipynb", lambda: notebook(source=f"rows = '''{INNER.decode()}'''")),
    "this paper's notebook": (
        "notebooks/01-cohort.ipynb", lambda: own_notebook({"text/plain": repr(FRAME)}),
    ),
    "this paper's notebook, other names": (
        "notebooks/01-cohort.ipynb",
        lambda: own_notebook({"text/plain": renamed().to_string()}),
    ),
    "pickle": ("a.bin", lambda: pickle.dumps(PEOPLE)),
    "pickle of old": ("a.txt", lambda: pickle.dumps(PEOPLE, 0)),
    **{
        f"NumPy {kind}": ("a.dat", lambda kind=kind: in_numpy(kind))
        for kind in ("int8", "int64", "float32", "float64")
    },
    "SQLite": ("a.dat", in_sqlite),
    "pickle of a frame": ("a.dat", lambda: pickle.dumps(NUMBERS)),
    "Base64": ("a.txt", lambda: base64.encodebytes(text(renamed()))),
    "Base64 of gz in HTML": ("a.html", lambda: b'<a href="data:;base64,' + base64.b64encode(
        gzip.compress(text(renamed()))) + b'">'),
    "Base64 in a notebook": (
        "a.ipynb", lambda: notebook({"text/plain": base64.encodebytes(INNER).decode()}),
    ),
    "the name of a file": ("_".join(PEOPLE[0].values()) + ".md", lambda: b"All is well."),
    "deep down": ("a.txt", lambda: b"All is well.\n" * 200_000 + INNER),
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """Return a repository with this study, whose records lie elsewhere."""
    folder, data = tmp_path / "paper", tmp_path / "elsewhere.csv"
    (folder / "data").mkdir(parents=True)
    shutil.copy(ROOT / "data/study.yml", folder / "data")
    (folder / "data/cohort.csv").touch()
    git(folder, "init", "-q")
    data.write_bytes(INNER)
    remember(folder, data)
    (folder / ".paper/other-data").write_text(str(data))
    return folder


def refused(folder: Path, name: str, content: bytes) -> list[str]:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    git(folder, "add", "--force", name)
    return [str(problem) for problem in look_for_records(folder, staged_files(folder))]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_attempt_passes(paper: Path, attempt: str) -> None:
    name, make = ATTEMPTS[attempt]
    said = refused(paper, name, make())
    assert said, attempt
    assert not any(f"{row['patient']}," in line for row in PEOPLE for line in said)


def test_nothing_of_the_digests_is_readable_and_git_takes_none(paper: Path) -> None:
    refused(paper, "notes.md", b"All is well.")
    kept = (paper / ".paper/rows.json").read_text()
    assert not any(f'"{value}"' in kept for row in PEOPLE for value in row.values())
    assert (paper / ".paper/rows.json").stat().st_mode & 0o077 == 0
    assert git(paper, "check-ignore", ".paper/rows.json")


def test_records_that_were_named_but_once_are_known_from_then_on(
    little: Path, tmp_path: Path
) -> None:
    data = tmp_path / "elsewhere.csv"
    data.write_bytes(INNER)
    assert run_paper(little, "copy", "--data", data, tmp_path / "copy").status == 0
    git(little, "init", "-q")
    assert "holds rows" in refused(little, "notes.md", markdown(renamed()))[0]


RANDOM = random.Random(1)
NOBODY = {
    "numbers.md": "\n".join(
        ",".join(str(RANDOM.randint(0, 10)) for _ in range(15)) for _ in range(3000)
    ),
    "counting.csv": "\n".join(str(n) for n in range(20_000)),
    "zeros.md": "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0\n" * 500,
    "prose.md": (ROOT / "docs/records.md").read_text() * 20,
    "results.json": (ROOT / "results/numbers.json").read_text(),
    "study.yml": (ROOT / "data/study.yml").read_text(),
}


@pytest.mark.parametrize("name", NOBODY)
def test_what_is_of_nobody_passes_beside_the_records(paper: Path, name: str) -> None:
    assert not refused(paper, name, NOBODY[name].encode())


def test_among_many_records_chance_alone_finds_none(tmp_path: Path) -> None:
    many, few = (
        "\n".join(
            ",".join(str(chance.choice((0, 1, 1, 2, 3))) for _ in range(15)) for _ in range(n)
        )
        for chance, n in ((random.Random(2), 4000), (random.Random(3), 400))
    )
    (tmp_path / "many.csv").write_text(f"a\n{many}\n")
    rows = RowsInUse(tmp_path)
    rows.remember(tmp_path / "many.csv")
    assert not rows.are_in([few])
    assert rows.are_in(["\n".join(many.splitlines()[100:140])])


def committed(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    git(folder, "add", "--force", name)
    git(folder, "commit", "--no-verify", "-qm", name)


@pytest.fixture
def guarded(paper: Path) -> Path:
    """Return the repository with the hooks, and one that it is pushed to."""
    (paper / "_quarto.yml").touch()
    (paper / ".gitignore").write_text(".venv\n")
    git(paper, "add", "_quarto.yml", ".gitignore", "data/study.yml")
    git(paper, "commit", "-qm", "Begin")
    git(paper, "init", "-q", "--bare", str(paper.parent / "shared"))
    git(paper, "remote", "add", "origin", str(paper.parent / "shared"))
    git(paper, "push", "-q", "origin", "HEAD")
    assert run_paper(paper, "guard", "--install").status == 0
    return paper


def stopped(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stderr if done.returncode else ""


def test_a_merge_stops_before_it_is_committed(guarded: Path) -> None:
    git(guarded, "checkout", "-qb", "other")
    committed(guarded, "a.csv", text(renamed()))
    git(guarded, "checkout", "-q", "-")
    committed(guarded, "b.md", b"All is well.")
    assert "a.csv: holds rows of the patients in use" in stopped(
        guarded, "merge", "-q", "--no-edit", "other"
    )


def test_a_push_stops_though_a_later_commit_takes_the_records_out(guarded: Path) -> None:
    committed(guarded, "b.md", b"All is well.")
    assert not stopped(guarded, "push", "-q", "origin", "HEAD")
    committed(guarded, "a.csv", text(renamed()))
    git(guarded, "rm", "-q", "a.csv")
    git(guarded, "commit", "-qm", "Take it out")
    assert "a.csv: holds rows" in stopped(guarded, "push", "-q", "origin", "HEAD")
    assert "a.csv: holds rows" in stopped(guarded, "push", "-q", "origin", "HEAD:refs/heads/x")
    assert "a.csv: holds rows" in stopped(guarded, "push", "-q", "--all", "origin")


def test_a_push_stops_at_what_a_message_says(guarded: Path) -> None:
    (guarded / "b.md").write_text("All is well.")
    git(guarded, "add", "b.md")
    git(guarded, "commit", "-qm", f"Note\n\n{text(renamed()).decode()}")
    name = git(guarded, "rev-parse", "HEAD")[:10]
    assert f"the message of {name}: holds rows" in stopped(guarded, "push", "-q", "origin", "HEAD")
    git(guarded, "reset", "-q", "--soft", "HEAD^")
    git(guarded, "commit", "-qm", "Note")
    assert not stopped(guarded, "push", "-q", "origin", "HEAD")
    git(guarded, "tag", "-am", text(renamed()).decode(), "v1")
    assert "holds rows" in stopped(guarded, "push", "-q", "origin", "v1")


def test_a_push_stops_at_what_a_merge_brought(guarded: Path) -> None:
    git(guarded, "checkout", "-qb", "other")
    committed(guarded, "a.md", markdown(renamed()))
    git(guarded, "checkout", "-q", "-")
    git(guarded, "merge", "-q", "--no-edit", "--no-verify", "other")
    assert "a.md: holds rows" in stopped(guarded, "push", "-q", "origin", "HEAD")
