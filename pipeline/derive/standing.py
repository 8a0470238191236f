"""Reports of one body and year → which of them stands, and in which cells they differ. Only this file
decides it; panels, rates, coverage and checks across years take the frames that it gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.records import BLANK_STATUSES, NUMBER_STATUSES
from pipeline.tables.arrow import empty_frame, table_to_dtypes
from pipeline.tables.frames import Frames, keep_reports, standing

TABLE = "revisions"
CELL = ["table", "item", "column"]
YEAR = ["agency_id", "fiscal_year"]
NO_REPORT = ("not_a_report", "failed")

_KINDS = ("same", "partial", "revision", "contradiction")
"""How two versions of a cell, or of a report, differ, the least first."""

_STANDINGS = ("same", "partial", "revised", "contradicted")
"""What a superseded report is called, by the place of its kind in `_KINDS`."""

_ABSENT = "absent"


def with_standing(frames: Frames) -> Frames:
    """Return the frames with `superseded_by` and `standing` of every report set anew.

    Of several reports of one body and year the one published last stands. One without a cell of the form
    does not stand before one with cells. Where no date decides, it is the one with more numbers that can be
    trusted, then the last by report_id.
    """
    chosen = replace(frames, reports=_with_superseded(frames.reports))
    kinds = _differing(chosen).groupby("report_id")["kind"].max()
    reports = chosen.reports.copy(deep=False)
    told = np.select(
        [reports["superseded_by"].notna(), reports["report_id"].isin(reports["superseded_by"])],
        [np.array(_STANDINGS)[reports["report_id"].map(kinds).fillna(0).astype(int)], "stands"],
        "only",
    )
    reports["standing"] = pd.Series(told, index=reports.index, dtype=reports["standing"].dtype)
    return replace(chosen, reports=reports)


def frames_to_taken(frames: Frames) -> Frames:
    """Return what may be compared: the reports that stand, without what is no report. A cell that another
    version contradicts is suspect, without a value: no date says which of the two is right."""
    taken = _without_others(standing(frames))
    differing = _differing(frames)
    wrong = differing[differing["kind"] == _KINDS.index("contradiction")]
    if not len(wrong):
        return taken
    cells = taken.observations.copy()
    keys = pd.MultiIndex.from_frame(wrong[["superseded_by", *CELL]])
    doubtful = pd.MultiIndex.from_frame(cells[["report_id", *CELL]]).isin(keys)
    cells.loc[doubtful, "status"] = "suspect"
    cells.loc[doubtful, "value"] = np.nan
    return replace(taken, observations=cells)


def frames_to_revisions(frames: Frames) -> pd.DataFrame:
    """Return the table revisions: a row per version of every cell in which versions differ, sorted by body,
    year and cell, the version that stands last."""
    differing = _differing(frames)
    if not len(differing):
        return empty_frame(TABLE)
    kinds = differing.groupby(["superseded_by", *CELL], as_index=False, sort=False)["kind"].max()
    versions = _versions(frames.reports)
    rows = kinds.merge(versions, left_on="superseded_by", right_on="stander")
    cells = frames.observations[["report_id", *CELL, "value", "status", "raw"]]
    rows = rows.merge(cells, on=["report_id", *CELL], how="left").fillna({"status": _ABSENT, "raw": ""})
    rows["kind"] = np.array(_KINDS)[rows["kind"]]
    order = [*YEAR, *CELL, "stands", "published_on", "report_id"]
    rows = rows.sort_values(order, na_position="first", ignore_index=True)
    dtypes = table_to_dtypes(TABLE)
    whole: pd.DataFrame = rows[list(dtypes)].astype(dtypes)
    return whole


def _without_others(frames: Frames) -> Frames:
    """Return the frames without documents that are no report or could not be read."""
    others = frames.reports["status"].isin(NO_REPORT)
    if not others.any():
        return frames
    return keep_reports(frames, frames.reports.loc[~others, "report_id"])


def _with_superseded(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the reports with the id of the one that stands for their body and year, null for that one."""
    reports = reports.copy(deep=False)
    known = reports["fiscal_year"].notna() & (reports["agency"] != "") & ~reports["status"].isin(NO_REPORT)
    ranked = reports[known.to_numpy(dtype=bool)]
    ranked = ranked.assign(printed=ranked["cells"] > 0, sound=ranked["cells"] - ranked["cells_suspect"])
    order = ["printed", "published_on", "sound", "report_id"]
    ranked = ranked.sort_values(order, na_position="first", kind="stable")
    last = ranked.groupby(YEAR)["report_id"].transform("last")
    others = last[last != ranked["report_id"]]
    reports["superseded_by"] = others.reindex(reports.index).astype(reports["superseded_by"].dtype)
    return reports


def _versions(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the reports of bodies and years that have several, each with the one that stands (`stander`)."""
    stander = reports["superseded_by"].fillna(reports["report_id"])
    several = stander.isin(reports["superseded_by"].dropna())
    superseded = reports["superseded_by"].notna()
    told = reports.assign(stander=stander, stands=np.where(superseded, "no", "yes"))[several]
    return told[[*YEAR, "agency", "report_id", "published_on", "stander", "stands"]]


def _differing(frames: Frames) -> pd.DataFrame:
    """Return the cells in which a superseded report differs from the one that stands: report_id,
    superseded_by, table, item, column and the place of their kind in `_KINDS`."""
    reports = frames.reports
    pairs = reports.loc[reports["superseded_by"].notna(), ["report_id", "superseded_by", "published_on"]]
    if not len(pairs):
        return pd.DataFrame({name: [] for name in ("report_id", "superseded_by", *CELL, "kind")})
    both = _side_by_side(frames.observations, pairs)
    dates = pairs.set_index("report_id")["published_on"]
    later = both["superseded_by"].map(reports.set_index("report_id")["published_on"])
    dated = (later > both["report_id"].map(dates)).fillna(False).to_numpy(dtype=bool)
    absent = (both["status"].isna() | both["status_now"].isna()).to_numpy(dtype=bool)
    kind = np.select([absent, _unequal(both) & dated, _unequal(both)], [1, 2, 3], 0)
    return both.assign(kind=kind).loc[kind > 0, ["report_id", "superseded_by", *CELL, "kind"]]


def _side_by_side(cells: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of each pair of reports side by side, those of the one that stands as value_now and
    status_now."""
    columns = ["report_id", "superseded_by", *CELL, "value", "status"]
    before = cells.merge(pairs, on="report_id")[columns]
    now = cells.merge(pairs, left_on="report_id", right_on="superseded_by", suffixes=("_now", ""))[columns]
    keys = ["report_id", "superseded_by", *CELL]
    return before.merge(now, on=keys, how="outer", suffixes=("", "_now"), sort=False)


def _unequal(both: pd.DataFrame) -> Any:
    """Say of each cell whether two versions print different things, as far as both can be read."""
    sides = [both["status"], both["status_now"]]
    numbers = [side.isin(NUMBER_STATUSES).to_numpy(dtype=bool) for side in sides]
    blanks = [side.isin(BLANK_STATUSES).to_numpy(dtype=bool) for side in sides]
    other = numbers[0] & numbers[1] & (both["value"] != both["value_now"]).to_numpy(dtype=bool)
    return other | (numbers[0] & blanks[1]) | (blanks[0] & numbers[1])
