"""The archive: the same bytes twice, only what is committed, and a stranger builds from it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import ROOT, run_paper
from test_build import fingerprint

# What the copy of the project leaves out.
HIDDEN = (".gitignore", ".zenodo.json")


def git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> Path:
    """Make a repository of a built project."""
    for name in HIDDEN:
        shutil.copy(ROOT / name, folder / name)
    (folder / "tests").mkdir()
    (folder / "tests/test_nothing.py").write_text("")
    git(folder, "init")
    git(folder, "add", "--all")
    git(folder, "commit", "--message", "All")
    return folder


@pytest.fixture(scope="module")
def committed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a built project under version control, with a file that is not."""
    folder = tmp_path_factory.mktemp("committed") / "paper"
    shutil.copytree(built, folder)
    commit(folder)
    (folder / "data/patients.csv").write_text("name,nrs\nDoe,7\n")
    return folder


@pytest.fixture(scope="module")
def archive(committed: Path) -> Path:
    ran = run_paper(committed, "archive", "--output", "first.zip")
    assert ran.status == 0, ran.error
    return committed / "first.zip"


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stranger")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def crate(unpacked: Path) -> dict[str, dict[str, Any]]:
    content = json.loads((unpacked / "ro-crate-metadata.json").read_text())
    assert content["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(entities) == len(content["@graph"])
    return entities


def test_a_second_archive_has_the_same_bytes(committed: Path, archive: Path) -> None:
    ran = run_paper(committed, "archive", "--output", "second.zip")
    assert ran.status == 0, ran.error
    assert (committed / "second.zip").read_bytes() == archive.read_bytes()


def test_a_stranger_builds_the_same_paper_and_may_keep_what_was_computed(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPER_KEEP", "1")
    before = fingerprint(unpacked)
    ran = run_paper(unpacked, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    assert "Notebooks" not in ran.error
    after = fingerprint(unpacked)
    assert {name: after[name] for name in before} == before
    assert fingerprint(unpacked / "_manuscript") == fingerprint(unpacked / "rendered")


def test_it_holds_what_is_committed_and_nothing_that_lies_about(
    committed: Path, archive: Path
) -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=committed, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    with zipfile.ZipFile(archive) as opened:
        names = {name for name in opened.namelist() if not name.startswith("rendered/")}
        text = b"".join(map(opened.read, opened.namelist()))
    made = {"ro-crate-metadata.json", "SHA256SUMS"}
    assert names == {*listed, *made}
    assert "data/cohort.csv" in names
    for place in (committed, ROOT, Path.home()):
        assert f"{place}/".encode() not in text


def test_the_checksums_are_those_of_all_other_files(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        lines = opened.read("SHA256SUMS").decode().splitlines()
        sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
        assert set(sums) == set(opened.namelist()) - {"SHA256SUMS"}
        for name, digest in sums.items():
            assert hashlib.sha256(opened.read(name)).hexdigest() == digest


def test_the_crate_refers_to_nothing_that_it_does_not_describe(
    crate: dict[str, dict[str, Any]], unpacked: Path
) -> None:
    def references(value: object) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(references, value))
        if isinstance(value, dict) and set(value) == {"@id"}:
            return {value["@id"]}
        return set()

    referred = set().union(
        *(references(value) for entity in crate.values() for value in entity.values())
    )
    assert referred - set(crate) == {"https://w3id.org/ro/crate/1.1"}
    parts = references(crate["./"]["hasPart"])
    assert set(crate) - referred == {"ro-crate-metadata.json"}
    for part in parts:
        assert (unpacked / part).exists()
        assert crate[part]["license"]
        if crate[part].get("contentSize"):
            assert (unpacked / part).stat().st_size == int(crate[part]["contentSize"])


def test_the_crate_says_what_each_notebook_computes_from_what(
    crate: dict[str, dict[str, Any]],
) -> None:
    runs = [entity for entity in crate.values() if entity["@type"] == "CreateAction"]
    assert len(runs) == 13
    for run in runs:
        inputs = [one["@id"] for one in run["object"]]
        assert {"data/cohort.csv", "data/study.yml", "requirements.lock"} <= set(inputs)
        assert "Records" in crate[run["instrument"]["@id"]]["description"]
    pain = crate["notebooks/02-pain-intensity.ipynb"]["description"]
    assert "numbers (nrs)" in pain
    assert "Not data about patients" in crate["data/cohort.csv"]["description"]


def test_rocrate_reads_the_archive(archive: Path) -> None:
    from rocrate.rocrate import ROCrate  # noqa: PLC0415

    read = ROCrate(str(archive))
    assert read.name.startswith("Continuous ketamine infusion")
    assert read.mainEntity.id == "paper.qmd"
    assert {entity.id for entity in read.data_entities} >= {"data/cohort.csv", "rendered/paper.pdf"}


def test_the_date_of_the_entries_can_be_set(
    committed: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = yaml.safe_load((committed / "CITATION.cff").read_text())["date-released"]
    with zipfile.ZipFile(archive) as opened:
        assert {entry.date_time[:3] for entry in opened.infolist()} == {released.timetuple()[:3]}
        assert {entry.date_time[3:] for entry in opened.infolist()} == {(0, 0, 0)}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    ran = run_paper(committed, "archive", "--output", "never.zip")
    assert (ran.status, (committed / "never.zip").exists()) == (2, False)
    assert "SOURCE_DATE_EPOCH: 'soon' is not a number of seconds" in ran.error


def refuse(folder: Path) -> str:
    ran = run_paper(folder, "archive", "--output", "never.zip")
    assert ran.status == 2
    assert "Traceback" not in ran.error
    assert not (folder / "never.zip").exists()
    return " ".join(ran.error.split())


def test_what_is_not_committed_is_not_archived(project: Path) -> None:
    assert "git: " in refuse(project)  # no repository
    commit(project)
    (project / "README.md").write_text("Changed")
    assert "README.md: differs from what is committed" in refuse(project)
    git(project, "checkout", "README.md")
    git(project, "rm", "--cached", "references.bib")
    git(project, "commit", "--message", "Without references")
    assert "references.bib: not committed, and the paper needs it" in refuse(project)


def test_a_link_to_elsewhere_is_not_archived(project: Path) -> None:
    (project / "data/real.csv").symlink_to("/etc/hostname")
    commit(project)
    assert "data/real.csv: a symbolic link" in refuse(project)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    data/study.yml:",
            "    data/stady.yml:",
            "archive: data/stady.yml: no such part",
        ),
        (
            "      name: Printed numbers\n",
            "",
            "parts.data/published.yml.name: nothing: the field is missing",
        ),
        (
            "    name: Printed",
            "    nam: Printed",
            "parts.data/published.yml.nam: 'Printed numbers': unknown field; did you mean 'name'",
        ),
        ("build: >-", "bild: >-", "bild: 'Unpack in an empty folder and run"),
    ],
)
def test_a_bad_description_is_refused(project: Path, old: str, new: str, said: str) -> None:
    file = project / "paper.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    commit(project)
    assert said in refuse(project)
