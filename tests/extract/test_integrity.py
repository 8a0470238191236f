"""What a reading may have lost without a sound is looked for, and is never ok."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import pipeline.extract.integrity
from pipeline.extract.document import read_document
from pipeline.extract.integrity import IntegritySign, headings_without_table, pdf_to_losses
from pipeline.extract.lossy import as_lossy
from pipeline.extract.opened_pdf import EngineOptions, OpenedPdf, open_pdf
from pipeline.extract.read import FALLBACK_STEPS
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.report import readings_to_report
from pipeline.extract.seen_pages import NOTHING_FOUND, Findings
from pipeline.records import Box, Character, Check, RawDocument, Reason, Renamed, Report, Snapshot

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "data" / "raw").glob("*.pdf"))
HIDDEN = (b"/Type /Catalog", b"/Type /Catalog /Kept << /Type /Page >>")
GOOD = ROOT / "data" / "raw" / "示例市示例局2023年政府信息公开工作年度报告.pdf"
OLDER = ROOT / "data" / "raw" / "示例市商务示例局2020年政府信息公开工作年度报告.pdf"


def read(path: Path, **engines: Any) -> Report:
    return read_document(
        Snapshot(path, sha256(path.read_bytes()).hexdigest()), engines=EngineOptions(**engines)
    )


def losses_of(first: RawDocument) -> list[IntegritySign]:
    return pdf_to_losses(OpenedPdf(PdfFile(GOOD), FALLBACK_STEPS[0], first))


@pytest.fixture(scope="module")
def first() -> RawDocument:
    return open_pdf(GOOD, ()).first


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:12])
def test_a_sound_report_shows_no_sign_of_loss(path: Path) -> None:
    assert read(path).reason in (Reason.NONE, Reason.DOUBTFUL, Reason.INCOMPLETE)


def test_more_pages_in_the_bytes_than_in_the_reading_take_a_second_look(tmp_path: Path) -> None:
    taken: list[str] = []
    (tmp_path / "one.pdf").write_bytes(GOOD.read_bytes().replace(*HIDDEN))
    assert read(tmp_path / "one.pdf", notice=taken.append).status == "ok"
    assert taken == ["pypdfium2 ruled", "playa", "pypdfium2 look"]


def test_a_page_that_the_reader_did_not_see_is_a_sign(first: RawDocument) -> None:
    short = replace(first, page_sizes=first.page_sizes[:-1], turns=first.turns[:-1], lines=(), tables=())
    assert Reason.PAGES_DIFFER in [sign.reason for sign in losses_of(short)]


def test_a_page_without_text_is_a_sign_where_the_other_engine_sees_some(
    first: RawDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.extract.integrity, "_empty_pages", lambda source: [1, 3])
    blank = replace(first, lines=(), tables=())
    (sign,) = losses_of(blank)
    assert sign == IntegritySign(
        Reason.TEXT_DIFFERS,
        "pypdfium2 finds no text on page 1, 3, playa does: it may be damaged, fetch it again",
    )


def test_what_we_drop_as_a_watermark_is_not_lost(first: RawDocument) -> None:
    """The library's own text is asked before a page is called empty."""
    blank = replace(first, lines=(), tables=())
    assert losses_of(blank) == []


def test_a_heading_without_its_table_is_a_sign(first: RawDocument) -> None:
    (sign,) = headings_without_table(first, frozenset())
    assert sign.reason == Reason.HEADING_ALONE
    assert sign.words == ("a heading without its table: active_disclosure, applications, review_litigation")


def test_a_report_without_any_table_misses_those_that_its_year_has_to_print() -> None:
    report = readings_to_report(open_pdf(GOOD, ()), [], [])
    assert (report.status, report.heading.fiscal_year) == ("no_tables", 2023)
    assert report.missing == ("active_disclosure", "applications", "review_litigation")


def test_a_report_with_a_sign_is_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(GOOD).status == "ok"
    sign = IntegritySign(Reason.PAGES_DIFFER, "pypdfium2 finds 3 pages, playa 4")
    monkeypatch.setattr("pipeline.extract.pdf_document.pdf_to_losses", lambda *_: [sign])
    report = read(GOOD)
    assert (report.status, report.reason, report.error) == ("flagged", sign.reason, sign.words)


def test_a_single_wrong_bit_in_a_compressed_part_is_a_sign(tmp_path: Path) -> None:
    data = bytearray(GOOD.read_bytes())
    place = data.index(b"stream", data.index(b"/FlateDecode")) + 60
    data[place] ^= 4
    (tmp_path / "bit.pdf").write_bytes(data)
    report = read(tmp_path / "bit.pdf")
    assert report.status != "ok"
    assert (report.reason, report.error[:45]) == (
        Reason.DAMAGED,
        "compressed parts that do not unpack: 1: it ma",
    )


