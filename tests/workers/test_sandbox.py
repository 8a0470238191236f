"""What code that has taken over a worker can do: nothing but give wrong reports of what that worker reads."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.acquire import Document, paths_to_documents
from pipeline.config import Settings
from pipeline.records import Reason, Report, Snapshot
from pipeline.workers import Failure, Task, file_to_answer, landlock, tasks_to_reports
from pipeline.workers.sandbox import LIBRARY_LIMITS, OPEN_FILES
from pipeline.workers.scratch import ScratchFolder
from pipeline.workers.scratch_root import PREFIX
from tests.workers import prying
from tests.workers.crashing import sound_report, try_once

ROOT = Path(__file__).parents[2]
needs_filter = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="calls are filtered on Linux on these machines only",
)
LIMITS = Settings(timeout=240, jobs=2, memory_mb=512, temp_mb=20)
pytestmark = [pytest.mark.usefixtures("own_temporary"), pytest.mark.kills]
SAMPLE = ROOT / "data" / "raw" / "示例市水务示例局2023年政府信息公开工作年度报告.pdf"
needs_landlock = pytest.mark.skipif(landlock.version() < 1, reason="this kernel has no Landlock")
needs_version = pytest.mark.skipif(landlock.version() < 6, reason="needs Landlock 6 (Linux 6.12)")


def document(path: Path) -> Document:
    return Document(Snapshot(path, f"{path.stem:0<64}"), f"raw/{path.name}")


def read_all(*names: str, limits: Settings = LIMITS) -> dict[str, Report]:
    tasks = [Task(document(Path(f"{name}.pdf"))) for name in names]
    reports = tasks_to_reports(tasks, limits, prying.read)
    return {Path(report.source_file).stem.partition("_")[0]: report for report in reports}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What a worker could do that tried everything; its neighbour lies in the same folder."""
    folder = tmp_path_factory.mktemp("raw")
    file, neighbour = folder / "tries_2020.pdf", folder / "neighbour.pdf"
    file.write_text("its own")
    neighbour.write_text("another's")
    abstract = f"nianbao-test-{os.getpid()}"
    mode = neighbour.stat().st_mode
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as listening,
        pytest.MonkeyPatch.context() as patch,
    ):
        listening.bind(f"\0{abstract}")
        listening.listen()
        tries = {"neighbour": str(neighbour), "elsewhere": str(folder / "new"), "abstract": abstract}
        patch.setenv("LC_TRIES", json.dumps(tries | {"port": str(server.getsockname()[1])}))
        patch.setenv("A_SECRET_OF_THE_NIGHT", "geheim")
        (report,) = tasks_to_reports([Task(document(file))], LIMITS, prying.report_what_can_be_done)
        yield json.loads(report.error)
    assert neighbour.stat().st_mode == mode
    assert file.read_text() == "its own"


@needs_landlock
@pytest.mark.parametrize("what", ["neighbour", "written elsewhere", "link", "pipe", "secret of the parent"])
def test_a_worker_touches_no_file_but_its_own(found: dict[str, Any], what: str) -> None:
    assert found[what] == "PermissionError"


def test_a_worker_reads_its_document_and_writes_its_scratch(found: dict[str, Any]) -> None:
    assert (found["document"], found["scratch"]) == ("done: 'its own'", "done: 1")


@pytest.mark.skipif(landlock.version() < 4, reason="needs Landlock 4 (Linux 6.7)")
@pytest.mark.parametrize("what", ["tcp", "listens"])
def test_a_worker_has_no_tcp(found: dict[str, Any], what: str) -> None:
    assert found[what] == "PermissionError"


@needs_filter
@pytest.mark.parametrize(
    "what",
    ["udp", "unix socket", "pair of sockets", "rights of a file", "time of a file", "limits of the parent",
     "own limits", "priority of the parent", "other root", "outlives the parent"],
)  # fmt: skip
def test_the_kernel_refuses_what_landlock_does_not_know(found: dict[str, Any], what: str) -> None:
    assert found[what] == "PermissionError"


@needs_filter
def test_what_limits_are_may_be_asked(found: dict[str, Any]) -> None:
    assert found["open files"] == f"done: ({OPEN_FILES}, {OPEN_FILES})"


@needs_version
@pytest.mark.parametrize("what", ["signal to the parent", "abstract socket"])
def test_a_worker_reaches_no_other_process(found: dict[str, Any], what: str) -> None:
    assert found[what] == "PermissionError"


