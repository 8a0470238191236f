"""Frames → what is known of each cell, and the table panel_nulls: why a cell of a panel is null."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derive.cell_matrices import (
    Bools,
    CellMatrix,
    TableMatrix,
    frames_to_matrices,
    matrix_to_values,
    sum_to_places,
    texts_to_codes,
    with_missing_tables,
)
from pipeline.derive.rates import Evidence, matrices_to_evidence
from pipeline.forms import TableForm, load_forms
from pipeline.records import BLANK_STATUSES, NUMBER_STATUSES
from pipeline.tables.arrow import table_to_dtypes
from pipeline.tables.dictionary import sums, values
from pipeline.tables.frames import Frames

TABLE = "panel_nulls"
ZERO = ("proven_zero",)
"""The reason of a blank that is proven to be 0."""
OF_ROW = ["agency_id", "agency", "fiscal_year", "report_id"]

Reasons = npt.NDArray[np.int8]
"""A matrix of the place of each cell's reason in the list of the data dictionary; -1 for a number."""


class KnownTables(NamedTuple):
    """What is known of the tables of the form, by table.

    `matrices` have a row per report that stands and has the table; `whole` those that lack it too, behind
    the others. `evidence` and `reasons`, why a cell has no number, have the rows of `whole`.
    """

    matrices: dict[str, TableMatrix]
    whole: dict[str, TableMatrix]
    evidence: dict[str, Evidence]
    reasons: dict[str, Reasons]


def frames_to_known(taken: Frames, checks: pd.DataFrame, revisions: pd.DataFrame) -> KnownTables:
    """Return what is known of the tables of the reports that stand, given the checks that count."""
    matrices = frames_to_matrices(taken)
    whole = with_missing_tables(matrices, taken)
    there = {table: len(matrix.heads) for table, matrix in matrices.items()}
    evidence = matrices_to_evidence(whole, checks)
    return KnownTables(matrices, whole, evidence, _matrices_to_reasons(whole, evidence, there, revisions))


def _matrices_to_reasons(
    matrices: Mapping[str, TableMatrix],
    evidence: Mapping[str, Evidence],
    missing_from: Mapping[str, int],
    revisions: pd.DataFrame,
) -> dict[str, Reasons]:
    """Return why cells have no number, for each table of the form.

    `missing_from` has for each table the row from which on the reports lack it.
    """
    wrong = (revisions["kind"] == "contradiction") & (revisions["stands"] == "yes")
    contradicted = revisions[wrong.to_numpy(dtype=bool)]
    return {
        table: _reasons(table, matrix, evidence[table], missing_from[table], contradicted)
        for table, matrix in matrices.items()
    }


def reasons_to_any(reasons: Reasons, chosen: Collection[str]) -> Bools:
    """Return a matrix that says which cells have one of these reasons."""
    return np.isin(reasons, [_reason(name) for name in chosen])


def reasons_to_nulls(matrices: Mapping[str, TableMatrix], reasons: Mapping[str, Reasons]) -> pd.DataFrame:
    """Return the table panel_nulls: a row per null cell, sorted by table, agency, fiscal year and the order
    of the form."""
    parts = [_nulls(table, matrix, reasons[table]) for table, matrix in matrices.items()]
    return pd.concat(parts, ignore_index=True)


# ------------------------------------------------------------ cells → reasons


def _reasons(
    table: str, matrix: TableMatrix, known: Evidence, missing_from: int, contradicted: pd.DataFrame
) -> Reasons:
    """Return the reasons of one table."""
    grid = matrix.grid
    reasons = _statuses_to_reasons()[grid.states]
    reasons[missing_from:] = _reason("no_table")
    reasons[grid.has(BLANK_STATUSES) & ~np.isnan(known.numbers)] = _reason("proven_zero")
    reasons[_places(table, matrix, contradicted)] = _reason("contradicted")
    for form in load_forms():
        if form.table == table:
            rows = (matrix.heads["template"] == form.form).to_numpy(dtype=bool)
            reasons[rows[:, None] & ~grid.printed & ~_prints(form, grid)] = _reason("not_printed")
    for each in sums():
        if each.table == table:
            for here, places in sum_to_places(grid, each):
                unprinted = reasons[:, here] == _reason("not_printed")
                reasons[unprinted, here] = reasons[np.ix_(unprinted, places)].max(axis=1)
    return reasons


@cache
def _all_reasons() -> list[str]:
    """Return the reasons, the gravest last: a sum that is not known has the gravest of its parts."""
    return list(values(TABLE, "reason"))


def _reason(name: str) -> int:
    """Return the place of a reason."""
    return _all_reasons().index(name)


def _statuses_to_reasons() -> Reasons:
    """Return the reason of each status of a cell; the last is that of a cell which the report lacks."""
    statuses = values("observations", "status")
    found = [-1 if status in NUMBER_STATUSES else _reason(status) for status in statuses]
    return np.array([*found, _reason("absent")], np.int8)


def _places(
    table: str, matrix: TableMatrix, cells: pd.DataFrame
) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]:
    """Return the places of these cells of reports in the matrix."""
    mine = cells[(cells["table"] == table).to_numpy(dtype=bool)]
    rows = texts_to_codes(mine["report_id"], matrix.heads["report_id"])
    pairs = pd.MultiIndex.from_tuples(matrix.grid.pairs)
    columns = pairs.get_indexer(pd.MultiIndex.from_arrays([mine["item"], mine["column"]]))
    there = (rows >= 0) & (columns >= 0)
    return rows[there], columns[there]


def _prints(form: TableForm, grid: CellMatrix) -> Bools:
    """Return a matrix that says which cells the form prints; those of an optional column only if the report
    has one of it."""
    mine = np.array([pair in form.units for pair in grid.pairs])
    printed: Bools = np.repeat(mine[None], len(grid.states), axis=0)
    for name in form.optional_columns:
        column = np.array([column == name for _, column in grid.pairs])
        printed &= ~column | grid.printed[:, column].any(axis=1, keepdims=True)
    return printed


# ------------------------------------------------------------- reasons → rows


def _nulls(table: str, matrix: TableMatrix, reasons: Reasons) -> pd.DataFrame:
    """Return the rows of one table."""
    order = ["agency", "agency_id", "fiscal_year"]
    heads = matrix.heads.reset_index(drop=True).sort_values(order, kind="stable")
    places = heads.index.to_numpy()
    shown = matrix_to_values(table, matrix.grid, reasons_to_any(reasons, ZERO))
    rows, columns = np.nonzero(np.isnan(shown[places]))
    items, names = ([pair[side] for pair in matrix.grid.pairs] for side in (0, 1))
    told = {
        **{name: heads[name].take(rows).array for name in OF_ROW},
        "table": _taken([table], np.zeros_like(rows)),
        "item": _taken(items, columns),
        "column": _taken(names, columns),
        "reason": _taken(_all_reasons(), reasons[places[rows], columns]),
    }
    dtypes = table_to_dtypes(TABLE)
    return pd.DataFrame(told)[list(dtypes)].astype(dtypes)


def _taken(texts: list[str], places: npt.NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """Return the texts at these places."""
    column: pd.api.extensions.ExtensionArray = pd.array(texts, dtype=table_to_dtypes(TABLE)["reason"])
    return column.take(places)
