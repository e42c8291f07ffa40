"""Tables hold together in every format; figures say what they show, the same way each time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from beforeafter.estimates import (
    PairedChange,
    category_proportions,
    changes,
    complete_pairs,
    kaplan_meier,
    minimal_difference_proportions,
    paired_change,
    patient_flow,
    rating_proportions,
    responder_proportions,
)
from beforeafter.figures import (
    OpenShare,
    draw_flow,
    draw_forest,
    draw_open_shares,
    draw_other_changes,
    draw_paired_change,
    draw_quantiles,
    draw_rating,
    draw_specifications,
    draw_survival,
    use_style,
)
from beforeafter.figures.style import BETTER, WORSE
from beforeafter.sensitivity import (
    adjusted_for_family,
    missing_data,
    multiverse,
    normal_quantiles,
    specification_curve,
)
from beforeafter.study import Study
from beforeafter.wording import (
    Number,
    baseline_table,
    markdown_table,
    numbers,
    outcomes_table,
    responders_table,
    sensitivity_tables,
    wording_of,
)
from beforeafter.wording.markdown import inert
from beforeafter.wording.tables import UNPRINTED

Texts = Mapping[str, Mapping[str, Number]]


@pytest.fixture(autouse=True)
def _style() -> Iterator[None]:
    with mpl.rc_context():
        use_style()
        yield


@pytest.fixture
def results(cohort: pd.DataFrame, study: Study) -> dict[str, PairedChange]:
    return {part.name: paired_change(cohort, part, study.analysis) for part in study.outcomes}


@pytest.fixture
def texts(results: dict[str, PairedChange], study: Study) -> Texts:
    return {
        name: numbers(result, wording_of(study.outcome(name), study))
        for name, result in results.items()
    }


def cells(table: str) -> list[list[str]]:
    """Read a pipe table as Pandoc does; every row has as many cells as the head."""
    plain = re.sub(r"</?span[^>]*>", "", table)
    lines = [re.split(r"(?<!\\)\|", line) for line in plain.splitlines()]
    assert all(line[0] == line[-1] == "" for line in lines)
    assert {len(line) for line in lines} == {len(lines[0])}
    head, rule, *rows = [[cell.strip() for cell in line[1:-1]] for line in lines]
    assert all(re.fullmatch(":?-+:?", cell) for cell in rule)
    return [head, *rows]


def keys(study: Study, *ends: str) -> set[str]:
    return {f"{outcome.name}.{end}" for outcome in study.outcomes for end in ends}


BASELINE = ("baseline.mean", "baseline.standard_deviation")
PAIRED = ("paired_baseline.mean", "paired_baseline.standard_deviation")
FOLLOW_UP = ("follow_up.mean", "follow_up.standard_deviation")
CHANGE = ("change.mean", "change.lower", "change.upper")


def test_table_keeps_texts_as_they_are() -> None:
    rows = [{"Name": "a|b", "Value": "7.50"}, {"Name": "", "Value": "−0.10"}]
    assert cells(markdown_table(rows, "lr")) == [
        ["Name", "Value"],
        [r"a\|b", "7.50"],
        ["", "−0.10"],
    ]


def test_columns_of_numbers_keep_their_zeros() -> None:
    rows = [{"Value": "7.50"}, {"Value": "10.00"}]
    assert cells(markdown_table(rows, "r"))[1:] == [["7.50"], ["10.00"]]


def test_table_aligns_its_columns() -> None:
    rule = markdown_table([{"a": "1", "b": "2", "c": "3"}], "lrc").splitlines()[1]
    left, right, middle = rule.strip("|").split("|")
    assert (left[0], left[-1], right[0], right[-1]) == (":", "-", "-", ":")
    assert (middle[0], middle[-1]) == (":", ":")


def test_baseline_table_describes_every_outcome(
    cohort: pd.DataFrame, study: Study, texts: Texts
) -> None:
    head, *rows = cells(baseline_table(cohort, study, texts))
    assert head == ["Characteristic", "n", "Mean ± SD"]
    assert rows[0] == ["Numeric rating scale (0–10)", "89", "7.54\u00a0±\u00a01.35"]
    assert len(rows) == len(study.outcomes)


def test_characteristics_in_the_data_lead_the_baseline_table(
    cohort: pd.DataFrame, study: Study, texts: Texts
) -> None:
    cohort = cohort.iloc[:8].assign(
        age=[40, 50, 60, np.nan, np.nan, np.nan, np.nan, np.nan],
        sex=["female"] * 3 + ["male"] * 5,
        diagnosis=["neuropathy", "CRPS|I", *[np.nan] * 6],
    )
    _, *rows = cells(baseline_table(cohort, study, texts))
    assert rows[:3] == [
        ["Age, years, mean ± SD", "3", "50.0 ± 10.0"],
        ["Sex", "8", "female 37%; male 62%"],  # ties go down, as in every proportion
        ["Diagnosis", "2", "categories are not declared"],
    ]
    assert rows[3][0] == "Numeric rating scale (0–10)"
    for smallest, age, sex in (
        (3, ["3", "50.0 ± 10.0"], "female 37%; male 62%"),
        # A mean of one patient is his age, and all of three are three.
        (4, ["not shown", "not shown"], "female not shown; male not shown"),
    ):
        _, *rows = cells(baseline_table(cohort, study, texts, smallest=smallest))
        assert rows[0][1:] == age
        assert rows[1] == ["Sex", "8", sex]
        assert rows[2] == ["Diagnosis", "not shown", "not shown"]


def test_cuts_of_a_baseline_have_no_row_beside_that_of_the_outcome(
    cohort: pd.DataFrame, study: Study, texts: Texts
) -> None:
    view = study.characteristics[0].model_copy(update={"column": "nrs_day0", "label": "Severe"})
    viewed = study.model_copy(update={"characteristics": (view,)})
    assert baseline_table(cohort, viewed, texts) == baseline_table(cohort, study, texts)


def test_outcomes_table_sets_the_visits_side_by_side(study: Study, texts: Texts) -> None:
    head, *rows = cells(outcomes_table(study, texts))
    assert head == [
        "Outcome",
        "Day 0, all (n)",
        "Day 0, pairs (n)",
        "Day 30, pairs",
        "Mean change (CI)",
        "Change",
        "MID",
        "P",
    ]
    assert [row[0] for row in rows] == [outcome.abbreviation for outcome in study.outcomes]
    name, everyone, before, after, change, percentage, minimal, p = rows[0]
    assert (name, percentage, p) == ("NRS", "−26%", "<\u00a00.001")
    assert (minimal, rows[1][6], rows[2][6]) == ("2", "–", "3.54")
    assert (everyone, after) == ("7.54\u00a0±\u00a01.35\u00a0(89)", "5.59\u00a0±\u00a02.2")
    nrs = texts["nrs"]
    pairs = [nrs[f"paired_baseline.{part}"].text for part in ("mean", "standard_deviation")]
    assert before == "\u00a0±\u00a0".join(pairs) + "\u00a0(80)"
    interval = f"({nrs['change.lower'].text} to {nrs['change.upper'].text})"
    assert change == f"{nrs['change.mean'].text} {interval}".replace(" ", "\u00a0")


def test_a_change_is_the_difference_of_the_means_that_stand_beside_it(
    study: Study, texts: Texts
) -> None:
    """HADS anxiety: 11.35 of all 89 less the change of 80 is not the 9.38 of the 80."""
    for row in cells(outcomes_table(study, texts))[1:]:
        all_before, before, after, change = (
            float(re.match(r"[+−]?[\d.]+", cell)[0].replace("−", "-"))  # type: ignore[index]
            for cell in row[1:5]
        )
        assert after - before == pytest.approx(change, abs=0.16)
        if row[0] == "HADS anxiety":
            assert abs(after - all_before - change) > 0.4
        percentage = float(row[5].replace("−", "-").rstrip("%"))
        assert percentage == pytest.approx(100 * change / before, abs=0.6)


def test_of_a_visit_with_pairs_only_the_printed_key_is_used(study: Study, texts: Texts) -> None:
    printed = keys(study, *FOLLOW_UP)
    found = marked(outcomes_table(study, texts, printed))
    assert {row for row, column in found if column == "Day 30, pairs"} == set()
    assert {row for row, column in found if column == "Day 0, pairs (n)"} == {
        outcome.abbreviation for outcome in study.outcomes
    }


def test_follow_up_column_is_named_after_the_day_of_the_study(study: Study, texts: Texts) -> None:
    protocol = study.protocol.model_copy(update={"follow_up_day": 90})
    head, *_ = cells(outcomes_table(study.model_copy(update={"protocol": protocol}), texts))
    assert head[3] == "Day 90, pairs"


def marked(table: str) -> set[tuple[str, str]]:
    """Row and column of the cells with a dagger."""
    head, *rows = cells(table)
    return {
        (row[0], column)
        for row in rows
        for column, cell in zip(head, row, strict=True)
        if cell.endswith(UNPRINTED)
    }


def test_without_a_publication_nothing_is_marked(
    cohort: pd.DataFrame, study: Study, texts: Texts
) -> None:
    assert UNPRINTED not in baseline_table(cohort, study, texts)
    assert UNPRINTED not in outcomes_table(study, texts)


@pytest.mark.parametrize(
    ("column", "ends"),
    [
        ("Day 0, all (n)", BASELINE),
        ("Day 0, pairs (n)", PAIRED),
        ("Day 30, pairs", FOLLOW_UP),
        ("Mean change (CI)", CHANGE),
        ("Change", ("change.percentage",)),
        ("P", ("change.p",)),
    ],
)
def test_a_cell_is_marked_unless_all_its_numbers_are_printed(
    column: str, ends: tuple[str, ...], study: Study, texts: Texts
) -> None:
    everything = keys(
        study, *BASELINE, *PAIRED, *FOLLOW_UP, *CHANGE, "change.percentage", "change.p"
    )
    assert marked(outcomes_table(study, texts, everything)) == set()
    for end in ends:
        unprinted = everything - {f"npsi.{end}"}
        assert marked(outcomes_table(study, texts, unprinted)) == {("NPSI", column)}


def test_baseline_cells_are_marked_unless_printed(
    cohort: pd.DataFrame, study: Study, texts: Texts
) -> None:
    name = "Numeric rating scale (0–10)"
    for end in BASELINE:
        printed = keys(study, *BASELINE) - {f"nrs.{end}"}
        assert marked(baseline_table(cohort, study, texts, printed)) == {(name, "Mean ± SD")}
    assert marked(baseline_table(cohort, study, texts, keys(study, *BASELINE))) == set()
    assert len(marked(baseline_table(cohort, study, texts, set()))) == len(study.outcomes)


Drawing = Callable[[pd.DataFrame, Study], Figure]


def drawn_change(cohort: pd.DataFrame, study: Study, name: str) -> Figure:
    outcome = study.outcome(name)
    result = paired_change(cohort, outcome, study.analysis)
    return draw_paired_change(cohort, outcome, result, study)


def drawn_forest(cohort: pd.DataFrame, study: Study) -> Figure:
    return draw_forest(
        {part.name: paired_change(cohort, part, study.analysis) for part in study.outcomes}, study
    )


def drawn_rating(cohort: pd.DataFrame, study: Study) -> Figure:
    rating = study.rating("pgic")
    return draw_rating(category_proportions(cohort, rating, 0.95), rating, study)


def drawn_survival(cohort: pd.DataFrame, study: Study) -> Figure:
    duration = study.duration("relief")
    return draw_survival(kaplan_meier(cohort, duration, 0.95), duration)


DRAWINGS: dict[str, Drawing] = {
    "flow": lambda cohort, study: draw_flow(patient_flow(cohort, study), study.protocol),
    "whole": lambda cohort, study: drawn_change(cohort, study, "nrs"),
    "binned": lambda cohort, study: drawn_change(cohort, study, "npsi"),
    "tenths": lambda cohort, study: drawn_change(cohort, study, "sf12_mental"),
    "forest": drawn_forest,
    "rating": drawn_rating,
    "survival": drawn_survival,
}
LABELS = {
    "flow": [],
    "whole": ["Pain intensity (NRS, points)", "Change (points; lower is better)", "Patients"],
    "binned": [
        "Neuropathic pain symptoms (NPSI, points)",
        "Change (points; lower is better)",
        "Patients",
    ],
    "tenths": [
        "Mental quality of life (SF-12 mental, points)",
        "Change (points; higher is better)",
        "Patients",
    ],
    "forest": ["Change in SD of the changes ($d_z$, 95% CI)"],
    "rating": ["Patients, PGIC (n = 80)"],
    "survival": ["Completed months after treatment", "Patients relapse-free"],
}


def svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_drawn_twice_is_the_same_bytes(
    name: str, cohort: pd.DataFrame, study: Study
) -> None:
    first, second = (svg(DRAWINGS[name](cohort, study)) for _ in range(2))
    assert first == second
    assert first.startswith(b"<?xml")


@pytest.mark.parametrize("name", DRAWINGS)
def test_axes_are_labelled_with_their_units(name: str, cohort: pd.DataFrame, study: Study) -> None:
    figure = DRAWINGS[name](cohort, study)
    labels = [label for axes in figure.axes for label in (axes.get_xlabel(), axes.get_ylabel())]
    assert [label for label in labels if label] == LABELS[name]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]


def test_flow_shows_the_counts(cohort: pd.DataFrame, study: Study) -> None:
    assert words(DRAWINGS["flow"](cohort, study)) == [
        "Treated, day 0\nn = 89",
        "Followed up, day 30\nn = 80",
        "Not seen at day 30\nn = 9",
    ]


def test_paths_end_in_the_means_of_the_pairs(
    cohort: pd.DataFrame, study: Study, results: dict[str, PairedChange]
) -> None:
    figure = DRAWINGS["whole"](cohort, study)
    nrs = results["nrs"]
    means = np.ravel(figure.axes[0].lines[-1].get_ydata())
    assert means.tolist() == [nrs.paired_baseline.mean, nrs.follow_up.mean]
    assert words(figure)[1] == "5.59"


@pytest.mark.parametrize("name", ["nrs", "npsi", "sf12_mental"])
def test_of_records_nothing_is_drawn_that_few_patients_have(
    name: str, cohort: pd.DataFrame, study: Study
) -> None:
    outcome, smallest = study.outcome(name), 5
    result = paired_change(cohort, outcome, study.analysis)
    figure = draw_paired_change(cohort, outcome, result, study, smallest)
    left, right = figure.axes
    before, after = complete_pairs(*(cohort[column] for column in outcome.columns.pair))
    median, mean = (np.ravel(line.get_ydata()).tolist() for line in left.lines)
    assert median == [np.median(before), np.median(after)]
    assert mean == [before.mean(), after.mean()]
    (half,) = left.collections
    quartiles = [np.quantile(visit, q) for visit in (before, after) for q in (0.25, 0.75)]
    assert {*quartiles} <= {*half.get_paths()[0].vertices[:, 1]}
    heights = [patch.get_height() for patch in right.patches if isinstance(patch, Rectangle)]
    assert all(height == 0 or height >= smallest for height in heights)
    assert 0 < sum(heights) <= len(before)


def test_of_few_records_only_the_means_are_drawn(cohort: pd.DataFrame, study: Study) -> None:
    outcome, few = study.outcome("nrs"), cohort[:12]
    result = paired_change(few, outcome, study.analysis)
    left, right = draw_paired_change(few, outcome, result, study, 5).axes
    assert len(left.lines) == 1
    assert not left.collections
    assert [text.get_text() for text in right.texts] == ["Bars of few patients\nare left out"]


def test_where_a_direction_is_of_few_none_is_told_apart(cohort: pd.DataFrame, study: Study) -> None:
    """One patient more or less who got worse, and the same is drawn."""
    outcome, pairs = study.outcome("nrs"), cohort[cohort["nrs_day30"].notna()].copy()
    before, after = outcome.columns.pair
    pairs[before], pairs[after] = 6.0, 3.0
    middle = pairs.index[:12]  # in the bar of no change and those beside it
    pairs.loc[middle, after] = 5.0
    pairs.loc[middle[0], after] = 7.0

    def bars(of: pd.DataFrame) -> tuple[set[object], list[float], list[str]]:
        figure = draw_paired_change(
            of, outcome, paired_change(of, outcome, study.analysis), study, 5
        )
        shown = [one for one in figure.axes[1].patches if isinstance(one, Rectangle)]
        told = [text.get_text() for text in figure.axes[1].texts]
        return {one.get_facecolor() for one in shown}, [one.get_height() for one in shown], told

    colours, heights, told = bars(pairs)
    assert len(colours) == 1
    assert sum(heights) == len(pairs)
    assert not told
    alike = pairs.copy()
    alike.loc[middle[0], after] = 6.0
    assert bars(alike) == (colours, heights, told)


def registry(cohort: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return many patients: those of the cohort, each time at other steps of a fine scale."""
    rng = np.random.default_rng(1)
    many = cohort.iloc[rng.integers(len(cohort), size=n)].reset_index(drop=True)
    for column in ("sf12_mental_day0", "sf12_mental_day30"):
        many[column] = (many[column] + rng.normal(0, 3, n)).round(1)
    return many


