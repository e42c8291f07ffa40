"""The reconstructed cohort, judged by arithmetic that shares nothing with the package."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import fmean, stdev

import pandas as pd
import pytest
from scipy import stats

from beforeafter.study import Study
from reported.claims.errors import FailedClaimsError, ImpossibleClaimsError, UnknownClaimError
from reported.claims.published import Claim, Published
from reported.solver.cohorts import sampler
from reported.solver.cohorts.ensemble import read_ensemble
from reported.solver.cohorts.reconstruct import ENSEMBLE, reconstruct
from reported.solver.cohorts.sampler import Sampler
from reported.verifier.verdicts import verify_cells

DATA = Path(__file__).parents[4] / "data"


def rounded(value: float, decimals: int, rounding: str = ROUND_HALF_UP) -> str:
    """Round the decimal that the float stands for, not the float."""
    return str(Decimal(f"{value:.10f}").quantize(Decimal(1).scaleb(-decimals), rounding))


@pytest.fixture(scope="module")
def patients(reconstructed: Path) -> pd.DataFrame:
    return pd.read_csv(reconstructed)


@pytest.fixture(scope="module")
def improvements(patients: pd.DataFrame, study: Study) -> pd.DataFrame:
    followed = patients.dropna()
    return pd.DataFrame(
        {
            outcome.name: outcome.benefit
            * (followed[outcome.columns.follow_up] - followed[outcome.columns.baseline])
            for outcome in study.outcomes
        }
    )


@dataclass(frozen=True)
class Scale:
    """What the abstract prints, its decimals as printed; p-values by least and greatest."""

    name: str
    baseline: tuple[str, str] | None
    follow_up: tuple[str, str] | None
    percentage: str
    p: tuple[float, float]


SCALES = [
    Scale("nrs", ("7.54", "1.35"), ("5.59", "2.2"), "-26", (0, 0.001)),
    Scale("npsi", None, None, "-28", (0, 0.0001)),
    Scale("sf12_mental", ("31.4", "7.9"), ("36.4", "8.9"), "15.9", (0, 0.0001)),
    Scale("sf12_physical", ("30.2", "6.7"), ("32.8", "6.8"), "8.6", (0.00065, 0.00075)),
    Scale("hads_depression", ("10", "4.5"), ("8.2", "4.6"), "-15", (0.00115, 0.00125)),
    Scale("hads_anxiety", ("11.35", "4.7"), ("9.38", "4.5"), "-14", (0, 0.0001)),
]


def described(values: pd.Series, printed: tuple[str, str]) -> tuple[str, str]:
    decimals = [len(text.partition(".")[2]) for text in printed]
    return rounded(fmean(values), decimals[0]), rounded(stdev(values), decimals[1])


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.name)
def test_a_scale_has_the_printed_numbers(patients: pd.DataFrame, scale: Scale) -> None:
    before, after = patients[f"{scale.name}_day0"], patients[f"{scale.name}_day30"]
    if scale.baseline and scale.follow_up:
        assert described(before, scale.baseline) == scale.baseline
        assert described(after.dropna(), scale.follow_up) == scale.follow_up
    paired = before[after.notna()], after.dropna()
    change = 100 * (fmean(paired[1]) / fmean(paired[0]) - 1)
    assert rounded(change, len(scale.percentage.partition(".")[2])) == scale.percentage
    assert scale.p[0] <= stats.ttest_rel(*paired).pvalue < scale.p[1]


def test_the_rating_has_the_printed_proportions(patients: pd.DataFrame) -> None:
    rated = patients["pgic"].dropna()
    assert rounded(100 * fmean(rated <= 3), 1, ROUND_HALF_DOWN) == "68.7"
    assert rounded(100 * fmean(rated <= 2), 1, ROUND_HALF_DOWN) == "36.2"


def test_relief_has_the_printed_numbers(patients: pd.DataFrame) -> None:
    months = patients["relief_months"].dropna()
    assert described(months, ("2.99", "2.29")) == ("2.99", "2.29")
    assert rounded(100 * fmean(months == 6), 0, ROUND_HALF_DOWN) == "22"


def test_nobody_lost_has_anything_after_baseline(patients: pd.DataFrame) -> None:
    late = patients.columns[patients.isna().any()]
    assert len(late) == 6 + 1 + 2
    assert (patients[late].isna().sum() == 9).all()
    assert patients[late].isna().any(axis=1).sum() == 9


def test_a_recurrence_is_observed_before_the_horizon_only(patients: pd.DataFrame) -> None:
    followed = patients.dropna()
    assert ((followed["relief_months"] < 6) == followed["recurrence_observed"]).all()


def test_values_lie_on_their_scales(patients: pd.DataFrame, study: Study) -> None:
    for outcome in study.outcomes:
        for column in (outcome.columns.baseline, outcome.columns.follow_up):
            values = patients[column].dropna()
            assert values.between(outcome.minimum, outcome.maximum).all()
            steps = values / outcome.step
            assert (steps - steps.round()).abs().max() < 1e-9


def test_who_improves_in_one_outcome_improves_in_the_others(improvements: pd.DataFrame) -> None:
    assert (improvements.corr() > 0.1).all(axis=None)


def test_who_improves_rates_it_better_and_relapses_later(
    patients: pd.DataFrame, improvements: pd.DataFrame
) -> None:
    followed = patients.dropna()
    assert (improvements.corrwith(followed["pgic"]) < -0.1).all()
    assert (improvements.corrwith(followed["relief_months"]) > 0.1).all()


def test_no_column_is_sorted(patients: pd.DataFrame) -> None:
    values = patients.drop(columns="patient")
    assert not any(values[column].dropna().is_monotonic_increasing for column in values)


def reread(published: Published, **reading: object) -> Published:
    changed = published.reading.model_copy(update=reading)
    return published.model_copy(update={"reading": changed})


def replaced(published: Published, key: str, printed: str) -> Published:
    claims = [
        Claim(key=key, printed=printed, place=claim.place) if claim.key == key else claim
        for claim in published.claims
    ]
    return published.model_copy(update={"claims": tuple(claims)})


def refuted(study: Study, published: Published) -> ImpossibleClaimsError:
    with pytest.raises(ImpossibleClaimsError) as caught:
        Sampler(study, published).cohorts(1)
    return caught.value


def test_a_mean_that_no_89_whole_scores_have_is_refuted(study: Study, published: Published) -> None:
    error = refuted(study, reread(published, n_follow_up=89))
    assert (error.outcome, error.claims, error.proven) == ("nrs", ("follow_up.mean",), True)
    assert str(error) == "nrs: follow_up.mean cannot hold together"


def test_claims_that_contradict_each_other_are_named_without_the_others(
    study: Study, published: Published
) -> None:
    # With a mean of 7.54 on a scale that ends at 10 no standard deviation is above 4.4.
    error = refuted(study, replaced(published, "nrs.baseline.standard_deviation", "4.5"))
    assert set(error.claims) == {"baseline.mean", "baseline.standard_deviation"}


def test_proportions_that_go_up_at_ties_are_refuted(study: Study, published: Published) -> None:
    only = study.model_copy(update={"outcomes": (), "plausibility": ()})
    error = refuted(only, reread(published, ties={"default": "up"}))
    assert error.outcome == "pgic"
    assert error.proven


def test_absence_that_was_not_proven_is_not_called_so(study: Study, published: Published) -> None:
    only = study.model_copy(
        update={"outcomes": (study.outcome("sf12_mental"),), "plausibility": ()}
    )
    error = refuted(only, replaced(published, "sf12_mental.follow_up.standard_deviation", "45.0"))
    assert error.outcome == "sf12_mental"


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chains so short that a test can run them: they have every printed number all the same."""
    monkeypatch.setattr(sampler, "ROUNDS", 2)
    monkeypatch.setattr(Sampler, "steps", 100)


