"""How a field of a result says what kind of number it is, so that text can be made of it."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal

Kind = Literal["count", "estimate", "change", "percentage", "proportion", "p", "statistic"]


def quantity(kind: Kind) -> Any:
    """Declare a field of a result dataclass as a number of this kind.

    Parameters
    ----------
    kind
        `count`: whole number. `estimate`: in the unit of the outcome. `change`: the same, with
        its sign. `percentage`: per cent, with its sign. `proportion`: 0 to 1, printed in per cent.
        `p`: a p-value. `statistic`: without unit.

    Returns
    -------
    dataclasses.Field
        The field, carrying its kind as metadata.
    """
    return field(metadata={"kind": kind})
