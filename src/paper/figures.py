"""How a figure leaves a notebook: once for the eye, once for the printer, always the same bytes."""

from __future__ import annotations


def figures_for_print() -> None:
    """Let each figure of this notebook be stored as SVG (page, PDF) and as PNG (Word, JATS)."""
    # Only a running notebook has the backend; the command line must not wait for its import.
    from matplotlib_inline.backend_inline import set_matplotlib_formats  # noqa: PLC0415

    # A date would make each run another file.
    set_matplotlib_formats("svg", "png", metadata={"Date": None})
