"""Digits that are no results are no typed numbers; others may be made a warning."""

from __future__ import annotations

import logging

import pytest
import yaml

from paper.errors import PaperError
from paper.manuscript.printed_text import Passage
from paper.manuscript.typed import check_typed
from paper.storage.settings import Section


def typed(text: str, severity: Section | None = None) -> list[PaperError]:
    return check_typed([Passage("a.qmd", text, 0, len(text))], [], {}, severity or Section())


@pytest.mark.parametrize(
    "text",
    [
        "[@key, p. 5]", "[see @key, pp. 33-35; @other, chap. 2]", "@key [p. 5] said",
        "[@key, 33, 36]", "[@key, vol. 2, and more]", "H~2~O and CO~2~", "Ca^2+^", "x^2^",
        "(a)^2^", "kg/m²", "$x^2 + y_1^{2}$", "$(a + b)^2$", r"$\frac{1}{2}$",
        "doi 10.1000/xyz123", "0000-0002-1825-0097", "NCT01234567", "ISRCTN12345678",
        "CRD42020123456", "2019-001234-56", "1. An item", "10) An item",
    ],
)  # fmt: skip
def test_it_is_no_result(text: str) -> None:
    assert typed(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[@key, who saw 30% fall]", "30%"), ("As @key says, 30 fell", "30"), ("10^3^ men", "10"),
        ("$p = 0.05$", "0.05"), ("NCT", ""), ("Of 12. It", "12"), ("2020-01", "2020-01"),
    ],
)  # fmt: skip
def test_it_may_be_one(text: str, word: str) -> None:
    found = [problem.what.split(" is typed")[0] for problem in typed(text)]
    assert [one for one in found if word in one] == found
    assert bool(found) == bool(word)


def test_typed_numbers_may_be_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert typed("Of 12.", Section("warning")) == []
    assert caplog.messages == ["Warning: a.qmd, line 1, column 4: 12 is typed, not computed."]


def test_nothing_else_may_be_made_of_them() -> None:
    section = Section("never", yaml.compose("never"), 3)
    assert "paper.yml, line 3: typed-digits: 'never' is neither" in str(typed("Text.", section)[0])
