"""What authors have to state, and what `paper check --submission` says while they have not."""

from __future__ import annotations

import re

import pytest
from commands import ROOT
from typer.testing import CliRunner

from paper.cli import app
from paper.manuscript.statements import STATEMENTS, open_statements

NAMES = list(STATEMENTS)
ARTICLES = ("paper.qmd", "src/paper/template/files/paper.qmd")


def article(**said: str) -> str:
    front = "".join(f'  {name}: "{text}"\n' for name, text in said.items())
    body = "".join(f"{{{{< meta statements.{name} >}}}}\n\n" for name in said)
    return f"---\ntitle: A\nstatements:\n{front}---\n\n{body}"


def told(text: str) -> list[str]:
    return [str(problem).splitlines()[0] for problem in open_statements("a.qmd", text)]


def test_a_manuscript_that_states_everything_has_nothing_open() -> None:
    assert told(article(**dict.fromkeys(NAMES, "Stated."))) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_statement_is_asked_for(name: str) -> None:
    stated = dict.fromkeys(NAMES, "Stated.")
    placeholder = article(**stated | {name: "[It: to be completed by the authors]"})
    without = article(**{key: text for key, text in stated.items() if key != name})
    empty = article(**stated | {name: ""})
    for text in (placeholder, without, empty):
        (problem,) = told(text)
        assert f"statements.{name} is open" in problem
    unprinted = article(**stated).replace(f"{{{{< meta statements.{name} >}}}}", "")
    (problem,) = told(unprinted)
    assert f"statements.{name} is not printed" in problem


@pytest.mark.parametrize("text", ["", "no front matter", "---\ntitle: A\n---\n"])
def test_without_the_field_all_are_open(text: str) -> None:
    assert len(told(text)) == len(NAMES)


@pytest.mark.parametrize("file", ARTICLES)
def test_what_is_not_stated_here_no_reader_can_mistake(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8").replace("@@{title}", "A paper")
    said = re.compile(r'^  (\w+): "\[.*: to be completed by the authors\]"$', re.MULTILINE)
    assert said.findall(text) == NAMES
    assert len(told(text)) == len(NAMES)


def test_the_command_lists_them_and_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(app, ["check", "--submission"])
    assert done.exit_code == 1
    for name in NAMES:
        assert f"statements.{name} is open: [" in done.stderr
