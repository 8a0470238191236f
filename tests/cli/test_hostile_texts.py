"""Hostile file names, titles and cells through every command that shows them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from reportlab.pdfbase import ttfonts

from pipeline.acquire import paths_to_documents
from pipeline.cli import main
from pipeline.printable import to_printable
from tests.cli.forked_commands import command_to_sent, command_to_texts
from tests.cli.hostile_texts import NAMES, printed_to_text
from tests.query.forked_queries import forked_queries
from tests.run.small_pdfs import NO_TABLES, text_pdf
from tools.generator import Printed, Spec, compose, generate
from tools.generator.render import Table, draw_document

__all__ = ["forked_queries"]

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("forked_queries")]

ROOT = Path(__file__).parents[2]
GOOD = text_pdf([NO_TABLES])


def put(folder: Path, content: bytes, names: tuple[bytes, ...] = NAMES) -> None:
    """A file of each name, all different; one that this system does not take is left out."""
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        try:
            file = folder / f"{os.fsdecode(name)}.pdf"
            file.write_bytes(content.replace(b"%%EOF", b"%%%%EOF\n%% %d" % number))
        except OSError:
            continue


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a command, which must be UTF-8 and steer nothing."""
    status, out, err = command_to_texts(arguments)
    return status, printed_to_text(out), printed_to_text(err)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Good and broken files of every hostile name, read: the folder, and what was printed."""
    folder = tmp_path_factory.mktemp("hostile")
    put(folder / "raw" / "good", GOOD)
    put(folder / "raw" / "bad", b"%PDF-1.4\nnothing %%EOF")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        status, out, err = run("run", "raw", "--out", "tables")
    assert status == 1
    return folder, out, err


def test_run_says_one_line_of_every_file(tables: tuple[Path, str, str]) -> None:
    folder, out, err = tables
    files = sorted(path.relative_to(folder).as_posix() for path in (folder / "raw").glob("*/*"))
    assert len(files) > 60
    told = sorted(to_printable(name) for name in files)
    lines = err.splitlines()
    assert len(lines) == len(files)
    assert all(line.startswith(("[", "error: raw/bad/")) for line in lines)
    assert sorted(_line_to_name(line, told) for line in lines) == told
    assert f"… and {len(files) - 12} more" in out
    assert not (folder / "touched").exists()


def _line_to_name(line: str, names: list[str]) -> str:
    after = line.removeprefix("error: ") if line.startswith("error: ") else line.split("] ", 1)[1]
    return max((name for name in names if after.startswith(f"{name}: ")), key=len)


def test_the_tables_have_each_name_once(tables: tuple[Path, str, str]) -> None:
    folder, _, _ = tables
    names = pyarrow.parquet.read_table(folder / "tables" / "reports.parquet")["source_file"].to_pylist()
    there = sorted(path.relative_to(folder).as_posix() for path in (folder / "raw").glob("*/*"))
    assert sorted(names) == sorted(name.encode("utf-8", "backslashreplace").decode() for name in there)
    assert len(set(names)) == len(names)


def test_a_second_run_finds_nothing_new(
    tables: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, _ = tables
    monkeypatch.chdir(folder)
    status, out, err = run("run", "raw", "--out", "tables")
    assert (status, err) == (1, "")
    assert "none: nothing new" in out


def test_names_of_other_bytes_do_not_push_each_other_out(here: Path) -> None:
    put(here / "raw", GOOD, (b"\xff", b"\xfe"))
    names = [document.source_file for document in paths_to_documents([Path("raw")])]
    assert names == [r"raw/\udcfe.pdf", r"raw/\udcff.pdf"]
    for file in sorted(Path("raw").iterdir()):
        assert run("run", str(file), "--out", "tables")[0] == 0
    rows = pyarrow.parquet.read_table("tables/reports.parquet")["source_file"].to_pylist()
    assert sorted(rows) == names


@pytest.mark.parametrize("layout", ["table", "json"])
def test_sql_shows_names_that_steer_nothing(
    tables: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    folder, _, _ = tables
    monkeypatch.chdir(folder)
    query = "select source_file from all_reports"
    status, out, _ = run("sql", query, "--processed", "tables", "--format", layout)
    assert status == 0
    if layout == "json":
        names = pyarrow.parquet.read_table("tables/reports.parquet")["source_file"].to_pylist()
        assert sorted(row["source_file"] for row in json.loads(out)) == sorted(names)


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_no_name_ends_a_run_whose_streams_lack_it(
    here: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    put(here / "raw", GOOD, NAMES[::7])
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding, "strict", write_through=True))
    assert main(["run", "raw", "--out", "tables"]) == 0
    assert isinstance(sys.stderr.buffer, io.BytesIO)
    assert len(sys.stderr.buffer.getvalue().splitlines()) == len(list(Path("raw").iterdir()))


def test_no_name_ends_a_command_whose_terminal_lacks_it(here: Path) -> None:
    """As it is started where another encoding is usual."""
    typed = " ".join(os.fsdecode(name) for name in NAMES[::7])
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "inspect", f"none é {typed}"], capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "gbk:strict"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.decode("gbk").startswith("error: none é ")
    assert r" e\u0301 " in done.stderr.decode("gbk")  # which is lacking there


@pytest.mark.parametrize("good", [True, False])
def test_inspect_shows_every_name_in_one_line(
    here: Path, capfdbinary: pytest.CaptureFixture[bytes], good: bool
) -> None:
    put(here / "raw", GOOD if good else b"no PDF %%EOF", NAMES[::4])
    for number, file in enumerate(sorted(Path("raw").iterdir())):
        shown = to_printable(str(file))
        apart = [] if number % 4 == 0 else ["--in-process"]  # a worker knows a copy, and not this name
        assert main(["inspect", str(file), *apart]) == (0 if good else 1)
        out, err = map(printed_to_text, capfdbinary.readouterr())
        first = out.splitlines()[2] if good else err.splitlines()[0]
        assert first.startswith(f"{shown}, report_id" if good else f"error: {shown}: ")
        assert good or (out, err.count("\n")) == ("", 1)


WRONG: tuple[tuple[bytes, ...], ...] = (
    *((b"run", b"%s"), (b"run", b"good", b"--config", b"%s")),
    *((b"run", b"--formats", b"%s"), (b"run", b"--jobs", b"%s"), (b"run", b"good", b"--%s")),
    *((b"inspect", b"%s"), (b"inspect", b"x.pdf", b"--image", b"%s"), (b"inspect", b"%s", b"%s")),
    *((b"inspect", b"x.pdf", b"--doubtful", b"%s"), (b"inspect", b"x.pdf", b"--doubtful", b"%s/x.html")),
    *((b"status", b"--raw", b"%s"), (b"verify", b"--raw", b"%s"), (b"retry", b"x", b"--raw", b"%s")),
    *((b"retry", b"--all", b"%s"), (b"nightly", b"--sources", b"%s"), (b"nightly", b"--config", b"%s")),
    *((b"compare", b"--out", b"%s"), (b"compare", b"--out", b"%s/x.html"), (b"compare", b"--year", b"%s")),
    *((b"sql", b"select 1", b"--processed", b"%s"), (b"sql", b"x", b"--out", b"%s/x.csv"), (b"%s",)),
    *((b"schema", b"--format", b"%s"), (b"schema", b"%s")),
)


TYPED = [name for name in NAMES if not name.startswith((b"-", b"con"))]


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[b" ".join(words).decode() for words in WRONG])
def test_wrong_usage_is_one_line_whatever_was_typed(
    here: Path, capfdbinary: pytest.CaptureFixture[bytes], number: int
) -> None:
    """Every third name in each place, so that each name is typed in seven of them."""
    put(here / "good", GOOD, (b"a",))
    arguments = WRONG[number]
    for name in TYPED[number % 3 :: 3]:
        typed = [os.fsdecode(word.replace(b"%s", b"none" + name)) for word in arguments]
        try:
            status = main(typed)
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = map(printed_to_text, capfdbinary.readouterr())
        assert (status, out) == (2, ""), typed
        assert err.startswith("error: ") and err.count("\n") == 1, (typed, err)


SIGNS = dict(zip(map(ord, "甲乙丙丁戊己庚"), (0x1B, 0x9B, 0x202E, 0x7F, 0x200B, 0x07, 0x2028), strict=True))
HOSTILE = "甲[31m乙丙丁戊己庚[red]"
HOSTILE_NAME = "甲乙丙丁戊己庚"  # what has square brackets is no agency's name


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report whose fonts say that some of its glyphs mean characters that steer, and its tables."""
    folder = tmp_path_factory.mktemp("report")
    to_cmap = ttfonts.makeToUnicodeCMap
    received = ("applications", "new_received", "natural_person")
    printed = ((received, Printed(f"1{HOSTILE}", None, "unreadable")),)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(
            ttfonts,
            "makeToUnicodeCMap",
            lambda name, codes: to_cmap(name, [SIGNS.get(c, c) for c in codes]),
        )
        content, _ = generate(Spec(f"示例{HOSTILE_NAME}局", 2022, printed=printed, sample=False))
        (folder / "report.pdf").write_bytes(content)
        assert run("run", "report.pdf", "--out", "tables")[0] == 0
    return folder


