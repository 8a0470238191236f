"""The speed benchmark: that it measures what it says, on invented and on real work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from benchmarks import speed
from benchmarks.timing import compare, growth, stages
from benchmarks.timing.memory import Watch
from benchmarks.timing.programs import FLOOR, PROGRAMS, Program
from benchmarks.timing.worker import Usage, Worker, WorkerError, serve, timed

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
RAW = sorted((ROOT / "data" / "raw").glob("*.pdf"))


def burn(seconds: float) -> str:
    """A program that uses so much CPU time."""
    return f"import time\nwhile time.process_time() < {seconds}: pass"


def grown(count: int) -> dict[str, Any]:
    """A row of growth as `grow` gives it, without the runs."""
    run = {"cpu": 2.0, "wall": 1.0, "parent_mb": 150.0, "worker_mb": None}
    return {"documents": count, "out_bytes": 1000, "first": run, "nothing_new": run, "one_more": run}


def test_time_of_child_processes_counts() -> None:
    usage = timed(lambda: [] if subprocess.run([sys.executable, "-c", burn(0.2)], check=True) else ["never"])
    assert usage.cpu >= 0.2
    assert usage.failed == ()


def test_a_file_that_a_program_fails_on_is_named_and_the_next_is_read() -> None:
    seen: list[str] = []

    def read(file: Path) -> None:
        seen.append(file.name)
        if file.name == "bad.pdf":
            raise ValueError

    answers = StringIO()
    serve(Program("x", "", ("json",), read), StringIO(json.dumps(["bad.pdf", "good.pdf"]) + "\n"), answers)
    imports, usage = (json.loads(line) for line in answers.getvalue().splitlines())
    assert seen == ["bad.pdf", "good.pdf"]
    assert (imports["failed"], usage["failed"]) == ([], ["bad.pdf"])


def test_a_program_over_its_limit_is_stopped() -> None:
    with Worker(FLOOR, limit=60.0) as worker:
        worker._limit = 0.001
        with pytest.raises(
            WorkerError, match=r"pypdfium2: died, or did not end within 0\.05 s, on 50 documents"
        ):
            worker.measure(RAW[:1] * 50)


def test_a_worker_holds_nothing_but_its_program() -> None:
    code = "import sys, benchmarks.timing.worker; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"pypdfium2", "tablers", "pdfplumber", "camelot", "pandas", "numpy", "pipeline"}
    assert heavy & set(done.stdout.split()) == set()


def test_peaks_of_a_process_and_of_its_child_are_told_apart() -> None:
    child = "import time; kept = bytearray(90 << 20); time.sleep(2)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent])
    with Watch(process.pid) as watch:
        process.wait()
    assert watch.own_mb is not None
    assert watch.largest_child_mb is not None
    assert watch.own_mb < 60 < 90 < watch.largest_child_mb < 150


def test_ratios_are_taken_round_by_round() -> None:
    material = compare.Material("once", "", (), pages=10)
    floor = compare.Measured(FLOOR, [Usage(1.0, 1.0), Usage(4.0, 4.0), Usage(2.0, 2.0)])
    ours = compare.Measured("pipeline", [Usage(2.0, 3.0), Usage(6.0, 6.0), Usage(8.0, 8.0, ("a.pdf",))])
    row = list(compare.measured_to_rows(material, [floor, ours]))[1]
    assert row["ratio"] == {"min": 1.5, "median": 2.0, "max": 4.0}
    assert row["cpu_ms_a_page"] == {"min": 200.0, "median": 600.0, "max": 800.0}
    assert row["failed_documents"] == ["a.pdf"]


def test_programs_take_turns_and_one_that_dies_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []

    class Scripted:
        def __init__(self, name: str) -> None:
            self._name = name

        def __enter__(self) -> Scripted:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def measure(self, files: object) -> Usage:
            turns.append(self._name)
            if turns[-1] == "tablers" and turns.count("tablers") == 2:
                raise WorkerError("tablers: died")
            return Usage(5.0, 5.0)

    monkeypatch.setattr(compare, "Worker", Scripted)
    material = compare.Material("once", "", tuple(RAW[:1]), pages=5)
    measured = compare.compare(material, [FLOOR, "tablers"], 2, lambda line: None)
    assert turns == [FLOOR, "tablers"] * 2 + [FLOOR]
    assert [(len(each.rounds), each.failure) for each in measured] == [(2, ""), (0, "tablers: died")]


def test_short_work_is_repeated_until_it_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []

    class Quick:
        def measure(self, files: list[Path]) -> Usage:
            given.append(len(files))
            return Usage(0.25 * len(files), 0.5 * len(files))

    run = compare._warmed_up(Quick(), PROGRAMS[FLOOR], RAW[:1])  # type: ignore[arg-type]
    assert run() == Usage(0.25, 0.5)
    assert given == [1, 4]


def test_every_copy_is_another_document_with_the_same_content(tmp_path: Path) -> None:
    growth.write_distinct(RAW[:2], 5, tmp_path / "raw")
    copies = sorted((tmp_path / "raw").iterdir())
    assert len({copy.read_bytes() for copy in copies}) == 5
    first, third = (speed.files_to_reports([copies[n]])[0] for n in (0, 2))
    assert first.observations == third.observations != ()
    assert first.sha256 != third.sha256


def test_whole_runs_grow_repeat_and_take_one_more(tmp_path: Path) -> None:
    row = growth.grow(RAW[:1], 3, tmp_path)
    assert row["documents"] == 3
    assert row["out_bytes"] > 10_000
    assert row["nothing_new"]["cpu"] < row["first"]["cpu"]
    assert row["nothing_new"]["worker_mb"] is None
    assert 20 < row["one_more"]["worker_mb"] < row["first"]["parent_mb"]
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(growth.CommandError, match=r"run \S+nowhere --out \S+: ended with status 2"):
        growth.run_command(["run", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")])


def test_only_the_inner_clock_runs() -> None:
    times = iter([0.0, 1.0, 3.0, 7.0])
    clock = stages.Clock(lambda: next(times))
    with clock.running("check"), clock.running("read"):
        pass
    assert clock.seconds == {"check": 1.0 + 4.0, "read": 2.0}


def test_every_stage_is_seen_at_work() -> None:
    steps = stages.files_to_steps([file for file in RAW if "公安" in file.name])
    assert tuple(steps) == stages.STEPS
    idle = {step for step, seconds in steps.items() if not seconds}
    idle -= {"export"}  # it is a difference, and may drown in noise
    assert idle == {"read: pdfplumber", "read: camelot"}  # the drawn page settles what is in doubt


def test_wrapping_leaves_the_pipeline_as_it_was() -> None:
    def entrances() -> list[object]:
        return [getattr(import_module(module), name) for _, module, name in stages.ENTRANCES]

    before = entrances()
    with stages._wrapped(stages.Clock()):
        assert not any(one is other for one, other in zip(entrances(), before, strict=True))
    assert entrances() == before


def test_the_sample_is_spread_over_all() -> None:
    files = [Path(f"{number}.pdf") for number in range(10)]
    assert [file.stem for file in speed.evenly(files, 4)] == ["0", "2", "5", "7"]
    assert speed.evenly(files, 10) == speed.evenly(files, 99) == files


def test_a_table_and_a_file_of_a_small_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "SHORTEST", 0.01)
    monkeypatch.setattr(speed, "files_to_steps", lambda files: {"bind": 0.5})
    monkeypatch.setattr(speed, "grow", lambda files, count, folder: grown(count))
    out = tmp_path / "speed.json"
    asked = f"--corpus {ROOT / 'data/raw'} --documents 2 --rounds 1 --growth 2 --programs tablers --out {out}"
    assert speed.main(asked.split()) == 0
    printed = capsys.readouterr().out
    result = json.loads(out.read_text(encoding="utf-8"))
    assert {(row["material"], row["program"]) for row in result["programs"]} == {
        (material, program)
        for material in ("once", "few", "all")
        for program in (FLOOR, "pipeline", "tablers")
    }
    assert all(row["ratio"]["median"] == 1.0 for row in result["programs"] if row["program"] == FLOOR)
    assert [row["documents"] for row in result["growth"]] == [2]
    assert set(result["stages"]) == {"once", "all"}
    assert "× floor" in printed
    assert "2 documents, nothing new" in printed
    assert str(ROOT) not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rounds", "0"], "expected a whole number above 0"),
        (["--programs", "excel"], "unknown excel: expected some of pypdfium2, pipeline"),
    ],
)
def test_wrong_usage_says_what_is_allowed(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        speed.main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_an_empty_corpus_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.main(["--corpus", str(tmp_path)]) == 2
    assert "holds no PDF: run python -m benchmarks.corpus" in capsys.readouterr().err


def test_what_a_program_needs_is_known_before_it_runs() -> None:
    needed = Program("x", "", ("json", "no_such_module.part"), os.stat, commands=("no-such-command",))
    assert needed.absent == ("no_such_module.part", "no-such-command")
    assert PROGRAMS[FLOOR].absent == ()