def test_in_a_damaged_file_only_sums_hold_a_number(tmp_path: Path) -> None:
    """The last stream of the file is damaged, and every page is read as before."""
    data = bytearray(GOOD.read_bytes())
    place = data.rindex(b"stream", 0, data.rindex(b"endstream")) + 60
    data[place] ^= 4
    (tmp_path / "bit.pdf").write_bytes(data)
    report = read(tmp_path / "bit.pdf")
    assert report.reason == Reason.DAMAGED
    passed = [c for c in report.checks if c.verdict == "pass"]
    held = {(c.table, *cell) for c in passed if c.left or not c.blanks_as_zero for cell in c.cells}
    trusted = {
        (seen.table, seen.item, seen.column)
        for seen in report.observations
        if seen.status in ("ok", "blank", "not_applicable")  # a dash may be a minus that lost its digits
    }
    assert trusted <= held
    assert {check.attribution for check in report.checks if check.verdict == "fail"} <= {"reading"}
    doubts = {seen.doubt for seen in report.observations if seen.status == "suspect"}
    assert "the file may have lost something, and no sum holds this cell" in doubts


@pytest.mark.parametrize(
    ("name", "parts", "others", "blanks", "status"),
    [
        ("applications.row_total", (2, 3, 5), "", 0, "ok"),
        ("applications.row_total", (2, 3, 5), "", 5, "ok"),
        ("applications.balance", (2, 3, 1, 4), "103456789", 0, "suspect"),
        ("applications.row_total", (2, 2), "", 0, "suspect"),
        ("applications.row_total", (2, 2), "1034567", 0, "suspect"),
        ("applications.row_total", (2, 2), "103456789", 0, "ok"),
        ("applications.row_total", (0, 0), "", 0, "suspect"),
        ("applications.row_total", (0, 0), "123456789", 5, "suspect"),
    ],
)
def test_a_sum_that_a_lost_digit_would_not_disturb_holds_nothing_in_a_damaged_file(
    name: str, parts: tuple[int, ...], others: str, blanks: int, status: str
) -> None:
    """2 = 2 may have been 28 = 28, unless the table shows each digit; blanks may have been anything.

    2 + 3 = 1 + 4 may have been 1 + 2 = 0 + 3: a damaged font drew each digit as the next.
    """
    report = read(GOOD)
    like = next(seen for seen in report.observations if seen.status == "ok")
    summed = [
        like._replace(item=f"part {at}", value=float(part), raw=str(part)) for at, part in enumerate(parts)
    ]
    beside = [like._replace(item="beside", value=1.0, raw=others)] if others else []
    cells = tuple((seen.item, seen.column) for seen in summed)
    total = float(parts[-1])
    check = Check(like.table, name, like.item, total, total, "pass", None, blanks, cells)
    report = replace(report, observations=(*summed, *beside), checks=(check,))
    lossy = as_lossy(report, open_pdf(GOOD, ()).is_corrected)
    assert {one.status for one in lossy.observations[: len(summed)]} == {status}


ZERO = Character("0", Box(311.0, 561.0, 316.0, 571.0))


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (NOTHING_FOUND, "blank"),
        (NOTHING_FOUND._replace(unseen={2: [ZERO]}), "suspect"),
        (NOTHING_FOUND._replace(struck={2: [ZERO]}), "suspect"),
        (NOTHING_FOUND._replace(renamed={2: [Renamed(ZERO, "-")]}), "suspect"),
        (NOTHING_FOUND._replace(renamed={1: [Renamed(ZERO, "-")]}), "blank"),
    ],
    ids=["as read", "not shown", "struck out", "shown otherwise", "on another page"],
)
def test_in_a_damaged_file_no_sum_holds_what_the_page_shows_otherwise(found: Findings, status: str) -> None:
    """A sum holds whatever stands in the place of a 0 as long as it counts as 0."""
    report = read(GOOD)
    like = next(seen for seen in report.observations if seen.status == "ok")._replace(page=2)
    parts = [like._replace(item=f"part {at}", box=Box(at, 0, at + 1, 9)) for at in range(3)]
    corrected = like._replace(
        item="corrected", box=Box(300, 560, 330, 575), raw="", status="blank", value=None
    )
    cells = tuple((seen.item, seen.column) for seen in (*parts, corrected))
    check = Check(like.table, "applications.row_total", like.item, 9.0, 9.0, "pass", None, 1, cells)
    report = replace(report, observations=(*parts, corrected), checks=(check,))
    lossy = as_lossy(report, replace(open_pdf(GOOD, ()), found=found).is_corrected)
    assert [seen.status for seen in lossy.observations] == ["ok", "ok", "ok", status]


def test_a_lost_map_of_characters_binds_no_number_to_another_form(tmp_path: Path) -> None:
    """The block of zeros takes what names the characters of the header, and the page is drawn as before."""
    data = bytearray(OLDER.read_bytes())
    place = data.index(b"\n10 0 obj")
    data[place : place + 40] = bytes(40)
    (tmp_path / "zeroed.pdf").write_bytes(data)
    report = read(tmp_path / "zeroed.pdf")
    assert not [seen for seen in report.observations if seen.column in ("made", "repealed", "in_force")]


def test_an_engine_that_failed_before_is_not_asked() -> None:
    taken: list[str] = []
    report = read(GOOD, without=frozenset({"playa", "pypdfium2"}), notice=taken.append)
    assert (report.status, report.readers) == ("ok", ("pdfplumber",))
    assert {step.split()[0] for step in taken} == {"pdfplumber"}


def test_each_step_is_told_before_it_is_taken() -> None:
    taken: list[str] = []
    read(GOOD, notice=taken.append)
    assert taken == ["pypdfium2 ruled", "pypdfium2 look"]
