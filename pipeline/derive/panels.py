"""Matrices → panels: one row per agency and fiscal year, one column per cell, to compare bureaus and
years; beside each row how far it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.derive.cell_matrices import (
    SUSPECT,
    Bools,
    TableMatrix,
    heads_to_years_back,
    matrix_to_values,
    texts_to_codes,
)
from pipeline.derive.coverage import reports_to_counts
from pipeline.derive.panel_nulls import ZERO, Reasons, reasons_to_any
from pipeline.tables.arrow import table_to_dtypes
from pipeline.tables.dictionary import PANELS, panel_column
from pipeline.tables.frames import SERIES, Frames

OF_REPORT = ["scope", "bureau_type", "admin_level", "published_on", "county_unit"]
DOUBTS = ("unreadable", "suspect", "contradicted")
"""The reasons of a null for which a person has to look."""
UNCERTAIN = ("year_differs", "several_reports")
"""The reasons of a report for which it is not certain whose numbers these are, or of which year."""


def matrices_to_panels(
    matrices: Mapping[str, TableMatrix], reasons: Mapping[str, Reasons], frames: Frames, taken: Frames
) -> dict[str, pd.DataFrame]:
    """Return every panel by name, sorted by agency and fiscal year.

    `reasons` say why cells are null; their first rows are those of the matrices. `taken` are the frames of
    the reports that stand, `frames` those of all.
    """
    counts = reports_to_counts(frames.reports)
    return {
        panel: _panel(panel, matrices[table], reasons[table], taken, counts)
        for panel, table in PANELS.items()
    }


def _panel(
    panel: str, matrix: TableMatrix, reasons: Reasons, taken: Frames, counts: pd.DataFrame
) -> pd.DataFrame:
    """Return one panel."""
    table, heads = PANELS[panel], matrix.heads
    rows = texts_to_codes(heads["report_id"], taken.reports["report_id"])
    told = taken.reports[OF_REPORT].take(rows).set_index(heads.index)
    reports = heads[["agency_id", "fiscal_year"]].merge(counts, on=["agency_id", "fiscal_year"], how="left")
    uncertain = taken.reports["reason"].isin(UNCERTAIN).to_numpy(dtype=bool)[rows]
    reasons = reasons[: len(heads)]
    judged = _judgements(table, matrix, reasons, taken.checks, uncertain)
    names = [panel_column(item, column) for item, column in matrix.grid.pairs]
    shown = matrix_to_values(table, matrix.grid, reasons_to_any(reasons, ZERO))
    numbers = pd.DataFrame(shown, columns=names, index=heads.index)
    beside = told.assign(reports=reports["reports"].to_numpy(), **judged)
    dtypes = table_to_dtypes(panel)
    return pd.concat([heads, beside, numbers], axis="columns")[list(dtypes)].astype(dtypes)


def _judgements(
    table: str, matrix: TableMatrix, reasons: Reasons, checks: pd.DataFrame, uncertain: Bools
) -> dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]]:
    """Return for each row checks_failed, cells_suspect and trust of the table. `uncertain` says of which rows
    it is not certain whose numbers they are. A failed check across years counts in the rows of both."""
    mine = checks[((checks["table"] == table) & (checks["verdict"] == "fail")).to_numpy(dtype=bool)]
    here, before = heads_to_years_back(mine["report_id"], matrix.heads)
    across = mine["check"].str.startswith(SERIES).to_numpy(dtype=bool)
    quoted = (mine["attribution"] == "publisher").fillna(False).to_numpy(dtype=bool)
    rows, quoted = np.append(here, before[across]), np.append(quoted, quoted[across])
    count = len(matrix.heads)
    failed = np.bincount(rows[rows >= 0], minlength=count)
    misread = np.bincount(rows[(rows >= 0) & ~quoted], minlength=count)
    suspect = (matrix.grid.has(SUSPECT) & reasons_to_any(reasons, SUSPECT)).sum(axis=1)
    doubtful = uncertain | reasons_to_any(reasons, DOUBTS).any(axis=1) | (misread > 0)
    absent = reasons_to_any(reasons, ("absent",)).any(axis=1)
    trust = np.select([doubtful, absent, failed > 0], ["doubtful", "incomplete", "quoted"], "sound")
    return {"checks_failed": failed, "cells_suspect": suspect, "trust": trust}
