"""The manual: pages that are made from the code are up to date, links lead somewhere."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MANUAL = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WORDS_OF_README = 900


def test_pages_that_are_made_from_the_code_are_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs/build.py"))["pages"]()
    for name, text in made.items():
        assert (ROOT / "docs" / name).read_text() == text, f"make docs: {name}"
    for field in ("smallest_count", "minimal_important_difference"):
        assert f"| {field} |" in made["study.md"]
    for command in ("paper new FOLDER", "beforeafter check FILE", "reported audit"):
        assert f"### {command}" in made["commands.md"]
    assert (
        "| `publish(results, unit, decimals, n, named)` | Publish numbers" in made["functions.md"]
    )


@pytest.mark.parametrize("page", MANUAL, ids=lambda page: page.name)
def test_links_of_the_manual_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", page.read_text())):
        path, _, heading = target.partition("#")
        if path.startswith("http"):
            continue
        file = (page.parent / path) if path else page
        assert file.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().split()) <= WORDS_OF_README
