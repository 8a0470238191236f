"""Speed on one machine, side by side in one run: `python -m benchmarks.speed`.

Prints CPU time a page, ours and that of other programs, as multiples of the floor (pypdfium2: open, text,
page objects) on the same pages in the same round; then whole runs: cold start, growth with the number of
documents, memory, output, a second run with nothing new; then where the time goes. Figures on a shared
machine are noisy: compare ratios, not milliseconds.

What is printed is written to benchmarks/.results/speed.json: `date`, `machine`, `versions`, `corpus`
(documents and pages there, in the sample, and how many of the sample need a second reading), `materials`
(what the programs were compared on), `programs` (a row a program and material: ms a page and ratio to the
floor as min/median/max of rounds, CPU seconds of every round, documents it failed on), `footprints` (imports,
peak MB in a process of its own), `cold_start`, `growth`, `stages` (CPU ms a page of every step by material),
`absent` (programs not installed, with what they need).
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from benchmarks.timing.compare import Material, compare, footprint, measured_to_rows
from benchmarks.timing.growth import cold_start, grow
from benchmarks.timing.machine import machine, versions
from benchmarks.timing.programs import FLOOR, OURS, PROGRAMS
from benchmarks.timing.stages import files_to_steps
from benchmarks.timing.worker import ROOT

if TYPE_CHECKING:
    from pipeline.records import Report

CORPUS = ROOT / "benchmarks" / ".corpus"
Thing = TypeVar("Thing")
RESULTS = ROOT / "benchmarks" / ".results"
RAW = ROOT / "data" / "raw"
FEW = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; the exit status."""
    options = _parser().parse_args(arguments)
    files = sorted(options.corpus.glob("*.pdf"))
    if not files:
        return _fail(f"{options.corpus}: holds no PDF: run python -m benchmarks.corpus, or give another DIR")
    sample = evenly(files, options.documents)
    reports = [report for report in files_to_reports(sample) if report.status != "failed"]
    materials = sample_to_materials(sample, reports)
    if not materials:
        return _fail(f"{options.corpus}: every report in it needs a second reading: give more --documents")
    absent = {name: list(PROGRAMS[name].absent) for name in options.programs if PROGRAMS[name].absent}
    programs = [name for name in options.programs if name not in absent]
    result = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "corpus": _describe(files, reports),
        "materials": [_material_to_dict(each) for each in materials],
        "absent": absent,
        **_measure(materials, programs, options),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print("\n".join(result_to_lines(result)))
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description="Speed, side by side.")
    corpus = CORPUS if any(CORPUS.glob("*.pdf")) else RAW
    parser.add_argument("--corpus", type=Path, default=corpus, metavar="DIR", help="PDF files to read")
    parser.add_argument("--documents", type=_positive, default=60, metavar="N", help="how many of them")
    parser.add_argument("--rounds", type=_positive, default=5, metavar="R")
    parser.add_argument("--growth", type=_counts, default=(10, 100), metavar="10,100,…", help="sizes of runs")
    parser.add_argument("--programs", type=_programs, default=tuple(PROGRAMS), metavar="NAME,…")
    parser.add_argument("--out", type=Path, default=RESULTS / "speed.json", metavar="FILE")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number above 0")
    return int(text)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(sorted(_positive(part) for part in text.split(",") if part))


def _programs(text: str) -> tuple[str, ...]:
    """The named programs, the floor and ours among them in any case: every figure is held against these."""
    named = {part.strip() for part in text.split(",")}
    if unknown := sorted(named - PROGRAMS.keys()):
        allowed = ", ".join(PROGRAMS)
        raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}: expected some of {allowed}")
    return tuple(name for name in PROGRAMS if name in named | {FLOOR, OURS})


def _measure(materials: Sequence[Material], programs: Sequence[str], options: Any) -> dict[str, Any]:
    """Everything that takes time, from the programs side by side to the stages."""
    once, few = materials[0], materials[1]
    rows = [row for each in materials for row in _compare(each, programs, options.rounds)]
    dead = {row["program"] for row in rows if row["failure"]}
    _say("memory and imports")
    footprints = [footprint(name, few.files) for name in programs if name not in dead]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=options.out.parent) as folder:
        _say("cold start")
        starts = cold_start(few.files[0], Path(folder), options.rounds)
        grown = [_grow(once.files, count, Path(folder)) for count in options.growth]
    _say("stages")
    stages = {
        each.name: {step: seconds * 1000 / each.pages for step, seconds in files_to_steps(each.files).items()}
        for each in materials
        if each is not few
    }
    whole = {"cold_start": starts, "growth": grown}
    return {"programs": rows, "footprints": footprints, **whole, "stages": stages}


def _compare(material: Material, programs: Sequence[str], rounds: int) -> list[dict[str, Any]]:
    """The slow programs only on the few documents, all others on every material."""
    chosen = [name for name in programs if material.name == "few" or not PROGRAMS[name].slow]
    return list(measured_to_rows(material, compare(material, chosen, rounds, _say)))


