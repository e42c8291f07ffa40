"""What a piece of code needs, read from its text: nothing is run.

Every `import` counts, wherever it stands, also one that never happens: to run a notebook once too
often costs seconds, once too seldom costs the truth.
"""

import ast
import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from paper.storage.files import digest
from paper.storage.project import DATA, STUDY

# Code that imports by a name made while it runs may import anything.
BY_NAME = {"import_module", "__import__", "exec", "eval", "run_path", "run_module"}
LISTING = {"glob", "rglob", "iterdir", "listdir", "scandir", "walk"}
ASKING = {"begin", "data_file", "open_project"}
ENVIRONMENT = {"environ", "getenv"}
# With these a text may be the name of a package.
RESOURCES = ("importlib.resources", "pkgutil")
# Lines of IPython that run nothing and read nothing. Any other is no Python, and may do both.
MAGIC = re.compile(
    r"^[ \t]*(?:%(?:matplotlib|config|load_ext|autoreload)|%%(?:time|capture))\b.*", re.MULTILINE
)
# What systems and editors leave in folders; no code reads it.
LEFT_BY_OTHERS = re.compile(
    r"__pycache__|\.ipynb_checkpoints|\.DS_Store|Thumbs\.db|desktop\.ini|.*~|\.#.*|\..*\.sw[a-p]"
)
# What another version of this file read is not to be relied on.
THIS = Path(__file__).read_bytes()


@dataclass(frozen=True)
class Code:
    """What the text of a cell or a module tells."""

    # Full names of modules; `a.b.c` for `from a.b import c`, which may be a module too. A relative
    # import begins with its dots.
    imports: Sequence[str] = ()
    texts: Sequence[str] = ()  # every text in it, parts of f-strings too, but for docstrings
    lists: bool = False  # whether it asks for the files of a folder
    asks_data: bool = False  # whether it uses `data_file`, or the project that knows it
    # What it calls `locate` with; None for a name that is made while it runs. Also for `find_root`,
    # to which names are joined.
    located: Sequence[str | None] = ()
    variables: Sequence[str] = ()  # names of variables of the environment that it may read
    # Whether it may import anything: by a name made while it runs, or because it is no Python.
    is_open: bool = False


class Reader:
    """Reads each file once, and code only if it did not read it in an earlier build.

    Parameters
    ----------
    known
        Digest of the text → what it tells; as `remembered` returned it.
    """

    def __init__(self, known: Mapping[str, Any] = MappingProxyType({})) -> None:
        self._known = known
        self._read: dict[str, Code] = {}
        # Of a file: its content, the digest of that, and what it tells if it is a module.
        self.content = cache(Path.read_bytes)
        self.digest = cache(lambda file: digest([self.content(file)]))
        self.module = cache(lambda file: self.code(self.content(file).decode(errors="replace")))
        # The files below a folder, with a pattern for their names; it is looked through once.
        self.files = cache(self._files)

    def code(self, source: str) -> Code:
        """Read a text."""
        name = digest([source.encode(), THIS])
        if name not in self._read:
            self._read[name] = Code(**self._known[name]) if name in self._known else read(source)
        return self._read[name]

    def _files(self, folder: Path, pattern: str = "") -> list[Path]:
        if pattern:
            return [file for file in self.files(folder) if file.match(pattern)]
        return sorted(filter(Path.is_file, _below(folder)))

    @property
    def remembered(self) -> dict[str, Any]:
        """What was read, for the next time."""
        return {name: vars(code) for name, code in sorted(self._read.items())}


def read(source: str) -> Code:
    """Read the text of a cell or a module."""
    nodes = _nodes(source)
    if nodes is None:
        return Code(is_open=True)
    aliases = {n.asname: n.name for n in nodes if isinstance(n, ast.alias) and n.asname}
    names = {_name(node, aliases) for node in nodes}
    called = {_name(node.func, aliases) for node in nodes if isinstance(node, ast.Call)}
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    }
    imports = list(dict.fromkeys(_imports(nodes)))
    if any(name.startswith(RESOURCES) for name in imports):
        imports += sorted(texts)
    return Code(
        imports=imports,
        texts=sorted(texts),
        lists=bool(LISTING & called),
        asks_data=bool(ASKING & names),
        located=list(dict.fromkeys(_located(nodes, aliases))),
        variables=sorted(filter(str.isidentifier, texts)) if ENVIRONMENT & names else [],
        is_open=bool(BY_NAME & names),
    )


