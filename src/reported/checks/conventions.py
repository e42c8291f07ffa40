"""How each kind of number was rounded, as far as the numbers tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import get_args

from beforeafter.study import Study
from reported.checks.percentages import complement_rounded, counts, sum_of_rounded_parts
from reported.checks.single import single_checks
from reported.claims.findings import AuditFinding
from reported.claims.printed import Convention
from reported.claims.published import Claim, Published

KINDS = ("mean", "standard_deviation", "proportion")


def conventions(
    published: Published, study: Study, followed: Sequence[int]
) -> Iterator[AuditFinding]:
    """Yield for each kind of number the conventions under which no check refutes any of them.

    Parameters
    ----------
    published
        The claims; kinds other than the one examined are rounded as its reading says.
    study
        What was measured.
    followed
        The numbers of patients that may have been followed up.
    """
    for kind in KINDS:
        keys = tuple(claim.key for claim in published.claims if claim.quantity == kind)
        if not keys:
            continue
        verdicts = []
        for convention in get_args(Convention):
            refuted = sorted(_refuted(published, study, followed, kind, convention))
            verdicts.append(
                f"{convention} " + (f"not ({', '.join(refuted)})" if refuted else "fits")
            )
        yield AuditFinding("rounding", keys, refuted=False, explanation="; ".join(verdicts))


def detours(published: Published, study: Study, n: int) -> Iterator[AuditFinding]:
    """Yield how a detour in rounding explains proportions that plain rounding does not.

    Parameters
    ----------
    published
        The claims. The default of `ties` is how the other numbers are rounded.
    study
        The groups of categories, the durations.
    n
        Patients followed up.
    """
    convention = published.reading.convention("default")
    parts = {
        f"{rating.name}.{name}.proportion": len(group.codes)
        for rating in study.ratings
        for name, group in rating.groups.items()
    }
    parts |= {f"{duration.name}.event_free.proportion": 1 for duration in study.durations}
    for claim in published.claims:
        if claim.key in parts and not counts(claim.number.interval(convention), n):
            for check, text in _detours(claim, convention, n, parts[claim.key]):
                yield AuditFinding(check, (claim.key,), refuted=False, explanation=text)


def _detours(claim: Claim, convention: Convention, n: int, parts: int) -> Iterator[tuple[str, str]]:
    for k in complement_rounded(claim.number, convention, n):
        rest = f"{100 * (n - k) / n:.6g}"
        printed = f"{float(100 - claim.number.value):.{claim.number.decimals}f}"
        yield (
            "complement rounded",
            f"{k}/{n} = {100 * k / n:.6g} % is {claim.printed} if the remaining {rest} % were "
            f"rounded ({convention}) to {printed} first",
        )
    if parts > 1 and (chosen := sum_of_rounded_parts(claim.number, convention, n, parts)):
        terms = " + ".join(f"{k}/{n}" for k in chosen)
        text = f"{terms}, each rounded ({convention}), add up to {claim.printed}"
        yield "sum of rounded parts", text


def _refuted(
    published: Published, study: Study, followed: Sequence[int], kind: str, convention: Convention
) -> set[str]:
    reread = published.reread(ties=published.reading.ties | {kind: convention})
    findings = (check.finding() for check in single_checks(reread, study, followed))
    refuted = chain.from_iterable(finding.claims for finding in findings if finding.refuted)
    return {key for key in refuted if key.endswith(f".{kind}")}
