"""Bad files: one message that names file, line, field, value and what is expected."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from beforeafter.study import Study
from reported.claims.claimable import claimable, read_study_and_published
from reported.claims.errors import BadInputError
from reported.claims.published import NOT_MODELLED, Claim, Published
from reported.cli import main
from reported.verifier import verdicts as verifier
from reported.verifier.verdicts import verify_file

DATA = Path(__file__).parents[3] / "data"

STUDY = """\
protocol:
  design: before and after
  infusion_days: 4
  follow_up_day: 30
  treatments:
    - {name: drug, label: Drug, route: oral, dose: 0.5, unit: mg}
analysis:
  percentage: change_between_means
  test: paired_t
  confidence_level: 0.95
  responder_thresholds: [30, 50]
  seed: 1
  ties: {default: up}
outcomes:
  - name: pain
    label: Pain
    instrument: Scale
    abbreviation: P
    role: primary
    unit: points
    columns: {baseline: pain_day0, follow_up: pain_day30}
    minimum: 0
    maximum: 10
    step: 1
    better: lower
    decimals: {default: 2}
ratings:
  - name: change
    label: Change
    abbreviation: C
    column: change
    categories: [better, same, worse]
    groups:
      improved: {label: Improved, codes: [1]}
    decimals: {default: 1}
durations:
  - name: relief
    label: Relief
    columns: {time: months, event: recurred}
    event: recurrence
    event_free: free
    unit: months
    step: 1
    horizon: 6
    decimals: {default: 1}
"""
PUBLISHED = """\
source: {citation: someone, part: abstract}
reading:
  n_enrolled: 89
  n_follow_up: 80
  ties: {default: up, proportion: down}
claims:
  - {key: cohort.n_enrolled, printed: "89", place: n}
  - {key: protocol.drug.dose, printed: "0.5", place: dose}
  - {key: pain.baseline.mean, printed: "7.54", place: mean}
  - {key: pain.baseline.standard_deviation, printed: "1.35", place: SD}
  - {key: pain.change.percentage, printed: "26%", reads: "-26%", place: change}
  - {key: pain.change.p, printed: "p < 0.001", place: p}
  - {key: change.improved.proportion, printed: "68.7 %", place: improved}
  - {key: relief.restricted.mean, printed: "2.99", place: relief}
  - {key: relief.event_free.proportion, printed: "22%", place: free}
