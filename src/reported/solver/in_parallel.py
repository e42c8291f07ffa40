"""Work spread over the cores, or over whatever `joblib.parallel_config` puts in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from joblib import Parallel
from joblib.parallel import get_active_backend


def in_parallel(calls: Iterable[Any]) -> Iterator[Any]:
    """Yield the results of delayed calls, each as soon as it is there.

    Parameters
    ----------
    calls
        Made with `joblib.delayed`.

    Notes
    -----
    Some backends, Ray's among them, return all results at once.
    """
    backend, _ = get_active_backend()
    results = "generator_unordered" if backend.supports_return_generator else "list"
    yield from Parallel(n_jobs=-1, return_as=results)(calls)
