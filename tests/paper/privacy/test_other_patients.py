"""A paper about records tells what it would tell of other patients too, and nothing else."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import ROOT, Ran, run_paper
from little import write_little_paper, write_notebook
from people import made_up, write_people

BEGIN = """\
from paper import begin, publish, data_file
study, cohort = begin()
"""
# What may be told: it rests on sums that other patients have too.
PAIN = """\
#| label: pain
from beforeafter import paired_change
publish(paired_change(cohort, study["nrs"]))
"""
EXTREMES = """\
#| label: extremes
publish("age", oldest=cohort["age"].max(), n_oldest=int((cohort["age"] > 85).sum()), decimals=0)
"""
# Whoever reads the file without `begin` reads other patients too.
BY_HAND = """\
#| label: by-hand
import csv
rows = list(csv.DictReader(data_file().open()))
publish("hand", oldest=max(float(row["age"]) for row in rows), decimals=0)
publish("hand", rows=len(rows), unit="rows")
"""
# The mean of all, and that of all but one, are the age of one.
DIFFERENCE = """\
#| label: difference
rest = cohort.drop(cohort["age"].idxmax())
publish("everyone", age=cohort["age"].mean(), n=60, decimals=2)
publish("rest", age=rest["age"].mean(), n=59, decimals=2)
"""
# Keys and metadata say as much as values.
HIDDEN = """\
#| label: hidden
from IPython.display import display
oldest = int(cohort["age"].max())
publish({f"oldest.is_{oldest}": 1, "oldest.known": 1})
display({"text/plain": "all"}, raw=True, metadata={"oldest": f"is {oldest}"})
"""
# Five bars, ends and all, in full digits: they came back exactly from such a figure.
BARS = """\
#| label: fig-bars
#| fig-cap: "Ages."
#| fig-alt: "Bars."
import matplotlib.pyplot as plt
figure, axes = plt.subplots()
axes.hist(cohort["age"], bins=5);
"""
ROWS = """\
#| label: tbl-rows
#| tbl-cap: "The youngest."
cohort.nsmallest(3, "age")[["age", "nrs_day0"]]
"""
SAID = """\
#| label: said
print("The oldest is", cohort["age"].max())
"""
# As wide as the oldest is old; and a cell that is silent of these, but not of all others.
WIDTH = """\
#| label: width
print("-" * int(cohort["age"].max()))
"""
SILENT = """\
#| label: silent
if cohort["age"].max() != 97:
    print("Nobody is so old.")
