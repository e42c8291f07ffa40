"""Files made to fill the memory, or larger than any cohort, end in a message."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import good
import pyarrow as pa
import pytest
from pyarrow import parquet

from beforeafter.records import read_cohort
from beforeafter.records.files import archive, delimited, table, workbook
from declared import DataError

MEBIBYTE = 1024**2
ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
"""


def refusal(file: Path) -> str:
    with pytest.raises(DataError) as refused:
        read_cohort(file, good.study_of())
    return str(refused.value)


def held(action: Callable[[], object]) -> int:
    """Return the most bytes that an action held."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bomb(file: Path, part: str, mebibytes: int) -> Path:
    """A small archive that unpacks to much, as no spreadsheet program would write it."""
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(part, "w") as stream,
    ):
        for _ in range(mebibytes):
            stream.write(bytes(MEBIBYTE))
    return file


@pytest.mark.parametrize(
    ("name", "part"), [("b.xlsx", "xl/workbook.xml"), ("b.ods", "content.xml")]
)
def test_a_zip_bomb_is_not_unpacked(
    name: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_UNPACKED", 16 * MEBIBYTE)
    file = bomb(tmp_path / name, part, 64)
    assert file.stat().st_size < MEBIBYTE
    assert held(lambda: refusal(file)) < 8 * MEBIBYTE
    assert "unpacks to more than 16 MiB" in refusal(file)


@pytest.mark.parametrize(
    ("name", "part", "before"),
    [
        ("p.xlsx", "xl/styles.xml", b"</styleSheet>"),
        ("p.xlsx", "xl/worksheets/sheet1.xml", b"</row>"),
        ("p.ods", "content.xml", b"</office:spreadsheet>"),
    ],
)
def test_a_part_that_is_one_long_row_or_none_is_not_parsed(
    name: str, part: str, before: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_WITHOUT_ROW", MEBIBYTE)
    write = good.write_ods if name.endswith("ods") else good.write_xlsx
    usual, swollen = write(good.good(), tmp_path / "usual"), tmp_path / name
    with zipfile.ZipFile(usual) as old, zipfile.ZipFile(swollen, "w") as new:
        for inside in old.namelist():
            many = b"<a/>" * MEBIBYTE if inside == part else b""
            new.writestr(inside, old.read(inside).replace(before, many + before, 1))
    assert "have no row" in refusal(swollen)
    assert held(lambda: refusal(swollen)) < 8 * MEBIBYTE


def test_an_archive_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    content = bomb(tmp_path / "b.ods", "content.xml", 4).read_bytes()
    size = (4 * MEBIBYTE).to_bytes(4, "little")
    assert content.count(size) == 2
    (tmp_path / "b.ods").write_bytes(content.replace(size, (1000).to_bytes(4, "little")))
    assert "damaged, truncated or encrypted" in refusal(tmp_path / "b.ods")


def test_an_archive_of_very_many_parts_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_PARTS", 3)
    assert "unpacks to more than" in refusal(good.write_xlsx(good.good(), tmp_path / "b.xlsx"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("write", [good.write_xlsx, good.write_ods])
def test_entities_are_not_expanded(
    write: Callable[..., Path], encoding: str, tmp_path: Path
) -> None:
    file = write(good.good(), tmp_path / f"b.{write.__name__.removeprefix('write_')}")
    stream = io.BytesIO()
    with zipfile.ZipFile(file) as read, zipfile.ZipFile(stream, "w") as written:
        for part in read.namelist():
            content = read.read(part).decode()
            if part in {"content.xml", "xl/worksheets/sheet1.xml"}:
                body = content.split("?>", 1)[-1].replace("neuropathy", "&b;")
                content = ENTITIES.replace("1.0", f'1.0" encoding="{encoding}') + body
            written.writestr(part, content.encode(encoding))
    file.write_bytes(stream.getvalue())
    assert "can be read" in refusal(file)


def test_the_rest_of_a_sheet_repeated_a_million_times_takes_no_memory(tmp_path: Path) -> None:
    file = good.write_ods(good.good(), tmp_path / "p.ods")
    assert "1048000" in zipfile.ZipFile(file).read("content.xml").decode()
    assert held(lambda: read_cohort(file, good.study_of())) < 32 * MEBIBYTE


def replaced(file: Path, part: str, old: str, new: str) -> Path:
    """The archive with a text of one of its parts replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(file) as read, zipfile.ZipFile(stream, "w") as written:
        for name in read.namelist():
            content = read.read(name)
            if name == part:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            written.writestr(name, content)
    file.write_bytes(stream.getvalue())
    return file


ROW, REPEATED = "<table:table-row>", '<table:table-row table:number-rows-repeated="900000000">'


