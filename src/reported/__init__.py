"""What a publication printed: its claims, whether they can be true together, and a cohort if so.

All that others use is imported from here. Behind it lie four rooms: `claims`, what is printed;
`checks`, the arithmetic of one variable or change at a time; `solver`, all numbers of an outcome
together; and `verifier`, which shares no arithmetic with the solver.
"""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Any

# The modules of the public names. Each is imported when a name of it is first asked for, because
# solver and statistics take seconds to import, and `reported --help` needs neither.
_HOMES = {
    "reported.abstracts": ("Claims", "audit", "audit_folder", "read_claims"),
    "reported.joint_audit": ("audit_claims", "ranges_text"),
    "reported.checks.counting": ("count_datasets",),
    "reported.claims.claimable": ("read_study_and_published",),
    "reported.claims.errors": ("ReportedError",),
    "reported.claims.findings": ("AuditFinding",),
    "reported.claims.lattice": ("Lattice",),
    "reported.claims.printed": ("Interval", "PrintedNumber"),
    "reported.claims.published": ("Claim", "Published", "read_published"),
    "reported.report": (
        "audit_counts",
        "claims_by_outcome",
        "findings_rows",
        "percentage_rows",
        "possible_rows",
        "ties_rows",
    ),
    "reported.solver.bounds.bounds_file": ("read_bounds", "write_bounds"),
    "reported.solver.bounds.certainty": ("Certainty", "certainties"),
    "reported.solver.bounds.extremes": ("Bounds", "statistic_bounds"),
    "reported.solver.cohorts.diverse": ("drawn_cohorts", "write_cohorts"),
    "reported.solver.cohorts.reconstruct": ("reconstruct",),
    "reported.solver.constrained_outcome": ("ConstrainedOutcome", "constrained_outcomes"),
    "reported.solver.decide": ("Answer", "decide"),
    "reported.verdict": ("Audit",),
    "reported.verifier.verdicts": ("Verdict", "verify_cells", "verify_file"),
}
__all__ = [name for names in _HOMES.values() for name in names]


def __getattr__(name: str) -> Any:
    """Return a public name."""
    for home, names in _HOMES.items():
        if name in names:
            return resolve_name(f"{home}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
