"""Two runs into one folder, runs that are killed, and tables of more than one run.

A sample of the rounds and of the points at which a run is killed; NIANBAO_EVERY_POINT=1 has every one tried.
"""

from __future__ import annotations

import csv
import functools
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

import pipeline
from pipeline.cli import main
from pipeline.cli.options import BUSY, OK
from pipeline.config import Settings
from pipeline.files.lock import BusyError, LockError, is_held
from pipeline.run import RunResult, run
from pipeline.tables import staging
from pipeline.tables.file_names import PACKAGE
from pipeline.tables.out_folder import OutError, hold_out, out_to_beside
from pipeline.tables.written_tables import one_set, out_to_strays
from pipeline.workers import Task
from tests.acquire import deadly
from tests.light_tables import leave_out_derived
from tests.run.forked import start
from tests.run.test_run import put
from tests.workers.crashing import sound_report

pytestmark = pytest.mark.kills

EVERY = bool(os.environ.get("NIANBAO_EVERY_POINT"))
ROOT = Path(__file__).parents[2]
SAMPLES = (
    "示例市示例局2023年政府信息公开工作年度报告.pdf",
    "示例市水务示例局2023年政府信息公开工作年度报告.pdf",
)
"""Reports that the first reader alone can read."""

ROUNDS = 40 if EVERY else 12
SETTINGS = Settings(jobs=1)
FORK = multiprocessing.get_context("fork")


