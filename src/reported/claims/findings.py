"""What a check finds about printed numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AuditFinding:
    """The verdict of one check on some printed numbers.

    `claims` are their keys; where refuted, they are the smallest set found that cannot hold
    together. Not refuted never means "true". `explanation` is the arithmetic, in one sentence;
    `implied` are numbers that follow from the printed ones, each from its least to its greatest.
    """

    check: str
    claims: tuple[str, ...]
    refuted: bool
    explanation: str
    implied: Mapping[str, tuple[float, float]] = field(default_factory=dict)
