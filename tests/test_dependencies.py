"""No dependency that is not used, none used that is not declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = {"declared", "beforeafter", "reported", "paper"}
# Used without an import of ours.
UNSEEN = {
    "ipykernel": "what a notebook runs in",
    "tabulate": "pandas writes Markdown with it",
}
# Imported, and there because a declared one needs it.
WITH_OTHERS = {
    "ipython": "ipykernel",
    "jupyter-client": "nbclient",
    "matplotlib-inline": "ipykernel",
    "pydantic-core": "pydantic",
}
# Extras for those who build or test the project, not for what it does.
FOR_DEVELOPERS = {"build", "test"}


def canonical(name: str) -> str:
    """Return the name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Return the distributions that the project depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {canonical(re.split(r"[\[><=; ]", line)[0]) for line in project["dependencies"]}


def optional() -> set[str]:
    """Return the distributions of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        canonical(re.split(r"[\[><=; ]", line)[0])
        for extra, lines in project["optional-dependencies"].items()
        if extra not in FOR_DEVELOPERS
        for line in lines
    }


def imported() -> set[str]:
    """Return the distributions that the code in src/ imports."""
    packages = packages_distributions()
    found = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            tops = {name.partition(".")[0] for name in names} - ROOMS - set(sys.stdlib_module_names)
            found |= {canonical(name) for top in tops for name in packages[top]}
    return found


def test_every_dependency_is_used() -> None:
    assert declared() - imported() == set(UNSEEN)


def test_every_import_is_declared() -> None:
    assert imported() - declared() - optional() == set(WITH_OTHERS)


def test_conda_installs_the_same() -> None:
    listed = {
        canonical(line)
        for line in re.findall(r"- ([\w-]+)", (ROOT / "environment.yml").read_text())
    }
    names = {"matplotlib": "matplotlib-base", "pandera": "pandera-pandas"}
    assert {names.get(name, name) for name in declared()} <= listed
