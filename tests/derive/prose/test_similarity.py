"""Copied reports: what counts as the same, whom a report is held against."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.similarity import Similarity, chapters_to_similarity, text_to_shingles

PROSE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF), min_size=60, max_size=300)


def prose(seed: int, size: int = 400) -> str:
    """A text like no other."""
    rng = Random(seed)
    return "".join(chr(rng.randint(0x4E00, 0x9FA0)) for _ in range(size))


def chapter(name: str, agency: str, year: int | None, text: str, section: str = "overview") -> ChapterText:
    return ChapterText(agency, name, agency, year, section, 1, text)


def pairs(rows: list[Similarity]) -> list[tuple[str, str, str, str]]:
    return [(row.report_id, row.other_report_id, row.relation, row.section) for row in rows]


def test_a_year_is_held_against_every_earlier_one_whole_and_by_chapter() -> None:
    rows = chapters_to_similarity([chapter(str(year), "甲局", year, prose(1)) for year in (2023, 2021, 2022)])
    assert pairs(rows) == [
        ("2022", "2021", "years", "whole"), ("2022", "2021", "years", "overview"),
        ("2023", "2021", "years", "whole"), ("2023", "2021", "years", "overview"),
        ("2023", "2022", "years", "whole"), ("2023", "2022", "years", "overview"),
    ]  # fmt: skip
    assert all(row.similarity == row.copied == 1 for row in rows)


def test_figures_spaces_punctuation_and_the_agency_s_name_make_no_difference() -> None:
    one, two = (prose(seed, 100) for seed in (1, 2))
    first = chapter("a", "甲市教育局", 2022, f"2022年，甲市教育局{one}17件；{two}。")
    second = chapter("b", "甲市教育局", 2023, f"2023 年,{one}\n1,234件，{two}")
    third = chapter("b", "甲市教育局", 2023, f"２０２３年，{one}２３件，{two}")
    assert chapters_to_similarity([first, third])[0].similarity == 1
    assert chapters_to_similarity([first, second])[0].similarity > 0.9


def test_what_was_added_shows_in_similarity_and_not_in_what_was_copied_from() -> None:
    old, new = prose(1), prose(2)
    (whole, _) = chapters_to_similarity(
        [chapter("a", "甲局", 2022, old), chapter("b", "甲局", 2023, old + new)]
    )
    assert (whole.similarity, whole.copied) == (pytest.approx(0.5, abs=0.02), pytest.approx(0.5, abs=0.02))
    (whole, _) = chapters_to_similarity(
        [chapter("a", "甲局", 2022, old + new), chapter("b", "甲局", 2023, old)]
    )
    assert (whole.similarity, whole.copied) == (pytest.approx(0.5, abs=0.02), 1)


def test_short_chapters_are_not_compared_alone() -> None:
    rows = chapters_to_similarity(
        [chapter(str(year), "甲局", year, "本年度无其他需要报告的事项。", "other") for year in (2022, 2023)]
    )
    assert pairs(rows) == [("2023", "2022", "years", "whole")]


def test_the_nearest_is_another_agency_s_of_the_same_year() -> None:
    mine, copied = prose(1), prose(1)[:300] + prose(9, 100)
    rows = chapters_to_similarity(
        [
            chapter("mine", "甲局", 2023, mine),
            chapter("edition", "甲局", 2023, mine),
            chapter("near", "乙局", 2023, copied),
            chapter("far", "丙局", 2023, prose(3)),
            chapter("before", "丁局", 2022, mine),
        ]
    )
    nearest = {
        row.report_id: (row.other_report_id, row.similarity) for row in rows if row.relation == "nearest"
    }
    assert nearest["mine"][0] == "near" and nearest["mine"][1] > 0.5
    assert nearest["near"][0] in ("mine", "edition")
    assert "before" not in nearest


def test_of_many_the_copy_is_found() -> None:
    others = [chapter(f"{seed:03}", f"第{seed}局", 2023, prose(seed)) for seed in range(200)]
    copy = chapter("copy", "抄局", 2023, prose(77)[:380] + prose(999, 20))
    rows = {row.report_id: row for row in chapters_to_similarity([*others, copy])}
    assert (rows["copy"].other_report_id, rows["077"].other_report_id) == ("077", "copy")
    assert rows["copy"].similarity > 0.85


def test_without_agency_year_or_prose_a_report_is_held_against_none() -> None:
    texts = [("", 2023, prose(1)), ("甲局", None, prose(1)), ("甲局", 2022, ""), ("甲局", 2023, prose(1))]
    rows = chapters_to_similarity(
        [chapter(str(number), agency, year, text) for number, (agency, year, text) in enumerate(texts)]
    )
    assert rows == []


@given(PROSE, PROSE)
def test_measures_are_those_of_the_sets(one: str, two: str) -> None:
    def runs(text: str) -> set[str]:
        return {text[place : place + 8] for place in range(len(text) - 7)}

    first, second = runs(two), runs(one)
    (row, *_) = chapters_to_similarity([chapter("a", "9", 2022, one), chapter("b", "9", 2023, two)])
    assert len(text_to_shingles(two, "9")) == len(first)
    assert row.similarity == pytest.approx(len(first & second) / len(first | second), abs=1e-4)
    assert row.copied == pytest.approx(len(first & second) / len(first), abs=1e-4)


def test_an_agency_goes_by_its_id_over_renames_and_apart_from_others_of_its_name() -> None:
    (renamed, one, other) = (
        ChapterText(*names, year, "overview", 1, prose(1))
        for names, year in [
            (("id", "before", "甲县政府"), 2022),
            (("id", "after", "乙区政府"), 2023),
            (("namesake", "other", "乙区政府"), 2023),
        ]
    )
    assert pairs(chapters_to_similarity([one, other, renamed])) == [
        ("after", "before", "years", "whole"),
        ("after", "before", "years", "overview"),
        ("after", "other", "nearest", "whole"),
        ("other", "after", "nearest", "whole"),
    ]
