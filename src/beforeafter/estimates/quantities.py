"""How a field of a result says what kind of number it is, so that text can be made of it."""

from collections.abc import Iterator, Mapping
from dataclasses import field, fields, is_dataclass
from typing import Any, Literal

Kind = Literal["count", "estimate", "change", "percentage", "proportion", "p", "statistic"]


def quantity(kind: Kind) -> Any:
    """Declare a field of a result dataclass as a number of this kind, which its metadata carries.

    `count`: whole number. `estimate`: in the unit of the outcome. `change`: the same, with its
    sign. `percentage`: per cent, with its sign. `proportion`: 0 to 1, printed in per cent. `p`: a
    p-value. `statistic`: without unit.
    """
    return field(metadata={"kind": kind})


def flatten(result: Any, prefix: str = "", n: int | None = None) -> Iterator[tuple[str, Any]]:
    """Walk a result: yield dotted key and (value, kind, n) of each number in it that is told.

    The n of a number is the first `n_…` field of its result, or else of the result around it.
    """
    if isinstance(result, Mapping):
        for name, part in result.items():
            yield from flatten(part, f"{prefix}{getattr(name, 'name', name)}.", n)
        return
    n = next((getattr(result, f.name) for f in fields(result) if f.name.startswith("n_")), n)
    for entry in fields(result):
        value = getattr(result, entry.name)
        if is_dataclass(value) or isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{entry.name}.", n)
        elif "kind" in entry.metadata and value is not None:
            yield f"{prefix}{entry.name}", (value, entry.metadata["kind"], n)
