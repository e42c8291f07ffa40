"""What is not to be told to who listens to what Python opens (audit hooks, PEP 578)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unobserved(*files: Path) -> Iterator[None]:
    """Say that these files are all that is read until the end, whoever opens what.

    A library that opens files by itself tells nobody; and what a program reads for its own sake,
    how a paper is set up, is nothing that a result depends on.
    """
    for file in files:
        sys.audit("open", str(file), "r", 0)
    sys.audit("unobserved", True)
    try:
        yield
    finally:
        sys.audit("unobserved", False)
