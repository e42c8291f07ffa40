"""Compare what two checkouts of this project give, file by file, by SHA-256.

    python tests/same_bytes.py OLD NEW

Both are checkouts with a `.venv`, in which `make` was run. Compared are every file of
`_manuscript/`, `results/numbers.json`, `data/cohort.csv`, `data/bounds.json`, what
`reported audit --json` prints, and every file of the paper that the second study gives when the
steps of the README are followed in a copy. Prints what differs, and exits with 1 if anything does.

The code of notebooks may differ, and nothing else. So before a file is hashed these are left out:
the source of each code cell of a notebook (`.ipynb`); in a page of HTML each listing of code
(`<pre class="sourceCode …">`) and the code on the cards of numbers, which is `cells` in the JSON of
the element `numbers`.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = ("results/numbers.json", "data/cohort.csv", "data/bounds.json")
OWN_STUDY = "## Your own study in ten minutes"
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


def second_study(root: Path, folder: Path) -> dict[str, bytes]:
    """Follow the README in a copy, as tests/paper/test_second_study.py does."""
    own = folder / "my-paper"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, own / name)
    (own / ".venv").symlink_to(root / ".venv")
    section = (root / "README.md").read_text().split(OWN_STUDY)[1].split("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    _, *steps = [line for block in blocks for line in block.splitlines()]
    for step in steps:
        subprocess.run(step, shell=True, cwd=own, check=True, stdout=subprocess.DEVNULL)
    return files_below(own / "_manuscript-records", "second study")


def outputs(root: Path) -> dict[str, bytes]:
    """Return everything that a checkout gives, by its name."""
    command = [root / ".venv/bin/reported", "audit", "--json"]
    audit = subprocess.run(command, cwd=root, capture_output=True, check=False)
    with tempfile.TemporaryDirectory() as folder:
        return (
            files_below(root / "_manuscript", "_manuscript")
            | {name: (root / name).read_bytes() for name in FILES}
            | {"reported audit --json": audit.stdout}
            | second_study(root, Path(folder))
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
