"""Frames → the table coverage: which agency and year has a report with numbers, and which has none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derive.cell_matrices import Bools, texts_to_codes
from pipeline.derive.standing import NO_REPORT
from pipeline.records import NUMBER_STATUSES
from pipeline.tables.arrow import empty_frame, table_to_dtypes
from pipeline.tables.dictionary import PANELS
from pipeline.tables.frames import Frames

TABLE = "coverage"
FORM_TABLES = sorted(PANELS.values())


def frames_to_coverage(frames: Frames, taken: Frames) -> pd.DataFrame:
    """Return the table coverage, sorted by agency and year: one row per agency and year from its first to
    its last report.

    `taken` are the frames of the reports that stand, `frames` those of all.
    """
    reports = _known_reports(taken)
    if not len(reports):
        return empty_frame(TABLE)
    tables = _join(reports[FORM_TABLES].to_numpy(dtype=bool))
    years = reports[["agency_id", "fiscal_year", "agency", "region_code", "region_match"]].assign(
        tables=tables
    )
    counts = _counts(frames.reports)
    years = years.merge(counts, on=["agency_id", "fiscal_year"], how="left")
    whole = _every_year(years).merge(years, on=["agency_id", "fiscal_year"], how="left")
    return _fill_gaps(whole).astype(table_to_dtypes(TABLE))


def _counts(reports: pd.DataFrame) -> pd.DataFrame:
    """Return agency_id, fiscal_year and how many reports there are, superseded ones too."""
    there = reports[~reports["status"].isin(NO_REPORT)]
    return there.groupby(["agency_id", "fiscal_year"], as_index=False).agg(reports=("agency", "size"))


def _known_reports(frames: Frames) -> pd.DataFrame:
    """Return the reports whose agency and year are known, with a column per table that says if it has
    numbers."""
    reports = frames.reports
    numbers = dict(zip(FORM_TABLES, _tables_with_numbers(frames).T, strict=True))
    told = reports.assign(**numbers)
    known = reports["fiscal_year"].notna() & (reports["agency"] != "")
    return told.loc[known.to_numpy(dtype=bool)]


def _tables_with_numbers(frames: Frames) -> Bools:
    """Return a matrix (report × table) that says which tables have a number that can be trusted."""
    cells = frames.observations
    report = texts_to_codes(cells["report_id"], frames.reports["report_id"])
    number = (texts_to_codes(cells["status"], NUMBER_STATUSES) >= 0) & (report >= 0)
    there = np.zeros((len(frames.reports), len(FORM_TABLES)), bool)
    there[report[number], texts_to_codes(cells["table"], FORM_TABLES)[number]] = True
    return there


def _join(there: Bools) -> list[str]:
    """Return for each row the names of its tables, joined by +."""
    return ["+".join(np.array(FORM_TABLES)[row]) for row in there]


def _every_year(years: pd.DataFrame) -> pd.DataFrame:
    """Return a row per agency and year from its first to its last."""
    spans = years.groupby("agency_id")["fiscal_year"].agg(["min", "max"]).astype("int64")
    lengths = (spans["max"] - spans["min"] + 1).to_numpy()
    starts = np.repeat(spans["min"].to_numpy() - np.append(0, lengths.cumsum()[:-1]), lengths)
    every = starts + np.arange(lengths.sum())
    return pd.DataFrame({"agency_id": spans.index.repeat(lengths), "fiscal_year": every})


def _fill_gaps(whole: pd.DataFrame) -> pd.DataFrame:
    """Fill the years without a report, with the agency's name and region of the year before."""
    missing = whole["reports"].isna()
    names = ["agency", "region_code", "region_match"]
    before = whole.groupby("agency_id")[names].ffill()
    whole[names] = whole[names].where(~missing, before)
    whole["tables"], whole["reports"] = whole["tables"].fillna(""), whole["reports"].fillna(0)
    status = np.where(missing, "missing", np.where(whole["tables"] == "", "no_table", "numbers"))
    return whole.assign(status=status)[list(table_to_dtypes(TABLE))]
