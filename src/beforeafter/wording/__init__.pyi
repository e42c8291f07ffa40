from .ensemble import ensemble_numbers, implausible_table, mixing_table, ranks_table
from .format import (
    NOT_ESTIMABLE,
    STATISTIC_DECIMALS,
    Number,
    Wording,
    bare_p,
    count,
    decimal_text,
    numbers,
    one_line,
    p_text,
    significant_text,
    unrounded_text,
    wording_of,
)
from .markdown import MarkdownTable, PlainText, keyed, markdown_table
from .names import formula_of, label_of
from .overview import Computed, every_number, open_table, standings, values_of_files
from .plain import Plain
from .published import protocol_numbers, published_numbers
from .responders_table import responders_table
from .sensitivity_tables import (
    dropout_table,
    missing_table,
    multiverse_table,
    regression_table,
    tests_table,
    tipping_table,
)
from .subgroups_table import subgroups_table
from .tables import baseline_table, outcomes_table

__all__ = [
    "NOT_ESTIMABLE",
    "STATISTIC_DECIMALS",
    "Computed",
    "MarkdownTable",
    "Number",
    "Plain",
    "PlainText",
    "Wording",
    "bare_p",
    "baseline_table",
    "count",
    "decimal_text",
    "dropout_table",
    "ensemble_numbers",
    "every_number",
    "formula_of",
    "implausible_table",
    "keyed",
    "label_of",
    "markdown_table",
    "missing_table",
    "mixing_table",
    "multiverse_table",
    "numbers",
    "one_line",
    "open_table",
    "outcomes_table",
    "p_text",
    "protocol_numbers",
    "published_numbers",
    "ranks_table",
    "regression_table",
    "responders_table",
    "significant_text",
    "standings",
    "subgroups_table",
    "tests_table",
    "tipping_table",
    "unrounded_text",
    "values_of_files",
    "wording_of",
]
