"""Every file of the corpus is refused, with place and rule, and without a word about a patient."""

from __future__ import annotations

import sys
from pathlib import Path

import bad
import good
import pytest

from beforeafter.records import read_cohort
from declared import DataError

FEWEST = 150


def test_the_corpus_is_large_and_without_doubles() -> None:
    assert len({case.name for case in bad.CORPUS}) == len(bad.CORPUS) >= FEWEST


@pytest.mark.parametrize("case", bad.CORPUS, ids=lambda case: case.name[:60])
def test_a_bad_file_is_refused_with_place_and_rule(case: bad.Bad, tmp_path: Path) -> None:
    study, file = good.study_of(**case.records), case.make(tmp_path)
    before = file.read_bytes()
    with pytest.raises(DataError) as refused:
        read_cohort(file, study)
    places = [(problem.where, problem.rule) for problem in refused.value.problems]
    assert any(where == case.place and case.rule in rule for where, rule in places), places
    assert file.read_bytes() == before
    for shown in (str(refused.value), repr(refused.value), repr(refused.value.problems)):
        assert not any(secret in shown for secret in good.SECRETS)


@pytest.mark.parametrize(("ending", "reader"), [
    ("parquet", "pyarrow"), ("sav", "pyreadstat"), ("dta", "pyreadstat"),
])  # fmt: skip
def test_without_its_reader_a_file_names_the_command_that_adds_it(
    ending: str, reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, reader, None)
    file = tmp_path / f"ward.{ending}"
    file.write_bytes(b"anything")
    with pytest.raises(DataError, match=f"need {reader}: `make records` installs it"):
        read_cohort(file, good.study_of())
