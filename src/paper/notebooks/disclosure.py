"""What a paper about records tells: only what it would tell of other patients too.

The notebooks run on the records, and once more on each of the cohorts that `paper.study` gives, in
which no count of few patients is what it is in the records. A number, table or figure that is not
the same in all of them is withheld. What is left is the same, byte by byte, whichever of the
cohorts the records are: nobody can tell from it.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby, repeat
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from paper.errors import PaperError, ProblemsError
from paper.notebooks.begin import Others, study_package
from paper.notebooks.compare import RECORDED, alike, narrow, recorded_by
from paper.notebooks.execute import Copy, Store, execute, run_notebooks
from paper.notebooks.figures import figure_of_words
from paper.notebooks.kernels.observe import READ, WRITTEN
from paper.notebooks.notebook_file import code_cells, label_of, parse_notebook
from paper.notebooks.progress import Progress
from paper.notebooks.publish import FACTS_MIME, MIME, listing
from paper.storage.files import temporary_folder
from paper.storage.project import (
    DATA,
    RECORDS_BEHIND,
    STUDY,
    Notebook,
    Project,
    left_out,
    use_other_data,
)

Contents = Mapping[str, Mapping[str, Any]]
WITHHELD, WHY = "not shown", "would tell of too few patients"
NOT_SHOWN = f"Not shown: it {WHY}."
NO_NUMBER, NO_FACT = {"text": WITHHELD, "value": None, "n": None}, {"holds": None}
# Of the machine, and not of what a notebook shows.
SAME_FOR_ALL = {"kernelspec", "language_info"}
KEYED = re.compile(r'(<span data-key="([\w.]+)"[^>]*>).*?(</span>)')


@dataclass(frozen=True)
class OfNobody:
    """An empty table, of which what rests on no patient is told."""

    files: Sequence[Path]
    n_free: int = 0
    lines: Sequence[str] = ()


def run_records(project: Project, store: Store, show: Progress, limit: int | None = None) -> None:
    """Execute all notebooks on records, and store what may be told; see `run_notebooks`."""
    ran: dict[Notebook, tuple[str, Sequence[str]]] = {}

    def finished(notebook: Notebook, text: str, notes: Sequence[str]) -> None:
        _refuse_files(project, notebook, notes)
        ran[notebook] = text, notes

    run_notebooks(project, project.notebooks, finished, show, limit)
    contents = {book.path: parse_notebook(text, book.path) for book, (text, _) in ran.items()}
    told = what_may_be_told(project, contents, show, limit)
    for book, (_, notes) in ran.items():
        text = nbformat.writes(nbformat.from_dict(told[book.path]))
        store(book, f"{text}\n", notes)


def _refuse_files(project: Project, notebook: Notebook, notes: Sequence[str]) -> None:
    """Stop where a notebook wrote a file into the paper: of outputs alone it is known what differs.

    Raises PaperError if it did.
    """
    root, cache = project.root.resolve(), project.cache.resolve()
    for kind, what, *_ in map(json.loads, notes):
        file = Path(what)
        is_kept = file.is_relative_to(root) and not file.is_relative_to(cache)
        if kind == WRITTEN and is_kept and file.is_file():
            said = f"writes {file.relative_to(root)}, in which nobody looks for what tells of few"
            raise PaperError(notebook.path, said, "Show it in a cell, and delete the file.")


def what_may_be_told(
    project: Project, contents: Contents, show: Progress, limit: int | None = None
) -> Contents:
    """Return notebooks without all that other patients have not in common with those of the records.

    What is withheld, and why the rest may be told, is shown. `contents`: path → notebook, executed
    on the records. `limit`: how many seconds a cell may take; None for as long as it takes.
    """
    with temporary_folder("paper-others-") as folder:
        if not (of := _others(project, folder)).files:
            return contents
        runs = _run_on(project, of.files, folder, show, limit)
    keys: dict[str, bool] = {}
    for run in runs:
        for key, is_there in _differing(contents, run):
            keys[key] = keys.get(key, True) and is_there
    places: list[str] = []
    told = {
        path: _without(path, content, [run.get(path) for run in runs], keys, places)
        for path, content in contents.items()
    }
    recorded = {key for content in contents.values() for key in _keys(content)} & keys.keys()
    for line in _lines(of, sorted(recorded), places):
        show.say(line)
    return told


def _lines(of: Others, keys: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    """Yield what is said of what is told, and of what is withheld."""
    yield (
        f"{of.n_free} counts of few patients: each another one in one of {len(of.files)} other "
        f"cohorts, of which all else that is told is the same"
    )
    yield from of.lines
    if keys or places:
        yield f"Withheld, as it {WHY}:"
    for group, ends in groupby(keys, lambda key: key.rpartition(".")[0]):
        yield f"  {group or 'facts'}: {', '.join(key.rpartition('.')[2] for key in ends)}"
    for place, _ in groupby(places):
        yield f"  {place}"


def _others(project: Project, folder: Path) -> Others:
    """Return other patients; of a paper without a study, nobody: what it shows of none, it may."""
    study, data, reconstruction = (project.root / STUDY, project.data, project.root / DATA)
    if study.is_file():
        return study_package().other_patients(study, data, reconstruction, folder)
    nobody = folder / "nobody.csv"
    nobody.touch()
    return OfNobody([nobody])


def _run_on(
    project: Project, others: Sequence[Path], folder: Path, show: Progress, limit: int | None
) -> Sequence[Contents]:
    """Return what the notebooks come to with each of other patients; nothing of those that fail.

    Raises PaperError if one reads the records nevertheless, or what lies beside them.
    """
    copies = []
    for number, patients in enumerate(others, start=1):
        root = folder / str(number) / "paper"
        shutil.copytree(project.root, root, ignore=left_out)
        # Whoever reads the data by hand reads those of the other patients too.
        use_other_data(root, patients)
        (root / RECORDS_BEHIND).write_text(str(project.data), encoding="utf-8")
        which = f" with other patients, {number} of {len(others)}"
        copies += [Copy(notebook, root, which) for notebook in project.notebooks]
    ran: dict[Path, dict[str, Mapping[str, Any]]] = {copy.root: {} for copy in copies}
    by_name: list[str] = []

    def finished(copy: Copy, content: NotebookNode, notes: Sequence[str]) -> None:
        ran[copy.root][copy.notebook.path] = content
        read = (Path(what) for kind, what, *_ in map(json.loads, notes) if kind == READ)
        if any(file.parent == project.data.resolve().parent for file in read):
            by_name.append(copy.notebook.path)

    show.begin("Notebooks with other patients", len(copies))
    # What a notebook tells that cannot be run with other patients is withheld.
    with suppress(ProblemsError):
        execute(copies, finished, show, limit)
    if by_name:
        what = "reads the records, or what lies beside them, by a name of its own"
        raise PaperError(by_name[0], what, "Let it ask for them: pandas.read_csv(data_file())")
    return [*ran.values()]


def _differing(contents: Contents, run: Contents) -> Iterator[tuple[str, bool]]:
    """Yield the keys of what another run recorded otherwise, and whether both have the key."""
    for path, content in contents.items():
        others = code_cells(run[path]) if path in run else repeat({"outputs": []})
        for cell, other in zip(code_cells(content), others, strict=False):
            for mime in RECORDED:
                before, now = recorded_by(cell, mime), recorded_by(other, mime)
                for key in before | now:
                    if before.get(key) != now.get(key):
                        yield key, key in before and key in now


def _keys(content: Mapping[str, Any]) -> Iterator[str]:
    for cell in code_cells(content):
        for mime in RECORDED:
            yield from recorded_by(cell, mime)


def _without(
    path: str,
    content: Mapping[str, Any],
    runs: Sequence[Mapping[str, Any] | None],
    keys: Mapping[str, bool],
    places: list[str],
) -> Mapping[str, Any]:
    """Return a notebook without what may not be told; note the cells whose outputs are not."""
    kept = dict(deepcopy(content))
    # Where widgets keep what they show.
    kept["metadata"] = {
        name: of
        for name, of in content["metadata"].items()
        if all(run is not None and run["metadata"].get(name) == of for run in runs)
        or name in SAME_FOR_ALL
    }
    for number, cell in enumerate(code_cells(kept)):
        label = label_of(cell, path)
        for place, output in enumerate(cell["outputs"]):
            shown = _output(output, keys)
            others = [_output(_at(run, number, place), keys) for run in runs]
            if any(not alike(shown, other) for other in others):
                shown = _nothing(output, label)
                places.append(f"{path}, cell {label}")
            elif any(shown != other for other in others):
                # Widths are not compared, and may be of a number.
                shown = _narrow_texts(shown)
            output.update(shown)
        # That a cell shows nothing tells as much as what it would show.
        if any(_at(run, number, len(cell["outputs"])) for run in runs):
            more = {"output_type": "stream", "name": "stdout", "text": f"{NOT_SHOWN}\n"}
            cell["outputs"].append(more)
            places.append(f"{path}, cell {label}")
    return kept


def _at(run: Mapping[str, Any] | None, number: int, place: int) -> Mapping[str, Any]:
    """Return an output of another run; nothing if there is none."""
    cells = list(code_cells(run)) if run else []
    outputs = cells[number]["outputs"] if number < len(cells) else []
    return outputs[place] if place < len(outputs) else {}


def _output(output: Mapping[str, Any], keys: Mapping[str, bool]) -> dict[str, Any]:
    """Return what an output shows, without what was recorded by some keys.

    Of a key that is not there in all runs the name tells too, and goes.
    """
    if "text" in output:
        return {"text": output["text"]}
    data = dict(output.get("data", {}))
    for kind, nothing in (MIME, NO_NUMBER), (FACTS_MIME, NO_FACT):
        if kind in data:
            data[kind] = {
                key: of | (nothing if key in keys else {})
                for key, of in sorted(data[kind].items())
                if keys.get(key, True)
            }
    if MIME in data:
        data["text/plain"] = listing(data[MIME]) if data[MIME] else WITHHELD
    for name in keys.keys() & data.get(FACTS_MIME, {}).keys():
        data["text/plain"] = f"{name}: {WITHHELD}"
    for kind in data.keys() & {"text/markdown", "text/html"}:
        data[kind] = KEYED.sub(
            lambda of: f"{of[1]}{WITHHELD}{of[3]}" if of[2] in keys else of[0], data[kind]
        )
    return {"data": data, "metadata": output["metadata"]} if "data" in output else {}


def _narrow_texts(shown: dict[str, Any]) -> dict[str, Any]:
    if "text" in shown:
        return {"text": narrow(shown["text"])}
    texts = {kind: narrow(of) for kind, of in shown["data"].items() if kind.startswith("text")}
    return shown | {"data": shown["data"] | texts}


def _nothing(output: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Return what stands in place of an output that may not be told: of a table, one."""
    if "text" in output:
        return {"text": f"{NOT_SHOWN}\n"}
    markdown = f"|  |\n|---|\n| {NOT_SHOWN} |\n" if label.startswith("tbl-") else NOT_SHOWN
    words = {"text/markdown": markdown, "text/plain": NOT_SHOWN, "text/html": NOT_SHOWN}
    images = figure_of_words(NOT_SHOWN)
    kinds = output.get("data", {}).keys()
    shown = {kind: of for kind, of in (words | images).items() if kind in kinds}
    return {"data": shown or {"text/plain": NOT_SHOWN}, "metadata": {}}
