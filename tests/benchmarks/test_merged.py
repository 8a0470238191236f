"""A sample of the reports of benchmarks.merged: no number that covers several cells is any one's."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.corpus.merged import EACH, FOLDER, KINDS, MERGED_AXIS, plan_merged
from benchmarks.corpus.plan import Entry
from benchmarks.corpus.producers import PRODUCERS
from benchmarks.corpus.whole import whole_plan
from benchmarks.merged import chance_spec, judged
from tests.extract.measured import OWNED, cells_of, read_bytes
from tools.generator import Spec, compose, generate
from tools.generator.merged import Merged, Parted

SAMPLE = 24
"""Count of reports; the whole is `python -m benchmarks.merged`."""

REPORT = Spec("示例市示例局", 2023)
OVER_THREE = Merged(
    "active_disclosure", tuple(("normative_documents", c) for c in ("made", "repealed", "in_force")), "6"
)


@pytest.mark.parametrize("number", range(SAMPLE))
def test_nothing_is_wrong_silently(number: int) -> None:
    pdf, truth = generate(chance_spec(number))
    kinds = Counter(kind for kind, _ in judged(truth, read_bytes(pdf)))
    assert not kinds["silent"], list(judged(truth, read_bytes(pdf)))
    assert not kinds["blamed"]
    assert kinds["right"] >= 180


def test_the_judge_sees_a_number_that_one_column_got() -> None:
    """What it is given here is the report without the number over three cells."""
    pdf, _ = generate(REPORT)
    _, truth = generate(Spec("示例市示例局", 2023, unruly=(OVER_THREE,)))
    assert Counter(kind for kind, _ in judged(truth, read_bytes(pdf)))["silent"] == 3


def test_a_number_over_three_columns_is_unreadable_in_each() -> None:
    pdf, _ = generate(Spec("示例市示例局", 2023, unruly=(OVER_THREE,)))
    report = read_bytes(pdf)
    found = [cells_of(report)["active_disclosure", *key] for key in OVER_THREE.keys]
    assert {(seen.status, seen.match, seen.raw) for seen in found} == {("unreadable", "spanning", "6")}
    assert report.status == "flagged"


@pytest.mark.parametrize(("texts", "value"), [(("2", "0", "0"), 2.0), (("52", "3", "1"), None)])
def test_of_several_numbers_under_one_header_the_last_is_never_taken(
    texts: tuple[str, ...], value: float | None
) -> None:
    parted = Parted("active_disclosure", ("administrative_penalty", "decisions"), texts)
    pdf, _ = generate(Spec("示例市示例局", 2023, unruly=(parted,)))
    seen = cells_of(read_bytes(pdf))["active_disclosure", "administrative_penalty", "decisions"]
    assert seen.value == value
    assert (seen.status in OWNED) == (value is None)


PLAN = plan_merged()


def test_every_kind_has_documents_of_several_programs_and_names_of_their_own() -> None:
    assert Counter(entry.axes[MERGED_AXIS] for entry in PLAN) == dict.fromkeys(KINDS, EACH)
    assert len({entry.name for entry in PLAN}) == len(PLAN)
    assert all(entry.name.startswith(f"{FOLDER}/") for entry in PLAN)
    assert {entry.producer for entry in PLAN} == set(PRODUCERS)
    assert whole_plan()[-len(PLAN) :] == PLAN
    assert whole_plan(small=True)[-len(KINDS) :] == PLAN[::EACH]
    assert not {entry.spec for entry in PLAN} & {entry.spec for entry in plan_merged(1)}


@pytest.mark.parametrize("entry", PLAN[::EACH], ids=lambda entry: str(entry.axes[MERGED_AXIS]))
def test_each_kind_is_in_its_documents_and_no_bureau_s_error(entry: Entry) -> None:
    truth = compose(entry.spec).truth
    assert truth["meta"]["failing_checks"] == []
    statuses = Counter(row[4] for row in truth["cells"])
    expected = {"a dash over columns": "not_applicable", "spare columns": "ok", "blank totals": "blank"}
    assert statuses[expected.get(entry.axes[MERGED_AXIS], "unreadable")] > 1
