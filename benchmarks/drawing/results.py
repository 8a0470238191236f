"""The measured figures as they were written: rows of accuracy.csv, speed.json, the axes of the corpus."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)

OURS = "pipeline"
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
class Results:
    """`axes` gives for every document of the corpus its values on every axis."""

    rows: tuple[Row, ...]
    axes: Mapping[str, Mapping[str, tuple[str, ...]]]
    speed: Mapping[str, Any]
    corpus: Path

    @property
    def ours(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.program == OURS)

    @property
    def programs(self) -> list[str]:
        """Ours, then the others by the share of cells that they give exactly, the best first."""
        tallies = tally_by(self.rows, lambda row: row.program)
        return sorted(tallies, key=lambda name: (name != OURS, -tallies[name].share("exact"), name))


def load_results(folder: Path, corpus: Path) -> Results:
    """What the folder holds, with the axes of the documents; ResultsError where a part is missing."""
    rows = csv_to_rows(folder / "accuracy.csv")
    axes = {name: document_to_axes(corpus, name) for name in dict.fromkeys(row.document for row in rows)}
    return Results(tuple(rows), axes, json.loads(_text(folder / "speed.json", "benchmarks.speed")), corpus)


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
        converted = {field.name: kinds[str(field.type)](values[field.name]) for field in fields(Row)}
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
    named = [field.name for field in fields(Tally) if field.name not in ("documents", "failures")]
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
