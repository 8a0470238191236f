"""PDFs that the generator draws, read and made into every table of the contract, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipeline.config import Settings
from pipeline.derive.chain import frames_to_tables, place_and_check
from pipeline.run import file_to_report
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.schemas import require_valid
from tools.generator import Spec, generate

Tables = dict[str, pd.DataFrame]


def draw_tables(folder: Path, specs: Mapping[str, Spec]) -> Tables:
    """The tables made of these reports, each in the file of that name below the folder."""
    for name, spec in specs.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(generate(spec)[0])
    reports = [
        replace(file_to_report(folder / name, Settings(), apart=False), source_file=name) for name in specs
    ]
    frames, _ = place_and_check(reports_to_frames(reports, reading_version="1"))
    tables = frames_to_tables(frames)
    require_valid(tables)
    return tables


def file_of(tables: Tables, report_id: str) -> str:
    """The name of the file that a report was read from."""
    reports = tables["reports"]
    return Path(reports.loc[reports["report_id"] == report_id, "source_file"].item()).name
