"""ZIP archives, and PDFs one behind the other: every PDF in them is a document of its own."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from pipeline.acquire.files import paths_to_documents, paths_to_files
from pipeline.files.regular_file import DOCUMENT_MAX_BYTES
from tests.run.small_pdfs import text_pdf

ONE, TWO = text_pdf([["one"]]), text_pdf([["two"]])


def zipped(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return content.getvalue()


@pytest.mark.parametrize("name", ["archive.zip", "named.pdf"])
def test_every_pdf_in_an_archive_is_a_document(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(zipped(**{"one.pdf": ONE, "sub__two.PDF": TWO, "list.txt": b"no PDF"}))
    documents = paths_to_documents([tmp_path])
    assert [d.source_file.removeprefix(f"{tmp_path.name}/") for d in documents] == [
        f"{name}/one.pdf", f"{name}/sub/two.PDF",
    ]  # fmt: skip
    assert [document.snapshot.path.read_bytes() for document in documents] == [ONE, TWO]
    assert [document.problem for document in documents] == ["", ""]


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n \n"])
def test_pdfs_one_behind_the_other_are_documents(tmp_path: Path, between: bytes) -> None:
    (tmp_path / "both.pdf").write_bytes(ONE.rstrip() + between + TWO)
    documents = paths_to_documents([tmp_path])
    assert [d.source_file.split("both.pdf")[1] for d in documents] == ["/1.pdf", "/2.pdf"]
    assert documents[1].snapshot.path.read_bytes() == TWO
    assert [document.hint for document in documents] == ["", ""]


def test_what_was_added_to_a_pdf_is_no_second_one(tmp_path: Path) -> None:
    added = ONE + b"\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\nstartxref\n9\n%%EOF\n"
    (tmp_path / "added.pdf").write_bytes(added)
    assert len(paths_to_documents([tmp_path])) == 1


def test_names_of_programs_on_windows_are_gbk(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo("xx.pdf")
        archive.writestr(info, ONE)
    raw = content.getvalue().replace(b"xx.pdf", "报.pdf".encode("gb18030"))
    (tmp_path / "archive.zip").write_bytes(raw)
    (document,) = paths_to_documents([tmp_path])
    assert document.source_file.endswith("archive.zip/报.pdf")


@pytest.mark.parametrize(
    "content",
    [
        zipped(**{"list.txt": b"no PDF"}),
        zipped(**{"[Content_Types].xml": b"<x/>", "one.pdf": ONE}),
        b"PK\x03\x04cut",
    ],
    ids=["no-pdf", "office", "cut-off"],
)
def test_an_archive_without_pdfs_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "named.pdf").write_bytes(content)
    (document,) = paths_to_documents([tmp_path])
    assert "ZIP archive" in document.problem
    (tmp_path / "named.pdf").rename(tmp_path / "archive.zip")
    found = paths_to_files([tmp_path])
    assert not found.documents
    assert "an archive without a PDF" in found.passed_over[0]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = b"%PDF-1.4\n" + bytes(40 << 20)
    (tmp_path / "archive.zip").write_bytes(zipped(**{"bomb.pdf": bomb, "one.pdf": ONE}))
    documents = paths_to_documents([tmp_path], 10 << 20)
    assert [document.source_file.rsplit("/", 1)[-1] for document in documents] == ["one.pdf"]
    assert len(paths_to_documents([tmp_path], DOCUMENT_MAX_BYTES)) == 2


def test_a_name_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_bytes(zipped(**{"..__..__one.pdf": ONE}))
    (document,) = paths_to_documents([tmp_path])
    assert document.source_file.endswith("archive.zip/one.pdf")
    assert not (tmp_path.parent.parent / "one.pdf").exists()
