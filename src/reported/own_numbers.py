"""The numbers that a paper itself prints together, checked as those of any publication are."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from beforeafter.study import Outcome, Study
from reported.checks.p_values import difference_of, t_of_p
from reported.checks.paired import correlation, deviation_of_change
from reported.checks.run import run_checks
from reported.claims.errors import ReportedError, UnreadableNumberError
from reported.claims.findings import AuditFinding
from reported.claims.printed import Interval
from reported.claims.published import Claim, PrintedSource, Published, Reading

Texts = Mapping[str, str]
CHANGE = {key: key for key in ("change.mean", "change.percentage", "change.p")}
BEFORE, AFTER = (
    {f"{visit}.{part}": f"paired_{visit}.{part}" for part in ("mean", "standard_deviation")}
    for visit in ("baseline", "follow_up")
)
OF_ALL = ("baseline.n_observed", "follow_up.n_observed")
FEWEST = 2


def check_own_numbers(texts: Mapping[str, Texts], study: Study) -> list[AuditFinding]:
    """Return every check of what a paper prints of its outcomes: means, SDs, change, p, t, r.

    `texts` has, by the name of the outcome, texts by the keys of `paired_change`. A failed check
    raises `ReportedError`.
    """
    made, failed = [], ["the paper's own numbers contradict each other"]
    for outcome in study.outcomes:
        of = texts[outcome.name]
        for one in _checks(of, outcome, study):
            made.append(one)
            if one.refuted:
                printed = (f"{key} ({of[key.partition('.')[2]]})" for key in one.claims)
                failed.append(f"{', '.join(printed)}: {one.check}: {one.explanation}")
    if failed[1:]:
        raise ReportedError("\n".join(failed))
    return made


def _checks(of: Texts, outcome: Outcome, study: Study) -> Iterator[AuditFinding]:
    n, *sizes = (int(of[key]) for key in ("n_pairs", *OF_ALL))
    if n < FEWEST:
        return
    # A total of which an answer is missing is filled up, and need not be a score of the scale.
    if outcome.step is not None and (outcome.items is None or study.reconstructed):
        alone = study.model_copy(update={"outcomes": (outcome,), "ratings": (), "durations": ()})
        visits = ({key: key for key in visit} for visit in (BEFORE, AFTER))
        for keys, size in zip((*visits, BEFORE | AFTER | CHANGE), (*sizes, n), strict=True):
            published = _published(of, outcome, study, keys, size)
            # How many datasets there are takes seconds to count, and here is one.
            for one in run_checks(published, alone, counted=False):
                own = tuple(f"{outcome.name}.{keys[key.partition('.')[2]]}" for key in one.claims)
                yield AuditFinding(one.check, own, one.refuted, one.explanation)
    yield from _identities(_published(of, outcome, study, {key: key for key in of}, n), outcome, n)


def _published(
    of: Texts, outcome: Outcome, study: Study, keys: Mapping[str, str], n: int
) -> Published:
    claims = []
    for key, own in keys.items():
        with suppress(UnreadableNumberError, ValueError):
            full = f"{outcome.name}.{key}"
            claims.append(Claim(key=full, printed=of[own], place="this paper"))
    reading = Reading(n_enrolled=n, n_follow_up=n, ties=study.analysis.ties)
    source = PrintedSource(citation="this paper", part="tables")
    return Published(source=source, reading=reading, claims=tuple(claims))


def _identities(published: Published, outcome: Outcome, n: int) -> Iterator[AuditFinding]:
    """Yield what holds of any pairs: a difference of means, SDs and r, SD and t, t and p."""
    about = published.about(outcome.name)
    means, deviations = (
        [f"paired_{visit}.{part}" for visit in ("baseline", "follow_up")]
        for part in ("mean", "standard_deviation")
    )
    for name, keys, key, implied in (
        ("change of the means", means, "change.mean", lambda b, a: difference_of(a, b)),
        ("correlation", [*deviations, "change.standard_deviation"], "correlation", correlation),
        (
            "t-test",
            ["change.mean", "t_test.statistic"],
            "change.standard_deviation",
            lambda change, t: deviation_of_change(change, t.absolute(), n),
        ),
        ("p-value", ["t_test.p"], "t_test.statistic", lambda p: t_of_p(p, n - 1)),
    ):
        if {*keys, key} <= {*about} and all(about[one].high > 0 for one in deviations):
            given = implied(*(about[one] for one in keys))
            printed: Interval = about[key].absolute() if name == "p-value" else about[key]
            agrees = given.meets(printed)
            text = f"the others imply {given}, {key} is in {printed}"
            claims = tuple(f"{outcome.name}.{one}" for one in (*keys, key))
            yield AuditFinding(name, claims, not agrees, text)
