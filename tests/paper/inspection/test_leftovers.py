"""What no reader should see is found in what was rendered, and nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from paper.renderers.inspection.leftovers import find_left_over

WRONG = [
    ("<meta name='citation_abstract' content='It was {{< num pain.mean >}}.'>", "a shortcode"),
    ("<p>It was {{&lt; num pain.mean &gt;}}.</p>", "a shortcode"),
    ("<p>See <strong>?@fig-gone</strong>.</p>", "a reference is not resolved: ?@fig-gone"),
    ("<p>It was ?var:pain.mean.</p>", "a reference is not resolved: ?var:pain.mean"),
    ("<td>nan</td>", "a number that cannot be estimated"),
    ("<p>It was nan% of NaN.</p>", "a number that cannot be estimated"),
    ('<img alt="From nan to 3">', "a number that cannot be estimated"),
]
RIGHT = [
    "<p>banana, nano, numpy.nan</p>",
    "<pre><code>float('nan')</code></pre>",
    "<script>let x = NaN, y = '{{<';</script><style>a::after { content: '{{<' }</style>",
    '<img src="data:image/png;base64,/nan/AAA=">',
    "<p>?</p><p>Who?@home</p>",
]


@pytest.mark.parametrize(("text", "what"), WRONG)
@pytest.mark.parametrize("name", ["index.html", "notebooks/a-preview.html", "paper.xml"])
def test_what_is_wrong_has_its_file_and_line(
    tmp_path: Path, name: str, text: str, what: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"<style>\na {{}}\n</style>\n{text}\n")
    assert str(find_left_over(tmp_path / name, name)[0]).startswith(f"{name}, line 4: {what}")


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.html").write_text(text)
    assert find_left_over(tmp_path / "index.html", "index.html") == []


def test_a_shortcode_that_word_cut_in_two_is_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "paper.docx", "w") as document:
        document.writestr("word/document.xml", "<w:p>All is well.</w:p><w:p><w:r>{</w:r>"
                          "<w:r>{&lt; num x</w:r></w:p>")  # fmt: skip
        document.writestr("docProps/core.xml", "<dc:title>It was {{&lt; num x &gt;}}</dc:title>")
    assert [str(problem) for problem in find_left_over(tmp_path / "paper.docx", "paper.docx")] == [
        "paper.docx, word/document.xml, line 2: a shortcode is left over: {{&lt; num x",
        "paper.docx, docProps/core.xml, line 1: a shortcode is left over: {{&lt; num x &gt;}}",
    ]
