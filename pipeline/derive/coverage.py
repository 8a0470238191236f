"""Frames → the table coverage: which agency and year has a report with numbers, and which has none; and
whether it came in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from pipeline.derive.cell_matrices import Bools, texts_to_codes
from pipeline.derive.places import reports_to_unplaced
from pipeline.derive.standing import NO_REPORT
from pipeline.places.regions import LATEST
from pipeline.places.units import ReportingUnit, Timeliness, UnitReport, date_to_timeliness, reports_to_units
from pipeline.records import NUMBER_STATUSES
from pipeline.tables.arrow import empty_frame, table_to_dtypes
from pipeline.tables.dictionary import PANELS
from pipeline.tables.frames import Frames

TABLE = "coverage"
FORM_TABLES = sorted(PANELS.values())
YEAR = ["agency_id", "fiscal_year"]
OF_AGENCY = ["agency", "region_code", "region_match", "county_unit"]


def frames_to_coverage(frames: Frames, taken: Frames) -> pd.DataFrame:
    """Return the table coverage, sorted by agency and year: one row per agency and year from its first report
    to the last year on which it should have reported.

    `taken` are the frames of the reports that stand, `frames` those of all.
    """
    reports = _known_reports(taken)
    if not len(reports):
        return empty_frame(TABLE)
    units = reports_to_known_units(reports)
    years = reports[[*YEAR, *OF_AGENCY]].assign(tables=_join(reports[FORM_TABLES].to_numpy(dtype=bool)))
    years = years.merge(reports_to_counts(frames.reports), on=YEAR, how="left")
    years = years.merge(_first_dates(frames.reports), on=YEAR, how="left")
    whole = _every_year(_spans(reports, units)).merge(years, on=YEAR, how="left")
    return _with_timeliness(_fill_gaps(whole), units).astype(table_to_dtypes(TABLE))


def reports_to_counts(reports: pd.DataFrame) -> pd.DataFrame:
    """Return agency_id, fiscal_year and how many reports there are, superseded ones too."""
    there = reports[~reports["status"].isin(NO_REPORT)]
    return there.groupby(YEAR, as_index=False).agg(reports=("agency", "size"))


def _first_dates(reports: pd.DataFrame) -> pd.DataFrame:
    """Return agency_id, fiscal_year and the first date of publication that one of the reports prints."""
    there = reports[~reports["status"].isin(NO_REPORT) & reports["published_on"].notna()]
    return there.sort_values("published_on").drop_duplicates(YEAR)[[*YEAR, "published_on"]]


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


def reports_to_known_units(reports: pd.DataFrame) -> dict[str, ReportingUnit]:
    """Return the units of these reports, whose agency and year are known, by agency_id."""
    names = ["agency_id", "agency", "fiscal_year", "bureau_type", "region_given", "kept_apart"]
    rows = reports[names].astype(object).where(reports[names].notna(), None).itertuples(index=False)
    return reports_to_units(
        UnitReport(row[0], row[1], int(row[2]), row[3], row[4], row[5] or "") for row in rows
    )


def _spans(reports: pd.DataFrame, units: Mapping[str, ReportingUnit]) -> pd.DataFrame:
    """Return the first and the last year of each agency_id: the last on which others of its kind have
    reported (governments, other bodies), if it goes on; else the last that it can report on, or has.

    An agency without a known region ends with its last report: who would have to go on is not known.
    """
    last = reports.groupby("agency_id")["fiscal_year"].max()
    kinds = dict.fromkeys((True, False), 0)
    for agency_id, unit in units.items():
        kinds[unit.government] = max(kinds[unit.government], int(last[agency_id]))
    nowhere = reports_to_unplaced(reports)
    ends = {
        agency_id: 0 if agency_id in nowhere else min(kinds[unit.government], unit.last or LATEST)
        for agency_id, unit in units.items()
    }
    spans = pd.DataFrame({"min": {name: unit.first for name, unit in units.items()}, "max": ends})
    spans["max"] = np.maximum(spans["max"], last.astype("int64").reindex(spans.index))
    return spans.rename_axis("agency_id").sort_index()


def _every_year(spans: pd.DataFrame) -> pd.DataFrame:
    """Return a row per agency and year from its first to its last."""
    lengths = (spans["max"] - spans["min"] + 1).to_numpy()
    starts = np.repeat(spans["min"].to_numpy() - np.append(0, lengths.cumsum()[:-1]), lengths)
    every = starts + np.arange(lengths.sum())
    return pd.DataFrame({"agency_id": spans.index.repeat(lengths), "fiscal_year": every})


def _fill_gaps(whole: pd.DataFrame) -> pd.DataFrame:
    """Fill the years without a report, with the agency's name and region of the year before."""
    missing = whole["reports"].isna()
    before = whole.groupby("agency_id")[OF_AGENCY].ffill()
    whole[OF_AGENCY] = whole[OF_AGENCY].where(~missing, before)
    whole["tables"], whole["reports"] = whole["tables"].fillna(""), whole["reports"].fillna(0)
    status = np.where(missing, "missing", np.where(whole["tables"] == "", "no_table", "numbers"))
    return whole.assign(status=status)


def _with_timeliness(whole: pd.DataFrame, units: Mapping[str, ReportingUnit]) -> pd.DataFrame:
    """Return the table whole, with the day on which each report was due and whether it came in time."""
    due: list[str | None] = []
    found: list[Timeliness] = []
    for agency_id, year, printed in whole[[*YEAR, "published_on"]].itertuples(index=False):
        day = units[agency_id].due_on(int(year))
        due.append(day.isoformat() if day else None)
        published_on = None if pd.isna(printed) else date.fromisoformat(printed)
        found.append(date_to_timeliness(published_on, day, int(year)))
    days_due = pd.array(due, dtype=table_to_dtypes(TABLE)["due_on"])
    days = pd.array([each.days_late for each in found], dtype="Int16")
    words = [each.word for each in found]
    return whole.assign(due_on=days_due, days_late=days, timeliness=words)[list(table_to_dtypes(TABLE))]
