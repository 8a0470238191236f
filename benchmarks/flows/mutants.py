"""Files with traps: `python -m benchmarks.flows --mutants 300 --seed N`.

Into each of N generated files a trap of benchmarks.flows.traps is put, by a seed, and it is read by the
workers. What a person sees in it is known: a cell that is given as anything else, and not flagged, is
silently wrong. How many cells are, and how many files are called ok that are not whole, is printed, and
written to benchmarks/.results/flow-mutants.json. Each trap comes once before any comes twice.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.flows.reading import path_to_snapshot
from benchmarks.flows.traps.cases import UNSURE, Mutant, Name, Trap, Value, chance_case
from benchmarks.flows.traps.damage import damage_traps
from benchmarks.flows.traps.in_cells import in_cell_traps
from benchmarks.flows.traps.in_pages import in_page_traps
from benchmarks.flows.traps.in_sheets import in_sheet_traps
from benchmarks.flows.traps.in_word import in_word_traps
from benchmarks.speed import RESULTS
from pipeline.acquire import Document
from pipeline.config import Settings
from pipeline.records import Report
from pipeline.workers import Task, tasks_to_reports
from tools.generator.figures import failing
from tools.generator.flows import FLOW_KINDS

FLAGS = ("suspect", "unreadable")


class Made(NamedTuple):
    """A mutant with the path of its file, and the trap in it."""

    path: Path
    mutant: Mutant
    trap: Trap


def load_traps() -> list[Trap]:
    """Return all traps, always in the same order."""
    return [*in_cell_traps(), *in_page_traps(), *in_word_traps(), *in_sheet_traps(), *damage_traps()]


def read_mutants(count: int, only: Sequence[int] | None, seed: int, jobs: int, folder: Path) -> int:
    """Make and read mutants, print what came of them; 1 where a cell is silently wrong."""
    made = {one.path.name: one for one in write_mutants(only or range(count), seed, folder)}
    totals = Counter({"files": len(made), "silent": 0, "trusted": 0, "blamed": 0})
    for name, report in read_made(made, jobs):
        found = Counter(kind for kind, _ in judged(made[name].mutant, report))
        totals.update(found)
        totals.update((f"report {report.status}", f"traps {made[name].trap.kind}"))
        for kind, line in judged(made[name].mutant, report):
            if kind in ("silent", "trusted", "blamed"):
                print(f"{made[name].path}: {kind}: {line}", file=sys.stderr)
    text = json.dumps(dict(sorted(totals.items())), indent=1)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "flow-mutants.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return int(totals["silent"] + totals["trusted"] + totals["blamed"] > 0)


def write_mutants(numbers: Iterable[int], seed: int, folder: Path) -> Iterator[Made]:
    """Write the mutants of these numbers, and yield each."""
    traps = load_traps()
    Random(f"flows/{seed}").shuffle(traps)
    for number in numbers:
        trap = traps[number % len(traps)]
        mutant = trap.make(chance_case(number, seed))
        path = folder / f"{number:04}-{trap.name}{FLOW_KINDS[trap.kind].suffix}"
        path.write_bytes(mutant.file)
        yield Made(path, mutant, trap)


def read_made(made: Mapping[str, Made], jobs: int) -> Iterator[tuple[str, Report]]:
    """Yield the name of each file with its report, read by the workers; equal files once for each."""
    tasks, names = [], dict[str, list[str]]()
    for name, one in made.items():
        digest = sha256(one.mutant.file).hexdigest()
        if digest not in names:
            snapshot = path_to_snapshot(one.path, FLOW_KINDS[one.trap.kind].media_type)
            tasks.append(Task(Document(snapshot, str(one.path))))
        names.setdefault(digest, []).append(name)
    for report in tasks_to_reports(tasks, Settings(jobs=jobs)):
        for name in names.get(report.sha256, ()):
            yield name, report


def judged(mutant: Mutant, report: Report) -> Iterator[tuple[str, str]]:
    """Yield what came of each cell (right, flagged, missing, silent), with a line.

    A number of which nobody can be sure is right where a sum that passes holds it. Also `trusted` for a file
    that is called ok and is not whole, and `blamed` for a sum that is laid to the publisher, although it is
    right as a person sees it.
    """
    cells = {(seen.table, seen.item, seen.column): seen for one in (report, *report.others)
             for seen in one.observations}  # fmt: skip
    held = {
        (check.table, *cell) for check in report.checks if check.verdict == "pass" for cell in check.cells
    }
    for name in dict.fromkeys((*mutant.truth, *cells)):
        seen, wanted = cells.get(name), mutant.truth.get(name)
        given = (seen.value, seen.status) if seen else None
        raw = seen.raw if seen else ""
        if wanted == UNSURE and given == mutant.stored.get(name) and name in held:
            wanted = given
        yield verdict(given, wanted), f"{'.'.join(name)}: {raw!r} {given} for {wanted}; {report.status}"
    if report.status == "ok" and not mutant.is_sound:
        yield "trusted", "a report that is not whole is ok"
    wrong = {tuple(pair) for pair in wrong_sums(mutant.truth)}
    for check in report.checks:
        if check.attribution == "publisher" and (check.check, check.scope) not in wrong:
            yield "blamed", f"{check.check} {check.scope}: {check.left:g} is not {check.right:g}"


def verdict(given: Value | None, wanted: Value | None) -> str:
    """Return right, flagged, missing or silent; None stands for a cell that is not given, or not there."""
    if given is None:
        return "missing"
    if given[1] in FLAGS:
        return "right" if wanted and wanted[1] in FLAGS else "flagged"
    return "right" if given == wanted else "silent"


def wrong_sums(truth: Mapping[Name, Value]) -> list[tuple[str, str]]:
    """Return the sums that are wrong as a person sees the numbers."""
    read = {name: value for name, (value, status) in truth.items() if status not in FLAGS}
    return failing(read, [name for name in truth if name not in read])
