"""The rows of the records in use, as salted digests: they are found in whatever holds them.

A digest is of values that follow each other, along a row or down a column, and that together are
so rare that nobody else's numbers are likely to be the same: one in 2 to the 36, and in long tables
rarer, by the square of their length, since each of their runs may be met anywhere in a file.
"""

import hashlib
import json
import math
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, islice, pairwise, zip_longest
from pathlib import Path

from paper.privacy.containers import ClosedError, texts_in
from paper.storage.files import replace_text
from paper.storage.local import CACHE, keep_out_of_git

FILE = f"{CACHE}/rows.json"
LENGTHS, OF_A_WORD, FEWEST, MOST_ROWS = (4, 8, 16, 32), 2, 2, 10_000
RARE, RARE_IF_LONG, ENOUGH_STEPS = 36, 15, 5
# A value, or that there is none between two delimiters.
VALUE = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*|(?<=[,;\t|])(?=[,;\t|]|$)")
DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
DIGIT, NUMBER = re.compile(r"\d"), re.compile(r"\d+(?:\.\d+)?")


class RowsInUse:
    """What is known of the records that a paper was built from on this machine."""

    def __init__(self, root: Path) -> None:
        self._file = root / FILE
        known = json.loads(self._file.read_text()) if self._file.is_file() else {}
        self._salt: str = known.get("salt") or secrets.token_hex()
        self._known = {name: {*known.get(name, ())} for name in ("tables", "values", "runs")}

    def remember(self, data: Path) -> None:
        """Keep digests of the rows of a table, where git takes nothing; none of a closed one."""
        content, known = data.read_bytes(), self._known
        table = self._digest([hashlib.sha256(content).hexdigest()])
        if table in known["tables"]:
            return
        try:
            found = [values for text in texts_in(content) for values in _values_of(_below(text))]
        except ClosedError:
            found = []
        counts = Counter(value for values in found for value in values)
        known["tables"].add(table)
        known["values"].update(self._digest([value]) for value in counts)
        known["runs"].update(self._digest(run) for one in found for run in _rare(one, counts))
        keep_out_of_git(self._file.parent)
        kept = {name: sorted(digests) for name, digests in known.items()}
        replace_text(self._file, json.dumps({"salt": self._salt, **kept}))
        self._file.chmod(0o600)

    def are_in(self, texts: Iterable[str]) -> bool:
        """Whether texts hold some of the rows, or some of a column."""
        found: set[str] = set()
        is_known: dict[str, bool] = {}
        for values in (one for text in texts if self._known["runs"] for one in _values_of(text)):
            for value in {*values} - is_known.keys():
                is_known[value] = self._digest([value]) in self._known["values"]
            # Names between the values, as those of fields, are passed over.
            runs = _runs([value for value in values if is_known[value]])
            found |= self._known["runs"].intersection(map(self._digest, runs))
        return len(found) >= FEWEST

    def _digest(self, values: Sequence[str]) -> str:
        text, key = "\x1f".join(values).encode(), bytes.fromhex(self._salt)
        return hashlib.blake2b(text, key=key, digest_size=8).hexdigest()


def _below(text: str) -> str:
    """Leave out the names above the first row with a number."""
    has_none = lambda line: not any(map(NUMBER.fullmatch, VALUE.findall(line)))  # noqa: E731
    return "\n".join(islice(dropwhile(has_none, text.splitlines()), MOST_ROWS))


def _values_of(text: str) -> Iterator[list[str]]:
    """Yield the values of a table row after row, and then down each of its columns."""
    for one in dict.fromkeys((text, DECIMAL_COMMA.sub(".", text))):
        rows = [VALUE.findall(line) for line in one.splitlines()]
        for values in ((value for row in rows for value in row), *zip_longest(*rows)):
            yield [_plain(value) for value in values if value]


def _plain(value: str) -> str:
    """Return a number in one way, however it is written: 5, 5.0 and 05."""
    return f"{float(value):.9g}" if NUMBER.fullmatch(value) else value.casefold()


def _runs(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(len(values)):
        yield from (values[at : at + n] for n in LENGTHS if at + n <= len(values))


def _rare(values: Sequence[str], counts: Counter[str]) -> Iterator[Sequence[str]]:
    """Yield runs of values that are rare; those that count on, as 1, 2, 3 do, are everywhere."""
    bits = {value: math.log2(counts.total() / count) for value, count in counts.items()}
    rare = max(RARE, RARE_IF_LONG + 2 * math.log2(max(counts.total(), 1)))
    for run in _runs(values):
        numbers = [float(value) for value in run if NUMBER.fullmatch(value)]
        steps = {round(b - a, 9) for a, b in pairwise(numbers)}
        rarity = sum(bits[v] if DIGIT.search(v) else min(bits[v], OF_A_WORD) for v in run)
        if rarity >= rare and 2 * len(steps) >= min(len(run), 2 * ENOUGH_STEPS):
            yield run
