"""A folder of tables and a selection → the frames that page, workbook and pictures show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.compare.checked_cells import checked_cells
from pipeline.compare.rates import connection_to_rates
from pipeline.compare.scopes import Overlap, panel_to_changed, panel_to_overlaps
from pipeline.compare.selection import (
    LEVELS,
    ChosenReports,
    Measure,
    Selection,
    choose,
    code_to_name,
    code_to_prefix,
    names_to_measures,
)
from pipeline.forms import load_forms, tables_in_force
from pipeline.query.views import folder_to_connection

CERTAIN = ("ok", "proven_zero")
"""The statuses of a number without doubt; the second is that of a blank that a check proves to be 0."""
TRUSTED = (*CERTAIN, "check_failed")
NOWHERE = "地区不明"
RECEIVED = {
    "statistics": "statistics.received.count",
    "applications": "applications.new_received.total",
}
"""The applications received in a year, by the form's table that says so."""


@dataclass(frozen=True)
class Comparison:
    """What is compared. Nothing is ever added across agencies: a report may count another one's figures.

    panel      a row per agency and year: key, agency, region, fiscal_year, scope, report_id, status …
    figures    a row per agency, year and measure: value and its status: ok, check_failed, suspect, or why
               there is none
    rates      the same for every rate, with numerator, denominator and the ends of its interval
    due        key and fiscal_year of every report that is there or should be
    coverage   a row per region and selected year: reports due, there, flagged, missing
    troubles   a row per doubt in a selected year: what, why, in which file and on which page
    overlaps   agencies of selected years whose reports may hold the figures of others that are compared
    changed    agencies whose reports do not count the same in all years
    """

    chosen: ChosenReports
    bureaus: tuple[str, ...]
    measures: tuple[Measure, ...]
    panel: pd.DataFrame
    figures: pd.DataFrame
    rates: pd.DataFrame
    due: pd.DataFrame
    coverage: pd.DataFrame
    troubles: pd.DataFrame
    overlaps: tuple[Overlap, ...]
    changed: tuple[str, ...]
    reading_versions: tuple[str, ...]
    unplaced: int
    superseded: int
    min_n: int

    @property
    def year(self) -> int:
        """The year of the ranking: the last selected one."""
        return self.chosen.years[-1]


def folder_to_comparison(folder: Path, selection: Selection) -> Comparison:
    """Return everything to show for a selection. SelectionError or QueryError say what is available
    instead."""
    asked = names_to_measures(selection.items)
    with folder_to_connection(folder) as connection:
        reports = connection.execute("SELECT * FROM reports ORDER BY report_id").df()
        superseded = connection.execute("FROM all_reports WHERE superseded_by IS NOT NULL").df()
        chosen = choose(reports, selection)
        panel = _reports_to_panel(chosen)
        compared = asked or names_to_measures(_usual_items(panel, chosen.years[-1]))
        names = [measure.key for measure in compared]
        rates = _with_heads(panel, connection_to_rates(connection, list(panel["report_id"]), names))
        cells = _with_heads(panel, _connection_to_cells(connection, panel, compared))
        due = _due(connection, panel)
        troubles = _troubles(connection, panel[panel["fiscal_year"].isin(chosen.years)])
    titled = rates.rename(columns={"rate": "measure"})
    figures = pd.concat([cells, titled[titled["measure"].isin(names)]], ignore_index=True)
    unplaced = int(((reports["agency"] == "") | reports["fiscal_year"].isna()).sum())
    return Comparison(
        chosen, selection.bureaus, compared, panel, figures, rates,
        due, _coverage(panel, due, chosen.years), troubles,
        panel_to_overlaps(panel, chosen.years), panel_to_changed(panel),
        tuple(sorted(set(panel["reading_version"]))), unplaced,
        int(superseded["superseded_by"].isin(panel["report_id"]).sum()), selection.min_n,
    )  # fmt: skip


def _usual_items(panel: pd.DataFrame, year: int) -> list[str]:
    """Return what is ranked unless the user says otherwise: the applications received, as the forms of that
    year's reports call them."""
    printed = {
        form for forms in panel.loc[panel["fiscal_year"] == year, "templates"] for form in forms.split("+")
    }
    tables = {each.table for each in load_forms() if each.form in printed} or set(tables_in_force(year))
    return [item for table, item in RECEIVED.items() if table in tables] or list(RECEIVED.values())


