"""The publishing machine: publish numbers and facts, run notebooks, render the manuscript."""

from paper.notebooks.begin import begin
from paper.notebooks.only_when import applies_when
from paper.notebooks.publish import fact, publish, record_printed, record_standing
from paper.storage.project import data_file, locate

__all__ = [
    "applies_when",
    "begin",
    "data_file",
    "fact",
    "locate",
    "publish",
    "record_printed",
    "record_standing",
]
