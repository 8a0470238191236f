"""Tables that stand in web pages, Word files and workbooks as pictures are read by the reader of scans."""

from __future__ import annotations

import io
import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline.extract.document import read_document
from pipeline.extract.opened_pdf import EngineOptions
from pipeline.installation.scan_model import TO_INSTALL
from pipeline.records import NOWHERE, PICTURE_READER, Report, Snapshot
from tests.extract.measured import WITHOUT_PICTURES, cells_of, inexact, silent_errors
from tools.generator import Spec, compose
from tools.generator.flows import FLOW_KINDS
from tools.generator.flows.content import Content, Picture, manuscript_to_content
from tools.generator.flows.files import content_to_file
from tools.generator.flows.pictured import as_pages, with_pictures

SPEC = Spec("示例市示例局", 2022, published_on="2023-01-16", sample=False)
MANUSCRIPT = compose(SPEC)
SMALL = "active_disclosure"
LARGE = "applications"
BOMB_SIDE = 30_000
needs_scan = pytest.mark.skipif("not __import__('importlib').util.find_spec('rapidocr')")


def pictured(tables: Sequence[str] = (), dpi: float = 150.0, form: str = "PNG") -> Content:
    return with_pictures(manuscript_to_content(MANUSCRIPT), tables, dpi, form)


def read(content: bytes, kind: str, folder: Path, engines: EngineOptions | None = None) -> Report:
    path = folder / f"report{FLOW_KINDS[kind].suffix}"
    path.write_bytes(content)
    snapshot = Snapshot(path, sha256(content).hexdigest(), None, FLOW_KINDS[kind].media_type)
    return read_document(snapshot, engines=engines) if engines else read_document(snapshot)


def places_of(report: Report, table: str) -> list[str]:
    return [seen.source_place for seen in report.observations if seen.table == table]


def page_with(*addresses: str) -> bytes:
    """A page with the title of a report, and with these pictures."""
    pictures = "".join(f'<p><img src="{address}"></p>' for address in addresses)
    return f"<html><body><h1>{MANUSCRIPT.title}</h1>{pictures}</body></html>".encode()


