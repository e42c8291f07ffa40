"""A number in a table carries its key, and means nothing else to who does not read it."""

from __future__ import annotations

import re

import pandas as pd

from beforeafter.estimates import paired_change
from beforeafter.study import Study
from beforeafter.wording import (
    bare_p,
    keyed,
    markdown_table,
    numbers,
    outcomes_table,
    published_numbers,
)

SPAN = re.compile(r'<span data-key="([\w.]+)"(?: data-part="(\w+)")?>(.*?)</span>')


def test_a_key_stands_around_its_text_and_no_more() -> None:
    table = markdown_table(
        [{"a": f"{keyed('< 0.001', 'x.p')}† ({keyed('*', 'y.b_c', 'low')})"}], "l"
    )
    cell = table.splitlines()[2].strip("| ")
    assert SPAN.findall(cell) == [("x.p", "", "<\u00a00.001"), ("y.b_c", "low", r"\*")]
    assert SPAN.sub(r"\3", cell) == "<\u00a00.001† (\\*)"


def test_what_is_not_published_has_no_key() -> None:
    assert keyed("1 of 2", "") == "1\u00a0of\u00a02"


def test_a_label_is_no_number() -> None:
    assert r"\<span data-key" in markdown_table([{"a": '<span data-key="x.p">1</span>'}], "l")


def test_numbers_of_a_part_know_the_keys_under_which_they_are_published(
    cohort: pd.DataFrame, study: Study
) -> None:
    pain = paired_change(cohort, study["nrs"])
    published = published_numbers(pain, study)
    assert [number.key for number in numbers(pain).values()] == list(published)
    assert {"nrs.change.mean", "nrs.t_test.p"} <= published.keys()


def test_every_cell_of_the_outcomes_has_the_text_of_its_key(
    cohort: pd.DataFrame, study: Study
) -> None:
    results = {part.name: paired_change(cohort, study[part.name]) for part in study.outcomes}
    of = {
        k: n for one in results.values() for k, n in published_numbers(one, study).items()
    } | published_numbers(study, study)
    found = SPAN.findall(outcomes_table(study, results))
    known = [outcome.minimal_important_difference is not None for outcome in study.outcomes]
    assert len(found) == 13 * len(known) + sum(known)
    for key, _, text in found:
        assert text.replace("\u00a0", " ") in {of[key].text, bare_p(of[key].text)}
