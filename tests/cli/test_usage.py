"""Help and wrong usage, as a new user meets them: one line that says what to do, nothing half written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from pipeline.cli import COMMANDS, main
from pipeline.config import KEYS, Settings
from pipeline.files.output_file import try_beside, write_beside
from pipeline.installation.program import to_command
from tests.cli.forked_commands import command_to_status
from tests.compare.sample import write_sample
from tests.query.forked_queries import forked_queries
from tests.run.small_pdfs import NO_TABLES, text_pdf

__all__ = ["forked_queries"]

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
needs_links = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="special files are those of POSIX")


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("module", COMMANDS, ids=lambda module: module.NAME)
def test_help_says_what_a_command_is_for_in_its_own_letters(
    module: object, capsys: pytest.CaptureFixture[str]
) -> None:
    name, what = vars(module)["NAME"], vars(module)["WHAT"]
    shown = " ".join(help_of(name, capsys).split())
    assert f"{what[0].upper()}{what[1:]}." in shown
    assert name != "sql" or "Ask the tables by SQL, in English or Chinese names." in shown


def test_help_and_docs_have_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    shown = help_of("run", capsys)
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert set(KEYS) == {field.name for field in fields(Settings)}
    for key in KEYS:
        assert f"\n  {key} = " in shown
        assert f"\n    {key} = " in page
    assert "\n  prose = true            whether terms, similarity and claims are made" in shown
    assert "\n  timeout = 50            seconds a document may take" in shown


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: Path) -> Path:
    """A folder with one of each thing that stands in the way of a file."""
    monkeypatch.chdir(tmp_path)
    Path("folder.html").mkdir()
    Path("file").write_text("mine")
    Path("there.html").write_text("mine")
    Path("empty").mkdir()
    shutil.copytree(tables, "newer")
    Path("newer/reports.parquet").write_bytes(b"PAR2")
    shutil.copytree(tables, "older")
    Path("older/checks.parquet").unlink()
    Path("wrong.toml").write_text("[", encoding="utf-8")
    return tmp_path


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What wrong usage is answered with, which is one line on stderr and exit status 2."""
    before = sorted(Path().rglob("*"))
    try:
        status = main(arguments)
    except SystemExit as end:
        status = int(end.code or 0)
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before
    return err


NOT_WRITABLE = {
    "folder.html": "is a folder, and a file is to be written: give another --out",
    "none/x.html": "there is no folder none: make it, or give another --out",
    "none/none/x.html": "there is no folder none/none: make it",
    "file/x.html": "file is a file, and no folder: give another --out",
    "file/below/x.html": "there is no folder file/below: make it, or give another --out",
    f"{'局' * 200}.html": "cannot be written (File name too long)",
    f"{'a/' * 3000}x.html": "cannot be written (File name too long)",
    "nul\0.html": "no name of a file holds a NUL",
    "x": "ends neither in .html nor in .xlsx",
    "x.pdf": "ends neither in .html nor in .xlsx",
    "": "ends neither in .html nor in .xlsx",
    ".html": "ends neither in .html nor in .xlsx",
}


