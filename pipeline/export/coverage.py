"""Frames → coverage: which agency and year has a report with numbers, and which has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.export.arrow import empty_frame, table_to_dtypes
from pipeline.export.dictionary import PANELS
from pipeline.export.frames import Frames
from pipeline.export.spreads import NUMBER, texts_to_codes

TABLE = "coverage"


def frames_to_coverage(frames: Frames) -> pd.DataFrame:
    """The table coverage, sorted by agency and year."""
    reports = _known_reports(frames)
    if not len(reports):
        return empty_frame(TABLE)
    years = reports.groupby(["agency_id", "fiscal_year"], as_index=False).agg(
        agency=("agency", "last"),
        region_code=("region_code", "last"),
        tables=("tables", _join),
        reports=("agency", "size"),
    )
    whole = _every_year(years).merge(years, on=["agency_id", "fiscal_year"], how="left")
    return _fill_gaps(whole).astype(table_to_dtypes(TABLE))


def _known_reports(frames: Frames) -> pd.DataFrame:
    """The reports of which agency and year are known, with the tables that hold numbers, joined by +."""
    reports = frames.reports
    known = reports["fiscal_year"].notna() & (reports["agency"] != "")
    reports = reports.loc[known.to_numpy(dtype=bool)]
    ids = reports.get("agency_id", reports["agency"])
    tables = _tables_with_numbers(frames)
    return reports.assign(
        agency_id=ids.where(ids != "", reports["agency"]),
        tables=[tables.get(report_id, "") for report_id in reports["report_id"]],
    )


def _tables_with_numbers(frames: Frames) -> dict[str, str]:
    """By report_id; a report without any is left out."""
    cells, report_ids, names = frames.observations, frames.reports["report_id"], list(PANELS.values())
    number = texts_to_codes(cells["status"], NUMBER) >= 0
    report = texts_to_codes(cells["report_id"], report_ids)[number]
    pairs = np.unique(report * len(names) + texts_to_codes(cells["table"], names)[number])
    tables: dict[str, list[str]] = {}
    for place, name in zip(*np.divmod(pairs, len(names)), strict=True):
        tables.setdefault(str(report_ids.iat[place]), []).append(names[name])
    return {report_id: "+".join(sorted(found)) for report_id, found in tables.items()}


def _join(tables: pd.Series[Any]) -> str:
    return "+".join(sorted({name for joined in tables for name in joined.split("+") if name}))


def _every_year(years: pd.DataFrame) -> pd.DataFrame:
    """One row per agency and year from its first to its last."""
    spans = years.groupby("agency_id")["fiscal_year"].agg(["min", "max"]).astype("int64")
    lengths = (spans["max"] - spans["min"] + 1).to_numpy()
    starts = np.repeat(spans["min"].to_numpy() - np.append(0, lengths.cumsum()[:-1]), lengths)
    every = starts + np.arange(lengths.sum())
    return pd.DataFrame({"agency_id": spans.index.repeat(lengths), "fiscal_year": every})


def _fill_gaps(whole: pd.DataFrame) -> pd.DataFrame:
    missing = whole["reports"].isna()
    names = ["agency", "region_code"]
    before = whole.groupby("agency_id")[names].ffill()
    whole[names] = whole[names].where(~missing, before)
    whole["tables"], whole["reports"] = whole["tables"].fillna(""), whole["reports"].fillna(0)
    status = np.where(missing, "missing", np.where(whole["tables"] == "", "no_table", "numbers"))
    return whole.assign(status=status)[list(table_to_dtypes(TABLE))]
