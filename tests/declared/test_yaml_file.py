"""A YAML file: what is in it, in which line, and what is said of one that is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from declared import DataError, YamlFile, parse_yaml, read_yaml
from declared.yaml_file import _Explaining, _Limited, _Quick, _read

TEXT = """\
# The first field is in line 2.
drug:
  dose: 1

outcomes:
  - {name: pain, step: 1}
  - name: mood
    codes: [0, 1]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some.yml"


def read(text: str, file: Path) -> YamlFile:
    file.write_text(text, encoding="utf-8")
    return read_yaml(file)


def refusal(text: str, file: Path) -> str:
    with pytest.raises(DataError) as refused:
        read(text, file)
    assert refused.value.file == file
    return str(refused.value)


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ((), 2),
        (("drug", "dose"), 3),
        (("outcomes", 0, "step"), 6),
        (("outcomes", 1), 7),
        (("outcomes", 1, "codes", 1), 8),
        # Of what is not there, the line of the innermost that lacks it.
        (("drug", "unit"), 2),
        (("outcomes", 1, "label"), 7),
        (("outcomes", 2, "label"), 5),
        (("drug", "dose", "unit"), 3),
        (("label",), 2),
    ],
)
def test_a_field_knows_its_line(field: tuple[int | str, ...], line: int, file: Path) -> None:
    assert read(TEXT, file).line(field) == line


@pytest.mark.parametrize(("text", "line"), [("", 1), ("\n\n# nothing\n", 1), ("\n- 1\n", 2)])
def test_a_file_without_fields_has_a_line(text: str, line: int, file: Path) -> None:
    assert read(text, file).line(("drug", "dose")) == line


def test_a_problem_names_field_line_and_value(file: Path) -> None:
    source = read(TEXT, file)
    problem = source.problem(("outcomes", 0, "step"), 1, "expected 2")
    assert str(problem) == "line 6, outcomes.0.step: 1: expected 2"
    assert str(source.problem((), None, "expected more")) == "line 2, file: nothing: expected more"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (("outcomes", "*", "name"), [("outcomes", 0, "name"), ("outcomes", 1, "name")]),
        (("outcomes", 1, "codes", "*"), [("outcomes", 1, "codes", 0), ("outcomes", 1, "codes", 1)]),
        (("*", "dose"), [("drug", "dose")]),
        (("drug", "dose", "*"), []),
        ((), [()]),
    ],
)
def test_a_pattern_finds_its_fields(
    pattern: tuple[int | str, ...], found: list[tuple[int | str, ...]], file: Path
) -> None:
    source = read(TEXT, file)
    fields = dict(source.each(*pattern))
    assert list(fields) == found
    for field, value in fields.items():
        inner = source.content
        for part in field:
            inner = inner[part]
        assert value == inner


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (TEXT, []),
        ("a: 1\nb: 2\na: 3\n", ["line 3, a: '3': field written twice, first in line 1"]),
        (
            "a: 1\na: 2\na: 3\n",
            [
                "line 2, a: '2': field written twice, first in line 1",
                "line 3, a: '3': field written twice, first in line 1",
            ],
        ),
        # What is written twice is shown only if it fits on the line.
        ("a: {b: 1}\na: {b: 2}\n", ["line 2, a: 'a': field written twice, first in line 1"]),
        (
            "a:\n  - b: 1\n  - b: 2\n    c: 3\n    b: 4\n",
            ["line 5, a.1.b: '4': field written twice, first in line 3"],
        ),
        # The same list in two places is looked into once, and nothing is passed over for it.
        ("a: &x [1]\nb: *x\nc: 1\nc: 2\n",
         ["line 4, c: '2': field written twice, first in line 3"]),
        ("c: {d: 1, d: 2}\na: &x [1]\nb: *x\n",
         ["line 1, c.d: '2': field written twice, first in line 1"]),
        # Merging is no repetition, and what the file itself says holds.
        ("base: &x {a: 1}\nuse:\n  <<: *x\n  a: 2\n", []),
    ],
)  # fmt: skip
def test_a_field_written_twice_is_reported(text: str, problems: list[str], file: Path) -> None:
    source = read(text, file)
    assert [str(problem) for problem in source.repeated] == problems


