"""Write the parts of the manual that are made from the code: fields, commands, functions.

    python docs/build.py

`tests/test_docs.py` fails where a page is not what this writes.
"""

from __future__ import annotations

import importlib
import inspect
import re
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from beforeafter.cli import app as beforeafter_app
from beforeafter.study import Study
from paper.cli import app as paper_app
from paper.deposit.journals import Journal
from reported.claims.published import Published
from reported.cli import app as reported_app

HERE = Path(__file__).parent
MADE = "<!-- Made from the code by docs/build.py: `make docs`. -->\n"
PLAIN = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", Any: "any"}
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
STUDY = """\
# Fields of `study.yml`

`paper new --data FILE` and `beforeafter draft FILE` propose one; `beforeafter check FILE` says what
does not fit. What records may look like, with examples:
[data/README.md](../data/README.md#your-own-records). A field in **bold** is needed.
"""
PUBLISHED = """\
# Fields of `published.yml`

What a publication prints, letter for letter. `reported read FILE` proposes one for a pasted
abstract, `reported audit` asks whether all of it can be true. A field in **bold** is needed.
"""
JOURNAL = """\
# Fields of a journal's profile

`paper submit --journal mine.yml` reads such a file: what the guidelines for authors of a journal
ask, as far as a machine can make or check it. Profiles to begin with are in
[journals.yml](../src/paper/deposit/journals.yml); `paper submit --journal bja` takes one by its
name. [What becomes of it](writing.md#to-a-journal). A field in **bold** is needed.
"""
COMMANDS = """\
# Commands

Each command explains itself: `paper build --help`.

| exit status | of which | means |
|---|---|---|
| 0 | all | done, nothing found |
| 1 | `paper check`, `rerun`, `guard`, `build --verify`, `trace` | something is wrong, and told |
| 1 | `beforeafter check` | the records do not fit the study |
| 1 | `reported audit` | the printed numbers are refuted under every reading that was tried |
| 3 | `reported audit` | refuted, unless a number is read otherwise |
| 2 | all | could not be done; the message says what, where and the remedy |
| 130, 143 | all | ended by Ctrl-C, by SIGTERM |
"""
FUNCTIONS = """\
# Functions

What notebooks may import. `help(paired_change)` says what a function takes, returns and rests on.
"""


def models_of(top: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a definition and all that it is made of, each once, from the outside in."""
    found = [top]
    for model in found:  # which grows meanwhile
        for field in model.model_fields.values():
            found += [inner for inner in _models(field.annotation) if inner not in found]
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def kind(annotation: Any) -> str:
    """Say in words what may stand in a field."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(inner[0])
    return _kind_of_some(origin, inner) if origin else _kind_of_one(annotation)


def _kind_of_one(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return PLAIN.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


def _kind_of_some(origin: Any, inner: tuple[Any, ...]) -> str:
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inner)
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(kind(one) for one in inner if one is not type(None)))
    if origin is dict:
        return f"mapping of {kind(inner[0])} to {kind(inner[1])}"
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"list of {len(inner)}: {kind(inner[0])}"
    return f"list of {kind(inner[0])}"


def _limits(metadata: Iterable[Any]) -> str:
    return "".join(
        f", {sign} {getattr(one, name):g}"
        for one in metadata
        for name, sign in BOUNDS.items()
        if getattr(one, name, None) is not None
    )


def comments_of(model: type[BaseModel]) -> dict[str, str]:
    """Return what the comments above fields, or behind them, say of them."""
    found, above = {}, []
    for line in inspect.getsource(model).splitlines():
        text = line.strip()
        if text.startswith("#"):
            above.append(text.removeprefix("#").strip())
            continue
        if field := re.match(r"(\w+): [^#]*(?:#\s*(.*))?$", text):
            found[field[1]] = " ".join([*above, field[2] or ""]).strip()
        above = []
    return found


def fields(model: type[BaseModel]) -> Iterator[str]:
    """Yield the section of one part of a definition."""
    said = inspect.getdoc(model) or ""
    yield f"\n## {model.__name__}\n\n{said}\n\n| field | what | if left out | |\n|---|---|---|---|"
    comments = comments_of(model)
    for name, field in model.model_fields.items():
        shown = f"**{field.alias or name}**" if field.is_required() else field.alias or name
        left_out = "" if field.is_required() else _default(field.default)
        what = f"{kind(field.annotation)}{_limits(field.metadata)}"
        yield f"| {shown} | {what} | {left_out} | {comments.get(name, '')} |"


def _default(value: Any) -> str:
    if value is None or value is PydanticUndefined or isinstance(value, BaseModel) or value == ():
        return "none"
    value = list(value) if isinstance(value, tuple) else value
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def definition(title: str, top: type[BaseModel]) -> str:
    """Return the page of a definition file."""
    return "\n".join([title, *(line for model in models_of(top) for line in fields(model))])


def commands() -> str:
    """Return the page of all commands."""
    apps = {"paper": paper_app, "beforeafter": beforeafter_app, "reported": reported_app}
    return "\n".join([COMMANDS, *(line for name, app in apps.items() for line in _app(name, app))])


def _app(program: str, app: typer.Typer) -> Iterator[str]:
    group: Any = typer.main.get_command(app)
    yield f"\n## {program}\n\n{group.help}"
    for name, command in sorted(group.commands.items()):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        shown = "".join(f" {str(one.name).upper()}" for one in arguments)
        yield f"\n### {program} {name}{shown}\n\n{' '.join(str(command.help).split())}\n"
        for one in command.params:
            label = (
                ", ".join(one.opts) if one.param_type_name == "option" else str(one.name).upper()
            )
            if help_ := " ".join((getattr(one, "help", "") or "").split()):
                yield f"- `{label}`: {help_}"


def functions() -> str:
    """Return the page of what the packages offer."""
    return "\n".join(
        [FUNCTIONS, *(line for n in ("paper", "beforeafter", "reported") for line in _face(n))]
    )


def _face(name: str) -> Iterator[str]:
    face = importlib.import_module(name)
    said = str(face.__doc__).splitlines()[0]
    yield f"\n## from {name} import …\n\n{said}\n\n| | |\n|---|---|"
    for offered in sorted(face.__all__, key=str.lower):
        what = getattr(face, offered)
        text = inspect.getdoc(what) if callable(what) else ""
        parameters = (
            f"({', '.join(inspect.signature(what).parameters)})" if inspect.isfunction(what) else ""
        )
        yield f"| `{offered}{parameters}` | {(text or f'`{what!r}`').splitlines()[0]} |"


PAGES: dict[str, Callable[[], str]] = {
    "study.md": lambda: definition(STUDY, Study),
    "published.md": lambda: definition(PUBLISHED, Published),
    "journals.md": lambda: definition(JOURNAL, Journal),
    "commands.md": commands,
    "functions.md": functions,
}


def pages() -> dict[str, str]:
    """Return name and text of every page that is made."""
    return {name: f"{MADE}\n{make().strip()}\n" for name, make in PAGES.items()}


if __name__ == "__main__":
    for page, text in pages().items():
        (HERE / page).write_text(text, encoding="utf-8")
