"""Matrices and checks → panel_rates: the rates of tables/rates.toml for every agency and fiscal year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derive.across_years import IDENTITIES
from pipeline.derive.cell_matrices import (
    SUSPECT,
    Bools,
    CellMatrix,
    Floats,
    TableMatrix,
    heads_to_years_back,
    texts_to_codes,
)
from pipeline.derive.crosswalk import cell_to_parts, rate_to_forms
from pipeline.forms import Identity, TableForm, load_forms, tables_in_force
from pipeline.records import BLANK_STATUSES
from pipeline.tables.arrow import empty_frame, table_to_dtypes
from pipeline.tables.dictionary import values
from pipeline.tables.rate_definitions import (
    BLANK_TABLE,
    FAILED_SUMS,
    OTHER_FORM,
    PROVEN_ZERO,
    Cells,
    FormCell,
    Rate,
    caveats,
    interval_width,
    is_part,
    rates,
)

TABLE = "panel_rates"


@dataclass(frozen=True)
class Evidence:
    """What is known of the cells of a table, as matrices with the rows and columns of `grid`.

    `numbers` is NaN unless the number is known. A blank that a passed check proves to be 0 is known, and
    `proven` marks it. `failed` marks cells in a failed check.
    """

    grid: CellMatrix
    numbers: Floats
    suspect: Bools
    failed: Bools
    proven: Bools


class Amount(NamedTuple):
    """A sum of cells for every row: `number` is NaN if one is not known. `marks` are three rows that say
    whether one is suspect, in a failed check, or a blank that is proven to be 0."""

    number: Floats
    marks: Bools


class _Scope(NamedTuple):
    """An identity on one row or column: the places of its cells on both sides."""

    name: str
    scope: str
    left: list[int]
    right: list[int]


def matrices_to_rates(matrices: Mapping[str, TableMatrix], evidence: Mapping[str, Evidence]) -> pd.DataFrame:
    """Return the table panel_rates, sorted by agency, fiscal year and the order of rates.toml."""
    whole = {
        table: {BLANK_TABLE: _is_blank(evidence[table]), OTHER_FORM: _is_other(table, matrix)}
        for table, matrix in matrices.items()
    }
    parts = [part for rate in rates() for part in _rate_to_rows(rate, matrices, evidence, whole)]
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
    failed |= _failed_across_years(table, matrix, mine)
    return Evidence(grid, numbers, grid.has(SUSPECT), failed, blank & ~np.isnan(numbers))


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


def _failed_across_years(table: str, matrix: TableMatrix, checks: pd.DataFrame) -> Bools:
    """Return a matrix that says which cells are in a failed check across years: those of both reports, for
    either may be wrong."""
    found = np.zeros(matrix.grid.values.shape, bool)
    wrong = checks[(checks["verdict"] == "fail").to_numpy(dtype=bool)]
    years_back = heads_to_years_back(wrong["report_id"], matrix.heads)
    for identity in IDENTITIES:
        if identity.table == table:
            mine = (wrong["check"] == identity.check) & (wrong["scope"] == identity.scope)
            for term in (identity.left, *identity.right):
                rows = years_back[term.years_back][mine.to_numpy(dtype=bool)]
                found[rows[rows >= 0], matrix.grid.place(term.item, term.column)] = True
    return found


# ------------------------------------------------------------ cells → rates


def _rate_to_rows(
    rate: Rate,
    matrices: Mapping[str, TableMatrix],
    evidence: Mapping[str, Evidence],
    whole: Mapping[str, Mapping[str, Bools]],
) -> Iterator[pd.DataFrame]:
    """Yield the rows of one rate, for the reports whose form prints it. `whole` has the caveats of each
    table's rows."""
    heads = matrices[rate.table].heads
    printed = heads["template"].isin(rate_to_forms(rate)).to_numpy(dtype=bool)
    if printed.any():
        above = _amount(rate.numerator, evidence[rate.table])
        other = rate.denominator[0].table
        rows = _same_bodies(heads, matrices[other].heads)
        below = _taken(_amount(rate.denominator, evidence[other]), rows)
        told = _divide(above, below)
        ends = _interval(above.number, below.number, is_part(rate) & ~np.isnan(told["value"]))
        _, failed, proven = above.marks | below.marks
        said = {FAILED_SUMS: failed, PROVEN_ZERO: proven}
        for name, mark in whole[rate.table].items():
            said[name] = mark | np.append(whole[other][name], False)[rows]
        for name, cells in rate.caveats:
            may_be = _may_be(cells, heads, matrices, evidence)
            said[name] = may_be & ~np.isnan(told["value"]) if cells else np.ones(len(heads), bool)
        yield heads.assign(rate=rate.name, **told, **ends, caveat=_joined(said))[printed]


def _amount(cells: Cells, evidence: Evidence) -> Amount:
    """Return the sum of these cells for every row."""
    amounts = [_cell_to_amount(cell, evidence) for cell in cells]
    return Amount(
        np.sum([amount.number for amount in amounts], axis=0),
        np.any([amount.marks for amount in amounts], axis=0),
    )


