"""The publishing machine: record numbers, run notebooks, render the manuscript."""

from paper.applies import applies_when
from paper.figures import figures_for_print
from paper.project import data_file, locate
from paper.record import record, record_printed, record_standing

__all__ = [
    "applies_when",
    "data_file",
    "figures_for_print",
    "locate",
    "record",
    "record_printed",
    "record_standing",
]
