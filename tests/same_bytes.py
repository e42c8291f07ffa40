"""Compare what two checkouts of this project give, file by file, by SHA-256.

    python tests/same_bytes.py OLD NEW

Both are checkouts with a `.venv`, in which `make` was run. Compared are every file of
`_manuscript/`, `results/numbers.json`, `data/cohort.csv`, `data/bounds.json`, what
`reported audit --json` prints, and every file of the paper that `paper new` begins. Prints what
differs, and exits with 1 if anything does.

The code of notebooks may differ, and nothing else. So before a file is hashed these are left out:
the source of each code cell of a notebook (`.ipynb`); in a page of HTML each listing of code
(`<pre class="sourceCode …">`) and the code on the cards of numbers, which is `cells` in the JSON of
the element `numbers`.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = ("results/numbers.json", "data/cohort.csv", "data/bounds.json")
LISTING = re.compile(r'<pre class="sourceCode.*?</pre>', re.DOTALL)
CARDS = re.compile(r'(?<=<script type="application/json" id="numbers">).*?(?=</script>)', re.DOTALL)


def without_code(name: str, content: bytes) -> bytes:
    """Return the content of a file without the code of notebooks."""
    if name.endswith(".ipynb"):
        notebook = json.loads(content)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["source"] = ""
        return json.dumps(notebook).encode()
    if name.endswith(".html"):
        page = LISTING.sub("", content.decode())
        return CARDS.sub(lambda cards: without_cells(cards[0]), page).encode()
    return content


def without_cells(cards: str) -> str:
    known = json.loads(cards)
    known["cells"] = sorted(known["cells"])
    return json.dumps(known)


def files_below(folder: Path, shown: str) -> dict[str, bytes]:
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: run `make` first")
    return {
        f"{shown}/{file.relative_to(folder)}": file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def new_paper(root: Path, folder: Path) -> dict[str, bytes]:
    paper, own = root / ".venv/bin/paper", folder / "new"
    subprocess.run([paper, "new", own], check=True, stdout=subprocess.DEVNULL)
    command = [paper, "build", "--renderer", "embedded"]
    subprocess.run(command, cwd=own, check=True, stdout=subprocess.DEVNULL)
    return files_below(own / "_manuscript", "new paper")


def outputs(root: Path) -> dict[str, bytes]:
    """Return everything that a checkout gives, by its name."""
    command = [root / ".venv/bin/reported", "audit", "--json"]
    audit = subprocess.run(command, cwd=root, capture_output=True, check=False)
    with tempfile.TemporaryDirectory() as folder:
        return (
            files_below(root / "_manuscript", "_manuscript")
            | {name: (root / name).read_bytes() for name in FILES}
            | {"reported audit --json": audit.stdout}
            | new_paper(root, Path(folder))
        )


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    old, new = (outputs(Path(root).resolve()) for root in sys.argv[1:])
    same = [name for name in old if new.get(name) == old[name]]
    excused, differing = [], sorted(old.keys() ^ new.keys())
    for name in sorted((old.keys() & new.keys()) - {*same}):
        digests = [digest(without_code(name, content[name])) for content in (old, new)]
        (excused if digests[0] == digests[1] else differing).append(name)
    print(f"{len(same)} files have the same bytes; {len(excused)} more, but for the code shown:")
    print(*(f"  {name}" for name in excused), sep="\n")
    print(f"{len(differing)} differ", *(f"  {name}" for name in differing), sep="\n")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
