"""What LibreOffice and typst print is what the manuscript says, cell by cell, on the pages it asks for."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pypdfium2
import pytest

from benchmarks.corpus.producers import producer
from benchmarks.corpus.producers.office import fix_identity
from pipeline.extract.document import read_document
from pipeline.records import Snapshot
from tools.generator import Break, Manuscript, Spec, Style, compose
from tools.generator.render import Beside, Table, Text

pytestmark = pytest.mark.rendering

HERE = {
    "libreoffice": bool(shutil.which("soffice") or shutil.which("libreoffice")) and find_spec("docx"),
    "typst": find_spec("typst"),
}
LOOKS = {
    "plain": Style(),
    "broken": Style(
        ruling="grey",
        cut="anywhere",
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
        seal=True,
    ),
    "sideways": Style(orientation="sideways", ruling="dashed", watermark="plain", side_by_side=True),
    "wide": Style(orientation="a3", ruling="dotted", swallow_heading=True, page_number=False, backing=True),
}


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
    producer(program).print_reports([(report_of(look), path) for look, path in paths.items()])
    return paths


def report_of(look: str) -> Manuscript:
    return compose(Spec("示例市示例局", 2022, published_on="2023-01-16", style=LOOKS[look]))


def texts_of(report: Manuscript) -> Iterator[str]:
    """Every text that the manuscript prints once."""
    for block in report.blocks:
        if isinstance(block, Text):
            yield block.text
        tables = [block] if isinstance(block, Table) else []
        tables += [block.left, block.right] if isinstance(block, Beside) else []
        for table in tables:
            for cell in table.layout.cells:
                yield table.printed[cell.key] if cell.key else cell.text


def digits_of(texts: Iterator[str]) -> Counter[str]:
    return Counter(c for text in texts for c in unicodedata.normalize("NFKC", text) if c in "0123456789")


def pages_of(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("look", LOOKS)
def test_every_digit_of_the_manuscript_is_printed_once(printed: dict[str, Path], look: str) -> None:
    report, pages = report_of(look), pages_of(printed[look])
    numbers = [f"{number}" for number in range(1, len(pages) + 1)] if report.style.page_number else []
    assert digits_of(iter(pages)) == digits_of(iter([*texts_of(report), *numbers]))


@pytest.mark.parametrize("look", LOOKS)
def test_every_number_stands_in_its_cell(printed: dict[str, Path], look: str) -> None:
    path = printed[look]
    report = read_document(Snapshot(path, sha256(path.read_bytes()).hexdigest()))
    read = {(o.table, o.item, o.column): (o.value, o.status) for o in report.observations}
    assert read == {tuple(cell[:3]): tuple(cell[3:5]) for cell in report_of(look).truth["cells"]}


def test_a_page_ends_where_it_is_planned(printed: dict[str, Path]) -> None:
    pages = ["".join(page.split()) for page in pages_of(printed["broken"])]

    def page_of(text: str) -> int:
        return next(number for number, page in enumerate(pages) if text in page)

    assert page_of("现行有效件数") < page_of("第二十条第（五）项")
    assert page_of("1.属于国家秘密") < page_of("3.危及")
    assert page_of("5.要求行政机关确认或重新出具") < page_of("已获取信息")


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
    pages = ["".join(page.split()) for page in pages_of(printed["turned"])]
    assert sum("法人或其他组织" in page for page in pages) > 1
    assert sum("法人或其他组织" in "".join(p.split()) for p in pages_of(printed["plain"])) == 1


def test_same_manuscripts_same_bytes(program: str, printed: dict[str, Path], tmp_path: Path) -> None:
    again = print_looks(program, ("plain", "turned"), tmp_path)
    assert [look for look, path in again.items() if path.read_bytes() != printed[look].read_bytes()] == []


@pytest.mark.parametrize("program", HERE)
def test_what_a_program_cannot_print_is_named_by_fields_of_the_style(program: str) -> None:
    known = {field.name: field.default for field in fields(Style)}
    cannot = producer(program).CANNOT
    assert cannot.keys() <= known.keys()
    assert all(known[name] not in values for name, values in cannot.items())


def test_without_libreoffice_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="apt-get install libreoffice-writer"):
        producer("libreoffice").print_reports([])


def test_without_typst_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(RuntimeError, match="pip install typst"):
        producer("typst").print_reports([])


def test_a_program_that_prints_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("docx")
    (tmp_path / "soffice").write_text("#!/bin/sh\necho no filter for this >&2\nexit 81\n")
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RuntimeError, match=r"0 of 1 documents \(exit status 81\): no filter for this"):
        producer("libreoffice").print_reports([(report_of("plain"), tmp_path / "report.pdf")])


def test_dates_and_identifiers_follow_from_the_content(tmp_path: Path) -> None:
    def fixed(date: str, identifier: str, content: str) -> bytes:
        path = tmp_path / "x.pdf"
        path.write_text(
            f"{content}\n/CreationDate(D:{date}Z')>>\ntrailer <</ID [ <{identifier}>\n<{identifier}> ]\n"
            f"/DocChecksum /{identifier}\n>>"
        )
        fix_identity(path)
        return path.read_bytes()

    first = fixed("20261122102638", "B37E45A89D3BED67DCEAA03C0DE440F2", "stream")
    assert b"D:20240101000000Z" in first and b"B37E45" not in first
    assert first == fixed("20270101000000", "1B451760CD8C299981FD2DD0CF5C3225", "stream")
    other = fixed("20270101000000", "1B451760CD8C299981FD2DD0CF5C3225", "Stream")
    assert len(other) == len(first) and other.split(b"trailer")[1] != first.split(b"trailer")[1]
