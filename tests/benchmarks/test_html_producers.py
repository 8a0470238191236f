"""What Chromium and WeasyPrint print is what the manuscript says, cell by cell, on the pages it asks for."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache, partial
from hashlib import sha256
from html import unescape
from importlib.util import find_spec
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus.producers import chromium, html, producer
from pipeline.extract.document import read_document
from pipeline.forms.labels import fold
from pipeline.records import Snapshot
from tools.generator import Break, Manuscript, Spec, Style, compose
from tools.generator.fonts import load_font, wrap
from tools.generator.render import Beside, Table, Text

pytestmark = pytest.mark.rendering

HERE = {
    "chromium": any(map(shutil.which, chromium.BINARIES)),
    "weasyprint": bool(find_spec("weasyprint")),
}
LOOKS = {
    "plain": Style(seal=True),
    "broken": Style(
        ruling="grey",
        cut="anywhere",
        cut_rule="none",
        headers="stack",
        side="pair",
        labels="top",
        shading=True,
        breaks=(Break("active_disclosure", 4), Break("applications", 9), Break("applications", 22, 1)),
    ),
    "turned": Style(
        table_orientation="rotate90",
        ruling="double",
        headers="rotated",
        side="rotated",
        sides=False,
        repeat_header=True,
        watermark="rotated",
        row_height=30,
    ),
    "sideways": Style(orientation="sideways", ruling="dashed", watermark="plain", side_by_side=True),
    "wide": Style(orientation="a3", ruling="boxes", swallow_heading=True, page_number=False, backing=True),
}
ANY = html.Program("any", tuple(html.TURNS))
CELL = re.compile(r"<td[^>]*>(.*?)</td>")


@pytest.fixture(scope="module", params=HERE)
def program(request: pytest.FixtureRequest) -> str:
    """One that is installed."""
    if not HERE[request.param]:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture(scope="module")
def printed(program: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The looks as printed by one program."""
    return print_looks(program, tuple(LOOKS), tmp_path_factory.mktemp(program))


def print_looks(program: str, looks: tuple[str, ...], folder: Path) -> dict[str, Path]:
    paths = {look: folder / f"{look}.pdf" for look in looks}
    producer(program).print_reports([(report_of(LOOKS[look]), path) for look, path in paths.items()])
    return paths


def report_of(style: Style) -> Manuscript:
    return compose(Spec("示例市示例局", 2022, published_on="2023-01-16", style=style))


def tables_of(report: Manuscript) -> Iterator[Table]:
    for block in report.blocks:
        match block:
            case Table():
                yield block
            case Beside():
                yield from (block.left, block.right)


def cell_texts(report: Manuscript) -> Iterator[str]:
    for table in tables_of(report):
        yield from (table.printed[cell.key] if cell.key else cell.text for cell in table.layout.cells)


def characters(text: str) -> Counter[str]:
    """How often each character stands there, radicals counted as the characters they look like."""
    return Counter(fold("".join(text.split())))


def pages_of(path: Path) -> list[str]:
    """The text of each page without white space."""
    with pypdfium2.PdfDocument(path) as document:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]


# ------------------------------------------------------------ what is printed


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_lost(printed: dict[str, Path], look: str) -> None:
    report = report_of(LOOKS[look])
    prose = "".join(block.text for block in report.blocks if isinstance(block, Text))
    wanted = characters(prose + "".join(cell_texts(report)))
    assert not wanted - characters("".join(pages_of(printed[look])))


@pytest.mark.parametrize("look", LOOKS)
def test_every_number_stands_in_its_cell(printed: dict[str, Path], look: str) -> None:
    path = printed[look]
    report = read_document(Snapshot(path, sha256(path.read_bytes()).hexdigest()))
    read = {(o.table, o.item, o.column): (o.value, o.status) for o in report.observations}
    assert read == {tuple(cell[:3]): tuple(cell[3:5]) for cell in report_of(LOOKS[look]).truth["cells"]}


def test_a_page_ends_where_it_is_planned(printed: dict[str, Path]) -> None:
    pages = pages_of(printed["broken"])

    def page_of(text: str) -> int:
        return next(number for number, page in enumerate(pages) if text in page)

    assert page_of("现行有效件数") < page_of("第二十条第（五）项")
    assert page_of("2.其他法律行政法规禁止公开") == page_of("3.危及") - 1
    assert page_of("5.要求行政机关确认或重新出具") == page_of("已获取信息") - 1