@pytest.fixture
def hostile_report(hostile_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(hostile_folder)


@pytest.mark.usefixtures("hostile_report")
def test_titles_and_cells_are_shown_and_steer_nothing(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status, out, err = run("inspect", "report.pdf")
    assert (status, err) == (0, "")
    assert r"\x9b\u202e\x7f\u200b" in out.splitlines()[0]
    assert "[red]!" in out
    assert main(["compare", "--processed", "tables", "--out", "page.html"]) == 0
    assert [printed_to_text(printed) for printed in capfdbinary.readouterr()][1] == ""
    query = "select agency, title from reports"
    _, out, _ = run("sql", query, "--processed", "tables")
    assert r"\u202e" in out
    _, out, _ = run("sql", query, "--processed", "tables", "--format", "json")
    row = pyarrow.parquet.read_table("tables/reports.parquet").to_pylist()[0]
    assert "\x9b\u202e\x7f\u200b" in row["title"]  # the tables keep what is printed
    assert json.loads(out) == [{"agency": row["agency"], "title": row["title"]}]


def test_the_title_of_the_file_itself_steers_nothing(here: Path) -> None:
    report = compose(Spec("示例局", 2022, title="公开情况"))
    title = "示\x9b\u202e\x07例局2022年政府信息公开工作年度报告"
    pages = [block for block in report.blocks if isinstance(block, Table)]
    Path("titled.pdf").write_bytes(draw_document(pages, report.style, title))
    status, out, _ = run("inspect", "titled.pdf")
    assert status == 0
    assert out.startswith(r"示\x9b\u202e\x07例局2022年")


@pytest.mark.usefixtures("hostile_report")
def test_csv_for_eyes_steers_nothing_either() -> None:
    query = ("sql", "select title, 1.5 as 数 from reports", "--processed", "tables", "--format", "csv")
    shown = command_to_sent(query).replace(b"\r\n", b"\n")
    assert r"\x9b\u202e\x7f\u200b" in printed_to_text(shown)
    assert shown.startswith('"title","数"\n'.encode())


def test_a_defect_is_told_without_what_steers(here: Path) -> None:
    code = """if True:
        import sys
        import pipeline.cli.schema
        def command(parsed):
            raise RuntimeError("a\\x1b]0;x\\x07\\u202e\\udcff")
        pipeline.cli.schema.command = command
        sys.argv = ["pipeline", "schema"]
        import runpy
        runpy.run_module("pipeline", run_name="__main__")
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, env=environment)
    assert done.returncode == 1
    assert printed_to_text(done.stderr).endswith(r"RuntimeError: a\x1b]0;x\x07\u202e\udcff" + "\n")


def test_a_terminal_is_sent_our_own_colours_alone(here: Path) -> None:
    put(here / "raw", GOOD, NAMES[:16])
    put(here / "bad", b"no PDF %%EOF", NAMES[:16])
    sent = command_to_sent(["run", "raw", "bad", "--out", "tables"]).decode()
    for raw in ("\x1b[31mred", "\x1b]", "\x1bP", "\x1b[?1049h", "\x9b", "\x9d", "\x7f", "\b", "\u202e"):
        assert raw not in sent, ascii(raw)
    assert r"\x1b[31mred" in sent
    assert "\x1b[" in sent  # the bar
