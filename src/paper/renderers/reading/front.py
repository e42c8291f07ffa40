"""The front matter as the formats need it, and what of it stands before and after the text."""

import datetime
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from declared import nearest
from paper.errors import PaperError, ProblemsError
from paper.renderers.reading.authors import FIELDS, listed, read_authors
from paper.storage.files import read_fields
from paper.storage.project import Project
from paper.storage.sources.article import CONFIGURATION, front_matter

Fields = dict[str, Any]
Day = datetime.date | str
HANDED_ON, READ, OF_QUARTO = (FIELDS[name] for name in ("handed on", "read", "of Quarto"))
COMMONS = re.compile(r"CC[ -](BY(?:-(?:NC|SA|ND)){0,2}|0)(?:[ -](\d\.\d))?", re.IGNORECASE)


@dataclass(frozen=True)
class Front:
    """What the front matter says."""

    metadata: Fields  # of all formats
    jats: Fields  # of JATS alone
    # Markdown that stands before the text, and after it.
    before: str
    after: str


def read_front(project: Project, text: str) -> Front:
    """Read the front matter of a text; `_quarto.yml` may hold fields of the article too.

    Raises PaperError at a field that is not known here, with its line.
    """
    own = front_matter(text, project.article)

    def where(field: str) -> str:
        return f"{project.article}, line {own.line((field,))}"

    unknown = [field for field in own.content if field not in {*HANDED_ON, *READ, *OF_QUARTO}]
    problems = [
        PaperError(
            where(field),
            f"the front matter has a field {field!r}, not known here",
            f"Delete it, or render with Quarto; {nearest(str(field), [*HANDED_ON, *READ])}",
        )
        for field in unknown
    ]
    if problems:
        raise ProblemsError(problems)
    general = read_fields(project.root / CONFIGURATION, CONFIGURATION)
    for field in FIELDS["programs"]:
        if field in general.content:
            place = f"{CONFIGURATION}, line {general.line((field,))}"
            raise PaperError(place, f"{field}: not known here", "Render with Quarto.")
    fields: Fields = {**general.content, **own.content}
    if not fields.get("title"):
        raise PaperError(where("title"), "the article has no title", "Write: title: …")
    place = where("author" if "author" in fields else "authors")
    authors, affiliations = read_authors(fields, place)
    day = _date(fields.get("date"), project, where("date"))
    metadata = {
        **{name: fields[name] for name in HANDED_ON if fields.get(name)},
        "link-citations": True,
        "by-author": authors,
        # For Word, in which an author is a paragraph.
        "author": [
            ", ".join(filter(None, [one["name"]["literal"], _places(one)]))
            + "".join(f"; {note}" for note in one["notes"])
            for one in authors
        ],
        "date": day if isinstance(day, str) else f"{day:%B} {day.day}, {day.year}",
    }
    jats = _jats(fields, day) | {
        "author": [{**one, "name": one["name"]["literal"]} for one in authors],
        "affiliation": affiliations,
    }
    of_page = {
        "doi": jats["article"]["doi"],
        "container-title": jats["journal"]["title"],
        "comments": _comments(fields),
    }
    metadata |= {name: value for name, value in of_page.items() if value}
    mail = [{"id": one["cor-id"], "email": one["email"]} for one in authors if "cor-id" in one]
    said = [f"{one['name']['literal']}: {one['said']}." for one in authors if "said" in one]
    if notes := {name: v for name, v in (("corresp", mail), ("con", " ".join(said))) if v}:
        jats["article"]["author-notes"] = notes
    points = "\n".join(f"- {point}" for point in listed(fields.get("key-points")))
    before = _section("Plain language summary", str(fields.get("plain-language-summary") or ""))
    names = ", ".join(one["name"]["literal"] for one in authors)
    before += _section("Key points", points)
    return Front(metadata, jats, before, _after(fields, names, day))


def _date(given: Any, project: Project, where: str) -> Day:
    """Return a date; what is written otherwise, as it is; nothing, as an empty text."""
    if given in ("today", "now", "last-modified"):
        changed = (project.root / project.article).stat().st_mtime
        now = datetime.datetime.now(datetime.UTC).timestamp()
        seconds = os.environ.get("SOURCE_DATE_EPOCH") or (changed if given[0] == "l" else now)
        return datetime.datetime.fromtimestamp(float(seconds), datetime.UTC).date()
    if isinstance(given, list | dict):
        raise PaperError(where, "date is not a date", "Write: date: 2024-05-31")
    try:
        return datetime.date.fromisoformat(str(given or "")[:10])
    except ValueError:
        return str(given or "")


