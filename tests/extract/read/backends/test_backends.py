"""pdfium and pdfplumber share no code; on what the generator prints they must see the same tables."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.extract.read import FALLBACK_STEPS, Step, read
from pipeline.extract.read.glyphs import UNNAMED, runs_to_glyphs
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.records import RawDocument, RawTable
from tests.tools.test_generator import STYLES
from tools.generator import Spec, Style, generate

pytestmark = pytest.mark.long

MODERN = Spec("示例市示例局", 2022)
RULED = [look for look in STYLES if STYLES[look].ruling != "none"]


@cache
def printed(look: str) -> bytes:
    return generate(Spec("示例市示例局", 2022, style=STYLES[look]))[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def read_bytes(
    pdf: bytes, folder: Path, reader: str, way: str, pages: list[int] | None = None
) -> RawDocument:
    return read_once(pdf, folder / "report.pdf", Step(reader, way), tuple(pages) if pages else None)


@cache
def read_once(pdf: bytes, path: Path, step: Step, pages: tuple[int, ...] | None) -> RawDocument:
    """Most readings are compared with several others."""
    path.write_bytes(pdf)
    with closing(PdfFile(path)) as file:
        return read(step, file, pages, [(595.0, 842.0)] * 9)


Shape = tuple[int, list[tuple[int, int, int, int, str]]]


def shape_of(table: RawTable) -> Shape:
    """Page, and place, span and text of every cell."""
    return table.page, [(c.row, c.col, c.row_span, c.col_span, c.text) for c in table.cells]


def shapes(raw: RawDocument) -> list[Shape]:
    return [shape_of(table) for table in raw.tables]


@pytest.mark.long
@pytest.mark.parametrize("look", RULED)
def test_both_readers_see_the_same_grids_and_texts(look: str, folder: Path) -> None:
    first = read_bytes(printed(look), folder, "pypdfium2", "rulings")
    second = read_bytes(printed(look), folder, "pdfplumber", "rulings")
    assert shapes(first) == shapes(second)
    assert sum(len(table.cells) for table in first.tables) > 250
    assert (first.page_sizes, first.turns) == (second.page_sizes, second.turns)
    for one, other in zip(first.tables, second.tables, strict=True):
        assert (one.reader, other.reader) == ("pypdfium2", "pdfplumber")
        assert tuple(one.box) == pytest.approx(tuple(other.box), abs=1.0)


@pytest.mark.parametrize("look", ["solid", "sideways", "swallowed"])
def test_both_readers_see_the_same_lines(look: str, folder: Path) -> None:
    first = read_bytes(printed(look), folder, "pypdfium2", "rulings").lines
    second = read_bytes(printed(look), folder, "pdfplumber", "ruled").lines
    assert len(first) > 40
    for one, other in zip(first, second, strict=True):
        assert (one.page, "".join(one.text.split())) == (other.page, "".join(other.text.split()))
        assert (one.box.x0, one.box.x1) == pytest.approx((other.box.x0, other.box.x1), abs=1.0)
        assert one.box.top + one.box.bottom == pytest.approx(other.box.top + other.box.bottom, abs=2.0)


@pytest.mark.parametrize("look", ["dashed", "strokes", "grey", "double", "rects", "boxes"])
def test_every_ruling_gives_the_grid_of_the_solid_one(look: str, folder: Path) -> None:
    solid = read_bytes(printed("solid"), folder, "pypdfium2", "rulings")
    assert shapes(read_bytes(printed(look), folder, "pypdfium2", "rulings")) == shapes(solid)


def test_only_the_pages_asked_for_are_read(folder: Path) -> None:
    for reader in ("pypdfium2", "pdfplumber"):
        raw = read_bytes(printed("solid"), folder, reader, "ruled", [2, 3])
        whole = read_bytes(printed("solid"), folder, reader, "ruled")
        assert raw.tables == tuple(table for table in whole.tables if table.page in (2, 3))
        assert {line.page for line in raw.lines} == {2, 3}


# ------------------------------------------------------------------- turned pages


@cache
def turned(degrees: int) -> bytes:
    """The solid look with every page's own /Rotate set: it is displayed turned, and so is its text."""
    document = pypdfium2.PdfDocument(printed("solid"))
    for page in document:
        page.set_rotation(degrees)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_read_as_if_it_stood(reader: str, degrees: int, folder: Path) -> None:
    upright = read_bytes(printed("solid"), folder, reader, "ruled")
    lying = read_bytes(turned(degrees), folder, reader, "ruled")
    assert shapes(lying) == shapes(upright)
    assert [line.text for line in lying.lines] == [line.text for line in upright.lines]
    assert set(lying.turns) == {(-degrees // 90) % 4}
    assert set(lying.page_sizes) == {(842.0, 595.0) if degrees % 180 else (595.0, 842.0)}


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_cells_of_a_turned_page_are_where_they_are_displayed(reader: str, degrees: int, folder: Path) -> None:
    upright = read_bytes(printed("solid"), folder, reader, "ruled")
    lying = read_bytes(turned(degrees), folder, reader, "ruled")
    frame = PageOrientation(*lying.page_sizes[0], lying.turns[0])
    for before, after in zip(upright.tables, lying.tables, strict=True):
        for one, other in zip(before.cells, after.cells, strict=True):
            assert tuple(frame.to_reading(other.box)) == pytest.approx(tuple(one.box), abs=0.01)
            assert (other.left, other.right) == pytest.approx((one.left, one.right), abs=0.01)


# ------------------------------------------------------------------ camelot


@pytest.mark.parametrize("way", ["vector", "combined"])
def test_camelot_reads_a_ruled_page_alike(way: str, folder: Path) -> None:
    """Its parser and its search for rulings are its own; only white space may differ."""
    first = read_bytes(printed("solid"), folder, "pypdfium2", "rulings", [3])
    third = read_bytes(printed("solid"), folder, "camelot", way, [3])
    assert [table.reader for table in third.tables] == ["camelot"] * len(first.tables)
    for one, other in zip(first.tables, third.tables, strict=True):
        closed_up = [
            [(*cell[:4], "".join(cell[4].split())) for cell in shape_of(table)[1]] for table in (one, other)
        ]
        assert closed_up[0] == closed_up[1]
        assert tuple(other.box) == pytest.approx(tuple(one.box), abs=2.0)
        assert not other.inferred


def test_every_step_names_a_reader_and_a_way_that_exist(folder: Path) -> None:
    """Each step is taken once on a page with a table; what it cannot find it leaves out without an error."""
    assert FALLBACK_STEPS[0] == Step("pypdfium2", "ruled")
    assert len(set(FALLBACK_STEPS)) == len(FALLBACK_STEPS)
    for step in FALLBACK_STEPS:
        raw = read_bytes(printed("solid"), folder, step.reader, step.way, [1])
        assert raw.reader == step.reader
        assert {table.page for table in raw.tables} <= {1}


# --------------------------------------------------------- fonts without a name


def with_maps(pdf: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    """The file with the map from glyphs to characters of each font edited, as an update at its end."""
    start = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    trailer = re.findall(rb"trailer\s*<<(.*?)>>\s*startxref", pdf, re.DOTALL)[-1]
    places: dict[int, int] = {}
    for number in {int(n) for n in re.findall(rb"/ToUnicode (\d+) 0 R", pdf)}:
        head = re.search(rb"\n%d 0 obj\n<<.*?/Length (\d+)\n>>\nstream\n" % number, pdf, re.DOTALL)
        assert head
        edited = edit(zlib.decompress(pdf[head.end() : head.end() + int(head.group(1))]))
        places[number] = len(pdf) + 1
        pdf += b"\n%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj" % (number, len(edited), edited)
    entries = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in places.items())
    end = b"\nxref\n%strailer\n<<%s/Prev %s >>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + end % (entries, trailer, start, len(pdf) + 1)


@pytest.mark.parametrize("way", ["aligned", "counted"])
@pytest.mark.parametrize("look", [look for look in STYLES if STYLES[look].ruling == "none"])
def test_tables_without_rulings_are_found_on_pages_that_were_read_before(
    look: str, way: str, folder: Path
) -> None:
    before = read_bytes(printed(look), folder, "pypdfium2", "rulings")
    with closing(PdfFile(folder / "gone.pdf")) as file:
        again = read(Step("pypdfium2", way), file, before.printed.keys(), printed=before.printed)
    assert again == read_bytes(printed(look), folder, "pypdfium2", way)
    assert again.tables


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
def test_a_digit_without_a_name_leaves_a_mark(reader: str, folder: Path) -> None:
    """A font map that leaves 4 out: 49 must not become 9, nor 4 a blank."""
    broken = with_maps(printed("solid"), lambda cmap: cmap.replace(b"<0034>", b"<0000>"))
    sound = read_bytes(printed("solid"), folder, reader, "ruled")
    expected = [
        (page, [(*cell[:4], cell[4].replace("4", UNNAMED)) for cell in cells])
        for page, cells in shapes(sound)
    ]
    found = shapes(read_bytes(broken, folder, reader, "ruled"))
    assert found == expected
    assert any(UNNAMED in cell[4] for _, cells in found for cell in cells)


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
def test_a_digit_with_its_name_in_symbol_fonts_is_that_digit(reader: str, folder: Path) -> None:
    """A font map that gives U+F034 for 4."""
    moved = with_maps(printed("solid"), lambda cmap: cmap.replace(b"<0034>", b"<F034>"))
    found = read_bytes(moved, folder, reader, "ruled")
    assert shapes(found) == shapes(read_bytes(printed("solid"), folder, reader, "ruled"))


def test_a_font_that_declares_no_height_is_read_alike(folder: Path) -> None:
    """LibreOffice declares the height of a comma for a part of a font: pdfium then gives uneven boxes."""
    low = re.sub(rb"/Ascent \d{3}", b"/Ascent 099", printed("solid"))
    assert low != printed("solid")
    found = read_bytes(low, folder, "pypdfium2", "rulings")
    sound = read_bytes(printed("solid"), folder, "pypdfium2", "rulings")
    assert shapes(found) == shapes(sound)
    for glyph in runs_to_glyphs(found.printed[1].glyphs):
        assert glyph.height >= 0.99 * (glyph.x1 - glyph.x0)


# ------------------------------------------------------ watermarks, stacks, seals


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
@pytest.mark.parametrize("watermark", ["horizontal", "rotated"])
def test_a_watermark_over_a_table_is_not_in_its_cells(reader: str, watermark: str, folder: Path) -> None:
    plain = read_bytes(printed("solid"), folder, reader, "ruled")
    pdf = generate(Spec("示例市示例局", 2022, style=Style(watermark=watermark)))[0]
    assert shapes(read_bytes(pdf, folder, reader, "ruled")) == shapes(plain)


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
@pytest.mark.parametrize(("degrees", "texts"), [(2, ["1036"]), (30, [""])])
def test_text_set_a_little_askew_is_read_and_slanting_text_is_not(
    reader: str, degrees: int, texts: list[str], folder: Path
) -> None:
    """A searchable scan may lie askew: its numbers must not be taken for a watermark."""
    raw = read_bytes(one_cell("1036", degrees), folder, reader, "ruled")
    assert [cell.text for table in raw.tables for cell in table.cells] == [*texts, "0", "0", "0"]


def one_cell(text: str, degrees: float) -> bytes:
    """A table of two rows and columns, a text set askew in its first cell and 0 in the others."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.grid([50, 150, 250], [50, 100, 150])
    for x, y in [(160, 120), (60, 70), (160, 70)]:
        canvas.drawString(x, y, "0")
    canvas.translate(70, 115)
    canvas.rotate(degrees)
    canvas.drawString(0, 0, text)
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
def test_one_character_a_line_is_one_label(reader: str, folder: Path) -> None:
    style = Style(headers="stack", side="stack", cut_rule="both", row_height=30)
    pdf = generate(Spec("示例市示例局", 2022, style=style))[0]
    raw = read_bytes(pdf, folder, reader, "ruled")
    texts = {"".join(cell.text.split()) for table in raw.tables for cell in table.cells}
    assert {"三、本年度办理结果", "结果维持", "尚未审结", "总计"} <= texts
