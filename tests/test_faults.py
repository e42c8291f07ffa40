"""Small faults that once went through unseen are told; `make faults` plants many more."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults import Planted, copy_paper, read_faults, read_sample, what_is_told

pytestmark = pytest.mark.whole
SAMPLE = [fault for fault in read_faults() if fault.name in read_sample()]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_paper(tmp_path_factory.mktemp("faults") / "paper")


@pytest.mark.parametrize("fault", SAMPLE, ids=lambda fault: fault.name)
def test_a_planted_fault_is_told(fault: Planted, copy: Path) -> None:
    assert what_is_told(fault, copy)


def test_each_fault_has_one_name_and_finds_its_place() -> None:
    faults = read_faults()
    assert len({fault.name for fault in faults}) == len(faults)
    root = Path(__file__).parents[1]
    lost = [one.name for one in faults if one.was not in (root / one.file).read_text()]
    assert lost == []


def test_the_sample_is_of_faults_that_are_there() -> None:
    assert len(SAMPLE) == len(read_sample()) <= 6