def _comments(fields: Fields) -> Any:
    """Return what lets readers comment, as Quarto has it; nothing unless it is asked for."""
    html = fields.get("format")
    for name in ("html", "comments"):
        html = html.get(name) if isinstance(html, dict) else None
    return fields.get("comments") or html


def _year(day: object) -> str:
    return found[0] if (found := re.search(r"\d{4}", str(day))) else ""


def _words(value: Any, *names: str) -> str:
    """Return the words of a field: one text, several, or fields of a mapping, all or some."""
    if isinstance(value, dict):
        return ", ".join(filter(None, (_words(value.get(name)) for name in names or value)))
    texts = (_words(one) if isinstance(one, dict) else str(one) for one in listed(value))
    return "" if isinstance(value, bool) else "; ".join(texts)


def _places(author: Mapping[str, Any]) -> str:
    """Return the affiliations of an author, each of which may hold commas."""
    return "; ".join(one["name"] for one in author.get("affiliations", []))


def _license(value: Any) -> tuple[str, str]:
    """Return the words and the address of a licence."""
    if isinstance(value, dict):
        return _words(value, "text") or _words(value, "type"), _words(value, "url")
    if found := COMMONS.fullmatch(words := _words(value)):
        zero = found[1] == "0"
        path = "publicdomain/zero" if zero else f"licenses/{found[1].lower()}"
        version = found[2] or ("1.0" if zero else "4.0")
        return words, f"https://creativecommons.org/{path}/{version}/"
    return words, ""


def _copyright(value: Any) -> str:
    if isinstance(value, dict):
        return _words(value, "statement") or f"© {_words(value, 'year')} {_words(value, 'holder')}"
    return _words(value)


def _section(title: str, text: str) -> str:
    return f"\n\n## {title} {{.unnumbered .of-front}}\n\n{text}\n" if text else ""


def _after(fields: Fields, names: str, day: Day) -> str:
    """Return the sections after the text; JATS has them as metadata."""
    words, address = _license(fields.get("license"))
    text = (
        _section("Funding", _words(fields.get("funding")))
        + _section("Licence", f"[{words}]({address})" if address else words)
        + _section("Copyright", _copyright(fields.get("copyright")))
        + _section("Citation", _citation(fields, names, day))
    )
    return f'\n\n::: {{.content-hidden when-format="jats"}}\n{text}\n:::\n' if text else ""


def _cited(fields: Fields) -> Fields:
    """Return what is said of the publication."""
    given = fields["citation"] if isinstance(fields.get("citation"), dict) else {}
    return {"doi": fields.get("doi") or "", **given}


def _citation(fields: Fields, names: str, day: Day) -> str:
    cited = _cited(fields)
    if not (fields.get("citation") or cited["doi"]):
        return ""
    year, journal = _year(cited.get("issued") or day), _words(cited, "container-title")
    parts = [
        f"{names} ({year})" if year else names,
        _words(fields.get("title")),
        f"*{journal}*" * bool(journal),
        _words(cited, "volume", "issue", "page"),
        f"<https://doi.org/{cited['doi']}>" if cited["doi"] else _words(cited, "url"),
    ]
    return ". ".join(filter(None, parts))


def _jats(fields: Fields, day: Day) -> Fields:
    cited, (words, address) = _cited(fields), _license(fields.get("license"))
    first, _, last = _words(cited, "page").partition("-")
    article = {name: _words(cited, name) for name in ("doi", "volume", "issue")}
    article |= {"fpage": first, "lpage": last}
    article["funding-statement"] = _words(fields.get("funding"))
    found: Fields = {"tags": listed(fields.get("keywords")), "article": article}
    found["journal"] = {"title": _words(cited, "container-title")}
    if words:
        found["license"] = [{"text": words, "link": address}]
    if held := fields.get("copyright"):
        found["copyright"] = {"statement": [_copyright(held)]}
        if isinstance(held, dict):
            found["copyright"] |= {name: _words(held, name) for name in ("year", "holder")}
    exact = (
        {} if isinstance(day, str) else {"iso-8601": f"{day}", "day": day.day, "month": day.month}
    )
    if year := _year(day):
        found["date"] = {"year": year, **{name: str(value) for name, value in exact.items()}}
    return found
