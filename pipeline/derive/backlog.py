"""Matrices → the table backlog: the applications that an agency carried in, received, handled and carried out
in a year, and where these do not fit together, within the year and with the year before."""

from __future__ import annotations

import pandas as pd

from pipeline.derive.cell_matrices import TableMatrix
from pipeline.derive.places import reports_in_new_borders, reports_to_unplaced
from pipeline.derive.rates import Evidence
from pipeline.tables.arrow import table_to_dtypes

TABLE = "backlog"
FORM_TABLE, PANEL = "applications", "panel_applications"
COLUMN = "total"
ITEMS = {
    "carried_in": "carried_in",
    "received": "new_received",
    "handled": "handled_total",
    "carried_out": "carried_out",
}
"""The columns of the table, and the rows of the form that each has the total of."""

OF_ROW = ["agency_id", "agency", "fiscal_year", "report_id", "county_unit", "trust"]


def matrix_to_backlog(
    matrix: TableMatrix, known: Evidence, panel: pd.DataFrame, reports: pd.DataFrame
) -> pd.DataFrame:
    """Return the table backlog, a row for each of `panel`, which is made of the matrix of the applications.

    Blanks that a passed check proves to be 0 are 0. Of an agency without a known region the year before is
    not told: the name may be that of another. Nor is it where the county was merged or split in that year.
    """
    rows = panel[OF_ROW].copy()
    for name, item in ITEMS.items():
        rows[name] = known.numbers[: len(panel), matrix.grid.place(item, COLUMN)]
    rows["balance_gap"] = rows["carried_in"] + rows["received"] - rows["handled"] - rows["carried_out"]
    nowhere = reports_to_unplaced(reports)
    before = rows.loc[~rows["agency_id"].isin(nowhere), ["agency_id", "fiscal_year", "carried_out", "trust"]]
    before = before.assign(fiscal_year=before["fiscal_year"] + 1)
    whole = rows.merge(before, on=["agency_id", "fiscal_year"], how="left", suffixes=("", "_before"))
    moved = whole["report_id"].isin(reports.loc[reports_in_new_borders(reports), "report_id"])
    whole.loc[moved, ["carried_out_before", "trust_before"]] = None
    whole["carry_gap"] = whole["carried_in"] - whole["carried_out_before"]
    dtypes = table_to_dtypes(TABLE)
    return whole[list(dtypes)].astype(dtypes)
