"""Tell of the ensemble beside it, in ensemble.json, once every number of each cohort is computed.

`make cohort` runs this after `reported reconstruct`.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from beforeafter import read_study, values_of_files
from reported import Sampler, read_ensemble, read_published, write_told

DATA = Path(__file__).parent


def main() -> None:
    """Write what is told."""
    study, published = read_study(DATA / "study.yml"), read_published(DATA / "published.yml")
    ensemble = read_ensemble(DATA / "ensemble.npy.xz", study, published)
    with TemporaryDirectory() as folder:
        values = values_of_files(ensemble.write_files(Path(folder)), study)
    write_told(ensemble, Sampler(study, published), DATA / "cohort.csv", values)


if __name__ == "__main__":
    main()
