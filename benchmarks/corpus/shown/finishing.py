"""What is to be done with the file of a report, and its printing."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tools.generator import Manuscript, Printed, Spec, compose
from tools.generator.figures import Cell

from ..producers import producer
from ..producers.office import fix_identity
from .kinds import KINDS, Kind
from .markup import PRINTERS
from .places import Place, find_places, nearest_places

if TYPE_CHECKING:
    from ..plan import Entry

BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Finishing:
    """What makes a report one of its kind: `texts` are shown in `cells`, each with what else stands there.

    `marks` are the numbers by which the places of the cells are found.
    """

    kind: str
    cells: tuple[Cell, ...]
    marks: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    after_printing: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A report to be printed at `path` and finished; `marked` is where it is printed to find the places."""

    producer: str
    spec: Spec
    finishing: Finishing
    report: Manuscript
    path: Path
    marked: Path

    @property
    def kind(self) -> Kind:
        return BY_NAME[self.finishing.kind]

    @property
    def is_searched(self) -> bool:
        return self.finishing.after_printing and bool(self.finishing.cells)


def print_finished(entries: Sequence[tuple[Entry, Manuscript]], out: Path) -> None:
    """Print documents of one producer, and do with each what makes it one of its kind."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = [
            Job(e.producer, e.spec, e.finishing, report, out / f"{e.name}.pdf", Path(folder, f"{number}.pdf"))
            for number, (e, report) in enumerate(entries)
            if e.finishing
        ]
        for job in jobs:
            job.path.parent.mkdir(parents=True, exist_ok=True)
            if job.kind.mark:
                PRINTERS[job.producer](job.report, job.path, job.kind.mark)
        wanted = [(job.report, job.path) for job in jobs if not job.kind.mark]
        wanted += [(compose(with_marks(job)), job.marked) for job in jobs if job.is_searched]
        if wanted:
            producer(jobs[0].producer).print_reports(wanted)
        for job in jobs:
            finish(job)


def with_marks(job: Job) -> Spec:
    """Return the report with numbers that stand out in the cells of the kind."""
    known = zip(job.finishing.cells, job.finishing.marks, strict=True)
    printed = tuple((cell, Printed(mark, float(mark), "ok")) for cell, mark in known)
    style = replace(job.spec.style, shown=(), pieces=())
    return replace(job.spec, printed=printed, style=style)


def places_of(job: Job, pdf: bytes) -> tuple[Place, ...]:
    """Return where the cells of the kind are in the printed file: where their numbers stand, if any."""
    printed = dict(job.spec.printed)
    near = find_places(job.marked.read_bytes(), job.finishing.marks)
    return nearest_places(pdf, near, [printed[cell].text for cell in job.finishing.cells])


def finish(job: Job) -> None:
    """Do with the printed file what makes it one of its kind."""
    if not job.finishing.after_printing or job.kind.finish is None:
        return
    pdf = job.path.read_bytes()
    places = places_of(job, pdf) if job.is_searched else ()
    job.path.write_bytes(job.kind.finish(pdf, places, job.finishing.texts, Random(job.path.stem)))
    fix_identity(job.path)