@pytest.mark.parametrize("name", ["nrs", "sf12_mental"])
def test_paths_of_a_registry_stay_few_and_narrow(
    name: str, cohort: pd.DataFrame, study: Study
) -> None:
    outcome = study.outcome(name)
    many = registry(cohort, 5000)
    left, right = drawn_change(many, study, name).axes
    shares = [re.fullmatch(r"\w+ (\d+)%", text.get_text()) for text in right.texts]
    assert sum(int(share[1]) for share in shares if share) in range(99, 102)
    *paths, _ = left.lines
    assert 20 < len(paths) <= 500
    widths = [path.get_linewidth() for path in paths]
    assert max(widths) == 6
    # The widest path is that of most patients, who stand where it runs.
    before, after = np.ravel(paths[int(np.argmax(widths))].get_ydata()).tolist()
    half = (outcome.maximum - outcome.minimum) / 40 if outcome.step < 1 else 0
    near = (many[outcome.columns.baseline] - before).abs() <= half + 1e-9
    near &= (many[outcome.columns.follow_up] - after).abs() <= half + 1e-9
    assert near.mean() > 1 / len(paths)


@pytest.mark.parametrize("name", ["nrs", "npsi", "sf12_mental", "hads_anxiety"])
def test_bars_count_every_pair_and_mix_no_directions(
    name: str, cohort: pd.DataFrame, study: Study
) -> None:
    outcome = study.outcome(name)
    changes = drawn_change(cohort, study, name).axes[1]
    change = (cohort[outcome.columns.follow_up] - cohort[outcome.columns.baseline]).dropna()
    better, worse = (int((change * outcome.benefit * side > 0).sum()) for side in (1, -1))
    shown = [text.get_text() for text in changes.texts]
    assert shown == [
        f"Improved {better}",
        f"Unchanged {80 - better - worse}",
        f"Worse {worse}",
    ]
    counted = {BETTER: 0.0, WORSE: 0.0}
    for bar in changes.patches:
        colour = to_hex(bar.get_facecolor()).upper()
        if isinstance(bar, Rectangle) and bar.get_height() and colour in counted:
            counted[colour] += bar.get_height()
            side = outcome.benefit if colour == BETTER else -outcome.benefit
            # The bar around zero holds small changes of either direction.
            outer = bar.get_x() + (bar.get_width() if side > 0 else 0)
            assert outer * side > 0
            middle = bar.get_x() / bar.get_width() + 0.5
            assert middle == pytest.approx(round(middle)), "bins are centred on zero"
    assert counted == {BETTER: better, WORSE: worse}


