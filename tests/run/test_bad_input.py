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

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
GOOD = "示例市示例局2023年政府信息公开工作年度报告.pdf"
CONFIG = 'passwords = ["geheim", "示例2022"]\ntimeout = 12\nmemory_mb = 1024\njobs = 2\n'

Row = dict[Any, Any]


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
    rows = pipeline.load(folder / "out").all_reports.to_dict("records")
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
    ("name", "status", "reason", "says"),
    [
        ("empty.pdf", "failed", "bad_file", "the file is empty"),
        ("page.pdf", "not_a_report", "not_a_report", "a web page under the name of a PDF"),
        ("word.pdf", "failed", "bad_file", "a ZIP archive or a Word file"),
        ("notes.pdf", "failed", "bad_file", "plain text, which is not read"),
        ("cut.pdf", "failed", "unopened", "no end mark"),
        ("locked.pdf", "failed", "locked", "password"),
        ("unlocked.pdf", "no_tables", "no_tables", ""),
        ("scan.pdf", "failed", "no_text", "scan"),
        ("letter.pdf", "not_a_report", "not_a_report", ""),
        ("prose.pdf", "no_tables", "no_tables", ""),
        ("long.pdf", "not_a_report", "not_a_report", ""),
    ],
)
def test_each_has_its_status_and_its_reason(
    outcome: tuple[int, str, dict[str, Row]], name: str, status: str, reason: str, says: str
) -> None:
    row = outcome[2][name]
    assert (row["status"], row["reason"]) == (status, reason)
    assert says in row["error"]
    assert "\n" not in row["error"]


def test_a_failed_document_is_one_clear_line(outcome: tuple[int, str, dict[str, Row]]) -> None:
    _, err, rows = outcome
    for name, row in rows.items():
        lines = [line for line in err.splitlines() if f"raw/{name}:" in line]
        assert len(lines) == 1
        assert lines[0].startswith("error: ") == (row["status"] == "failed")
