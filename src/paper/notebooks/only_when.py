"""A notebook that has nothing to say of some data ends early, in one line, and records nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from declared import ExplainedError
from paper.notebooks.begin import record
from paper.notebooks.notebook_file import code_cells, displayed, label_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

APPLIES_MIME = "application/vnd.paper.applies+json"


class NotApplicable(ExplainedError):  # noqa: N818  (no error: it ends a notebook in good order)
    """Ends a notebook; shown as its reason and nothing else."""

    NAMES_NO_PATIENT: ClassVar[bool] = True

    def _render_traceback_(self) -> list[str]:
        return [f"Not applicable: {self}"]


def applies_when(condition: str, *, holds: bool, otherwise: str) -> None:
    """End this notebook here unless it applies to the data.

    Parameters
    ----------
    condition
        As a part of the text would say it, `{when="…"}`: numbers recorded below this cell, and
        figures and tables made there, may only be used in such a part. That is checked whether or
        not the notebook applies.
    holds
        Whether it does.
    otherwise
        What is said in place of the rest.
    """
    record(APPLIES_MIME, {"when": condition, "holds": holds}, f"Applies when {condition}")
    if not holds:
        raise NotApplicable(otherwise)


def end_early(content: NotebookNode, reason: str) -> None:
    """Store a notebook that ended early: the reason where it did, and no outputs below."""
    # A slow import, and only who runs notebooks needs it.
    from nbformat.v4 import new_output  # noqa: PLC0415

    ended = False
    for cell in content.cells:
        if cell.cell_type != "code":
            continue
        if ended:
            cell.outputs, cell.execution_count = [], None
        elif any(part.output_type == "error" for part in cell.outputs):
            ended = True
            said = {"text/markdown": f"**Not applicable.** {reason}"}
            cell.outputs = [part for part in cell.outputs if part.output_type != "error"]
            cell.outputs.append(new_output("display_data", said))


def guards(
    notebooks: Mapping[str, Mapping[str, Any]],
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield notebook, label and entry of each cell that says when the cells below it apply."""
    for path, content in notebooks.items():
        for cell in code_cells(content):
            for entry in displayed(cell, APPLIES_MIME):
                yield path, label_of(cell, path), entry


def condition_of_cells(notebooks: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return notebook and label → condition, of the cells that only apply under one."""
    starts = {(path, label): entry["when"] for path, label, entry in guards(notebooks)}
    found = {}
    for path, content in notebooks.items():
        condition = ""
        for cell in code_cells(content):
            place = path, label_of(cell, path)
            if condition:
                found[place] = condition
            condition = starts.get(place, condition)
    return found