def test_forest_has_the_sign_of_the_tables(
    cohort: pd.DataFrame, study: Study, results: dict[str, PairedChange]
) -> None:
    axes = drawn_forest(cohort, study).axes[0]
    points = [line for line in axes.lines if line.get_marker() in {"D", "o"}]
    expected = [result.standardised.d_z for result in results.values()]
    assert [np.ravel(line.get_xdata())[0] for line in points] == expected
    assert [value < 0 for value in expected] == [
        study.outcome(name).better == "lower" for name in results
    ]
    assert [line.get_marker() for line in points] == ["D", *"ooooo"]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        f"{outcome.abbreviation} ({outcome.better} is better)" for outcome in study.outcomes
    ]


def test_rating_shows_every_category_with_share_and_count(
    cohort: pd.DataFrame, study: Study
) -> None:
    figure = drawn_rating(cohort, study)
    shown = [re.fullmatch(r"([\d.]+)% \((\d+)\)", word) for word in words(figure)]
    counts = [int(match[2]) for match in shown if match]
    assert counts == [int((cohort["pgic"] == code).sum()) for code in range(1, 8)]
    assert [bar.get_width() for bar in figure.axes[0].patches if isinstance(bar, Rectangle)] == [
        pytest.approx(n / 80) for n in counts
    ]


