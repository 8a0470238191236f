"""Frames → the tuples that this package works on, and its records → frames."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Any

import pandas as pd

from pipeline.records import OCR_LAYER, PICTURE_READER
from pipeline.tables.arrow import lists_to_frame
from pipeline.tables.dictionary import PROSE, tables
from pipeline.tables.frames import Frames, agency_ids

SECTION_FIELDS = ["report_id", "agency", "fiscal_year", "section", "page", "text"]
RECOGNISERS = {OCR_LAYER, PICTURE_READER}
CELL_FIELDS = ["report_id", "table", "item", "column", "value", "status"]


def section_rows(frames: Frames) -> Iterator[tuple[Any, ...]]:
    """Yield the chapters as tuples: agency_id, report_id, agency, fiscal_year or None, section, page,
    text."""
    sections = frames.sections
    columns = {name: sections[name].tolist() for name in SECTION_FIELDS}
    columns["fiscal_year"] = [None if year is pd.NA else year for year in columns["fiscal_year"]]
    return zip(agency_ids(frames, columns["report_id"]), *columns.values(), strict=True)


def recognised_reports(frames: Frames) -> set[str]:
    """Return the ids of the reports of which a program recognised pages in pictures, ours or the file's own.

    Where it recognised tables alone, the prose is text; the table of reports does not tell the two apart.
    """
    rows = zip(frames.reports["report_id"], frames.reports["readers"], strict=True)
    return {report for report, readers in rows if not RECOGNISERS.isdisjoint(readers.split("+"))}


def cell_rows(frames: Frames, wanted: Collection[tuple[str, str, str]]) -> Iterator[tuple[Any, ...]]:
    """Yield the observations of these (table, item, column) as tuples: report_id, table, item, column,
    value or None, status."""
    cells = frames.observations
    some = cells["item"].isin({w[1] for w in wanted}) & cells["column"].isin({w[2] for w in wanted})
    cells = cells.loc[some.to_numpy(dtype=bool), CELL_FIELDS]
    columns = {name: cells[name].tolist() for name in CELL_FIELDS}
    columns["value"] = [None if value != value else value for value in columns["value"]]
    return (row for row in zip(*columns.values(), strict=True) if row[1:4] in wanted)


def rows_to_frames(**rows: Sequence[Any]) -> dict[str, pd.DataFrame]:
    """Return the tables made of prose by name, from records whose attributes are the columns."""
    return {name: _rows_to_frame(name, rows[name]) for name in PROSE}


def _rows_to_frame(table: str, rows: Sequence[Any]) -> pd.DataFrame:
    names = [column.name for column in tables()[table].columns]
    return lists_to_frame(table, {name: map(attrgetter(name), rows) for name in names})
