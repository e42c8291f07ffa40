"""Functions that take a part of a study, `study["pain"]`, and ask the study for the rest."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from beforeafter.study.definition import Part

Result = TypeVar("Result")
# What such a function returned, by its identity, kept so that no other thing can have that.
_RETURNED: dict[int, tuple[Any, Part, str]] = {}


def of_part(key: str = "") -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Let a function take a part of a study.

    Parameters
    ----------
    key
        Under which the numbers of the result are published, within those of the part.

    Returns
    -------
    callable
        Decorates a function of an outcome, rating or duration. Called with a `Part` in its place,
        the function has `study`, `analysis`, `confidence_level`, `protocol` and `smallest` from the
        study of the part, where it takes these and none are given; so that what may not be told of
        few patients is not forgotten. What it returns remembers its key: see `key_of`.
    """

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        takes = signature(function)

        @wraps(function)
        def called(*given: Any, **named: Any) -> Result:
            part = next((one for one in given if isinstance(one, Part)), None)
            if part is None:
                return function(*given, **named)
            plain = (one.definition if isinstance(one, Part) else one for one in given)
            bound = takes.bind_partial(*plain, **named)
            for name in takes.parameters.keys() & part.asked.keys() - bound.arguments.keys():
                bound.arguments[name] = part.asked[name]
            result = function(*bound.args, **bound.kwargs)
            _RETURNED[id(result)] = result, part, key
            return result

        return called

    return decorate


def key_of(result: object) -> tuple[Part, str] | None:
    """Return of which part a result is, and its key within the numbers of the part."""
    known = _RETURNED.get(id(result))
    return known and known[1:]
