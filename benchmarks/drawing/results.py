"""The measured figures as they were written: rows of accuracy.csv, speed.json, the axes of the corpus."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)

OURS = "pipeline"
HOW_SHOWN = "shown"
MERGED = "merged"
"""The axis of the documents whose numbers are not plain text; their figures stand apart from all others."""

POSITIONS = "break positions"
"""The axis that lists every planned page end of a document; each is a value of its own."""


class ResultsError(Exception):
    """Results that are not there or do not belong together; the message says what to run."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one program made of one document."""

    program: str
    document: str
    producer: str
    pages: int
    cells: int
    exact: int
    missing: int
    flagged: int
    silent: int
    false_alarms: int
    errors_planted: int
    errors_found: int
    errors_attributed: int
    attributed_wrongly: int
    cpu_seconds: float
    failure: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows added up; `failures` counts documents that the program could not read."""

    documents: int = 0
    pages: int = 0
    cells: int = 0
    exact: int = 0
    missing: int = 0
    flagged: int = 0
    silent: int = 0
    false_alarms: int = 0
    errors_planted: int = 0
    errors_found: int = 0
    errors_attributed: int = 0
    attributed_wrongly: int = 0
    failures: int = 0

    def share(self, what: str) -> float:
        """The part of all cells that is `what`: exact, missing, flagged, silent or false_alarms."""
        part: int = getattr(self, what)
        return part / self.cells if self.cells else math.nan


@dataclass(frozen=True, slots=True)
class Earlier:
    """Figures of other programs from an earlier run over the same documents, as they were published then.

    `milliseconds` of CPU a page go by program; `producers` and `axes` have shares alone, in tallies of
    PARTS_OF_ALL cells.
    """

    date: str = ""
    programs: Mapping[str, Tally] = field(default_factory=dict)
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    producers: Mapping[tuple[str, str], Tally] = field(default_factory=dict)
    axes: Mapping[str, Mapping[tuple[str, str], Tally]] = field(default_factory=dict)

    def without(self, programs: Collection[str]) -> Earlier:
        """Return what is known of programs that were not run since."""
        return Earlier(
            self.date,
            {name: each for name, each in self.programs.items() if name not in programs},
            self.milliseconds,
            {key: each for key, each in self.producers.items() if key[1] not in programs},
            {name: each for name, each in self.axes.items() if name not in programs},
        )


@dataclass(frozen=True, slots=True)
class Results:
    """`axes` gives for every document of the corpus its values on every axis.

    `shown` and `merged` are the rows of documents that have a value on such an axis; `rows` are all others.
    `titles`, `several` and `claims` are the counts of the benchmarks of these names; empty where not run.
    `scans` are those of benchmarks.scans by program and setting, `flows` and `flow_mutants` those of
    benchmarks.flows.
    """

    rows: tuple[Row, ...]
    axes: Mapping[str, Mapping[str, tuple[str, ...]]]
    speed: Mapping[str, Any]
    corpus: Path
    shown: tuple[Row, ...] = ()
    earlier: Earlier = Earlier()
    merged: tuple[Row, ...] = ()
    titles: Mapping[str, int] = field(default_factory=dict)
    several: Mapping[str, int] = field(default_factory=dict)
    claims: Mapping[str, int] = field(default_factory=dict)
    scans: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    flows: Mapping[str, int] = field(default_factory=dict)
    flow_mutants: Mapping[str, int] = field(default_factory=dict)

    @property
    def ours(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.program == OURS)

    @property
    def programs(self) -> list[str]:
        """Ours, then the others by the share of cells that they give exactly, the best first."""
        tallies = self.by_program
        return sorted(tallies, key=lambda name: (name != OURS, -tallies[name].share("exact"), name))

    @property
    def by_program(self) -> Mapping[str, Tally]:
        return {**self.earlier.programs, **tally_by(self.rows, lambda row: row.program)}

    @property
    def by_producer(self) -> Mapping[tuple[str, str], Tally]:
        """The tallies by producer and program."""
        return {**self.earlier.producers, **tally_by(self.rows, lambda row: (row.producer, row.program))}

    @property
    def by_axis(self) -> Mapping[str, Mapping[tuple[str, str], Tally]]:
        """The tallies by program, then by axis and value; the programs in their order."""
        return {
            name: self.earlier.axes[name]
            if name in self.earlier.axes
            else tally_axes([row for row in self.rows if row.program == name], self.axes)
            for name in self.programs
        }


def load_results(folder: Path, corpus: Path, earlier: Path | None = None) -> Results:
    """What the folder holds, with the axes of the documents; ResultsError where a part is missing.

    `earlier` is a file with figures of other programs; those that were run since are passed over.
    """
    every = csv_to_rows(folder / "accuracy.csv")
    axes = {name: document_to_axes(corpus, name) for name in dict.fromkeys(row.document for row in every)}
    rows = tuple(row for row in every if not axes[row.document].keys() & {HOW_SHOWN, MERGED})
    merged = tuple(row for row in every if MERGED in axes[row.document])
    shown = tuple(row for row in every if HOW_SHOWN in axes[row.document])
    speed = json.loads(_text(folder / "speed.json", "benchmarks.speed"))
    known = load_earlier(earlier).without({row.program for row in rows}) if earlier else Earlier()
    apart = [_counts(folder / f"{name}.json") for name in APART]
    return Results(rows, axes, speed, corpus, shown, known, merged, *apart)


APART = ("titles", "several", "claims", "scans", "flows", "flow-mutants")
"""Benchmarks that write counts of their own, in the order of the fields of Results."""


def _counts(path: Path) -> dict[str, Any]:
    """The counts that a benchmark of its own wrote; none where it was not run."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


