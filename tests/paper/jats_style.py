"""What PubMed Central asks of a JATS article besides the DTD, as far as a file alone can show it.

Put in our own words after its tagging guidelines (https://pmc.ncbi.nlm.nih.gov/tagging-guidelines)
and what its style checker, version 5, tells. What it asks of a publisher, a journal, a date and
pages, no manuscript has.
"""

from __future__ import annotations

from typing import Any

SPACES = {
    "xlink": "http://www.w3.org/1999/xlink",
    "ali": "http://www.niso.org/schemas/ali/1.0/",
    "re": "http://exslt.org/regular-expressions",
}
KINDS = {"fig": "fig", "table-wrap": "table", "sec": "sec", "ref": "bibr", "aff": "aff"}
KINDS |= {"corresp": "corresp", "fn": "fn", "disp-formula": "disp-formula", "app": "app"}
NEVER_EMPTY = [
    "sec", "p", "title", "label", "back", "kwd", "subject", "preformat", "permissions", "caption",
    "journal-meta", "history", "article-title", "boxed-text",
]  # fmt: skip
# What must not be there → where it is: a path.
FAULTS = {
    "article of no kind": "self::article[not(@article-type='research-article')]",
    "not one heading in article-categories": (
        "front/article-meta[count(article-categories/subj-group[@subj-group-type='heading']/subject)"
        " != 1]"
    ),
    "contrib of no kind": "front//contrib[not(@contrib-type='author' or @contrib-type='editor')]",
    "contrib without a name in parts": "front//contrib[not(name or collab or name-alternatives)]",
    "contrib named twice": "front//contrib[name and string-name]",
    "contrib-id of no ORCID": (
        "//contrib-id[not(re:test(., '^https://orcid\\.org/(\\d{4}-){3}\\d{3}[\\dX]$'))]"
    ),
    "role without its term": (
        "//role[@vocab='credit'][not(@vocab-identifier and @vocab-term-identifier)]"
    ),
    "copyright-year of no year": "//copyright-year[not(re:test(., '^\\d{4}$'))]",
    "license without words and address": (
        "//license[not(license-p and @xlink:href and @xlink:href = ali:license_ref)]"
    ),
    "abstract with a section without title, or a title in bold": (
        "//abstract[sec[not(title)] or p/bold[not(preceding-sibling::node()[normalize-space()])]]"
    ),
    "sec without its kind": (
        "body/sec[re:test(title, '^(Introduction|Methods|Results|Discussion|Conclusions)$')]"
        "[not(@sec-type)]"
    ),
    "label without an id to refer to": (
        "body//*[self::fig or self::table-wrap][label and not(@id)]"
    ),
    "graphic of no form": (
        "//graphic[not(re:test(@xlink:href, '^[\\w./-]+\\.(png|jpe?g|tiff?|svg|gif)$'))]"
    ),
    "conflicts outside of the notes on authors": (
        "//sec[@sec-type='COI-statement'][not(re:test(., 'to be completed'))]"
        " | //fn[@fn-type='coi-statement'][not(parent::author-notes)]"
    ),
    "ref without id": "//ref[not(@id)]",
    "citation of no kind": "//element-citation[not(@publication-type)]",
    "citation without title": "//element-citation[not(article-title or source)]",
    "persons of no kind": "//person-group[not(@person-group-type)]",
    "pub-id of no DOI": "//pub-id[@pub-id-type='doi'][not(re:test(., '^10\\.\\d{4,9}/\\S+$'))]",
    "table without head": "body//table[not(thead/tr)]",
    **{
        f"{name} is empty": f"//{name}[not(*) and not(normalize-space())]" for name in NEVER_EMPTY
    },
}  # fmt: skip


def style_faults(article: Any) -> list[str]:
    """Return what an article has otherwise than PubMed Central asks for it."""
    found = [what for what, path in FAULTS.items() if article.xpath(path, namespaces=SPACES)]
    named = {one.get("id"): one.tag for one in article.iter() if one.get("id")}
    return found + [
        f"xref to {one.get('rid')} of no kind"
        for one in article.iter("xref")
        if one.get("ref-type") != KINDS.get(named.get(one.get("rid"), ""))
    ]
