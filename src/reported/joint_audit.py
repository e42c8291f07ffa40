"""Which printed numbers can be true together, which cannot, and how many were followed up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product, starmap
from logging import getLogger
from typing import get_args

from beforeafter.study import Outcome, PercentageDefinition, Study, Ties
from reported.across import across
from reported.checks.other_tests import other_tests
from reported.checks.run import run_checks
from reported.claims.findings import AuditFinding
from reported.claims.published import FOLLOWED_UP, Published
from reported.readings import FREED, Conflict, conflict_of
from reported.solver.constrained_outcome import Columns, ConstrainedOutcome, constrained_outcomes
from reported.solver.decide import Answer, Decision, Decisions, decide, survivors
from reported.solver.in_parallel import in_parallel
from reported.verdict import Audit
from reported.verifier.verdicts import verify_cells
from reported.views import View, not_used, ranges_text, views

LOG = getLogger(__name__)
CHECK = "joint model"
# Of more numbers of patients not each is looked at; fewer tasks are not spread over the cores.
MANY, FEW = 400, 300
# Of more decisions not each looks for a cohort; so many are made one after the other.
THOROUGH, ONE_BY_ONE = 1000, 8
# How many times as long a p-value of signs or ranks takes.
SIGNED = 30

Decided = tuple[str, int, Decision]


def audit_claims(study: Study, published: Published) -> Audit:
    """Audit a publication.

    Parameters
    ----------
    study, published
        What was measured, and the claims. How many were followed up is decided anew, whatever their
        reading says, unless the publication prints it, as `cohort.n_follow_up`.

    Returns
    -------
    Audit
        Findings and decisions. Whatever is refuted is refuted by proof; whatever is not has a
        certificate or is listed as undecided.
    """
    LOG.info("one variable at a time")
    seen = list(views(study, published))
    plain = [view for view in seen if view.name == view.what.name]
    main = _plain(published, study, plain)
    thin = _few(main, study)
    findings = run_checks(main, study) if thin else []
    decisions = _decide_all(seen)
    surviving = _numbers(decisions, Answer.NOT_REFUTED, Answer.UNDECIDED)
    printed = published.n_printed
    candidates = published.reading.any_number if printed is None else [printed]
    together = [set(surviving[view.name]) for view in plain if not _has_n(view)]
    joint = sorted(set(candidates).intersection(*together))
    LOG.info("conflicts")
    findings += _of_other_tests(seen)
    findings += _joint(seen, surviving)
    conflicts = _conflicts(seen, findings)
    unused = not_used(study, published)
    for key, found in across(seen):
        if isinstance(found, str):
            unused[key] = found
        else:
            unused.pop(key, None)
            findings.append(found[0])
            conflicts += (found[1],) if found[1] else ()
    used = published.modelled(study.analysis.test)
    whole = len(plain) == len(seen) and main.claims == used.claims and not conflicts
    cohort = _cohort(study, used, decisions, joint[-1]) if joint and whole else {}
    if cohort:
        findings += _verified(study, used, cohort, joint[-1])
    LOG.info("rounding and definitions")
    return Audit(
        findings=tuple(findings),
        surviving=surviving,
        undecided=_numbers(decisions, Answer.UNDECIDED),
        joint=joint,
        ties=_ties(study, main, candidates, decisions) if thin else {},
        definitions=_definitions(study, main, joint[-1]) if joint and thin else {},
        cohort=cohort,
        conflicts=conflicts,
        not_used=unused,
    )


def _plain(published: Published, study: Study, plain: Sequence[View]) -> Published:
    """Return the publication with what is of all patients, at baseline and at follow-up."""
    everyone = published.reading.n_enrolled
    whole = [view for view in plain if view.published.reading.n_enrolled == everyone]
    own = {key for view in whole if not _has_n(view) for key in view.originals}
    keys = own | {c.key for c in published.claims if c.name in {"cohort", "protocol"}}
    return published.modelled(study.analysis.test).only(keys)


def _has_n(view: View) -> bool:
    return any(claim.n for claim in view.published.claims)


def _few(published: Published, study: Study) -> bool:
    """Whether every number of patients that there may be can be looked at."""
    followed = [len(view.candidates) for view in views(study, published)]
    return max(followed, default=0) <= MANY or published.reading.n_follow_up is not None


def _decide_all(seen: Sequence[View]) -> Decisions:
    """Decide every view for every number of patients, so far as there are not too many.

    Where the number that is read is refuted, others are looked at by their sums alone.
    """
    decisions: Decisions = {view.name: {} for view in seen}
    many = sum(len(v.candidates) * (SIGNED if v.of_signs else 1) for v in seen) > THOROUGH
    tasks, deepened = [], []
    for view in seen:
        few, asked = len(view.candidates) <= MANY, view.asked
        # Of further visits only a possible number is looked for where there is much to do.
        few = few and (not many or view.name == view.what.name)
        if len(asked) == 1:
            decisions[view.name][asked[0]] = first = decide(view.at(asked[0]))
        deep = not many and (len(asked) > 1 or first.answer is not Answer.REFUTED)
        deep = deep or not isinstance(view.what, Outcome)
        others = [n for n in view.candidates if few and n not in decisions[view.name]]
        tasks += [(view.name, view.at(n), deep) for n in others]
        deepened += [view] if len(asked) > 1 and not (deep and few) else []
    # Tasks that take about as long stand side by side, because a core is given several at once.
    tasks.sort(key=lambda task: task[1].n)
    for done, (name, n, decision) in enumerate(_spread(tasks)):
        decisions[name][n] = decision
        LOG.info("how many were followed up, %d %%", 100 * done // len(tasks))
    for view in deepened:
        _deepen(view, decisions[view.name])
    return {name: dict(sorted(answers.items())) for name, answers in decisions.items()}


def _deepen(view: View, answers: dict[int, Decision]) -> None:
    """Decide the greatest numbers that sums allow, until one is not refuted."""
    left = [
        n
        for n in sorted(view.asked, reverse=True)
        if n not in answers or answers[n].answer is Answer.UNDECIDED
    ]
    first = ONE_BY_ONE if len(left) <= MANY else len(left)
    for n in left[:first]:
        answers[n] = decide(view.at(n))
        if answers[n].answer is not Answer.REFUTED:
            return
    later = _spread([(view.name, view.at(n), True) for n in left[first:]])
    answers |= {n: decision for _, n, decision in later}


def _spread(tasks: Sequence[tuple[str, ConstrainedOutcome, bool]]) -> Iterator[Decided]:
    many = sum(isinstance(outcome.what, Outcome) for _, outcome, _ in tasks) > FEW
    yield from in_parallel(_decided, tasks) if many else starmap(_decided, tasks)


def _decided(name: str, outcome: ConstrainedOutcome, thorough: bool) -> Decided:
    return name, outcome.n, decide(outcome, thorough=thorough)


def _numbers(decisions: Decisions, *wanted: Answer) -> dict[str, list[int]]:
    return {
        name: [n for n, decision in answers.items() if decision.answer in wanted]
        for name, answers in decisions.items()
    }


def _joint(seen: Sequence[View], surviving: dict[str, list[int]]) -> Iterator[AuditFinding]:
    """Yield what each view allows, and the claims that leave no number of patients."""
    for view in seen:
        possible = ranges_text(surviving[view.name])
        keys = view.keys([claim.key for claim in view.published.claims])
        if set(view.asked) & set(surviving[view.name]):
            text = f"possible with {possible} followed up"
            yield AuditFinding(CHECK, keys, refuted=False, explanation=text)
        else:
            tried = f"with {view.asked[0]}" if len(view.asked) == 1 else "with any number"
            text = f"cannot hold together {tried} followed up"
            text += f"; {view.name} is not refuted with {possible}" if possible else ""
            yield AuditFinding(CHECK, keys, refuted=True, explanation=text)


def _of_other_tests(seen: Sequence[View]) -> Iterator[AuditFinding]:
    """Yield what the p-values of other tests, t and r say of the number of patients."""
    for view in seen:
        if len(view.candidates) <= MANY and not any(claim.arm for claim in view.published.claims):
            for check in other_tests(view.published, view.study, view.asked):
                yield replace(check.finding(), claims=view.keys(check.claims))


def _conflicts(seen: Sequence[View], findings: list[AuditFinding]) -> tuple[Conflict, ...]:
    """Return the smallest conflicts; findings that refute get their claims."""
    found: list[Conflict] = []
    first = len(findings) - len(seen)
    for place, finding in enumerate(findings):
        if finding.refuted:
            # The last findings are of the views, one each; two arms have the same keys.
            of_views = seen[place - first :] if place >= first else seen
            view = next(v for v in of_views if set(finding.claims) <= set(v.originals.values()))
            canonical = {original: key for key, original in view.originals.items()}
            keys = [canonical[key] for key in finding.claims]
            conflict = conflict_of(view, keys, finding.explanation)
            claims = conflict.claims
            if len(view.candidates) == 1 and not _has_n(view) and FREED in conflict.unless:
                claims = (FOLLOWED_UP, *claims)
            findings[place] = replace(finding, claims=claims)
            found.append(conflict)
    sets = [{*zip(each.claims, each.printed, strict=False)} for each in found]
    return tuple(
        conflict
        for place, conflict in enumerate(found)
        if not any(other < sets[place] for other in sets) and sets[place] not in sets[:place]
    )


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
    study: Study, published: Published, candidates: Sequence[int], known: Decisions
) -> dict[tuple[Ties, Ties], list[int]]:
    if not any(claim.quantity == "proportion" for claim in published.claims):
        return {}
    rules = product(get_args(Ties), repeat=2)
    read = {
        rule: published.reread(ties={"proportion": rule[0], "default": rule[1]}) for rule in rules
    }
    return {rule: survivors(study, each, candidates, known) for rule, each in read.items()}
