"""What a person sees in a binary Word document, and what LibreOffice reads of it otherwise."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.extract.read.backends import doc_reader
from pipeline.extract.read.backends.doc_reader import (
    ALONE,
    IN_OTHER_ORDER,
    OTHERWISE,
    file_to_flow,
    file_to_second_flow,
)
from pipeline.extract.read.flow.blocks import UNSURE, FlowCell, FlowDocument, FlowParagraph, FlowTable
from pipeline.extract.read.flow.set_text import RAISED as BESIDE
from pipeline.extract.read.flow.set_text import STRUCK as IS_STRUCK
from pipeline.extract.read.flow.set_text import UNSEEN
from pipeline.extract.read.flow.word_fields import FIELD, PICTURE, TIGHT
from pipeline.extract.read.flow.word_tables import MERGED_TEXT, NO_SHAPE
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.installation.libreoffice import office_library
from pipeline.records import Reason
from tests.extract.read.backends.binary_word import (
    DELETED,
    DEPTH,
    FIRST_MERGED,
    HIDDEN,
    ICO,
    IN_TABLE,
    INNER_CELL,
    INNER_ROW_END,
    INSERTED,
    MERGED,
    RAISED,
    SPECIAL,
    STRUCK,
    VERTICAL,
    VERTICAL_FIRST,
    Paragraph,
    Run,
    document,
    field,
    row,
    sprm,
    text,
)

needs_office = pytest.mark.skipif(office_library() is None, reason="LibreOffice is not installed")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is held against LibreOffice."""
    monkeypatch.setattr(doc_reader, "office_library", lambda: None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "年报.doc"


def read(file: Path, *paragraphs: Paragraph, narrow: int = 0) -> FlowDocument:
    file.write_bytes(document(paragraphs, narrow=narrow))
    return file_to_flow(file)


def table_of(flow: FlowDocument, number: int = 0) -> list[tuple[int, int, int, int, str, str]]:
    tables = [block for block in flow.blocks if isinstance(block, FlowTable)]
    return [tuple(cell) for cell in tables[number].cells]  # type: ignore[misc]


def texts_of(flow: FlowDocument) -> list[str]:
    return [cell[4] for cell in table_of(flow)]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("narrow", [0, 9])
def test_paragraphs_and_cells_come_in_their_order(narrow: int, file: Path) -> None:
    flow = read(
        file,
        text("2022 Annual"),
        text("年度报告"),
        *row(["项", "12"]),
        *row(["目", "3"]),
        text("完"),
        narrow=narrow,
    )
    assert flow.blocks == (
        FlowParagraph("2022 Annual"),
        FlowParagraph("年度报告"),
        FlowTable(
            1,
            (
                FlowCell(0, 0, 1, 1, "项"),
                FlowCell(0, 1, 1, 1, "12"),
                FlowCell(1, 0, 1, 1, "目"),
                FlowCell(1, 1, 1, 1, "3"),
            ),
            (0.0, 50.0, 100.0),
        ),
        FlowParagraph("完"),
    )
    assert flow.losses == (ALONE,)


@pytest.mark.usefixtures("alone")
def test_merged_cells_are_one(file: Path) -> None:
    flow = read(
        file,
        *row(["横", "", "竖"], flags=[FIRST_MERGED, MERGED, VERTICAL_FIRST]),
        *row(["1", "2", ""], flags=[0, 0, VERTICAL]),
        *row(["宽", "3"], edges=[0, 2000, 3000]),
    )
    assert [cell[:5] for cell in table_of(flow)] == [
        (0, 0, 1, 2, "横"),
        (0, 2, 2, 1, "竖"),
        (1, 0, 1, 1, "1"),
        (1, 1, 1, 1, "2"),
        (2, 0, 1, 2, "宽"),
        (2, 2, 1, 1, "3"),
    ]


@pytest.mark.usefixtures("alone")
def test_a_number_that_is_merged_away_is_told(file: Path) -> None:
    flow = read(file, *row(["1", "竖"], flags=[0, VERTICAL_FIRST]), *row(["2", "9"], flags=[0, VERTICAL]))
    assert table_of(flow)[1] == (0, 1, 2, 1, "竖", MERGED_TEXT)


CELLS: dict[str, tuple[Sequence[Run], str, str]] = {
    "plain": ([Run("301")], "301", ""),
    "in two runs": ([Run("30"), Run("1")], "301", ""),
    "struck": ([Run("29", sprm(STRUCK)), Run("301")], "301", IS_STRUCK),
    "deleted": ([Run("1"), Run("5", sprm(DELETED)), Run("2", sprm(INSERTED))], "12", UNSEEN),
    "hidden": ([Run("9", sprm(HIDDEN)), Run("3")], "3", UNSEEN),
    "white": ([Run("9", sprm(ICO, 8)), Run("3")], "3", UNSEEN),
    "white words": ([Run("总计", sprm(ICO, 8))], "总计", ""),
    "raised": ([Run("30"), Run("1", sprm(RAISED))], "30¹", BESIDE),
    "a field": (field(" =SUM(ABOVE) ", "300"), "300", ""),
    "a field in a field": (
        [Run("\x13", sprm(0x0855)), *field("A", "7"), Run("\x15", sprm(0x0855))],
        "\ufffd",
        FIELD,
    ),
    "a hard hyphen": ([Run("\x1e5")], "-5", ""),
    "two lines": ([Run("12\x0b5")], "12\n5", ""),
    "a picture beside it": ([Run("\x01", sprm(SPECIAL)), Run("4")], "4", PICTURE),
    "a picture": ([Run("\x01", sprm(SPECIAL))], "\ufffd", PICTURE),
    "a drawing over it": ([Run("\x08", sprm(SPECIAL))], "\ufffd", PICTURE),
    "a symbol": ([Run("(", sprm(SPECIAL))], "\ufffd", PICTURE),
    "the mark of a note": ([Run("4"), Run("\x02", sprm(SPECIAL))], "4", ""),
    "a field without its result": (
        [Run("\x13", sprm(SPECIAL)), Run(" =SUM(ABOVE) "), Run("\x15", sprm(SPECIAL))],
        "\ufffd",
        FIELD,
    ),
    "a formula with an empty result": (field(" =SUM(ABOVE) ", ""), "\ufffd", FIELD),
    "a field to be filled in": (field(" FORMTEXT ", ""), "", ""),
    "a field that shows nothing": (
        [Run("4"), Run("\x13", sprm(SPECIAL)), Run(' TC "x" '), Run("\x15", sprm(SPECIAL))],
        "4",
        "",
    ),
    "digits over each other": ([Run("12", struct.pack("<Hh", 0x8840, -200))], "12", TIGHT),
    "digits without width": ([Run("12", struct.pack("<HH", 0x4852, 1))], "12", TIGHT),
    "marked in the colour of ink": ([Run("12", sprm(0x2A0C, 1))], "12", TIGHT),
}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", CELLS)
def test_what_is_seen_in_a_cell(name: str, file: Path) -> None:
    runs, seen, doubt = CELLS[name]
    assert table_of(read(file, *row(["项", runs])))[1] == (0, 1, 1, 1, seen, doubt)


@pytest.mark.usefixtures("alone")
def test_a_table_in_a_cell_is_a_table_of_its_own(file: Path) -> None:
    inner = sprm(IN_TABLE) + sprm(DEPTH, 2)
    flow = read(
        file,
        Paragraph([Run("5")], "\r", inner + sprm(INNER_CELL)),
        Paragraph([], "\r", inner + sprm(INNER_ROW_END)),
        *row(["外", "6"]),
    )
    assert [[cell.text for cell in block.cells] for block in flow.blocks if isinstance(block, FlowTable)] == [
        ["5"],
        ["外", "6"],
    ]
    assert NO_SHAPE.format(number=1) in flow.losses


@pytest.mark.usefixtures("alone")
def test_a_row_that_does_not_say_where_its_cells_stand_is_a_loss(file: Path) -> None:
    flow = read(file, *row(["1", "2"], edges=[0, 1000, 2000, 3000]))
    assert texts_of(flow) == ["1", "2"]
    assert flow.losses[0] == NO_SHAPE.format(number=1)


def refusal(file: Path, data: bytes) -> tuple[Reason, str]:
    file.write_bytes(data)
    with pytest.raises(UnreadableError) as caught:
        file_to_flow(file)
    return caught.value.reason, str(caught.value)


def test_what_is_locked_older_cut_off_or_another_file_is_refused_in_words(file: Path) -> None:
    sound = document([text("1")])
    assert refusal(file, document([text("1")], flags=0x0300))[0] == Reason.LOCKED
    assert "Word 97" in refusal(file, document([text("1")], version=0x0065))[1]
    assert refusal(file, rb"{\rtf1 1}")[0] == Reason.UNOPENED
    assert refusal(file, sound[:1500])[0] == Reason.UNOPENED
    assert refusal(file, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(700))[0] == Reason.UNOPENED


@pytest.mark.usefixtures("alone")
def test_no_damage_raises_another_error(file: Path) -> None:
    sound = document([text("年度报告"), *row(["项", "12"]), text("完")])
    for at in range(0, len(sound), 7):
        file.write_bytes(sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :])
        with suppress(UnreadableError):
            file_to_flow(file)


