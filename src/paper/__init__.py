"""The publishing machine: record numbers, run notebooks, render the manuscript."""

from paper.notebooks.figures import figures_for_print
from paper.notebooks.only_when import applies_when
from paper.notebooks.publish import record, record_printed, record_standing
from paper.storage.project import data_file, locate

__all__ = [
    "applies_when",
    "data_file",
    "figures_for_print",
    "locate",
    "record",
    "record_printed",
    "record_standing",
]
