"""A new paper, as the README begins one: it builds at once, and nothing of a patient leaves."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pypdf
import pytest
import yaml
from commands import PAPER, ROOT, run_paper

from declared import DataError
from paper import begin, data_file
from paper.commands.looking import figures_command
from paper.template.new import FILES, PLAIN, write_new_paper

HEADING = "## Your own study in ten minutes"
# Nobody is called so, no module, and no word of ours has it.
CANARY = "Zyxwvut"
HEAD = "patient,pain_day0,pain_day30,age"


def write_ward(file: Path, n: int = 24) -> Path:
    """Write a made-up table in which pain falls, and one patient in eight is lost."""
    rows = [
        f"{CANARY}{i},{5 + i % 5},{2 + i % 4 if i % 8 else ''},{40 + i}" for i in range(1, n + 1)
    ]
    file.write_text("\n".join([HEAD, *rows, ""]))
    return file


def readme_commands() -> list[str]:
    section = (ROOT / "README.md").read_text().split(HEADING)[1].split("\n## ")[0]
    (block,) = re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    return str(block).splitlines()


def shell(commands: str, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{PAPER.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def git(folder: Path, *arguments: str | Path) -> None:
    author = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Follow the README from a table of one's own, and commit everything."""
    folder = tmp_path_factory.mktemp("own")
    write_ward(folder / "ward.csv")
    install, *commands = readme_commands()
    assert install.split("#")[0].split() == ["pip", "install", "."]
    shell("\n".join(commands), folder)
    git(folder / "my-study", "init", "-q")
    git(folder / "my-study", "add", "--all")
    assert run_paper(folder / "my-study", "guard").status == 0
    git(folder / "my-study", "commit", "-qm", "All")
    return folder / "my-study"


@pytest.fixture(scope="module")
def clone(own: Path) -> Path:
    """Return what everybody has of it: no records."""
    folder = own.parent / "clone"
    git(own.parent, "clone", "-q", own, folder)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_commands_of_the_readme_give_a_paper_about_ones_own_table(own: Path) -> None:
    paper = own / "_manuscript"
    pages = pypdf.PdfReader(paper / "paper.pdf").pages
    text = " ".join("".join(page.extract_text() for page in pages).split())
    for said in ("Pain before and after", "24 patients were enrolled", "Mean pain went down"):
        assert said in text
    assert "invented" not in text
    for name in ("index.html", "paper.docx", "paper.xml", "notebooks/01-outcomes-preview.html"):
        assert (paper / name).is_file()


def test_nothing_of_a_patient_or_of_the_machine_is_committed_or_rendered(own: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=own, capture_output=True, text=True, check=True
    )
    committed = [own / name for name in listed.stdout.splitlines()]
    assert {"results/numbers.json", "paper.qmd"} <= {*listed.stdout.splitlines()}
    rendered = [file for file in (own / "_manuscript").rglob("*") if file.is_file()]
    for file in [*committed, *rendered]:
        content = file.read_bytes()
        assert CANARY.encode() not in content, file
        assert str(own.parent).encode() not in content, file
    for file in own.glob("notebooks/*.ipynb"):
        assert not any(c.get("outputs") for c in json.loads(file.read_text())["cells"])


def test_no_copy_of_the_machine_is_written(own: Path) -> None:
    assert not [file for file in own.rglob("*.py") if ".paper" not in file.parts][1:]
    visible = {file for file in own.rglob("*") if file.is_file()} - {
        *own.glob("_*/**/*"), *own.glob(".paper/**/*"), *own.glob(".git/**/*"),
    }  # fmt: skip
    assert len(visible) <= 18


def test_a_second_build_runs_nothing_again(own: Path) -> None:
    ran = run_paper(own, "build", "--renderer", "embedded", "--explain")
    assert ran.status == 0, ran.error
    assert "made" not in ran.output


