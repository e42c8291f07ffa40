"""A figure leaves a notebook in every form that a format takes, the same bytes each time."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from typing import Any

import pypdf
import pytest

DRAW = """\
import json
import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell
from paper.notebooks.figures import figures_for_print

shell = InteractiveShell.instance()
plt.switch_backend("module://matplotlib_inline.backend_inline")
plt.rcParams["svg.hashsalt"] = "paper"
figures_for_print()
figure, axes = plt.subplots()
axes.set_title("Pain, \N{MINUS SIGN}1.96 \N{PLUS-MINUS SIGN} 0.4")
forms, _ = shell.display_formatter.format(figure)
plt.close(figure)
print(json.dumps(forms))
"""


def drawn(seed: str) -> dict[str, Any]:
    """Return the forms of a figure, drawn by a Python of its own."""
    done = subprocess.run(
        [sys.executable, "-c", DRAW], env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    forms: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return forms


@pytest.fixture(scope="module")
def forms() -> dict[str, Any]:
    return drawn("1")


def test_there_is_a_form_for_every_format(forms: dict[str, Any]) -> None:
    assert set(forms) == {"text/plain", "image/svg+xml", "image/png", "application/pdf"}


def test_two_notebooks_draw_the_same_bytes(forms: dict[str, Any]) -> None:
    again = drawn("2")
    for form in set(forms) - {"text/plain"}:
        assert again[form] == forms[form], form


def test_journals_take_the_fonts_of_the_pdf(forms: dict[str, Any]) -> None:
    reader = pypdf.PdfReader(io.BytesIO(base64.b64decode(forms["application/pdf"])))
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    # A font of Type 42 is called so once it is in a PDF.
    assert {font["/Subtype"] for font in fonts} == {"/Type0"}
    assert "1.96 ± 0.4" in reader.pages[0].extract_text()