def test_survival_curve_starts_with_everyone(cohort: pd.DataFrame, study: Study) -> None:
    upper, lower = drawn_survival(cohort, study).axes
    (curve,) = upper.lines
    assert (np.ravel(curve.get_xdata())[0], np.ravel(curve.get_ydata())[0]) == (0, 1)
    assert np.ravel(curve.get_ydata())[-1] == pytest.approx(18 / 80)
    assert lower.texts[0].get_text() == "80"


def test_open_shares_show_bounds_what_was_seen_and_the_share() -> None:
    known = OpenShare(0.45, (0.0375, 0.875), (0.3, 0.6))
    figure = draw_open_shares({"Improved": {"Pain": known}, "Worsened": {"Pain": known}})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Improved", "Worsened"]
    for axes in figure.axes:
        bounds, seen, share = axes.lines
        assert list(bounds.get_xdata()) == [3.75, 87.5]
        assert list(seen.get_xdata()) == [30, 60]
        assert list(share.get_xdata()) == [45]
        assert "%" in axes.get_xlabel()


def test_tables_of_sensitivity_have_a_row_for_each_outcome(
    cohort: pd.DataFrame, study: Study, texts: Texts
) -> None:
    missing = {
        part.name: numbers(missing_data(cohort, part, study), wording_of(part, study))
        for part in study.outcomes
    }
    agreement = {
        part.name: numbers(
            multiverse(specification_curve(cohort, part, study), part, 0.95),
            wording_of(part, study),
        )
        for part in study.outcomes
    }
    adjusted = {
        name: numbers(result, wording_of(study.outcome(name), study))
        for name, result in adjusted_for_family(cohort, study).items()
    }
    made = {
        "tests": sensitivity_tables.tests_table(study, texts, adjusted),
        "dropout": sensitivity_tables.dropout_table(study, missing),
        "tipping": sensitivity_tables.tipping_table(study, missing),
        "multiverse": sensitivity_tables.multiverse_table(study, agreement),
    }
    for table in made.values():
        assert [row[0] for row in cells(table)[1:]] == [o.abbreviation for o in study.outcomes]
    # The primary outcome is no member of the family.
    assert [row[4] for row in cells(made["tests"])[1:3]] == ["–", "<\u00a00.0001"]
    for row, name in zip(cells(made["dropout"])[1:], missing, strict=True):
        difference = missing[name]["dropout.difference"].text
        assert row[3].startswith(difference)
        assert row[4] == missing[name]["dropout.standardised_difference"].text
    for row, name in zip(cells(made["tipping"])[1:], missing, strict=True):
        ends = [missing[name][f"tipping_point.{key}"].text for key in ("delta", "room")]
        assert row[2:4] == ends
    for row, name in zip(cells(made["multiverse"])[1:], agreement, strict=True):
        assert row[1:3] == [agreement[name][key].text for key in ("n_specifications", "n_better")]


