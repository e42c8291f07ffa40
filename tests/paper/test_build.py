"""One command brings a change everywhere, or says what is wrong and leaves all as it was."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from commands import ROOT, run_paper
from extract import docx_numbers, html_numbers, jats_numbers
from little import RECORD, write_notebook
from quartos import commit_here

from paper.storage.project import left_out

Rows = list[dict[str, str]]


def fingerprint(folder: Path) -> dict[str, str]:
    """Return the digest of every file below a folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def changed_cohort(target: Path, change: Callable[[Rows], object]) -> Path:
    """Write a copy of the cohort with something changed."""
    with (ROOT / "data/cohort.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    change(rows)
    with target.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return target


def test_a_fresh_clone_is_rendered_from_what_is_committed(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(ROOT, clone, ignore=left_out)
    commit_here(clone)
    ran = run_paper(clone, "run")
    assert ran.status == 0, ran.error
    said = (
        r"13 notebooks: outputs as committed \(made with .*\), nothing they depend on has changed; "
    )
    assert re.fullmatch(f"{said}make rerun computes all of them here\n", ran.error)
    for name in ("results", "notebooks"):
        assert fingerprint(clone / name) == fingerprint(ROOT / name)


def test_a_second_build_runs_no_notebook_and_gives_the_same_bytes(project: Path) -> None:
    before = fingerprint(project / "_manuscript")
    (project / ".paper/built.json").unlink(missing_ok=True)  # or it would not look
    ran = run_paper(project, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    assert "Notebooks" not in ran.error
    assert "rendered by embedded" in ran.output
    assert fingerprint(project / "_manuscript") == before


def test_a_change_of_prose_runs_no_notebook(project: Path) -> None:
    article = project / "paper.qmd"
    article.write_text(article.read_text().replace("### Future work", "### Next"))
    ran = run_paper(project, "build", "--renderer", "embedded")
    assert "Notebooks" not in ran.error
    assert "Next</" in (project / "_manuscript/index.html").read_text()


def test_one_changed_value_changes_text_table_and_figure_everywhere(
    project: Path, tmp_path: Path
) -> None:
    tracked = {name: fingerprint(project / name) for name in ("notebooks", "results", "data")}

    def worsen(rows: Rows) -> None:
        row = next(row for row in rows if row["nrs_day0"] == "7" and row["nrs_day30"] == "4")
        row["nrs_day30"] = "10"

    data, output = changed_cohort(tmp_path / "changed.csv", worsen), tmp_path / "out"
    ran = run_paper(project, "build", "--renderer", "embedded", "--data", data, "--output", output)
    assert ran.status == 0, ran.error
    assert {name: fingerprint(project / name) for name in tracked} == tracked

    # As it is printed first: the table of open numbers has the bounds of some under their keys.
    before, after = (dict(reversed(html_numbers(place / "index.html")))
                     for place in (project / "_manuscript", output))  # fmt: skip
    moved = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert {"nrs.follow_up.mean", "nrs.change.percentage"} <= moved
    assert {key for key in moved if not key.startswith(("nrs.", "claims."))} == set()
    assert dict(reversed(jats_numbers(output / "paper.xml"))) == after
    assert docx_numbers(output / "paper.docx") == [
        t for _, t in html_numbers(output / "index.html")
    ]

    page = (output / "index.html").read_text()
    assert "NOT MET: outside 5.585 to 5.595" in page  # the claims table
    # Bounds and ranges are of cohorts with every printed number, which this one is not.
    assert "edited copy of a reconstruction" in page
    assert "[bounds" not in page
    assert before.keys() - after.keys() >= {"bounds.n_bounded", "ranges.n_cohorts"}
    assert before["nrs.follow_up.mean"] in (project / "_manuscript/index.html").read_text()
    figure = "paper_files/fig-pain-change.png"
    assert (output / figure).read_bytes() != (project / "_manuscript" / figure).read_bytes()
    same = "paper_files/fig-relief.png"
    assert (output / same).read_bytes() == (project / "_manuscript" / same).read_bytes()


def drop_column(rows: Rows) -> None:
    for row in rows:
        del row["npsi_day30"]


# Counted as an editor counts lines.
BAD_CELLS = [(5, "nrs_day0", "bad"), (7, "nrs_day0", "11"), (9, "pgic", "2.5")]


def spoil_cells(rows: Rows) -> None:
    for line, column, value in BAD_CELLS:
        rows[line - 2][column] = value


def keep_notebooks(project: Path, *names: str) -> None:
    """Let the paper have no other notebooks: what all of them say, one says too."""
    file = project / "_quarto.yml"
    settings = yaml.safe_load(file.read_text())
    listed = settings["manuscript"]["notebooks"]
    kept = [book for book in listed if Path(book["notebook"]).stem in names]
    assert len(kept) == len(names)
    settings["manuscript"]["notebooks"] = kept
    file.write_text(yaml.safe_dump(settings))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_column, ["npsi_day30", "column is missing"]),
        (
            spoil_cells,
            [
                "row 5, column nrs_day0: (not shown): not a number",
                "row 7, column nrs_day0: '11': from 0 to 10",
                "row 9, column pgic: '2.5': in steps of 1",
            ],
        ),
    ],
)
def test_bad_data_stop_with_their_place_and_change_nothing(
    project: Path, tmp_path: Path, change: Callable[[Rows], object], said: list[str]
) -> None:
    before = fingerprint(project / "_manuscript")
    data = changed_cohort(tmp_path / "bad.csv", change)
    (project / "data/cohort.csv").write_bytes(data.read_bytes())
    keep_notebooks(project, "01-cohort")
    numbers = (project / "results/numbers.json").read_bytes()
    ran = run_paper(project, "build", "--renderer", "embedded")
    assert ran.status == 2
    assert "Traceback" not in ran.error
    for word in ["cohort.csv", *said]:
        assert word in ran.error
    assert fingerprint(project / "_manuscript") == before
    assert (project / "results/numbers.json").read_bytes() == numbers