@pytest.mark.parametrize("out", NOT_WRITABLE, ids=range(len(NOT_WRITABLE)))
def test_compare_into_a_path_that_cannot_be(
    here: Path, tables: Path, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    assert NOT_WRITABLE[out] in fails(capsys, "compare", "--processed", str(tables), "--out", out)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that takes no file, from root neither")
def test_compare_into_a_folder_that_takes_no_file(
    here: Path, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = fails(capsys, "compare", "--processed", str(tables), "--out", "/proc/x.html")
    assert "error: /proc/x.html: cannot be written (" in told
    assert "error: /proc/x.csv: cannot be written (" in fails(
        capsys, "sql", "from reports", "--processed", str(tables), "--out", "/proc/x.csv"
    )
    assert "/proc/" in fails(capsys, "compare", "--processed", str(tables), "--png", "/proc/charts")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_compare_into_a_folder_without_rights(
    here: Path, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty").chmod(0o500)
    told = fails(capsys, "compare", "--processed", str(tables), "--out", "empty/x.html")
    assert "cannot be written (Permission denied)" in told


@needs_links
def test_a_pipe_that_nobody_reads_does_not_hang(
    here: Path, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo("pipe.html")
    told = fails(capsys, "compare", "--processed", str(tables), "--out", "pipe.html")
    assert "cannot be written (No such device or address)" in told


def test_a_page_that_is_there_is_replaced_whole(
    here: Path, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "--processed", str(tables), "--out", "there.html"]) == 0
    assert Path("there.html").read_text(encoding="utf-8").endswith("</html>")
    assert [path.name for path in Path().iterdir() if "part" in path.name] == []


@needs_links
def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    page, other, link = tmp_path / "page", tmp_path / "other", tmp_path / "link"
    for path in (page, other):
        path.write_bytes(b"mine")
    link.symlink_to(other)
    code = """if True:
        import resource, signal, sys
        from pathlib import Path
        from pipeline.files.output_file import write_beside
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_beside(Path(sys.argv[1]), bytes(2000))
        except OSError as error:
            print(error.strerror)
    """
    done = subprocess.run(
        [sys.executable, "-c", code, str(page)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "File too large\n"
    assert page.read_bytes() == b"mine"
    write_beside(link, b"new")
    assert (other.read_bytes(), link.is_symlink()) == (b"new", True)
    try_beside(page)
    try_beside(link)
    assert (page.read_bytes(), other.read_bytes()) == (b"mine", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "other", "page"]


def test_a_new_file_has_the_rights_of_any_other(tmp_path: Path) -> None:
    write_beside(tmp_path / "page", b"x")
    (tmp_path / "other").write_bytes(b"x")
    assert (tmp_path / "page").stat().st_mode == (tmp_path / "other").stat().st_mode


ASK_TWICE = """if True:
    import multiprocessing, sys
    from pipeline.__main__ import main
    from pipeline.query import process
    asked = ["pipeline", "sql", "from reports", "--processed", sys.argv[1]]
    for more in ([], ["--format", "csv"]):
        sys.argv = [*asked, *more]
        assert main() == 0, more
        process.CONTEXT = multiprocessing.get_context("fork")
"""


@needs_links
def test_a_closed_stream_is_no_error(here: Path, tables: Path) -> None:
    command = f"{sys.executable} -m pipeline"
    for words, status in (
        (f"{command} schema >&-", 0),
        (f"{sys.executable} -c '{ASK_TWICE}' {tables} >&-", 0),
        (f"{command} run none 2>&-", 2),
        (f"{command} compare --out >&-", 2),
    ):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(["sh", "-c", words], capture_output=True, env=environment)
        assert (done.returncode, b"Traceback" in done.stderr) == (status, False), (words, done.stderr)


@pytest.fixture
def nobody() -> Iterator[int]:
    """Where to write what nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@needs_links
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_who_reads_no_more_ends_no_command(tmp_path: Path, nobody: int, stream: str) -> None:
    """As `… | head`: the rest is done, and the exit status is that of the whole."""
    sample = tmp_path / "report.pdf"
    sample.write_bytes(text_pdf([NO_TABLES]))
    with Path(os.devnull).open("wb") as read:
        streams = (nobody, read.fileno()) if stream == "stdout" else (read.fileno(), nobody)
        done = command_to_status(["run", sample, "--out", tmp_path / "out"], *streams)
        seen = command_to_status(["inspect", sample, "--image", tmp_path / "page.png"], *streams)
    assert (done, seen) == (0, 0)
    assert (tmp_path / "out" / "datapackage.json").exists()
    assert (tmp_path / "page.png").exists()


@needs_links
@pytest.mark.parametrize(("stream", "words", "status"), [("stdout", "schema", 0), ("stderr", "run none", 2)])
def test_who_reads_no_more_is_no_error_as_python_ends(
    nobody: int, stream: str, words: str, status: int
) -> None:
    """It writes what is left once the command is over."""
    streams: dict[str, int] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: nobody}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *words.split()], cwd=ROOT, check=False, **streams
    )  # type: ignore[call-overload]
    assert (done.returncode, done.stdout or b"", done.stderr or b"") == (status, b"", b"")


@needs_links
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="a link to what a process has open")
@pytest.mark.parametrize("kind", ["pipe", "file"])
@pytest.mark.usefixtures("forked_queries")
def test_a_link_to_the_output_is_written_through(tmp_path: Path, tables: Path, kind: str) -> None:
    link, out = tmp_path / "link.csv", tmp_path / "out"
    link.symlink_to("/proc/self/fd/1")  # as /dev/stdout, which a test does not risk
    query = ["sql", "select count(*) as n from reports", "--processed", str(tables), "--out", str(link)]
    reader, writer = os.pipe() if kind == "pipe" else (os.open(out, os.O_CREAT), os.open(out, os.O_WRONLY))
    assert command_to_status(query, writer, 2) == 0
    os.close(writer)
    with os.fdopen(reader, "rb") as written:
        assert written.read().startswith('\ufeff"n"\n'.encode())
    assert link.is_symlink()


WALK: dict[tuple[str, ...], str] = {
    (): "the following arguments are required: COMMAND; see `PROGRAM --help`",
    ("sing",): "invalid choice: 'sing'",
    ("run",): "data/raw: no such file or folder",
    ("run", "empty"): "empty: a folder without reports",
    ("run", "file/x"): "file/x: no such file: file is no archive",
    ("run", "file", "--config", "wrong.toml"): "wrong.toml: is not TOML in UTF-8",
    ("run", "file", "--config", "empty"): "empty: cannot be read (a folder, no regular file)",
    ("run", "file", "--confg", "x"): "--confg x (is --config meant?); see `PROGRAM run --help`",
    ("run", "file", "--jobs=x"): "'x' is not a number of processes",
    ("run", "file", "--jobs=4097"): "'4097' is not a number of processes: give 1 to 4096",
    ("run", ""): "an empty text is no path: give one, or . for this folder",
    ("run", "file", "--out", ""): "argument --out: an empty text is no path",
    ("sql", "select 1", "--processed="): "argument --processed: an empty text is no path",
    ("nightly",): "sources.toml: cannot be opened",
    ("nightly", "--sources", "wrong.toml"): "wrong.toml: is not TOML in UTF-8",
    ("nightly", "--no-crawl", "--raw", "file"): "file: is a file, and --raw needs a folder",
    ("status",): "no ledger there: run `PROGRAM nightly` first",
    ("status", "--raw", "file"): "file: is a file, and --raw needs a folder",
    ("status", "--jsn"): "unrecognized arguments: --jsn (is --json meant?)",
    ("verify",): "no ledger there",
    ("verify", "--raw", "file"): "file: is a file, and --raw needs a folder",
    ("retry",): "give either IDs or --all",
    ("retry", "x"): "no ledger there",
    ("inspect",): "the following arguments are required: FILE",
    ("inspect", "empty"): "empty: is a folder: give one file",
    ("inspect", "none.pdf"): "none.pdf: no such file or folder",
    ("inspect", "file", "--image", "none/x.png"): "there is no folder none: make it, or give another --image",
    ("inspect", "file", "--image", "x.gif"): "'x.gif' is not the name of a picture",
    ("inspect", "file", "--doubtful", "none/x.html"): (
        "there is no folder none: make it, or give another --doubtful"
    ),
    ("inspect", "file", "--doubtful", "x.png"): "'x.png' is not the name of a page: let it end in .html",
    ("compare",): "nothing to write: give --out report.html, or --png DIR",
    ("compare", "--out", "x.html"): "data/processed/reports.parquet: not there",
    ("compare", "--out", "x.html", "--processed", "file"): "file/reports.parquet: not there",
    ("compare", "--out", "x.html", "--processed", "newer"): "newer: its tables are not one whole set",
    ("compare", "--out", "x.html", "--processed", "older"): "older: its tables are not one whole set",
    ("compare", "--out", "x.html", "--year", "2023-2019"): "is no year and no range: give 2022 or 2019-2023",
    ("sql",): "the following arguments are required: SELECT",
    ("sql", "select 1", "--processed", "empty"): "empty/reports.parquet: not there",
    ("sql", "select 1", "--processed", "newer"): "newer: its tables are not one whole set (reports.parquet)",
    ("sql", "select 1", "--out", "x.foo"): "--out needs --format csv, json or parquet",
    ("sql", "select 1", "--out", "none/x.csv"): "there is no folder none: make it, or give another --out",
    ("schema", "--format", "x"): "invalid choice: 'x'",
}


@pytest.mark.parametrize("arguments", WALK, ids=" ".join)
def test_what_a_new_user_gets_wrong_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    words = WALK[arguments].replace("PROGRAM", to_command())  # its path depends on the working folder
    assert words in fails(capsys, *arguments)


@pytest.mark.parametrize(
    "wrong",
    [("--region", "99"), ("--region", "火星"), ("--year", "1999"), ("--item", "x"), ("--bureau", "x")],
)
def test_what_compare_does_not_have_is_told_with_what_it_has(
    here: Path, tables: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    assert main(["compare", "--processed", str(tables), "--out", "x.html", *wrong]) == 2
    out, err = capsys.readouterr()
    first, *listed = err.splitlines()
    assert (out, Path("x.html").exists()) == ("", False)
    assert first.startswith("error: no data for ") and repr(wrong[1]) in first
    assert listed and all(line.startswith("  ") for line in listed)


def test_reports_without_cells_can_be_compared(
    here: Path, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    shutil.copytree(tables, "bare")
    for path in Path("bare").glob("*.parquet"):  # all anew, so that none names a set
        table = pa.parquet.read_table(path).replace_schema_metadata()
        is_emptied = path.stem in ("observations", "checks", "panel_rates")
        pa.parquet.write_table(table.slice(0, 0) if is_emptied else table, path)
    Path("bare/datapackage.json").unlink()  # which says what these tables had
    assert main(["compare", "--processed", "bare", "--out", "x.html", "x.xlsx"]) == 0
    assert capsys.readouterr().err == ""
