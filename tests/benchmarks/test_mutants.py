"""Damaged files: made by number, and judged by the drawn page and not by what the product says of it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from reportlab.pdfgen import canvas

from benchmarks.mutants import Drawn, report_to_cells, silent_cells, write_mutants
from pipeline.extract.document import read_document
from pipeline.records import Box, Snapshot

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
    truth, drawn = report_to_cells(report), Drawn(SAMPLE, SAMPLE)
    seen = next(seen for seen in report.observations if seen.status == "ok")
    lost = seen._replace(status="blank", value=None, raw="", seen="yes")
    ((cell, sound, line),) = silent_cells(truth, replace(report, observations=(lost,)))
    assert (cell, sound) == (lost, seen)
    assert line.startswith(f"{seen.table}.{seen.item}.{seen.column}")
    shown = {one.status: drawn.shows(one._replace(status="blank"), one) for one in report.observations}
    assert shown == {"ok": True, "blank": False}


def test_a_number_of_which_a_damaged_font_draws_a_speck_is_not_shown(tmp_path: Path) -> None:
    sound = tmp_path / "sound.pdf"
    sound.write_bytes(pdf_with_text(24))
    speck = tmp_path / "speck.pdf"
    speck.write_bytes(pdf_with_text(4))
    read = read_document(Snapshot(SAMPLE, sha256(SAMPLE.read_bytes()).hexdigest())).observations[0]
    cell = read._replace(page=1, box=Box(90.0, 60.0, 130.0, 110.0), status="blank")
    assert Drawn(sound, sound).shows(cell, cell)
    assert not Drawn(speck, sound).shows(cell, cell)


def pdf_with_text(size: float) -> bytes:
    """Return a page that draws an 8 of a size (points) at the same place."""
    page = canvas.Canvas(None, pagesize=(200, 200))
    page.setFont("Helvetica", size)
    page.drawString(100, 110, "8")
    return bytes(page.getpdfdata())
