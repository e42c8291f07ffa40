"""How the paper is cited and installed is said once, and the files that repeat it are in step."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml
from commands import ROOT, run_paper

from declared import DataError
from paper.deposit.citation import check_zenodo, read_citation, zenodo
from paper.errors import PaperError

# The name on PyPI → that on conda-forge, where they differ.
CONDA = {"matplotlib": "matplotlib-base", "pandera": "pandera-pandas"}
# Names of Zenodo's deposit metadata.
ZENODO_FIELDS = {
    *("title", "upload_type", "description", "creators", "version", "publication_date"),
    *("access_right", "license", "keywords", "notes"),
}


def front_matter() -> dict[str, object]:
    return dict(yaml.safe_load((ROOT / "paper.qmd").read_text().split("---\n")[1]))


def test_the_citation_names_the_title_authors_and_keywords_of_the_paper() -> None:
    citation, front = read_citation(ROOT), front_matter()
    assert citation.title == front["title"]
    assert list(citation.keywords) == front["keywords"]
    authors = front["author"]
    assert isinstance(authors, list)
    assert [author.name for author in citation.authors] == [author["name"] for author in authors]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert read_citation(ROOT).version == project["version"]
    released = read_citation(ROOT).released
    assert f"## {project['version']} ({released})" in (ROOT / "CHANGELOG.md").read_text()


def test_the_deposit_at_zenodo_is_in_step() -> None:
    check_zenodo(ROOT, read_citation(ROOT))
    content = json.loads((ROOT / ".zenodo.json").read_text())
    assert set(content) == ZENODO_FIELDS


def test_a_changed_citation_is_noticed_and_one_command_mends_it(tmp_path: Path) -> None:
    for name in ("CITATION.cff", ".zenodo.json", "_quarto.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    file = tmp_path / "CITATION.cff"
    file.write_text(file.read_text().replace("keywords: [", "keywords: [one more, "))
    with pytest.raises(PaperError, match=r"\.zenodo\.json: out of step with CITATION\.cff"):
        check_zenodo(tmp_path, read_citation(tmp_path))
    assert run_paper(tmp_path, "metadata").status == 0
    check_zenodo(tmp_path, read_citation(tmp_path))


def test_people_are_named_as_libraries_sort_them(tmp_path: Path) -> None:
    person = (
        "authors:\n  - {family-names: Elm, name-particle: von, given-names: Erik,"
        ' affiliation: Bern, orcid: "https://orcid.org/0000-0002-1825-0097"}\n'
    )
    text = (ROOT / "CITATION.cff").read_text()
    file = tmp_path / "CITATION.cff"
    file.write_text(re.sub(r"authors:\n.*\n", person, text))
    assert json.loads(zenodo(read_citation(tmp_path)))["creators"] == [
        {"name": "von Elm, Erik", "affiliation": "Bern", "orcid": "0000-0002-1825-0097"}
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title:", "tittle:", "title: nothing: the field is missing"),
        ("2026-11-28", "soon", "date-released: 'soon': Input should be a valid date"),
        ("type: software", "type: paper", "type: 'paper': expected 'software' or 'dataset'"),
        ("  - name:", "  - nome:", "expected a field name or family-names"),
        ("cff-version: 1.2.0", "cff-version: [", "not valid YAML"),
    ],
)
def test_a_bad_citation_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (ROOT / "CITATION.cff").read_text()
    assert old in text
    (tmp_path / "CITATION.cff").write_text(text.replace(old, new))
    with pytest.raises(DataError, match=r"CITATION\.cff, line \d+") as refused:
        read_citation(tmp_path)
    assert said in str(refused.value)


def test_without_a_citation_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"CITATION\.cff, file: .*no such file"):
        read_citation(tmp_path)


def test_the_conda_environment_has_what_the_project_needs() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in environment if isinstance(entry, dict))
    listed = {
        re.split("[=<>]", entry)[0] for entry in [*environment, *pip] if isinstance(entry, str)
    }
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[\[=<>]", requirement)[0] for requirement in needed}
    tools = {"python", "quarto", "pip", "--editable ."}
    assert listed - tools == {CONDA.get(name, name) for name in names}
    # Binder takes the version of Python from this form only.
    assert any(re.match(r"python=\d+\.\d+$", entry) for entry in environment if entry not in pip
               and isinstance(entry, str))  # fmt: skip
