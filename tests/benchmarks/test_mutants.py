"""Damaged files: made by number, and judged by the drawn page and not by what the product says of it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from benchmarks.mutants import Drawn, report_to_cells, silent_cells, write_mutants
from pipeline.extract.document import read_document
from pipeline.records import Snapshot

SAMPLE = (
    Path(__file__).parents[2] / "data" / "raw" / "海东市工业和信息化局2022年度政府信息公开工作年度报告.pdf"
)


def test_a_mutant_is_the_same_alone_as_among_others(tmp_path: Path) -> None:
    made = [path.read_bytes() for path, _ in write_mutants([SAMPLE], range(4), 7, tmp_path)]
    ((alone, sample),) = write_mutants([SAMPLE], [3], 7, tmp_path)
    assert (alone.read_bytes(), sample) == (made[3], SAMPLE)
    assert alone.read_bytes() != SAMPLE.read_bytes()


def test_a_number_that_became_blank_is_silent_where_the_page_shows_one() -> None:
    report = read_document(Snapshot(SAMPLE, sha256(SAMPLE.read_bytes()).hexdigest()))
    truth, drawn = report_to_cells(report), Drawn(SAMPLE)
    seen = next(seen for seen in report.observations if seen.status == "ok")
    lost = seen._replace(status="blank", value=None, raw="", seen="yes")
    ((cell, line),) = silent_cells(truth, replace(report, observations=(lost,)))
    assert (cell, line.startswith(f"{seen.table}.{seen.item}.{seen.column}")) == (lost, True)
    empty = {one.status: drawn.is_empty(one.page, one.box) for one in report.observations}
    assert empty == {"ok": False, "blank": True}
