"""An --out that cannot take tables, and a run that is stopped: one clear line, and nothing half written."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import pipeline
import pipeline.nightly.night  # before a user runs it who cannot read this one's libraries
from pipeline.cli import main
from pipeline.config import Settings
from pipeline.records import Report
from pipeline.workers import Task
from tests.light_tables import write_light_tables
from tests.workers.crashing import sound_report

pytestmark = pytest.mark.long


def read_at_once(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    return map(sound_report, tasks)


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", read_at_once)
    write_light_tables(monkeypatch)
    folder = tmp_path / "raw"
    folder.mkdir()
    put(folder, "a2020")
    return folder


def put(raw: Path, *names: str) -> None:
    for name in names:
        (raw / f"{name}.pdf").write_bytes(b"%%PDF-1.4\n%% %s\n%%%%EOF\n" % name.encode())


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def bind_socket() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("out")


UNUSABLE: dict[str, tuple[Callable[[], object], str, str]] = {
    "a file": (lambda: Path("out").touch(), "out", "out: is a file, and --out needs a folder"),
    "a fifo": (lambda: os.mkfifo("out"), "out", "out: is no folder"),
    "a socket": (bind_socket, "out", "out: is no folder"),
    "a device": (lambda: None, "/dev/null", "/dev/null: is no folder"),
    "a device that is full": (lambda: None, "/dev/full", "/dev/full: is no folder"),
    "below a file": (lambda: Path("out").touch(), "out/below/it", "out is a file"),
    "below a device": (lambda: None, "/dev/null/below", "/dev/null is no folder"),
    "too long": (lambda: None, "x" * 300, "leads nowhere (File name too long)"),
    "too long with what is beside it": (lambda: None, "x" * 253, "File name too long"),
    "too long below": (lambda: None, f"out/{'x' * 300}/below", "leads nowhere (File name too long)"),
    "with a NUL": (lambda: None, "o\0ut", "leads nowhere (embedded null byte)"),
    "a link to nowhere": (lambda: Path("out").symlink_to("none"), "out", "out: is a link that leads nowhere"),
    "below a link to nowhere": (lambda: Path("out").symlink_to("none"), "out/x", "a link that leads nowhere"),
    "a link in a circle": (lambda: Path("out").symlink_to("out"), "out", "Too many levels of symbolic links"),
    "a link to a file": (lambda: Path("out").symlink_to("raw/a2020.pdf"), "out", "out: is a file"),
    "a pointer to a lost release": (
        lambda: Path("out").symlink_to("out.releases/0003"), "out", "out: points to a release that is gone"
    ),
    "what takes no folders": (lambda: None, "/proc/none", "/proc"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_cannot_take_tables_is_told_before_anything_is_read(
    raw: Path, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, out, words = UNUSABLE[kind]
    make()
    before = tree(raw.parent)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", lambda *_: pytest.fail("read in vain"))
    assert main(["run", "raw", "--out", out]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("error: ")
    assert words in said
    assert tree(raw.parent) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who may not write")
@pytest.mark.parametrize("command", ["run", "nightly"])
def test_a_folder_that_may_not_be_written_is_told(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o755)
    monkeypatch.chdir(place)
    put(place, "a2020")
    (place / "out").mkdir()
    options = ["--no-crawl"] if command == "nightly" else ["a2020.pdf"]
    try:
        status, said = as_nobody(lambda: main([command, *options, "--out", "out"]))
        assert (status, said.count("\n")) == (2, 1)
        assert "out takes no files (its rights do not allow it, or its disk is read-only)" in said
        assert tree(place) == ["a2020.pdf", "out"]
    finally:
        shutil.rmtree(place)


def as_nobody(work: Callable[[], int]) -> tuple[int, str]:
    """The exit status and stderr of this work in a process of another user."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        status = 255
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with os.fdopen(writer, "w") as err, pytest.MonkeyPatch.context() as patch:
                patch.setattr("sys.stderr", err)
                status = work()
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


