"""Authors as Quarto lets them be written, for its templates and for that of JATS."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from declared import read_yaml
from paper.errors import PaperError

Fields = dict[str, Any]
ORCID = re.compile(r"(?:https?://orcid\.org/)?(?P<digits>(?:\d{4}-){3}\d{3}[\dX])/?")
LISTS = read_yaml(Path(__file__).with_name("fields.yml")).content
FIELDS = {name: str(listed).split() for name, listed in LISTS.items()}
MARKS = {
    "corresponding": "Corresponding author",
    "equal-contributor": "Contributed equally",
    "deceased": "Deceased",
}
ADDRESS = FIELDS["address"]
# The contributor roles taxonomy (https://credit.niso.org), and the short names that Quarto takes.
ROLES = (
    "Conceptualization, Data curation, Formal analysis, Funding acquisition, Investigation, "
    "Methodology, Project administration, Resources, Software, Supervision, Validation, "
    "Visualization, Writing – original draft, Writing – review & editing"
)
CREDIT = {re.sub(r"\W+", "-", name.lower()): name for name in ROLES.split(", ")}
SHORT = {"writing": "writing-original-draft", "editing": "writing-review-editing"}
HOW = "Write: author: [{name: …, affiliations: [{name: …}]}]"


def listed(value: Any) -> list[Any]:
    """Return what a field holds, one or several, as a list."""
    return value if isinstance(value, list) else [value] if value else []


def read_authors(fields: Fields, place: str) -> tuple[list[Fields], list[Fields]]:
    """Return authors and affiliations.

    Raises PaperError if one is nothing that Quarto takes.
    """
    given = listed(fields.get("author") or fields.get("authors"))
    inner = [listed(one.get("affiliations")) for one in given if isinstance(one, dict)]
    everywhere = [*listed(fields.get("affiliations")), *(place for one in inner for place in one)]
    known = {str(one["id"]): one for one in everywhere if isinstance(one, dict) and "id" in one}
    places: list[Fields] = []
    authors = [_author(one, number, known, places, place) for number, one in enumerate(given, 1)]
    return authors, [_institution(one, number) for number, one in enumerate(places, 1)]


def _checked(given: Any, known: set[str], what: str, place: str) -> Fields:
    fields = {"name": given} if isinstance(given, str) else given
    if not isinstance(fields, dict):
        raise PaperError(place, f"{what} {given!r} is not `field: value`", HOW)
    if others := [name for name in fields if name not in known]:
        hint = f"It may have {', '.join(sorted(known))}."
        raise PaperError(place, f"{what} has a field {others[0]!r}, not known here", hint)
    return fields


def _author(
    given: Any, number: int, known: Mapping[str, Fields], places: list[Fields], place: str
) -> Fields:
    fields = _checked(given, {*FIELDS["author"]}, "an author", place)
    name = fields["name"] if isinstance(fields.get("name"), dict) else fields
    full = " ".join(str(name[part]) for part in ("given", "family") if name.get(part))
    said = fields.get("attributes") or {}
    said = said if isinstance(said, dict) else dict.fromkeys(listed(said), True)
    _checked(said, {*MARKS}, "attributes of an author", place)
    marks = [mark for mark in MARKS if fields.get(mark, said.get(mark))]
    orcid, email = ORCID.fullmatch(str(fields.get("orcid") or "")), str(fields.get("email") or "")
    roles = [_role(one) for one in (*listed(fields.get("role")), *listed(fields.get("roles")))]
    own = (*listed(fields.get("affiliation")), *listed(fields.get("affiliations")))
    institutions = [_affiliation(one, known, place) for one in own]
    places += [one for i, one in enumerate(institutions) if one not in (*places, *institutions[:i])]
    author: Fields = {
        "name": {"literal": str(name.get("literal") or full or name.get("name") or "")},
        "affiliations": [{"name": _address(one)} for one in institutions],
        "affiliation": [str(places.index(one) + 1) for one in institutions],
        "orcid": f"https://orcid.org/{orcid['digits']}" if orcid else "",
        "email": email,
        "roles": roles,
        "equal-contrib": "equal-contributor" in marks,
        "cor-id": str(number) if "corresponding" in marks and email else "",
        "surname": name.get("family"),
        "given-names": name.get("given"),
    }
    if not author["name"]["literal"] or (fields.get("orcid") and not orcid):
        what = f"orcid: {fields['orcid']!r} is none" if fields.get("orcid") else "no name"
        raise PaperError(place, f"an author: {what}", HOW)
    degrees, urls = ([*map(str, listed(fields.get(name)))] for name in ("degrees", "url"))
    links = [f"[{email}](mailto:{email})" if email else "", *urls]
    links += [f"[ORCID {orcid['digits']}](https://orcid.org/{orcid['digits']})"] if orcid else []
    more = [str(fields.get(name) or "") for name in ("phone", "fax", "note", "acknowledgements")]
    # What JATS has no element for.
    dead = [MARKS["deceased"]] * ("deceased" in marks)
    author["said"] = "; ".join(filter(None, [*degrees, *dead, *urls, *more]))
    notes = [
        ", ".join([*degrees, *(MARKS[mark] for mark in marks)]),
        ", ".join(filter(None, links)),
        ", ".join(one["name"] + f" ({one['degree']})" * bool(one["degree"]) for one in roles),
        *more,
    ]
    return {name: v for name, v in author.items() if v} | {"notes": [*filter(None, notes)]}


def _role(given: Any) -> Fields:
    """Read a role, or a role and its degree, `{supervision: lead}`."""
    name, degree = next(iter(given.items())) if isinstance(given, dict) else (given, "")
    slug = re.sub(r"\W+", "-", str(name).lower()).strip("-")
    term = SHORT.get(slug, slug)
    known = {"credit": term, "credit-name": CREDIT[term]} if term in CREDIT else {}
    return {"name": CREDIT.get(term, str(name)), **known, "degree": str(degree)}


def _affiliation(given: Any, known: Mapping[str, Fields], place: str) -> Fields:
    name = str(given["ref"] if isinstance(given, dict) and "ref" in given else given)
    if name in known:
        given = known[name]
    elif isinstance(given, dict) and "ref" in given:
        raise PaperError(place, f"no affiliation has the id {name!r}", HOW)
    return _checked(given, {*ADDRESS, *FIELDS["affiliation"]}, "an affiliation", place)


def _address(fields: Fields, parts: list[str] = ADDRESS) -> str:
    return ", ".join(str(fields[part]) for part in parts if fields.get(part))


def _institution(fields: Fields, number: int) -> Fields:
    named = {name: str(value) for name, value in fields.items() if name not in {"name", "address"}}
    street = {"street-address": _address(fields, ADDRESS[3:-1])} if "address" in fields else {}
    return {**named, **street, "id": str(number), "organization": str(fields.get("name", ""))}
