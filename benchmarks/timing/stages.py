"""Where the time goes: CPU seconds of every stage, from acquire to export, over some documents.

`python -m benchmarks.timing.stages` takes a list of files as JSON on its input and gives seconds by step.
The functions by which one stage calls the next are wrapped here; the pipeline itself knows nothing of it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, Any

from benchmarks.timing.worker import ROOT

if TYPE_CHECKING:
    from pipeline.records import Report

ENOUGH = 200
LIBRARY = "read: pdfium itself"
REST = "between the stages"

ENTRANCES = (
    ("acquire", "pipeline.acquire", "paths_to_documents"),
    ("read", "pipeline.extract.opened_pdf", "read"),
    ("bind", "pipeline.extract.fallback", "raw_to_bound"),
    ("bind", "pipeline.extract.fallback", "is_printed"),
    ("bind", "pipeline.extract.opened_document", "pages_to_mentions"),
    ("normalise", "pipeline.extract.fallback", "tables_to_observations"),
    ("normalise", "pipeline.extract.report", "is_annual_report"),
    ("normalise", "pipeline.extract.report", "lines_to_heading"),
    ("normalise", "pipeline.extract.report", "lines_to_sections"),
    ("check", "pipeline.extract.fallback", "observations_to_checks"),
    ("check", "pipeline.extract.fallback", "doubtful_cells"),
    ("check", "pipeline.extract.fallback", "resolve_doubts"),
    ("check", "pipeline.extract.fallback", "rows_in_doubt"),
    ("check", "pipeline.extract.fallback", "doubt_rows"),
    ("check", "pipeline.extract.fallback", "doubt_unshown"),
    ("check", "pipeline.extract.pdf_document", "doubt_shapes"),
    ("check", "pipeline.extract.pdf_document", "doubt_cut"),
    ("check", "pipeline.extract.pdf_document", "doubt_layer"),
    ("check", "pipeline.extract.pdf_document", "doubt_second_report"),
    ("look", "pipeline.extract.seen_pages", "raw_to_cells"),
    ("look", "pipeline.extract.seen_pages", "look_at_pages"),
    ("look", "pipeline.extract.seen_pages", "shapes_to_renamed"),
    ("look", "pipeline.extract.seen_pages", "shapes_to_confirmed"),
    ("losses", "pipeline.extract.pdf_document", "pdf_to_losses"),
)
"""Stage, and where its function is looked up by whoever calls it."""

STEPS = (
    "acquire",
    LIBRARY,
    "read: cells and lines",
    "read: pdfplumber",
    "read: camelot",
    "bind",
    "normalise",
    "check",
    "look",
    "losses",
    REST,
    "export",
)
"""What the time is divided into, in the order of the work."""


class Clock:
    """CPU seconds by step; while a step calls another, only the inner one's clock runs."""

    def __init__(self, now: Callable[[], float] = process_time) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._now = now
        self._running: list[str] = []
        self._since = 0.0

    @contextmanager
    def running(self, step: str) -> Iterator[None]:
        self._charge()
        self._running.append(step)
        try:
            yield
        finally:
            self._charge()
            self._running.pop()

    def _charge(self) -> None:
        now = self._now()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now


def files_to_steps(files: Sequence[Path]) -> dict[str, float]:
    """CPU seconds of STEPS over these files, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.timing.stages"]
    request = json.dumps([str(file.absolute()) for file in files])
    done = subprocess.run(command, cwd=ROOT, input=request, capture_output=True, text=True, check=True)
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def profile(files: Sequence[Path]) -> dict[str, float]:
    """CPU seconds of STEPS over these files, start-up apart: every file is read twice, the second counts."""
    _read(files, Clock())
    clock = Clock()
    with _wrapped(clock):
        reports = _read(files, clock)
    steps = _with_library_apart(clock.seconds, _library_seconds(files))
    return steps | {"export": _export_seconds(reports)}


def _read(files: Sequence[Path], clock: Clock) -> list[Report]:
    acquire, stages = import_module("pipeline.acquire"), import_module("pipeline.extract.document")
    reports = []
    for file in files:
        with clock.running(REST):
            (document,) = acquire.paths_to_documents([file])
            reports.append(stages.read_document(document.snapshot))
    return reports


def _export_seconds(reports: Sequence[Report]) -> float:
    """CPU seconds that these reports add to the writing of all tables, the checks across years among it.

    What writing takes in any case is start-up: the difference of many copies and one, as after a first run.
    """
    copies = ENOUGH // len(reports) + 2
    many = [_renamed(report, number) for number in range(copies) for report in reports]
    with TemporaryDirectory() as folder:
        _export(reports, Path(folder))
        once, all_ = (_cpu_seconds(_export, some, Path(folder)) for some in (reports, many))
    return max(all_ - once, 0.0) / (copies - 1)


def _renamed(report: Report, number: int) -> Report:
    """The report as if read from other bytes, so that the tables take it for another document."""
    from pipeline.records import sha256_to_report_id

    sha256 = hashlib.sha256(f"{number} {report.sha256}".encode()).hexdigest()
    return replace(report, sha256=sha256, report_id=sha256_to_report_id(sha256))


def _cpu_seconds(function: Callable[..., object], *arguments: object) -> float:
    started = process_time()
    function(*arguments)
    return process_time() - started


def _export(reports: Sequence[Report], out: Path) -> None:
    """Reports → files."""
    from pipeline.derive.chain import frames_to_tables, place_and_check
    from pipeline.tables.frames import reports_to_frames
    from pipeline.tables.schemas import require_valid
    from pipeline.tables.writer import write

    frames = reports_to_frames(reports, reading_version="benchmark")
    require_valid(frames.tables())
    write(frames_to_tables(place_and_check(frames)[0]), out)


@contextmanager
def _wrapped(clock: Clock) -> Iterator[None]:
    """Every entrance of a stage timed; raises AttributeError where the pipeline has none of that name."""
    originals = [(import_module(module), name, stage) for stage, module, name in ENTRANCES]
    kept = [(module, name, getattr(module, name)) for module, name, _ in originals]
    for module, name, stage in originals:
        setattr(module, name, _timed(getattr(module, name), stage, clock))
    try:
        yield
    finally:
        for module, name, original in kept:
            setattr(module, name, original)


def _timed(function: Callable[..., Any], stage: str, clock: Clock) -> Callable[..., Any]:
    def wrapper(*arguments: Any, **named: Any) -> Any:
        with clock.running(_reader(arguments[0]) if stage == "read" else stage):
            return function(*arguments, **named)

    return wrapper


def _reader(step: Any) -> str:
    """Return whose time a step is; that of pdfium itself is told apart from ours afterwards."""
    return "read: cells and lines" if step.reader == "pypdfium2" else f"read: {step.reader}"


def _with_library_apart(seconds: dict[str, float], library: float) -> dict[str, float]:
    ours = max(seconds.get("read: cells and lines", 0.0) - library, 0.0)
    apart = {**seconds, LIBRARY: library, "read: cells and lines": ours}
    return {step: apart.get(step, 0.0) for step in STEPS}


def _library_seconds(files: Sequence[Path]) -> float:
    """CPU seconds that pdfium takes to open the files, parse their pages and find their characters."""
    import pypdfium2

    def find(file: Path) -> None:
        with pypdfium2.PdfDocument(file) as document:
            document.init_forms()
            for page in document:
                page.get_textpage()

    return sum(_cpu_seconds(find, file) for file in files)


if __name__ == "__main__":
    json.dump(profile([Path(name) for name in json.load(sys.stdin)]), sys.stdout)
