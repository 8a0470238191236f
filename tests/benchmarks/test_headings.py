"""The reports of benchmarks.headings: chapters are found by headings that no form has so."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.corpus.headings import FOLDER, HEADINGS_AXIS, KINDS, plan_headings
from benchmarks.corpus.producers import PRODUCERS
from benchmarks.headings import NO_MORE, SMALL_PRODUCERS, compared, read_entries, worse_than
from pipeline.records import Report, Section
from tools.generator import compose
from tools.generator.headings import MANNERS, numbered
from tools.generator.prose import Chapter

EXPECTED = Path(__file__).parents[2] / "benchmarks" / "expected.toml"
PLAN = plan_headings()
SAMPLE = 3
"""Count of reports; the whole is `python -m benchmarks.headings`."""


def test_every_kind_has_a_document_the_programs_take_turns_and_every_manner_is_there() -> None:
    assert [entry.axes[HEADINGS_AXIS] for entry in PLAN] == list(KINDS)
    assert len({entry.name for entry in PLAN}) == len(PLAN)
    assert all(entry.name.startswith(f"{FOLDER}/") for entry in PLAN)
    assert {entry.producer for entry in PLAN} == set(PRODUCERS)
    assert {manner for _, manner, _ in KINDS.values()} == set(MANNERS)
    assert not {entry.spec for entry in PLAN} & {entry.spec for entry in plan_headings(1)}


@pytest.mark.parametrize(
    ("manner", "headings"),
    [
        ("brackets", ["前言", "（一）概述", "（二）附表"]),
        ("twice", ["前言", "一、1.概述", "二、2.附表"]),
        ("one number twice", ["前言", "一、概述", "一、附表"]),
        ("circled", ["前言", "①概述", "②附表"]),
    ],
)
def test_headings_are_numbered_anew(manner: str, headings: list[str]) -> None:
    chapters = (Chapter("preamble", ""), Chapter("overview", "一、概述"), Chapter("other", "附表"))
    assert [chapter.heading for chapter in numbered(chapters, manner, "前言")] == headings


def test_the_chapters_of_a_sample_are_found_and_their_tables_read() -> None:
    sample = [entry for entry in PLAN if entry.producer in SMALL_PRODUCERS][:SAMPLE]
    read = list(read_entries(sample, jobs=1))
    assert len(read) == SAMPLE
    for name, truth, report in read:
        counts = compared(truth, report)
        assert counts["chapters_found"] == len(truth["sections"]), name
        assert not any(counts[kind] for kind in NO_MORE), name


def test_a_chapter_that_is_missed_or_invented_is_told() -> None:
    truth = compose(PLAN[0].spec).truth | {
        "cells": [],
        "sections": [["preamble", "引言"], ["other", "二、无"]],
    }
    found = (Section("preamble", "引 言", 1, ""), Section("other", "三、无", 1, ""))
    counts = compared(truth, replace(Report.empty(), sections=found))
    assert counts == {"chapters_found": 1, "chapters_missed": 1, "chapters_invented": 1}


def test_a_figure_that_is_worse_is_told() -> None:
    committed = {"chapters_found": 8, "silent": 0}
    assert worse_than(committed, {"chapters_found": 9}) == []
    assert worse_than(committed, {"chapters_found": 7, "silent": 1}) == [
        "chapters_found: 7, committed 8",
        "silent: 1, committed 0",
    ]


def test_the_committed_figures_are_those_that_are_asked_for() -> None:
    expected = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["headings"]
    small = [entry for entry in PLAN if entry.producer in SMALL_PRODUCERS]
    assert {section: figures["reports"] for section, figures in expected.items()} == {
        "small": len(small),
        "full": len(PLAN),
    }
    for figures in expected.values():
        assert {figures[name] for name in NO_MORE} == {0}
