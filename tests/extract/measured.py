"""A generated report read, and held against what the generator knows of it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.extract.document import read_document
from pipeline.extract.opened_pdf import ALL_ENGINES, EngineOptions
from pipeline.records import Observation, Report, Snapshot
from tools.generator import Spec, Style, generate

Cell = tuple[str, str, str]

OWNED = ("suspect", "unreadable")
"""Statuses that tell everyone not to trust a value."""

WITHOUT_PICTURES = EngineOptions(without=frozenset({"ocr"}))

MODERN = Spec("示例市示例局", 2022)
FORMS = {
    "fy2021": MODERN,
    "fy2019": replace(MODERN, year=2020, active="fy2019", applications="fy2019"),
    "fy2014": replace(MODERN, year=2017, active="", applications="", review=False, statistics="national"),
}


def read_bytes(
    pdf: bytes, confirm: frozenset[str] = frozenset(), engines: EngineOptions = ALL_ENGINES
) -> Report:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        path.write_bytes(pdf)
        return read_document(Snapshot(path, sha256(pdf).hexdigest()), confirm=confirm, engines=engines)


def read_spec(spec: Spec, style: Style | None = None) -> tuple[Report, dict[str, Any]]:
    """The report as it was read, and the truth about it."""
    pdf, truth = generate(replace(spec, style=style) if style else spec)
    return read_bytes(pdf), truth


def cells_of(report: Report) -> dict[Cell, Observation]:
    return {(seen.table, seen.item, seen.column): seen for seen in report.observations}


def inexact(report: Report, truth: dict[str, Any]) -> list[str]:
    """Every cell that is missing, too much, or not as printed; in words."""
    seen = {cell: (s.value, s.status, s.unit) for cell, s in cells_of(report).items()}
    printed = {tuple(row[:3]): tuple(row[3:]) for row in truth["cells"]}
    return [
        f"{'.'.join(cell)}: printed {printed.get(cell)}, read {seen.get(cell)}"
        for cell in sorted(seen.keys() | printed.keys())
        if seen.get(cell) != printed.get(cell)
    ]


def silent_errors(report: Report, truth: dict[str, Any]) -> list[str]:
    """Every cell that is not as printed and that nothing in the report owns up to.

    A value is owned up to by its status; a lost cell is listed as missing, or its table left numbers over.
    """
    cells = cells_of(report)
    doubted = {".".join(cell) for cell, seen in cells.items() if seen.status in OWNED}
    bound = {".".join(cell) for cell in cells}
    with_leftovers = {left.table for left in report.leftovers if any(map(str.isdigit, left.text))}
    unfinished = with_leftovers | set(report.missing)

    def is_owned(error: str) -> bool:
        cell = error.split(":")[0]
        lost = cell not in bound
        return cell in doubted or (lost and bool({cell, cell.split(".")[0]} & unfinished))

    return [error for error in inexact(report, truth) if not is_owned(error)]


def failed_checks(report: Report) -> set[tuple[str, str]]:
    return {(check.check, check.scope) for check in report.checks if check.verdict == "fail"}
