"""A paper about records: nothing of a patient leaves them, and no label means more than itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import lxml.etree
import lxml.html
import pypdf
import pytest
import yaml
from commands import ROOT, Ran, run_paper
from little import write_little_paper, write_notebook
from people import made_up, write_people

from paper.storage.project import left_out

# Nobody is called so, no module, and no word of ours has it.
CANARY = "Zyxwvut"
PAYLOADS = [
    "<script>alert(1)</script>",
    "{{< num nrs.change.p >}}",
    r"$\frac{1}{2}$",
    '#import "a.typ"',
    r"\input{/etc/passwd}",
    "=HYPERLINK(1)",
    "a|b",
    "`code`",
    "`<i>`{=html}",
    "@farrar2001clinical",
    "![i](file:///etc/passwd)",
    "[l](javascript:x)",
    "*b* _u_ ~s~ ^t^",
    "&lt;b&gt;",
    "[s]{.num}",
    "a<!--b",
    "<!--<script>",
    "</script>",
    '"><img src=x onerror=alert(1)>',
    "null",
]


def hostile_study(folder: Path) -> Path:
    """Write the study with payloads for categories, and a column that may hold any text."""
    content = yaml.safe_load((ROOT / "data/study.yml").read_text())
    parts = {part["name"]: part for part in content["characteristics"]}
    parts["diagnosis"]["categories"] = PAYLOADS
    parts["sex"]["label"] = "Sex\n\u202eof <b>body</b>"
    content["outcomes"][0]["unit"] = "<!--<script>"
    content["characteristics"].append({"name": "ward", "label": "Ward", "column": "ward"})
    shutil.copytree(ROOT / "data/instruments", folder / "instruments")
    (folder / "study.yml").write_text(yaml.safe_dump(content, allow_unicode=True))
    return folder / "study.yml"


def rows_with_canaries() -> list[dict[str, str]]:
    rows = made_up(160)
    for number, row in enumerate(rows):
        row["patient"] = f"{CANARY}{number}"
        row["ward"] = f"{CANARY} of room {number % 7}"
        row["sex"] = ("female", "male")[number % 2]
        row["diagnosis"] = PAYLOADS[number % len(PAYLOADS)]
    return rows


class OfRecords:
    """A paper that was built from records: what was said, and the folders it could have used."""

    def __init__(self, folder: Path, ran: Ran) -> None:
        self.ran, self.output, self.scratch = ran, folder / "out", folder / "scratch"


@pytest.fixture(scope="module")
def of_records(tmp_path_factory: pytest.TempPathFactory) -> OfRecords:
    """Build one paper for all that is asked of it here."""
    folder = tmp_path_factory.mktemp("records")
    shutil.copytree(ROOT, folder / "paper", ignore=left_out)
    (folder / "scratch").mkdir()
    data = write_people(folder / f"{CANARY}.csv", rows_with_canaries())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "scratch"))
        patch.setenv("PAPER_DATA", str(data))
        patch.setenv("PAPER_STUDY", str(hostile_study(folder)))
        output = ["--renderer", "embedded", "--output", folder / "out"]
        ran = run_paper(folder / "paper", "build", *output)
    assert ran.status == 0, ran.error
    return OfRecords(folder, ran)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file with its text, the parts of Word files and the pages of PDF files too."""
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        yield f"{file}", file.read_bytes().decode("utf-8", errors="replace")
        if file.suffix == ".docx":
            with zipfile.ZipFile(file) as parts:
                yield from ((f"{file} {n}", parts.read(n).decode(errors="replace"))
                            for n in parts.namelist())  # fmt: skip
        if file.suffix == ".pdf":
            yield (
                f"{file} pages",
                "".join(page.extract_text() for page in pypdf.PdfReader(file).pages),
            )


