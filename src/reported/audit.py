"""Which printed numbers can be true together, which cannot, and how many were followed up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import get_args

from joblib import delayed

from paincohort.study import PercentageDefinition, Study, Ties
from reported.checks.run import run_checks
from reported.claims.findings import AuditFinding
from reported.claims.published import Published
from reported.solver.conflict import conflict, survivors
from reported.solver.constrained_outcome import Columns, Measurement, constrain, measurements
from reported.solver.decide import FEWEST, Answer, Decision, decide
from reported.solver.in_parallel import in_parallel
from reported.verifier.exact_columns import ExactColumns
from reported.verifier.verdicts import verify_table

# How many numbers of patients one task decides.
CHUNK = 8
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


def audit_claims(study: Study, published: Published, progress: Callable[[str], object]) -> Audit:
    """Audit a publication.

    Parameters
    ----------
    study
        What was measured.
    published
        The claims. How many were followed up is decided anew, whatever their reading says, unless
        the publication prints it, as `cohort.n_follow_up`.
    progress
        Told what is being done.

    Returns
    -------
    Audit
        Findings and decisions. Whatever is refuted is refuted by proof; whatever is not has a
        certificate or is listed as undecided.
    """
    progress("one variable at a time")
    findings = run_checks(published, study)
    candidates = _candidates(published)
    decisions = _decide_all(study, published, candidates, progress)
    surviving = _numbers(decisions, Answer.NOT_REFUTED, Answer.UNDECIDED)
    joint = sorted(set(candidates).intersection(*surviving.values()))
    progress("conflicts")
    findings += _joint(study, published, candidates, surviving)
    cohort = _cohort(study, published, decisions, joint[-1]) if joint else {}
    if cohort:
        findings += _verified(study, published, cohort, joint[-1])
    progress("rounding and definitions")
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
    return _numbers_possible(published)


def _numbers_possible(published: Published) -> range:
    return range(FEWEST, published.reading.n_enrolled + 1)


def _decide_all(
    study: Study, published: Published, candidates: Sequence[int], progress: Callable[[str], object]
) -> Decisions:
    """Decide every outcome for every n, spread over the cores (or whatever backend is chosen)."""
    whats = measurements(study)
    tasks = [
        (what, candidates[first : first + CHUNK])
        for what in whats
        for first in range(0, len(candidates), CHUNK)
    ]
    decided: Iterator[list[tuple[str, int, Decision]]] = in_parallel(
        delayed(_chunk)(study, published, what, chunk) for what, chunk in tasks
    )
    found: Decisions = {what.name: {} for what in whats}
    for done, chunk in enumerate(decided, start=1):
        progress(f"how many were followed up, {100 * done // len(tasks)} %")
        for name, n, decision in chunk:
            found[name][n] = decision
    return {name: dict(sorted(answers.items())) for name, answers in found.items()}


def _chunk(
    study: Study, published: Published, what: Measurement, numbers: Sequence[int]
) -> list[tuple[str, int, Decision]]:
    return [(what.name, n, decide(constrain(study, published, what, n), study)) for n in numbers]


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
    for what in measurements(study):
        possible = ranges_text(surviving[what.name])
        if left[what.name]:
            keys = published.keys_of(what.name)
            text = f"possible with {possible} followed up"
            yield AuditFinding(CHECK, keys, refuted=False, explanation=text)
        else:
            keys = _conflict(study, published, [what], asked)
            text = f"cannot hold together {tried} followed up"
            text += f"; all of {what.name} could with {possible}" if possible else ""
            yield AuditFinding(CHECK, keys, refuted=True, explanation=text)
    if all(left.values()) and not set.intersection(*left.values()):
        keys = _conflict(study, published, measurements(study), asked)
        text = "each outcome allows some number followed up, but none is allowed by all"
        yield AuditFinding(CHECK, keys, refuted=True, explanation=text)


def _conflict(
    study: Study, published: Published, whats: Sequence[Measurement], asked: Sequence[int]
) -> tuple[str, ...]:
    """Return claims that contradict each other, the printed number of patients among them."""
    keys = conflict(study, published, whats, asked)
    is_printed = any(claim.key == FOLLOWED_UP for claim in published.claims)
    rest = published.only(keys)
    if is_printed and survivors(study, rest, whats, _numbers_possible(published)):
        return FOLLOWED_UP, *keys
    return keys


def _cohort(study: Study, published: Published, decisions: Decisions, n: int) -> Columns:
    n_enrolled = published.reading.n_enrolled
    columns: Columns = {"patient": [str(number + 1) for number in range(n_enrolled)]}
    for what in measurements(study):
        found = decisions[what.name][n].certificate
        if not found:
            return {}
        columns |= constrain(study, published, what, n).columns(found)
    return columns


def _verified(
    study: Study, published: Published, cohort: Columns, n: int
) -> Iterator[AuditFinding]:
    verdicts = verify_table(ExactColumns.of_columns(cohort), study, published)
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
    return {
        outcome.name: {
            definition: decide(replace(outcome, definition=definition), study).answer
            for definition in get_args(PercentageDefinition)
        }
        for outcome in (constrain(study, published, scale, n) for scale in study.outcomes)
        if "change.percentage" in outcome.intervals
    }


def _ties(
    study: Study, published: Published, candidates: Sequence[int]
) -> dict[tuple[Ties, Ties], list[int]]:
    found: dict[tuple[Ties, Ties], list[int]] = {}
    if not any(claim.quantity == "proportion" for claim in published.claims):
        return found
    for proportion, default in product(get_args(Ties), repeat=2):
        ties = {"default": default, "proportion": proportion}
        reading = published.reading.model_copy(update={"ties": ties})
        tied = published.model_copy(update={"reading": reading})
        found[proportion, default] = survivors(study, tied, measurements(study), candidates)
    return found


def ranges_text(numbers: Sequence[int]) -> str:
    """Return "2, 5 to 9" for 2, 5, 6, 7, 8, 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