"""
FILES = {"study.yml": STUDY, "published.yml": PUBLISHED}


class Bad(NamedTuple):
    """One change of a valid file, and what must be said of it."""

    old: str
    new: str
    line: int
    field: str
    value: str
    expected: str
    file: str = "published.yml"


def number(key: str, printed: str) -> tuple[str, str]:
    """Return the place where a claim is printed, and the same with another string."""
    found = re.search(rf'{key}, printed: "[^"]*"', PUBLISHED)
    assert found
    return found[0], f'{key}, printed: "{printed}"'


SCALE = "expected a mean from 0 to 10"
ONE_NUMBER = "expected one printed number such as '7.54'"
DEVIATION = "expected a standard deviation, 0 or more"
P_VALUE = "expected a p-value from 0 to 1"
PERCENTAGE = "expected a percentage from 0 to 100"
MISSING = "the field is missing"

CASES = {
    # Missing and unknown fields; of a missing one the line is that of what lacks it.
    "no place": Bad(", place: mean", "", 9, "claims.2.place", "nothing", MISSING),
    "no reading": Bad(
        PUBLISHED[PUBLISHED.index("reading") : PUBLISHED.index("claims")],
        "",
        1,
        "reading",
        "nothing",
        MISSING,
    ),
    "no n_enrolled": Bad("  n_enrolled: 89\n", "", 2, "reading.n_enrolled", "nothing", MISSING),
    "no claims": Bad(PUBLISHED[PUBLISHED.index("claims:") :], "", 1, "claims", "nothing", MISSING),
    "empty claims": Bad(
        PUBLISHED[PUBLISHED.index("claims:") :],
        "claims:",
        6,
        "claims",
        "nothing",
        "expected a list",
    ),
    "unknown field of a claim": Bad(
        "place: mean", "place: mean, plaec: 3", 9, "claims.2.plaec", "3", "did you mean 'place'?"
    ),
    "unknown field like no other": Bad(
        "place: mean",
        "place: mean, x: 3",
        9,
        "claims.2.x",
        "3",
        "unknown field; expected one of arm, key, n, place, printed, reads, test",
    ),
    "unknown field of the reading": Bad(
        "n_follow_up", "n_folow_up", 4, "reading.n_folow_up", "80", "did you mean 'n_follow_up'"
    ),
    "unknown kind of tie": Bad(
        ", proportion:",
        ", proprtion:",
        5,
        "reading.ties.proprtion",
        "'down'",
        "unknown kind; did you mean 'proportion'",
    ),
    "claim that is a text": Bad(
        '{key: relief.event_free.proportion, printed: "22%", place: free}',
        "free",
        15,
        "claims.8",
        "'free'",
        "expected the fields key, printed, place, reads",
    ),
    "field written twice": Bad(
        "place: mean", "place: mean, place: SD", 9, "claims.2.place", "'SD'", "first in line 9"
    ),
    "part written twice": Bad(
        "claims:", "source: {citation: me, part: x}\nclaims:", 6, "source", "'source'", "in line 1"
    ),
    # Impossible numbers of patients.
    "more followed up": Bad(
        "up: 80", "up: 90", 4, "reading.n_follow_up", "90", "no more than n_enrolled, 89"
    ),
    "half a patient": Bad(
        "up: 80", "up: 80.5", 4, "reading.n_follow_up", "80.5", "expected a whole number"
    ),
    "patients in words": Bad(
        ": 89\n", ": all\n", 3, "reading.n_enrolled", "'all'", "expected a whole number"
    ),
    "one patient": Bad("up: 80", "up: 1", 4, "reading.n_follow_up", "1", "expected 2 or more"),
    "less than none": Bad(
        ": 89\n", ": -89\n", 3, "reading.n_enrolled", "-89", "expected 2 or more"
    ),
    "half a patient claimed": Bad(
        *number("n_enrolled", "88.5"),
        7,
        "claims.0.printed",
        "'88.5'",
        "expected a whole number of patients, 2 or more",
    ),
    "no default": Bad(
        "default: up, ", "", 5, "reading.ties", "{'proportion': 'down'}", "expected a default"
    ),
    "unknown rounding": Bad(
        "default: up", "default: sideways", 5, "reading.ties.default", "'sideways'", "'half_even'"
    ),
    # Numbers that nobody could have computed.
    "mean off the scale": Bad(
        *number("baseline.mean", "17.54"), 9, "claims.2.printed", "'17.54'", SCALE
    ),
    "mean a unit above the scale": Bad(
        *number("baseline.mean", "10.01"), 9, "claims.2.printed", "'10.01'", SCALE
    ),
    "mean below the scale": Bad(
        *number("baseline.mean", "-0.1"), 9, "claims.2.printed", "'-0.1'", SCALE
    ),
    "mean printed as a bound": Bad(
        *number("baseline.mean", "p < 0.001"), 9, "claims.2.printed", "'p < 0.001'", SCALE
    ),
    "relief beyond the horizon": Bad(
        *number("restricted.mean", "6.01"), 14, "claims.7.printed", "'6.01'", "mean from 0 to 6"
    ),
    "negative standard deviation": Bad(
        *number("standard_deviation", "-1.35"), 10, "claims.3.printed", "'-1.35'", DEVIATION
    ),
    "negative in words": Bad(
        'printed: "1.35"',
        'printed: "1.35", reads: "-1.35"',
        10,
        "claims.3.reads",
        "'-1.35'",
        DEVIATION,
    ),
    "p above 1": Bad(*number("p", "p = 1.2"), 12, "claims.5.printed", "'p = 1.2'", P_VALUE),
    "p above more than 1": Bad(*number("p", "p > 1"), 12, "claims.5.printed", "'p > 1'", P_VALUE),
    "p below 0": Bad(*number("p", "p < 0"), 12, "claims.5.printed", "'p < 0'", P_VALUE),
    "more than all": Bad(
        *number("improved.proportion", "168.7 %"), 13, "claims.6.printed", "'168.7 %'", PERCENTAGE
    ),
    "decimal comma": Bad(
        *number("baseline.mean", "7;54"), 9, "claims.2.printed", "'7;54'", ONE_NUMBER
    ),
    "no number": Bad(*number("baseline.mean", ""), 9, "claims.2.printed", "''", ONE_NUMBER),
    "sign that cannot be read": Bad("-26%", "minus", 11, "claims.4.reads", "'minus'", ONE_NUMBER),
    "number without quotes": Bad(
        '"7.54"', "7.54", 9, "claims.2.printed", "7.54", "expected text in quotes"
    ),
    # Claims about what the study does not measure.
    "unknown scale": Bad(
        "pain.baseline.mean",
        "pian.baseline.mean",
        9,
        "claims.2.key",
        "'pian.baseline.mean'",
        "the study measures no 'pian'; did you mean 'pain'?",
    ),
    "unknown scale like no other": Bad(
        "pain.baseline.mean",
        "mood.baseline.mean",
        9,
        "claims.2.key",
        "'mood.baseline.mean'",
        "expected one of change, cohort, pain, protocol, relief",
    ),
    "unknown number of a scale": Bad(
        "pain.baseline.mean",
        "pain.basline.mean",
        9,
        "claims.2.key",
        "'pain.basline.mean'",
        "no such number of pain; did you mean 'pain.baseline.mean'",
    ),
    "unknown drug": Bad(
        "drug.dose",
        "drgu.dose",
        8,
        "claims.1.key",
        "'protocol.drgu.dose'",
        "did you mean 'protocol.drug.dose'",
    ),
    "percentage without its base": Bad(
        "change.improved",
        "change.improvd",
        13,
        "claims.6.key",
        "'change.improvd.proportion'",
        "a percentage without its base: change has no group 'improvd'; did you mean 'improved'?",
    ),
    "key that is none": Bad(
        "pain.baseline.mean", "Pain", 9, "claims.2.key", "'Pain'", "expected a key such as"
    ),
    "key that is a list": Bad(
        "key: pain.baseline.mean", "key: [pain]", 9, "claims.2.key", "['pain']", "expected text"
    ),
    "key claimed twice": Bad(
        "pain.baseline.standard_deviation",
        "pain.baseline.mean",
        10,
        "claims.3.key",
        "'pain.baseline.mean'",
        "key claimed twice, first in line 9",
    ),
    # No YAML.
    "bracket never closed": Bad(
        "abstract}", "abstract", 2, "column 8", "'reading:'", "not valid YAML"
    ),
    "quote never closed": Bad(
        'free.proportion, printed: "22%"',
        'free.proportion, printed: "22%',
        15,
        "column 50",
        "'- {key",
        "not valid YAML",
    ),
    "day that does not exist": Bad(
        "place: mean", "place: 2025-02-30", 9, "column 55", "'- {key", "not valid YAML: day"
    ),
    # The study definition.
    "part of the study missing": Bad(
        "  seed: 1\n", "", 7, "analysis.seed", "nothing", MISSING, "study.yml"
    ),
    "part of an outcome missing": Bad(
        "    minimum: 0\n    maximum",
        "    maximum",
        15,
        "outcomes.0.minimum",
        "nothing",
        MISSING,
        "study.yml",
    ),
    "unknown field of an outcome": Bad(
        "    minimum:",
        "    minimun:",
        22,
        "outcomes.0.minimun",
        "0",
        "did you mean 'minimum'?",
        "study.yml",
    ),
    "scale upside down": Bad(
        "maximum: 10",
        "maximum: -1",
        23,
        "outcomes.0.maximum",
        "-1",
        "than the minimum, 0",
        "study.yml",
    ),
    "endless scale": Bad(
        "maximum: 10",
        "maximum: .inf",
        23,
        "outcomes.0.maximum",
        "inf",
        "a finite number",
        "study.yml",
    ),
    "code without category": Bad(
        "codes: [1]",
        "codes: [1, 4]",
        34,
        "ratings.0.groups.improved.codes",
        "[1, 4]",
        "expected codes of categories, 1 to 3",
        "study.yml",
    ),
    "name used twice": Bad(
        "name: relief",
        "name: pain",
        37,
        "durations.0.name",
        "'pain'",
        "first in line 15",
        "study.yml",
    ),
    "study field written twice": Bad(
        "  seed: 1\n",
        "  seed: 1\n  seed: 2\n",
        13,
        "analysis.seed",
        "'2'",
        "first in line 12",
        "study.yml",
    ),
}

Read = Callable[[dict[str, str]], tuple[Study, Published]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read the two files from their texts."""

    def read(texts: dict[str, str]) -> tuple[Study, Published]:
        for name, text in texts.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return read_study_and_published(tmp_path / "study.yml", tmp_path / "published.yml")

    return read


