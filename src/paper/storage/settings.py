"""Settings of a paper, `paper.yml` in its folder; a paper needs none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from paper.errors import PaperError
from paper.storage.allowed import read_yaml_node

SETTINGS = "paper.yml"
CELL_TIMEOUT = "cell-timeout"
HOW_TO_SET = f"Write: {CELL_TIMEOUT}: 600, the seconds that a cell of a notebook may run."


@dataclass(frozen=True)
class Settings:
    """What a paper sets.

    Parameters
    ----------
    cell_timeout
        How many seconds a cell of a notebook may run; None for as long as it takes.
    """

    cell_timeout: int | None = None


def read_settings(root: Path) -> Settings:
    """Read `paper.yml`.

    Raises
    ------
    PaperError
        If it is not YAML, or sets what is not known or may not be.
    """
    content, node = read_yaml_node(root / SETTINGS)
    if content is None:
        return Settings()
    if not isinstance(content, dict) or node is None:
        raise PaperError(SETTINGS, "not `name: value`", HOW_TO_SET)
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    for name, value in content.items():
        place = f"{SETTINGS}, line {lines.get(str(name), 1)}"
        if name != CELL_TIMEOUT:
            raise PaperError(place, f"{name!r} is not known", HOW_TO_SET)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise PaperError(place, f"{name}: {value!r} is not a number of seconds", HOW_TO_SET)
    return Settings(content[CELL_TIMEOUT])