def test_table_of_assumptions_names_each_with_its_patients(
    cohort: pd.DataFrame, study: Study
) -> None:
    of = numbers(
        missing_data(cohort, study.outcomes[0], study), wording_of(study.outcomes[0], study)
    )
    rows = cells(sensitivity_tables.missing_table(of))[1:]
    assert [row[1] for row in rows] == ["80", *["89"] * 5]
    assert [row[2].split("\u00a0")[0] for row in rows] == [
        of[f"{key}.mean"].text for key in sensitivity_tables.ESTIMATES
    ]


def test_quantiles_have_a_panel_for_each_outcome_and_empty_ones_stay_empty(
    cohort: pd.DataFrame, study: Study
) -> None:
    known = {
        part.abbreviation: normal_quantiles(
            changes(*complete_pairs(*(cohort[column] for column in part.columns.pair))), 0.95
        )
        for part in study.outcomes[:4]
    } | {"Nothing": normal_quantiles(np.array([2.0, 2.0]), 0.95)}
    figure = draw_quantiles(known)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [*known, ""]
    points = [axes.lines[-1].get_xdata() for axes in figure.axes[:5]]
    assert [len(np.asarray(xs)) for xs in points] == [80, 80, 80, 80, 0]
    figure.savefig(io.BytesIO(), format="svg")


