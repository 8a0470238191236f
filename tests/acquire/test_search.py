"""What is found below a folder, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

from pipeline.acquire.search import search_folder

PAGE = b"<!DOCTYPE html><html>"


def put(folder: Path, *names: str, content: bytes = b"") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def found(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in search_folder(folder).files]


def test_every_kind_in_which_reports_are_published_is_found(tmp_path: Path) -> None:
    endings = ".PDF .doc .docx .et .htm .mht .ofd .rtf .wps .xls .xlsx .zip"
    names = [f"a{ending}" for ending in endings.split()]
    put(tmp_path, *names)
    assert found(tmp_path) == names
    assert search_folder(tmp_path).passed_over == ()


def test_what_is_no_report_is_counted_in_one_sentence(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", "logo.png", "desktop.ini", "notes.txt", "~$a.docx")
    assert search_folder(tmp_path).passed_over == (
        "4 files are not reports: desktop.ini, logo.png, notes.txt, ~$a.docx",
    )
    put(tmp_path, "b/1.css", "b/2.css", "b/3.js", "b/4", "c.png")
    (told,) = search_folder(tmp_path).passed_over
    assert told.startswith("9 files are not reports: b/1.css, b/2.css, b/3.js, b/4, c.png and 4 more (")
    assert "1 .png" in told


def test_one_file_is_told_as_one(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", "logo.png")
    assert search_folder(tmp_path).passed_over == ("1 file is not a report: logo.png",)


def test_a_name_that_says_nothing_is_decided_by_bytes(tmp_path: Path) -> None:
    put(tmp_path, "download.jsp", content=PAGE)
    put(tmp_path, "report", "2023年度报告", content=b"%PDF-1.4")
    put(tmp_path, "other", content=b"text")
    assert found(tmp_path) == ["2023年度报告", "download.jsp", "report"]
    assert search_folder(tmp_path).passed_over == ("1 file is not a report: other",)


def test_the_folder_of_a_saved_page_is_told_in_one_sentence(tmp_path: Path) -> None:
    put(tmp_path, "报告.html", "报告_files/frame.html", "报告_files/sub/x.html", content=PAGE)
    put(tmp_path, "报告_files/a.css", "报告_files/sub/b.js", "logo.png")
    put(tmp_path, "报告_files/附件.pdf", content=b"%PDF-1.4")
    put(tmp_path, "alone_files/page.html", content=PAGE)
    assert found(tmp_path) == ["alone_files/page.html", "报告.html", "报告_files/附件.pdf"]
    files = "报告_files/a.css, 报告_files/frame.html, 报告_files/sub/b.js, 报告_files/sub/x.html"
    assert search_folder(tmp_path).passed_over == (
        "1 file is not a report: logo.png",
        f"4 files belong to saved web pages: {files}",
    )


def test_own_files_and_pages_of_this_program_are_no_reports(tmp_path: Path) -> None:
    put(tmp_path, "samples.sha256", "ledger.sqlite")
    head = b'<!DOCTYPE html>\n<head>\n<meta name="generator" content="nianbao">'
    put(tmp_path, "codebook.html", content=head)
    put(tmp_path, "page.html", content=PAGE)
    put(tmp_path, "named.html", content=b"no page")
    assert found(tmp_path) == ["named.html", "page.html"]
    assert search_folder(tmp_path).passed_over == ("1 file is not a report: codebook.html",)