def test_the_environment_of_a_worker_is_a_list(found: dict[str, Any]) -> None:
    own = {"TMPDIR", "TMP", "TEMP", "HOME", "NIANBAO_WORKER", "ARROW_DEFAULT_MEMORY_POOL"}
    own_kinds = ("OPENCV_", "MALLOC_")
    kinds = ("LC_", "PYTHON", "OPENBLAS_", "OMP_", "MKL_", "KMP_", "GOTO_", "NUMEXPR_", "NPY_", *own_kinds)
    allowed = own | {"PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT"}
    assert {
        name for name in found["environment"] if name not in allowed and not name.startswith(kinds)
    } == set()
    assert "geheim" not in json.dumps(found)
    assert Path(found["environment"]["HOME"]).parent == Path(found["environment"]["NIANBAO_WORKER"])


def test_what_a_worker_has_loaded_is_left_out_of_garbage_collection(found: dict[str, Any]) -> None:
    assert found["left out of garbage collection"] > 1000


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
def test_a_worker_gains_no_rights_and_opens_few_files(found: dict[str, Any]) -> None:
    assert "NoNewPrivs:\t1\n" in found["status"]
    (line,) = (line for line in found["limits"].splitlines() if line.startswith("Max open files"))
    assert line.split()[3:5] == [str(OPEN_FILES)] * 2
    assert found["files"][:2] == ["/dev/null", "/dev/null"]


MISDEEDS = {
    "junk": (Reason.ERROR, "gave no sound answer (it sent what nobody asked for)"),
    "forges": (Reason.ERROR, "gave no sound answer (it sent what nobody asked for)"),
    "knows": (Reason.ERROR, "gave no sound answer (it sent no report: "),
    "noise": (Reason.ERROR, "gave no sound answer"),
    "much": (Reason.ERROR, "gave no sound answer (it sent more than 32 MB)"),
    "steps": (Reason.TIMEOUT, "pypdfium2 ran out of time"),
    "closes": (Reason.CRASH, "crashed on it"),
    "breeds": (Reason.CRASH, "crashed on it (it started more than 64 processes)"),
    "nests": (Reason.TEMP_FILES, "filled its temporary files"),
    "hides": (Reason.TEMP_FILES, "filled its temporary files"),
}
SOUND = [f"sound{number}" for number in range(len(MISDEEDS))]


@pytest.fixture(scope="module")
def misbehaved() -> dict[str, Report]:
    """What became of documents that misbehave, each with a sound one after it, in one run."""
    names = [f"{name}_2020" for pair in zip(MISDEEDS, SOUND, strict=True) for name in pair]
    with pytest.MonkeyPatch.context() as patch:
        prying.hurry_the_endless(patch, 0.5)
        try_once(patch)
        return read_all(*names)


@pytest.mark.parametrize("deed", MISDEEDS)
def test_a_worker_that_misbehaves_costs_its_document(misbehaved: dict[str, Report], deed: str) -> None:
    reason, words = MISDEEDS[deed]
    assert (misbehaved[deed].status, misbehaved[deed].reason) == ("failed", reason)
    assert words in misbehaved[deed].error


def test_workers_that_misbehave_cost_no_other_document(misbehaved: dict[str, Report]) -> None:
    found = {name: (misbehaved[name].status, misbehaved[name].error) for name in SOUND}
    assert found == dict.fromkeys(SOUND, ("ok", ""))
    assert misbehaved.keys() == {*MISDEEDS, *SOUND}
    assert list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")) == []


def test_an_answer_that_was_sent_twice_is_not_that_of_the_next_document() -> None:
    one = dataclasses.replace(LIMITS, jobs=1)
    reports = read_all("repeats_2020", "a_2021", "b_2022", "c_2023", limits=one)
    years = {name: report.heading.fiscal_year for name, report in reports.items()}
    assert years == {"repeats": 2020, "a": 2021, "b": 2022, "c": 2023}