def changed(bad: Bad) -> dict[str, str]:
    assert FILES[bad.file].count(bad.old) == 1
    return {**FILES, bad.file: FILES[bad.file].replace(bad.old, bad.new)}


def messages(read: Read, texts: dict[str, str]) -> list[str]:
    with pytest.raises(BadInputError) as refused:
        read(texts)
    return str(refused.value).splitlines()


def test_the_valid_files_are_read(read: Read) -> None:
    study, claims = read(FILES)
    assert len(claims.claims) == 9
    assert study.outcomes[0].maximum == 10


def test_the_files_of_this_paper_are_read(study: Study, published: Published) -> None:
    assert read_study_and_published(DATA / "study.yml", DATA / "published.yml") == (
        study,
        published,
    )


@pytest.mark.parametrize("bad", CASES.values(), ids=CASES)
def test_bad_input_is_one_message(bad: Bad, read: Read) -> None:
    begin = f"{bad.file}, line {bad.line}, {bad.field}: {bad.value}"
    (message,) = [line for line in messages(read, changed(bad)) if line.startswith(begin)]
    assert bad.expected in message.removeprefix(begin)


# What else follows: the field misspelt is missing, and without a study no claim is compared.
FOLLOWS = {"unknown field of an outcome": 2}


@pytest.mark.parametrize("name", CASES)
def test_one_mistake_is_said_once(name: str, read: Read) -> None:
    assert len(messages(read, changed(CASES[name]))) == FOLLOWS.get(name, 1)