def test_merged_fields_are_there(file: Path) -> None:
    content = read("base: &x {a: 1, b: 1}\nuse:\n  <<: *x\n  a: 2\n", file).content
    assert content["use"] == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "a: [1, 2\nb: 3\n",
            "line 2, column 2: 'b: 3': not valid YAML: expected ',' or ']', but got ':' "
            "while parsing a flow sequence, line 1",
        ),
        (
            "a: 1\n  b: 2\n",
            "line 2, column 4: 'b: 2': not valid YAML: mapping values are not allowed here",
        ),
        (
            "\na: 'open\n\n",
            "line 2, column 4: \"a: 'open\": not valid YAML: found unexpected end of stream "
            "while scanning a quoted scalar, line 2",
        ),
        # Missed only after the end, and opened nowhere that can be named.
        (
            "a: {b: 1,\n\n\n",
            "line 1, column 10: 'a: {b: 1,': not valid YAML: expected the node content, "
            "but found '<stream end>'",
        ),
        (
            "\t",
            "line 1, column 1: '': not valid YAML: "
            "found character '\\t' that cannot start any token",
        ),
        (
            "a: 1\nb: 2001-02-30\n",
            "line 2, column 4: 'b: 2001-02-30': not valid YAML: day is out of range for month",
        ),
        (
            "? a\n: 1\n? {b: 1}\n: 2\n",
            "line 3, column 3: '? {b: 1}': not valid YAML: found unhashable key "
            "while constructing a mapping, line 1",
        ),
        ("a: 1\nb: \x07\n", "line 2, file: '\\x07': not valid YAML: "
         "special characters are not allowed"),
    ],
)  # fmt: skip
def test_what_is_not_yaml_is_refused_in_one_line(text: str, problem: str, file: Path) -> None:
    assert refusal(text, file) == f"some.yml, {problem}"


ALIASES = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGES = "a0: &a0 {b: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("[" * 5000, "line 1, column 101", "nested too deeply to be read"),
        ("a: 1\nb: " + "{c: " * 5000, "line 2, column 397", "nested too deeply to be read"),
        ("- " * 5000, "line 1, column 201", "nested too deeply to be read"),
        (ALIASES, "line 6, column ", "more than 100,000 parts, each alias counted as what it"),
        (MERGES, "line 6, column ", "more than 100,000 parts, each alias counted as what it"),
        ("a: 1\nb: &b [*b]\n", "line 2, column 8", "an alias of what it is a part of"),
        ("a: 1\nb: 1" + ":1" * 200_000, "line 2, column 4", "a number of 400,001 characters"),
        ("a: " + "x" * 500_000, "line 1, file", "larger than the 500,000 characters that are read"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_would_take_long_is_refused_at_once(
    text: str, place: str, rule: str, file: Path
) -> None:
    file.write_text(text)
    start = time.process_time()
    said = refusal(text, file)
    # A long line takes a while to be scanned, and none of these much longer.
    assert time.process_time() - start < 1
    assert said.startswith(f"some.yml, {place}"), said
    assert rule in said


def test_a_file_of_many_parts_is_read(file: Path) -> None:
    text = "base: &b {a: 1, c: [1, 2]}\n" + "".join(f"k{n}: *b\n" for n in range(5_000))
    assert len(read(text, file).content) == 5_001


def test_what_is_not_text_is_refused(file: Path) -> None:
    file.write_bytes(b"a: 1\nb: 2\xff\xfe\n")
    with pytest.raises(DataError, match=r"^some\.yml, line 2, file: b'\\xff': not text in UTF-8$"):
        read_yaml(file)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read_yaml(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path.name}, file: {str(tmp_path)!r}: cannot be read: Is a directory"
    )
    nowhere = tmp_path / "nowhere.yml"
    with pytest.raises(DataError) as refused:
        read_yaml(nowhere)
    assert str(refused.value) == f"nowhere.yml, file: {str(nowhere)!r}: no such file"


def test_text_is_read_as_utf8_wherever_it_is_read(file: Path) -> None:
    file.write_bytes("a: Schmerz, stärkster\n".encode())
    assert read_yaml(file).content == {"a": "Schmerz, stärkster"}


@pytest.mark.parametrize(
    ("text", "said"), [("a: \ud800", "special characters"), ('a: "\\UFFFFFFFF"', "not valid YAML")]
)
def test_what_is_no_character_is_refused(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_yaml(text, Path("some.yml"))


PIECES = st.sampled_from(
    [*"ab1:-,[]{}#|>&*?%@~'\" \n", "\n  ", "\n- ", ": ", "- ", "? ", "<<: *a", "&a ", "*a",
     "!!str ", "--- ", "|\n  ", ">-\n  ", "1.5", "2001-01-01", "null", "yes", "\\x41", "é",
     "\u2028", "\r\n"]
)  # fmt: skip


def lines_of(node: yaml.Node | None) -> list[object]:
    """Return what stands in which line, of a node and all that it holds."""
    if node is None:
        return []
    inner = [] if isinstance(node, yaml.ScalarNode) else node.value
    parts = [one for part in inner for one in (part if isinstance(part, tuple) else [part])]
    return [(node.tag, node.start_mark.line), *(line for part in parts for line in lines_of(part))]


def outcome(loader: Callable[[str], _Limited], text: str) -> tuple[str, list[object]] | None:
    try:
        content, root, _ = _read(loader(text))
    except yaml.YAMLError:
        return None
    return repr(content), lines_of(root)


@given(st.lists(PIECES, max_size=14).map(lambda pieces: "".join(pieces) + "\n"))
def test_the_quick_parser_reads_what_the_other_reads(text: str) -> None:
    explained = outcome(_Explaining, text)
    assume(explained is not None)
    quick = outcome(_Quick, text)
    # What the quick one refuses the other reads.
    assert quick is None or quick == explained
