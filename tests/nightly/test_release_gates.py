"""What counts as lost, and what does not; which reports are overdue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.acquire.ledger import FetchSummary
from pipeline.config import ConfigError, Settings, load_settings
from pipeline.nightly.digest import Digest, digest_to_markdown
from pipeline.nightly.digest_entries import (
    asked_to_entries,
    comparison_to_fresh,
    lists_to_entries,
    notes_to_entries,
    rows_to_flagged,
)
from pipeline.nightly.overdue import Overdue, find_overdue
from pipeline.nightly.release_comparison import DocumentRow, compare_releases
from pipeline.nightly.release_gates import comparison_to_findings, listings_to_findings
from pipeline.records import sha256_to_report_id

SETTINGS = Settings()
EMPTY = Digest(1, "2026-11-22T02:00:00Z", "2026-11-22T03:00:00Z", 0, True, "published", "out", {})


def row(name: str, content: str = "", year: int = 2024, **more: object) -> DocumentRow:
    sha256 = f"{content or name}x".ljust(64, "0")
    plain = DocumentRow(
        sha256_to_report_id(sha256), sha256, name, "", "示例局", year, "ok", "", 100, 0, 20, 0, "1"
    )
    return replace(plain, **more)  # type: ignore[arg-type]


OLD = [row(str(number)) for number in range(100)]


def gates(now: list[DocumentRow], superseded: frozenset[str] = frozenset()) -> dict[str, tuple[int, int]]:
    found = comparison_to_findings(compare_releases(OLD, now, superseded), SETTINGS)
    return {finding.gate: (finding.before, finding.now) for finding in found}


def test_one_in_a_hundred_may_go_and_two_may_not() -> None:
    assert gates(OLD[1:]) == {}
    assert gates(OLD[2:]) == {"documents": (100, 98), "cells": (10000, 9800), "checks passed": (2000, 1960)}


def test_new_documents_hide_no_loss() -> None:
    more = [row(f"new {number}") for number in range(1000)]
    assert gates([*OLD[2:], *more])["documents"] == (100, 98)


def test_gains_in_some_hide_no_loss_in_others() -> None:
    better = [replace(old, cells=200) for old in OLD[50:]]
    worse = [replace(old, suspect=10) for old in OLD[:50]]
    assert gates([*worse, *better]) == {"cells": (10000, 9500)}


def test_what_cannot_be_read_any_more_is_lost() -> None:
    broken = [replace(old, status="failed", cells=0, passed=0) for old in OLD[:2]]
    assert set(gates([*broken, *OLD[2:]])) == {"documents", "cells", "checks passed"}


def test_what_no_url_gives_any_more_is_no_loss() -> None:
    assert gates(OLD[10:], frozenset(old.sha256 for old in OLD[:10])) == {}


def test_a_file_with_a_second_report_is_told_with_what_was_seen() -> None:
    """All cells of the first may be right, and the second is lost all the same."""
    rows = [row("a"), row("b", status="flagged", error="a second report"), row("c", suspect=2, error="cut")]
    assert [(entry.name, entry.note) for entry in rows_to_flagged(rows)] == [
        ("b", "a second report"), ("c", "cells suspect: 2, cut"),
    ]  # fmt: skip


def test_each_report_in_a_file_is_compared_with_itself() -> None:
    """Both are of one content; the loss of the first shows, whatever its fellow has."""
    first = row("both")
    second = replace(first, report_id=f"{first.report_id}-2", cells=5)
    worse = replace(first, cells=1)
    comparison = compare_releases([first, second], [worse, second], frozenset())
    assert comparison.pairs == ((first, worse), (second, second))
    newer = [replace(one, report_id=one.report_id.replace("b", "c"), sha256="c") for one in (worse, second)]
    revised = compare_releases([first, second], newer, frozenset())
    assert [now.cells for _, now in revised.pairs] == [1, 5]
    assert not revised.new
    assert compare_releases([first, second], [first], frozenset()).gone == (second,)


def test_a_revision_is_compared_with_what_it_replaces() -> None:
    names = frozenset(old.sha256 for old in OLD[:10])
    revised = [row(old.name, f"revised {old.name}") for old in OLD[:10]]
    assert gates([*revised, *OLD[10:]], names) == {}
    empty = [replace(now, cells=0, passed=0) for now in revised]
    assert set(gates([*empty, *OLD[10:]], names)) == {"cells", "checks passed"}


def test_a_document_under_another_name_is_the_same() -> None:
    moved = [replace(old, name=f"elsewhere/{old.name}") for old in OLD]
    comparison = compare_releases(OLD, moved, frozenset())
    assert (comparison.new, comparison.gone, comparison.revised) == ((), (), ())


def test_nothing_before_is_nothing_lost() -> None:
    assert comparison_to_findings(compare_releases([], OLD, frozenset()), SETTINGS) == []


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [(40, 0, True), (1, 0, True), (40, 1, False), (None, 0, False), (0, 0, False), (40, None, False)],
)
def test_lists_that_are_empty_after_full_ones(before: int | None, now: int | None, held: bool) -> None:
    found = listings_to_findings({"one": before}, {} if now is None else {"one": now})
    assert [finding.gate for finding in found] == (["source one"] if held else [])


def test_bureaus_that_published_last_year_and_not_this() -> None:
    there = [
        row("a24", year=2024, agency="甲局"),
        row("b24", year=2024, agency="乙局"),
        row("b25", year=2025, agency="乙局"),
        row("c23", year=2023, agency="丙局"),
        row("d24", year=2024, agency="丁局"),
        row("d25", year=2025, agency="丁局", status="failed"),
    ]
    sources = {row("a24").sha256: "a", row("d24").sha256: "d"}
    found = find_overdue(there, sources, {("d", 2025)}, date(2026, 11, 22))
    assert found == [Overdue("丁局", "d", 2025, True, True), Overdue("甲局", "a", 2025, True, False)]
    assert find_overdue(there, sources, set(), date(2026, 2, 1))[0].late is False
    assert [late.year for late in find_overdue(there, sources, set(), date(2026, 1, 31))] == [2024]


def test_a_body_that_was_renamed_is_not_overdue_under_its_former_name() -> None:
    there = [
        row("old", year=2024, agency="甲市大数据局", agency_id="630200-数据"),
        row("new", year=2025, agency="甲市数据局", agency_id="630200-数据"),
    ]
    assert find_overdue(there, {}, set(), date(2026, 11, 22)) == []
    (late,) = find_overdue(there, {}, set(), date(2027, 2, 1))
    assert (late.agency, late.year) == ("甲市数据局", 2026)


def test_a_government_is_overdue_after_31_march() -> None:
    there = [row("a", year=2024, agency="海东市人民政府", bureau_type="人民政府")]
    assert find_overdue(there, {}, set(), date(2026, 3, 31)) == []
    assert find_overdue(there, {}, set(), date(2026, 4, 1)) == [
        Overdue("海东市人民政府", "", 2025, True, False)
    ]


def test_what_has_ended_owes_nothing() -> None:
    there = [
        row("district", year=2020, agency="杭州市江干区教育局"),
        row("kind", year=2020, agency="海东市工商行政管理局"),
        row("goes on", year=2020, agency="杭州市上城区教育局"),
    ]
    assert [late.agency for late in find_overdue(there, {}, set(), date(2022, 2, 1))] == [
        "杭州市上城区教育局"
    ]


def test_thresholds_come_from_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text("batch = 9\nlost_documents = 0\nlost_cells = 0.5\nlost_checks = 1\n")
    found = load_settings(file)
    assert (found.batch, found.lost_documents, found.lost_cells, found.lost_checks) == (9, 0, 0.5, 1)


@pytest.mark.parametrize("line", ["lost_cells = 1.1", "lost_cells = -1", "lost_cells = true", "batch = 0"])
def test_thresholds_that_make_no_sense(tmp_path: Path, line: str) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text(line)
    with pytest.raises(ConfigError, match=line.split(" ")[0]):
        load_settings(file)


def test_a_failure_in_other_words_is_not_told_again() -> None:
    old, slow = row("a", status="failed", error="ran out of time"), row("b")
    now = [replace(old, error="pypdfium2 ran out of time"), replace(slow, status="failed")]
    assert comparison_to_fresh(compare_releases([old, slow], now, frozenset())) == [now[1]]


def test_a_list_without_links_is_told_at_the_first_visit_and_each_night_after() -> None:
    told = {
        entry.source: entry.text
        for entry in lists_to_entries({"new": None, "old": 0}, {"new": 0, "old": 0}, {"new", "old"})
    }
    assert told["new"].startswith("0 links at the first visit: look at its list in a browser")
    assert told["old"].startswith("0 links and none in the last good night")
    assert list(lists_to_entries({"new": None, "old": 1}, {"new": 1, "old": 1}, {"new", "old"})) == []


def test_every_address_of_what_is_not_read_is_told() -> None:
    rows = [
        FetchSummary("甲局", f"http://a.test/{number}.ofd", 200, "not_read", "an OFD document", "none")
        for number in range(3)
    ]
    (entry,) = asked_to_entries(rows)
    assert (entry.url, *entry.others) == tuple(row.url for row in rows)
    assert entry.times == 3


def test_a_note_tells_its_address_as_one() -> None:
    notes = {
        "甲局": ["http://a.test/nb/: its next page opens only by a script: give pages", "2 links: left out"]
    }
    addressed, other = notes_to_entries(notes)
    assert (addressed.url, addressed.text) == (
        "http://a.test/nb/",
        "its next page opens only by a script: give pages",
    )
    assert (other.url, other.text) == ("", "2 links: left out")


@pytest.mark.parametrize("count, more", [(1, ""), (2, ""), (5, ""), (7, ", … and 2 more")])
def test_the_markdown_names_the_first_addresses_of_an_entry(count: int, more: str) -> None:
    urls = [f"http://a.test/{number}.ofd" for number in range(count)]
    rows = [FetchSummary("甲局", url, 200, "not_read", "an OFD", "none") for url in urls]
    page = digest_to_markdown(replace(EMPTY, sources=tuple(asked_to_entries(rows))))
    named = ", ".join(f"`{url}`" for url in urls[:5])
    assert f"- 甲局: an OFD ({named}{more})" in page
    assert "put it into a source's `folder`:" in page


def test_a_digest_without_addresses_says_nothing_of_folders() -> None:
    assert "folder" not in digest_to_markdown(EMPTY)
