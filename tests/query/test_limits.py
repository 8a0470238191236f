"""No query takes more than it may: each of these is one clear line and an exit status."""

from __future__ import annotations

import faulthandler
import io
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.query.limits import Limits
from pipeline.query.run_query import run_query
from pipeline.query.views import QueryError
from tests.compare.sample import write_sample
from tests.query.forked_queries import forked_queries

__all__ = ["forked_queries"]

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("forked_queries")]

ROOT = Path(__file__).parents[2]
SLOW, LARGE, LONG = "not answered within 0.1 s", "needs more than 64 MB of memory", "is larger than 64 MB"
TIME = ("--timeout", "0.1")
MEMORY = ("--memory", "64")
ENDLESS = "with recursive t as (select 1 a union all select a + 1 from t) select count(*) from t"
GROWING = "with recursive t as (select 'x' a union all select a || a from t) select max(length(a)) from t"
BOMBS = [
    (ENDLESS, TIME, SLOW),
    ("select count(*) from range(1000000000000)", TIME, SLOW),
    ("select sum(a.value * b.value) from observations a, observations b, observations c", TIME, SLOW),
    (GROWING, MEMORY, LARGE),
    ("select count(*) from range(1000000000) a, range(1000000000) b", MEMORY, LARGE),
    ("select list(a) from range(100000000000) t(a)", MEMORY, LARGE),
    ("select repeat(repeat('x', 1000000), 3000)", MEMORY, LARGE),
    ("select len(range(2000000000))", MEMORY, LARGE),
    ("from range(1000000000000)", MEMORY, LONG),
    ("from generate_series(1, 1000000000000)", MEMORY, LONG),
    ("select repeat('x', 1000) from range(1000000000)", MEMORY, LONG),
]

NO_CLOCK = [
    "select levenshtein(repeat('x', 300000), repeat('y', 300000))",
    "select regexp_matches(repeat('a', 1000000), '((a?){500}){2}b')",
]
"""What DuckDB cannot interrupt."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("processed"))


@pytest.mark.parametrize(("query", "limit", "says"), BOMBS, ids=[bomb[0][:60] for bomb in BOMBS])
def test_what_takes_too_much_is_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str], query: str, limit: tuple[str, ...], says: str
) -> None:
    expect_refusal(folder, capfd, query, limit, says)


@pytest.mark.parametrize("query", NO_CLOCK)
def test_what_looks_at_no_clock_is_ended(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """Its process is killed, and that after a time that is shorter here."""
    monkeypatch.setattr("pipeline.query.process._INTERRUPTION_SECONDS", 0.2)
    expect_refusal(folder, capfd, query, TIME, SLOW)


@pytest.mark.parametrize("bomb", [BOMBS[0], BOMBS[3]], ids=["time", "memory"])
def test_limits_hold_in_a_process_that_is_started_anew(
    folder: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    bomb: tuple[str, tuple[str, ...], str],
) -> None:
    """As the program starts it; elsewhere here it is forked."""
    monkeypatch.setattr("pipeline.query.process.CONTEXT", multiprocessing.get_context("spawn"))
    expect_refusal(folder, capfd, *bomb)


def expect_refusal(
    folder: Path, capfd: pytest.CaptureFixture[str], query: str, limit: tuple[str, ...], says: str
) -> None:
    assert main(["sql", query, "--processed", str(folder), *limit]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("error: ") and says in err


@pytest.mark.parametrize(
    "query",
    [
        "select " + "(" * 100_000 + "1" + ")" * 100_000,
        "select " + "not " * 50_000 + "true",
        "select " + "[" * 20_000 + "1" + "]" * 20_000,
        "select * " + "from (select * " * 2000 + "from reports" + ")" * 2000,
        "select null::int" + "[]" * 5000,
        "select '" + "[" * 1_000_000 + "'::json",
        "select '\udcff'",
        "select repeat('x', 10000000000)",
        "select getenv('HOME')",
    ],
    ids=lambda query: ascii(query[:30]),
)
def test_what_is_too_deep_or_not_allowed_is_an_error(folder: Path, query: str) -> None:
    with pytest.raises(QueryError):
        run_query(folder, query)


def test_a_crash_of_duckdb_is_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.query.process._work", crash)
    assert main(["sql", "select 1", "--processed", str(folder)]) == 2
    out, err = capfd.readouterr()
    assert (out, err) == ("", "error: DuckDB did not survive it (SIGABRT): ask for less, or otherwise\n")


def crash(*_: object) -> None:
    faulthandler.disable()  # pytest's, which a fork has too
    os.abort()


def test_a_long_query_draws_nothing_into_its_answer(folder: Path) -> None:
    """DuckDB draws how far it is after two seconds, on the standard output."""
    query = "select count(*) n from range(1000000000) t(a) where hash(a) = 1"
    arguments = ["sql", query, "--processed", str(folder), "--format", "csv", "--timeout", "2.5"]
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], cwd=ROOT, capture_output=True, timeout=300
    )
    assert done.stdout.removeprefix(b"\xef\xbb\xbf") in (b'"n"\n0\n', b"")


def test_nothing_is_written_beside_the_memory(folder: Path) -> None:
    query = "select current_setting('temp_directory') d, current_setting('memory_limit') m"
    assert run_query(folder, query, Limits(memory_mb=128)).to_pylist() == [{"d": "", "m": "122.0 MiB"}]


def test_an_error_cannot_steer_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "select ('x' || chr(27) || '[2J')::int", "--processed", str(folder)]) == 2
    assert "\x1b" not in capsys.readouterr().err


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("layout", ["table", "csv", "json"])
def test_no_answer_steers_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", Terminal(raw, encoding="utf-8", write_through=True))
    monkeypatch.setenv("TERM", "dumb")
    query = "select 'a' || chr(27) || '[2J' || chr(155) || chr(8238) || 'b' as \"\x9b\u202e\""
    assert main(["sql", query, "--processed", str(folder), "--format", layout]) == 0
    sys.stdout.flush()
    shown = raw.getvalue().decode()
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert "[2J" in shown and "b" in shown


@pytest.mark.parametrize(
    "wrong",
    [("--timeout", "0"), ("--timeout", "inf"), ("--timeout", "-1"), ("--memory", "1e9"), ("--memory", "9")],
)
def test_limits_that_are_none_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sql", "select 1", "--processed", str(folder), *wrong])
    assert ended.value.code == 2
    assert f"{wrong[1]!r} is no" in capsys.readouterr().err