def _nodes(source: str) -> list[ast.AST] | None:
    """Parse a text; None if it is no Python."""
    for text in (source, MAGIC.sub("", source)):
        with contextlib.suppress(SyntaxError, ValueError):
            return list(ast.walk(ast.parse(text)))
    return None


def _below(folder: Path) -> Iterator[Path]:
    """Yield what lies below a folder, also where a link leads to another."""
    seen = set()
    for at, folders, names in os.walk(folder, followlinks=True):
        seen.add(Path(at).resolve())
        folders[:] = [
            name
            for name in folders
            if not LEFT_BY_OTHERS.fullmatch(name) and (Path(at) / name).resolve() not in seen
        ]
        yield from (Path(at) / name for name in names if not LEFT_BY_OTHERS.fullmatch(name))


def module_files(sources: Sequence[Path], cells: Iterable[Code], reader: Reader) -> set[Path]:
    """Return the files below source folders that code imports, at any remove.

    Parameters
    ----------
    sources
        Folders of packages and modules: `src`, and that of the notebook.
    cells
        The code.
    reader
        Reads the modules.

    Returns
    -------
    set
        Modules, and the `__init__.py` of the packages around them. All that there are where the
        code, or a module it imports, may import anything.
    """
    known: dict[str, list[Path]] = {}
    for source in sources:
        for file in reader.files(source, "*.py"):
            known.setdefault(_module_name(file.relative_to(source)), []).append(file)
    faces = {
        _module_name(file.relative_to(source)): reader.module(file)
        for source in sources
        for file in reader.files(source, "__init__.pyi")
    }
    found: dict[str, list[Path]] = {}
    asked: set[str] = set()
    waiting = [(code, "") for code in cells]
    while waiting:
        code, package = waiting.pop()
        if code.is_open:
            return {file for files in known.values() for file in files}
        names = [_around(full, package) for full in code.imports]
        for last in {around[-1] for around in names if around} - asked:
            asked.add(last)
            waiting += _offered(last, faces)
        for name in {name for around in names for name in around}:
            if name in known and name not in found:
                found[name] = known[name]
                for file in known[name]:
                    inside = name if file.stem == "__init__" else name.rpartition(".")[0]
                    waiting.append((reader.module(file), inside))
    return {file for files in found.values() for file in files}


def _offered(name: str, faces: Mapping[str, Code]) -> Iterator[tuple[Code, str]]:
    """Yield what is imported for a name of a package that imports its names when they are used.

    What such a package offers stands in `__init__.pyi` (see lazy_loader). With the package itself
    all of it may be used.
    """
    package, _, last = name.rpartition(".")
    if name in faces:
        yield faces[name], name
    elif package in faces:
        offered = faces[package].imports
        some = [one for one in offered if last in {"*", one.rpartition(".")[2]}]
        yield Code(imports=some), package


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "" if module.endswith(".") else "."
            yield from (f"{module}{joint}{alias.name}" for alias in node.names)


def _located(nodes: Iterable[ast.AST], aliases: Mapping[str, str]) -> Iterator[str | None]:
    for node in nodes:
        if _name(node, aliases) == "find_root":
            yield None
        if isinstance(node, ast.Call) and _name(node.func, aliases) == "begin":
            yield from (STUDY, DATA)
        if isinstance(node, ast.Call) and _name(node.func, aliases) == "locate":
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                value = argument.value if isinstance(argument, ast.Constant) else None
                yield value if isinstance(value, str) else None


def _name(node: ast.AST, aliases: Mapping[str, str]) -> str:
    """Return what a node is called, or was where it was imported."""
    name = str(getattr(node, "id", getattr(node, "attr", "")))
    return aliases.get(name, name)


def _module_name(file: Path) -> str:
    parts = file.parent.parts if file.stem == "__init__" else file.with_suffix("").parts
    return ".".join(parts)


# Modules import the same ones again and again.
@cache
def _around(name: str, package: str) -> Sequence[str]:
    """Return a module by its full name, and the packages around it, all of which run first."""
    level = len(name) - len(name.lstrip("."))
    base = package.split(".")[: len(package.split(".")) - level + 1] if level else []
    parts = [part for part in [*base, *name.lstrip(".").split(".")] if part]
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
