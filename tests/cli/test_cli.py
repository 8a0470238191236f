"""The command line: help, usage errors, exit status, and what a run says."""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib.util
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli import main, parser
from pipeline.config import Settings
from pipeline.files.regular_file import IrregularFileError
from pipeline.installation.program import to_command
from pipeline.records import Reason, Report
from pipeline.tables.arrow import ContractError
from pipeline.tables.out_folder import OutError
from pipeline.workers import Task, tasks_to_reports
from tests.workers.crashing import read

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", functools.partial(tasks_to_reports, read=read))
    folder = tmp_path / "data" / "raw"
    folder.mkdir(parents=True)
    return folder


def put(raw: Path, *names: str) -> None:
    for name in names:
        (raw / f"{name}.pdf").write_bytes(b"%%PDF-1.4\n%% %s\n%%%%EOF\n" % name.encode())


def status_of(*arguments: str) -> int:
    """The exit status, also where argparse ends the process."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


def lack_scan(patch: pytest.MonkeyPatch) -> None:
    """The extra that recognises text in pictures is not installed."""
    find = importlib.util.find_spec
    patch.setattr(
        "pipeline.installation.extras.find_spec", lambda name: None if name == "onnxruntime" else find(name)
    )
    patch.setattr("pipeline.extract.version._picture_version", lambda: "no-scan")


def with_pictures(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """Documents whose names say "scan" have pages that are pictures."""
    for report in tasks_to_reports(tasks, settings, read):
        yield replace(report, steps=("ocr ruled",) if "scan" in report.source_file else ())


def test_a_line_says_how_many_documents_wait_for_an_extra(
    raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lack_scan(monkeypatch)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", with_pictures)
    put(raw, "scan2020", "scan2021", "a2022")
    for paths, told in ((["data/raw"], 2), (["data/raw"], 2), (["data/raw/a2022.pdf"], 0)):
        assert status_of("run", *paths) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if "[scan]" in line]
        assert len(lines) == min(told, 1)
        for line in lines:
            assert line.startswith(
                f"{told} documents have pages that are pictures (scans), and they are not "
            )
            assert "the extra [scan], which is not installed (no onnxruntime): run `" in line


def other_pages(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """Documents whose names say "list" are no reports."""
    for report in tasks_to_reports(tasks, settings, read):
        is_list = "list" in report.source_file
        yield replace(report, status="not_a_report", reason=Reason.NOT_A_REPORT) if is_list else report


def test_web_pages_that_are_no_reports_are_told_in_a_line_and_are_no_alarm(
    raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipeline.run.tasks_to_reports", other_pages)
    put(raw, "a2020", "list2020")
    for name in ("list2021", "list2022"):
        (raw / f"{name}.html").write_bytes(b"<html>%s" % name.encode())
    (raw / "logo.png").write_bytes(b"")
    assert status_of("run") == 0
    told = capsys.readouterr()
    pages = "data/raw/list2021.html, data/raw/list2022.html"
    assert f"2 web pages are no annual report (status not_a_report): {pages}" in told.out
    assert "not_a_report data/raw/list2020.pdf: no annual report" in told.out
    assert "not_a_report data/raw/list2021.html" not in told.out
    assert "passed over: 1 file is not a report: logo.png" in told.err


def commands() -> dict[str, str]:
    whole = parser()
    (subparsers,) = [action for action in whole._actions if action.dest == "==SUPPRESS=="]
    assert subparsers.choices is not None
    return {name: sub.format_help() for name, sub in dict(subparsers.choices).items()}


def test_a_defect_is_no_line_about_how_the_command_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object, **__: object) -> None:
        raise ContractError("tables break the data contract")

    monkeypatch.setattr("pipeline.cli.run.command", write)
    with pytest.raises(ContractError):
        main(["run", str(tmp_path)])


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (IrregularFileError(errno.EINVAL, "a named pipe, no regular file", "x"), "x: a named pipe"),
        (
            OutError(errno.ENOSPC, "out: the tables cannot be written"),
            "out: the tables cannot be written: free space",
        ),
    ],
)
def test_an_error_of_the_system_has_words_and_no_number(
    error: OSError, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.cli.run.command", fail)
    assert main(["run"]) == 2
    assert capsys.readouterr().err.startswith(f"error: {says}")


def test_every_command_has_examples_that_parse() -> None:
    for name, text in commands().items():
        found = rf"^  {re.escape(to_command())} (.*?)(?:\s{{3,}}.*| > .*)?$"
        examples = re.findall(found, text.split("examples:")[1], re.MULTILINE)
        assert examples, name
        for example in examples:
            parser().parse_args(shlex.split(example))


def test_every_command_is_on_a_page() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    told = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [name for name in commands() if f"    .venv/bin/python -m pipeline {name}" not in told] == []


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pipeline", "--help"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    loaded = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    heavy = {"altair", "duckdb", "pandas", "pyarrow", "rich", "PIL", "pdfplumber", "pypdfium2", "pebble"}
    assert loaded.isdisjoint(heavy)


def test_importing_the_package_is_cheap() -> None:
    code = "import sys; before = set(sys.modules); import pipeline; print(len(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert int(done.stdout) < 60


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "data/rwa"), "error: data/rwa: no such file or folder"),
        (("run", "data"), "error: data: a folder without reports"),
        (("run", "--config", "none.toml"), "error: none.toml: cannot be read"),
        (("run", "--config", "wrong.toml"), "error: wrong.toml: unknown pasword: allowed are passwords"),
        (("run", "--jobs", "0"), "'0' is not a number of processes: give 1 to 4096"),
        (("run", "--formats", "xlsx"), "unknown xlsx: give some of parquet, csv, dta, duckdb"),
        (("run", "--formats", "dta"), "a run goes on from parquet or csv: give parquet,dta"),
        (("run", "--out", "wrong.toml"), "error: wrong.toml: is a file, and --out needs a folder"),
        (("inspect", "nothing.pdf"), "error: nothing.pdf: no such file or folder"),
        (("inspect", "data"), "error: data: is a folder: give one file"),
        (("inspect", "x.pdf", "--image", "x.gif"), "'x.gif' is not the name of a picture"),
        (("sing",), "invalid choice: 'sing'"),
        ((), "the following arguments are required: COMMAND"),
    ],
)
def test_wrong_usage_says_what_and_ends_with_2(
    raw: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    Path("wrong.toml").write_text("pasword = ['a']")
    assert status_of(*arguments) == 2
    out, err = capsys.readouterr()
    assert says in err
    assert out == ""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The folder of a run of good, doubtful and crashing documents, and what was said."""
    folder = tmp_path_factory.mktemp("ended")
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    put(raw, "a2020", "carries2021", "carries2022", "dies2024")
    with pytest.MonkeyPatch.context() as patch, io.StringIO() as out, io.StringIO() as err:
        patch.chdir(folder)
        patch.setattr("pipeline.run.tasks_to_reports", functools.partial(tasks_to_reports, read=read))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            assert main(["run"]) == 1
        return folder, out.getvalue(), err.getvalue()


