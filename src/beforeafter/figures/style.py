"""One style for every figure.

Colours are from Okabe and Ito's palette, told apart by readers with any colour vision and in grey.
"""

from pathlib import Path

import matplotlib.pyplot as plt

BETTER, SAME, WORSE = "#0072B2", "#767676", "#D55E00"
PALE = "#9FC6E0"
INK = "#222222"
CENTRAL = 0.025, 0.975


def central_label(cohorts: int) -> str:
    """Return what is drawn of many cohorts."""
    return f"Central {CENTRAL[1] - CENTRAL[0]:.0%} of {cohorts} other cohorts"


def use_style() -> None:
    """Set the style of every figure: fonts, sizes, lines, and bytes that do not vary."""
    plt.style.use(Path(__file__).with_name("paper.mplstyle"))
