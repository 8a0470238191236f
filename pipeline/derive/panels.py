"""Spreads → one row per agency and fiscal year, for comparison across bureaus and years."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.derive.spreads import BLANK, NUMBER, Floats, Grid, Spread
from pipeline.tables.arrow import table_to_dtypes
from pipeline.tables.dictionary import PANELS, Sum, keys, panel_column, sums


def spreads_to_panels(spreads: Mapping[str, Spread]) -> dict[str, pd.DataFrame]:
    """Every panel by name, sorted by agency and fiscal year: the rows of the spread of its table."""
    return {panel: _panel(panel, table, spreads[table]) for panel, table in PANELS.items()}


def _panel(panel: str, table: str, spread: Spread) -> pd.DataFrame:
    values = spread.grid.values.copy()
    for each in sums():
        if each.table == table:
            _fill_sum(values, spread.grid, each)
    names = [panel_column(item, column) for item, column in spread.grid.pairs]
    numbers = pd.DataFrame(values, columns=names, index=spread.heads.index)
    return pd.concat([spread.heads, numbers], axis="columns").astype(table_to_dtypes(panel))


def _fill_sum(values: Floats, grid: Grid, total: Sum) -> None:
    """Puts the sum of the parts where the form does not print the item itself and all parts are known.

    Blank parts count as nothing, as in the checks; of blanks alone there is no sum.
    """
    known = grid.has((*NUMBER, *BLANK))
    for column in keys(total.table, "column"):
        here = grid.place(total.item, column)
        parts = [grid.place(part, column) for part in total.parts]
        numbers = values[:, parts]
        summed = ~grid.printed[:, here] & known[:, parts].all(axis=1) & ~np.isnan(numbers).all(axis=1)
        values[summed, here] = np.nansum(numbers[summed], axis=1)
