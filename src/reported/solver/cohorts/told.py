"""What is told of an ensemble beside it, in JSON.

The digest of the ensemble; `ranks` of the open numbers of the cohort shown; `implausible`, how many
of its patients break each rule; `mixing` of the chains; `spreads`, the ends of the central 95% of
every number of the study and whether (1) or not (0) it is the same in all cohorts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from reported.solver.cohorts.central import ordered, ranks, read_cohort_in_steps
from reported.solver.cohorts.ensemble import COMPANION, Ensemble
from reported.solver.cohorts.mixing import compared
from reported.solver.cohorts.open_numbers import open_numbers
from reported.solver.cohorts.sampler import Sampler

CENTRAL = (0.025, 0.975)


def write_told(
    ensemble: Ensemble, sampler: Sampler, shown: Path, values: Sequence[Mapping[str, float]]
) -> None:
    """Write what is told of an ensemble beside its file; values are by cohort, then by key."""
    cohort = read_cohort_in_steps(ensemble.table, shown)[np.newaxis]
    told: dict[str, Mapping[str, Iterable[float]]] = {
        "ranks": ranks(ensemble.table, ordered(ensemble), cohort),
        "implausible": ensemble.implausible(cohort),
        "mixing": compared(ensemble, sampler),
        "spreads": _spreads(ensemble, values),
    }
    # As many digits as any text needs, so that processors that differ in the last one agree.
    parts = [f'"ensemble": "{sha256(ensemble.file.read_bytes()).hexdigest()}"']
    for name, entries in told.items():
        numbers = {key: [float(f"{x:.9g}") for x in entry] for key, entry in entries.items()}
        lines = [f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in numbers.items()]
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    ensemble.file.with_name(COMPANION).write_text(text, encoding="utf-8")


def _spreads(
    ensemble: Ensemble, cohorts: Sequence[Mapping[str, float]]
) -> dict[str, tuple[float, float, bool]]:
    """Return the central 95% of every number over all cohorts, and whether it is fixed, by key."""
    shared = [key for key in cohorts[0] if all(key in numbers for numbers in cohorts)]
    values = {key: np.array([numbers[key] for numbers in cohorts]) for key in shared}
    # The shares and means here are what ranks and mixing are of.
    ours = open_numbers(ensemble.table, ensemble.cohorts)
    values |= {key: of for key, of in ours.items() if key in values}
    finite = {key: of for key, of in values.items() if np.isfinite(of).all()}
    return {key: (*np.quantile(of, CENTRAL), np.ptp(of) == 0) for key, of in finite.items()}
