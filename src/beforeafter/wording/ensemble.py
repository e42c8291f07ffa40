"""What is told of an ensemble of cohorts: whether chains agree, how central the shown one is."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from pathlib import Path

from beforeafter.study import Study
from beforeafter.wording.format import Number
from beforeafter.wording.markdown import MarkdownTable, keyed, markdown_table
from beforeafter.wording.plain import Plain, plain_number
from declared import read_yaml

# How many of the open numbers a table of the slowest has.
SLOWEST = 12
ANY = "any"


def ensemble_numbers(told: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, int | Number]:
    """Return what is published of an ensemble, by the ends of the keys.

    Told are, of each open number, `mixing`: split R-hat and how many independent cohorts its values
    are worth; and `ranks`: the share of the ensemble below the cohort shown.
    """
    r_hat, effective = zip(*told["mixing"].values(), strict=True)
    ranks = [100 * rank for (rank,) in told["ranks"].values()]
    return {
        "n_open": len(r_hat),
        "greatest_r_hat": plain_number("", max(r_hat), Plain(decimals=3), 0),
        "least_effective": int(min(effective)),
        "least_rank": floor(min(ranks)),
        "greatest_rank": ceil(max(ranks)),
    }


def mixing_table(mixing: Mapping[str, Sequence[float]]) -> MarkdownTable:
    """Tell of the numbers in which the chains differ most; see `ensemble_numbers`."""
    rows = [
        {"Number": key, "R-hat": f"{r_hat:.3f}", "Effective": f"{effective:.0f}"}
        for key, (r_hat, effective) in sorted(mixing.items(), key=lambda entry: -entry[1][0])
    ]
    return markdown_table(rows[:SLOWEST], "lrr")


def ranks_table(ranks: Mapping[str, Sequence[float]], file: Path) -> MarkdownTable:
    """Tell how central the cohort shown is in the numbers that a file names as for `open_table`."""
    rows = [
        {"Number": label, "Rank": f"{100 * rank:.0f}%"}
        for label, key in read_yaml(file).content.items()
        for rank in ranks.get(key, ())
    ]
    return markdown_table(rows, "lr")


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