def read_at_once(tasks: Sequence[Task], settings: Settings) -> Iterator[object]:
    return map(sound_report, tasks)


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with raw/, and a reader without processes."""
    read_quickly(monkeypatch, tmp_path)
    leave_out_derived(monkeypatch)
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def read_quickly(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.chdir(folder)
    patch.setattr("pipeline.run.tasks_to_reports", read_at_once)
    patch.setattr("pipeline.extract.version.reading_version", lambda: "1")
    for place in ("schemas", "writer"):  # half of such a run; tests/tables has it
        patch.setattr(f"pipeline.tables.{place}.require_valid", lambda frames: None)


def process(
    name: str, out: str = "out", *, wait: float = 0.0, formats: Sequence[str] = ("parquet",)
) -> RunResult:
    return run([Path("raw", f"{name}.pdf")], Path(out), SETTINGS, wait=wait, formats=formats)


def stems(out: Path) -> list[str]:
    return sorted(Path(name).stem for name in pipeline.load(out).reports["source_file"])


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


# ---------------------------------------------------------------- at once


def compete(works: Sequence[Callable[[], object]]) -> list[int]:
    """The exit statuses of these, begun at the same moment in processes of their own."""
    start = FORK.Barrier(len(works))

    def begin(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except BusyError:
            os._exit(BUSY)
        os._exit(OK)

    children = [FORK.Process(target=begin, args=(work,)) for work in works]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return [int(child.exitcode or 0) for child in children]


def test_two_runs_at_once_lose_nothing_and_mix_nothing(raw: Path) -> None:
    """In every third round both wait; else one is told at once, and comes again."""
    put(raw, "warm2019")
    process("warm2019", "warm")
    for number in range(ROUNDS):
        out, names = f"out{number % 8}", [f"a{number}x2020", f"b{number}x2022"]
        before = stems(Path(out)) if Path(out).exists() else []
        put(raw, *names)
        wait = 60.0 if number % 3 == 0 else 0.0
        statuses = compete([functools.partial(process, name, out, wait=wait) for name in names])
        assert set(statuses) <= ({OK} if wait else {OK, BUSY})
        assert OK in statuses
        for name, status in zip(names, statuses, strict=True):
            if status == BUSY:
                process(name, out)
        assert stems(Path(out)) == sorted(before + names)
        assert out_to_strays(Path(out), thorough=True) == frozenset()
        assert [path.name for path in Path(out).glob(".*")] == [".words.arrow"]
        with one_set(Path(out)):
            assert [process(name, out).read for name in names] == [0, 0]
    assert not list(Path().glob(".out*"))


def test_the_second_run_says_in_one_line_who_is_at_work(
    raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(raw, "a2020")
    with hold_out(Path("out")):
        assert main(["run", "raw", "--out", "out"]) == BUSY
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("error: out: another run, or a night, is at work on these tables (process ")
    assert f"process {os.getpid()}, since 20" in said and "--wait SECONDS" in said
    assert not Path("out").exists()


def test_a_run_that_is_to_wait_says_so_once_and_then_reads(
    raw: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(raw, "a2020")
    held, done = threading.Event(), threading.Event()

    def hold_a_while() -> None:
        with hold_out(Path("out")):
            held.set()
            while "waiting for its end" not in caplog.text and not done.is_set():
                time.sleep(0.01)

    holder = threading.Thread(target=hold_a_while)
    holder.start()
    held.wait()
    try:
        assert main(["run", "raw", "--out", "out", "--wait", "60"]) == OK
    finally:
        done.set()
        holder.join()
    assert caplog.text.count("waiting for its end, at most 60 s") == 1
    assert stems(Path("out")) == ["a2020"]


@pytest.mark.parametrize("seconds", ["-1", "soon", "inf", "nan"])
def test_a_time_to_wait_is_a_number(raw: Path, seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--wait", seconds])
    assert "is not a number of seconds: give 0 or more" in capsys.readouterr().err


def test_a_link_to_the_folder_and_the_folder_have_one_lock(raw: Path) -> None:
    Path("real").mkdir()
    Path("link").symlink_to("real")
    with hold_out(Path("link")), pytest.raises(BusyError), hold_out(Path("real").absolute()):
        pass
    assert list(Path("real").iterdir()) == []


def test_where_the_lock_cannot_be_beside_it_is_within(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mount").mkdir()
    assert out_to_beside(Path("mount"), "lock") == Path(".mount.lock").absolute()
    monkeypatch.setattr("os.path.ismount", lambda path: Path(path).name == "mount")
    put(raw, "a2020")
    with hold_out(Path("mount")):
        assert Path("mount/.lock").exists()
    process("a2020", "mount")
    assert not Path("mount/.lock").exists()


def test_a_lock_that_is_no_lock_is_told(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(raw, "a2020")
    Path(".out.lock").symlink_to("/dev/null")
    with pytest.raises(LockError):
        process("a2020")
    assert main(["run", "raw", "--out", "out"]) == 2
    assert ".out.lock: is not a lock that this program made: remove it" in capsys.readouterr().err


@pytest.mark.parametrize("name", [staging.READY, f"{staging.STAGING}mine"])
def test_what_others_planted_is_neither_published_nor_removed(raw: Path, name: str) -> None:
    """A folder that others can write into, and a link: neither is what a run makes."""
    put(raw, "a2020")
    for kind in ("open", "link"):
        elsewhere, planted = Path(f"{kind}-elsewhere"), Path(kind, name)
        for folder in (elsewhere, planted.parent):
            folder.mkdir()
        (elsewhere / "datapackage.json").write_text('{"resources": []}')
        if kind == "open":
            planted.mkdir()
            (planted / "reports.csv").touch()
            planted.chmod(0o777)
        else:
            planted.symlink_to(elsewhere.absolute())
        if name == staging.READY:
            with pytest.raises(OutError, match="cannot be written"):
                process("a2020", kind)
        else:
            process("a2020", kind)
        assert planted.exists() and len(list(planted.iterdir())) == 1


def test_two_commands_at_once_with_real_reports(tmp_path: Path) -> None:
    """The whole program, as two users start it at once."""
    names = ["one", "two"]
    for name, sample in zip(names, SAMPLES, strict=True):
        shutil.copy(ROOT / "data" / "raw" / sample, tmp_path / f"{name}.pdf")

    def begin(name: str, *more: str) -> Callable[[], tuple[int, str]]:
        return start(tmp_path, "run", f"{name}.pdf", "--jobs", "1", "--out", "out", *more)

    both = [begin(name) for name in names]
    ended = [end() for end in both]
    assert sorted(status for status, _ in ended) in ([OK, OK], [OK, BUSY])
    for name, (status, said) in zip(names, ended, strict=True):
        if status == BUSY:
            assert said.count("\n") == 1 and "at work on these tables" in said
            assert begin(name, "--wait", "60")()[0] == OK
    assert stems(tmp_path / "out") == names
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.pdf", "out", "two.pdf"]


# ---------------------------------------------------------------- killed


def is_killed_at(point: int, work: Callable[[], object]) -> bool:
    """Whether a child was killed at this one of its renames and its files staged."""

    def armed() -> None:
        passed = iter(range(point))

        def dies(does: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: object) -> Any:
                if next(passed, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                return does(*arguments)

            return step

        staging.move = dies(staging.move)
        pipeline.tables.writer.sync = dies(pipeline.tables.writer.sync)  # type: ignore[attr-defined]
        work()

    return deadly.is_killed(armed)


def test_a_run_killed_at_any_write_is_mended_by_the_next(raw: Path) -> None:
    """What was not staged to the end is read again; what was is only moved."""
    put(raw, "a2020", "b2022")
    process("a2020", "before", formats=("csv",))
    shutil.copytree("before", "whole")
    process("b2022", "whole")
    expected = contents(Path("whole"))
    staged = len(expected) - 1  # all but the counted words
    for point in range(0, 2 * staged + 1, 1 if EVERY else 8):
        out = Path(f"killed{point}")
        shutil.copytree("before", out)
        assert is_killed_at(point, functools.partial(process, "b2022", str(out)))
        assert process("b2022", str(out)).read == (1 if point <= staged else 0)
        assert contents(out) == expected, point
        shutil.rmtree(out)
    assert not is_killed_at(2 * staged + 1, functools.partial(process, "b2022", "before"))


READING = """
import functools, sys
from pathlib import Path
import pipeline.run
from pipeline.config import Settings
from pipeline.workers import tasks_to_reports
from tests.workers.crashing import read
if __name__ == "__main__":
    pipeline.run.tasks_to_reports = functools.partial(tasks_to_reports, read=read)
    pipeline.run.run([Path("raw")], Path("out"), Settings(jobs=1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_the_tables_are_free_when_a_run_is_killed_and_its_workers_are_gone(raw: Path) -> None:
    put(raw, "hangs2020")
    Path("reading.py").write_text(READING)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "reading.py"], env=environment) as process_of_it:
        children = Path(f"/proc/{process_of_it.pid}/task/{process_of_it.pid}/children")
        wait_until(lambda: is_held(Path(".out.lock").absolute()) and bool(children.read_text()))
        workers = children.read_text().split()
        with pytest.raises(BusyError, match=f"process {process_of_it.pid}, since"), hold_out(Path("out")):
            pass
        process_of_it.kill()
    with hold_out(Path("out")):
        wait_until(lambda: not any(is_running(int(pid)) for pid in workers))


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# ---------------------------------------------------------------- mixed


