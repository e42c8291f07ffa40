"""The committed notebooks: executed, thin, labelled, and free of anything of the machine."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT

from paper.notebooks.notebook_file import code_cells, split_options

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda file: file.stem)
def notebook(request: pytest.FixtureRequest) -> dict[str, Any]:
    file: Path = request.param
    return dict(json.loads(file.read_text()), file=file)


def test_there_are_thirteen() -> None:
    assert [file.name[:2] for file in NOTEBOOKS] == [f"{n:02}" for n in range(1, 14)]


def source(cell: dict[str, Any]) -> dict[str, Any]:
    return cell | {"source": "".join(cell["source"])}


def test_kernel_and_language_name_no_version(notebook: dict[str, Any]) -> None:
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook["metadata"]["language_info"] == {"name": "python"}


def test_every_code_cell_is_executed_in_order_and_labelled_by_its_id(
    notebook: dict[str, Any],
) -> None:
    cells = list(code_cells(notebook))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        options, _ = split_options(source(cell)["source"], notebook["file"].name)
        assert options["label"] == cell["id"]


def test_no_cell_is_labelled_as_a_heading_is_named(notebook: dict[str, Any]) -> None:
    # Quarto makes an id of either, but for the title.
    text = "\n".join(
        "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"
    )
    headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    names = {re.sub(r"\W+", "-", heading.lower()).strip("-") for heading in headings}
    assert names.isdisjoint(cell["id"] for cell in notebook["cells"])


def test_every_figure_has_caption_and_alternative_text(notebook: dict[str, Any]) -> None:
    for cell in code_cells(notebook):
        options, _ = split_options(source(cell)["source"], notebook["file"].name)
        kinds = {mime for output in cell["outputs"] for mime in output.get("data", {})}
        if "image/png" in kinds:
            assert options["label"].startswith("fig-")
            assert options["fig-cap"]
            assert len(options["fig-alt"]) > 30
            assert {"image/svg+xml", "application/pdf"} <= kinds
        if "text/markdown" in kinds:
            assert options["label"].startswith("tbl-")
            assert options["tbl-cap"]


def length(code: str) -> int:
    """Return the lines of a cell; an import of many names, below each other, is one."""
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    listed = sum((node.end_lineno or node.lineno) - node.lineno for node in imports)
    return len(code.splitlines()) - listed


def test_no_cell_is_long(notebook: dict[str, Any]) -> None:
    assert max(length(source(cell)["source"]) for cell in code_cells(notebook)) <= 22


def test_nothing_was_printed_as_a_warning_or_names_a_machine(notebook: dict[str, Any]) -> None:
    text = notebook["file"].read_text()
    outputs = [output for cell in code_cells(notebook) for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "stream"]
    for place in (ROOT, Path.home(), Path(tempfile.gettempdir())):
        assert f"{place}/" not in text
