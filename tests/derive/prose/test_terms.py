"""Key terms: what is weighed, against what, in which order."""

from __future__ import annotations

from math import log

import pytest

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.counts import chapters_to_counts, text_to_terms
from pipeline.derive.prose.terms import TERMS_MAX, KeyTerm, chapters_to_terms


def chapter(name: str, text: str, section: str = "overview", agency: str = "示例市教育局") -> ChapterText:
    return ChapterText(agency, name, agency, 2023, section, 1, text)


def weigh(chapters: list[ChapterText]) -> list[KeyTerm]:
    return chapters_to_terms(chapters, chapters_to_counts(chapters))


def told(terms: list[KeyTerm], report_id: str) -> list[tuple[str, int, float]]:
    return [(term.term, term.count, term.tf_idf) for term in terms if term.report_id == report_id]


def test_weights_are_those_of_the_formula() -> None:
    terms = weigh([chapter("a", "政策解读、政策解读和新闻发布会"), chapter("b", "政策解读")])
    rare, common = log(3 / 2) + 1, log(3 / 3) + 1
    assert told(terms, "a") == [
        ("政策解读", 2, pytest.approx(2 / 3 * common, abs=1e-6)),
        ("新闻发布会", 1, pytest.approx(1 / 3 * rare, abs=1e-6)),
    ]
    assert told(terms, "b") == [("政策解读", 1, 1.0)]


def test_a_chapter_is_weighed_against_the_same_chapter_of_others_only() -> None:
    both = [chapter("a", "政策解读"), chapter("b", "业务培训", section="problems")]
    assert [term.tf_idf for term in weigh(both)] == [1, 1]


def test_equal_terms_stand_by_their_code_points_and_ranks_count_from_one() -> None:
    terms = weigh([chapter("a", "营商环境、信息处理费、政策解读")])
    assert [(term.term, term.rank) for term in terms] == [("信息处理费", 1), ("政策解读", 2), ("营商环境", 3)]


def test_the_agency_s_own_name_its_numbers_and_the_preamble_are_no_terms() -> None:
    texts = [chapter("a", "教育局2023年政策解读5件 ABC"), chapter("a", "政策解读", section="preamble")]
    assert [term.term for term in weigh(texts)] == ["政策解读"]


def test_two_chapters_of_one_key_count_as_one() -> None:
    terms = weigh([chapter("a", "政策解读", "other"), chapter("a", "政策解读", "other")])
    assert [(term.term, term.count) for term in terms] == [("政策解读", 2)]


def test_radicals_that_browsers_print_are_ideographs() -> None:
    assert [term.term for term in weigh([chapter("a", "⾏政许可")])] == ["行政许可"]


def test_no_more_than_the_best_are_kept_and_no_prose_gives_no_terms() -> None:
    from pipeline.derive.prose.words import DICTIONARY, lines_of

    terms = weigh([chapter("a", "、".join(lines_of(DICTIONARY)))])
    assert [term.rank for term in terms] == list(range(1, TERMS_MAX + 1))
    assert weigh([chapter("a", ""), chapter("b", "2023")]) == []


def test_what_was_counted_before_is_not_counted_again_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = chapter("a", "营商环境、政策解读"), chapter("b", "政策解读、新闻发布会")
    before = chapters_to_counts([old, chapter("gone", "业务培训")])
    wanted = chapters_to_counts([old, new])
    asked: list[str] = []

    def note(text: str, agency: str) -> object:
        asked.append(text)
        return text_to_terms(text, agency)

    monkeypatch.setattr("pipeline.derive.prose.counts.text_to_terms", note)
    counts = chapters_to_counts([old, new], before)
    assert asked == [new.text]
    assert counts.words == wanted.words == ["政策解读", "新闻发布会", "营商环境"]
    assert chapters_to_terms([old, new], counts) == chapters_to_terms([old, new], wanted)


def test_another_text_or_agency_is_counted_anew() -> None:
    before = chapters_to_counts([chapter("a", "政策解读")])
    for changed in (chapter("a", "业务培训"), chapter("a", "政策解读", agency="解读局")):
        alone = chapters_to_counts([changed])
        assert before.bags.keys().isdisjoint(alone.bags)
        assert chapters_to_counts([changed], before).words == alone.words
