"""Compute how well the chains of the ensemble mixed, and how every number varies over it.

`make cohort` runs this after data/central.py, and writes data/ensemble.json: the digest of the
ensemble; `ranks`, the share of it below each open number of the cohort shown; `implausible`, how
many of that cohort's patients break each rule; `mixing`, split R-hat and effective number of open
numbers; `spreads`, the ends of the central 95 % of every number of the study and whether (1) or not
(0) it is the same in all cohorts.
"""

from __future__ import annotations

import csv
import json
import logging
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from central import in_steps, ordered, ranks
from mixing import compared
from open_numbers import open_numbers

from beforeafter import read_study, values_of_files
from reported import Ensemble, Sampler, read_ensemble, read_published

DATA = Path(__file__).parent
# The ends of the central 95 %, as shares of the values below them.
CENTRAL = (0.025, 0.975)


def main() -> None:
    """Write what is told of the ensemble."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    study, published = read_study(DATA / "study.yml"), read_published(DATA / "published.yml")
    file = DATA / "ensemble.npy.xz"
    ensemble = read_ensemble(file, study, published)
    shown = in_steps(ensemble.table, cells_of(DATA / "cohort.csv"))
    told = {
        "ranks": {
            key: rank.tolist()
            for key, rank in ranks(ensemble.table, ordered(ensemble), shown[np.newaxis]).items()
        },
        "implausible": {
            k: of.tolist() for k, of in ensemble.implausible(shown[np.newaxis]).items()
        },
        "mixing": compared(ensemble, Sampler(study, published)),
        "spreads": spreads(ensemble),
    }
    # As many digits as any text needs, so that processors that differ in the last one agree.
    parts = [f'"ensemble": "{sha256(file.read_bytes()).hexdigest()}"']
    for name, entries in told.items():
        numbers = {key: [float(f"{x:.9g}") for x in entry] for key, entry in entries.items()}
        lines = [f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in numbers.items()]
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
    file.with_name("ensemble.json").write_text(
        "{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8"
    )


def cells_of(file: Path) -> dict[str, list[str]]:
    """Return the columns of a table as they stand in a file."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {name: [row[name] for row in rows] for name in rows[0]}


def spreads(ensemble: Ensemble) -> dict[str, tuple[float, float, bool]]:
    """Return the central 95 % of every number over all cohorts, and whether it is fixed, by key."""
    with TemporaryDirectory() as folder:
        files = []
        for number, columns in enumerate(ensemble.columns()):
            files.append(Path(folder) / f"cohort-{number:04}.csv")
            with files[-1].open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(columns)
                writer.writerows(zip(*columns.values(), strict=True))
        cohorts = values_of_files(files, ensemble.study)
    shared = [key for key in cohorts[0] if all(key in numbers for numbers in cohorts)]
    values = {key: np.array([numbers[key] for numbers in cohorts]) for key in shared}
    # The shares and means here are what ranks and mixing are of.
    values |= {
        key: of
        for key, of in open_numbers(ensemble.table, ensemble.cohorts).items()
        if key in values
    }
    finite = {key: of for key, of in values.items() if np.isfinite(of).all()}
    return {key: (*np.quantile(of, CENTRAL), np.ptp(of) == 0) for key, of in finite.items()}


if __name__ == "__main__":
    main()
