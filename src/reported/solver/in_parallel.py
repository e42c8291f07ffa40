"""Calls spread over the cores, or over whatever `joblib.parallel_config` puts in their place."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from joblib import Parallel, delayed
from joblib.parallel import get_active_backend

Result = TypeVar("Result")


def in_parallel(
    function: Callable[..., Result], calls: Iterable[tuple[Any, ...]]
) -> Iterator[Result]:
    """Yield the results of a function called with each of the arguments, as soon as they are there.

    Some backends, Ray's among them, return all results at once.
    """
    backend, _ = get_active_backend()
    results = "generator_unordered" if backend.supports_return_generator else "list"
    yield from Parallel(n_jobs=-1, return_as=results)(delayed(function)(*call) for call in calls)