@pytest.fixture(scope="module")
def made_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of two runs that differ in one document, in one/ and other/ beside raw/."""
    folder = tmp_path_factory.mktemp("sets")
    raw = folder / "work" / "raw"
    raw.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        read_quickly(patch, raw.parent)
        put(raw, "a2020", "b2022", "c2022")
        for out, name in (("one", "b2022"), ("other", "c2022")):
            run([raw / "a2020.pdf", raw / f"{name}.pdf"], Path(out), SETTINGS)
    shutil.copytree(folder / "work", folder / "kept", symlinks=True)
    return folder


@pytest.fixture
def two_sets(made_sets: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder raw/ in a working folder as `made_sets` left it, at the same path: tables know it."""
    work = made_sets / "work"
    shutil.rmtree(work)
    shutil.copytree(made_sets / "kept", work, symlinks=True)
    read_quickly(monkeypatch, work)
    return work / "raw"


@pytest.mark.parametrize("table", ["reports", "observations", "checks", "sections", "panel_rates", "terms"])
def test_a_table_of_another_run_is_made_anew(two_sets: Path, table: str) -> None:
    """Today's build says "nothing new" over it."""
    whole = contents(Path("one"))
    for fmt in ("parquet", "csv"):
        shutil.copy(f"other/{table}.{fmt}", f"one/{table}.{fmt}")
    outcome = run([two_sets / "a2020.pdf", two_sets / "b2022.pdf"], Path("one"), SETTINGS)
    made_of_others = table in ("panel_rates", "terms")
    assert outcome.read == (0 if made_of_others else 2)
    assert contents(Path("one")) == whole


@pytest.mark.parametrize("table", ["reports", "observations", "checks"])
def test_a_table_that_is_cut_off_is_made_of_its_other_format(raw: Path, table: str) -> None:
    put(raw, "a2020", "b2021")
    for name in ("a2020", "b2021"):
        process(name, formats=("parquet", "csv"))
    whole, cut = contents(Path("out")), Path("out", f"{table}.parquet")
    cut.write_bytes(cut.read_bytes()[:-50])
    process("a2020", formats=("parquet", "csv"))
    assert contents(Path("out")) == whole


