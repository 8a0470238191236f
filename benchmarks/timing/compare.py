"""Programs on the same documents, in turn round by round: what each took a round, and its memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.timing.memory import Watch
from benchmarks.timing.programs import FLOOR, PROGRAMS, Program
from benchmarks.timing.worker import Usage, Worker, WorkerError

SHORTEST = 1.0
MOST_PASSES = 10

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Material:
    """Documents that programs are compared on, with the number of their pages."""

    name: str
    what: str
    files: tuple[Path, ...]
    pages: int


@dataclass
class Measured:
    """What a program took on a material: one Usage a round, and why it was given up, "" if it was not."""

    program: str
    rounds: list[Usage] = field(default_factory=list)
    failure: str = ""


def compare(material: Material, programs: Sequence[str], rounds: int, say: Say) -> list[Measured]:
    """Every program on the material, interleaved: what disturbs the machine disturbs all of them alike."""
    measured = {name: Measured(name) for name in programs}
    with ExitStack() as stack:
        runners = {}
        for name in programs:
            say(f"{material.name}, warm-up: {name}")
            with _giving_up(measured[name]):
                runners[name] = _warmed_up(stack.enter_context(Worker(name)), PROGRAMS[name], material.files)
        for number in range(1, rounds + 1):
            for name, run in runners.items():
                if not measured[name].failure:
                    say(f"{material.name}, round {number} of {rounds}: {name}")
                    with _giving_up(measured[name]):
                        measured[name].rounds.append(run())
    return list(measured.values())


def _warmed_up(worker: Worker, program: Program, files: Sequence[Path]) -> Callable[[], Usage]:
    """What takes the files through the program, several times over where once is too short to be measured.

    Before that, a fast program reads all of them, so that whatever it imports on the way is there; a slow
    one the first.
    """
    warm = worker.measure(files[:1] if program.slow else files)
    passes = 1 if program.slow else min(max(round(SHORTEST / warm.cpu), 1), MOST_PASSES)

    def run() -> Usage:
        usage = worker.measure([*files] * passes)
        return Usage(usage.cpu / passes, usage.wall / passes, usage.failed)

    return run


@contextmanager
def _giving_up(measured: Measured) -> Iterator[None]:
    """A program that dies is out of the comparison; the others go on."""
    try:
        yield
    except WorkerError as error:
        measured.failure = str(error)


def measured_to_rows(material: Material, measured: Sequence[Measured]) -> Iterator[dict[str, Any]]:
    """One row a program: milliseconds a page, and how many times the floor, as min, median and max of rounds.

    `ratio` is None where the floor was not measured. A round's ratio is to the floor's time in that round.
    """
    floor = next((each.rounds for each in measured if each.program == FLOOR), [])
    for each in measured:
        cpu = [usage.cpu for usage in each.rounds]
        base = [usage.cpu for usage in floor[: len(cpu)]]
        yield {
            "material": material.name,
            "program": each.program,
            "what": PROGRAMS[each.program].what,
            "rounds": len(each.rounds),
            "cpu_ms_a_page": spread([seconds * 1000 / material.pages for seconds in cpu]),
            "wall_ms_a_page": spread([usage.wall * 1000 / material.pages for usage in each.rounds]),
            "ratio": spread([mine / its for mine, its in zip(cpu, base, strict=True)]) if floor else None,
            "cpu_seconds": cpu,
            "failed_documents": sorted({name for usage in each.rounds for name in usage.failed}),
            "failure": each.failure,
        }


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """Their min, median and max; None of nothing."""
    return {"min": min(values), "median": median(values), "max": max(values)} if values else None


def footprint(program: str, files: Sequence[Path]) -> Mapping[str, Any]:
    """What a fresh process of the program takes: CPU and wall of its imports, peak MB over these files.

    The memory of its largest child (tabula's JVM) is added; None where the system does not tell. Raises
    WorkerError where the program dies.
    """
    with Worker(program) as worker, Watch(worker.pid) as watch:
        worker.measure(files)
    own, child = watch.own_mb, watch.largest_child_mb
    return {
        "program": program,
        "import_cpu": worker.imports.cpu,
        "import_wall": worker.imports.wall,
        "peak_mb": None if own is None else own + (child or 0.0),
    }
