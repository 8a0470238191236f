"""Observations → for each table of the form a matrix: a row per agency and fiscal year, a column per cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.forms import tables_in_force
from pipeline.records import NUMBER_STATUSES
from pipeline.tables.dictionary import PANELS, ItemSum, keys, panel_cells, sums, values
from pipeline.tables.frames import Frames

SUSPECT = ("suspect",)
HEAD = ["agency", "region_code", "fiscal_year", "report_id", "template", "agency_id", "region_match"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8] | npt.NDArray[np.int16] | npt.NDArray[np.int32]


@dataclass(frozen=True)
class CellMatrix:
    """The cells of one table of the form: one row per report, one column per (item, column) in `pairs`.

    `values` is NaN unless a number is known. `states` is the index of the status in the list of statuses, -1
    if the report does not have the cell.
    """

    pairs: tuple[tuple[str, str], ...]
    values: Floats
    states: npt.NDArray[np.int8]

    def has(self, statuses: Collection[str]) -> Bools:
        """Return a matrix that says which cells have one of these statuses."""
        chosen = np.array([status in statuses for status in _statuses()] + [False])
        return chosen[self.states]

    @property
    def printed(self) -> Bools:
        """Return a matrix that says which cells the report has."""
        return self.states >= 0

    def place(self, item: str, column: str) -> int:
        """Return the index of the column of an (item, column)."""
        return self.pairs.index((item, column))


@dataclass(frozen=True)
class TableMatrix:
    """The numbers of a table in `grid`, and in `heads` agency, region_code, fiscal_year, report_id and
    template of each row."""

    heads: pd.DataFrame
    grid: CellMatrix


@dataclass(frozen=True)
class _CodedObservations:
    """The observations as numbers: indexes in the lists of reports, tables, keys and statuses. Comparing
    numbers is fast."""

    report: Codes
    table: Codes
    item: Codes
    column: Codes
    status: Codes
    value: Floats

    def only(self, chosen: Bools) -> _CodedObservations:
        """Return the chosen observations."""
        return _CodedObservations(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})


def frames_to_matrices(frames: Frames) -> dict[str, TableMatrix]:
    """Return the matrix of every table that has a panel, its rows sorted by agency and fiscal year.

    `frames` are those of reports that stand (derive/standing.py): no two are of one agency and year.
    """
    coded = _observations_to_codes(frames.observations, frames.reports["report_id"])
    return {table: _matrix(table, coded, frames) for table in PANELS.values()}


def with_missing_tables(matrices: Mapping[str, TableMatrix], frames: Frames) -> dict[str, TableMatrix]:
    """Return the matrices with a row of unknown cells for each agency and year that has a report without
    this table, although the form in force prints it."""
    known = _reports_to_heads(frames.reports.assign(template="", place=0))
    return {table: _with_missing_rows(table, matrix, known) for table, matrix in matrices.items()}


def matrix_to_values(table: str, grid: CellMatrix, zeros: Bools) -> Floats:
    """Return the numbers of a panel, NaN where there is none: those of the table, and the sums of parts
    where the form prints only these. `zeros` says which blanks are proven to be 0."""
    values = grid.values.copy()
    for each in sums():
        if each.table == table:
            _fill_sum(values, grid, each, zeros)
    return values


def _fill_sum(values: Floats, grid: CellMatrix, total: ItemSum, zeros: Bools) -> None:
    """Put in the sum of the parts where the form does not print the item itself and all parts are known.

    Blank parts count as 0 where they are proven to be. If all parts are blank there is no sum.
    """
    known = grid.has(NUMBER_STATUSES) | zeros
    for here, parts in sum_to_places(grid, total):
        numbers = values[:, parts]
        summed = ~grid.printed[:, here] & known[:, parts].all(axis=1) & ~np.isnan(numbers).all(axis=1)
        values[summed, here] = np.nansum(numbers[summed], axis=1)


def sum_to_places(grid: CellMatrix, total: ItemSum) -> list[tuple[int, list[int]]]:
    """Return for each column of the form the place of an item and those of its parts."""
    columns = keys(total.table, "column")
    return [
        (grid.place(total.item, column), [grid.place(part, column) for part in total.parts])
        for column in columns
    ]


def texts_to_codes(texts: pd.Series[Any], known: Sequence[str] | pd.Series[Any]) -> npt.NDArray[np.int32]:
    """Return the index of each text in `known`, -1 if it is not there."""
    array = pa.array(texts)
    places = pc.index_in(array, value_set=pa.array(known, type=array.type))
    found: npt.NDArray[np.int32] = pc.fill_null(places, -1).to_numpy()
    return found


def heads_to_years_back(
    report_ids: pd.Series[Any], heads: pd.DataFrame
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return for each of these reports its row, and that of the same body's report on the year before; -1
    where there is none."""
    years = heads[["agency_id", "fiscal_year"]]
    earlier = years.assign(fiscal_year=years["fiscal_year"] - 1)
    before = pd.MultiIndex.from_frame(years).get_indexer(pd.MultiIndex.from_frame(earlier))
    rows = texts_to_codes(report_ids, heads["report_id"]).astype(np.intp)
    return rows, np.append(before, -1)[rows]


