"""Which printed numbers can be true together, which cannot, and how many were followed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from logging import getLogger
from typing import get_args

from beforeafter.study import PercentageDefinition, Study, Ties
from reported.checks.run import run_checks
from reported.claims.findings import AuditFinding
from reported.claims.published import Published
from reported.solver.conflict import conflict, survivors
from reported.solver.constrained_outcome import Columns, ConstrainedOutcome, constrained_outcomes
from reported.solver.decide import Answer, Decision, decide
from reported.solver.in_parallel import in_parallel
from reported.verifier.verdicts import verify_cells

LOG = getLogger(__name__)
CHECK = "joint model"
FOLLOWED_UP = "cohort.n_follow_up"

Decisions = dict[str, dict[int, Decision]]


@dataclass(frozen=True)
class Audit:
    """What the printed numbers say about each other.

    Attributes
    ----------
    findings
        The verdicts of all checks.
    surviving
        For each outcome, the numbers of patients followed up that it does not refute.
    undecided
        Those among them for which no cohort was found either.
    joint
        The numbers that no outcome refutes.
    ties
        The same under each rounding of ties: of proportions, and of all other numbers. Only where
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

    @property
    def refuted(self) -> bool:
        """Whether any printed numbers cannot be true together."""
        return any(finding.refuted for finding in self.findings)


def audit_claims(study: Study, published: Published) -> Audit:
    """Audit a publication.

    Parameters
    ----------
    study
        What was measured.
    published
        The claims. How many were followed up is decided anew, whatever their reading says, unless
        the publication prints it, as `cohort.n_follow_up`.

    Returns
    -------
    Audit
        Findings and decisions. Whatever is refuted is refuted by proof; whatever is not has a
        certificate or is listed as undecided.
    """
    LOG.info("one variable at a time")
    findings = run_checks(published, study)
    candidates = _candidates(published)
    decisions = _decide_all(study, published, candidates)
    surviving = _numbers(decisions, Answer.NOT_REFUTED, Answer.UNDECIDED)
    joint = sorted(set(candidates).intersection(*surviving.values()))
    LOG.info("conflicts")
    findings += _joint(study, published, candidates, surviving)
    cohort = _cohort(study, published, decisions, joint[-1]) if joint else {}
    if cohort:
        findings += _verified(study, published, cohort, joint[-1])
    LOG.info("rounding and definitions")
    return Audit(
        findings=tuple(findings),
        surviving=surviving,
        undecided=_numbers(decisions, Answer.UNDECIDED),
        joint=joint,
        ties=_ties(study, published, candidates),
        definitions=_definitions(study, published, joint[-1]) if joint else {},
        cohort=cohort,
    )


def _candidates(published: Published) -> Sequence[int]:
    for claim in published.claims:
        if claim.key == FOLLOWED_UP:
            return [int(claim.number.value)]
    return published.reading.any_number


