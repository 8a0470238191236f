"""What platypus and fpdf2 print is what the manuscript says, cut where it says; a cut loses nothing."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus.producers import producer
from benchmarks.corpus.producers.parts import (
    Cell,
    Part,
    Type,
    cut_part,
    page_end,
    part_to_rules,
    table_to_part,
)
from tools.generator import Break, Manuscript, Spec, Style, compose
from tools.generator.fonts import chunk
from tools.generator.render import A4, Beside, Table, Text

pytestmark = pytest.mark.rendering

PROGRAMS = [
    "reportlab",
    pytest.param("fpdf2", marks=pytest.mark.skipif(not find_spec("fpdf"), reason="fpdf2 is not installed")),
]
LOOKS = {
    "plain": Style(page_number=False),
    "broken": Style(
        page_number=False,
        ruling="grey",
        cut="anywhere",
        cut_rule="none",
        headers="stack",
        side="pair",
        labels="top",
        shading=True,
        repeat_header=True,
        cell_size=10.5,
        breaks=(Break("active_disclosure", 4), Break("applications", 17), Break("applications", 22, 1)),
    ),
    "turned": Style(
        page_number=False,
        table_orientation="sideways",
        ruling="double",
        headers="rotated",
        side="rotated",
        sides=False,
        watermark="rotated",
        seal=True,
        cut="anywhere",
    ),
    "wide": Style(
        page_number=False,
        orientation="a3",
        ruling="boxes",
        swallow_heading=True,
        backing=True,
        watermark="plain",
        side_by_side=True,
    ),
}
RULINGS = ("solid", "dashed", "dotted", "strokes", "grey", "double", "rects", "boxes", "none")
SHORT = Spec("示例市示例局", 2022, active="", applications="")


def report_of(style: Style) -> Manuscript:
    return compose(Spec("示例市示例局", 2022, published_on="2023-01-16", style=style))


def print_one(program: str, report: Manuscript, folder: Path) -> Path:
    path = folder / "report.pdf"
    producer(program).print_reports([(report, path)])
    return path


def tables_of(report: Manuscript) -> Iterator[Table]:
    for block in report.blocks:
        if isinstance(block, Table):
            yield block
        if isinstance(block, Beside):
            yield from (block.left, block.right)


def texts_of(report: Manuscript) -> Iterator[str]:
    """Every text that the manuscript prints at least once."""
    yield from (block.text for block in report.blocks if isinstance(block, Text))
    for table in tables_of(report):
        for cell in table.layout.cells:
            yield table.printed[cell.key] if cell.key else cell.text


def characters(text: str) -> Counter[str]:
    return Counter("".join(unicodedata.normalize("NFKC", text).split()))


def pages_of(path: Path) -> list[str]:
    """The text of each page without white space."""
    with pypdfium2.PdfDocument(path) as document:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_lost_and_no_digit_is_added(program: str, look: str, tmp_path: Path) -> None:
    report = report_of(LOOKS[look])
    printed = characters("".join(pages_of(print_one(program, report, tmp_path))))
    wanted = characters("".join(texts_of(report)))
    assert not wanted - printed
    assert {c: printed[c] for c in "0123456789"} == {c: wanted[c] for c in "0123456789"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_pages_end_where_the_style_wants_it(program: str, tmp_path: Path) -> None:
    breaks = (Break("applications", 10), Break("applications", 23, 1))
    pages = pages_of(print_one(program, report_of(Style(breaks=breaks, row_height=18)), tmp_path))
    assert page_with("3.危及“三安全一稳定”", pages) == page_with("2.其他法律行政法规禁止公开", pages)
    assert page_with("4.保护第三方合法权益", pages) == page_with("3.危及“三安全一稳定”", pages) + 1
    assert page_with("1.申请人无正当理由", pages) == page_with("4.保护第三方合法权益", pages)
    assert page_with("2.申请人逾期未按", pages) == page_with("1.申请人无正当理由", pages) + 1
    assert not any("1.申请人无正当理由逾期不补正、行政机关不再处理" in page for page in pages)


def page_with(text: str, pages: list[str]) -> int:
    return next(number for number, page in enumerate(pages) if text in page)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_header_is_repeated_on_every_page_of_its_table(program: str, tmp_path: Path) -> None:
    style = Style(breaks=(Break("applications", 10), Break("applications", 20)), repeat_header=True)
    pages = pages_of(print_one(program, report_of(style), tmp_path))
    labels = ("一、本年新收", "3.危及“三安", "4.保护第三方", "2.重复申请", "3.要求提供公开", "四、结转下年度")
    with_rows = {page_with(label, pages) for label in labels}
    assert len(with_rows) >= 3
    assert all("（本列数据" in pages[number] and "申请人情况" in pages[number] for number in with_rows)


@pytest.mark.parametrize("program", PROGRAMS)
def test_same_manuscript_same_bytes(program: str, tmp_path: Path) -> None:
    report = compose(replace(SHORT, published_on="2023-01-16", style=Style(seal=True, headers="rotated")))
    first = print_one(program, report, tmp_path).read_bytes()
    assert print_one(program, report, tmp_path).read_bytes() == first


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_ruling_is_a_look_of_its_own(program: str, tmp_path: Path) -> None:
    pictures = set()
    for ruling in RULINGS:
        path = print_one(program, compose(replace(SHORT, style=Style(ruling=ruling))), tmp_path)
        with pypdfium2.PdfDocument(path) as document:
            pictures.add(b"".join(page.render(scale=2).to_numpy().tobytes() for page in document))
    assert len(pictures) == len(RULINGS)


@pytest.mark.parametrize("orientation", ["rotate90", "sideways"])
def test_platypus_turns_pages(orientation: str, tmp_path: Path) -> None:
    path = print_one("reportlab", compose(replace(SHORT, style=Style(orientation=orientation))), tmp_path)
    with pypdfium2.PdfDocument(path) as document:
        assert {page.get_mediabox() for page in document} == {(0.0, 0.0, *A4)}
        assert {page.get_rotation() for page in document} == {90 if orientation == "rotate90" else 0}


def test_the_system_font_is_not_embedded(tmp_path: Path) -> None:
    embedded, system = (
        print_one("reportlab", compose(replace(SHORT, style=Style(font=font))), tmp_path).read_bytes()
        for font in ("embedded", "system")
    )
    assert b"/FontFile2" in embedded
    assert b"/FontFile" not in system
    assert b"STSong-Light" in system


@pytest.mark.parametrize("program", ["reportlab", "fpdf2"])
def test_what_a_program_cannot_print_are_fields_of_a_style(program: str) -> None:
    assert set(producer(program).CANNOT) <= {field.name for field in fields(Style)}


# --------------------------------------------------------------------- parts

SETTING = Type(10.0, lambda text, width: chunk(text, int(width // 10)), lambda text: 10.0 * len(text))


def lines_of(part: Part) -> Counter[str]:
    return Counter(line for cell in part.cells for line in cell.lines)


@given(
    room=st.floats(150, 800),
    number=st.integers(0, 2),
    style=st.builds(
        Style,
        cut=st.sampled_from(["rows", "anywhere"]),
        labels=st.sampled_from(["top", "middle"]),
        side=st.sampled_from(["stack", "rotated"]),
        row_height=st.sampled_from([18.0, 23.0, 40.0]),
    ),
)
def test_parts_fit_their_pages_and_keep_every_line(room: float, number: int, style: Style) -> None:
    table = list(tables_of(report_of(style)))[number]
    whole = rest = table_to_part(table, 451, style, SETTING)
    parts = []
    while (end := page_end(rest, room, style)) != rest.height:
        assert end
        above, rest = cut_part(rest, end, style)
        parts.append(above)
    parts.append(rest)
    assert all(part.height <= room + 0.01 for part in parts)
    assert sum((lines_of(part) for part in parts), Counter()) == lines_of(whole)


def small_part() -> Part:
    """Two columns of two rows; the first column is one cell of two lines, as high as both rows."""
    cells = (
        Cell(0, 0, 2, 1, "label", "wrap", ("上", "下"), 13.0, False),
        Cell(0, 1, 1, 1, "value", "wrap", ("1",), 13.0, False),
        Cell(1, 1, 1, 1, "value", "wrap", ("2",), 13.0, False),
    )
    return Part(cells, (50.0, 30.0), (20.0, 20.0))


def test_no_room_is_no_page_end() -> None:
    assert page_end(small_part(), -3.0, Style()) is None
    assert page_end(small_part(), 19.0, Style(cut="anywhere")) is None


def test_a_merged_cell_is_cut_in_two_with_its_lines() -> None:
    above, below = cut_part(small_part(), 20.0, Style(cut_rule="none"))
    assert [(c.row, c.row_span, c.lines) for c in above.cells] == [(0, 1, ()), (0, 1, ("1",))]
    assert [(c.row, c.row_span, c.lines) for c in below.cells] == [(0, 1, ("上", "下")), (0, 1, ("2",))]
    assert (above.bare, below.bare) == ({1}, {0})
    assert below.heights == (32.0,)


def test_rulings_go_round_merged_cells_and_leave_bare_edges_out() -> None:
    part = replace(small_part(), bare=frozenset({2}))
    assert set(part_to_rules(part, Style())) == {
        (0, 0, 80, 0),
        (50, 20, 80, 20),
        (0, 0, 0, 40),
        (50, 0, 50, 40),
        (80, 0, 80, 40),
    }
    assert set(part_to_rules(part, Style(sides=False))) == {(0, 0, 80, 0), (50, 20, 80, 20), (50, 0, 50, 40)}
