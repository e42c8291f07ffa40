"""The packages: what they offer is there, and what they may not know is not in them."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).parents[1] / "src"
FACES = sorted(
    ".".join(stub.parent.relative_to(SOURCE).parts) for stub in SOURCE.rglob("__init__.pyi")
)
SLOW = {"numpy", "pandas", "scipy", "matplotlib", "lifelines", "pandera"}


@pytest.mark.parametrize("package", FACES)
def test_what_a_face_offers_is_there_and_nothing_else(package: str) -> None:
    stub = SOURCE / package.replace(".", "/") / "__init__.pyi"
    *imports, last = ast.parse(stub.read_text()).body
    offered = {alias.name for node in imports for alias in node.names}
    assert offered == set(ast.literal_eval(last.value))
    face = importlib.import_module(package)
    assert offered == set(face.__all__) == set(dir(face))
    # A module of the same name may not stand in the place of what it holds.
    assert not [name for name in offered if isinstance(getattr(face, name), ModuleType)]


@pytest.mark.parametrize("package", [*FACES, "beforeafter.cli"])
def test_a_face_imports_nothing_slow_before_it_is_asked_for_something(package: str) -> None:
    code = f"import sys, {package}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not SLOW & set(ran.stdout.split())


@pytest.mark.parametrize("package", ["declared", "beforeafter", "reported", "paper"])
def test_no_code_names_a_drug_or_a_scale(package: str) -> None:
    names = re.compile(r"ketamin|magnesi|\b(nrs|npsi|hads|pgic|sf-?12)\b", re.IGNORECASE)
    for file in (SOURCE / package).rglob("*.py"):
        assert not names.search(file.read_text()), file


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_what_a_notebook_takes_from_a_face_is_there_before_its_kernel_is_forked() -> None:
    forker = "paper.notebooks.kernels.kernel_forker"
    code = f"import sys; from {forker} import _import; _import(['beforeafter.paired_change'])"
    loaded = "; sys.exit('beforeafter.estimates.change.paired_change' not in sys.modules)"
    subprocess.run([sys.executable, "-c", code + loaded], check=True)


def test_scripts_beside_the_data_import_faces_alone() -> None:
    ours = {"declared", "beforeafter", "reported", "paper"}
    scripts = [*(SOURCE.parent / "data").glob("*.py")]
    taken = [
        node.module or ""
        for script in scripts
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    assert scripts
    assert {name for name in taken if name.split(".")[0] in ours} <= ours


def test_the_command_of_the_paper_says_what_is_missing_beside_the_audit_alone() -> None:
    hidden = "import sys; sys.modules['filelock'] = None; from paper.cli import main"
    command = [sys.executable, "-c", hidden]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith("Error: `paper` needs filelock, which is not here.")
    assert "Traceback" not in ran.stderr
