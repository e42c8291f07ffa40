"""Compute how every number of a study varies over the ensemble: data/ensemble.json.

`make cohort` runs this after `reported reconstruct`. Numbers that `reported` computes of all
cohorts at once are of all of them. The others are of every STRIDE-th, as each takes a third of a
second.
"""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from beforeafter import read_study, values_of_files
from reported import Spread, read_ensemble, read_published

DATA = Path(__file__).parent
STRIDE = 10


def main() -> None:
    """Write the spread of every number, by key."""
    study, published = read_study(DATA / "study.yml"), read_published(DATA / "published.yml")
    file = DATA / "ensemble.npy.xz"
    ensemble = read_ensemble(file, study, published)
    with TemporaryDirectory() as folder:
        files = []
        for number, columns in enumerate(ensemble.columns()):
            if number % STRIDE == 0:
                files.append(Path(folder) / f"cohort-{number:04}.csv")
                with files[-1].open("w", encoding="utf-8", newline="") as stream:
                    writer = csv.writer(stream)
                    writer.writerow(columns)
                    writer.writerows(zip(*columns.values(), strict=True))
        cohorts = values_of_files(files, study)
    shared = [key for key in cohorts[0] if all(key in numbers for numbers in cohorts)]
    values = {key: np.array([numbers[key] for numbers in cohorts]) for key in shared}
    values |= {key: all_of for key, all_of in ensemble.numbers.items() if key in values}
    finite = {key: of for key, of in values.items() if np.isfinite(of).all()}
    spreads = {key: Spread.of(of) for key, of in finite.items()}
    # As many digits as any text needs, so that processors that differ in the last one agree.
    numbers = {
        key: [float(f"{spread.low:.9g}"), float(f"{spread.high:.9g}"), spread.fixed]
        for key, spread in spreads.items()
    }
    numbers = {"ensemble": sha256(file.read_bytes()).hexdigest(), **numbers}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in numbers.items()]
    (DATA / "ensemble.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
