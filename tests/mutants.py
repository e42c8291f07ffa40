"""What a mutation run left: its score as a table, and the survivors that `mutants.md` lacks.

`make mutants` runs mutmut and then this. Exits with 1 while a survivor is not argued.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

ARGUED = Path(__file__).with_suffix(".md")
COLUMNS = ("killed", "timed out", "survived")
# Of a long line the changed part is shown, with this many characters around it.
LONGEST, AROUND = 90, 30


def fate(exit_code: int | None) -> str:
    """Of a mutant; what no test reaches has survived."""
    status = status_by_exit_code[exit_code]
    if status == "no tests":
        return "survived"
    return "timed out" if status in {"timeout", "segfault"} else status


def runs() -> Iterator[tuple[str, SourceFileMutationData]]:
    for path in sorted(walk_mutatable_files()):
        run = SourceFileMutationData(path=path)
        run.load()
        if run.exit_code_by_key:
            yield path.stem, run


def row(module: str, fates: Counter[str]) -> str:
    undecided = fates.keys() - {*COLUMNS}
    if undecided:
        sys.exit(f"{module}: not every mutant was tried ({', '.join(sorted(undecided))})")
    share = f"{100 * fates['survived'] / fates.total():.1f} %"
    cells = [module, fates.total(), *(fates[column] for column in COLUMNS), share]
    return "| " + " | ".join(map(str, cells)) + " |"


def change(mutant: str, path: Path) -> str:
    """Of a mutant, on one line: the function, what stood there, what stands there now."""
    lines = get_diff_for_mutant(mutant, path=path).splitlines()[3:]
    old, new = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
    if max(len(old), len(new)) > LONGEST:
        old, new = shortened(old, new)
    name = mutant.partition("__mutmut_")[0].rpartition(".")[2].removeprefix("x")
    function = name.strip("ǁ").replace("ǁ", ".") if "ǁ" in name else name.removeprefix("_")
    return f"- `{path.stem}.{function}`: `{old}` → `{new}`"


def shortened(old: str, new: str) -> tuple[str, str]:
    """Without what is the same before and after the change, but for a few characters."""
    before = max(alike(old, new) - AROUND, 0)
    after = max(alike(old[before:][::-1], new[before:][::-1]) - AROUND, 0)

    def around_the_change(text: str) -> str:
        cut = text[before : len(text) - after].strip()
        return f"{'… ' if before else ''}{cut}{' …' if after else ''}"

    return around_the_change(old), around_the_change(new)


def alike(one: str, other: str) -> int:
    """How many characters two texts have in common from the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def main() -> None:
    total: Counter[str] = Counter()
    survivors = []
    print("| module | mutants | killed | timed out | survived | share |")
    print("|---|---|---|---|---|---|")
    for module, run in runs():
        fates = Counter(map(fate, run.exit_code_by_key.values()))
        print(row(module, fates))
        total += fates
        survivors += [
            change(mutant, run.path)
            for mutant, code in run.exit_code_by_key.items()
            if fate(code) == "survived"
        ]
    print(row("all", total))
    argued = set(ARGUED.read_text(encoding="utf-8").splitlines())
    if missing := [survivor for survivor in survivors if survivor not in argued]:
        sys.exit(f"\nSurvivors that {ARGUED.name} does not argue:\n" + "\n".join(missing))


if __name__ == "__main__":
    main()
