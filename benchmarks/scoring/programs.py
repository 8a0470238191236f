"""Documents through a program, each in a worker process under a time limit; what peers gave is kept.

A peer's raw tables are kept under the hash of the PDF and the peer's version, so that a second run, or one
with another label lookup, costs nothing. Ours is always read again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import os
import resource
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, TimeoutError, as_completed
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS, Cell, Grid, Value, grids_to_cells
from benchmarks.scoring.truths import Truth
from pipeline.files.durable import written_beside

OURS = "pipeline"
PROGRAMS = (OURS, *PEERS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program gave for one document: a peer `grids`, ours `cells` with the pages they are on.

    `checks` are those that failed: (check, scope) with who is to blame, publisher or reading.
    """

    cpu_seconds: float = 0.0
    failure: str = ""
    grids: tuple[Grid, ...] = ()
    cells: Mapping[Cell, Value] | None = None
    on_page: Mapping[Cell, int] | None = None
    checks: tuple[tuple[tuple[str, str], str], ...] = ()


def read_all(
    program: str, truths: Sequence[Truth], jobs: int, timeout: float, cache: Path
) -> Iterator[tuple[Truth, Outcome]]:
    """Each document with what the program made of it, as they are done."""
    waiting = []
    for truth in truths:
        if known := _load(_cache_file(cache, program, truth)):
            yield truth, known
        else:
            waiting.append(truth)
    for truth, outcome in _read_apart(program, waiting, jobs, timeout):
        _save(outcome, _cache_file(cache, program, truth))
        yield truth, outcome


def outcome_to_cells(outcome: Outcome) -> Mapping[Cell, Value]:
    """Ours as it is; a peer's raw tables through the label lookup that all peers share."""
    return grids_to_cells(outcome.grids) if outcome.cells is None else outcome.cells


# --------------------------------------------------------------------- workers


def _read_apart(
    program: str, truths: Sequence[Truth], jobs: int, timeout: float
) -> Iterator[tuple[Truth, Outcome]]:
    from pebble import ProcessPool

    if not truths:
        return
    spawn = multiprocessing.get_context("spawn")
    pool: Any = ProcessPool(max_workers=min(jobs, len(truths)), initializer=_quieten, context=spawn)
    try:
        futures: dict[Future[Outcome], Truth] = {
            pool.schedule(read_one, args=(program, truth.pdf, truth.sha256), timeout=timeout): truth
            for truth in truths
        }
        for future in as_completed(futures):
            yield futures[future], _settled(future, timeout)
    finally:
        pool.stop()
        pool.join()


def _settled(future: Future[Outcome], timeout: float) -> Outcome:
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        return Outcome(cpu_seconds=timeout, failure=f"time-out after {timeout:.0f} s")
    except ProcessExpired as death:
        return Outcome(failure=f"crashed: exit status {death.exitcode}")


def _quieten() -> None:
    """Libraries and Java warn of every odd font; what matters of it shows in the cells."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def read_one(program: str, pdf: Path, sha256: str) -> Outcome:
    """One document in this process; whatever the program raises becomes a failure."""
    if hashlib.sha256(pdf.read_bytes()).hexdigest() != sha256:
        return Outcome(failure="printed anew during the run: measure when the corpus is whole")
    import_module("pipeline.extract.document" if program == OURS else PEERS[program].module)
    started = _cpu_seconds()
    try:
        outcome = _ours(pdf, sha256) if program == OURS else Outcome(grids=tuple(PEERS[program].read(pdf)))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of a Rust library is no Exception
        outcome = Outcome(failure=f"{type(error).__name__}: {error}"[:200])
    return replace(outcome, cpu_seconds=_cpu_seconds() - started)


def _ours(pdf: Path, sha256: str) -> Outcome:
    from pipeline.extract.document import read_document
    from pipeline.records import Snapshot

    report = read_document(Snapshot(pdf, sha256))
    cells = {(seen.table, seen.item, seen.column): seen for seen in report.observations}
    failed = (check for check in report.checks if check.verdict == "fail")
    return Outcome(
        failure=report.error if report.status == "failed" else "",
        cells={cell: (seen.value, seen.status) for cell, seen in cells.items()},
        on_page={cell: seen.page for cell, seen in cells.items()},
        checks=tuple(((check.check, check.scope), check.attribution or "") for check in failed),
    )


def _cpu_seconds() -> float:
    """Of this process and of the programs that it has run and waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


# ----------------------------------------------------------------------- cache


def _cache_file(cache: Path, program: str, truth: Truth) -> Path | None:
    if program == OURS:
        return None
    return cache / program / PEERS[program].version() / f"{truth.sha256[:32]}.json"


def _load(file: Path | None) -> Outcome | None:
    if file is None or not file.exists():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    grids = tuple(Grid(page, tuple(map(tuple, rows))) for page, rows in kept["grids"])
    return Outcome(kept["cpu_seconds"], kept["failure"], grids)


def _save(outcome: Outcome, file: Path | None) -> None:
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "cpu_seconds": round(outcome.cpu_seconds, 3),
        "failure": outcome.failure,
        "grids": [[grid.page, grid.rows] for grid in outcome.grids],
    }
    with written_beside(file) as content:
        content.write(json.dumps(kept, ensure_ascii=False).encode())
