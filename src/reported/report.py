"""An audit as a table, as JSON and as a page."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from html import escape
from importlib.metadata import entry_points
from pathlib import Path
from string import Template

from beforeafter.study import Study
from reported.claims.published import Published
from reported.picture import allowed_words, drawn, words
from reported.readings import Conflict
from reported.verdict import Audit
from reported.views import ranges_text

PAGE = Path(__file__).parent / "page.html"
PINNED = {"t and p", "r and p", "wilcoxon test", "sign test"}
POSSIBLE = "Possible number followed up"


def release() -> str:
    """Return the version of the distribution that has the command."""
    (command,) = entry_points(group="console_scripts", name="reported")
    return command.dist.version if command.dist else ""


def findings_rows(audit: Audit, published: Published) -> list[dict[str, str]]:
    """Return check, claims, verdict and arithmetic of every finding, by their headings."""
    return [
        {
            "Check": finding.check,
            "Claims": claims_by_outcome(finding.claims, published),
            "Verdict": "refuted" if finding.refuted else "not refuted",
            "Arithmetic": finding.explanation,
        }
        for finding in audit.findings
    ]


def audit_counts(audit: Audit) -> dict[str, int]:
    """Return how many findings, refutations and possible numbers of patients there are."""
    return {
        "n_findings": len(audit.findings),
        "n_refuted": sum(finding.refuted for finding in audit.findings),
        "n_possible": len(audit.joint),
        "n_undecided": sum(map(len, audit.undecided.values())),
    }


def possible_rows(audit: Audit, study: Study) -> list[dict[str, str]]:
    """Return how many can have been followed up, by what the claims are about."""
    found = {part.abbreviation: audit.surviving[name] for name, part in study.parts.items()}
    return [
        {"Claims about": about, POSSIBLE: ranges_text(numbers) or "none"}
        for about, numbers in (found | {"All together": audit.joint}).items()
    ]


def ties_rows(audit: Audit) -> list[dict[str, str]]:
    """Return how many can have been followed up, by how ties are rounded."""
    return [
        {"Ties of proportions": proportion, "Other ties": other, POSSIBLE: ranges_text(n) or "none"}
        for (proportion, other), n in audit.ties.items()
    ]


def percentage_rows(audit: Audit, study: Study) -> list[dict[str, str]]:
    """Return what each definition of the percentage is said to be, outcome by outcome."""
    return [
        {"Claims about": study.parts[name].abbreviation}
        | {key.replace("_", " ").capitalize(): answer.value for key, answer in answers.items()}
        for name, answers in audit.definitions.items()
    ]


def as_text(audit: Audit, published: Published, *, details: bool) -> Iterator[str]:
    """Yield the lines of plain text, the verdict first; none is cut."""
    yield audit.sentence
    for conflict in audit.conflicts:
        yield ""
        yield from _told(conflict)
    for key, why in audit.not_used.items():
        yield f"Not used: {key}: {why}."
    yield ""
    yield from conclusions(audit)
    if not details:
        yield "Every check: --details. Not refuted never means true."
        return
    yield from (" | ".join(row.values()) for row in findings_rows(audit, published))


def _told(conflict: Conflict) -> Iterator[str]:
    yield f"{conflict.view}: {', '.join(conflict.claims)} cannot be true together"
    yield f"  printed: {'; '.join(conflict.printed)}"
    yield f"  why: {conflict.arithmetic}"
    yield from (f"  {told}" for told in allowed_words(conflict))
    for reading in conflict.tried:
        yield f"  {'possible if' if reading in conflict.unless else 'nor if'} {reading}"
    if not conflict.unless:
        yield "  Refuted under every reading tried; a slip in printing is always possible."


def conclusions(audit: Audit) -> Iterator[str]:
    """Yield what follows about patients followed up, ties and percentages, a sentence each."""
    together = ranges_text(audit.joint) or "none"
    yield f"Followed up, if the number is one for all outcomes, a reading: {together}."
    for (proportion, default), joint in audit.ties.items():
        leaves = ranges_text(joint) or "none"
        yield f"With ties of proportions {proportion} and of other numbers {default}: {leaves}."
    for name, answers in audit.definitions.items():
        each = "; ".join(f"{key.replace('_', ' ')} {a.value}" for key, a in answers.items())
        yield f"Percentage of {name}: {each}."
    for finding in audit.findings:
        if finding.check in PINNED:
            yield f"{finding.check} ({', '.join(finding.claims)}): {finding.explanation}."
    for name, numbers in audit.undecided.items():
        if numbers:
            yield f"Undecided for {name}: {ranges_text(numbers)}."


def as_json(audit: Audit) -> str:
    """Return the audit as a JSON object."""
    ties = [
        {"proportion": proportion, "default": default, "possible": joint}
        for (proportion, default), joint in audit.ties.items()
    ]
    content = {
        "version": release(),
        "verdict": audit.sentence,
        "status": audit.status,
        "refuted": audit.refuted,
        "conflicts": [asdict(conflict) for conflict in audit.conflicts],
        "not_used": dict(audit.not_used),
        "certificate": audit.cohort,
        "findings": [asdict(finding) for finding in audit.findings],
        "n_follow_up": {
            "possible": audit.joint,
            "by_outcome": audit.surviving,
            "undecided": audit.undecided,
            "by_ties": ties,
        },
        "percentages": {
            name: {definition: answer.value for definition, answer in answers.items()}
            for name, answers in audit.definitions.items()
        },
    }
    return json.dumps(content, indent=1)


def as_html(audit: Audit, published: Published) -> str:
    """Return the audit as one page that needs nothing else."""
    not_used = (f"Not used: {key}: {why}" for key, why in audit.not_used.items())
    rows = (row.values() for row in findings_rows(audit, published))
    parts = {
        "heading": escape(f"Audit of {published.source.citation}, {published.source.part}"),
        "verdict": escape(audit.sentence),
        "conflicts": "".join(map(_section, audit.conflicts)),
        "not_used": _each("<p>{}</p>\n", not_used),
        "conclusions": _each("<li>{}</li>", conclusions(audit)),
        "findings": "".join(_row(*row) for row in rows),
        "claims": "".join(
            _row(claim.key, claim.printed, claim.place) for claim in published.claims
        ),
    }
    return Template(PAGE.read_text(encoding="utf-8")).substitute(parts)


def _section(conflict: Conflict) -> str:
    """Return a conflict on the page: the picture, the arithmetic, the readings."""
    pairs = zip(conflict.claims, conflict.printed, strict=True)
    numbers = "; ".join(f"{words(key)}: {printed}" for key, printed in pairs)
    others = "; ".join(each for each in conflict.tried if each not in conflict.unless)
    free = _each("<li>{}</li>", conflict.unless)
    return (
        f"<section><h2>{escape(words(conflict.view))}</h2>"
        f"{drawn(conflict) or f'<p>{escape(numbers)}</p>'}"
        f"<p>Arithmetic: {escape(conflict.arithmetic)}.</p>"
        f"{f'<p>They can be true if</p><ul>{free}</ul>' if free else ''}"
        f"{f'<p>Tried, and not enough: {escape(others)}.</p>' if others else ''}</section>\n"
    )


def _each(form: str, texts: Iterable[str]) -> str:
    return "".join(form.format(escape(text)) for text in texts)


def _row(*cells: str) -> str:
    marked = [
        f'<td class="refuted">{cell}' if cell == "refuted" else f"<td>{escape(cell)}"
        for cell in cells
    ]
    return f"<tr>{''.join(marked)}</tr>\n"


def claims_by_outcome(claims: tuple[str, ...], published: Published) -> str:
    """Return the claims by outcome: "pain: baseline.mean, change.p", or "pain: all 6"."""
    if len(claims) == len(published.claims):
        return f"all {len(claims)}"
    outcomes: dict[str, list[str]] = {}
    for claim in claims:
        name, _, rest = claim.partition(".")
        outcomes.setdefault(name, []).append(rest)
    every = {name: len(published.keys_of(name)) for name in outcomes}
    return "; ".join(
        f"{name}: {f'all {every[name]}' if 1 < len(rest) == every[name] else ', '.join(rest)}"
        for name, rest in outcomes.items()
    )
