"""Speed on one machine, side by side in one run: `python -m benchmarks.speed [PDF ...]`.

Prints CPU ms a page from reading to checks on reports where nothing has to be confirmed, beside tablers,
pypdfium2 and pdfplumber alone on the same pages; then whole runs: cold start, growth with the number of
documents, memory a worker, and a second run with nothing new. Figures on a shared machine are noisy:
compare ratios, not milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from pipeline.document import read_document
from pipeline.records import Snapshot

ROUNDS = 7
ROOT = Path(__file__).parents[1]


def main(files: Sequence[Path]) -> None:
    """Every figure for the given reports, or for those of data/raw that need no second reading."""
    chosen = [file for file in files if _readers(file) == ("tablers",)]
    pages = sum(_read(file).pages for file in chosen)
    print(f"{len(chosen)} reports, {pages} pages, {os.cpu_count()} cores, median of {ROUNDS} rounds")
    _compare(chosen, pages)
    _whole_runs(chosen[0])


def _read(file: Path):  # type: ignore[no-untyped-def]
    return read_document(Snapshot(file, hashlib.sha256(file.read_bytes()).hexdigest()))


def _readers(file: Path) -> tuple[str, ...]:
    return tuple(_read(file).readers)


def _compare(files: Sequence[Path], pages: int) -> None:
    """One row a program: its CPU ms a page, and how many times ours that is."""
    programs: dict[str, Callable[[Path], object]] = {
        "pipeline, reading to checks": _read,
        "tablers, tables with text": _tablers,
        "pypdfium2, text and objects": _pypdfium2,
        "pdfplumber, extract_tables": _pdfplumber,
    }
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            started = time.process_time()
            for file in files:
                program(file)
            times[name].append((time.process_time() - started) / pages * 1000)
    ours = median(times["pipeline, reading to checks"])
    for name, values in times.items():
        print(f"{name:32} {median(values):7.2f} ms CPU a page   {median(values) / ours:6.2f} × ours")


def _tablers(file: Path) -> None:
    import tablers

    with tablers.Document(file) as document:
        for page in document.doc.pages():
            tablers.find_tables(page, extract_text=True)


def _pypdfium2(file: Path) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(file) as document:
        for page in document:
            page.get_textpage().get_text_range()
            list(page.get_objects())


def _pdfplumber(file: Path) -> None:
    import pdfplumber

    with pdfplumber.open(file) as document:
        for page in document.pages:
            page.extract_tables()


def _whole_runs(report: Path) -> None:
    """Whole processes: `--help`, then 1, 50 and 200 distinct copies of a report, then nothing new."""
    _timed("--help", [sys.executable, "-m", "pipeline", "--help"])
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, 50, 200):
            raw, out = Path(folder, f"raw{count}"), Path(folder, f"out{count}")
            raw.mkdir()
            for number in range(count):
                (raw / f"{number}.pdf").write_bytes(report.read_bytes() + b"%% copy %d\n" % number)
            command = [sys.executable, "-m", "pipeline", "run", str(raw), "--out", str(out)]
            _timed(f"run, {count} reports", command)
        _timed("run, nothing new", command)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process of all (the parent with pandas): {workers:.0f} MB")


def _timed(name: str, command: Sequence[str]) -> None:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:32} {time.perf_counter() - started:7.2f} s wall {cpu:7.2f} s CPU")


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    main(given or sorted((ROOT / "data" / "raw").glob("*.pdf")))