@pytest.mark.parametrize("begun", [False, True])
def test_a_disk_that_takes_no_more_leaves_the_tables_as_they_were(
    raw: Path, begun: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real limit on the size of files, in place of a small disk."""
    if begun:
        main(["run", "raw", "--out", "out"])
    put(raw, "b2022")
    before = tree(raw.parent)
    files = {path: path.read_bytes() for path in Path("out").glob("*.*")}
    capsys.readouterr()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        status = main(["run", "raw", "--out", "out"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("[")]
    assert status == 5
    assert said == ["error: out: the tables cannot be written (File too large): free space, then run again"]
    assert {path: path.read_bytes() for path in files} == files
    assert set(tree(raw.parent)) - set(before) <= {"out", "out/.words.arrow"}
    assert main(["run", "raw", "--out", "out"]) == 0
    assert len(pipeline.load("out").reports) == 2


FULL, OTHER = (5, "free space, then run again"), (2, "mend that, or give another --out, and run again")


@pytest.mark.parametrize(
    ("where", "number", "expected"),
    [
        ("pipeline.tables.staging.tempfile.mkdtemp", errno.ENOSPC, FULL),
        ("pipeline.tables.writer._write_csv", errno.ENOSPC, FULL),
        ("pipeline.tables.writer._write_parquet", errno.EDQUOT, FULL),
        ("pipeline.tables.writer.sync", errno.EIO, OTHER),
        ("pipeline.tables.staging.move", errno.EROFS, OTHER),
        ("pipeline.derive.prose.count_cache.written_beside", errno.ENOSPC, FULL),
        ("pipeline.tables.failure_notes.written_beside", errno.EACCES, OTHER),
    ],
)
def test_what_the_disk_says_is_one_line(
    raw: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    where: str,
    number: int,
    expected: tuple[int, str],
) -> None:
    status, todo = expected

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    if "failure_notes" in where:
        monkeypatch.setattr("pipeline.tables.failure_notes._mark", lambda *_: "other settings")
    with monkeypatch.context() as patch:
        patch.setattr(where, fail)
        assert main(["run", "raw", "--out", "out"]) == status
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("[")]
    assert said == [f"error: out: the tables cannot be written ({os.strerror(number)}): {todo}"]
    assert tree(Path("out")) == [] or tree(Path("out")) == [".words.arrow"]
    assert main(["run", "raw", "--out", "out"]) == 0


# ---------------------------------------------------------------- Ctrl-C


def test_a_stopped_run_says_how_many_are_left(
    raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_two(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
        yield from map(sound_report, tasks[:2])
        raise KeyboardInterrupt

    put(raw, "b2021", "c2022", "d2023", "e2024")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.run.tasks_to_reports", read_two)
        assert main(["run", "raw", "--out", "out"]) == 130
    out, err = capsys.readouterr()
    assert "every document is ok" not in out
    assert "Nothing to look at yet: all 2 read so far are ok, 3 are still to be read." in out
    assert "still to read" in out and "3: run again" in out
    assert err.endswith("stopped: what was read until then is written; 3 more to read: run again\n")
    assert main(["run", "raw", "--out", "out"]) == 0
    out = capsys.readouterr().out
    assert "Nothing to look at: every document is ok." in out and "still to read" not in out


def test_a_run_that_is_stopped_while_it_writes_says_how_the_tables_stand(
    raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    put(raw, "b2021")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.run.update_tables", stop)
        assert main(["run", "raw", "--out", "out"]) == 130
    said = capsys.readouterr().err
    assert said.endswith("\nstopped: out is as before, or whole at the next run: run again\n")
    assert main(["run", "raw", "--out", "out"]) == 0


def test_a_run_that_is_stopped_before_its_first_report_says_so(
    raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("pipeline.run.tasks_to_reports", stop)
    assert main(["run", "raw", "--out", "out"]) == 130
    out, err = capsys.readouterr()
    assert "none is read yet, 1 are still to be read" in out
    assert "nothing new" not in out and "every document is ok" not in out
    assert err.endswith("1 more to read: run again\n")