def test_no_word_of_a_patient_reaches_an_output_a_notebook_a_cache_or_the_terminal(
    of_records: OfRecords,
) -> None:
    paper = of_records.output.parent / "paper"
    assert CANARY not in of_records.ran.output + of_records.ran.error
    seen = 0
    for folder in (of_records.output, paper):
        for name, text in texts(folder):
            seen += 1
            assert CANARY not in text, name
    assert seen > 100
    assert [*of_records.scratch.iterdir()] == []


def test_tracked_files_stay_as_they_are(of_records: OfRecords) -> None:
    for name in ("notebooks", "results", "data", "paper.qmd"):
        ours, theirs = of_records.output.parent / "paper" / name, ROOT / name
        for file in [theirs, *theirs.rglob("*")]:
            if file.is_file():
                assert (ours / file.relative_to(theirs)).read_bytes() == file.read_bytes()


def plain(text: str) -> str:
    """Leave out what typesetting changes: white space, joiners, and the forms of quotes."""
    return re.sub(r"[\s\u2060\u00ad]", "", text).translate({0x201C: '"', 0x201D: '"'})


def test_labels_are_printed_as_they_stand_in_every_format(of_records: OfRecords) -> None:
    page = lxml.html.parse(str(of_records.output / "index.html")).getroot()
    for table in page.xpath("//table[.//td[starts-with(., 'Diagnosis')]]"):
        for tag in ("script", "a", "img", "code", "b", "i", "sub", "math"):
            assert not table.xpath(f".//td//{tag}"), tag
    article = lxml.etree.parse(str(of_records.output / "paper.xml"))
    word = docx.Document(str(of_records.output / "paper.docx"))
    found = {
        "HTML": page.xpath("//main")[0].text_content() if page.xpath("//main") else "",
        "JATS": "".join(article.getroot().itertext()),
        "Word": "".join(cell.text for t in word.tables for row in t.rows for cell in row.cells),
    }
    for name, text in found.items():
        for payload in PAYLOADS:
            assert plain(payload) in plain(text), (name, payload)
        assert plain("Sex of <b>body</b>") in plain(text)
        assert "\u202e" not in text
    pages = pypdf.PdfReader(of_records.output / "paper.pdf").pages
    printed = plain("".join(page.extract_text() for page in pages))
    for word_of in ("alert(1)", "frac{1}", "import", "input{/etc/passwd}", "HYPERLINK(1)", "=html"):
        assert word_of in printed


def test_what_holds_only_of_the_reconstruction_is_gone(of_records: OfRecords) -> None:
    text = re.sub(r"<(script|style)\b.*?</\1>", "", (of_records.output / "index.html").read_text(),
                  flags=re.DOTALL)  # fmt: skip
    for gone in ("reconstructed", "†", "published figures", "bounds", "NOT MET"):
        assert gone not in text
    assert "kinds of subgroups" in text  # the data have columns that form some
    assert "Ward" in text
    assert "categories are not declared" in text
    notebook = (of_records.output / "notebooks/08-published-claims.ipynb").read_text()
    assert "These are records of patients, not compared with printed numbers." in notebook


@pytest.fixture
def little(tmp_path: Path) -> Path:
    folder = tmp_path / "paper"
    write_little_paper(folder)
    (folder / "data").mkdir()
    return folder


FAILING = """\
from pathlib import Path
from paper import data_file
cell = data_file().read_text()
raise {error}(f"cannot read {{cell}}")
"""


def test_an_error_in_a_notebook_does_not_show_what_it_read(little: Path) -> None:
    data = little.parent / "data.csv"
    data.write_text(CANARY)
    write_notebook(little / "notebooks/b.ipynb", FAILING.format(error="ValueError"))
    ran = run_paper(little, "build", "--data", data)
    assert ran.status == 2
    assert CANARY not in ran.output + ran.error
    assert "notebooks/b.ipynb, cell cell-1: ValueError" in ran.error
    assert "in the line: raise ValueError(" in ran.error
    assert "may name a patient and is not shown" in ran.error
    assert "--show-values" in ran.error
    # Its author may see it, on the terminal and in no file.
    ran = run_paper(little, "build", "--data", data, "--show-values")
    assert (ran.status, f"ValueError: cannot read {CANARY}" in ran.error) == (2, True)
    for name, text in texts(little):
        assert CANARY not in text, name


