"""Several files of one body and year: the end of a run says by name which counts, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.run_versions import Version, out_to_kept_apart, out_to_versions
from pipeline.derive.chain import place_and_check
from pipeline.records import Report
from pipeline.tables.frames import reports_to_frames
from tests.tables.report_sample import cells, report, write_frames

GRANTED = ("granted", "total")
REFUSED = ("refused.state_secret", "total")


def edition(name: str, published_on: str | None, *numbers: float) -> Report:
    told = dict(zip((GRANTED, REFUSED), numbers, strict=False))
    return report(
        name, agency="海东市教育局", published_on=published_on, observations=cells("applications", told)
    )


def versions(out: Path, *reports: Report, asked: str = "") -> list[Version]:
    frames, _ = place_and_check(reports_to_frames(reports, reading_version="1"))
    write_frames(frames, out, ["csv"])
    return out_to_versions(out, [each.report_id for each in reports if asked in each.source_file])


@pytest.mark.parametrize(
    ("old", "new", "standing", "sentence"),
    [
        (edition("a", "2024-01-20", 1, 2), edition("b", "2024-06-03", 1, 2), "same",
         "b.pdf (2024-06-03) stands, a.pdf (2024-01-20) has the same numbers"),
        (edition("a", "2024-01-20", 1, 2), edition("b", "2024-06-03", 1), "partial",
         "b.pdf (2024-06-03) stands, a.pdf (2024-01-20) has 1 cell more, and no other numbers"),
        (edition("a", "2024-01-20", 1, 2), edition("b", "2024-06-03", 5, 7), "revised",
         "b.pdf (2024-06-03) stands, a.pdf (2024-01-20) says otherwise in 2 cells"),
        (edition("a", "2024-01-20", 1, 2), edition("b", "2024-06-03", 5), "revised",
         "b.pdf (2024-06-03) stands, a.pdf (2024-01-20) says otherwise in 1 cell; "
         "in 1 cell only one of them has anything"),
        (edition("a", None, 1, 2), edition("b", "2024-06-03", 5, 2), "contradicted",
         "b.pdf (2024-06-03) stands, a.pdf (no date) says otherwise in 1 cell, and no date says which is "
         "later: panels have no number there"),
    ],
)  # fmt: skip
def test_every_way_of_being_superseded_is_said_by_name(
    tmp_path: Path, old: Report, new: Report, standing: str, sentence: str
) -> None:
    for asked in ("", "a.pdf", "b.pdf"):
        told = versions(tmp_path, old, new, asked=asked)
        assert told == [Version(standing, f"海东市教育局 2023: {sentence}")], asked


def test_of_three_versions_each_is_held_against_the_one_that_stands(tmp_path: Path) -> None:
    told = versions(
        tmp_path,
        edition("first", "2024-01-20", 1, 2),
        edition("second", "2024-06-03", 5, 7),
        edition("third", "2024-06-03", 5, 8),
    )
    says = {each.standing: each.sentence.split(" says otherwise in ")[1][:7] for each in told}
    assert says == {"contradicted": "1 cell,", "revised": "2 cells"}
    same = versions(
        tmp_path, edition("a", None, 1, 2), edition("b", "2024-06-03", 1, 2), edition("c", None, 5, 2)
    )
    assert [each.standing for each in same] == ["contradicted", "same"]


def test_files_of_other_years_and_bodies_are_no_versions(tmp_path: Path) -> None:
    others = [
        report("c", agency="海东市教育局", year=2022),
        report("d", agency="海东市财政局", year=2023),
        report("e", agency="海东市教育局", year=2023),
    ]
    assert versions(tmp_path, *others) == []


def test_names_that_are_kept_apart_are_said_once(tmp_path: Path) -> None:
    names = ("海东市环境保护局", "海东市生态环境局", "海东市教育局")
    told = [report(name, agency=name, year=2018) for name in names]
    assert versions(tmp_path, *told) == []
    ids = [each.report_id for each in told]
    assert out_to_kept_apart(tmp_path, ids) == ["2018: 海东市环境保护局 | 海东市生态环境局"]
    assert out_to_kept_apart(tmp_path, ids[2:]) == []
