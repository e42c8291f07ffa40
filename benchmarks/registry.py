"""How long a registry of a million patients takes, against the bare library in the same run.

Exit status 1 if a ratio is above what is allowed.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from numpy.typing import NDArray
from scipy import stats

from beforeafter import (
    Duration,
    Floats,
    Outcome,
    Study,
    kaplan_meier,
    paired_change,
    read_study,
    restricted_mean,
)

ROOT = Path(__file__).parents[1]
N_PATIENTS = 1_000_000
REPEATS = 5
LEVEL = 0.95
MOST_FOR_A_DURATION = 1.5
MOST_FOR_A_CHANGE = 3.0
LOST = 0.1


def best_of(*actions: Callable[[], object]) -> list[float]:
    """Return the seconds each takes at its best, in turn, so that a slow moment slows them all."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(REPEATS):
        for action, taken in zip(actions, times, strict=True):
            start = perf_counter()
            action()
            taken.append(perf_counter() - start)
    return list(map(min, times))


def times_with_censoring(duration: Duration) -> tuple[Floats, NDArray[np.bool_]]:
    """Return exponential times, most below the horizon, and whether the event came before loss."""
    rng = np.random.default_rng(20240601)
    ends, losses = duration.horizon * rng.exponential((0.3, 0.6), (N_PATIENTS, 2)).T
    return np.minimum(ends, losses), ends <= losses


def duration_ratio(duration: Duration) -> float:
    """Compare curve and restricted mean with the bare fit of lifelines; return the worst ratio."""
    exact, event = times_with_censoring(duration)
    whole = np.floor(exact / duration.step) * duration.step
    return max(
        _duration_ratio(what, duration, time, event)
        for what, time in {"whole steps": whole, "exact": exact}.items()
    )


def _duration_ratio(what: str, duration: Duration, time: Floats, event: NDArray[np.bool_]) -> float:
    columns = duration.columns
    table = pd.DataFrame({columns.time: time, columns.event: pd.array(event, dtype="boolean")})

    def restricted() -> object:
        fit = kaplan_meier(table, duration, LEVEL)
        return restricted_mean(fit, duration.horizon, LEVEL)

    own, bare = best_of(restricted, lambda: KaplanMeierFitter().fit(time, event))
    print(f"{f'duration, {what}':44}{own:>9.3f}{bare:>10.3f}{own / bare:>8.2f}")
    return own / bare


def of_step(outcome: Outcome) -> float:
    """Return the step of a scale, which every scale of this study has."""
    if outcome.step is None:
        raise SystemExit(f"{outcome.name} has no step: compare scales that have one")
    return outcome.step


def scores(outcome: Outcome) -> pd.DataFrame:
    """Return scores on the steps of a scale, some patients lost at follow-up."""
    rng = np.random.default_rng(20240601)
    width = outcome.maximum - outcome.minimum
    before, gain = rng.normal([0.6, 0.15], [0.15, 0.2], (N_PATIENTS, 2)).T
    both = np.column_stack([before, before + outcome.benefit * gain])
    step = of_step(outcome)
    steps = np.rint(width * both.clip(0, 1) / step)
    table = pd.DataFrame(outcome.minimum + step * steps, columns=outcome.columns.pair)
    table.loc[rng.random(N_PATIENTS) < LOST, outcome.columns.follow_up] = np.nan
    return table


