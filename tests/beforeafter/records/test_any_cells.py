"""Whatever stands in the cells: an error that can be read, or a cohort that keeps the rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import good
import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beforeafter.records import UnreadableError, draft_study, read_cohort
from beforeafter.records.rules import allowed_columns
from declared import DataError

WORDS = "7 7.0 7,0 70 -1 1,234 1e9 nan ∞ NA #N/A =1+1 true TRUE yes female Jane-1 2024-01-02"
SIGNS = ["", " ", "\t", '"', "'", ";", "\u200b", "\ufeff7"]
ODDITIES = st.sampled_from([*WORDS.split(), *SIGNS])
ANY_CELL = st.one_of(ODDITIES, st.text(max_size=6), st.floats().map(str), st.integers().map(str))
PLACES = st.tuples(st.integers(0, len(good.ROWS)), st.integers(0, len(good.HEADER) - 1))
CHANGES = st.dictionaries(PLACES, ANY_CELL, min_size=1, max_size=4)
# What XML cannot hold, openpyxl refuses to write.
IN_XML = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=6)
TYPED = st.one_of(ODDITIES, IN_XML, st.floats(-1e6, 1e6), st.booleans(), st.dates(), st.none())


def check(file: Path) -> None:
    study = good.study_of()
    with suppress(DataError):
        cohort = read_cohort(file, study)
        pa.DataFrameSchema(allowed_columns(study), strict=True).validate(cohort)
        assert cohort["patient"].str.strip().ne("").all()


def with_changes(changes: dict[tuple[int, int], Any]) -> good.Table:
    table = good.good()
    for (row, column), value in changes.items():
        table[row][column] = value
    return table


@settings(deadline=None, max_examples=30)
@given(changes=CHANGES)
def test_any_cells_of_a_text_file(changes: dict[tuple[int, int], str]) -> None:
    with TemporaryDirectory() as folder:
        check(good.write_csv(with_changes(changes), Path(folder) / "p.csv"))


@settings(deadline=None, max_examples=30)
@given(content=st.binary(max_size=300), at=st.integers(0, 400))
@example(content=b"\x1c", at=117)
def test_any_bytes_in_a_text_file(content: bytes, at: int) -> None:
    with TemporaryDirectory() as folder:
        file = good.write_csv(good.good(), Path(folder) / "p.csv")
        whole = file.read_bytes()
        file.write_bytes(whole[:at] + content + whole[at:])
        check(file)


@pytest.mark.parametrize("write", [good.write_xlsx, good.write_ods])
@settings(deadline=None, max_examples=25)
@given(changes=st.dictionaries(PLACES, TYPED, min_size=1, max_size=4))
def test_any_cells_of_a_sheet(
    write: Callable[..., Path], changes: dict[tuple[int, int], Any]
) -> None:
    with TemporaryDirectory() as folder:
        suffix = write.__name__.removeprefix("write_")
        changes = {
            place: "" if isinstance(value, str) and not value.isprintable() else value
            for place, value in changes.items()
        }
        check(write(with_changes(changes), Path(folder) / f"p.{suffix}"))


DAMAGE = st.dictionaries(st.floats(0, 1, exclude_max=True), st.integers(0, 255), max_size=6)


def check_damaged(write: Callable[..., Path], damage: dict[float, int]) -> None:
    with TemporaryDirectory() as folder:
        file = write(good.good(), Path(folder) / f"p.{write.__name__.removeprefix('write_')}")
        content = bytearray(file.read_bytes())
        for at, byte in damage.items():
            content[int(at * len(content))] = byte
        file.write_bytes(content)
        check(file)


@pytest.mark.parametrize("write", [good.write_xlsx, good.write_ods, good.write_parquet])
@settings(deadline=None, max_examples=25)
@given(damage=DAMAGE)
def test_any_damage_to_a_file(write: Callable[..., Path], damage: dict[float, int]) -> None:
    check_damaged(write, damage)


@settings(deadline=None, max_examples=20)
@given(damage=DAMAGE)
def test_a_draft_of_any_damage_is_written_or_refused(damage: dict[float, int]) -> None:
    with TemporaryDirectory() as folder:
        file = good.write_csv(good.good(), Path(folder) / "p.csv")
        whole = bytearray(file.read_bytes())
        for at, value in damage.items():
            whole[int(at * len(whole))] = value
        file.write_bytes(whole)
        with suppress(UnreadableError):
            assert draft_study([file]).startswith("# Drafted from p.csv")


@pytest.mark.parametrize("write", [good.write_sav, good.write_dta])
@settings(deadline=None, max_examples=4)  # each starts a process
@given(damage=DAMAGE)
def test_any_damage_to_a_file_of_another_program(
    write: Callable[..., Path], damage: dict[float, int]
) -> None:
    check_damaged(write, damage)


SCORES = st.one_of(st.none(), st.integers(0, 10).map(float))
MOODS = st.one_of(st.none(), st.integers(0, 200).map(lambda steps: steps / 2))


@st.composite
def cohorts(draw: st.DrawFn) -> good.Table:
    """Patients who keep every rule."""
    rows: good.Table = [list(good.HEADER)]
    for number in range(draw(st.integers(1, 5))):
        after = draw(SCORES)
        change = None if after is None else draw(st.one_of(st.none(), st.integers(1, 5)))
        time = draw(st.one_of(st.none(), st.integers(0, 6)))
        event = None if time is None else draw(st.booleans()) and time < 6
        scores = [draw(SCORES), after, draw(MOODS), draw(MOODS)]
        about = [draw(st.integers(18, 110)), draw(st.sampled_from(["female", "male"])), "pain"]
        rows.append([f"P-{number}", *scores, change, time, event, *about])
    return rows


@settings(deadline=None, max_examples=3)  # each starts two processes
@given(table=cohorts())
def test_any_cohort_is_the_same_from_every_kind_of_file(table: good.Table) -> None:
    plain, coded, visits = (
        good.study_of(),
        good.study_of(**good.CODED),
        good.study_of(**good.VISITS),
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        cohort = read_cohort(good.write_csv(table, folder / "p.csv"), plain)
        pa.DataFrameSchema(allowed_columns(plain), strict=True).validate(cohort)
        for file, study in (
            (good.write_csv(table, folder / "s.csv", delimiter=";", decimal=","), plain),
            (good.write_xlsx(table, folder / "p.xlsx"), plain),
            (good.write_ods(table, folder / "p.ods"), plain),
            (good.write_parquet(table, folder / "p.parquet"), plain),
            (good.write_sav(table, folder / "p.sav"), coded),
            (good.write_dta(table, folder / "p.dta"), coded),
            (good.write_csv(good.visits(table), folder / "v.csv"), visits),
        ):
            read = read_cohort(file, study)[cohort.columns]
            pd.testing.assert_frame_equal(read, cohort, check_exact=True)