@pytest.mark.parametrize(
    ("printed", "read_as", "expected"),
    [
        ("79", "  n_follow_up: 80\n", "expected n_follow_up as it is read, 80"),
        ("90", "", "expected no more than n_enrolled, 89"),
        ("80", "  n_follow_up: 80\n", None),
        ("80", "", None),
    ],
)
def test_a_printed_number_of_patients_is_that_of_the_reading(
    printed: str, read_as: str, expected: str | None, read: Read
) -> None:
    text = PUBLISHED.replace("  n_follow_up: 80\n", read_as)
    text += f'  - {{key: cohort.n_follow_up, printed: "{printed}", place: n}}\n'
    files = {**FILES, "published.yml": text}
    if expected:
        assert expected in "\n".join(messages(read, files))
    else:
        read(files)


@pytest.mark.parametrize(
    ("key", "printed"),
    [
        ("baseline.mean", "10.00"),
        ("baseline.mean", "-0"),
        ("standard_deviation", "0.0"),
        ("pain.change.p", "p = 1"),
        ("pain.change.p", "p > 0.05"),
        ("pain.change.p", "0.000"),
        ("improved.proportion", "100"),
        ("restricted.mean", "6 months"),
        ("change.percentage", "+250%"),
    ],
)
def test_a_number_at_its_bound_is_read(key: str, printed: str, read: Read) -> None:
    read({**FILES, "published.yml": PUBLISHED.replace(*number(key, printed))})


def test_all_problems_are_listed_by_file_and_line(read: Read) -> None:
    texts = {
        "study.yml": STUDY.replace("seed: 1", "seed: -1").replace("days: 4", "days: 0"),
        "published.yml": PUBLISHED.replace("22%", "22;5").replace("up: 80", "up: 0"),
    }
    places = [line.split(": ")[0] for line in messages(read, texts)]
    assert places == [
        "study.yml, line 3, protocol.infusion_days",
        "study.yml, line 12, analysis.seed",
        "published.yml, line 4, reading.n_follow_up",
        "published.yml, line 15, claims.8.printed",
    ]


def test_mistakes_of_every_kind_are_listed_at_once(read: Read) -> None:
    text = PUBLISHED.replace("cohort.n", "cohrt.n").replace("7.54", "17.54")
    text = text.replace(", place: SD", ", place: SD, place: SD").replace("place: p}", "plce: p}")
    text = text.replace("relief.event_free.proportion", "pain.change.p").replace("22%", "2")
    lines = [
        int(line.split()[2].strip(",")) for line in messages(read, {**FILES, "published.yml": text})
    ]
    assert lines == [7, 9, 10, 12, 12, 15, 15]