def bytes_per_patient(outcome: Outcome, study: Study) -> list[float]:
    """Return the most memory that the paired analysis held, per patient, of a tenth and of all."""
    everyone, held = scores(outcome), []
    for table in (everyone.iloc[: N_PATIENTS // 10], everyone):
        tracemalloc.start()
        paired_change(table, outcome, study.analysis)
        held.append(tracemalloc.get_traced_memory()[1] / len(table))
        tracemalloc.stop()
    return held


def bare_change(table: pd.DataFrame) -> object:
    """Describe and test a change with nothing but calls of NumPy and SciPy."""
    baseline, follow_up = table.to_numpy().T
    both = ~(np.isnan(baseline) | np.isnan(follow_up))
    before, after = baseline[both], follow_up[both]
    change = after - before
    described = [
        (values.mean(), values.std(ddof=1))
        for values in (baseline[~np.isnan(baseline)], follow_up[both], before, after, change)
    ]
    test = stats.ttest_rel(after, before)
    ranks = stats.wilcoxon(change, zero_method="pratt", method="approx")
    based = before != 0
    percentages = change.sum() / before.sum(), (change[based] / before[based]).mean()
    return described, test.confidence_interval(), ranks, percentages, np.corrcoef(before, after)


def change_ratio(study: Study) -> float:
    """Compare the paired analysis of a coarse and of a fine scale; return the worst ratio."""
    ratios = []
    for outcome in (study.outcomes[0], min(study.outcomes, key=of_step)):
        table = scores(outcome)

        def paired(table: pd.DataFrame = table, outcome: Outcome = outcome) -> object:
            return paired_change(table, outcome, study.analysis)

        def bare(table: pd.DataFrame = table) -> object:
            return bare_change(table)

        own, bare_seconds = best_of(paired, bare)
        what = f"paired change, steps of {outcome.step:g}"
        print(f"{what:44}{own:>9.3f}{bare_seconds:>10.3f}{own / bare_seconds:>8.2f}")
        ratios.append(own / bare_seconds)
    return max(ratios)


def registry() -> pd.DataFrame:
    """Return the patients of the cohort again and again, each with a code of his own."""
    cohort = pd.read_csv(ROOT / "data" / "cohort.csv")
    rng = np.random.default_rng(20240601)
    everyone = cohort.iloc[rng.integers(len(cohort), size=N_PATIENTS)].reset_index(drop=True)
    everyone["patient"] = [f"R{number:07}" for number in range(N_PATIENTS)]
    everyone["recurrence_observed"] = everyone["recurrence_observed"].astype("boolean")
    return everyone


def other_patients(study: Study) -> pd.DataFrame:
    """Return the scores of the registry shuffled column by column: records, and no copy."""
    rng, everyone = np.random.default_rng(20240601), registry()
    lost = everyone[study.outcomes[0].columns.follow_up].isna()
    for outcome in study.outcomes:
        for column in outcome.columns.pair:
            known = everyone[column].dropna().to_numpy()
            everyone[column] = rng.choice(known, N_PATIENTS)
        everyone.loc[lost, outcome.columns.follow_up] = np.nan
    return everyone


def paper_about_a_registry(study: Study) -> None:
    """Print how long the whole paper takes, from each of two kinds of file, and the memory held."""
    everyone = other_patients(study)
    truth = everyone["recurrence_observed"].map({True: "true", False: "false"})
    paper: list[str | Path] = [
        Path(sys.executable).with_name("paper"),
        "build",
        "--renderer",
        "embedded",
    ]
    with TemporaryDirectory() as folder:
        text, typed = Path(folder) / "registry.csv", Path(folder) / "registry.parquet"
        everyone.assign(recurrence_observed=truth).to_csv(text, index=False)
        everyone.to_parquet(typed)
        for file in (typed, text):
            command = [*paper, "--data", file, "--output", Path(folder) / file.stem]
            start = perf_counter()
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            print(f"{f'the whole paper from {file.name}':44}{perf_counter() - start:>9.3f}")
    print(f"{'MiB held by the largest process':44}{held_by_children():>9,.0f}")


def held_by_children() -> float:
    """Return the most MiB that any process held that has ended; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def check_of_a_registry() -> None:
    """Print how long `beforeafter check` takes, pandas takes to read, and the memory held."""
    everyone = registry()
    truth = everyone["recurrence_observed"].map({True: "true", False: "false"})
    command = [sys.executable, "-c", "from beforeafter.cli import main; main()", "check"]
    with TemporaryDirectory() as folder:
        file, typed = Path(folder) / "registry.csv", Path(folder) / "registry.parquet"
        everyone.assign(recurrence_observed=truth).to_csv(file, index=False)
        everyone.to_parquet(typed)
        for one, read in ((typed, pd.read_parquet), (file, pd.read_csv)):
            start = perf_counter()
            subprocess.run([*command, one], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            own = perf_counter() - start
            start = perf_counter()
            read(one)
            bare = perf_counter() - start
            print(f"{f'check of {one.name}':44}{own:>9.3f}{bare:>10.3f}{own / bare:>8.2f}")
    print(f"{'MiB held by a check':44}{held_by_children():>9,.0f}")


def main() -> int:
    """Print a line for each comparison."""
    study = read_study(ROOT / "data" / "study.yml")
    print(f"{f'{N_PATIENTS:,} patients':44}{'seconds':>9}{'bare':>10}{'ratio':>8}")
    tenth, all_patients = bytes_per_patient(study.outcomes[0], study)
    print(f"{'bytes per patient, of a tenth and of all':44}{tenth:>9.0f}{all_patients:>10.0f}")
    check_of_a_registry()
    paper_about_a_registry(study)
    ratios = (change_ratio(study), duration_ratio(study.durations[0]))
    allowed = (MOST_FOR_A_CHANGE, MOST_FOR_A_DURATION)
    return int(any(ratio >= most for ratio, most in zip(ratios, allowed, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
