"""The plan of the corpus shows what it promises, and its documents say what their truth says."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pypdfium2
import pytest

from benchmarks.corpus.__main__ import is_printed, print_batch, remove_unknown
from benchmarks.corpus.axes import FORMS, axes_of
from benchmarks.corpus.plan import Entry, _entries, plan
from benchmarks.corpus.producers import PRODUCERS, producer
from tools.generator import compose
from tools.generator.layouts import active_disclosure, applications, review_litigation

PLAN = plan()
EACH_FORM = [(active_disclosure, "fy2021"), (active_disclosure, "fy2019"), (applications, "fy2021"),
             (applications, "fy2019")]  # fmt: skip


def by_axis(entries: tuple[Entry, ...]) -> dict[str, Counter[str]]:
    """How many documents show each value of each axis."""
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        for axis, value in entry.axes.items():
            shown[axis][value] += 1
    return shown


def test_the_same_plan_every_time() -> None:
    _entries.cache_clear()
    assert plan() == PLAN


def test_there_are_enough_documents_of_every_producer() -> None:
    assert len(PLAN) >= 500
    counts = Counter(entry.producer for entry in PLAN)
    assert counts.keys() == PRODUCERS.keys()
    assert min(counts.values()) >= 60


def test_no_two_documents_are_confused() -> None:
    assert len({entry.name for entry in PLAN}) == len(PLAN)
    assert len({entry.spec.agency for entry in PLAN}) == len(PLAN)
    assert all(entry.spec.file == f"{entry.name}.pdf" for entry in PLAN)


def test_every_agency_is_plainly_invented() -> None:
    assert all(entry.spec.sample and "示例" in entry.spec.agency for entry in PLAN)
    assert {entry.spec.year for entry in PLAN} == set(range(2015, 2026))


def test_every_form_is_printed_by_every_producer() -> None:
    assert {(e.producer, e.axes["form"]) for e in PLAN} == {(p, form) for p in PRODUCERS for form in FORMS}


def test_the_first_documents_of_a_producer_vary_by_form_alone() -> None:
    usual = {axis: value for axis, value in axes_of(PLAN[0].spec).items() if axis != "form"}
    pure = [entry for entry in PLAN if entry.name.startswith(f"{entry.producer}-form-")]
    assert len(pure) == len(PRODUCERS) * len(FORMS)
    assert all({a: v for a, v in entry.axes.items() if a != "form"} == usual for entry in pure)


@pytest.mark.parametrize("axis", sorted({axis for entry in PLAN for axis in entry.axes}))
def test_every_value_of_an_axis_is_shown_more_than_once(axis: str) -> None:
    counts = by_axis(PLAN)[axis]
    assert len(counts) >= 2
    if axis != "break_positions":
        assert min(counts.values()) >= 4


def test_unruled_tables_come_from_every_producer_a_third_with_wrong_sums() -> None:
    bare = [entry for entry in PLAN if entry.axes["ruling"] == "none"]
    assert 0.10 < len(bare) / len(PLAN) < 0.15
    assert min(Counter(entry.producer for entry in bare).values()) >= 9
    assert len(bare) / 3 - 5 < sum(entry.spec.wrong_sums > 0 for entry in bare) < len(bare) / 2


def test_a_hundred_documents_have_sums_of_their_own_that_are_wrong() -> None:
    counts = Counter(entry.spec.wrong_sums for entry in PLAN)
    assert sum(counts[number] for number in (1, 2, 3, 4)) >= 100
    assert min(counts[number] for number in (1, 2, 3, 4)) >= 15


def positions(entries: tuple[Entry, ...]) -> set[str]:
    return set(chain.from_iterable(entry.axes["break_positions"].split(" + ") for entry in entries))


def every_position() -> Iterator[str]:
    layouts = [*(form(name) for form, name in EACH_FORM), review_litigation()]
    for layout in layouts:
        for row in range(layout.rows):
            if row:
                yield f"{layout.table} {layout.template} row {row} between"
            yield f"{layout.table} {layout.template} row {row} inside after line 1"


def test_a_page_ends_at_every_place_of_every_table() -> None:
    exact = tuple(entry for entry in PLAN if entry.producer == "canvas")
    assert set(every_position()) <= positions(exact)


def test_the_other_producers_share_the_places_between_rows() -> None:
    others = tuple(entry for entry in PLAN if entry.producer != "canvas")
    assert {place for place in every_position() if place.endswith("between")} <= positions(others)


def test_nothing_is_asked_of_a_producer_that_it_cannot_print() -> None:
    for entry in PLAN:
        for field, values in producer(entry.producer).CANNOT.items():
            assert getattr(entry.spec.style, field) not in values, entry.name


def test_the_small_plan_shows_every_value_of_every_axis() -> None:
    small = plan(small=True)
    assert len(small) == 60
    assert {entry.name for entry in small} <= {entry.name for entry in PLAN}
    assert min(Counter(entry.producer for entry in small).values()) >= 6
    few, all_there_is = by_axis(small), by_axis(PLAN)
    assert {a: set(few[a]) for a in few if a != "break_positions"} == {
        a: set(all_there_is[a]) for a in all_there_is if a != "break_positions"
    }
    assert {entry.producer for entry in small if entry.axes["ruling"] == "none"} == set(PRODUCERS)


# ---------------------------------------------------------------- what is printed


def test_planted_errors_are_in_the_truth() -> None:
    for entry in PLAN[::11]:
        meta = compose(entry.spec).truth["meta"]
        if entry.spec.extra_row == "other_counted":
            continue
        assert bool(meta["failing_checks"]) == bool(entry.spec.wrong_sums), entry.name
        assert len(meta["failing_checks"]) >= entry.spec.wrong_sums, entry.name


DRAWN = [entry for entry in plan(small=True) if entry.producer == "canvas"]


def text_of(path: Path) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


@pytest.mark.parametrize("entry", DRAWN, ids=lambda entry: entry.name)
def test_a_document_prints_every_number_of_its_manuscript(entry: Entry, tmp_path: Path) -> None:
    print_batch([entry], tmp_path)
    printed = "".join(text_of(tmp_path / f"{entry.name}.pdf").split())
    report = compose(entry.spec)
    texts = {text for block in report.blocks if hasattr(block, "printed") for text in block.printed.values()}
    assert texts
    assert [text for text in texts if "".join(text.split()) not in printed] == []


def test_a_document_is_printed_once_and_its_truth_lies_beside_it(tmp_path: Path) -> None:
    entry = DRAWN[0]
    assert not is_printed(entry, tmp_path)
    print_batch([entry], tmp_path)
    assert is_printed(entry, tmp_path)
    once = (tmp_path / f"{entry.name}.pdf").read_bytes()
    kept = json.loads((tmp_path / f"{entry.name}.json").read_text(encoding="utf-8"))
    assert {"producer", "axes", "file", "meta", "cells", "sections"} <= kept.keys()
    assert kept["axes"] == entry.axes
    assert not is_printed(replace(entry, spec=replace(entry.spec, seed=-1)), tmp_path)
    print_batch([entry], tmp_path)
    assert (tmp_path / f"{entry.name}.pdf").read_bytes() == once


def test_what_the_plan_does_not_know_is_removed(tmp_path: Path) -> None:
    kept, gone = tmp_path / f"{PLAN[0].name}.pdf", tmp_path / "of-an-older-plan.json"
    for path in (kept, gone):
        path.write_bytes(b"")
    remove_unknown(tmp_path)
    assert list(tmp_path.iterdir()) == [kept]


def test_another_seed_gives_other_reports_of_the_same_kind() -> None:
    other = plan(seed=1)
    assert len(other) == len(PLAN)
    assert plan(seed=1) == other
    assert not {entry.spec for entry in PLAN} & {entry.spec for entry in other}