def test_without_the_records_prose_keys_and_facts_are_checked(clone: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(clone, tmp_path / "clone")
    ran = run_paper(folder, "check")
    assert (ran.status, "nothing wrong" in ran.output) == (0, True), ran.error
    assert "The data are not here" in ran.error
    edit(folder / "paper.qmd", "went down between", "went up between")
    edit(folder / "paper.qmd", "num cohort.n_follow_up", "num cohort.n_folow_up")
    edit(folder / "paper.qmd", "came back", "came back after 12 days")
    ran = run_paper(folder, "check")
    assert ran.status == 1
    for said in ("'went up' is said of Pain", "'cohort.n_folow_up'", "12"):
        assert said in ran.error


def test_without_the_records_numbers_are_traced_and_listed(clone: Path) -> None:
    ran = run_paper(clone, "trace", "pain.change.mean")
    assert ran.status == 0, ran.error
    assert "01-outcomes.ipynb, cell changes" in ran.output
    assert "paired_change(cohort, study[part.name])" in ran.output
    listed = run_paper(clone, "keys").output.splitlines()
    numbers = json.loads((clone / "results/numbers.json").read_text())
    assert [line.split()[0] for line in listed] == [key for key in numbers if "." in key]
    (mean,) = [line for line in listed if line.startswith("pain.change.mean ")]
    for number, line in enumerate((clone / "paper.qmd").read_text().splitlines(), start=1):
        assert ("pain.change.mean" in line) == (f"paper.qmd:{number}" in re.split(r"[, ]+", mean))


def test_without_the_records_a_notebook_says_how_to_name_them(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(clone, tmp_path / "clone")
    monkeypatch.chdir(folder)
    with pytest.raises(DataError, match="not here; say where they are: paper use --data FILE"):
        begin()
    assert run_paper(folder, "use", "--data", "nowhere.csv").status == 2
    data = write_ward(tmp_path / "elsewhere.csv")
    assert run_paper(folder, "use", "--data", data).output == f".paper/local.yml: {data}\n"
    assert data_file() == data
    assert "no records" in run_paper(folder, "use", "--forget").output


def test_an_archive_has_no_records_and_says_how_to_ask_for_them(own: Path, tmp_path: Path) -> None:
    ran = run_paper(own, "archive", "--output", tmp_path / "paper.zip")
    assert ran.status == 0, ran.error
    with zipfile.ZipFile(tmp_path / "paper.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert {"results/numbers.json", "rendered/paper.pdf", "paper.qmd"} <= {*parts}
    assert not any(CANARY.encode() in content for content in parts.values())
    assert b"how to ask for them" in parts["RECORDS.txt"]
    crate = json.loads(parts["ro-crate-metadata.json"])["@graph"]
    assert any("how to ask" in entity.get("conditionsOfAccess", "") for entity in crate)


def test_an_archive_that_does_not_say_where_the_records_are_is_refused(
    own: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(own, tmp_path / "own", symlinks=True)
    lines = (folder / "paper.yml").read_text().splitlines(keepends=True)
    (folder / "paper.yml").write_text("".join(x for x in lines if not x.startswith("  data:")))
    git(folder, "commit", "-qam", "Say less")
    ran = run_paper(folder, "archive")
    assert (ran.status, "archive has no `data`" in ran.error) == (2, True)


def test_outputs_of_records_are_not_committed(clone: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(clone, tmp_path / "clone")
    notebook = folder / "notebooks/01-outcomes.ipynb"
    content = json.loads(notebook.read_text())
    content["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    notebook.write_text(json.dumps(content))
    git(folder, "add", "--all")
    ran = run_paper(folder, "guard")
    assert (ran.status, "has outputs, which are of records" in ran.error) == (1, True)


def test_quarto_itself_is_told_to_leave_it_to_the_build(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PROJECT_OUTPUT_DIR", "_manuscript")
    ran = run_paper(own, "run")
    assert (ran.status, "paper build --renderer quarto" in ran.error) == (2, True)


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("invented") / "sleep"
    ran = run_paper(folder.parent, "new", "sleep")
    assert ran.status == 0, ran.error
    return folder


def test_invented_patients_are_called_so(invented: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(invented, tmp_path / "sleep")
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    page = (folder / "_manuscript/index.html").read_text()
    assert "These patients are invented." in " ".join(page.split())
    # Records that are named besides get a paper of their own; this one stays what it is.
    data = write_ward(tmp_path / "other.csv")
    ran = run_paper(folder, "use", "--data", data)
    assert "The paper stays about data/cohort.csv" in ran.error
    assert run_paper(folder, "check").status == 0
    ran = run_paper(folder, "build", "--verify")
    assert (ran.status, "not about records" in ran.error) == (2, True)


def test_it_is_the_files_of_the_template(invented: Path) -> None:
    ours = {file.relative_to(FILES).as_posix() for file in FILES.rglob("*") if file.is_file()}
    ours = {"/".join(re.sub("^dot-", ".", part) for part in name.split("/")) for name in ours}
    theirs = {
        file.relative_to(invented).as_posix() for file in invented.rglob("*") if file.is_file()
    }
    assert ours | {".zenodo.json"} == {n for n in theirs if not n.startswith("_extensions/")}
    assert not [name for name in ours if "@@" in (invented / name).read_text()]
    for name in (".github/workflows/paper.yml", ".gitlab-ci.yml", "CITATION.cff", "paper.yml"):
        assert isinstance(yaml.safe_load((invented / name).read_text()), dict)


def test_a_folder_that_is_there_stays_as_it_is(invented: Path, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in invented.rglob("*") if file.is_file()}
    ran = run_paper(invented.parent, "new", "sleep")
    assert (ran.status, "sleep: exists" in ran.error) == (2, True)
    assert {file: file.read_bytes() for file in before} == before
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(DataError, match=r"empty\.csv"):
        write_new_paper(tmp_path / "other", tmp_path / "empty.csv", None)
    assert [file.name for file in tmp_path.iterdir()] == ["empty.csv"]


def test_a_definition_that_is_there_is_taken_with_its_questionnaires(tmp_path: Path) -> None:
    write_new_paper(tmp_path / "ours", ROOT / "data/cohort.csv", ROOT / "data/study.yml")
    for name in ("study.yml", "instruments/hads.yml"):
        written = (tmp_path / "ours/data" / name).read_bytes()
        assert written == (ROOT / "data" / name).read_bytes()
    assert (
        'glimpse(cohort, study[\\"nrs\\"])'
        in (tmp_path / "ours/notebooks/01-outcomes.ipynb").read_text()
    )
    assert "Mean pain intensity was" in (tmp_path / "ours/paper.qmd").read_text()


def test_what_a_draft_says_of_a_cell_is_told_and_not_written(tmp_path: Path) -> None:
    rows = [HEAD, *(f"{n},{n},{n % 4},{40 + n}" for n in range(1, 9)), f"9,{CANARY},2,50"]
    (tmp_path / "ward.csv").write_text("\n".join(rows))
    questions = write_new_paper(tmp_path / "own", tmp_path / "ward.csv", None)
    assert any(CANARY in question for question in questions)
    assert CANARY not in (tmp_path / "own/data/study.yml").read_text()


def test_a_label_that_is_markup_or_holds_digits_is_not_put_into_the_text() -> None:
    assert all(
        PLAIN.fullmatch(label) for label in ("Pain", "HADS-D", "Qualité de vie", "Pain (NRS)")
    )
    assert not any(
        PLAIN.fullmatch(x) for x in ("SF-12", "a*b", "[x]", "$x$", "a: b", "@x", "", "_")
    )


def test_every_file_of_the_template_is_in_a_wheel() -> None:
    import tomllib  # noqa: PLC0415

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    (pattern,) = settings["package-data"]["paper.template"]
    packed = {file for file in FILES.parent.glob(pattern) if file.is_file()}
    assert packed == {file for file in FILES.rglob("*") if file.is_file()}
    assert not any(
        part.startswith(".") for file in packed for part in file.relative_to(FILES).parts
    )


def test_what_can_be_drawn_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    figures_command()
    lines = capsys.readouterr().out.splitlines()
    assert any(re.fullmatch(r"draw_paired_change +\S.*", line) for line in lines)