def _reports_to_panel(chosen: ChosenReports) -> pd.DataFrame:
    """Return the reports, of which each stands for its agency and year, with the names they are shown by."""
    reports = chosen.reports.sort_values(["fiscal_year", "report_id"])
    years = reports["fiscal_year"].astype(int)
    panel = reports.assign(key=reports["agency_id"].astype(str), fiscal_year=years)
    panel = panel.assign(region=_codes_to_groups(panel, chosen.prefix))
    panel = panel.assign(region=panel.groupby("key")["region"].transform("last"))  # codes change with reforms
    panel = panel.assign(place=panel["region_name"].fillna(panel["region"]))
    panel = panel.assign(agency=panel["key"].map(_labels(panel)))
    return panel.sort_values(["agency", "fiscal_year"], ignore_index=True)


def _labels(panel: pd.DataFrame) -> pd.Series[Any]:
    """Return a name for every key that no other key has: the agency's latest, and where several share it
    what tells them apart, which is the region, the folder or, at last, the key."""
    folders = panel["source_file"].map(lambda name: name.rpartition("/")[0])
    latest = panel.assign(folder=folders).groupby("key")[["agency", "place", "folder"]].last()
    labels = latest["agency"]
    for told in (latest["place"], latest["folder"], latest.index.to_series()):
        labels = labels.where(~labels.duplicated(keep=False), latest["agency"] + "（" + told + "）")
    return labels


def _codes_to_groups(panel: pd.DataFrame, prefix: str) -> list[str]:
    """Return the name of the region that each report is shown under: one level below the selected region."""
    digits = next((n for n in LEVELS if n > len(prefix)), LEVELS[-1])
    codes = [None if pd.isna(code) else code_to_prefix(code)[:digits] for code in panel["region_code"]]
    names = {code: code_to_name(panel, code) for code in sorted({c for c in codes if c})}
    return [names[code] if code else NOWHERE for code in codes]


