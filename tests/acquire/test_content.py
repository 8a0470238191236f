"""What the bytes say: what a file is that is not read, and what looks damaged."""

from __future__ import annotations

import errno
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.acquire.content import bytes_to_damage, file_to_content
from pipeline.acquire.media_types import bytes_to_kind

SHARED = Path(__file__).parents[2].parent / "shared"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def content_of(tmp_path: Path, data: bytes) -> tuple[str, str]:
    file = tmp_path / "file.pdf"
    file.write_bytes(data)
    content = file_to_content(file)
    return content.problem, content.hint


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a compound file"),
        (b"{\\rtf1\\ansi", "an RTF text, which is not read: save it as .docx"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        ("政府信息公开工作年度报告".encode(), "plain text, which is not read"),
        (b"\x00\x01\x02\x03rest", "a file of no kind that is known"),
    ],
)
def test_what_a_file_is_that_is_not_read(tmp_path: Path, data: bytes, says: str) -> None:
    problem, hint = content_of(tmp_path, data)
    assert says in problem
    assert hint == ""


@pytest.mark.parametrize("data", [b"<!DOCTYPE html><html><body>404", b"\xef\xbb\xbf\r\n<HTML>"])
def test_a_page_is_read_whatever_its_name(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "named.pdf"
    file.write_bytes(data)
    content = file_to_content(file)
    assert (content.problem, content.hint, content.media_type) == ("", "", "text/html")


def test_a_whole_pdf_has_neither_problem_nor_hint(tmp_path: Path) -> None:
    assert content_of(tmp_path, PDF) == ("", "")


def test_bytes_before_the_header_are_forgiven(tmp_path: Path) -> None:
    assert content_of(tmp_path, b"\r\n" * 40 + PDF) == ("", "")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (PDF[:30], "no end mark"),
        (PDF.replace(b"\n9\n", b"\n99999\n"), "points at byte 99999"),
        (PDF.replace(b"\n9\n", b"\n20\n"), "the cross-reference table is not where the file says"),
    ],
)
def test_what_looks_damaged_is_a_hint_and_the_reader_decides(tmp_path: Path, data: bytes, says: str) -> None:
    problem, hint = content_of(tmp_path, data)
    assert problem == ""
    assert says in hint


def binary_pdf() -> bytes:
    stream = zlib.compress(bytes(i * i % 251 for i in range(5000)))
    return PDF.replace(b"<<>>\n", b"<</Filter/FlateDecode>>stream\n" + stream + b"\nendstream\n")


def test_a_pdf_sent_as_text_is_recognised(tmp_path: Path) -> None:
    sound = binary_pdf()
    for damaged in (sound.decode("latin-1").encode(), sound.decode("utf-8", "replace").encode()):
        assert "re-coded as UTF-8" in content_of(tmp_path, damaged)[0]
    assert content_of(tmp_path, sound) == ("", "")


def test_chinese_metadata_alone_is_no_damage(tmp_path: Path) -> None:
    metadata = PDF.replace(b"<<>>", b"<< %s >>" % ("标题".encode() + b" " * 100))
    assert content_of(tmp_path, metadata)[0] == ""


@pytest.mark.parametrize(
    "data", [b"a secret of somebody", b"\x00a secret", b"a secret\x01", "一个秘密 a secret".encode()]
)
def test_no_bytes_of_what_is_no_pdf_are_told(tmp_path: Path, data: bytes) -> None:
    problem, _ = content_of(tmp_path, data)
    assert "which is not read" in problem
    assert "secret" not in problem
    assert data[:2].hex(" ") not in problem


def test_an_error_in_the_midst_of_reading_costs_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = iter([b"%PDF-1.4"])

    def read(descriptor: int, length: int) -> bytes:
        for piece in pieces:
            return piece
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.files.regular_file.os.read", read)
        problem, _ = content_of(tmp_path, PDF)
    assert problem == "cannot be opened (Input/output error): check the file and its rights"


def test_bytes_give_what_their_file_gives(tmp_path: Path) -> None:
    file = tmp_path / "file.pdf"
    for data in (PDF, PDF[:30], PDF.replace(b"\n9\n", b"\n20\n"), b"", b"<html>", binary_pdf()):
        file.write_bytes(data)
        assert bytes_to_damage(data) == file_to_content(file).damage


@given(st.binary(max_size=3000))
def test_any_bytes_give_an_answer(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    problem, _ = content_of(tmp_path_factory.getbasetemp(), data)
    assert problem or bytes_to_kind(data).use in ("read", "container")


def test_the_hostile_files_that_bytes_alone_unmask() -> None:
    folder = SHARED / "hostile"
    if not folder.is_dir():
        pytest.skip("shared/hostile is not beside this checkout")
    assert "re-coded as UTF-8" in file_to_content(folder / "m05_utf8.pdf").problem
    assert "cross-reference table" in file_to_content(folder / "m03_dupblock.pdf").hint
    assert file_to_content(folder / "s03_html.pdf").media_type == "text/html"
