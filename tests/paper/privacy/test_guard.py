"""Records of patients are not committed: in no kind of file, by no name, over no allowed file."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from commands import ROOT, run_paper

from paper.privacy.guard import look_for_records, staged_files
from paper.storage.project import left_out

PATIENTS = "patient,pain\n" + "".join(f"Martha {row},5\n" for row in range(9))


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def refused(folder: Path, name: str, content: str, encoding: str = "utf-8") -> bool:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding)
    git(folder, "add", "--force", name)
    problems = look_for_records(folder, staged_files(folder))
    assert all("Martha" not in str(problem) for problem in problems)
    return bool(problems)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data/mine.csv", PATIENTS),
        ("mine.log", PATIENTS),
        ("notes.md", PATIENTS),
        ("mine.txt", PATIENTS.replace(",", "\t")),
        ("mine", PATIENTS.replace(",", ";")),
        ("MINE.CSV", "\ufeff" + PATIENTS.upper()),
        ("a.csv", PATIENTS.replace("patient", "Date of birth".replace(" ", "_"))),
        ("a.csv", PATIENTS.replace("patient", "ID")),
        ("a.csv", PATIENTS.replace("patient", '"Subject No"')),
        ("data/cohort.csv", PATIENTS),
        ("a.csv", "Pain ward, 2024\n\n" + PATIENTS),
        ("a.csv", PATIENTS.replace("patient", '"patient\nno"')),
        *(
            ("a.csv", PATIENTS.replace("patient", name))
            for name in ("USUBJID", "PatID", "study_id", "Nom", "date_naissance", "Patientennummer")
        ),
        *((f"mine{ending}", PATIENTS) for ending in (".csv~", ".csv.bak", ".csv (2)", ".xlsx.old")),
        ("data/mine.xlsx", ""),
        ("deep/er/mine.SAV", ""),
        ("records/notes.md", "nothing"),
    ],
)
def test_what_looks_like_records_is_refused(repository: Path, name: str, content: str) -> None:
    assert refused(repository, name, content)


def test_a_table_with_columns_of_the_study_is_refused(repository: Path) -> None:
    """It names nobody, and each row is of a patient of the study or of its records."""
    rows = "".join(f"{row % 3},5,{40 + row}\n" for row in range(9))
    assert not refused(repository, "mine.csv", "nrs_day0,EVA J30,age\n" + rows)
    (repository / "data").mkdir()
    (repository / "data/study.yml").write_text(
        "outcomes: [{columns: {baseline: nrs_day0, other: {week: w}}}]\n"
        "records: {columns: {nrs_day30: {name: EVA J30, values: {a: age}}}}\n"
    )
    assert refused(repository, "mine.csv", "NRS_day0,EVA J30,age\n" + rows)
    assert not refused(repository, "mine.csv", "nrs_day0,other,age\n" + rows)


def test_a_table_as_excel_exports_unicode_is_refused(repository: Path) -> None:
    assert refused(repository, "mine.txt", PATIENTS.replace(",", "\t"), "utf-16")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("answers.csv", "dataset,statistic,value\n" + "a,b,1\n" * 20),
        ("mine.csv", "patient,pain\nA,1\n"),
        ("docs/notes.md", PATIENTS.replace(",", " ")),
        ("src/records/name.py", "patient,name\n" * 20),
        ("LICENSE", "Copyright, name of the holder\n" + "and so on\n" * 9),
        ("README", "Every patient, once seen, was asked\n" + "whether, or how much\n" * 9),
    ],
)
def test_what_does_not_is_let_pass(repository: Path, name: str, content: str) -> None:
    assert not refused(repository, name, content)


def test_nobodys_data_pass_by_their_content_and_not_by_their_name(repository: Path) -> None:
    digest = hashlib.sha256(PATIENTS.encode()).hexdigest()
    entry = f"not-records:\n- {{file: data/cohort.csv, sha256: {digest}, reason: made up}}\n"
    (repository / "paper.yml").write_text(entry)
    assert not refused(repository, "data/cohort.csv", PATIENTS)
    assert refused(repository, "data/cohort.csv", PATIENTS + "Martha,6\n")


def test_git_itself_stops_before_the_commit(repository: Path) -> None:
    (repository / "_quarto.yml").write_text("")
    assert run_paper(repository, "guard", "--install").status == 0
    assert refused(repository, "mine.csv", PATIENTS)
    done = git(repository, "commit", "-m", "Add data")
    assert done.returncode != 0
    assert "mine.csv: looks like a table of patients" in done.stderr
    assert "Martha" not in done.stderr
    assert git(repository, "rev-parse", "HEAD").returncode != 0


def test_hooks_come_with_the_records_and_never_over_another_program_s(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "paper").mkdir()
    (repository / "paper/_quarto.yml").touch()
    (tmp_path / "records.csv").write_text(PATIENTS)
    ran = run_paper(repository / "paper", "use", "--data", str(tmp_path / "records.csv"))
    assert (ran.status, ran.error) == (0, "")
    hook = repository / ".git/hooks/pre-commit"
    assert "/paper && exec " in hook.read_text()
    hook.write_text("#!/bin/sh\nother\n")
    ran = run_paper(repository / "paper", "guard", "--install")
    assert ran.status == 2
    assert "pre-commit: is a hook of another program" in ran.error
    assert hook.read_text() == "#!/bin/sh\nother\n"


def test_nothing_that_is_tracked_looks_like_records(tmp_path: Path) -> None:
    folder = ROOT
    if not (ROOT / ".git").exists():
        # Unpacked from an archive: what git would track.
        folder = Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=left_out))
        git(folder, "init", "-q")
        git(folder, "add", "--all")
    ran = run_paper(folder, "guard", "--all")
    assert ran.status == 0, ran.error
    for name in ("records/a.csv", "data/a.xlsx", "a.sav", "b/c.dta"):
        assert git(folder, "check-ignore", name).returncode == 0, name


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = run_paper(tmp_path, "guard")
    assert ran.status == 2
    assert "git: not found" in ran.error