def _with_missing_rows(table: str, matrix: TableMatrix, known: pd.DataFrame) -> TableMatrix:
    """Return the matrix with rows for reports that lack the table."""
    templates = known["fiscal_year"].map(lambda year: tables_in_force(year).get(table))
    keys = ["agency_id", "fiscal_year"]
    there = pd.MultiIndex.from_frame(known[keys]).isin(pd.MultiIndex.from_frame(matrix.heads[keys]))
    lacking = known.assign(template=templates)[templates.notna().to_numpy() & ~there][HEAD]
    if not len(lacking):
        return matrix
    shape, grid = (len(lacking), len(matrix.grid.pairs)), matrix.grid
    values = np.concatenate([grid.values, np.full(shape, np.nan)])
    states = np.concatenate([grid.states, np.full(shape, -1, np.int8)])
    heads = pd.concat([matrix.heads, lacking.astype(matrix.heads.dtypes)], ignore_index=True)
    return TableMatrix(heads, CellMatrix(grid.pairs, values, states))


def _statuses() -> list[str]:
    """Return all statuses of a cell."""
    return list(values("observations", "status"))


def _items() -> list[str]:
    """Return all row keys."""
    return list(dict.fromkeys(item for table in PANELS.values() for item in keys(table, "row")))


def _columns() -> list[str]:
    """Return all column keys."""
    return list(dict.fromkeys(column for table in PANELS.values() for column in keys(table, "column")))


def _observations_to_codes(cells: pd.DataFrame, report_ids: pd.Series[Any]) -> _CodedObservations:
    """Return the observations as numbers."""
    return _CodedObservations(
        texts_to_codes(cells["report_id"], report_ids),
        texts_to_codes(cells["table"], list(PANELS.values())).astype(np.int8),
        texts_to_codes(cells["item"], _items()).astype(np.int16),
        texts_to_codes(cells["column"], _columns()).astype(np.int16),
        texts_to_codes(cells["status"], _statuses()).astype(np.int8),
        cells["value"].to_numpy(),
    )


def _matrix(table: str, coded: _CodedObservations, frames: Frames) -> TableMatrix:
    """Return the matrix of one table."""
    mine = (coded.table == list(PANELS.values()).index(table)) & (coded.report >= 0)
    reports, first = np.unique(coded.report[mine], return_index=True)
    templates = frames.observations["template"].take(np.flatnonzero(mine)[first])
    told = frames.reports.iloc[reports].assign(template=templates.array, place=reports)
    heads = _reports_to_heads(told)
    rows = np.full(len(frames.reports), -1)
    rows[heads.pop("place").to_numpy()] = np.arange(len(heads))
    return TableMatrix(heads, _cells_to_matrix(table, coded.only(mine), rows, len(heads)))


def _reports_to_heads(heads: pd.DataFrame) -> pd.DataFrame:
    """Return one row per agency and year; of these reports each stands for its own."""
    heads = heads[(heads["fiscal_year"].notna() & (heads["agency"] != "")).to_numpy(dtype=bool)]
    heads = heads.sort_values(["agency", "agency_id", "fiscal_year"], kind="stable")
    return heads[[*HEAD, "place"]].reset_index(drop=True)


def _cells_to_matrix(
    table: str, coded: _CodedObservations, rows: npt.NDArray[np.intp], height: int
) -> CellMatrix:
    """Return the matrix of these cells. `rows` has the row of every report, -1 if its agency or year is not
    known."""
    pairs = panel_cells(table)
    places = _places(pairs)[coded.item, coded.column]
    at = rows[coded.report], places
    placed = (at[0] >= 0) & (at[1] >= 0)
    at = at[0][placed], at[1][placed]
    shape = height, len(pairs)
    grid = CellMatrix(pairs, np.full(shape, np.nan), np.full(shape, -1, np.int8))
    grid.values[at] = coded.value[placed]
    grid.states[at] = coded.status[placed]
    grid.values[~grid.has(NUMBER_STATUSES)] = np.nan
    return grid


def _places(pairs: tuple[tuple[str, str], ...]) -> npt.NDArray[np.int16]:
    """Return the index in `pairs` of every (item, column), by their codes; -1 if it has none."""
    items, columns = _items(), _columns()
    places = np.full((len(items) + 1, len(columns) + 1), -1, np.int16)  # unknown, -1, is the last
    for place, (item, column) in enumerate(pairs):
        places[items.index(item), columns.index(column)] = place
    return places