def _decide_all(study: Study, published: Published, candidates: Sequence[int]) -> Decisions:
    """Decide every outcome for every number of patients."""
    at_each = [constrained_outcomes(study, published, n) for n in candidates]
    # Tasks that take about as long stand side by side, because a core is given several at once.
    tasks = [(outcome,) for outcomes in zip(*at_each, strict=True) for outcome in outcomes]
    decisions = {}
    for name, n, decision in in_parallel(_decided, tasks):
        decisions[name, n] = decision
        LOG.info("how many were followed up, %d %%", 100 * len(decisions) // len(tasks))
    return {
        outcomes[0].name: {outcome.n: decisions[outcome.name, outcome.n] for outcome in outcomes}
        for outcomes in zip(*at_each, strict=True)
    }


def _decided(outcome: ConstrainedOutcome) -> tuple[str, int, Decision]:
    return outcome.name, outcome.n, decide(outcome)


def _numbers(decisions: Decisions, *wanted: Answer) -> dict[str, list[int]]:
    return {
        name: [n for n, decision in answers.items() if decision.answer in wanted]
        for name, answers in decisions.items()
    }


def _joint(
    study: Study, published: Published, candidates: Sequence[int], surviving: dict[str, list[int]]
) -> Iterator[AuditFinding]:
    """Yield what each outcome allows, and the claims that leave no number of patients."""
    read = published.reading.n_follow_up
    asked = candidates if read is None else [read]
    left = {name: set(asked).intersection(numbers) for name, numbers in surviving.items()}
    tried = f"with {asked[0]}" if len(asked) == 1 else "with any number"
    for outcome in constrained_outcomes(study, published, asked[0]):
        possible = ranges_text(surviving[outcome.name])
        if left[outcome.name]:
            keys = published.keys_of(outcome.name)
            text = f"possible with {possible} followed up"
            yield AuditFinding(CHECK, keys, refuted=False, explanation=text)
        else:
            keys = _conflict(outcome.study_alone, published, asked)
            text = f"cannot hold together {tried} followed up"
            text += f"; all of {outcome.name} could with {possible}" if possible else ""
            yield AuditFinding(CHECK, keys, refuted=True, explanation=text)
    if all(left.values()) and not set.intersection(*left.values()):
        text = "each outcome allows some number followed up, but none is allowed by all"
        keys = _conflict(study, published, asked)
        yield AuditFinding(CHECK, keys, refuted=True, explanation=text)


def _conflict(study: Study, published: Published, asked: Sequence[int]) -> tuple[str, ...]:
    """Return claims that contradict each other, the printed number of patients among them."""
    keys = conflict(study, published, asked)
    is_printed = any(claim.key == FOLLOWED_UP for claim in published.claims)
    if is_printed and survivors(study, published.only(keys), published.reading.any_number):
        return FOLLOWED_UP, *keys
    return keys


def _cohort(study: Study, published: Published, decisions: Decisions, n: int) -> Columns:
    n_enrolled = published.reading.n_enrolled
    columns: Columns = {"patient": [str(number + 1) for number in range(n_enrolled)]}
    for outcome in constrained_outcomes(study, published, n):
        found = decisions[outcome.name][n].certificate
        if not found:
            return {}
        columns |= outcome.columns(found)
    return columns


def _verified(
    study: Study, published: Published, cohort: Columns, n: int
) -> Iterator[AuditFinding]:
    verdicts = verify_cells(cohort, study, published)
    for verdict in verdicts:
        if not verdict.holds:
            text = f"the study definition says {verdict.computed:g}"
            yield AuditFinding("study", (verdict.claim.key,), refuted=True, explanation=text)
    if all(verdict.holds for verdict in verdicts):
        text = f"one cohort, {n} followed up, has all of them; the verifier agrees"
        keys = tuple(verdict.claim.key for verdict in verdicts)
        yield AuditFinding("certificate", keys, refuted=False, explanation=text)


def _definitions(
    study: Study, published: Published, n: int
) -> dict[str, dict[PercentageDefinition, Answer]]:
    found: dict[str, dict[PercentageDefinition, Answer]] = {}
    for definition in get_args(PercentageDefinition):
        analysis = study.analysis.model_copy(update={"percentage": definition})
        defined = study.model_copy(update={"analysis": analysis})
        for outcome in constrained_outcomes(defined, published, n):
            if "change.percentage" in outcome.intervals:
                found.setdefault(outcome.name, {})[definition] = decide(outcome).answer
    return found


def _ties(
    study: Study, published: Published, candidates: Sequence[int]
) -> dict[tuple[Ties, Ties], list[int]]:
    if not any(claim.quantity == "proportion" for claim in published.claims):
        return {}
    return {
        (proportion, default): survivors(
            study, published.reread(ties={"default": default, "proportion": proportion}), candidates
        )
        for proportion, default in product(get_args(Ties), repeat=2)
    }


def ranges_text(numbers: Sequence[int]) -> str:
    """Return "2, 5 to 9" for 2, 5, 6, 7, 8, 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
