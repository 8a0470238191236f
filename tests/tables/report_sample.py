"""Hand-made records: reports of an invented bureau, as the stages before the export give them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import pandas as pd

from pipeline.config import FORMATS
from pipeline.derive.chain import frames_to_tables
from pipeline.records import (
    Box,
    Check,
    Leftover,
    Observation,
    Reason,
    Report,
    ReportIdentity,
    Section,
    sha256_to_report_id,
)
from pipeline.tables.frames import Frames
from pipeline.tables.writer import write

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
BALANCE = Check("applications", "applications.balance", "total", 5.0, 5.0, "pass", None, 1, ())
Numbers = Mapping[tuple[str, str], float | str]


def cell(
    item: str,
    column: str,
    value: float | None,
    *,
    table: str = "applications",
    template: str = "fy2021",
    unit: str = "件",
    status: str = "ok",
    raw: str | None = None,
    confirmed_by: str = "",
) -> Observation:
    return Observation(
        table=table,
        template=template,
        item=item,
        column=column,
        value=value,
        unit=unit,
        raw=("" if value is None else f"{value:g}") if raw is None else raw,
        status=status,
        page=2,
        box=Box(72.1, 100.25, 90.7, 110.0),
        reader="pypdfium2",
        match="exact",
        row_label=item,
        column_label=column,
        confirmed_by=confirmed_by,
    )


def cells(table: str, numbers: Numbers, **more: str) -> list[Observation]:
    """Cells of one table; a text in place of a number is the status of a cell without one."""
    return [
        cell(item, column, None, table=table, status=value, **more)
        if isinstance(value, str)
        else cell(item, column, value, table=table, **more)
        for (item, column), value in numbers.items()
    ]


def report(
    name: str,
    *,
    agency: str = "示例局",
    year: int | None = 2023,
    observations: Iterable[Observation] = (),
    checks: Iterable[Check] = (BALANCE,),
    status: str = "ok",
    error: str = "",
    reason: Reason = Reason.NONE,
    source_file: str | None = None,
    published_on: str | None = "2024-01-20",
    seconds: float = 0.4,
    sections: Iterable[Section] = (Section("overview", "一、总体情况", 1, "第一段\n第二段"),),
) -> Report:
    """A report whose content, and so its id, is `name`."""
    digest = sha256(name.encode()).hexdigest()
    return Report(
        report_id=sha256_to_report_id(digest),
        sha256=digest,
        source_file=source_file or f"{name}.pdf",
        source_url=None,
        heading=ReportIdentity(agency, year, f"{agency}{year}年政府信息公开工作年度报告", published_on),
        pages=5,
        templates=("fy2021",),
        readers=("pypdfium2", "pdfplumber"),
        steps=("pypdfium2 ruled", "pdfplumber ruled"),
        observations=tuple(observations),
        checks=tuple(checks),
        sections=tuple(sections),
        leftovers=(Leftover("applications", 3, "注：样例", Box(1, 2, 3, 4), "no label claims it"),),
        missing=("applications.other.other.total",),
        status=status,
        error=error,
        seconds=seconds,
        reason=reason,
    )


def sample_reports() -> list[Report]:
    """Every status of a cell, two years running, a failed document and one without a year."""
    mixed = [
        cell("new_received", "natural_person", 21),
        cell("new_received", "business", None, status="blank"),
        cell("new_received", "research", None, status="not_applicable", raw="—"),
        cell("new_received", "nonprofit", None, status="unreadable", raw="=3O"),
        cell("new_received", "legal_service", 4, status="suspect"),
        cell("new_received", "other_org", None, status="suspect", raw="12?"),
        cell("new_received", "total", 25, status="corrected", raw="'+25"),
        cell("administrative_fees", "fee_amount", 7730.28, table="active_disclosure", unit="万元"),
    ]
    before = [cell("new_received", "natural_person", 7), cell("new_received", "total", -0.0, raw="减0")]
    return [
        report("乙2023", agency="乙局", observations=mixed),
        report("甲2023", agency="甲局", observations=before),
        report("甲2022", agency="甲局", year=2022, observations=before, published_on=None, seconds=2.9),
        report(
            "坏",
            agency="",
            year=None,
            checks=(),
            sections=(),
            status="failed",
            error="is a scan",
            reason=Reason.NO_TEXT,
        ),
        report("无年", agency="丙局", year=None, checks=(), status="no_tables", reason=Reason.NO_TABLES),
    ]


def write_frames(
    frames: Frames,
    out: Path,
    formats: Collection[str] = FORMATS,
    prose: Mapping[str, pd.DataFrame] | None = None,
) -> list[Path]:
    """Every table made of these frames, written as a run does."""
    return write(frames_to_tables(frames, prose), out, formats)
