"""The forms in which abstracts write numbers, scales and visits, as patterns."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Template

from declared import read_yaml
from reported.claims.printed import MINUS

FORMS = Path(__file__).parent / "written_forms.yml"


@cache
def written_forms() -> dict[str, str]:
    """Return the patterns of `written_forms.yml` by their names, each with those it is made of."""
    forms = {"minus": MINUS}
    for way, pattern in read_yaml(FORMS).each("*"):
        forms[str(way[0])] = Template(pattern).substitute(forms)
    return forms


def has(form: str, text: str) -> bool:
    """Whether a form of `written_forms.yml` is in a text."""
    return re.search(written_forms()[form], text, re.IGNORECASE) is not None


def plain(alias: str) -> str:
    """Return the name of a scale whatever its spaces, hyphens and capitals."""
    return re.sub(r"[\s-]+", " ", alias).casefold()