def _grow(documents: Sequence[Path], count: int, folder: Path) -> dict[str, Any]:
    _say(f"run over {count:,} documents")
    return grow(documents, count, folder)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# ------------------------------------------------------------ files → materials


def evenly(things: Sequence[Thing], count: int) -> list[Thing]:
    """At most `count` of the things, spread evenly over all of them."""
    if count >= len(things):
        return list(things)
    return [things[number * len(things) // count] for number in range(count)]


def files_to_reports(files: Sequence[Path]) -> list[Report]:
    """The report of every file, in their order, each read in a process of its own."""
    from pipeline.acquire import paths_to_documents
    from pipeline.config import Settings
    from pipeline.workers import Task, tasks_to_reports

    documents = paths_to_documents(files)
    reports = {each.sha256: each for each in tasks_to_reports([Task(one) for one in documents], Settings())}
    return [reports[document.snapshot.sha256] for document in documents]


def sample_to_materials(sample: Sequence[Path], reports: Sequence[Report]) -> list[Material]:
    """`once`: what the first step reads alone; `few` of these; `all` that could be read.

    [] where there is none that is read at once.
    """
    by_name = {file.name: file for file in sample}
    once = [report for report in reports if len(report.steps) == 1]
    if not once:
        return []
    few = evenly(once, FEW)
    described = (
        ("once", "documents that need no second reading", once),
        ("few", "some of these, for slow programs", few),
        ("all", "documents of every kind, second readings among them", reports),
    )
    return [_material(name, what, chosen, by_name) for name, what, chosen in described]


def _material(name: str, what: str, reports: Sequence[Report], files: Mapping[str, Path]) -> Material:
    chosen = tuple(files[Path(report.source_file).name] for report in reports)
    return Material(name, what, chosen, sum(report.pages for report in reports))


def _describe(files: Sequence[Path], reports: Sequence[Report]) -> dict[str, Any]:
    second = sum(len(report.steps) > 1 for report in reports)
    return {"documents": len(files), "sample": len(reports), "second_reading": second}


def _material_to_dict(material: Material) -> dict[str, Any]:
    return {
        "name": material.name,
        "what": material.what,
        "documents": len(material.files),
        "pages": material.pages,
    }


# --------------------------------------------------------------- result → table


def result_to_lines(result: Mapping[str, Any]) -> Iterable[str]:
    """The figures for a terminal."""
    here = result["machine"]
    yield f"{here['processor']}, {here['cores']} cores, {here['memory_gb']} GB, Python {here['python']}"
    for material in result["materials"]:
        yield ""
        yield f"{material['documents']} {material['what']}, {material['pages']} pages"
        rows = [row for row in result["programs"] if row["material"] == material["name"]]
        yield from _comparison_to_lines(rows)
    yield ""
    yield from _footprints_to_lines(result["footprints"])
    yield ""
    yield from _runs_to_lines(result["cold_start"], result["growth"])
    for name, steps in result["stages"].items():
        yield ""
        yield f"CPU ms a page by step ({name})"
        yield from (f"  {step:28} {milliseconds:8.3f}" for step, milliseconds in steps.items())
    for name, needed in result["absent"].items():
        yield f"not measured: {name} (not installed: {', '.join(needed)})"


def _comparison_to_lines(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    ours = next((row["cpu_ms_a_page"]["median"] for row in rows if row["program"] == OURS), None)
    for row in rows:
        if not row["rounds"]:
            yield f"  {row['program']:16} {row['failure']}"
            continue
        cpu, wall, ratio = (row[name] for name in ("cpu_ms_a_page", "wall_ms_a_page", "ratio"))
        line = f"  {row['program']:16} {cpu['median']:8.2f} ms CPU a page {wall['median']:8.2f} ms wall"
        if ratio:
            line += f"  {ratio['median']:7.2f} × floor ({ratio['min']:.2f} to {ratio['max']:.2f})"
        if ours:
            line += f"  {cpu['median'] / ours:7.2f} × ours"
        failed = len(row["failed_documents"])
        yield line + (f"  fails on {failed}" if failed else "")


def _footprints_to_lines(footprints: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for row in footprints:
        peak = "memory unknown" if row["peak_mb"] is None else f"{row['peak_mb']:6.0f} MB at most"
        yield f"  {row['program']:16} {row['import_cpu']:6.2f} s CPU to import {peak}"


def _runs_to_lines(starts: Iterable[Mapping[str, Any]], grown: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for row in starts:
        yield f"  {row['what']:38} {row['wall']['median']:7.2f} s wall {row['cpu']['median']:7.2f} s CPU"
    for row in grown:
        for key, what in (("first", "run"), ("nothing_new", "nothing new"), ("one_more", "one more")):
            run = row[key]
            name = f"{row['documents']:,} documents, {what}"
            memory = f"{run['parent_mb'] or 0:6.0f} MB parent {run['worker_mb'] or 0:6.0f} MB worker"
            yield f"  {name:38} {run['wall']:7.2f} s wall {run['cpu']:7.2f} s CPU {memory}"


if __name__ == "__main__":
    sys.exit(main())