@pytest.mark.parametrize("change", ["nested", "no list", "no files", "no hashes", "numbers"])
def test_a_description_that_says_nothing_is_made_anew(raw: Path, change: str) -> None:
    put(raw, "a2020")
    process("a2020")
    whole, package = contents(Path("out")), Path("out", "datapackage.json")
    told = json.loads(package.read_bytes())
    bare = [{name: each[name] for name in each if name != "hash"} for each in told["resources"]]
    lists = {"no list": "x", "no files": [], "no hashes": bare, "numbers": [1, 2]}
    text = json.dumps(told | {"resources": lists[change]}) if change in lists else "[" * 100_000
    package.write_text(text, encoding="utf-8")
    process("a2020")
    assert contents(Path("out")) == whole


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"resources": [{"path": "../mine"}]}', '{"resources": 1}', "[" * 100_000, "\0"]
)
def test_what_is_said_to_be_ready_and_is_none_of_ours_is_not_moved(raw: Path, text: str) -> None:
    put(raw, "a2020")
    process("a2020")
    whole, ready = contents(Path("out")), Path("out", staging.READY)
    ready.mkdir(mode=0o700)
    (ready / PACKAGE).write_text(text, encoding="utf-8")
    Path("mine").write_text("mine", encoding="utf-8")
    (ready.parent / "mine").write_text("evil", encoding="utf-8")
    process("a2020")
    assert Path("mine").read_text(encoding="utf-8") == "mine"
    assert contents(Path("out")) == whole | {"mine": b"evil"}


def test_what_is_in_the_way_of_the_tables_is_named(raw: Path) -> None:
    put(raw, "a2020")
    Path("out", staging.READY, "theirs").mkdir(parents=True)
    Path("out", staging.READY).chmod(0o755)
    with pytest.raises(OutError, match=r"cannot be written \(.*\.nianbao-ready: Directory not empty\)"):
        process("a2020")


def test_a_csv_of_another_run_is_made_anew_without_reading(two_sets: Path) -> None:
    """It has the same size, and only its hash tells."""
    whole = contents(Path("one"))
    other = (Path("other") / "reports.csv").read_bytes()
    assert len(other) == len(whole["reports.csv"]) and other != whole["reports.csv"]
    Path("one/reports.csv").write_bytes(other)
    assert run([two_sets / "a2020.pdf", two_sets / "b2022.pdf"], Path("one"), SETTINGS).read == 0
    assert contents(Path("one")) == whole


@pytest.mark.parametrize("command", [["sql", "SELECT 1"], ["compare", "--out", "x.html"]])
def test_tables_of_two_runs_are_not_answered_from(
    two_sets: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy("other/reports.parquet", "one/reports.parquet")
    assert main([*command, "--processed", "one"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: one: its tables are not one whole set (reports.parquet): wait for")


def test_a_set_copied_elsewhere_is_still_one(two_sets: Path) -> None:
    shutil.copytree("one", "copy")
    run([two_sets / "a2020.pdf"], Path("copy"), SETTINGS)
    assert contents(Path("copy")) == contents(Path("one"))


def test_tables_of_the_version_before_are_carried_over_without_reading(two_sets: Path) -> None:
    whole = contents(Path("one"))
    for path in Path("one").glob("*.parquet"):
        pyarrow.parquet.write_table(pyarrow.parquet.read_table(path), path, compression="zstd")
    package = json.loads(Path("one/datapackage.json").read_text("utf-8"))
    del package["set"]
    for resource in package["resources"]:
        del resource["bytes"], resource["hash"]
    Path("one/datapackage.json").write_text(json.dumps(package), "utf-8")
    assert run([two_sets / "a2020.pdf", two_sets / "b2022.pdf"], Path("one"), SETTINGS).read == 0
    assert contents(Path("one")) == whole


def test_a_folder_without_the_tables_of_prose_describes_none(raw: Path) -> None:
    put(raw, "a2020")
    run([raw], Path("out"), Settings(prose=False))
    described = json.loads(Path("out/datapackage.json").read_text("utf-8"))
    names = {resource["path"] for resource in described["resources"]}
    assert names == {path.name for path in Path("out").iterdir()} - {"datapackage.json"}
    with Path("out/reports.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 1