@pytest.fixture
def again(raw: Path, ended: tuple[Path, str, str]) -> None:
    """That folder, as the run left it."""
    shutil.copytree(ended[0], Path(), dirs_exist_ok=True)


def test_a_run_ends_with_counts_and_what_to_look_at(
    ended: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out, err = ended
    monkeypatch.chdir(folder)
    assert "1 flagged, 1 failed" in out
    assert "7, of them 0 suspect" in out
    assert "1 (1 publisher)" in out
    assert "failed       data/raw/dies2024.pdf: the library that reads it crashed on it (SIGSEGV)" in out
    assert "flagged      data/raw/carries2022.pdf: checks failed: 1 publisher" in out
    assert to_command("inspect", Path("data/raw/carries2022.pdf")) in out
    assert err.count("error: data/raw/dies2024.pdf: ") == 1
    assert "data/raw/a2020.pdf: ok" in err


@pytest.mark.usefixtures("again")
def test_a_known_failure_still_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == 1
    assert "none: nothing new" in capsys.readouterr().out


@pytest.mark.usefixtures("again")
def test_only_the_documents_asked_for_count() -> None:
    assert main(["run", "data/raw/a2020.pdf"]) == 0


def test_copies_are_said(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(raw, "a2020")
    (raw / "b.pdf").write_bytes((raw / "a2020.pdf").read_bytes())
    assert main(["run"]) == 0
    assert "same content, read once: data/raw/a2020.pdf = data/raw/b.pdf" in capsys.readouterr().err


def test_an_unreadable_report_cannot_be_inspected(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(raw, "dies2024")
    assert main(["inspect", "data/raw/dies2024.pdf"]) == 1
    assert capsys.readouterr().err.startswith(
        "error: data/raw/dies2024.pdf: the library that reads it crashed on it"
    )


def test_inspect_prints_the_table_with_the_labels_of_the_form(
    raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(raw, "carries2022")
    assert main(["inspect", "data/raw/carries2022.pdf"]) == 0
    out = capsys.readouterr().out
    assert "示例局2022年政府信息公开工作年度报告" in out
    assert re.search(r"四、结转下年度继续办理\s+5\s", out)
    assert "applications (fy2021)" in out


@pytest.mark.parametrize("layout", ["text", "markdown", "json"])
def test_the_schema_names_every_column(capsys: pytest.CaptureFixture[str], layout: str) -> None:
    assert main(["schema", "--format", layout]) == 0
    out = capsys.readouterr().out
    assert all(
        name in out for name in ("blanks_as_zero", "cells_suspect", "panel_applications", "现行有效件数")
    )
    if layout == "json":
        assert {"columns", "vocabulary"} == set(json.loads(out))
