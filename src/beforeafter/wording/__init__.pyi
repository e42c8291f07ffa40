from .format import (
    NOT_ESTIMABLE,
    STATISTIC_DECIMALS,
    Number,
    Wording,
    bare_p,
    count,
    decimal_text,
    fact,
    numbers,
    one_line,
    p_text,
    significant_text,
    wording_of,
)
from .markdown import markdown_table
from .overview import every_number
from .protocol import protocol_numbers
from .sensitivity_tables import (
    dropout_table,
    missing_table,
    multiverse_table,
    tests_table,
    tipping_table,
)
from .subgroups_table import subgroups_table
from .tables import baseline_table, outcomes_table

__all__ = [
    "NOT_ESTIMABLE",
    "STATISTIC_DECIMALS",
    "Number",
    "Wording",
    "bare_p",
    "baseline_table",
    "count",
    "decimal_text",
    "dropout_table",
    "every_number",
    "fact",
    "markdown_table",
    "missing_table",
    "multiverse_table",
    "numbers",
    "one_line",
    "outcomes_table",
    "p_text",
    "protocol_numbers",
    "significant_text",
    "subgroups_table",
    "tests_table",
    "tipping_table",
    "wording_of",
]