def test_who_makes_itself_wait_for_the_processor_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes and threads crowd each other, so that it seems to have run for no time at all."""
    monkeypatch.setattr("pipeline.workers.worker.waited", lambda pid: time.monotonic())
    prying.hurry_the_endless(monkeypatch, 0.4)
    (report,) = read_all("spins_2020").values()
    assert (report.status, report.reason) == ("failed", Reason.TIMEOUT)


def test_empty_files_fill_a_disk_too(monkeypatch: pytest.MonkeyPatch) -> None:
    try_once(monkeypatch)
    (report,) = read_all("names_2020", limits=dataclasses.replace(LIMITS, temp_mb=1)).values()
    assert (report.status, report.reason) == ("failed", Reason.TEMP_FILES)


def test_whose_report_it_is_says_the_parent() -> None:
    (report,) = tasks_to_reports([Task(document(Path("x_2020.pdf")))], LIMITS, forge)
    assert (report.report_id, report.sha256) == (f"r{'x_2020':0<16}", f"{'x_2020':0<64}")
    assert (report.source_file, report.source_url) == ("raw/x_2020.pdf", None)


def forge(task: Task, passwords: tuple[str, ...]) -> Report:
    return dataclasses.replace(sound_report(task), report_id="0" * 16, sha256="0" * 64,
                               source_file="../other.pdf", source_url="https://other.example/")  # fmt: skip


def test_a_name_that_is_no_unicode_is_that_of_its_report(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff_2020.pdf"))
    file.write_bytes(b"%PDF-")
    (report,) = tasks_to_reports([Task(document(file))], LIMITS, prying.read)
    assert (report.status, report.error, report.source_file) == ("ok", "", f"raw/{file.name}")


def test_a_name_that_is_no_unicode_changes_nothing_of_what_is_read(tmp_path: Path) -> None:
    """Names in GBK, as old archives have them: the fast reader opens none."""
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xc4\xea\xb1\xa8.pdf"))
    shutil.copy(SAMPLE, file)
    (report,) = tasks_to_reports([Task(each) for each in paths_to_documents([file])], Settings())
    assert (report.status, report.readers, report.error) == ("ok", ("pypdfium2",), "")


def test_a_text_that_is_no_unicode_fails_its_document() -> None:
    (report,) = tasks_to_reports([Task(document(Path("x_2020.pdf")))], LIMITS, give_surrogates)
    assert (report.status, report.reason) == ("failed", Reason.ERROR)


def give_surrogates(task: Task, passwords: tuple[str, ...]) -> Report:
    return dataclasses.replace(sound_report(task), missing=("\ud800",))


def test_a_report_is_the_same_from_a_worker_and_from_this_process() -> None:
    from pipeline.run import file_to_report

    apart, here = (file_to_report(SAMPLE, Settings(), apart=apart) for apart in (True, False))
    assert repr(dataclasses.replace(apart, seconds=0.0)) == repr(dataclasses.replace(here, seconds=0.0))
    assert apart.observations


def test_what_became_a_pipe_since_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe_2020.pdf")
    (report,) = tasks_to_reports([Task(document(tmp_path / "pipe_2020.pdf"))], LIMITS, prying.read)
    assert (report.status, report.reason) == ("failed", Reason.BAD_FILE)
    assert report.error == "it is no regular file: give a file that is one"


def crash(file: Path) -> bytes:
    os.abort()


def test_what_is_drawn_apart_may_crash() -> None:
    failure = file_to_answer(SAMPLE, crash, (), LIMITS)
    assert isinstance(failure, Failure)
    assert str(failure) == "the library that reads it crashed on it (SIGABRT)"


@pytest.fixture(scope="module")
def drawn_apart() -> tuple[list[int], int]:
    """What camelot, the largest reader, finds in a worker, and the most KB of addresses that it takes."""
    answer = file_to_answer(SAMPLE, count_tables_and_memory, (), Settings())
    assert isinstance(answer, bytes), answer
    tables, peak = json.loads(answer)
    return tables, peak


@needs_landlock
def test_the_third_reader_works_in_the_sandbox(drawn_apart: tuple[list[int], int]) -> None:
    assert drawn_apart[0] == count_tables(SAMPLE)
    assert any(drawn_apart[0])


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is set on Linux only")
def test_the_largest_reader_takes_half_of_a_workers_memory_at_most(
    drawn_apart: tuple[list[int], int],
) -> None:
    """The limit is one on addresses: what a library merely reserves counts too."""
    assert drawn_apart[1] < Settings().memory_mb * 1024 / 2


def count_tables_and_memory(file: Path) -> bytes:
    status = Path("/proc/self/status")
    tables = count_tables(file)
    peak = int(status.read_text().split("VmPeak:")[1].split()[0]) if status.exists() else 0
    return json.dumps([tables, peak]).encode()


def count_tables(file: Path) -> list[int]:
    """How many tables camelot finds on the second page in each of its ways."""
    from pipeline.extract.read.backends.camelot_reader import FLAVORS, file_to_tables

    return [len(file_to_tables(file, None, [2], way, [842.0] * 9)) for way in FLAVORS]


@pytest.fixture(scope="module")
def recognised_apart() -> dict[str, Any]:
    answer = file_to_answer(SAMPLE, recognise, (), Settings())
    assert isinstance(answer, bytes), answer
    told: dict[str, Any] = json.loads(answer)
    return told


@needs_landlock
def test_lines_of_scans_are_recognised_in_the_sandbox(recognised_apart: dict[str, Any]) -> None:
    """To the last bit as here, where the model may ask what processor there is; in one thread."""
    assert recognised_apart["outputs"] == json.loads(recognise(SAMPLE))["outputs"]
    assert recognised_apart["threads"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is set on Linux only")
def test_the_recogniser_takes_half_of_a_workers_memory_at_most(recognised_apart: dict[str, Any]) -> None:
    assert recognised_apart["peak"] < Settings().memory_mb * 1024 / 2


def test_what_recognises_says_nothing_that_a_crash_would_be_told_with() -> None:
    """It may not ask for other processors there, and would complain."""
    failure = file_to_answer(SAMPLE, recognise_and_crash, (), Settings())
    assert isinstance(failure, Failure)
    assert str(failure) == "the library that reads it crashed on it (SIGABRT)"


def recognise_and_crash(file: Path) -> bytes:
    recognise(file)
    os.abort()


def recognise(file: Path) -> bytes:
    """What the model makes of sixteen lines of noise and of one long line, as a hash; and what that takes."""
    import numpy as np

    from pipeline.extract.read.picture.line_model import lines_to_outputs

    noise = np.random.default_rng(1)
    shapes = (16, 3, 48, 128), (1, 3, 48, 2048)
    outputs = [lines_to_outputs(noise.random(shape, dtype=np.float32)) for shape in shapes]
    digest = sha256(b"".join(each.tobytes() for each in outputs)).hexdigest()
    lines = Path("/proc/self/status").read_text().splitlines() if sys.platform == "linux" else []
    status = dict(line.split(":", 1) for line in lines)
    peak, threads = status.get("VmPeak", "0 kB"), status.get("Threads", "1")
    return json.dumps({"outputs": digest, "peak": int(peak.split()[0]), "threads": int(threads)}).encode()


OLDER_KERNEL = """
import sys
from pathlib import Path
from pipeline.workers import landlock, sandbox
from pipeline.workers.scratch import ScratchFolder
landlock.version = lambda: int(sys.argv[1])
scratch = ScratchFolder(Path(sys.argv[2]))
print(sandbox.enter(scratch))
(scratch.temporary / "x").write_text("x")
try:
    (scratch.folder / "x").write_text("x")
