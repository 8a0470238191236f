"""Documents without pages are shown by their tables: safe to open, every bound cell marked."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.extract.document import read_document
from pipeline.inspection import source_tables
from pipeline.inspection.doubtful import report_to_html
from pipeline.inspection.source_tables import report_to_tables_page
from pipeline.records import Report, Snapshot

PAGE = """<!doctype html><meta charset="utf-8"><h1>示例市统计局2023年政府信息公开工作年度报告</h1>
<p>一、总体情况</p><p>一切正常。</p><p>二、主动公开政府信息情况</p>
<table><tr><td colspan="4">第二十条第（一）项</td></tr>
<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>
<tr><td>规<br>章</td><td>1</td><td><del>9</del>2</td><td>3</td></tr>
<tr><td>行政规范性文件</td><td>10</td><td>0</td><td>40</td></tr></table>
<table><tr><td>其他</td><td>&lt;script&gt;alert(1)&lt;/script&gt;</td></tr><tr><td>甲</td><td>5</td></tr></table>"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def read(file: Path) -> Report:
    digest = sha256(file.read_bytes()).hexdigest()
    return read_document(Snapshot(file, digest, media_type="text/html"))


def test_every_table_of_the_source_is_shown_with_what_its_cells_are(file: Path) -> None:
    html = report_to_tables_page(file, read(file)).decode()
    for text in (
        "table 1",
        "table 2",
        "规 章",
        "normative_documents × in_force",
        "40 件 ok",
        "6 cells of the form",
    ):
        assert text in html


def test_a_doubt_is_told_beside_its_cell_and_in_the_list(file: Path) -> None:
    report = read(file)
    (doubted,) = [seen for seen in report.observations if seen.doubt]
    assert (doubted.item, doubted.column) == ("regulations", "repealed")
    assert doubted.doubt in report_to_tables_page(file, report).decode()
    listed = report_to_html(file, report).decode()
    assert "table 1, row 3, column 3" in listed
    assert "drawn page" not in listed


def test_no_text_of_a_document_is_markup(file: Path) -> None:
    html = report_to_tables_page(file, read(file)).decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'" in html


def test_of_a_huge_source_the_first_tables_are_shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_tables, "_CELLS_MAX", 13)
    html = report_to_tables_page(file, read(file)).decode()
    assert "table 1" in html
    assert "table 2" not in html


def test_the_command_draws_tables_as_a_page_and_says_so_for_a_picture(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(file), "--image", str(tmp_path / "out.html"), "--in-process"]) == 0
    assert "table 1" in (tmp_path / "out.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["inspect", str(file), "--image", str(tmp_path / "out.png"), "--in-process"]) == 1
    assert "a file of the kind text/html is drawn as *.html" in capsys.readouterr().err
