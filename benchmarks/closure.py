"""Count the datasets of a mean and a standard deviation; compare with the package that lists them.

`reported` counts by a dynamic programme and is timed in this process. scrutipy, which enumerates,
is no dependency: it is timed in another Python that has it, given as the argument, as `make bench`
does.

Exit status 1 if a count differs from the published one, or the reference is not slower in total.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any

from reported import Interval, Lattice, count_datasets

VECTORS = Path(__file__).parents[1] / "tests/reported/checks/vectors.json"

REFERENCE = """
import json, sys, time
from scrutipy import closure
results = []
for case in json.load(sys.stdin):
    numbers = [float(case[key]) for key in ("mean", "sd")]
    sizes = [case[key] for key in ("n", "scale_min", "scale_max")]
    tolerances = [float(case[key]) for key in ("tol_mean", "tol_sd")]
    start = time.perf_counter()
    count = len(closure(*numbers, *sizes, *tolerances))
    results.append((count, time.perf_counter() - start))
json.dump(results, sys.stdout)
"""


def counted(case: dict[str, Any]) -> tuple[int, float]:
    """Return the number of datasets and the seconds it took."""
    mean, deviation = (
        Interval(Fraction(case[key]) - Fraction(case[by]), Fraction(case[key]) + Fraction(case[by]))
        for key, by in (("mean", "tol_mean"), ("sd", "tol_sd"))
    )
    lattice = Lattice(Fraction(1), range(case["scale_min"], case["scale_max"] + 1))
    start = perf_counter()
    count = count_datasets(mean, deviation, case["n"], lattice)
    return count, perf_counter() - start


def main() -> int:
    """Print a line for each vector, and the ratio of the total times."""
    parser = argparse.ArgumentParser(description="Compare counting with enumerating.")
    parser.add_argument("python", help="a Python that has scrutipy")
    python = parser.parse_args().python
    vectors = [each for each in json.loads(VECTORS.read_text()) if each["kind"] == "closure_count"]
    cases = [vector["inputs"] for vector in vectors]
    reference = subprocess.run(
        [python, "-c", REFERENCE],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    agree, totals = True, [0.0, 0.0]
    print(f"{'':34}{'published':>10}{'reported':>10}{'scrutipy':>10}{'seconds':>19}{'ratio':>8}")
    for vector, case, other in zip(vectors, cases, json.loads(reference.stdout), strict=True):
        own = counted(case)
        agree &= own[0] == other[0] == vector["expected"]
        totals = [total + each[1] for total, each in zip(totals, (own, other), strict=True)]
        print(
            f"{vector['name']:34}{vector['expected']:>10}{own[0]:>10}{other[0]:>10}"
            f"{own[1]:>9.4f}{other[1]:>10.4f}{other[1] / own[1]:>8.0f}"
        )
    ratio = totals[1] / totals[0]
    print(f"{'all':64}{totals[0]:>9.4f}{totals[1]:>10.4f}{ratio:>8.0f}")
    return 0 if agree and ratio > 1 else 1


if __name__ == "__main__":
    sys.exit(main())