def test_an_error_that_names_only_a_column_is_shown(little: Path) -> None:
    data = little.parent / "data.csv"
    data.write_text("patient\n")
    failing = """\
from beforeafter import NoPatientsError
raise NoPatientsError("Relief: no patient has relief_months")
"""
    write_notebook(little / "notebooks/b.ipynb", failing)
    ran = run_paper(little, "build", "--data", data)
    assert ran.status == 2
    assert "NoPatientsError: Relief: no patient has relief_months" in ran.error


LOOKALIKES = {
    "of another package": "class {kind}(Exception): pass",
    "made of ours": "import declared\nclass {kind}(declared.DataError): pass",
    "named with our mark": '{kind} = type("shown:{kind}", (Exception,), {{}})',
}


@pytest.mark.parametrize("kind", ["DataError", "NoPatientsError", "NotApplicable"])
@pytest.mark.parametrize("made", LOOKALIKES.values(), ids=LOOKALIKES)
def test_the_name_of_an_error_alone_shows_nothing(little: Path, kind: str, made: str) -> None:
    data = little.parent / "data.csv"
    data.write_text(CANARY)
    failing = f"""\
{made.format(kind=kind)}
from pathlib import Path
from paper import data_file
error = {kind}.__new__({kind})
error.args = (data_file().read_text(),)
raise error
"""
    write_notebook(little / "notebooks/b.ipynb", failing)
    ran = run_paper(little, "build", "--data", data)
    assert (ran.status, CANARY in ran.output + ran.error) == (2, False)
    assert f"notebooks/b.ipynb, cell cell-1: {kind}\n" in ran.error
    for name, text in texts(little):
        assert CANARY not in text, name


def test_an_error_of_ours_says_what_it_says(little: Path) -> None:
    data = little.parent / "data.csv"
    data.write_text("patient\n")
    failing = """\
from pathlib import Path
from declared import DataError, Problem
raise DataError(Path("study.yml"), [Problem("outcomes", None, "missing", 3)])
"""
    write_notebook(little / "notebooks/b.ipynb", failing)
    ran = run_paper(little, "build", "--data", data)
    assert "DataError: study.yml, line 3, outcomes: nothing: missing" in ran.error


def test_records_are_never_written_where_git_would_keep_them(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=little, check=True)
    data = little.parent / "data.csv"
    data.write_text("patient\n")
    monkeypatch.setenv("PAPER_DATA", str(data))
    ran = run_paper(little, "run")
    assert (ran.status, "PAPER_DATA" in ran.error) == (2, True)  # notebooks are there to be added
    # The copy in which a build about them runs is ignored, whatever the project ignores.
    ignored = subprocess.run(["git", "check-ignore", ".paper/anything"], cwd=little, check=False)
    assert ignored.returncode == 0
    subprocess.run(["git", "add", "notebooks"], cwd=little, check=True)
    for command in ("run", "archive"):
        ran = run_paper(little, command)
        assert ran.status == 2
        assert "PAPER_DATA" in ran.error
    assert run_paper(little, "copy", little.parent / "copy").status == 0
    monkeypatch.delenv("PAPER_DATA")
    assert run_paper(little.parent / "copy", "run").status == 0
    assert not (little / "results").exists()


def test_options_that_need_data_say_so(little: Path) -> None:
    ran = run_paper(little, "build", "--output", "out")
    assert (ran.status, "--study and --output go with --data" in ran.error) == (2, True)
    ran = run_paper(little, "copy", "there")
    assert (ran.status, "--data is missing" in ran.error) == (2, True)
    ran = run_paper(little, "build", "--data", "paper.qmd", "--study", "nowhere.yml")
    assert "nowhere.yml: no such file" in ran.error