"""
# A table that is text, and stands in the article.
OLDEST = """\
#| label: tbl-oldest
from IPython.display import Markdown
Markdown(f"| Oldest |\\n|---|\\n| {cohort['age'].max()} |")
"""
FIRST = """\
#| label: first
print(list(cohort["sex"]))
"""
# Of other patients figures are drawn as SVG alone; what somebody makes by hand is compared whole.
PIXELS = """\
#| label: pixels
from base64 import b64encode
from IPython.display import display
image = b64encode(f"{cohort['age'].max()}".encode()).decode()
display({"image/svg+xml": "<svg/>", "image/png": image, "application/pdf": image}, raw=True)
"""
OF_NOBODY = """\
#| label: fig-nobody
#| fig-cap: "Nobody."
#| fig-alt: "A line."
figure, axes = plt.subplots()
axes.plot([0, 1]);
"""
WRITES = """\
from paper import data_file
from pathlib import Path
Path("../oldest.csv").write_text(data_file().read_text())
"""
BETWEEN = """\
#| label: fact
from paper import fact
fact("one_is_very_old", bool(cohort["age"].max() == 97))
"""


def small_study() -> dict[str, Any]:
    """Return the definition of the study with pain, age and sex alone: all that is looked at."""
    study = yaml.safe_load((ROOT / "data/study.yml").read_text(encoding="utf-8"))
    age = [part for part in study["characteristics"] if part["name"] in {"age", "sex"}]
    kept = {part: study[part] for part in ("protocol", "analysis")}
    # What rests on a rating or a duration is of no use without them.
    of_scales = [
        one
        for one in study["estimands"]
        if one["summary"] not in {"completed_months", "responders"}
    ]
    return kept | {
        "outcomes": study["outcomes"][:1], "characteristics": age, "estimands": of_scales,
    }  # fmt: skip


def records() -> list[dict[str, str]]:
    """Return made-up patients, one of them much older than all others."""
    rows = [{k: row[k] for k in ("patient", "nrs_day0", "nrs_day30")} for row in made_up(60)]
    for number, row in enumerate(rows):
        row["age"] = str(35 + 7 * number % 45)
        row["sex"] = ("female", "male")[number % 2]
    rows[17]["age"] = "97"
    return rows


class Told:
    """What was built from records, and what was said meanwhile."""

    def __init__(self, folder: Path, ran: Ran) -> None:
        self.folder, self.ran = folder, ran
        self.numbers = json.loads((folder / "results/numbers.json").read_text())

    def outputs(self, label: str) -> Iterator[Mapping[str, Any]]:
        """Yield the outputs of the cell of that label."""
        for cell in json.loads((self.folder / "notebooks/a.ipynb").read_text())["cells"]:
            if f"label: {label}" in "".join(cell["source"]):
                yield from cell["outputs"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("disclosure")
    paper = folder / "paper"
    write_little_paper(paper)
    (paper / "data").mkdir()
    (paper / "data/study.yml").write_text(yaml.safe_dump(small_study()))
    cells = (BEGIN, PAIN, EXTREMES, BY_HAND, DIFFERENCE, HIDDEN, BARS, ROWS, SAID, BETWEEN)
    cells += (WIDTH, SILENT, OLDEST, FIRST, PIXELS, OF_NOBODY)
    write_notebook(paper / "notebooks/a.ipynb", *cells)
    data = write_people(folder / "records.csv", records())
    copied = run_paper(paper, "copy", "--data", data, folder / "copy")
    assert copied.status == 0, copied.error
    ran = run_paper(folder / "copy", "run")
    assert ran.status == 0, ran.error
    return Told(folder / "copy", ran)


def test_means_are_told_and_the_oldest_is_not(told: Told) -> None:
    assert told.numbers["nrs.change.mean"]["text"].startswith("\N{MINUS SIGN}")
    for key in ("age.oldest", "hand.oldest"):
        assert (told.numbers[key]["text"], told.numbers[key]["value"]) == ("not shown", None)
    said = told.ran.error[told.ran.error.index("Withheld, as it would tell of too few patients") :]
    for line in ("  age: oldest", "  facts: one_is_very_old", "cell fig-bars", "cell tbl-rows"):
        assert line in said
    # How many there are is the same of all.
    assert told.numbers["hand.rows"]["text"] == "60"
    assert told.numbers["facts"]["one_is_very_old"]["holds"] is None


def test_what_is_said_of_a_number_has_no_more_digits(told: Told) -> None:
    change = told.numbers["nrs.change.mean"]
    assert change["value"] == float(change["text"].replace("\N{MINUS SIGN}", "-"))


def test_of_two_numbers_whose_difference_is_one_patient_one_is_told(told: Told) -> None:
    assert told.numbers["everyone.age"]["value"] is not None
    assert told.numbers["rest.age"]["text"] == "not shown"


def test_no_key_and_no_metadata_tell_what_values_may_not(told: Told) -> None:
    assert "oldest.is_97" not in told.numbers
    assert told.numbers["oldest.known"]["text"] == "1"
    assert "97" not in json.dumps([*told.outputs("hidden")])


def test_figures_tables_and_prints_of_single_patients_are_not_shown(told: Told) -> None:
    (figure,) = told.outputs("fig-bars")
    # One line of words, and no bar: the only rectangle is the ground.
    assert "".join(figure["data"]["image/svg+xml"]).count('id="patch_') == 1
    (rows,) = told.outputs("tbl-rows")
    assert "".join(rows["data"]["text/plain"]).startswith("Not shown")
    assert "97" not in json.dumps(rows)
    (printed,) = told.outputs("said")
    assert "".join(printed["text"]).startswith("Not shown")
    (listed,) = told.outputs("extremes")
    assert "97" not in json.dumps(listed["data"])


def test_a_figure_that_is_told_is_there_in_every_form_and_one_made_by_hand_is_compared_in_each(
    told: Told,
) -> None:
    (figure,) = told.outputs("fig-nobody")
    assert "Not shown" not in figure["data"]["text/plain"]
    assert b64decode(figure["data"]["image/png"]).startswith(b"\x89PNG")
    assert b64decode(figure["data"]["application/pdf"]).startswith(b"%PDF")
    (pixels,) = told.outputs("pixels")
    assert b64encode(b"97").decode() not in json.dumps(pixels)


def test_no_width_no_silence_and_no_order_of_rows_tells(told: Told) -> None:
    (width,) = told.outputs("width")
    assert "".join(width["text"]) == "---\n"
    for label in ("silent", "first"):
        (output,) = told.outputs(label)
        assert "".join(output["text"]).startswith("Not shown")


def test_in_place_of_a_table_stands_a_table(told: Told) -> None:
    (table,) = told.outputs("tbl-oldest")
    lines = "".join(table["data"]["text/markdown"]).splitlines()
    assert lines[1] == "|---|"
    assert lines[2].startswith("| Not shown")


def test_records_that_are_read_by_their_own_name_stop_the_build(tmp_path: Path) -> None:
    """With other patients it would read the same, and all that it tells would seem to be told."""
    paper = tmp_path / "paper"
    write_little_paper(paper)
    (tmp_path / "elsewhere").mkdir()
    data = write_people(tmp_path / "elsewhere/records.csv", records())
    by_name = f"from pathlib import Path\nprint(Path({str(data)!r}).read_text()[-3:])"
    write_notebook(paper / "notebooks/b.ipynb", by_name)
    assert run_paper(paper, "copy", "--data", data, tmp_path / "copy").status == 0
    ran = run_paper(tmp_path / "copy", "run")
    assert ran.status == 2
    assert "notebooks/b.ipynb: reads the records" in ran.error


def test_a_file_that_a_notebook_writes_into_the_paper_stops_the_build(
    tmp_path: Path,
) -> None:
    paper = tmp_path / "paper"
    write_little_paper(paper)
    write_notebook(paper / "notebooks/b.ipynb", WRITES)
    data = write_people(tmp_path / "records.csv", records())
    assert run_paper(paper, "copy", "--data", data, tmp_path / "copy").status == 0
    ran = run_paper(tmp_path / "copy", "run")
    assert ran.status == 2
    assert "notebooks/b.ipynb: writes oldest.csv" in ran.error
    assert "97" not in ran.error


def test_no_value_of_the_oldest_is_anywhere_in_the_paper(told: Told) -> None:
    for file in told.folder.rglob("*"):
        if file.is_file() and ".paper" not in file.parts and file.suffix in {".json", ".ipynb"}:
            assert "is 97" not in file.read_text(encoding="utf-8")


def test_other_patients_leave_nothing_behind(told: Told) -> None:
    assert not [*told.folder.rglob("records-behind")]


def test_a_second_run_keeps_what_may_be_told(told: Told) -> None:
    before = (told.folder / "results/numbers.json").read_bytes()
    ran = run_paper(told.folder, "run")
    assert ran.status == 0
    assert "0 of 2 notebooks ran" in ran.output + ran.error
    assert (told.folder / "results/numbers.json").read_bytes() == before


def test_an_attack_on_what_is_told_finds_more_than_one_answer(told: Told) -> None:
    """Of the pairs that are left, changes of one patient are not the only ones that fit."""
    text = told.ran.error
    (line,) = [one for one in text.splitlines() if "counts of few patients" in one]
    assert int(line.split()[0]) >= 20
    assert "stay" not in text