@pytest.mark.parametrize("command", [["audit"], ["verify", "data/cohort.csv"], ["reconstruct"]])
def test_each_command_says_so_and_exits_with_2(
    command: list[str],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = project / "published.yml"
    text = TEXT.replace('"7.54"', '"17.54"').replace("pgic.improved", "pgic.better")
    file.write_text(text, encoding="utf-8")
    before = (project / "cohort.csv").read_bytes()
    monkeypatch.setattr(sys, "argv", ["reported", *command])
    with pytest.raises(SystemExit) as stopped:
        main()
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert [line.partition("claims")[2] for line in err.splitlines()] == [
        ".5.printed: '17.54': expected a mean from 0 to 10",
        ".11.key: 'pgic.better.proportion': a percentage without its base: "
        "pgic has no group 'better'; expected one of improved, much_improved",
    ]
    assert (project / "cohort.csv").read_bytes() == before


def test_what_may_be_claimed_is_what_is_verified(
    study: Study, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys are written down twice: here they are compared."""
    verified: set[str] = set()

    def judge(_: Claim, numbers: dict[str, object], __: object) -> None:
        verified.update(numbers)

    monkeypatch.setattr(verifier, "_judge", judge)
    verify_file(DATA / "cohort.csv", study, published)
    unverified = {key for key in claimable(study) if key.rpartition(".")[2] in NOT_MODELLED}
    # A p of one visit, or of a group, is of two arms or two visits, which no cohort has.
    unverified |= {k for k in claimable(study) if k.endswith(".p") and ".change." not in k}
    assert set(claimable(study)) == verified | unverified


TEXT, OWN_STUDY = (
    (DATA / name).read_text(encoding="utf-8") for name in ("published.yml", "study.yml")
)
# Scalars of a line: what stands between colon or comma and the next of them.
VALUE = re.compile(r"(?<=[:,] )[^,}#]+")
JUNK = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(st.sampled_from("0123456789-+.,:;%<>=pn'\"{}[]&*!|?# \tabc_~"), max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["", "~", "yes", "2001-02-30", "!!int x", "&a [*a]", "<<", ".nan", "p < -1"]),
)


@st.composite
def mutated(draw: st.DrawFn, name: str) -> str:
    """A file of this paper with up to three lines left out, doubled or changed."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["delete", "double", "value"])):
            case "delete":
                del lines[at]
            case "double":
                lines.insert(draw(st.integers(0, len(lines))), lines[at])
            case "value":
                values = list(VALUE.finditer(lines[at]))
                start, end = draw(st.sampled_from(values)).span() if values else (0, 0)
                lines[at] = lines[at][:start] + draw(JUNK) + lines[at][end:]
    return "\n".join(lines) + "\n"


def lines_of_problems(study_file: Path, published_file: Path) -> list[int]:
    """Return the lines that an error names; any other end than reading or refusing raises."""
    try:
        _, claims = read_study_and_published(study_file, published_file)
    except BadInputError as error:
        return [problem.line or 0 for each in error.errors for problem in each.problems]
    assert all(claim.number for claim in claims.claims)
    return []


def check(lines: list[int], text: str) -> None:
    assert lines == sorted(lines)
    assert set(lines) <= {*range(1, max(1, len(text.splitlines())) + 1)}


MANY = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MANY
@given(text=mutated("published.yml"))
@example(text=TEXT.replace('"7.54"', "2001-02-30"))
@example(text=TEXT.replace("80 ", "0x_ "))
@example(text=TEXT.replace("89\n", "!!bool maybe\n"))
@example(text=TEXT.replace("nrs.baseline.mean", "{a: b}"))
@example(text=f"{TEXT}\x85\u2028'")
@example(text="")
def test_claims_are_read_or_refused_with_their_lines(text: str, tmp_path: Path) -> None:
    file = tmp_path / "published.yml"
    file.write_text(text, encoding="utf-8")
    check(lines_of_problems(DATA / "study.yml", file), text)


@MANY
@given(text=mutated("study.yml"))
# Here no instruments are beside it: those are missed, and line 42 supposes what is left out.
@example(text=re.sub(r" +(measurement_error|usual_means):.*\n", "", OWN_STUDY))
def test_a_study_is_read_or_refused_with_its_lines(text: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yml"
    file.write_text(text, encoding="utf-8")
    # No claims: those about what was left out of the study would name lines of another file.
    claims = tmp_path / "published.yml"
    claims.write_text(TEXT.partition("claims:")[0] + "claims: []\n", encoding="utf-8")
    check(lines_of_problems(file, claims), text)