def test_specifications_are_drawn_from_the_least_benefit_with_their_names(
    cohort: pd.DataFrame, study: Study
) -> None:
    outcome = study.outcome("hads_anxiety")
    curve = specification_curve(cohort, outcome, study)
    (axes,) = draw_specifications(curve, outcome, study, 0.95).axes
    marks = [line for line in axes.lines if line.get_marker() in {"o", "D"}]
    drawn = [float(np.asarray(line.get_xdata()).ravel()[0]) for line in marks]
    assert drawn == sorted((change.percentage for change in curve.values()), reverse=True)
    assert (
        sum(line.get_color() == BETTER for line in marks)
        == multiverse(curve, outcome, 0.95).n_better
    )
    names = [label.get_text() for label in axes.get_yticklabels()]
    by_estimate = sorted(curve, key=lambda one: -curve[one].percentage)
    assert sorted(names) == sorted(one.label for one in by_estimate)
    (primary,) = (line for line in marks if line.get_marker() == "D")
    at = float(np.asarray(primary.get_ydata()).ravel()[0])
    assert names[int(at)] == next(one.label for one in curve if one.primary)


def test_those_seen_stand_beside_all_treated(cohort: pd.DataFrame, study: Study) -> None:
    nrs, pgic = study.outcome("nrs"), study.rating("pgic")
    rows = [
        ("nrs", responder_proportions(cohort, nrs, study)),
        ("nrs", minimal_difference_proportions(cohort, nrs, 0.95)),
        ("pgic", rating_proportions(cohort, pgic, 0.95)),
    ]
    head, *made = cells(responders_table(study, rows).replace("\u00a0", " "))
    assert head == ["Response", "Of those seen", "Of all treated, lost without response"]
    assert [row[0] for row in made] == [
        "NRS: better by 30% or more",
        "NRS: better by 50% or more",
        "NRS: better by 2 or more",
        "PGIC: improved",
        "PGIC: much or very much improved",
    ]
    # R: prop.test(55, 80, correct = FALSE), prop.test(55, 89, correct = FALSE)
    assert made[3][1:] == ["55 of 80: 68.7% (57.9% to 77.8%)", "55 of 89: 61.8% (51.4% to 71.2%)"]
    only = [one.model_copy(update={"responders": ("rating",)}) for one in study.estimands]
    fewer = study.model_copy(update={"estimands": tuple(only)})
    assert [row[1] for row in cells(responders_table(fewer, rows))[1:4]] == ["–"] * 3
    few = [("pgic", rating_proportions(cohort.head(9), pgic, 0.95, 5))]
    assert {cell for row in cells(responders_table(study, few))[1:] for cell in row[1:]} == {
        "not shown"
    }


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain (0–10), 45%; a_b < 0.001", "plain (0–10), 45%; a_b < 0.001"),
        ("<b>", r"\<b>"),
        ("*a* _b_ `c` $d$", r"\*a\* \_b\_ \`c\` \$d\$"),
        ("a|b\\", r"a\|b\\"),
        ("@key [x](y) #import", r"\@key \[x\](y) \#import"),
        ("&amp; A & B", r"\&amp; A & B"),
        ("a\r\nb\u202ec", "a b c"),
        ("{{< num x >}}", "\\{\u2060\\{< num x \\>\\}\\}"),
    ],
)
def test_a_text_means_nothing_but_itself(text: str, written: str) -> None:
    assert inert(text) == written