def _cell_to_amount(cell: FormCell, evidence: Evidence) -> Amount:
    """Return a cell for every row; where the form prints only its parts, their sum."""
    place = evidence.grid.place(cell.item, cell.column)
    marks = np.stack([each[:, place] for each in (evidence.suspect, evidence.failed, evidence.proven)])
    whole = Amount(evidence.numbers[:, place], marks)
    if not cell_to_parts(cell):
        return whole
    parts = _amount(tuple(FormCell(cell.table, part, cell.column) for part in cell_to_parts(cell)), evidence)
    printed = evidence.grid.printed[:, place]
    return Amount(np.where(printed, whole.number, parts.number), np.where(printed, whole.marks, parts.marks))


def _same_bodies(heads: pd.DataFrame, others: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return for each row the row of another table with its agency and year, -1 if there is none."""
    if others is heads:
        return np.arange(len(heads))
    keys = ["agency_id", "fiscal_year"]
    return pd.MultiIndex.from_frame(others[keys]).get_indexer(pd.MultiIndex.from_frame(heads[keys]))


def _taken(amount: Amount, rows: npt.NDArray[np.intp]) -> Amount:
    """Return the amounts of these rows; NaN, and nothing said of it, where there is none."""
    nothing = np.zeros((len(amount.marks), 1), bool)
    return Amount(np.append(amount.number, np.nan)[rows], np.hstack([amount.marks, nothing])[:, rows])


def _divide(above: Amount, below: Amount) -> dict[str, Any]:
    """Return value, numerator, denominator and status of a rate. The status names the first reason why
    there is no value."""
    suspect, failed, _ = above.marks | below.marks
    unknown = np.isnan(above.number) | np.isnan(below.number)
    empty = below.number == 0
    names = ["suspect", "unknown", "no_cases", "check_failed"]
    status = np.select([suspect, unknown, empty, failed], names, "ok")
    value = np.full(len(unknown), np.nan)
    np.divide(above.number, below.number, out=value, where=~(suspect | unknown | empty))
    known = pd.Categorical(status, list(values(TABLE, "status")))
    return {"value": value, "numerator": above.number, "denominator": below.number, "status": known}


def _interval(cases: Floats, of: Floats, wanted: Bools) -> dict[str, Floats]:
    """Return the ends of Wilson's interval where it is wanted and the cases are some of all, else NaN."""
    there = wanted & (cases >= 0) & (cases <= of)
    some, whole = np.where(there, cases, 0.0), np.where(there, of, 1.0)
    low, high = _wilson_low(some, whole), 1 - _wilson_low(whole - some, whole)
    return {"lower": np.where(there, low, np.nan), "upper": np.where(there, high, np.nan)}


def _wilson_low(cases: Floats, of: Floats) -> Floats:
    """Return the lower end, in the form that is exactly 0 for no case and loses no digit for few."""
    width = interval_width()
    spread = width * np.sqrt(cases * (of - cases) / of + width**2 / 4)
    low: Floats = cases**2 / of / (cases + width**2 / 2 + spread)
    return low


# ----------------------------------------------------------- rows → caveats


def _may_be(
    cells: Cells, heads: pd.DataFrame, matrices: Mapping[str, TableMatrix], evidence: Mapping[str, Evidence]
) -> Bools:
    """Return for each row whether one of these cells is not known to be 0."""
    found = np.zeros(len(heads), bool)
    for cell in cells:
        rows = _same_bodies(heads, matrices[cell.table].heads)
        found |= _taken(_cell_to_amount(cell, evidence[cell.table]), rows).number != 0
    return found


def _is_blank(evidence: Evidence) -> Bools:
    """Return for each row whether the table is printed and every cell of it is blank."""
    printed = evidence.grid.printed
    blank: Bools = printed.any(axis=1) & (evidence.grid.has(BLANK_STATUSES) == printed).all(axis=1)
    return blank


def _is_other(table: str, matrix: TableMatrix) -> Bools:
    """Return for each row whether the table prints other cells than that of the form in force on its year."""
    prints = {form.form: frozenset(form.units) for form in load_forms() if form.table == table}
    heads = zip(matrix.heads["fiscal_year"], matrix.heads["template"], strict=True)
    in_force = {
        int(year): tables_in_force(int(year)).get(table, "") for year in set(matrix.heads["fiscal_year"])
    }
    return np.array([prints[form] != prints.get(in_force[year]) for year, form in heads], bool)


def _joined(said: Mapping[str, Bools]) -> npt.NDArray[np.object_]:
    """Return the caveats of each row in the order of the file, joined by +."""
    names = [name for name in caveats() if name in said]
    bits = sum(said[name].astype(np.int64) << place for place, name in enumerate(names))
    found, places = np.unique(bits, return_inverse=True)
    texts = ["+".join(name for place, name in enumerate(names) if each >> place & 1) for each in found]
    joined: npt.NDArray[np.object_] = np.array(texts, object)[places]
    return joined