except PermissionError:
    print("shut")
"""


@needs_landlock
@pytest.mark.parametrize("spoken", range(landlock.version() + 1))
def test_an_older_kernel_does_what_it_can(tmp_path: Path, spoken: int) -> None:
    scratch = ScratchFolder(tmp_path / "scratch")
    scratch.make()
    command = [sys.executable, "-c", OLDER_KERNEL, str(spoken), str(scratch.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = [f"Landlock {spoken}", "shut"] if spoken else ["no Landlock in this kernel"]
    assert done.stdout.splitlines() == told


def test_the_sandbox_stands_around_every_thread() -> None:
    """It holds for the thread that enters it and what that starts: what is loaded before starts none."""
    code = "import pipeline.extract.document, os; print(os.listdir('/proc/self/task') == [str(os.getpid())])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **LIBRARY_LIMITS},
        capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True"


UNGUARDED = f"""
import os, pipeline
os.write(1, b"begins ")
frames = pipeline.read_report({str(SAMPLE)!r})
print(frames.reports.status.tolist(), len(frames.observations))
"""
WITHOUT_FRAMES = f"""
import os
from pathlib import Path
from pipeline.config import Settings
from pipeline.run import file_to_report
os.write(1, b"begins ")
print([file_to_report(Path({str(SAMPLE)!r}), Settings()).status], "")
"""


@pytest.mark.parametrize("way", ["file", "stdin", "-c"])
def test_a_script_without_a_guard_reads_a_report_once(tmp_path: Path, way: str) -> None:
    (tmp_path / "script.py").write_text(UNGUARDED, encoding="utf-8")
    arguments = {"file": ["script.py"], "stdin": ["-"], "-c": ["-c", WITHOUT_FRAMES]}[way]
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=WITHOUT_FRAMES if way == "stdin" else "", capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("begins ['ok'] ")
    assert done.stdout.count("begins") == 1
