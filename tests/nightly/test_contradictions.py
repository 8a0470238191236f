"""Two files of one body and year that print different numbers are told in the night of the second."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from pipeline.derive.chain import place_and_check
from pipeline.nightly.contradictions import ContradictedCell, find_contradictions
from pipeline.nightly.digest import Digest, digest_to_json, digest_to_markdown, json_to_digest
from pipeline.nightly.digest_entries import contradictions_to_entries
from pipeline.nightly.release_comparison import out_to_documents
from pipeline.records import Report
from pipeline.tables.frames import reports_to_frames
from tests.tables.report_sample import Numbers, cells, report, write_frames

PLACES = [("new_received", "natural_person"), ("new_received", "business"), ("granted", "natural_person")]


def version(
    name: str, *numbers: float | str, published_on: str | None = None, agency: str = "海东市教育局"
) -> Report:
    told: Numbers = dict(zip(PLACES, numbers, strict=True))
    seen = cells("applications", told)
    return report(
        name,
        agency=agency,
        observations=seen,
        checks=(),
        published_on=published_on,
        source_file=f"{name}.pdf",
    )


ONE, OTHER = version("one", 21, "blank", 4), version("other", 18, 3, 4)
OTHERS = [
    version("police one", 1, 2, 3, agency="海东市公安局"),
    version("police again", 1, 2, 3, agency="海东市公安局"),
    version("finance january", 1, 2, 3, agency="海东市财政局", published_on="2024-01-20"),
    version("finance june", 5, 2, 3, agency="海东市财政局", published_on="2024-06-20"),
]


def tables(out: Path, reports: Sequence[Report], formats: Sequence[str] = ("parquet",)) -> Path:
    frames, _ = place_and_check(reports_to_frames(reports, reading_version="1"))
    write_frames(frames, out, formats)
    return out


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_the_cells_that_differ_are_those_of_a_plain_comparison(tmp_path: Path, form: str) -> None:
    """The same numbers saved again, and a later revision, are no contradictions."""
    out = tables(tmp_path, [ONE, OTHER, *OTHERS], [form])
    (found,) = find_contradictions([], out_to_documents(out), out)
    names = [found.stands.name, found.other.name]
    assert sorted(names) == ["one.pdf", "other.pdf"]
    versions = {"one.pdf": ONE, "other.pdf": OTHER}
    told = [{(cell.item, cell.column): cell for cell in versions[name].observations} for name in names]
    differing = [place for place in PLACES if told[0][place].value != told[1][place].value]
    assert [(cell.item, cell.column) for cell in found.cells] == sorted(differing) or sorted(
        (cell.item, cell.column) for cell in found.cells
    ) == sorted(differing)
    for cell in found.cells:
        place = cell.item, cell.column
        assert (cell.stands, cell.other) == (told[0][place].raw, told[1][place].raw)
    revisions = pd.read_parquet(out / "revisions.parquet") if form == "parquet" else None
    if revisions is not None:
        assert len(revisions.query("kind == 'contradiction'")) == 2 * len(found.cells)


def test_what_was_told_is_not_told_again(tmp_path: Path) -> None:
    first = tables(tmp_path / "first", [ONE, *OTHERS])
    second = tables(tmp_path / "second", [ONE, OTHER, *OTHERS])
    before, now = out_to_documents(first), out_to_documents(second)
    assert len(find_contradictions(before, now, second)) == 1
    assert find_contradictions(now, now, second) == []
    third = tables(tmp_path / "third", [ONE, OTHER, version("third", 30, 3, 4), *OTHERS])
    found = find_contradictions(now, out_to_documents(third), third)
    assert {name for each in found for name in (each.stands.name, each.other.name)} >= {"third.pdf"}


def test_the_digest_says_how_many_cells_and_which_file(tmp_path: Path) -> None:
    out = tables(tmp_path, [ONE, OTHER])
    found = find_contradictions([], out_to_documents(out), out)
    entries = contradictions_to_entries(found)
    assert len(entries) == 1 and entries[0].agency == "海东市教育局" and entries[0].year == 2023
    first = found[0].cells[0]
    assert isinstance(first, ContradictedCell)
    shown = f"{first.table} {first.item} {first.column}: {first.stands or 'blank'} here"
    assert "cells that differ: 2" in entries[0].note and shown in entries[0].note
    assert found[0].other.name in entries[0].note
    digest = Digest(1, "s", "e", 0, True, "published", "t", {}, contradicted=tuple(entries))
    assert json_to_digest(digest_to_json(digest)) == digest
    page = digest_to_markdown(digest)
    assert "## Contradicted by another file of the year (1)" in page and found[0].other.name in page


def test_tables_of_an_earlier_program_that_told_no_versions_are_compared(tmp_path: Path) -> None:
    out = tables(tmp_path, [ONE, OTHER])
    old = pd.read_parquet(out / "reports.parquet").drop(columns=["superseded_by", "standing"])
    (tmp_path / "old").mkdir()
    old.to_parquet(tmp_path / "old" / "reports.parquet")
    before = out_to_documents(tmp_path / "old")
    assert len(before) == 2 and len(find_contradictions(before, out_to_documents(out), out)) == 1
