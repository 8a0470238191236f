"""Tables with everything that another program may trip over, written in every format."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from pipeline.config import EXPORTS, FORMATS
from pipeline.derive.chain import frames_to_tables, place_and_check
from pipeline.records import Section
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.writer import write
from tests.tables.report_sample import cell, report, sample_reports

LONG = "政府信息公开" * 400
"""A text of 7,200 bytes: no fixed text of Stata is as long."""


@cache
def sample_tables() -> dict[str, pd.DataFrame]:
    """The sample's tables, a superseded report among them, and a chapter that is long."""
    again = report(
        "甲2023再", agency="甲局", observations=[cell("granted", "total", 3)], published_on="2024-03-01"
    )
    long = report("长", agency="戊局", sections=[Section("overview", "一、", 1, LONG)])
    seen = replace(long, source_url="https://user:word@www.example.gov.cn/a/1.pdf?b=/c")
    frames, _ = place_and_check(reports_to_frames([*sample_reports(), again, seen], reading_version="1"))
    return frames_to_tables(frames)


def write_exports(out: Path, tables: dict[str, pd.DataFrame]) -> Path:
    """The folder, with these tables in every format."""
    write(tables, out, (*FORMATS, *EXPORTS), "1")
    return out