def in_page(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"


@needs_scan
@pytest.mark.parametrize(
    ("kind", "table"),
    [("html", SMALL), ("mhtml", "review_litigation"), ("docx", SMALL), ("xlsx", "review_litigation")],
)
def test_one_table_of_three_that_is_a_picture_is_read(kind: str, table: str, tmp_path: Path) -> None:
    report = read(content_to_file(pictured([table]), kind, "trs"), kind, tmp_path)
    assert inexact(report, MANUSCRIPT.truth) == []
    assert (report.status, report.missing) == ("ok", ())
    readers = {seen.table: seen.reader for seen in report.observations}
    assert [name for name, reader in readers.items() if reader == PICTURE_READER] == [table]
    assert all(place.startswith("picture 1, table 1, row ") for place in places_of(report, table))
    assert {(seen.page, seen.box) for seen in report.observations} == {(1, NOWHERE)}
    assert report.has_pictures


@needs_scan
@pytest.mark.long
@pytest.mark.parametrize("kind", ["html", "mhtml", "docx", "xlsx"])
@pytest.mark.parametrize(("dpi", "form"), [(150.0, "PNG"), (200.0, "JPEG")])
def test_all_tables_are_pictures(kind: str, dpi: float, form: str, tmp_path: Path) -> None:
    report = read(content_to_file(pictured((), dpi, form), kind, "vsb"), kind, tmp_path)
    assert silent_errors(report, MANUSCRIPT.truth) == []
    assert inexact(report, MANUSCRIPT.truth) == []
    assert report.heading.agency == SPEC.agency
    assert {seen.confirmed_by for seen in report.observations} == {"ink"}
    assert "lxml" not in {seen.confirmed_by for seen in report.observations}


@needs_scan
@pytest.mark.long
def test_a_table_goes_on_in_the_next_picture(tmp_path: Path) -> None:
    content = pictured([LARGE])
    count = sum(isinstance(block, Picture) for block in content.blocks)
    report = read(content_to_file(content, "html", "trs"), "html", tmp_path)
    assert inexact(report, MANUSCRIPT.truth) == []
    assert {place.partition(",")[0] for place in places_of(report, LARGE)} == {
        f"picture {number}" for number in range(1, count + 1)
    }


@needs_scan
@pytest.mark.long
def test_a_report_whose_pages_are_pictures_is_read_as_a_scan(tmp_path: Path) -> None:
    from tools.generator import generate

    pdf, truth = generate(SPEC)
    shown = (in_page(page.data, page.form) for page in as_pages(pdf, 150.0))
    pictures = "".join(f'<p><img src="{address}"></p>' for address in shown)
    page = f"<html><head><title>公开</title></head><body>{pictures}</body></html>".encode()
    report = read(page, "html", tmp_path)
    assert silent_errors(report, truth) == []
    assert (report.heading.agency, report.heading.fiscal_year) == (SPEC.agency, SPEC.year)
    assert cells_of(report).keys() == {tuple(row[:3]) for row in truth["cells"]}


@needs_scan
def test_a_wrong_sum_in_a_picture_is_laid_to_the_bureau(tmp_path: Path) -> None:
    wrong = (("review_litigation", "review", "total"), 77.0)
    manuscript = compose(replace(SPEC, wrong=(wrong,)))
    content = with_pictures(manuscript_to_content(manuscript), ["review_litigation"])
    report = read(content_to_file(content, "docx", ""), "docx", tmp_path)
    assert inexact(report, manuscript.truth) == []
    failed = [check for check in report.checks if check.verdict == "fail"]
    assert [check.attribution for check in failed] == ["publisher"]


@needs_scan
def test_numbers_that_the_readings_of_a_coarse_picture_share_need_a_sum(tmp_path: Path) -> None:
    report = read(content_to_file(pictured([SMALL], 66.0), "html", "trs"), "html", tmp_path)
    unheld = [seen for seen in report.observations if seen.table == SMALL]
    assert {seen.status for seen in unheld} <= {"suspect", "unreadable"}
    assert any("too few pixels" in seen.doubt for seen in unheld)


@pytest.mark.parametrize("kind", ["html", "docx", "xlsx"])
def test_without_the_extra_it_is_told_once_and_the_rest_is_read(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.extract.read.picture.line_model.problem", lambda: TO_INSTALL)
    report = read(content_to_file(pictured([SMALL]), kind, "trs"), kind, tmp_path)
    assert (report.status, report.reason, report.missing) == ("partial", "pictures", (SMALL,))
    assert f"not read: 1: {TO_INSTALL}" in report.error
    assert report.has_pictures  # so that it is read again once the extra is there
    others = [row for row in MANUSCRIPT.truth["cells"] if row[0] != SMALL]
    assert inexact(report, MANUSCRIPT.truth | {"cells": others}) == []


def test_a_report_that_lacks_nothing_reads_no_picture(tmp_path: Path) -> None:
    content = manuscript_to_content(MANUSCRIPT)
    picture = next(block for block in pictured([SMALL]).blocks if isinstance(block, Picture))
    page = content_to_file(content, "html", "trs").replace(
        b"</body>", f'<img src="{in_page(picture.data)}"></body>'.encode()
    )
    report = read(page, "html", tmp_path)
    assert (report.status, report.has_pictures) == ("ok", False)


def test_pictures_are_left_out_when_their_reader_crashed(tmp_path: Path) -> None:
    page = content_to_file(pictured([SMALL]), "html", "trs")
    report = read(page, "html", tmp_path, WITHOUT_PICTURES)
    assert (report.status, report.missing) == ("partial", (SMALL,))
    assert "was left out" in report.error


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 white pixels, in 1 MB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    packer = zlib.compressobj(9)
    row = b"\0" + b"\xff" * (BOMB_SIDE // 8)
    packed = b"".join(packer.compress(row) for _ in range(BOMB_SIDE)) + packer.flush()
    head = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def animation() -> bytes:
    kept = io.BytesIO()
    frames = [Image.new("L", (400, 300), shade) for shade in (255, 0)]
    frames[0].save(kept, "GIF", save_all=True, append_images=frames[1:])
    return kept.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (bomb(), "png", "more than 40 million pixels"),
        (animation(), "gif", "several pictures in one"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', "svg+xml", "SVG"),
        (b"\x01\0\0\0" + b"\0" * 36 + b" EMF" + b"\0" * 60, "x-emf", "EMF"),
        (b"\xd7\xcd\xc6\x9a" + b"\0" * 60, "x-wmf", "WMF"),
        (b"no picture at all", "png", "no picture of a kind"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "png", "picture 2 is not read"),
    ],
    ids=["bomb", "animation", "svg", "emf", "wmf", "text", "cut off"],
)
def test_a_picture_that_cannot_be_read_has_a_word_and_the_rest_is_read(
    data: bytes, kind: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.extract.read.picture.line_model.problem", lambda: TO_INSTALL)
    table = next(block for block in pictured([SMALL]).blocks if isinstance(block, Picture))
    report = read(page_with(in_page(table.data), in_page(data, kind)), "html", tmp_path)
    assert words in report.error
    assert "picture 2 is not read" in report.error
    assert f"not read: 1: {TO_INSTALL}" in report.error


def test_a_picture_elsewhere_is_told_and_not_fetched(tmp_path: Path) -> None:
    report = read(page_with("http://www.example.gov.cn/table.png", "./a/b.jpg"), "html", tmp_path)
    assert report.status == "no_tables"
    assert "not in the file: 2" in report.error
    assert not report.has_pictures


def archive(*parts: tuple[str, str, bytes]) -> bytes:
    """A web archive of these parts: their media types, their addresses, and their bytes."""
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="B"\r\n\r\n'
    told = (
        f"--B\r\nContent-Type: {kind}\r\nContent-Location: {address}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{b64encode(data).decode()}\r\n"
        for kind, address, data in parts
    )
    return (head + "".join(told) + "--B--\r\n").encode()


SITE = "http://www.example.gov.cn"


def test_a_frame_within_an_archive_is_read_where_the_report_is(tmp_path: Path) -> None:
    page = content_to_file(manuscript_to_content(MANUSCRIPT), "html", "trs")
    outer = (
        b"<html><body><table><tr><td>a<td>1</table><iframe src='../frame.htm?a=1&amp;b=2'></iframe></body>"
    )
    middle = b"<html><frameset><frame name=main src=inner.htm></frameset></html>"
    parts = (
        ("text/html", f"{SITE}/art/1.htm", outer),
        ("text/html", f"{SITE}/frame.htm?a=1&b=2", middle),
        ("text/html", f"{SITE}/inner.htm", page),
    )
    report = read(archive(*parts), "mhtml", tmp_path)
    assert inexact(report, MANUSCRIPT.truth) == []
    assert (report.status, report.heading.agency) == ("ok", SPEC.agency)


def test_a_frame_that_shows_itself_is_read_once(tmp_path: Path) -> None:
    outer = page_with().replace(b"</h1>", b"</h1><iframe src='1.htm'></iframe><iframe src=2.htm></iframe>")
    inner = b"<p>text</p><iframe src=1.htm></iframe><iframe src=2.htm></iframe>"
    parts = (("text/html", f"{SITE}/1.htm", outer), ("text/html", f"{SITE}/2.htm", inner))
    report = read(archive(*parts), "mhtml", tmp_path)
    assert report.status == "no_tables"


@needs_scan
@pytest.mark.parametrize(
    "address", ["pictures/a%20b.png", f"{SITE}/art/pictures/a b.png", "../other/a b.png"]
)
def test_a_picture_in_an_archive_is_found_by_its_address(address: str, tmp_path: Path) -> None:
    table = next(block for block in pictured([SMALL]).blocks if isinstance(block, Picture))
    parts = (
        ("text/html", f"{SITE}/art/1.htm", page_with(address)),
        ("image/png", f"{SITE}/art/pictures/a%20b.png", table.data),
    )
    report = read(archive(*parts), "mhtml", tmp_path)
    assert {seen.table for seen in report.observations} == {SMALL}


@needs_scan
@pytest.mark.parametrize("folder", ["report_files", "report.files"])
def test_pictures_of_a_saved_page_lie_beside_it(folder: str, tmp_path: Path) -> None:
    table = next(block for block in pictured([SMALL]).blocks if isinstance(block, Picture))
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "表 1.png").write_bytes(table.data)
    report = read(page_with(f"./{folder}/表%201.png"), "html", tmp_path)
    assert {seen.table for seen in report.observations} == {SMALL}


@pytest.mark.parametrize(
    "address", ["report_files/../1.png", "../1.png", "other/1.png", "report_files/link.png", "1.png"]
)
def test_a_page_names_no_file_but_those_in_its_folder(address: str, tmp_path: Path) -> None:
    for folder in ("report_files", "other"):
        (tmp_path / folder).mkdir()
    for name in ("1.png", "other/1.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "report_files" / "link.png").symlink_to(tmp_path / "1.png")
    report = read(page_with(address), "html", tmp_path)
    assert "not in the file: 1" in report.error


@pytest.mark.parametrize("mode", ["LA", "P", "1", "RGBA", "I;16"])
def test_a_table_is_seen_in_pictures_of_all_kinds(mode: str) -> None:
    from pipeline.extract.read.picture.loose_picture import bytes_to_page, shows_table

    table = next(block for block in pictured([SMALL]).blocks if isinstance(block, Picture))
    with Image.open(io.BytesIO(table.data)) as drawn:
        shades: Any = drawn.convert("L")
        if mode in ("LA", "RGBA"):  # ink on nothing
            ink = np.asarray(shades)
            layers = (np.zeros_like(ink),) * (len(mode) - 1) + (255 - ink,)
            shades = Image.fromarray(np.dstack(layers), mode)
        elif mode == "I;16":
            shades = Image.fromarray(np.asarray(shades).astype(np.uint16) * 257)
        else:
            shades = shades.convert(mode)
    kept = io.BytesIO()
    shades.save(kept, "PNG")
    assert shows_table(kept.getvalue())
    colours = bytes_to_page(kept.getvalue()).page.colours
    assert np.median(colours) > 200


@pytest.mark.parametrize("shade", [0, 3, 128, 255])
def test_a_picture_of_one_shade_shows_no_table(shade: int, tmp_path: Path) -> None:
    kept = io.BytesIO()
    Image.new("RGB", (900, 1200), (shade,) * 3).save(kept, "PNG")
    report = read(page_with(in_page(kept.getvalue())), "html", tmp_path)
    assert (report.status, report.observations) == ("no_tables", ())


@needs_scan
def test_light_ink_on_a_dark_ground_is_read(tmp_path: Path) -> None:
    table = next(block for block in pictured([SMALL]).blocks if isinstance(block, Picture))
    kept = io.BytesIO()
    with Image.open(io.BytesIO(table.data)) as drawn:
        ImageOps.invert(drawn.convert("RGB")).save(kept, "PNG")
    report = read(page_with(in_page(kept.getvalue())), "html", tmp_path)
    printed = [row for row in MANUSCRIPT.truth["cells"] if row[0] == SMALL]
    assert inexact(report, MANUSCRIPT.truth | {"cells": printed}) == []


@pytest.mark.parametrize("height", [200, 900])
def test_a_photograph_shows_no_table(height: int) -> None:
    from pipeline.extract.read.picture.loose_picture import shows_table

    noise = np.random.default_rng(7).integers(0, 256, (height, 640, 3), np.uint8)
    kept = io.BytesIO()
    Image.fromarray(noise).resize((1280, 2 * height)).save(kept, "JPEG")
    assert not shows_table(kept.getvalue())
