"""Bad input through the whole command: one clear line each, the others unaffected, the right exit status."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.cli import main
from tests.run.small_pdfs import LETTER, NO_TABLES, picture_pdf, text_pdf

ROOT = Path(__file__).parents[2]
HOSTILE = ROOT.parent / "shared" / "hostile"
GOOD = "示例市示例局2023年政府信息公开工作年度报告.pdf"
CONFIG = 'passwords = ["geheim", "示例2022"]\ntimeout = 12\nmemory_mb = 1024\njobs = 2\n'

Row = dict[str, Any]


def bad_files() -> Iterator[tuple[str, bytes]]:
    """Every bad file of these tests by name."""
    good = (ROOT / "data" / "raw" / GOOD).read_bytes()
    yield "empty.pdf", b""
    yield "page.pdf", b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
    yield "word.pdf", b"PK\x03\x04\x14\x00\x06\x00word/document.xml"
    yield "notes.pdf", "政府信息公开工作年度报告".encode()
    yield "cut.pdf", good[: len(good) // 3]
    yield "locked.pdf", text_pdf([NO_TABLES], password="nobody knows")
    yield "unlocked.pdf", text_pdf([NO_TABLES, ()], password="geheim")
    yield "scan.pdf", picture_pdf()
    yield "letter.pdf", text_pdf([LETTER])
    yield "prose.pdf", text_pdf([NO_TABLES])
    yield "long.pdf", text_pdf([(f"第{page}页", *LETTER) for page in range(500)])


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, Row]]:
    """Exit status, standard error and the rows of `reports` by file name, of one run over all of them."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "raw").mkdir()
    for name, data in bad_files():
        (folder / "raw" / name).write_bytes(data)
    shutil.copy(ROOT / "data" / "raw" / GOOD, folder / "raw" / "good.pdf")
    return run_in(folder)


def run_in(folder: Path) -> tuple[int, str, dict[str, Row]]:
    (folder / "pipeline.toml").write_text(CONFIG, encoding="utf-8")
    with contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()) as err:
        status = main(["run", "raw", "--out", "out"])
    rows = pipeline.load(folder / "out").reports.to_dict("records")
    return status, err.getvalue(), {Path(row["source_file"]).name: row for row in rows}


def test_every_document_has_one_row(outcome: tuple[int, str, dict[str, Row]]) -> None:
    assert set(outcome[2]) == {"good.pdf", *(name for name, _ in bad_files())}


def test_the_run_ends_with_1(outcome: tuple[int, str, dict[str, Row]]) -> None:
    assert outcome[0] == 1


def test_the_good_report_is_unaffected(outcome: tuple[int, str, dict[str, Row]]) -> None:
    row = outcome[2]["good.pdf"]
    assert (row["error"], row["cells_suspect"]) == ("", 0)
    assert row["status"] in ("ok", "flagged")
    assert row["cells"] > 100


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("empty.pdf", "failed", "the file is empty"),
        ("page.pdf", "failed", "an HTML page"),
        ("word.pdf", "failed", "a ZIP archive or a Word file"),
        ("notes.pdf", "failed", "not a PDF but text"),
        ("cut.pdf", "failed", "no end mark"),
        ("locked.pdf", "failed", "password"),
        ("unlocked.pdf", "no_tables", ""),
        ("scan.pdf", "failed", "scan"),
        ("letter.pdf", "not_a_report", ""),
        ("prose.pdf", "no_tables", ""),
        ("long.pdf", "not_a_report", ""),
    ],
)
def test_each_has_its_status_and_its_reason(
    outcome: tuple[int, str, dict[str, Row]], name: str, status: str, says: str
) -> None:
    row = outcome[2][name]
    assert row["status"] == status
    assert says in row["error"]
    assert "\n" not in row["error"]


def test_a_failed_document_is_one_clear_line(outcome: tuple[int, str, dict[str, Row]]) -> None:
    _, err, rows = outcome
    for name, row in rows.items():
        lines = [line for line in err.splitlines() if f"raw/{name}:" in line]
        assert len(lines) == 1
        assert lines[0].startswith("error: ") == (row["status"] == "failed")


HOSTILE_STATUS = {
    "corkami-standard.pdf": {"not_a_report", "failed"},
    "m03_dupblock.pdf": {"failed", "partial", "no_tables", "not_a_report"},
    "m05_utf8.pdf": {"failed"},
    "pdfjs-prefilled_f1040.pdf": {"not_a_report"},
    "pypdf-r5-user-password.pdf": {"failed", "not_a_report"},  # its owner password is empty
    "s03_html.pdf": {"failed"},
    "s27_flate_double_bomb_2gb.pdf": {"failed"},
    "s34_form_self_loop.pdf": {"failed"},
}


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="shared/hostile is not beside this checkout")
def test_hostile_files_end_in_a_status_and_take_nothing_with_them(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for file in HOSTILE.glob("*.pdf"):
        shutil.copy(file, tmp_path / "raw")
    shutil.copy(ROOT / "data" / "raw" / GOOD, tmp_path / "raw" / "good.pdf")
    status, _, rows = run_in(tmp_path)
    assert status == 1
    assert rows["good.pdf"]["error"] == ""
    assert set(rows) == {file.name for file in (tmp_path / "raw").iterdir()}
    for name, allowed in HOSTILE_STATUS.items():
        assert rows[name]["status"] in allowed, name
    unread = [row for row in rows.values() if row["status"] == "failed"]
    assert all(row["error"] and "\n" not in row["error"] for row in unread)
