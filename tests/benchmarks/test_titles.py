"""A sample of the pages of benchmarks.titles: no head gives another body, year or day."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.titles import (
    PAGES,
    SMALL_PAGES,
    SMALL_SURROUNDED,
    SURROUNDED,
    judged,
    read_pages,
    worse_than,
)
from pipeline.records import ReportIdentity
from tools.generator.titles import surrounded_pages, title_pages

SAMPLE = 12
"""Count of pages; the whole is `python -m benchmarks.titles`."""

EXPECTED = Path(__file__).parents[2] / "benchmarks" / "expected.toml"
UNKNOWN_MAX_SHARE = 0.05


def test_nothing_is_wrong_on_printed_pages() -> None:
    pages = [*title_pages(SAMPLE // 2, seed=5), *surrounded_pages(SAMPLE // 2, seed=5)]
    read = list(read_pages(pages, ("canvas", "reportlab"), jobs=1))
    assert len(read) == SAMPLE
    for name, page, heading in read:
        assert "wrong" not in judged(heading, page).values(), (name, heading)


def test_the_judge_sees_what_is_wrong_and_what_is_unknown() -> None:
    page = replace(next(title_pages(1)), agency="示例市示例局", year=2020, published="2021-01-20")
    heading = ReportIdentity("示例县示例局", None, "", "2021-01-20")
    assert judged(heading, page) == {"agency": "wrong", "year": "unknown", "published": "right"}
    nobodys = replace(page, agency="")
    assert judged(heading, nobodys)["agency"] == "wrong"


def test_a_figure_that_is_worse_is_told() -> None:
    committed = {"pages": 2, "year_wrong": 0, "year_unknown": 1}
    assert worse_than(committed, Counter({"pages": 2, "year_unknown": 1})) == []
    assert worse_than(committed, Counter({"pages": 2, "year_wrong": 1})) == ["year_wrong: 1, committed 0"]
    assert worse_than(committed, Counter({"pages": 3})) == ["its figures are of 2 pages, and 3 were read"]


def test_the_committed_figures_are_those_that_are_asked_for() -> None:
    expected = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["titles"]
    assert {section: figures["pages"] for section, figures in expected.items()} == {
        "small": SMALL_PAGES + SMALL_SURROUNDED,
        "full": PAGES + SURROUNDED,
    }
    for figures in expected.values():
        assert {count for name, count in figures.items() if name.endswith("_wrong")} == {0}
        for fact in ("agency", "year"):
            assert figures[f"{fact}_unknown"] <= UNKNOWN_MAX_SHARE * figures["pages"]
