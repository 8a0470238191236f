"""ZIP archives, and PDFs one behind the other: every document in them is one of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from signal import SIGKILL

import pytest

from pipeline.acquire.containers import ARCHIVE_DEPTH_MAX, ARCHIVE_MEMBERS_MAX
from pipeline.acquire.files import paths_to_documents, paths_to_files
from pipeline.errors import PathError
from pipeline.files.regular_file import CHUNK, DOCUMENT_MAX_BYTES
from tests.run.small_pdfs import text_pdf

ONE, TWO, THREE, FOUR = (text_pdf([[word]]) for word in ("one", "two", "three", "four"))


PAGE = b"<!DOCTYPE html><html><body>report</body></html>"
WORD = (
    b'<Types><Override PartName="/word/document.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)


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


TAR_HEAD = bytes(900) + b"two.pdf" + bytes(505)


@pytest.mark.parametrize(
    "between",
    [
        b"", b"\n", b"\r\n \n", b"\n" * 200, b"\n--part\nContent-Type: application/pdf\n\n", TAR_HEAD,
        bytes(CHUNK + 7), b"\nX-Header: " + b"a" * (2 * CHUNK),
    ],
    ids=len,
)  # fmt: skip
def test_pdfs_one_behind_the_other_are_documents(tmp_path: Path, between: bytes) -> None:
    (tmp_path / "both.pdf").write_bytes(ONE.rstrip() + between + TWO)
    documents = paths_to_documents([tmp_path])
    assert [d.source_file.split("both.pdf")[1] for d in documents] == ["/1.pdf", "/2.pdf"]
    assert [document.snapshot.path.read_bytes() for document in documents] == [ONE.rstrip(), TWO]
    assert [document.hint for document in documents] == ["", ""]


def test_what_was_added_to_a_pdf_is_no_second_one(tmp_path: Path) -> None:
    added = ONE + b"\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\nstartxref\n9\n%%EOF\n"
    (tmp_path / "added.pdf").write_bytes(added)
    assert len(paths_to_documents([tmp_path])) == 1


@pytest.mark.parametrize("ends", [b"\n%%EOF\n", b""])
def test_a_pdf_within_a_pdf_is_no_second_one(tmp_path: Path, ends: bytes) -> None:
    """Such as one that is attached: it lies in an object."""
    within = ONE + ends + b"9 0 obj\n<</Length 9>>\nstream\n" + TWO + b"\nendstream\nendobj\n%%EOF\n"
    (tmp_path / "within.pdf").write_bytes(within)
    assert len(paths_to_documents([tmp_path])) == 1


def test_pdfs_one_behind_the_other_in_an_archive_are_documents(tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_bytes(zipped(**{"both.pdf": ONE + TWO}))
    assert problems(tmp_path) == {"both.pdf/1.pdf": "", "both.pdf/2.pdf": ""}
    (document,) = paths_to_documents([tmp_path / "archive.zip/both.pdf/2.pdf"])
    assert document.snapshot.path.read_bytes() == TWO


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
    ("content", "what"),
    [
        (
            zipped(**{"list.txt": b"", "a__b.CSS": b"", "c": b""}),
            "without a document, with 3 files that are no",
        ),
        (zipped(**{"__MACOSX__._one.pdf": b"\x00\x05\x16\x07", ".two.pdf": TWO}), "with nothing in it"),
        (zipped(), "a ZIP archive with nothing in it"),
    ],
    ids=["no-document", "hidden", "empty"],
)
def test_an_archive_without_documents_is_told(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "named.pdf").write_bytes(content)
    (document,) = paths_to_documents([tmp_path])
    assert what in document.problem
    archive = (tmp_path / "named.pdf").rename(tmp_path / "archive.zip")
    found = paths_to_files([tmp_path])
    assert not found.documents
    assert what in found.passed_over[0]
    (document,) = paths_to_documents([archive])
    assert what in document.problem


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (zipped(**{"[Content_Types].xml": b"<x/>", "one.pdf": ONE}), "a Word or Excel file of another kind"),
        (zipped(**{"OFD.xml": b"<x/>", "Doc_0__one.pdf": ONE}), "an OFD document, which is not read: export"),
    ],
    ids=["office", "ofd"],
)
def test_a_document_that_is_packed_as_an_archive_is_none(tmp_path: Path, content: bytes, what: str) -> None:
    for name in ("named.pdf", "archive.zip"):
        (tmp_path / name).write_bytes(content)
        (document,) = paths_to_documents([tmp_path / name])
        assert what in document.problem
    (document,) = paths_to_documents([tmp_path])  # the two have one content
    assert what in document.problem


def test_documents_of_every_kind_in_an_archive_are_documents(tmp_path: Path) -> None:
    word = zipped(**{"[Content_Types].xml": WORD})
    members = {
        "one.pdf": ONE,
        "a__two.html": PAGE,
        "a__three.docx": word,
        "four": PAGE + b"4",
        "logo.png": b"",
    }
    (tmp_path / "archive.zip").write_bytes(zipped(**members))
    found = paths_to_files([tmp_path])
    assert {document.path.name: document.snapshot.media_type for document in found.documents} == {
        "one.pdf": "application/pdf",
        "two.html": "text/html",
        "three.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "four": "text/html",
    }
    assert [document.problem for document in found.documents] == [""] * 4
    ends = sorted(document.snapshot.path.suffix for document in found.documents)
    assert ends == [".docx", ".html", ".html", ".pdf"]
    assert "with 1 file that is no report beside its documents: logo.png" in found.passed_over[0]
    (document,) = paths_to_documents([tmp_path / "archive.zip/a/three.docx"])
    assert document.snapshot.path.read_bytes() == word


def test_the_parts_of_a_saved_page_in_an_archive_are_no_documents(tmp_path: Path) -> None:
    members = {
        "a__报告.html": PAGE,
        "a__报告_files__frame.html": PAGE + b"2",
        "a__报告_files__x.js": b"<table>",
    }
    (tmp_path / "archive.zip").write_bytes(zipped(**members))
    found = paths_to_files([tmp_path])
    assert [document.path.name for document in found.documents] == ["报告.html"]
    assert "with 2 files that are no reports" in found.passed_over[0]


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"Rar!\x1a", "a RAR archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"MZ", "unpacks itself"),
        (b"", "empty"),
    ],
)
def test_what_is_no_zip_archive_is_told_by_what_it_is(tmp_path: Path, head: bytes, what: str) -> None:
    (tmp_path / "archive.zip").write_bytes(head)
    (document,) = paths_to_documents([tmp_path])
    assert what in document.problem


def test_archives_of_other_kinds_in_a_folder_are_told(tmp_path: Path) -> None:
    for name in ("one.pdf", "a.rar", "b.7z", "c.tar.gz", "d.txt"):
        (tmp_path / name).write_bytes(ONE)
    *archives, others = sorted(paths_to_files([tmp_path]).passed_over, key=lambda note: note.startswith("1"))
    assert [Path(note.partition(":")[0]).name for note in archives] == ["a.rar", "b.7z", "c.tar.gz"]
    assert "unpack it by hand" in archives[0]
    assert others == "1 file is not a report: d.txt"


def problems(folder: Path, largest: int = DOCUMENT_MAX_BYTES) -> dict[str, str]:
    """What is said of each document, by its name in its archive."""
    documents = paths_to_documents([folder], largest)
    return {document.source_file.partition("archive.zip/")[2]: document.problem for document in documents}


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = b"%PDF-1.4\n" + bytes(40 << 20)
    (tmp_path / "archive.zip").write_bytes(zipped(**{"bomb.pdf": bomb, "one.pdf": ONE}))
    told = problems(tmp_path, 10 << 20)
    assert told.pop("one.pdf") == ""
    assert told.keys() == {"bomb.pdf"}
    assert "no more than 10,485,760 are unpacked" in told["bomb.pdf"]
    assert problems(tmp_path) == {"bomb.pdf": "", "one.pdf": ""}


def test_many_members_share_what_may_be_unpacked(tmp_path: Path) -> None:
    large = {f"{n}.pdf": b"%PDF-1.4\n" + bytes([n]) * (4 << 20) for n in range(5)}
    (tmp_path / "archive.zip").write_bytes(zipped(**large))
    assert ["are unpacked" in why for why in problems(tmp_path, 10 << 20).values()] == [False] * 2 + [
        True
    ] * 3


def test_too_many_members_are_one_error(tmp_path: Path) -> None:
    members = {f"{n}.pdf": ONE[:9] for n in range(ARCHIVE_MEMBERS_MAX + 1)}
    (tmp_path / "archive.zip").write_bytes(zipped(**members))
    (document,) = paths_to_documents([tmp_path])
    assert document.source_file.endswith("archive.zip")
    assert "a ZIP archive of 2,001 members, more than 2,000: unpack it by hand" in document.problem


def test_what_is_not_unpacked_is_told_and_costs_nothing_else(tmp_path: Path) -> None:
    raw = zipped(
        **{"locked.pdf": TWO, "no.pdf": b"text", "one.pdf": ONE, "inner.rar": b"Rar!", "inner.zip": b"PK\3\4"}
    )
    locked = bytearray(raw)
    locked[raw.rindex(b"locked.pdf") - 46 + 8] |= 1  # its flags in the list of members
    (tmp_path / "archive.zip").write_bytes(locked)
    told = problems(tmp_path)
    assert told.pop("one.pdf") == ""
    assert {name: why.partition(":")[0] for name, why in told.items()} == {
        "locked.pdf": "encrypted within its archive",
        "no.pdf": "plain text, which is not read",
        "inner.rar": "an archive within an archive",
        "inner.zip": "cannot be unpacked (File is not a zip file)",
    }


def test_archives_within_archives_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inner = zipped(**{"one.pdf": ONE, "sub__both.pdf": TWO + THREE, "list.txt": b""})
    Path("outer.zip").write_bytes(zipped(**{"a__inner.zip": inner, "named.pdf": zipped(**{"4.pdf": FOUR})}))
    found = paths_to_files([Path("outer.zip")])
    assert {document.source_file: document.problem for document in found.documents} == {
        "outer.zip/a/inner.zip/one.pdf": "", "outer.zip/a/inner.zip/sub/both.pdf/1.pdf": "",
        "outer.zip/a/inner.zip/sub/both.pdf/2.pdf": "", "outer.zip/named.pdf/4.pdf": "",
    }  # fmt: skip
    assert "with 1 file that is no report beside its documents: a/inner.zip/list.txt" in found.passed_over[0]
    (document,) = paths_to_documents([Path("outer.zip/a/inner.zip/sub/both.pdf/2.pdf")])
    assert document.snapshot.path.read_bytes() == THREE


def nested(depth: int, content: bytes) -> bytes:
    """An archive in so many others."""
    return zipped(**{"in.zip": nested(depth - 1, content)}) if depth else content


def test_archives_within_archives_are_unpacked_so_deep_and_no_deeper(tmp_path: Path) -> None:
    deepest = nested(ARCHIVE_DEPTH_MAX, zipped(**{"one.pdf": ONE}))
    (tmp_path / "archive.zip").write_bytes(deepest)
    assert {name: why.partition(":")[0] for name, why in problems(tmp_path).items()} == {
        "in.zip/in.zip/in.zip": "an archive within 3 others"
    }
    (tmp_path / "archive.zip").write_bytes(nested(ARCHIVE_DEPTH_MAX - 1, zipped(**{"one.pdf": ONE})))
    assert problems(tmp_path) == {"in.zip/in.zip/one.pdf": ""}


def test_archives_within_an_archive_share_what_may_be_unpacked(tmp_path: Path) -> None:
    bomb = zipped(**{"bomb.pdf": b"%PDF-1.4\n" + bytes(40 << 20)})
    full = zipped(**{f"{n}.pdf": ONE[:9] for n in range(ARCHIVE_MEMBERS_MAX // 2)})
    few = zipped(**{"one.pdf": ONE})
    members = {"1.zip": few, "2.zip": bomb, "3.zip": full, "4.zip": full, "5.pdf": TWO}
    (tmp_path / "archive.zip").write_bytes(zipped(**members))
    told = problems(tmp_path, 10 << 20)
    assert (told["1.zip/one.pdf"], told["5.pdf"]) == ("", "")
    assert "are unpacked: raise document_mb" in told["2.zip/bomb.pdf"]
    assert "a ZIP archive of 1,000 members, more than 99" in told["4.zip"]


def test_a_document_within_an_archive_that_is_packed_as_one_is_told(tmp_path: Path) -> None:
    office = zipped(**{"[Content_Types].xml": b"<x/>"})
    (tmp_path / "archive.zip").write_bytes(zipped(**{"a.zip": office, "b.docx": office, "one.pdf": ONE}))
    assert "a Word or Excel file" in problems(tmp_path)["a.zip"]
    assert paths_to_files([tmp_path]).passed_over == ()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_without_bounds_is_told(tmp_path: Path, method: int) -> None:
    """bzip2 and LZMA give as many bytes as a few of theirs stand for, however few are asked for."""
    with zipfile.ZipFile(tmp_path / "archive.zip", "w", method) as archive:
        archive.writestr("one.pdf", ONE)
    assert problems(tmp_path)["one.pdf"].startswith("packed in a way that is not unpacked here")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04cut", "that cannot be unpacked"),
        (zipped(**{"one.pdf": ONE, "two.pdf": TWO})[:-30], "that cannot be unpacked"),
        (
            ONE + b"\n%%EOF" + b"%PDF-1.4\n%%EOF" * ARCHIVE_MEMBERS_MAX + ONE,
            "2,002 PDFs one behind the other",
        ),
    ],
    ids=["cut-off", "without-its-end", "many-pdfs"],
)
def test_a_container_that_cannot_be_unpacked_is_an_error(tmp_path: Path, content: bytes, why: str) -> None:
    for name in ("archive.zip", "named.pdf"):
        (tmp_path / name).write_bytes(content)
        (document,) = paths_to_documents([tmp_path / name])
        assert why in document.problem


def test_a_damaged_member_costs_no_other(tmp_path: Path) -> None:
    raw = bytearray(zipped(**{"one.pdf": ONE, "two.pdf": TWO}))
    raw[60:80] = bytes(20)
    (tmp_path / "archive.zip").write_bytes(raw)
    told = problems(tmp_path)
    assert told["two.pdf"] == ""
    assert "cannot be unpacked" in told["one.pdf"]


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        for data in (ONE, TWO):
            archive.writestr("a.pdf", data)
    (tmp_path / "archive.zip").write_bytes(content.getvalue())
    assert problems(tmp_path).keys() == {"a.pdf", "2/a.pdf"}


@pytest.mark.kills
def test_what_a_killed_run_unpacked_goes_when_the_next_unpacks(tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_bytes(zipped(**{"one.pdf": ONE}))
    (tmp_path / "temporary").mkdir()
    code = (
        "import os, sys; from pathlib import Path; from pipeline.acquire.files import paths_to_documents; "
        "(one,) = paths_to_documents([Path(sys.argv[1])]); print(one.snapshot.path.parent, flush=True); "
        "os.kill(os.getpid(), int(sys.argv[2]))"
    )

    def unpack(signal: int) -> tuple[Path, bool]:
        """The folder of a process that unpacks and ends so, and whether it is there afterwards."""
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "archive.zip"), str(signal)],
            env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        folder = Path(done.stdout.strip())
        return folder, folder.exists()

    killed, is_left = unpack(SIGKILL)
    assert is_left
    _, is_left = unpack(0)
    assert not is_left
    assert not killed.exists()


def test_a_path_into_a_container_gives_one_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("archive.zip").write_bytes(zipped(**{"one.pdf": ONE, "sub__two.pdf": TWO}))
    Path("both.pdf").write_bytes(ONE + TWO)
    for path, content in (("archive.zip/sub/two.pdf", TWO), ("both.pdf/1.pdf", ONE)):
        (document,) = paths_to_documents([Path(path)])
        assert (document.source_file, document.path) == (path, Path(path))
        assert document.snapshot.path.read_bytes().rstrip() == content.rstrip()
    (one, _) = paths_to_documents([Path("archive.zip/one.pdf"), Path("archive.zip")])
    assert (one.path, one.also_at) == (Path("archive.zip/one.pdf"), ())
    for path in ("archive.zip/none.pdf", "archive.zip/sub", "none.zip/one.pdf"):
        with pytest.raises(PathError, match="no such file"):
            paths_to_documents([Path(path)])
    with pytest.raises(PathError, match=r"archive.zip holds one.pdf, sub/two.pdf: check the spelling"):
        paths_to_documents([Path("archive.zip/none.pdf")])


def test_a_name_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_bytes(zipped(**{"..__..__one.pdf": ONE}))
    (document,) = paths_to_documents([tmp_path])
    assert document.source_file.endswith("archive.zip/one.pdf")
    assert not (tmp_path.parent.parent / "one.pdf").exists()
