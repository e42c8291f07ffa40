"""How a figure leaves a notebook: for the eye and for the printer, always the same bytes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


SVG, PNG, PDF = "image/svg+xml", "image/png", "application/pdf"
# What stands for the other forms of a figure that is drawn to be compared alone.
AS_SVG = "what the SVG shows"


def figures_for_print(*, compared: bool = False) -> None:
    """Let each figure of this notebook be stored in every form that a format of the paper takes.

    SVG is for the page and the PDF, PDF is for LaTeX, and PNG, of twice the points, is for Word and
    JATS. `compared`: figures are compared and not printed, and need be drawn but once, as SVG.
    """
    # Only a running notebook has these; the command line must not wait for their import.
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib_inline.backend_inline import set_matplotlib_formats  # noqa: PLC0415

    # A date would make each run another file.
    set_matplotlib_formats("svg", "retina", metadata={"Date": None})
    # This function takes one set of metadata for all forms, and PDF has another name for the date.
    display: Any = InteractiveShell.instance().display_formatter
    display.formatters[PDF].for_type(Figure, _as_svg if compared else _as_pdf)
    if compared:
        display.formatters[PNG].for_type(Figure, _as_svg)


def _as_svg(_figure: Figure) -> str:
    return AS_SVG


def _as_pdf(figure: Figure) -> Any:
    from IPython.core.pylabtools import print_figure  # noqa: PLC0415
    from matplotlib import rc_context  # noqa: PLC0415

    # Journals refuse fonts of Type 3, which matplotlib would write.
    with rc_context({"pdf.fonttype": 42}):
        return print_figure(figure, fmt="pdf", base64=True, metadata={"CreationDate": None})


@cache
def figure_of_words(text: str) -> dict[str, str]:
    """Return a figure that says why there is none, in every form that `figures_for_print` stores."""
    from IPython.core.pylabtools import print_figure  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(3.6, 0.5))
    figure.subplots().axis("off")
    figure.text(0.5, 0.5, text, ha="center", va="center", size=9)
    svg = print_figure(figure, fmt="svg", bbox_inches=None, metadata={"Date": None})
    png = print_figure(figure, fmt="retina", bbox_inches=None, base64=True)
    return {SVG: svg, PNG: png, PDF: _as_pdf(figure)}