def test_a_table_prints_texts_as_they_stand() -> None:
    table = markdown_table([{"a*": "*x*"}], "l")
    assert r"a\*" in table
    assert r"\*x\*" in table


def test_lines_over_the_bars_span_what_other_cohorts_have(
    cohort: pd.DataFrame, study: Study
) -> None:
    """Of 40 cohorts 39 have two patients two points down; the one that has none is not central."""
    figure, others = drawn_change(cohort, study, "nrs"), np.zeros((40, 3))
    others[:, 0], others[:39, 1:] = 1, -2
    axes = draw_other_changes(figure, study.outcome("nrs"), others).axes[1]
    (lines,) = (one for one in axes.collections if one.get_label())
    spans = {tuple(line[:, 0]): line[:, 1].tolist() for line in lines.get_segments()}
    assert spans[-2.0, -2.0] == pytest.approx([2 * 0.975, 2])
    assert spans[1.0, 1.0] == [1, 1]
    assert spans.keys() == {(-2.0, -2.0), (0.0, 0.0), (1.0, 1.0)}
    assert axes.get_legend().get_texts()[0].get_text() == "Central 95% of 40 other cohorts"
    tops = [patch.get_height() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert axes.get_ylim()[1] > max(tops)


def test_curves_of_other_cohorts_lie_between_two_lines(cohort: pd.DataFrame, study: Study) -> None:
    """Who comes to the horizon stays without the event; cohorts that are alike have one curve."""
    duration = study.duration("relief")
    fit = kaplan_meier(cohort, duration, 0.95)
    before = draw_survival(fit, duration).axes[0]
    axes = draw_survival(fit, duration, np.tile([0, 2, 2, 6], (10, 1))).axes[0]
    low, high = (line for line in axes.lines if line.get_linestyle() == "--")
    assert np.ravel(low.get_ydata()).tolist() == [0.75, 0.75, 0.25, 0.25, 0.25, 0.25, 0.25]
    assert np.ravel(high.get_ydata()).tolist() == np.ravel(low.get_ydata()).tolist()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "Central 95% of 10 other cohorts"
    ]
    assert (len(before.lines), before.get_legend()) == (len(axes.lines) - 2, None)
