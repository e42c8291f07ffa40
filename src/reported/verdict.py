"""What an audit came to: its verdict, its findings and what remains possible."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from pandas import DataFrame

from beforeafter.study import PercentageDefinition, Ties
from reported.claims.findings import AuditFinding
from reported.readings import Conflict
from reported.solver.constrained_outcome import Columns
from reported.solver.decide import Answer


@dataclass(frozen=True)
class Audit:
    """What the printed numbers say about each other.

    Attributes
    ----------
    findings, conflicts, not_used
        The verdicts of all checks; what cannot be true together as it is read, and under which
        readings it can; and why a claim was not looked at, by its key.
    surviving, undecided, joint
        For each outcome, the numbers of patients followed up that it does not refute, and those
        for which no cohort was found either; and the numbers that no outcome refutes.
    ties
        The same under each rounding of ties, of proportions and of all other numbers. Only where
        proportions are printed: other numbers are rarely exact ties.
    definitions
        For each outcome, the answer for each definition of its percentage, at the greatest number.
    cohort
        A cohort that has every printed number, where there is one.
    """

    findings: tuple[AuditFinding, ...]
    surviving: dict[str, list[int]]
    undecided: dict[str, list[int]]
    joint: list[int]
    ties: dict[tuple[Ties, Ties], list[int]]
    definitions: dict[str, dict[PercentageDefinition, Answer]]
    cohort: Columns
    conflicts: tuple[Conflict, ...] = ()
    not_used: Mapping[str, str] = field(default_factory=dict)

    @property
    def refuted(self) -> bool:
        """Whether any printed numbers cannot be true together as they are read."""
        return bool(self.conflicts)

    @property
    def status(self) -> int:
        """The exit status: 0 for no conflict, 1 under every reading tried, 3 under some only."""
        if any(not conflict.unless for conflict in self.conflicts):
            return 1
        return 3 if self.conflicts else 0

    @property
    def sentence(self) -> str:
        """The verdict."""
        if not self.conflicts:
            return "None of the printed numbers that were used exclude each other."
        if self.status == 1:
            chosen = next(conflict for conflict in self.conflicts if not conflict.unless)
            end = "under any reading that was tried"
        else:
            (chosen, *_), end = self.conflicts, "as they are read here; other readings allow them"
        numbers = " and ".join(
            f"{key} ({printed})" for key, printed in zip(chosen.claims, chosen.printed, strict=True)
        )
        more = len(self.conflicts) - 1
        rest = f" There {'is' if more == 1 else 'are'} {more} more of such." if more else ""
        if len(chosen.claims) == 1:
            end = end.replace("they are read", "it is read").replace("allow them", "allow it")
            return f"The printed number {numbers} cannot be true {end}.{rest}"
        return f"The printed numbers {numbers} cannot be true together {end}.{rest}"

    @property
    def frame(self) -> DataFrame:
        """The findings, a row each, with the numbers they imply."""
        return DataFrame([asdict(finding) for finding in self.findings])
