"""What a definition file must hold, and what is wrong with one that does not, in plain words."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from declared.errors import DataError, Problem, nearest
from declared.yaml_file import FieldPath, YamlFile, read_yaml

Model = TypeVar("Model", bound=BaseModel)
# What is asked of a file beyond the fields and their types.
Check = Callable[[YamlFile], Iterable[Problem]]
# What a part of a definition may be called.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

EXPECTED: Mapping[str, str] = read_yaml(Path(__file__).with_name("expected.yml")).content


def _on_one_line(value: object) -> str:
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
    if not text:
        raise ValueError("expected a text")
    return text


def as_list(value: object) -> object:
    """Return a text as a list of one, and anything else as it is."""
    return [value] if isinstance(value, str) else value


# A text that YAML may have taken for a number; one of these, or several.
Text = Annotated[str, BeforeValidator(_on_one_line)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list), Field(min_length=1)]


class Definition(BaseModel):
    """A part of a definition file: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def has_default(choices: dict[str, Any]) -> dict[str, Any]:
    """Refuse choices that leave out what holds for all that they do not name."""
    if "default" not in choices:
        raise ValueError("expected a default")
    return choices


def some(values: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse no numbers at all."""
    if not values:
        raise ValueError("expected one number or more")
    return values


def rising(values: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse numbers that do not rise, so that none is there twice."""
    if any(after <= before for before, after in pairwise(values)):
        raise ValueError("expected numbers that rise")
    return values


def validate(model: type[Model], source: YamlFile, *checks: Check) -> Model:
    """Check the content of a YAML file against its model.

    Raises
    ------
    DataError
        With every field that is missing, unknown, written twice, of the wrong kind or outside its
        bounds, and all that the checks find, in the order of the lines.
    """
    problems = list(source.repeated)
    valid = None
    try:
        valid = model.model_validate(source.content)
    except ValidationError as error:
        problems += [_problem(model, source, found) for found in error.errors()]
    problems += [problem for check in checks for problem in check(source)]
    if valid is None or problems:
        raise DataError(source.path, _in_order(problems))
    return valid


def misfits(found: Iterable[tuple[FieldPath, object, str]]) -> None:
    """Refuse fields inside the one being validated, each with its value and what is expected.

    Raises
    ------
    pydantic.ValidationError
        If there are any; pydantic adds the way to the field being validated.
    """
    errors = [
        InitErrorDetails(
            # As a template the rule would be searched for braces.
            type=PydanticCustomError("value_error", "{error}", {"error": rule}),
            loc=field,
            input=value,
        )
        for field, value, rule in found
    ]
    if errors:
        raise ValidationError.from_exception_data("misfits", errors)


def repeats(source: YamlFile, rule: str, *patterns: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each text that stood before in a field that one of the patterns fits."""
    first: dict[str, int] = {}
    fields = [found for pattern in patterns for found in source.each(*pattern)]
    for field, text in sorted(fields, key=lambda found: source.line(found[0])):
        if isinstance(text, str):
            if text in first:
                yield source.problem(field, text, f"{rule}, first in line {first[text]}")
            first.setdefault(text, source.line(field))


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort by lines, and leave out what follows from what was said before of the same field."""
    first: dict[tuple[int, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.line or 0, problem.where), problem)
    return [first[place] for place in sorted(first)]


def _problem(model: type[BaseModel], source: YamlFile, found: ErrorDetails) -> Problem:
    field = tuple(part for part in found["loc"] if part != "[key]")
    value = None if found["type"] == "missing" else found["input"]
    if found["type"] == "extra_forbidden":
        rule = f"unknown field; {nearest(str(field[-1]), _fields(model, field[:-1]))}"
    elif found["type"] == "model_type":
        rule = f"expected the fields {', '.join(_fields(model, field))}"
    elif found["type"] in EXPECTED:
        rule = EXPECTED[found["type"]].format(**found.get("ctx", {}))
    else:
        rule = found["msg"]
    return source.problem(field, value, rule)


def _fields(model: type[BaseModel], way: FieldPath) -> Iterable[str]:
    """Return the fields that the model at the end of a way has."""
    for part in way:
        if part in model.model_fields:
            model = _model_in(model.model_fields[str(part)].annotation) or model
    return model.model_fields


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model of a field, or of what its list or mapping holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