def few_parts(study: Study, published: Published) -> tuple[Study, Published]:
    few = study.model_copy(update={"outcomes": study.outcomes[:1]})
    names = {part.name for part in (*few.outcomes, *few.ratings, *few.durations)}
    claims = tuple(claim for claim in published.claims if claim.key.split(".")[0] in names)
    return few, published.model_copy(update={"claims": claims})


@pytest.mark.usefixtures("brief")
def test_the_same_seed_gives_the_same_bytes(
    study: Study, published: Published, tmp_path: Path
) -> None:
    few = few_parts(study, published)
    for name in "ab":
        (tmp_path / name).mkdir()
        reconstruct(*few, tmp_path / name / "cohort.csv", 8)
    for file in ("cohort.csv", ENSEMBLE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    ensemble = read_ensemble(tmp_path / "a" / ENSEMBLE, *few)
    assert len(ensemble.cohorts) == 8
    assert len({cohort.tobytes() for cohort in ensemble.cohorts}) == 8
    for columns in ensemble.columns():
        assert all(verdict.holds for verdict in verify_cells(columns, *few))


def test_a_claim_about_nothing_measured_leaves_the_file_alone(
    study: Study, published: Published, tmp_path: Path
) -> None:
    few = study.model_copy(
        update={
            "outcomes": study.outcomes[:1],
            "ratings": (),
            "durations": (),
            "plausibility": (),
        }
    )
    claims = tuple(claim for claim in published.claims if claim.key.startswith("nrs"))
    unknown = Claim(key="nrs.change.median", printed="2", place="nowhere")
    output = tmp_path / "cohort.csv"
    output.write_text("as it was", encoding="utf-8")
    with pytest.raises(UnknownClaimError, match=r"nrs\.change\.median"):
        reconstruct(
            few,
            published.model_copy(update={"claims": (*claims, unknown)}),
            output,
        )
    assert output.read_text(encoding="utf-8") == "as it was"
    assert list(tmp_path.iterdir()) == [output]


def test_a_cohort_that_fails_a_claim_is_not_written(
    study: Study, published: Published, tmp_path: Path
) -> None:
    nothing = study.model_copy(
        update={"outcomes": (), "ratings": (), "durations": (), "plausibility": ()}
    )
    claims = (Claim(key="protocol.follow_up_day", printed="60", place="title"),)
    with pytest.raises(FailedClaimsError, match=r"fails protocol\.follow_up_day"):
        reconstruct(
            nothing,
            published.model_copy(update={"claims": claims}),
            tmp_path / "cohort.csv",
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("brief")
def test_individual_percentages_can_be_met_as_well(
    study: Study, published: Published, tmp_path: Path
) -> None:
    analysis = study.analysis.model_copy(update={"percentage": "mean_of_individual_changes"})
    only = study.model_copy(
        update={
            "analysis": analysis,
            "outcomes": (study.outcome("hads_anxiety"),),
            "ratings": (),
            "durations": (),
            "plausibility": (),
        }
    )
    claims = tuple(claim for claim in published.claims if claim.key.startswith("hads_anxiety"))
    output = tmp_path / "cohort.csv"
    reconstruct(only, published.model_copy(update={"claims": claims}), output, 4)
    # Of a baseline of 0 there is no percentage.
    pairs = pd.read_csv(output).dropna().query("hads_anxiety_day0 != 0")
    before, after = pairs["hads_anxiety_day0"], pairs["hads_anxiety_day30"]
    assert rounded(fmean(100 * (after - before) / before), 0) == "-14"
