"""A YAML file whose fields know their lines, so that what is wrong with one can be pointed at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import Resolver
from yaml.scanner import Scanner

from declared.errors import DataError, Problem

# The way to a field: names in mappings, numbers in lists.
FieldPath = tuple[int | str, ...]
# More than anybody writes by hand, and read in seconds.
LARGEST, DEEPEST, MOST_PARTS, LONGEST_NUMBER = 500_000, 100, 100_000, 400
# What Python's own types raise for a scalar that looks like a date or a number and is none.
NOT_A_VALUE = (ValueError, OverflowError, KeyError, AttributeError, TypeError)


@dataclass(frozen=True)
class YamlFile:
    """The content of a YAML file, and where it stands.

    Attributes
    ----------
    path
        The file.
    content
        What it holds: mappings, lists and scalars.
    root
        The same with positions, as PyYAML composes it; None for an empty file.
    repeated
        A problem for each field that is written twice, of which PyYAML keeps the last.
    """

    path: Path
    content: Any
    root: yaml.Node | None
    repeated: tuple[Problem, ...]

    def line(self, field: FieldPath) -> int:
        """Return the line of a field, or of the innermost mapping or list that lacks it."""
        node = self.root
        line = _line(node) if node else 1
        for part in field:
            inside = {name: (line, child) for name, line, child in _children(node)}
            if str(part) not in inside:
                break
            line, node = inside[str(part)]
        return line

    def problem(self, field: FieldPath, value: object, rule: str) -> Problem:
        """Return what is wrong with a field, with its line."""
        return Problem(_name(field), value, rule, self.line(field))

    def each(self, *pattern: int | str) -> Iterator[tuple[FieldPath, Any]]:
        """Yield the fields, with their values, that a pattern such as `outcomes, *, name` fits."""
        found: list[tuple[FieldPath, Any]] = [((), self.content)]
        for wanted in pattern:
            found = [
                ((*field, name), value)
                for field, part in found
                for name, value in _items(part)
                if wanted in {"*", name}
            ]
        yield from found


def read_yaml(file: Path) -> YamlFile:
    """Read a YAML file safely.

    Raises
    ------
    DataError
        If the file cannot be read or is not YAML, with the line and column.
    """
    return parse_yaml(_text(file), file)


def parse_yaml(text: str, file: Path) -> YamlFile:
    """Read a text safely as the YAML of a file; raises as `read_yaml` does."""
    if len(text) > LARGEST:
        rule = f"larger than the {LARGEST:,} characters that are read"
        raise DataError(file, [Problem("file", len(text), rule, 1)])
    try:
        try:
            content, root, repeated = _read(_Quick(text))
        except (yaml.YAMLError, UnicodeError):
            content, root, repeated = _read(_Explaining(text))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = Problem("file", chr(error.character), f"not valid YAML: {error.reason}", line)
        raise DataError(file, [problem]) from None
    except yaml.MarkedYAMLError as error:
        raise DataError(file, [_not_yaml(error, text)]) from None
    except OverflowError as error:
        # An escape for more than the last character there is.
        raise DataError(file, [Problem("file", None, f"not valid YAML: {error}", 1)]) from None
    return YamlFile(file, content, root, repeated)


class _Limited(Composer, SafeConstructor, Resolver):
    """Reads no more than is within limits, and gives a bad date or number its position."""

    check_event: Any  # of the parser
    peek_event: Any

    def __init__(self) -> None:
        for base in (Composer, SafeConstructor, Resolver):
            base.__init__(self)
        self._depth = self._parts = 0
        self._parts_of: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        is_alias = self.check_event(yaml.AliasEvent)
        mark = self.peek_event().start_mark
        before = self._parts
        self._depth += 1
        if self._depth > DEEPEST:
            raise _refused("nested too deeply to be read", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        # Who reads on follows an alias each time: it counts as all that it stands for.
        if is_alias and id(node) not in self._parts_of:
            raise _refused("an alias of what it is a part of", mark)
        self._parts += self._parts_of[id(node)] if is_alias else 1
        self._parts_of[id(node)] = self._parts - before
        if self._parts > MOST_PARTS:
            what = f"more than {MOST_PARTS:,} parts, each alias counted as what it stands for"
            raise _refused(what, mark)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        is_text = isinstance(node, yaml.ScalarNode) and node.tag.endswith((":str", ":binary"))
        if isinstance(node, yaml.ScalarNode) and not is_text and len(node.value) > LONGEST_NUMBER:
            # Some forms take the square of its length to read.
            raise _refused(f"a number of {len(node.value):,} characters", node.start_mark)
        try:
            return super().construct_object(node, deep=deep)
        except NOT_A_VALUE as error:
            raise _refused(str(error), node.start_mark) from None


class _Quick(_Limited, CParser):
    """What is parsed by libyaml, five times as fast."""

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        _Limited.__init__(self)


class _Explaining(_Limited, Reader, Scanner, Parser):
    """What is parsed by PyYAML itself, which says better what is wrong."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        _Limited.__init__(self)


def _read(loader: _Limited) -> tuple[Any, yaml.Node | None, tuple[Problem, ...]]:
    root = loader.get_single_node()
    # Constructing merges `<<` into its mapping, after which a field may be there twice.
    repeated = tuple(_repeated(root))
    return loader.construct_document(root) if root else None, root, repeated


def _refused(what: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=what, problem_mark=mark)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problem = Problem("file", error.object[error.start : error.end], "not text in UTF-8", line)
    except FileNotFoundError:
        problem = Problem("file", str(file), "no such file")
    except OSError as error:
        problem = Problem("file", str(file), f"cannot be read: {error.strerror}")
    raise DataError(file, [problem])


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> Problem:
    """Return what the parser says, and the line at which it says it."""
    lines = text.rstrip().splitlines() or [""]
    begun = error.context_mark
    # What is never closed is missed only after the end; the reader looks for where it was opened.
    marks = [mark for mark in (error.problem_mark, begun) if mark and mark.line < len(lines)]
    at, column = (marks[0].line, marks[0].column) if marks else (len(lines) - 1, len(lines[-1]))
    while_doing = f" {error.context}, line {begun.line + 1}" if begun in marks else ""
    rule = f"not valid YAML: {error.problem}{while_doing}"
    return Problem(f"column {column + 1}", lines[at].strip(), rule, at + 1)


def _repeated(root: yaml.Node | None) -> Iterator[Problem]:
    waiting: list[tuple[FieldPath, yaml.Node | None]] = [((), root)]
    seen = set()  # an alias may lead back to where one came from
    while waiting:
        field, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        lines: dict[str, int] = {}
        for name, line, child in _children(node):
            inner = (*field, name)
            if name in lines:
                value = child.value if isinstance(child, yaml.ScalarNode) else name
                rule = f"field written twice, first in line {lines[name]}"
                yield Problem(_name(inner), value, rule, line)
            lines.setdefault(name, line)
            waiting.append((inner, child))


def _children(node: yaml.Node | None) -> Iterator[tuple[str, int, yaml.Node]]:
    """Yield name, line and node of what a mapping or a list holds."""
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, _line(key), child
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield str(index), _line(child), child


def _items(part: Any) -> Iterator[tuple[int | str, Any]]:
    if isinstance(part, dict):
        yield from part.items()
    elif isinstance(part, list):
        yield from enumerate(part)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _name(field: FieldPath) -> str:
    return ".".join(map(str, field)) or "file"