def test_pages_are_turned_as_planned(printed: dict[str, Path]) -> None:
    with pypdfium2.PdfDocument(printed["turned"]) as document:
        turns = [page.get_rotation() for page in document]
        wide = [page.get_width() > page.get_height() for page in document]
    assert {0, 90} == set(turns)
    assert wide == [turn == 90 for turn in turns]
    with pypdfium2.PdfDocument(printed["sideways"]) as document:
        assert all(page.get_rotation() == 0 and page.get_width() < page.get_height() for page in document)
    with pypdfium2.PdfDocument(printed["wide"]) as document:
        assert all(abs(page.get_width() - 1191) < 1 and abs(page.get_height() - 842) < 1 for page in document)


def test_a_header_is_repeated(printed: dict[str, Path]) -> None:
    assert sum("法人或其他组织" in page for page in pages_of(printed["turned"])) > 1
    assert sum("法人或其他组织" in page for page in pages_of(printed["plain"])) == 1


def test_same_manuscripts_same_pages(program: str, printed: dict[str, Path], tmp_path: Path) -> None:
    """Not the same bytes: Chromium may number its objects otherwise on a busy machine."""
    again = print_looks(program, ("plain", "turned"), tmp_path)
    assert {look: pages_as_seen(path) for look, path in again.items()} == {
        look: pages_as_seen(printed[look]) for look in again
    }


def pages_as_seen(path: Path) -> list[tuple[str, bytes]]:
    """The text of every page, and its picture."""
    with pypdfium2.PdfDocument(path) as document:
        return [(page.get_textpage().get_text_range(), bytes(page.render().buffer)) for page in document]


# ------------------------------------------------------- what the page says


@given(
    breaks=st.lists(
        st.builds(Break, st.just("applications"), st.integers(1, 26), st.integers(0, 2)), max_size=3
    ),
    side=st.sampled_from(["stack", "pair", "rotated", "wrap"]),
    repeat_header=st.booleans(),
)
def test_planned_breaks_lose_no_text(breaks: list[Break], side: str, repeat_header: bool) -> None:
    style = Style(side=side, repeat_header=repeat_header, ruling="rects")
    whole = characters_on_page(style)
    cut = characters_on_page(replace(style, breaks=tuple(breaks)))
    assert not whole - cut
    assert repeat_header or cut == whole


@cache
def characters_on_page(style: Style) -> Counter[str]:
    return characters("".join(texts_of(html.manuscript_to_html(report_of(style), ANY))))


def texts_of(page: str) -> list[str]:
    """The text of each cell of the page."""
    return [unescape(re.sub("<[^>]*>", "", cell)) for cell in CELL.findall(page)]


@given(st.text("（三） 不予公开0123.", max_size=30), st.floats(15, 80))
def test_lines_joined_are_the_text(text: str, width: float) -> None:
    load_font()
    lines = html.to_lines(text, width, 10.0)
    assert "".join(lines) == text
    assert [line.strip(" ") for line in lines if line.strip(" ")] == [
        line.strip(" ") for line in wrap(text, width, 10.0) if line.strip(" ")
    ]


def test_titles_and_headers_are_quoted() -> None:
    report = replace(report_of(Style(page_header='a "b" <c>')), title="<title>")
    page = html.manuscript_to_html(report, ANY)
    assert "<title>&lt;title&gt;</title>" in page
    assert r'content: "a \"b\" <c>"' in page


def test_the_same_manuscript_is_the_same_page() -> None:
    to_page = partial(html.manuscript_to_html, program=ANY)
    assert to_page(report_of(LOOKS["turned"])) == to_page(report_of(LOOKS["turned"]))


# ------------------------------------------------------------ what is missing


@pytest.mark.parametrize("program", HERE)
def test_what_a_program_cannot_print_is_named_by_fields_of_the_style(program: str) -> None:
    known = {field.name: field.default for field in fields(Style)}
    cannot = producer(program).CANNOT
    assert cannot.keys() <= known.keys()
    assert all(known[name] not in values for name, values in cannot.items())


def test_without_chromium_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="apt-get install chromium"):
        producer("chromium").print_reports([])


def test_without_weasyprint_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(RuntimeError, match="pip install weasyprint"):
        producer("weasyprint").print_reports([])


def test_a_chromium_that_prints_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "chromium").write_text("#!/bin/sh\necho no display >&2\nexit 21\n")
    (tmp_path / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RuntimeError, match=r"ended with 21 .*: no display"):
        producer("chromium").print_reports([(report_of(Style()), tmp_path / "report.pdf")])
