"""Matrices and checks → panel_rates: the rates of tables/rates.toml for every agency and fiscal year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derive.cell_matrices import (
    SUSPECT,
    Bools,
    CellMatrix,
    Floats,
    TableMatrix,
    texts_to_codes,
)
from pipeline.derive.crosswalk import cell_to_parts, rate_to_forms
from pipeline.forms import Identity, TableForm, load_forms
from pipeline.records import BLANK_STATUSES
from pipeline.tables.arrow import empty_frame, table_to_dtypes
from pipeline.tables.dictionary import values
from pipeline.tables.rate_definitions import FormCell, Rate, rates, series_keys

TABLE = "panel_rates"


@dataclass(frozen=True)
class Evidence:
    """What is known of the cells of a table, as matrices with the rows and columns of `grid`.

    `numbers` is NaN unless the number is known. A blank that a passed check proves to be 0 is known. `failed`
    marks cells in a failed check.
    """

    grid: CellMatrix
    numbers: Floats
    suspect: Bools
    failed: Bools


@dataclass(frozen=True)
class Amount:
    """A sum of cells for every row: NaN if one is not known, and whether one is suspect or in a failed
    check."""

    number: Floats
    suspect: Bools
    failed: Bools


class _Scope(NamedTuple):
    """An identity on one row or column: the places of its cells on both sides."""

    name: str
    scope: str
    left: list[int]
    right: list[int]


def matrices_to_rates(matrices: Mapping[str, TableMatrix], evidence: Mapping[str, Evidence]) -> pd.DataFrame:
    """Return the table panel_rates, sorted by agency, fiscal year and the order of rates.toml."""
    parts = [part for rate in rates() for part in _rate_to_rows(rate, matrices, evidence)]
    if not parts:
        return empty_frame(TABLE)
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.sort_values(["agency", "agency_id", "fiscal_year"], kind="stable", ignore_index=True)
    dtypes = table_to_dtypes(TABLE)
    return rows[list(dtypes)].astype(dtypes)


# ------------------------------------------------------ checks → what is known


def matrices_to_evidence(matrices: Mapping[str, TableMatrix], checks: pd.DataFrame) -> dict[str, Evidence]:
    """Return what the checks say about the cells of every table."""
    return {table: _evidence(table, matrix, checks) for table, matrix in matrices.items()}


def _evidence(table: str, matrix: TableMatrix, checks: pd.DataFrame) -> Evidence:
    """Return what the checks say about the cells of a table."""
    grid = matrix.grid
    numbers, failed = grid.values.copy(), np.zeros(grid.values.shape, bool)
    blank = grid.has(BLANK_STATUSES)
    mine = checks[["report_id", "check", "scope", "verdict"]][(checks["table"] == table).to_numpy(dtype=bool)]
    for form in load_forms():
        if form.table == table:
            rows = np.flatnonzero(matrix.heads["template"] == form.form)
            _judge(list(_form_to_scopes(form, grid)), rows, matrix, mine, (numbers, failed, blank))
    everywhere = np.arange(len(matrix.heads))
    _judge(list(_series_to_scopes(grid)), everywhere, matrix, mine, (numbers, failed, blank & False))
    return Evidence(grid, numbers, grid.has(SUSPECT), failed)


def _judge(
    scopes: list[_Scope],
    rows: npt.NDArray[np.intp],
    matrix: TableMatrix,
    checks: pd.DataFrame,
    matrices: tuple[Floats, Bools, Bools],
) -> None:
    """Mark the blanks that a passed check proves to be 0, and the cells of failed checks."""
    numbers, failed, blank = matrices
    verdicts = _verdicts(scopes, matrix.heads["report_id"], checks)
    for scope, passed in zip(scopes, verdicts.T, strict=True):
        wrong = rows[passed[rows] < 0]
        failed[np.ix_(wrong, scope.left + scope.right)] = True
        right = rows[passed[rows] > 0]
        both = blank[np.ix_(right, scope.left)].any(axis=1) & blank[np.ix_(right, scope.right)].any(axis=1)
        for place in scope.left + scope.right:  # blanks on one side alone add up to 0, and none is below 0
            proven = right[~both & blank[right, place]]
            numbers[proven, place] = 0.0


def _verdicts(scopes: list[_Scope], report_ids: pd.Series[Any], checks: pd.DataFrame) -> npt.NDArray[np.int8]:
    """Return a matrix (report × scope): 1 for pass, -1 for fail, 0 if not tested."""
    rows = texts_to_codes(checks["report_id"], report_ids)
    names = list(dict.fromkeys(scope.name for scope in scopes))
    places = list(dict.fromkeys(scope.scope for scope in scopes))
    name, place = texts_to_codes(checks["check"], names), texts_to_codes(checks["scope"], places)
    known = (rows >= 0) & (name >= 0) & (place >= 0)
    found = np.zeros((len(report_ids), len(names), len(places)), np.int8)
    verdict = checks["verdict"][known].map({"pass": 1, "fail": -1}).fillna(0)
    found[rows[known], name[known], place[known]] = verdict
    return found[:, [names.index(s.name) for s in scopes], [places.index(s.scope) for s in scopes]]


def _form_to_scopes(form: TableForm, grid: CellMatrix) -> Iterator[_Scope]:
    """Yield the identities of a form on each row or column."""
    for identity in form.identities:
        for label in form.columns if identity.across == "columns" else form.rows:
            yield _Scope(identity.name, label.key, *_sides(identity, label.key, grid))


def _sides(identity: Identity, key: str, grid: CellMatrix) -> tuple[list[int], list[int]]:
    """Return the places of an identity's cells with positive and with negative weight."""

    def side(sign: int) -> list[int]:
        chosen = [each for each, weight in identity.weights.items() if weight * sign > 0]
        cells = [(each, key) if identity.across == "columns" else (key, each) for each in chosen]
        return [grid.pairs.index(cell) for cell in cells if cell in grid.pairs]

    return side(1), side(-1)


