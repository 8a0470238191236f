"""Matrices → panels: one row per agency and fiscal year, one column per cell, to compare bureaus and
years."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.derive.cell_matrices import CellMatrix, Floats, TableMatrix
from pipeline.records import BLANK_STATUSES, NUMBER_STATUSES
from pipeline.tables.arrow import table_to_dtypes
from pipeline.tables.dictionary import PANELS, ItemSum, keys, panel_column, sums


def matrices_to_panels(matrices: Mapping[str, TableMatrix]) -> dict[str, pd.DataFrame]:
    """Return every panel by name, sorted by agency and fiscal year."""
    return {panel: _panel(panel, table, matrices[table]) for panel, table in PANELS.items()}


def _panel(panel: str, table: str, matrix: TableMatrix) -> pd.DataFrame:
    """Return one panel."""
    values = matrix.grid.values.copy()
    for each in sums():
        if each.table == table:
            _fill_sum(values, matrix.grid, each)
    names = [panel_column(item, column) for item, column in matrix.grid.pairs]
    numbers = pd.DataFrame(values, columns=names, index=matrix.heads.index)
    return pd.concat([matrix.heads, numbers], axis="columns").astype(table_to_dtypes(panel))


def _fill_sum(values: Floats, grid: CellMatrix, total: ItemSum) -> None:
    """Put in the sum of the parts where the form does not print the item itself and all parts are known.

    Blank parts count as 0, as in the checks. If all parts are blank there is no sum.
    """
    known = grid.has((*NUMBER_STATUSES, *BLANK_STATUSES))
    for column in keys(total.table, "column"):
        here = grid.place(total.item, column)
        parts = [grid.place(part, column) for part in total.parts]
        numbers = values[:, parts]
        summed = ~grid.printed[:, here] & known[:, parts].all(axis=1) & ~np.isnan(numbers).all(axis=1)
        values[summed, here] = np.nansum(numbers[summed], axis=1)
