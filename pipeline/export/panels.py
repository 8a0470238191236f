"""Observations → one row per agency and fiscal year, for comparison across bureaus and years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.export.arrow import table_to_dtypes
from pipeline.export.dictionary import PANELS, Sum, keys, panel_cells, panel_column, sums
from pipeline.export.frames import Frames

NUMBER = ["ok", "corrected"]
BLANK = ["blank", "not_applicable"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """The cells of one table of the form: one row per report, one column per (item, column) of `pairs`.

    `values` is NaN unless a number is known, `printed` says that the form has the cell at all,
    `known` that it holds a number or a blank.
    """

    pairs: tuple[tuple[str, str], ...]
    values: Floats
    printed: Bools
    known: Bools


def frames_to_panels(frames: Frames) -> dict[str, pd.DataFrame]:
    """Every panel by name, sorted by agency and fiscal year."""
    return {panel: _panel(panel, table, frames) for panel, table in PANELS.items()}


def _panel(panel: str, table: str, frames: Frames) -> pd.DataFrame:
    cells = frames.observations[(frames.observations["table"] == table).to_numpy(dtype=bool)]
    heads = _cells_to_heads(cells, frames.reports)
    grid = _cells_to_grid(table, cells, heads["report_id"])
    values = grid.values
    for each in sums():
        if each.table == table:
            _fill_sum(values, grid, each)
    names = [panel_column(item, column) for item, column in grid.pairs]
    spread = pd.DataFrame(values, columns=names, index=heads.index)
    return pd.concat([heads, spread], axis="columns").astype(table_to_dtypes(panel))


def _cells_to_heads(cells: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """One row per agency and year: which report stands for it (the rule is in the data dictionary)."""
    names = ["agency", "region_code", "fiscal_year", "report_id", "template"]
    heads = cells.loc[~cells["report_id"].duplicated(), names]
    heads = heads[(heads["fiscal_year"].notna() & (heads["agency"] != "")).to_numpy(dtype=bool)]
    heads = heads.merge(reports[["report_id", "published_on"]], on="report_id", how="left")
    heads = heads.sort_values(
        ["agency", "fiscal_year", "published_on", "report_id"], na_position="first", kind="stable"
    )
    return heads.drop_duplicates(["agency", "fiscal_year"], keep="last")[names].reset_index(drop=True)


def _cells_to_grid(table: str, cells: pd.DataFrame, report_ids: pd.Series[Any]) -> Grid:
    pairs = panel_cells(table)
    rows = pd.Index(report_ids).get_indexer(pd.Index(cells["report_id"]))
    columns = _cells_to_columns(table, cells, pairs)
    placed = (rows >= 0) & (columns >= 0)
    at = rows[placed], columns[placed]
    status = cells["status"][placed]
    number = status.isin(NUMBER).to_numpy(dtype=bool)
    shape = len(report_ids), len(pairs)
    grid = Grid(pairs, np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape, bool))
    grid.values[at] = np.where(number, cells["value"].to_numpy()[placed], np.nan)
    grid.printed[at] = True
    grid.known[at] = number | status.isin(BLANK).to_numpy(dtype=bool)
    return grid


def _cells_to_columns(
    table: str, cells: pd.DataFrame, pairs: tuple[tuple[str, str], ...]
) -> npt.NDArray[np.intp]:
    """The place of every cell in `pairs`, -1 where it has none."""
    items, columns = list(keys(table, "row")), list(keys(table, "column"))
    places = np.full((len(items) + 1, len(columns) + 1), -1, np.intp)  # an unknown key, -1, falls on the last
    for place, (item, column) in enumerate(pairs):
        places[items.index(item), columns.index(column)] = place
    return places[_codes(cells["item"], items), _codes(cells["column"], columns)]


def _codes(texts: pd.Series[Any], known: list[str]) -> npt.NDArray[np.intp]:
    return pd.Index(known).get_indexer(pd.Index(texts))


def _fill_sum(values: Floats, grid: Grid, total: Sum) -> None:
    """Puts the sum of the parts where the form does not print the item itself and all parts are known.

    Blank parts count as nothing, as in the checks; of blanks alone there is no sum.
    """
    for column in keys(total.table, "column"):
        here = grid.pairs.index((total.item, column))
        parts = [grid.pairs.index((part, column)) for part in total.parts]
        numbers = values[:, parts]
        summed = ~grid.printed[:, here] & grid.known[:, parts].all(axis=1) & ~np.isnan(numbers).all(axis=1)
        values[summed, here] = np.nansum(numbers[summed], axis=1)