PARTS_OF_ALL = 100_000
"""Shares were published in percent with three digits."""


def load_earlier(file: Path) -> Earlier:
    """What a page of an earlier run said of other programs."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    counts = {name: dict(figures) for name, figures in kept["programs"].items()}
    milliseconds = {name: figures.pop("cpu_ms_a_page") for name, figures in counts.items()}
    producers = {
        (producer, name): _share_to_tally(share)
        for producer, shares in kept["producers"].items()
        for name, share in shares.items()
    }
    axes: dict[str, dict[tuple[str, str], Tally]] = {}
    for labelled, shares in kept["axes"].items():
        axis, _, value = labelled.partition(", ")
        for name, share in shares.items():
            axes.setdefault(name, {})[axis, value] = _share_to_tally(share)
    tallies = {name: Tally(**figures) for name, figures in counts.items()}
    return Earlier(kept["date"], tallies, milliseconds, producers, axes)


def _share_to_tally(percent: float) -> Tally:
    return Tally(cells=PARTS_OF_ALL, exact=round(percent * PARTS_OF_ALL / 100))


def csv_to_rows(file: Path) -> list[Row]:
    """The rows of accuracy.csv, documents without their suffix."""
    lines = io.StringIO(_text(file, "benchmarks.accuracy"), newline="")
    rows = [_to_row(values, file) for values in csv.DictReader(lines)]
    if not any(row.program == OURS for row in rows):
        raise ResultsError(f"{file}: no row of the program {OURS}: run python -m benchmarks.accuracy")
    return rows


def _to_row(values: Mapping[str, str], file: Path) -> Row:
    kinds = {"int": int, "float": float, "str": str}
    try:
        converted = {each.name: kinds[str(each.type)](values[each.name]) for each in fields(Row)}
    except (KeyError, TypeError, ValueError) as error:
        where = f"{file}: {values.get('document')}, {values.get('program')}"
        remedy = "run python -m benchmarks.accuracy again"
        raise ResultsError(f"{where}: is no row of figures ({error}): {remedy}") from error
    return Row(**{**converted, "document": values["document"].removesuffix(".pdf")})


def _text(file: Path, module: str) -> str:
    if not file.exists():
        raise ResultsError(f"{file}: is not there: run python -m {module} first, or make bench for all")
    return file.read_text(encoding="utf-8-sig")


def document_to_axes(corpus: Path, document: str) -> dict[str, tuple[str, ...]]:
    """The values of a document by axis: one, or those of POSITIONS."""
    file = corpus / f"{document}.json"
    if not file.exists():
        remedy = "run python -m benchmarks.corpus and benchmarks.accuracy again"
        raise ResultsError(f"{file}: is not there, but accuracy.csv has rows on it: {remedy}")
    axes = json.loads(file.read_text(encoding="utf-8"))["axes"]
    return {name.replace("_", " "): _to_values(name.replace("_", " "), value) for name, value in axes.items()}


def _to_values(axis: str, value: str) -> tuple[str, ...]:
    return tuple(filter(None, value.split(" + "))) if axis == POSITIONS else (value,)


# -------------------------------------------------------------------- rows → tallies


def tally(rows: Iterable[Row]) -> Tally:
    every = list(rows)
    named = [each.name for each in fields(Tally) if each.name not in ("documents", "failures")]
    sums = {name: sum(getattr(row, name) for row in every) for name in named}
    return Tally(documents=len(every), failures=sum(bool(row.failure) for row in every), **sums)


def tally_by(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, Tally]:
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: tally(group) for name, group in groups.items()}


def tally_axes(
    rows: Sequence[Row], axes: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> dict[tuple[str, str], Tally]:
    """By axis and value, in the order of the axes; their values in order, numbers as numbers."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for axis, values in axes[row.document].items():
            for value in values:
                groups.setdefault((axis, value), []).append(row)
    order = list(dict.fromkeys(axis for each in axes.values() for axis in each))
    return {key: tally(groups[key]) for key in sorted(groups, key=lambda key: (order.index(key[0]), key[1]))}
