"""What kind of file bytes are: each kind of the file by an example, whatever the name says."""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files

import pytest

from pipeline.acquire.media_types import (
    bytes_to_kind,
    is_left,
    is_ours,
    is_page,
    media_type_to_kind,
    name_to_kind,
    page_to_folders,
    read_media_types,
)
from pipeline.extract.opened_flow import FLOW_READERS
from pipeline.records import PDF_MEDIA_TYPE
from tests.acquire.compound_files import compound_file

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def packed(content_type: str = "", **members: bytes) -> bytes:
    """A ZIP archive; with a content type an Open Packaging file whose main part has it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        if content_type:
            archive.writestr(
                "[Content_Types].xml", f'<Types><Override ContentType="{content_type}"/></Types>'
            )
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return content.getvalue()


MHTML = b"""From: <Saved by Blink>\r
Subject: =?utf-8?Q?=E6=8A=A5=E5=91=8A?=\r
MIME-Version: 1.0\r
Content-Type: multipart/related;\r
\ttype="text/html";\r
\tboundary="----b"\r
\r
------b\r
Content-Type: text/html\r
\r
<html></html>\r
"""


@pytest.mark.parametrize(
    ("data", "media_type", "use"),
    [
        (b"%PDF-1.4\n", PDF_MEDIA_TYPE, "read"),
        (b"\r\n" * 40 + b"%PDF-1.4\n", PDF_MEDIA_TYPE, "read"),
        (b"<html><body>", "text/html", "read"),
        (b"\r\n\r\n  <!-- made by TRS -->\n<!doctype HTML PUBLIC", "text/html", "read"),
        (b'<?xml version="1.0" encoding="gb2312"?>\n<!DOCTYPE html PUBLIC', "text/html", "read"),
        (b"\xef\xbb\xbf<meta charset=utf-8>", "text/html", "read"),
        ("\ufeff<html>".encode("utf-16-le"), "text/html", "read"),
        ("\ufeff<html>".encode("utf-16-be"), "text/html", "read"),
        ("报告\n<table border=1>".encode("gb18030"), "text/html", "read"),
        (b'<div class="content"><table>', "text/html", "read"),
        (b'<html xmlns:o="urn:schemas-microsoft-com:office:office">', "text/html", "read"),
        (MHTML, "multipart/related", "read"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related; boundary=b\n",
         "multipart/related", "read"),
        (packed(f"{WORD}.main+xml"), WORD, "read"),
        (packed("application/vnd.ms-word.document.macroEnabled.main+xml"), WORD, "read"),
        (packed(f"{EXCEL}.main+xml", report__pdf=b"%PDF-1.4"), EXCEL, "read"),
        (packed("application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
         "application/vnd.ms-excel.sheet.binary.macroEnabled.12", "refused"),
        (packed("application/other"), "application/octet-stream", "refused"),
        (packed(OFD__xml=b""), "application/ofd", "refused"),
        (packed(mimetype=b"application/epub+zip"), "application/vnd.oasis.opendocument.text", "refused"),
        (packed(one__pdf=b"%PDF-1.4"), "application/zip", "container"),
        (b"PK\x03\x04 cut off", "application/zip", "container"),
        (compound_file("WordDocument", "1Table"), "application/msword", "read"),
        (compound_file("Workbook"), "application/vnd.ms-excel", "read"),
        (compound_file("Book"), "application/vnd.ms-excel", "read"),
        (compound_file("EncryptedPackage", "EncryptionInfo"), "application/x-ole-storage", "refused"),
        (compound_file("PowerPoint Document"), "application/vnd.ms-powerpoint", "other"),
        (compound_file("WordDocument")[:600], "application/x-ole-storage", "refused"),
        (b"{\\rtf1", "application/rtf", "refused"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?>', "application/xml", "refused"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:', "application/xml", "refused"),
        (b"<?xml version='1.0'?><urlset>", "application/xml", "other"),
        (b"Rar!\x1a\x07", "application/vnd.rar", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "archive"),
        (b"\x1f\x8b\x08", "application/gzip", "archive"),
        (b"one.pdf" + bytes(250) + b"ustar", "application/x-tar", "archive"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "other"),
        (b"\x89PNG\r\n", "image/png", "other"),
        (b"<svg xmlns=", "image/svg+xml", "other"),
        ("工作年度报告".encode(), "text/plain", "other"),
        ("工作年度报告".encode("gb18030"), "text/plain", "other"),
        (b"\x00\x01\x02<table>", "application/octet-stream", "other"),
        (b"", "text/plain", "other"),
    ],
)  # fmt: skip
def test_the_kind_of_bytes(data: bytes, media_type: str, use: str) -> None:
    kind = bytes_to_kind(data)
    assert (kind.media_type, kind.use) == (media_type, use)
    assert bool(kind.problem) == (use not in ("read", "container"))


def test_a_sheet_within_a_word_file_leaves_it_a_word_file() -> None:
    assert bytes_to_kind(compound_file("WordDocument", within="Workbook")).media_type == "application/msword"
    excel = bytes_to_kind(compound_file("Workbook", within="WordDocument"))
    assert excel.media_type == "application/vnd.ms-excel"
    assert bytes_to_kind(compound_file("Other", within="WordDocument")).use == "refused"


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("pipeline.tables", "codebook.html"),
        ("pipeline.compare", "page.html"),
        ("pipeline.inspection", "page.html"),
    ],
)
def test_pages_of_this_program_are_no_reports(package: str, name: str) -> None:
    page = files(package).joinpath(name).read_bytes()
    assert bytes_to_kind(page).words == "a page of this program"


def test_what_has_a_reader_is_read() -> None:
    assert set(FLOW_READERS) | {PDF_MEDIA_TYPE} <= read_media_types() | {"application/ofd"}


def test_a_media_type_is_that_of_the_kind_that_is_read() -> None:
    for media_type in read_media_types():
        assert media_type_to_kind(media_type).use == "read"
    with pytest.raises(KeyError):
        media_type_to_kind("text/none")


def test_names() -> None:
    kinds = {name: name_to_kind(name) for name in ("a.PDF", "b.tar.gz", "c.wps", "d.et", ".html", "none")}
    assert {name: kind and kind.media_type for name, kind in kinds.items()} == {
        "a.PDF": PDF_MEDIA_TYPE, "b.tar.gz": "application/gzip", "c.wps": "application/msword",
        "d.et": "application/vnd.ms-excel", ".html": None, "none": None,
    }  # fmt: skip
    left = [is_left(name) for name in ("desktop.ini", "thumbs.DB", "~$报告.docx", "报告.docx")]
    assert left == [True, True, True, False]
    assert [is_ours(name) for name in ("samples.sha256", "ledger.sqlite-wal", "o.sqlite")] == [
        True,
        True,
        False,
    ]
    assert is_page("报告.HTM")
    assert "报告_files" in page_to_folders("报告.HTM")
