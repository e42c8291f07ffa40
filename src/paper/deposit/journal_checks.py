"""What of that which a journal asks a paper meets, counted in its JATS article."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from paper.deposit.journals import Asked, Count, Findings, Journal, Names, Statements
from paper.manuscript.statements import OPEN
from paper.storage.project import Project

# Parts of the body that are not counted as words of the text.
APART = {"fig", "table-wrap", "boxed-text"}
# Behind these a word ends.
BLOCKS = {"p", "title", "sec", "list-item", "disp-quote", "abstract", "disp-formula"}


def check_paper(
    project: Project, journal: Journal, article: ET.Element, fields: Mapping[str, Any]
) -> Findings:
    """Compare the text of a paper with what a journal asks.

    `article`: the root of the JATS article. `fields`: the front matter. What the submission makes
    of itself, the layout in Word and files of figures, is told by what makes it.
    """
    found = Findings()
    for what, asked in journal.asks():
        if asked is None:
            found.not_checked.append(what)
        for line, is_met in _compare(what, asked, project, article, fields):
            found.add(f"{what}: {line}", is_met=is_met)
    return found


def _compare(
    what: str, asked: Asked | None, project: Project, article: ET.Element, fields: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Yield what a paper has of one thing that is asked, and whether that will do."""
    match what, asked:
        case _, Count(at_least=low, at_most=high):
            n = _count(what, article)
            ends = [f"at least {low}"] * (low > 0) + [f"at most {high}"] * (high is not None)
            yield (
                f"{n}, {' and '.join(ends) or 'any number'}",
                low <= n and (high is None or n <= high),
            )
        case "abstract headings", Names(names=names):
            titles = [words(title) for title in article.iterfind("front//abstract/sec/title")]
            same = [one.casefold() for one in titles] == [name.casefold() for name in names]
            asks = ", ".join(names) or "some"
            yield f"{', '.join(titles) or 'none'}; asked: {asks}", same if names else bool(titles)
        case "citation style", Names(names=names):
            style = project.csl.stem if project.csl else "Chicago, author and year"
            yield f"{style}; asked: {names[0]}, by `csl: {names[0]}.csl`", style in names
        case "checklist", Names(names=names):
            there = {file.stem for file in (project.root / "supplements").glob("*.yml")} & {*names}
            yield f"{', '.join(there) or 'none'}; asked: {' or '.join(names)}", bool(there)
        case "statements", Statements(named=named):
            said = fields.get("statements") or {}
            headings = {words(title) for title in article.iterfind(".//sec/title")}
            for name, title in named.items():
                written = bool(said.get(name)) and not OPEN.search(str(said[name]))
                headed = not title or title in headings
                wanted = "" if headed else f", without its title, “{title}”"
                yield f"{name} {'written' if written else 'open'}{wanted}", written and headed
        case "orcid", Asked():
            people = article.findall("front//contrib")
            n = sum(one.find("contrib-id[@contrib-id-type='orcid']") is not None for one in people)
            yield f"of {n} of {len(people)} authors", 0 < len(people) == n


def _count(what: str, article: ET.Element) -> int:
    tables, figures = article.findall("body//table-wrap"), article.findall("body//fig")
    body, abstract = article.find("body"), article.find("front//abstract")
    title = words(article.find("front//article-title"))
    return {
        "abstract words": len(words(abstract).split()),
        "main words": len(words(body).split()),
        "references": len(article.findall("back//ref")),
        "tables and figures": len(tables) + len(figures),
        "tables": len(tables),
        "figures": len(figures),
        "keywords": len(article.findall("front//kwd")),
        "title characters": len(title),
        "running title characters": len(words(article.find("front//alt-title"))),
        "heading levels": _depth(body),
    }[what]


def words(element: ET.Element | None) -> str:
    """Return the running text of an element, without tables, figures and boxes in it."""
    return "" if element is None else " ".join(_inner(element).split())


def _inner(element: ET.Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag not in APART:
            parts += [_inner(child), " " if child.tag in BLOCKS else ""]
        parts.append(child.tail or "")
    return "".join(parts)


def _depth(element: ET.Element | None) -> int:
    inner = [] if element is None else element.findall("sec")
    return 1 + max(map(_depth, inner)) if inner else 0


def told(journal: Journal, name: str, found: Findings) -> str:
    """Return what is told of a journal in the list of what is open, as Markdown."""
    pages = list(dict.fromkeys(asked.source for _, asked in journal.asks() if asked))
    parts = {"Met": found.met, "Missed": found.missed, "Not checked": found.not_checked}
    parts["Pages read for the profile"] = pages
    lists = (
        f"\n### {title}\n\n" + ("".join(f"- {line}\n" for line in lines) or "Nothing.\n")
        for title, lines in parts.items()
    )
    read = f"By the profile {name}; its pages, which may have changed, were read on {journal.seen}."
    return f"\n## {journal.title}, {journal.article}\n\n{read}\n" + "".join(lists)