def _series_to_scopes(grid: CellMatrix) -> Iterator[_Scope]:
    """Yield the cells that each check across years is about."""
    for check, key in series_keys().items():
        for place, pair in enumerate(grid.pairs):
            if key in pair:
                yield _Scope(check, pair[1 - pair.index(key)], [place], [])


# ------------------------------------------------------------ cells → rates


def _rate_to_rows(
    rate: Rate, matrices: Mapping[str, TableMatrix], evidence: Mapping[str, Evidence]
) -> Iterator[pd.DataFrame]:
    """Yield the rows of one rate, for the reports whose form prints it."""
    heads = matrices[rate.table].heads
    printed = heads["template"].isin(rate_to_forms(rate)).to_numpy(dtype=bool)
    if printed.any():
        above = _amount(rate.numerator, evidence[rate.table])
        below = _aligned(rate, matrices, _amount(rate.denominator, evidence[rate.denominator[0].table]))
        yield heads.assign(rate=rate.name, **_divide(above, below))[printed]


def _amount(cells: tuple[FormCell, ...], evidence: Evidence) -> Amount:
    """Return the sum of these cells for every row."""
    amounts = [_cell_to_amount(cell, evidence) for cell in cells]
    return Amount(
        np.sum([amount.number for amount in amounts], axis=0),
        np.any([amount.suspect for amount in amounts], axis=0),
        np.any([amount.failed for amount in amounts], axis=0),
    )


def _cell_to_amount(cell: FormCell, evidence: Evidence) -> Amount:
    """Return a cell for every row; where the form prints only its parts, their sum."""
    place = evidence.grid.place(cell.item, cell.column)
    whole = Amount(evidence.numbers[:, place], evidence.suspect[:, place], evidence.failed[:, place])
    if not cell_to_parts(cell):
        return whole
    parts = _amount(tuple(FormCell(cell.table, part, cell.column) for part in cell_to_parts(cell)), evidence)
    printed = evidence.grid.printed[:, place]
    return Amount(
        np.where(printed, whole.number, parts.number),
        np.where(printed, whole.suspect, parts.suspect),
        np.where(printed, whole.failed, parts.failed),
    )


def _aligned(rate: Rate, matrices: Mapping[str, TableMatrix], below: Amount) -> Amount:
    """Return the denominator in the rows of the numerator's table; NaN if the agency has none in that
    year."""
    heads, others = matrices[rate.table].heads, matrices[rate.denominator[0].table].heads
    if others is heads:
        return below
    keys = ["agency_id", "fiscal_year"]
    rows = pd.MultiIndex.from_frame(others[keys]).get_indexer(pd.MultiIndex.from_frame(heads[keys]))
    there = rows >= 0
    return Amount(
        np.where(there, np.append(below.number, np.nan)[rows], np.nan),
        there & np.append(below.suspect, False)[rows],
        there & np.append(below.failed, False)[rows],
    )


def _divide(above: Amount, below: Amount) -> dict[str, Any]:
    """Return value, numerator, denominator and status of a rate. The status names the first reason why
    there is no value."""
    suspect = above.suspect | below.suspect
    unknown = np.isnan(above.number) | np.isnan(below.number)
    empty = below.number == 0
    failed = above.failed | below.failed
    names = ["suspect", "unknown", "no_cases", "check_failed"]
    status = np.select([suspect, unknown, empty, failed], names, "ok")
    value = np.full(len(unknown), np.nan)
    np.divide(above.number, below.number, out=value, where=~(suspect | unknown | empty))
    known = pd.Categorical(status, list(values(TABLE, "status")))
    return {"value": value, "numerator": above.number, "denominator": below.number, "status": known}