@pytest.mark.parametrize(
    ("old", "new"),
    [(ROW, REPEATED), (f"{ROW}<table:table-cell/>", f"{REPEATED}</table:table-row>{ROW}")],
    ids=["patients", "nothing"],
)
def test_a_row_repeated_without_end(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (table, workbook):
        monkeypatch.setattr(module, "MOST_ROWS", 5_000)
    rows = good.good()
    rows[2][0] = None
    file = replaced(good.write_ods(rows, tmp_path / "p.ods"), "content.xml", old, new)
    assert held(lambda: refusal(file)) < 16 * MEBIBYTE
    assert "more than 5,000 rows" in refusal(file)


@pytest.mark.parametrize(
    ("old", "new"), [('r="7"', 'r="900000000"'), ('r="K2"', 'r="XFD2"')], ids=["row", "column"]
)
def test_a_cell_far_away(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 5_000)
    file = good.write_xlsx(good.good(), tmp_path / "p.xlsx")
    message = refusal(replaced(file, "xl/worksheets/sheet1.xml", old, new))
    assert "more than 5,000 rows or 5,000 columns" in message


@pytest.mark.parametrize("write", [good.write_csv, good.write_xlsx, good.write_ods])
def test_ten_thousand_columns(write: Callable[..., Path], tmp_path: Path) -> None:
    wide = [[f"column_{number}" for number in range(10_000)], [1] * 10_000]
    file = write(wide, tmp_path / f"p.{write.__name__.removeprefix('write_')}")
    message = refusal(file)
    # A row of an OpenDocument file is cut where no more is read.
    assert "10,000 columns, at most 5,000" in message or "5,001 columns, at most 5,000" in message


def test_more_rows_than_any_cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"MOST_ROWS": 3, "MOST_CELLS": 20, "MOST_DISTINCT_TEXT": 12}
    file = good.write_csv(good.good(), tmp_path / "p.csv")
    for limit, value in limits.items():
        with monkeypatch.context() as patched:
            patched.setattr(table, limit, value)
            assert f"more than {value} " in refusal(file)


def test_more_rows_than_any_cohort_in_a_typed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 3)
    for file in (
        good.write_parquet(good.good(), tmp_path / "p.parquet"),
        good.write_sav(good.good(), tmp_path / "p.sav"),
        good.write_dta(good.good(), tmp_path / "p.dta"),
    ):
        assert "more than 3 rows" in refusal(file)
    monkeypatch.setattr(table, "MOST_ROWS", 1000)
    monkeypatch.setattr(table, "MOST_BYTES", 100)
    assert "unpacks to more than" in refusal(tmp_path / "p.parquet")


def test_a_file_larger_than_any_cohort_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "p.csv").open("wb") as stream:
        stream.truncate(table.MOST_BYTES + 1)  # takes no place on the disk
    assert held(lambda: refusal(tmp_path / "p.csv")) < MEBIBYTE
    assert "larger than 2,048 MiB" in refusal(tmp_path / "p.csv")


@pytest.mark.parametrize("start", ["", "patient,pain_before\n", 'patient,pain_before\n"'])
def test_an_endless_line(start: str, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text(start + "7" * 20 * MEBIBYTE)
    assert held(lambda: refusal(file)) < 12 * MEBIBYTE
    assert f"is longer than {delimited.LONGEST_LINE:,} characters" in refusal(file)


def test_an_endless_cell_of_many_lines(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text('patient,pain_before\n"' + "7\n" * 4 * MEBIBYTE)
    assert held(lambda: refusal(file)) < 8 * MEBIBYTE
    assert "is not a row of a table: field larger than field limit" in refusal(file)


def test_a_registry_in_the_wrong_unit_is_told_in_a_few_lines(tmp_path: Path) -> None:
    rows = [["P" + str(number), *good.ROWS[0][1:]] for number in range(3_000)]
    for row in rows:
        row[1] = 70
    message = refusal(good.write_csv([good.HEADER, *rows], tmp_path / "p.csv"))
    assert message == (
        "p.csv, row 2, column pain_before: '70': from 0 to 10; 3,000 cells like this: "
        "is the column in a scale ten times as long? then divide it by 10"
    )
    for number, row in enumerate(rows):
        row[1] = 11 + number / 1000
    message = refusal(good.write_csv([good.HEADER, *rows], tmp_path / "p.csv"))
    assert message.splitlines()[0] == (
        "p.csv, row 2, column pain_before: '11.0': from 0 to 10; 3,000 cells like this: "
        "is the column in a scale ten times as long? then divide it by 10"
    )
    assert len(message.splitlines()) == 2
    for number, row in enumerate(rows):
        row[1] = 5 if number % 2 else 11 + number
    message = refusal(good.write_csv([good.HEADER, *rows], tmp_path / "p.csv"))
    assert message.splitlines()[0].startswith(
        "p.csv, column pain_before: from 0 to 10: in 1,500 rows, of which 20 are listed: correct"
    )
    assert len(message.splitlines()) == 21


def test_columns_that_nobody_asked_for_take_no_memory(tmp_path: Path) -> None:
    rows = [[*row, "x" * 1000] for row in good.good() * 1000]
    file = good.write_csv(rows, tmp_path / "p.csv")
    assert held(lambda: refusal(file)) < 8 * MEBIBYTE


def test_a_sheet_that_claims_to_be_smaller_than_it_is(tmp_path: Path) -> None:
    file = good.write_xlsx(good.good(), tmp_path / "p.xlsx")
    replaced(file, "xl/worksheets/sheet1.xml", 'ref="A1:K7"', 'ref="A1:K3"')
    assert len(read_cohort(file, good.study_of())) == 6


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path)


def test_a_long_text_that_stands_in_each_row_is_kept_once(tmp_path: Path) -> None:
    n_rows, text = 20_000, "x" * 20_000
    columns = {name: [""] * n_rows for name in good.good()[0]}
    columns["patient"] = [text] * n_rows
    parquet.write_table(pa.table(columns), tmp_path / "p.parquet")
    assert (tmp_path / "p.parquet").stat().st_size < MEBIBYTE
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(pool)
    try:
        assert held(lambda: refusal(tmp_path / "p.parquet")) < 64 * MEBIBYTE
        assert (pool.max_memory() or 0) < 64 * MEBIBYTE
    finally:
        pa.set_memory_pool(usual)
