from .check import check_records, plain_cells, read_cohort
from .drafting.draft import draft_study
from .provenance import Provenance, provenance
from .report import Remark, Report, UnreadableError

__all__ = [
    "Provenance",
    "Remark",
    "Report",
    "UnreadableError",
    "check_records",
    "draft_study",
    "plain_cells",
    "provenance",
    "read_cohort",
]
