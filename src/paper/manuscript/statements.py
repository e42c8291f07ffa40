"""What a journal asks the authors to state: ethics, consent, registration, funding and so on."""

import re
from collections.abc import Iterator
from pathlib import Path

from declared import parse_yaml
from paper.errors import PaperError
from paper.manuscript.printed_text import SHORTCODE
from paper.storage.sources.article import FRONT_MATTER

OPEN = re.compile(r"to be completed", re.IGNORECASE)


# Fields of `statements` in the front matter; `{{< meta statements.ethics >}}` prints one.
STATEMENTS = (
    "ethics", "consent", "registration", "data", "funding", "conflicts", "contributions",
)  # fmt: skip


def open_statements(article: str, text: str) -> Iterator[PaperError]:
    """Yield each statement of a manuscript that is missing, to be completed, or not printed."""
    front = FRONT_MATTER.match(text)
    content = parse_yaml(front["yaml"] if front else "", Path(article)).content or {}
    said = content.get("statements") or {}
    printed = {use["argument"] for use in SHORTCODE.finditer(text) if use["name"] == "meta"}
    for name in STATEMENTS:
        value = said.get(name) or "missing"
        if value == "missing" or OPEN.search(str(value)):
            hint = "Write it in the front matter, under `statements`."
            yield PaperError(article, f"statements.{name} is open: {value}", hint)
        elif f"statements.{name}" not in printed:
            hint = f"Write {{{{< meta statements.{name} >}}}} where it belongs."
            yield PaperError(article, f"statements.{name} is not printed", hint)