def test_a_missing_data_file_is_named(project: Path, tmp_path: Path) -> None:
    ran = run_paper(project, "build", "--data", "nowhere.csv", "--output", tmp_path / "out")
    assert (ran.status, ran.output) == (2, "")
    assert "nowhere.csv: no such file" in ran.error


def test_an_output_folder_that_is_no_paper_is_left_alone(project: Path, tmp_path: Path) -> None:
    precious = tmp_path / "out"
    precious.mkdir()
    (precious / "thesis.txt").write_text("mine")
    (precious / "index.html").write_text("a page of my own")
    ran = run_paper(project, "build", "--data", "data/cohort.csv", "--output", precious)
    assert ran.status == 2
    assert "not a rendered paper" in ran.error
    assert (precious / "thesis.txt").read_text() == "mine"


def test_outside_a_project_the_command_says_so(tmp_path: Path) -> None:
    ran = run_paper(tmp_path, "build")
    assert ran.status == 2
    assert "no _quarto.yml here or above" in ran.error


def test_a_number_recorded_twice_is_refused(little: Path) -> None:
    write_notebook(little / "notebooks/b.ipynb", "#| label: again\n" + RECORD.format(key="pain"))
    ran = run_paper(little, "run")
    assert ran.status == 2
    assert "notebooks/b.ipynb, cell again: records pain.mean" in ran.error
    assert "which notebooks/a.ipynb, cell cell-1, records too" in ran.error


STANDING = """\
from types import SimpleNamespace
from paper import record_standing
record_standing({"pain.mood": SimpleNamespace(kind="printed", low="2.5", high="2.5")})
"""


def test_the_standing_of_an_unknown_number_is_refused(little: Path) -> None:
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), STANDING)
    ran = run_paper(little, "run")
    assert ran.status == 2
    assert "b.ipynb, cell cell-2: records the standing of pain.mood" in ran.error


def test_numbers_carry_value_text_n_rule_and_place(built: Path) -> None:
    entry = json.loads((built / "results/numbers.json").read_text())["hads_depression.change.p"]
    assert entry == {
        "text": "P = 0.0012",
        "label": "Depression: change of the mean, P of the paired t-test",
        "value": pytest.approx(0.0012, abs=5e-5),
        "unit": "",
        "n": 80,
        "rule": "4 decimals, below that the bound",
        "notebook": "notebooks/06-anxiety-depression.ipynb",
        "cell": "hads-depression-change",
        "standing": {"kind": "printed", "low": "P = 0.0012", "high": "P = 0.0012"},
        "printed": "p:0.0012",
    }
    assert len(repr(entry["value"])) > 12


def test_help_names_every_command() -> None:
    assert {"build", "run", "rerun", "check", "trace", "watch"} <= set(
        run_paper(ROOT, "--help").output.split()
    )
