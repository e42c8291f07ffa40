"""What is told of an ensemble of cohorts: whether chains agree, how central the shown one is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from beforeafter.study import Study
from beforeafter.wording.markdown import MarkdownTable, keyed, markdown_table
from declared import read_yaml

# Chains agree, and tell enough, by what Vehtari et al. (2021) advise.
GREATEST_R_HAT, LEAST_EFFECTIVE = 1.05, 200
# Of a central cohort every open number lies between these shares of the ensemble.
CENTRAL = 0.2, 0.8
FEWEST_SHOWN = 12
ANY = "any"


def slow(mixing: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the numbers in which chains from different starts do not agree, or tell too little.

    `mixing`: key of an open number → split R-hat, and how many independent cohorts its values are
    worth.

    References
    ----------
    Vehtari A, Gelman A, Simpson D, Carpenter B, Bürkner PC. Rank-normalization, folding, and
    localization. Bayesian Anal 2021;16:667-718. https://doi.org/10.1214/20-BA1221
    """
    return [
        key
        for key, (r_hat, effective) in mixing.items()
        if r_hat > GREATEST_R_HAT or effective < LEAST_EFFECTIVE
    ]


def outside(ranks: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the numbers in which the cohort shown is not central.

    `ranks`: key of an open number → the share of the ensemble that lies below the cohort shown.
    """
    low, high = CENTRAL
    return [key for key, (rank,) in ranks.items() if not low <= rank <= high]


def ensemble_numbers(told: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, int]:
    """Return what is published of an ensemble, by the ends of the keys.

    Parameters
    ----------
    told
        `mixing` and `ranks`, as `slow` and `outside` take them.
    """
    mixing, ranks = told["mixing"], told["ranks"]
    return {
        "n_open": len(mixing),
        "n_slow": len(slow(mixing)),
        "least_effective": int(min(effective for _, effective in mixing.values())),
        "n_ranked": len(ranks),
        "n_not_central": len(outside(ranks)),
    }


def mixing_table(mixing: Mapping[str, Sequence[float]]) -> MarkdownTable:
    """Tell of the numbers in which the chains differ most; see `slow`."""
    worst = sorted(mixing, key=lambda key: -mixing[key][0])
    rows = [
        {
            "Number": key,
            "R-hat": f"{mixing[key][0]:.3f}",
            "Effective": f"{mixing[key][1]:.0f}",
        }
        for key in worst[: max(FEWEST_SHOWN, len(slow(mixing)))]
    ]
    return markdown_table(rows, "lrr")


def ranks_table(ranks: Mapping[str, Sequence[float]], file: Path) -> MarkdownTable:
    """Tell how central the cohort shown is in the numbers that a file names, and where it is not.

    Parameters
    ----------
    ranks
        See `outside`.
    file
        YAML of what a number is called → its key, as `open_table` reads it.
    """
    named, far = set(read_yaml(file).content.values()), outside(ranks)
    rows = [
        {
            "Number": key,
            "Rank": f"{100 * rank:.0f} %",
            "Central": "no" if key in far else "yes",
        }
        for key, (rank,) in ranks.items()
        if key in named or key in far
    ]
    return markdown_table(rows, "lrl")


def implausible_table(study: Study, numbers: Mapping[str, Mapping[str, int]]) -> MarkdownTable:
    """Tell how many patients have values that do not go together.

    Parameters
    ----------
    study
        Has the rules.
    numbers
        Name of a rule, or `any` → how many patients break it: `shown`, and the `fewest` and `most`
        in the cohorts of an ensemble.
    """
    labels = {rule.name: rule.label for rule in study.plausibility} | {ANY: "Any of these"}
    rows = [
        {"Values": labels[rule]}
        | {
            name.capitalize(): keyed(str(counts[name]), f"implausible.{rule}.{name}")
            for name in ("shown", "fewest", "most")
        }
        for rule, counts in numbers.items()
    ]
    return markdown_table(rows, "lrrr")
