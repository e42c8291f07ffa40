"""A manuscript with all that is hard to follow passes in every format."""

from __future__ import annotations

from pathlib import Path

from commands import run_paper

BODY = """

## Methods of the *trial*

Words that break: interdisciplinary characterisation, counter-revolutionary self-measurement, and
the office of the waffle-making Afflicted; naïve cafés, Zürich, a cafe\u0301 and Ångström; “quotes”,
'single' ones, dashes -- and --- more; ellipses... and A/B. ~~Struck~~, [small]{.smallcaps},
`code-with_signs`, H~n~O and x^a^.

Notes stand below.^[A note with a *word*, and *P* < alpha, that is long enough to be broken into
more than one line of its page, wherever that page is.] So does another.^[The other note.]
References follow each other [@cook2020pain; see @cook2020pain, and others], in the middle
[@cook2020pain] and at the end [@cook2020pain].

> A quotation stands alone. *P* and others stand for themselves.

Term
:   What it means, in a few words.

Another term
:   What that one means, in some more.

#. The first point is made in a sentence.
#. The second has parts:
    - one of them is short;
    - the other is longer, and goes on until it has to be broken into several lines of text.

| The first line of a verse
| and the second one

```r
model <- lm(change ~ group, data = patients)  # a long line of code that may have to be broken
```

Hebrew שלום and Arabic مرحبا stand among Greek αβγ, Cyrillic боль and signs ✓ → © ™ ° µ.

### The same words

The same words. The same words. Pain was {{< num pain.mean >}}, which is {{< num pain.mean >}}, and
{{< num pain.mean >}} again. {{< num pain.mean >}}

{{< num pain.mean >}}

{{< num pain.mean >}} began this paragraph.
"""
LONG = "\n".join(
    f"\n{word} a paragraph that comes in many forms, each of which says much the same as the other."
    for word in (
        ["Once", "Again", "Then", "So", "There", "Here", "Now", "Later", "Still", "Also"] * 9
    )
)
ROWS = "\n".join(f"| {'one ' * n} | of {'more' * (n % 5)} | {'c' * 9} |" for n in range(1, 25))
TABLE = f"\n\n| One | Two | Three |\n|:---|:-----|---:|\n{ROWS}\n\n: A long table. {{#tbl-long}}\n"


def test_a_hard_manuscript_is_rendered_in_all_formats(little: Path) -> None:
    article = little / "paper.qmd"
    article.write_text(article.read_text() + BODY + LONG + TABLE)
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