def _with_heads(panel: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with agency, region, year and scope of their report."""
    heads = panel[["report_id", "key", "agency", "region", "fiscal_year", "scope", "templates"]]
    return rows.merge(heads, on="report_id").sort_values(["agency", "fiscal_year"], kind="stable")


_BORNE = """
WITH borne AS (
  SELECT report_id, 0 AS years_back, "table", "check", scope, "left", "right", attribution
  FROM checks WHERE verdict = 'fail'
  UNION ALL
  SELECT before.report_id, 1, c."table", c."check", c.scope, c."left", c."right", c.attribution
  FROM checks c JOIN reports later USING (report_id) JOIN reports before
    ON before.agency_id = later.agency_id AND before.fiscal_year = later.fiscal_year - 1
  WHERE c.verdict = 'fail' AND starts_with(c."check", 'series.')
)
"""
"""The failed checks of each report; those across years also of the earlier one."""

_CELLS = f"""
{_BORNE}
SELECT o.report_id, measures.measure, if(n.reason IS NULL, o.value, 0) AS value, o.page,
  CASE WHEN n.reason IS NULL AND o.status NOT IN ('ok', 'corrected') THEN o.status
       WHEN EXISTS (FROM revisions r WHERE kind = 'contradiction' AND r.report_id = o.report_id
                    AND (r."table", r.item, r."column") = (o."table", o.item, o."column"))
       THEN 'contradicted'
       WHEN EXISTS (FROM borne JOIN checked_cells c USING ("table", "check", scope, years_back)
                    WHERE borne.report_id = o.report_id AND c.template = o.template
                    AND (c."table", c.item, c."column") = (o."table", o.item, o."column"))
       THEN 'check_failed' ELSE coalesce(n.reason, 'ok') END AS status
FROM observations o JOIN measures USING ("table", item, "column")
  LEFT JOIN (FROM panel_nulls WHERE reason = 'proven_zero') n
    ON n.report_id = o.report_id AND (n."table", n.item, n."column") = (o."table", o.item, o."column")
WHERE o.report_id IN (SELECT unnest($1)) ORDER BY ALL
"""


def _connection_to_cells(
    connection: duckdb.DuckDBPyConnection, panel: pd.DataFrame, compared: Iterable[Measure]
) -> pd.DataFrame:
    """Return report_id, measure, value, page, status of the compared cells; a suspect cell has the value as
    read, a blank that is proven to be 0 has 0."""
    names = ("table", "item", "column")
    wanted = [{"measure": m.key, **dict(zip(names, m.cell, strict=True))} for m in compared if m.cell]
    schema = pa.schema([(name, pa.string()) for name in ("measure", *names)])
    connection.register("measures", pa.Table.from_pylist(wanted, schema=schema))
    connection.register("checked_cells", checked_cells())
    return connection.execute(_CELLS, [list(panel["report_id"])]).df()


_RANKED = ["value", "status", "page", "denominator", "lower", "upper", "caveat"]


def comparison_to_ranking(comparison: Comparison, measure: Measure) -> pd.DataFrame:
    """Return every agency that reports or should, in the ranking's year, the greatest value first.

    Columns: key, agency, region, place, value, status, page, denominator, lower, upper, caveat, scope,
    report_id, few, rank, first, last. `rank` goes by the numbers as printed. `first` and `last` are the ranks
    that are possible if all that is not certain may be anything: unknown numbers, and numbers that fail a
    check. `few` are rates of fewer cases than `min_n`: they have no rank, and take none from others. `scope`,
    `report_id` and `caveat` are "" without a report.
    """
    due = comparison.due.loc[comparison.due["fiscal_year"] == comparison.year, "key"]
    agencies = comparison.panel.drop_duplicates("key", keep="last")[["key", "agency", "region", "place"]]
    agencies = agencies[agencies["key"].isin(due)]
    this_year = comparison.panel["fiscal_year"] == comparison.year
    there = comparison.panel.loc[this_year, ["key", "scope", "report_id"]]
    figures = comparison.figures
    now = figures[(figures["fiscal_year"] == comparison.year) & (figures["measure"] == measure.key)]
    ranked = agencies.merge(now.reindex(columns=["key", *_RANKED]), on="key", how="left")
    ranked = ranked.merge(there, on="key", how="left").fillna({"scope": "", "report_id": "", "caveat": ""})
    absent = np.where(ranked["key"].isin(there["key"]), "not_printed", "no_report")
    ranked["status"] = ranked["status"].fillna(pd.Series(absent, index=ranked.index))
    trusted = ranked["status"].isin(TRUSTED)
    ranked["few"] = trusted & (ranked["denominator"] < comparison.min_n) & measure.share
    trusted = trusted & ~ranked["few"]
    certain = ranked["status"].isin(CERTAIN) & trusted
    ranked["rank"] = ranked["value"].where(trusted).rank(method="min", ascending=False)
    among_certain = ranked["value"].where(certain).rank(method="min", ascending=False)
    uncertain = int((~certain & ~ranked["few"] & (ranked["status"] != "no_cases")).sum())
    ranked["first"] = among_certain.where(certain, 1.0).where(trusted)
    ranked["last"] = (
        (among_certain + uncertain).where(certain, float(certain.sum() + uncertain)).where(trusted)
    )
    ranked["order"] = ranked["value"].where(trusted)
    by = ["order", "value", "agency"]
    ranked = ranked.sort_values(by, ascending=[False, False, True], na_position="last", ignore_index=True)
    return ranked.drop(columns="order")


def comparison_to_trend(comparison: Comparison, measure: Measure) -> pd.DataFrame:
    """Return agency, region, fiscal_year, value, status, scope, trusted for every agency and year; gaps have
    no value.

    First and last year are ones with a value, as not every form prints everything.
    """
    figures = comparison.figures[comparison.figures["measure"] == measure.key]
    agencies = comparison.panel.drop_duplicates("key", keep="last")[["key", "agency", "region"]]
    seen = comparison.panel["fiscal_year"]
    known = figures.loc[figures["value"].notna(), "fiscal_year"]
    first, last = (seen if known.empty else known).agg(["min", "max"])
    years = pd.DataFrame({"fiscal_year": range(int(first), int(last) + 1)})
    grid = agencies.merge(years, how="cross")
    whole = grid.merge(
        figures[["key", "fiscal_year", "value", "status", "scope"]], on=["key", "fiscal_year"], how="left"
    )
    return whole.fillna({"status": "no_report", "scope": ""}).assign(
        trusted=whole["value"].where(whole["status"].isin(TRUSTED))
    )


_DUE = "SELECT agency_id AS key, fiscal_year FROM coverage WHERE agency_id IN (SELECT unnest($1))"


def _due(connection: duckdb.DuckDBPyConnection, panel: pd.DataFrame) -> pd.DataFrame:
    """Return key and fiscal_year of the reports that are there or should be: as the table coverage says."""
    told = connection.execute(_DUE, [list(panel["key"].unique())]).df()
    there = panel[["key", "fiscal_year"]]
    return pd.concat([told.astype({"fiscal_year": int}), there]).drop_duplicates(ignore_index=True)


def _coverage(panel: pd.DataFrame, due: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """Return region, fiscal_year, agencies (of which reports are due), there, ok, flagged, missing."""
    regions = panel.drop_duplicates("key", keep="last")[["key", "region"]]
    wanted = due.merge(regions, on="key")
    there = panel[["key", "fiscal_year", "status"]]
    whole = wanted.merge(there, on=["key", "fiscal_year"], how="left").assign(
        there=lambda rows: rows["status"].notna(),
        ok=lambda rows: rows["status"] == "ok",
        flagged=lambda rows: rows["there"] & ~rows["ok"],
        missing=lambda rows: ~rows["there"],
    )
    names = ["there", "ok", "flagged", "missing"]
    counted = whole.groupby(["region", "fiscal_year"]).agg(
        agencies=("key", "size"), **{n: (n, "sum") for n in names}
    )
    every = pd.MultiIndex.from_product(
        [sorted(set(regions["region"])), years], names=["region", "fiscal_year"]
    )
    return counted.reindex(every, fill_value=0).astype(int).reset_index()


_TROUBLES = f"""
{_BORNE}, wanted AS (SELECT unnest($1) AS report_id),
cells AS (
  SELECT report_id, status AS kind, NULL AS attribution, "table", item, "column", raw AS shown, page,
    '' AS missing
  FROM observations WHERE status IN ('suspect', 'unreadable') AND report_id IN (FROM wanted)
),
failed AS (
  SELECT borne.report_id, if(years_back = 1, 'before.', '') || "check" AS kind, attribution, borne."table",
    scope AS item, '' AS "column", format('{{:g}} ≠ {{:g}}', "left", "right") AS shown, min(page) AS page,
    '' AS missing
  FROM borne LEFT JOIN checked_cells c USING ("table", "check", scope, years_back) LEFT JOIN observations o
    ON o.report_id = borne.report_id AND o.template = c.template
    AND (o."table", o.item, o."column") = (c."table", c.item, c."column")
  WHERE borne.report_id IN (FROM wanted) GROUP BY ALL
),
contradicted AS (
  SELECT mine.report_id, 'contradicted' AS kind, NULL AS attribution, mine."table", mine.item, mine."column",
    concat_ws(' / ', any_value(mine.raw), string_agg(DISTINCT o.raw, ' / ' ORDER BY o.raw)) AS shown,
    NULL AS page, '' AS missing
  FROM revisions mine JOIN revisions o USING (agency_id, fiscal_year, "table", item, "column")
  WHERE mine.kind = 'contradiction' AND mine.stands = 'yes' AND o.stands = 'no'
    AND mine.report_id IN (FROM wanted) GROUP BY ALL
),
wholes AS (
  SELECT report_id, reason AS kind, NULL AS attribution, '' AS "table", '' AS item, '' AS "column",
    CASE WHEN missing = '' OR reason NOT IN ('heading_alone', 'incomplete') THEN error ELSE '' END AS shown,
    NULL AS page, missing
  FROM reports WHERE reason NOT IN ('', 'doubtful') AND report_id IN (FROM wanted)
)
SELECT * FROM (FROM cells UNION ALL FROM failed UNION ALL FROM contradicted UNION ALL FROM wholes)
ORDER BY ALL
"""


def _troubles(connection: duckdb.DuckDBPyConnection, panel: pd.DataFrame) -> pd.DataFrame:
    """Return the doubts in these reports, a row each."""
    connection.register("checked_cells", checked_cells())
    rows = connection.execute(_TROUBLES, [list(panel["report_id"])]).df()
    heads = panel[["report_id", "agency", "region", "fiscal_year", "source_file"]]
    return rows.merge(heads, on="report_id").sort_values(["agency", "fiscal_year"], kind="stable")
