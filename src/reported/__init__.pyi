from .abstracts import Claims, audit, audit_folder, read_claims
from .checks.counting import count_datasets
from .claims.abstract import read_abstract
from .claims.claimable import read_study_and_published
from .claims.errors import ReportedError
from .claims.findings import AuditFinding
from .claims.lattice import Lattice
from .claims.printed import Interval, PrintedNumber
from .claims.published import Claim, Published, read_published
from .joint_audit import audit_claims
from .own_numbers import check_own_numbers
from .report import (
    audit_counts,
    claims_by_outcome,
    findings_rows,
    percentage_rows,
    possible_rows,
    ties_rows,
)
from .solver.bounds.bounds_file import read_bounds, write_bounds
from .solver.bounds.certainty import Certainty, certainties
from .solver.bounds.extremes import Bounds, statistic_bounds
from .solver.cohorts.ensemble import Ensemble, read_ensemble
from .solver.cohorts.implausible import fewest
from .solver.cohorts.reconstruct import reconstruct
from .solver.cohorts.sampler import Sampler
from .solver.cohorts.told import write_told
from .solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from .solver.decide import Answer, decide
from .verdict import Audit
from .verifier.verdicts import Verdict, verify_cells, verify_file
from .views import ranges_text

__all__ = [
    "Answer",
    "Audit",
    "AuditFinding",
    "Bounds",
    "Certainty",
    "Claim",
    "Claims",
    "ConstrainedOutcome",
    "Ensemble",
    "Interval",
    "Lattice",
    "PrintedNumber",
    "Published",
    "ReportedError",
    "Sampler",
    "Verdict",
    "audit",
    "audit_claims",
    "audit_counts",
    "audit_folder",
    "certainties",
    "check_own_numbers",
    "claims_by_outcome",
    "constrained_outcomes",
    "count_datasets",
    "decide",
    "fewest",
    "findings_rows",
    "percentage_rows",
    "possible_rows",
    "ranges_text",
    "read_abstract",
    "read_bounds",
    "read_claims",
    "read_ensemble",
    "read_published",
    "read_study_and_published",
    "reconstruct",
    "statistic_bounds",
    "ties_rows",
    "verify_cells",
    "verify_file",
    "write_bounds",
    "write_told",
]
