"""No dependency that is not used, none used that is not declared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = {"declared", "beforeafter", "reported", "paper"}
# Used without an import of ours.
UNSEEN = {
    "tabulate": "pandas writes Markdown with it",
}
# Imported, and there because a declared one needs it.
WITH_OTHERS = {
    "distributed": "joblib spreads work by it, for who has a cluster",
    "ipython": "ipykernel",
    "jupyter-client": "nbclient",
    "matplotlib-inline": "ipykernel",
    "pillow": "matplotlib",
    "pydantic-core": "pydantic",
    "pyzmq": "ipykernel",
    "traitlets": "nbformat",
}
# The group of packages that the code imports where they are there.
OPTIONAL = "records"


def canonical(name: str) -> str:
    """Return the name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[Any]) -> set[str]:
    """Return the distributions that requirements name; those of an included group not."""
    named = (line for line in requirements if isinstance(line, str))
    return {canonical(re.split(r"[\[><=; ]", line)[0]) for line in named}


def declared() -> set[str]:
    """Return the distributions that the project depends on."""
    return names(PYPROJECT["project"]["dependencies"])


def groups() -> dict[str, set[str]]:
    """Return the distributions that each group of packages adds."""
    return {group: names(lines) for group, lines in PYPROJECT["dependency-groups"].items()}


def locked(file: Path) -> dict[tuple[str, str], str]:
    """Return distribution and where it is for → version, of a lock file."""
    lines = re.findall(r"^([\w.-]+)==(\S+)(?: ; (.+?))? \\$", file.read_text(), re.MULTILINE)
    return {(canonical(name), where): version for name, version, where in lines}


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
    assert imported() - declared() - groups()[OPTIONAL] == set(WITH_OTHERS)


def test_the_audit_alone_brings_no_renderer_and_nothing_that_plots() -> None:
    alone = groups()["reported"]
    assert alone < declared()
    assert not alone & {
        "matplotlib",
        "seaborn",
        "pypandoc-binary",
        "typst",
        "ipykernel",
        "nbclient",
    }
    code = "import sys, reported.cli, reported.abstracts, reported.report; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    needed = {name.partition(".")[0] for name in run.stdout.split()}
    assert not needed & {
        "matplotlib",
        "seaborn",
        "pypandoc",
        "typst",
        "lifelines",
        "pandera",
        "IPython",
    }


def test_conda_installs_the_same() -> None:
    listed = {
        canonical(line)
        for line in re.findall(r"- ([\w-]+)", (ROOT / "environment.yml").read_text())
    }
    names = {"matplotlib": "matplotlib-base", "pandera": "pandera-pandas"}
    assert {names.get(name, name) for name in declared()} <= listed


def test_each_group_is_locked_with_hashes_and_all_in_the_same_versions() -> None:
    files = {"": ROOT / "requirements.lock"}
    files |= {group: ROOT / f"requirements-{group}.lock" for group in groups()}
    assert set(ROOT.glob("requirements*.lock")) == set(files.values())
    versions: dict[tuple[str, str], str] = {}
    for group, file in files.items():
        lock = locked(file)
        assert (groups()[group] if group else declared()) <= {name for name, _ in lock}
        assert file.read_text().count("\n    --hash=sha256:") >= len(lock) > 0
        assert "://" not in file.read_text()
        for package, version in lock.items():
            assert versions.setdefault(package, version) == version, package


@pytest.mark.parametrize("minor", range(11, 15))
def test_each_python_has_one_version_of_each_package(minor: int) -> None:
    for file in ROOT.glob("requirements*.lock"):
        found = [
            name
            for name, where in locked(file)
            if not where or Marker(where).evaluate({"python_full_version": f"3.{minor}.0"})
        ]
        assert sorted(set(found)) == sorted(found), file
