"""What a check finds about printed numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AuditFinding:
    """The verdict of one check on some printed numbers.

    Attributes
    ----------
    check
        Name of the check: `GRIM`, `joint model`, …
    claims
        Keys of the printed numbers it concerns; where refuted, the smallest set found that cannot
        hold together.
    refuted
        Whether the numbers cannot be true together. False means *not refuted*, never "true".
    explanation
        The arithmetic, in one sentence.
    implied
        Numbers that follow from the printed ones, each from its least to its greatest.
    """

    check: str
    claims: tuple[str, ...]
    refuted: bool
    explanation: str
    implied: Mapping[str, tuple[float, float]] = field(default_factory=dict)