@pytest.mark.rendering
@needs_office
def test_libreoffice_reads_the_same(file: Path) -> None:
    flow = read(file, text("年度报告"), *row(["项", "12"]), *row(["目", "3"]), text("完"))
    assert flow.losses == ()
    second = file_to_second_flow(file)
    assert (second.reader, texts_of(second)) == ("libreoffice", texts_of(flow))


@pytest.mark.rendering
@needs_office
def test_the_stored_result_of_a_formula_counts(file: Path) -> None:
    sums = [Run("总计")], field(" =SUM(ABOVE) ", "300")
    flow = read(file, *row(["甲", "100"]), *row(["乙", "206"]), *row(sums), text("完"))
    assert (texts_of(flow)[-1], flow.losses) == ("300", ())


def given(*numbers: str) -> FlowDocument:
    """What LibreOffice might read: a table with one row."""
    return FlowDocument(
        "libreoffice", (FlowTable(1, tuple(FlowCell(0, at, 1, 1, n) for at, n in enumerate(numbers))),)
    )


@pytest.mark.parametrize(
    ("numbers", "losses"),
    [
        (("100", "300"), ()),
        (("100", "306"), ()),
        (("101", "300"), (OTHERWISE.format(more=1, fewer=1),)),
        (("100", "300", "5"), (OTHERWISE.format(more=1, fewer=0),)),
        ((), (OTHERWISE.format(more=0, fewer=1),)),
        (("300", "100"), (IN_OTHER_ORDER,)),
    ],
)
def test_what_libreoffice_reads_otherwise_is_a_loss(
    numbers: tuple[str, ...], losses: tuple[str, ...], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doc_reader, "_by_office", lambda path: given(*numbers))
    assert read(file, *row([[Run("100")], field(" =SUM(LEFT) ", "300")]), text("完")).losses == losses


def test_a_number_that_is_not_stored_confirms_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc_reader, "_by_office", lambda path: given("100", "306"))
    read(file, *row([[Run("100")], field(" =SUM(LEFT) ", "300")]), text("完"))
    assert texts_of(file_to_second_flow(file)) == ["100", UNSURE]


@pytest.mark.usefixtures("alone")
def test_without_libreoffice_there_is_no_second_reading(file: Path) -> None:
    file.write_bytes(document([text("1")]))
    with pytest.raises(UnreadableError, match="libreoffice-writer-nogui"):
        file_to_second_flow(file)


def test_libreoffice_is_found_where_it_is_installed() -> None:
    assert shutil.which("soffice") is None or office_library() is not None
