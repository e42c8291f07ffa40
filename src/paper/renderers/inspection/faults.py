"""What is wrong with a rendered file, and where in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from declared import read_yaml


@dataclass(frozen=True)
class Fault:
    """Something that ruins a file."""

    what: str  # what is wrong
    hint: str = ""  # what its author can do about it
    page: int = 0  # where; 0 if the file has no pages, or it concerns all of them


HINTS: Mapping[str, str] = read_yaml(Path(__file__).with_name("hints.yml")).content
# Of everything alike, a few examples are told: a ruined file has hundreds.
MOST_TOLD = 5
