from .assumptions import draw_quantiles
from .change import draw_other_changes, draw_paired_change, told_bars
from .duration import draw_survival
from .flow import draw_flow
from .intervals import draw_forest, draw_specifications
from .open_shares import OpenShare, draw_open_shares, open_shares
from .regression_to_the_mean import draw_regression_to_the_mean
from .shares import draw_rating
from .style import use_style
from .trajectory import draw_trajectory
from .visual_abstract import Findings, draw_visual_abstract

__all__ = [
    "Findings",
    "OpenShare",
    "draw_flow",
    "draw_forest",
    "draw_open_shares",
    "draw_other_changes",
    "draw_paired_change",
    "draw_quantiles",
    "draw_rating",
    "draw_regression_to_the_mean",
    "draw_specifications",
    "draw_survival",
    "draw_trajectory",
    "draw_visual_abstract",
    "open_shares",
    "told_bars",
    "use_style",
]
