"""Frames → a balanced panel: the bodies that have a trusted number of every variable in every year; and who
falls out, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from operator import index
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline.derive.cell_matrices import (
    Bools,
    TableMatrix,
    matrix_to_values,
    sum_to_places,
)
from pipeline.derive.coverage import reports_to_known_units
from pipeline.derive.panel_nulls import ZERO, Reasons, frames_to_known, reasons_to_any
from pipeline.derive.places import reports_to_unplaced
from pipeline.derive.rates import Evidence, matrices_to_rates
from pipeline.derive.standing import frames_to_revisions, frames_to_taken
from pipeline.errors import Error
from pipeline.forms import tables_in_force
from pipeline.places.units import ReportingUnit
from pipeline.tables.dictionary import PANELS, panel_cells, panel_column, sums, values
from pipeline.tables.frames import Frames
from pipeline.tables.rate_definitions import rates

TRUSTED = ""
"""The reason of a number that is trusted."""

YEAR = ["agency_id", "fiscal_year"]
OF_REPORT = ["agency", "report_id", "region_code", "county_unit", "bureau_type", "admin_level", "scope"]


class VariableError(Error, ValueError):
    """A name that is no column of a panel and no rate, or no name or year at all."""


@dataclass(frozen=True)
class BalancedPanel:
    """The rows of the bodies that stay, and why the others fall out.

    `panel` has a row per body and year, sorted by both: agency_id, fiscal_year, agency, report_id,
    region_code, county_unit, bureau_type, admin_level, scope, and a column per variable, never null.
    `dropped` has a row for every number that is not there or not trusted: agency_id, agency (its last name),
    fiscal_year, variable, reason."""

    panel: pd.DataFrame
    dropped: pd.DataFrame


class _Table(NamedTuple):
    """What is known of a table of the form."""

    matrix: TableMatrix
    evidence: Evidence
    reasons: Reasons


def frames_to_balanced(
    frames: Frames, years: Iterable[int], variables: Iterable[str], *, quoted: bool = False
) -> BalancedPanel:
    """Return the balanced panel of these years and variables: columns of the panels
    (`new_received__total`) and rates (`share_granted`).

    A number is trusted if its report stands, it is known, and no failed check is over it; with `quoted`, a
    check that fails by the publisher's own error is no hindrance. A blank that a passed check proves to be 0
    is 0. Bodies without a known region fall out: the same name in another year may be that of another. Raises
    VariableError.
    """
    if isinstance(variables, str):
        raise VariableError(f"{variables}: is one name: give a list of names, [{variables!r}]")
    wanted, names = sorted(set(_to_years(years))), list(dict.fromkeys(variables))
    _require_known(wanted, names)
    taken = frames_to_taken(frames)
    reports = taken.reports
    there = reports["fiscal_year"].isin(wanted) & (reports["agency"] != "")
    reports = reports[there.to_numpy(dtype=bool)]
    numbers = pd.concat(_numbers(frames, taken, names, quoted=quoted), ignore_index=True)
    whole = _every_number(reports, wanted, names).merge(numbers, on=[*YEAR, "variable"], how="left")
    whole["reason"] = _reasons(whole, reports)
    bad = whole["reason"] != TRUSTED
    out = whole["agency_id"].isin(set(whole.loc[bad, "agency_id"]))
    panel = whole[~out].pivot(index=YEAR, columns="variable", values="value").reindex(columns=names)
    heads = reports[[*YEAR, *OF_REPORT]].astype({"fiscal_year": "int64"})
    told = heads.merge(panel.reset_index(), on=YEAR).sort_values(YEAR, ignore_index=True)
    last = reports.sort_values("fiscal_year").drop_duplicates("agency_id", keep="last")
    dropped = whole[bad].merge(last[["agency_id", "agency"]], on="agency_id")
    columns = ["agency_id", "agency", "fiscal_year", "variable", "reason"]
    return BalancedPanel(told.astype(dict.fromkeys(names, "float64")), dropped[columns])


def _to_years(years: Iterable[int]) -> list[int]:
    """Return the years as numbers; raise VariableError for what are none."""
    try:
        return [index(year) for year in years]
    except TypeError:
        raise VariableError(f"{years!r}: are no years: give a list of numbers, [2022, 2023]") from None


def _require_known(years: Sequence[int], names: Sequence[str]) -> None:
    """Raise VariableError for what is no variable, with the nearest names."""
    if not years or not names:
        raise VariableError("a balanced panel wants at least one year and one variable")
    known = [*_columns(), *(rate.name for rate in rates())]
    for name in names:
        if name not in known:
            near = ", ".join(get_close_matches(name, known)) or "new_received__total"
            raise VariableError(f"{name}: is no column of a panel and no rate; such are {near}")


@cache
def _columns() -> Mapping[str, tuple[str, tuple[str, str]]]:
    """Return the form's table and the cell of every column of the panels."""
    return {panel_column(*cell): (table, cell) for table in PANELS.values() for cell in panel_cells(table)}


# ------------------------------------------------------ frames → what is known


def _numbers(
    frames: Frames, taken: Frames, names: Collection[str], *, quoted: bool
) -> Iterator[pd.DataFrame]:
    """Yield agency_id, fiscal_year, variable, value and reason of every variable, for each report that may
    have it."""
    checks = taken.checks
    if quoted:
        checks = checks[~(checks["attribution"] == "publisher").fillna(False).to_numpy(dtype=bool)]
    _, matrices, evidence, reasons = frames_to_known(taken, checks, frames_to_revisions(frames))
    for name in names:
        if name in _columns():
            table, cell = _columns()[name]
            yield _cell_to_rows(name, table, cell, _Table(matrices[table], evidence[table], reasons[table]))
    chosen = [name for name in names if name not in _columns()]
    if chosen:
        found = matrices_to_rates(matrices, evidence).rename(columns={"rate": "variable"})
        found = found[found["variable"].isin(chosen)]
        reason = found["status"].astype(object).where(found["status"] != "ok", TRUSTED)
        yield found.assign(reason=reason)[[*YEAR, "variable", "value", "reason"]]


def _cell_to_rows(name: str, table: str, cell: tuple[str, str], known: _Table) -> pd.DataFrame:
    """Return the rows of one column of a panel."""
    grid = known.matrix.grid
    place = grid.place(*cell)
    zeros = reasons_to_any(known.reasons, ZERO)
    number = np.where(zeros[:, place], 0.0, matrix_to_values(table, grid, zeros)[:, place])
    failed = _failed(table, place, known)
    words = np.array([*values("panel_nulls", "reason"), TRUSTED], dtype=object)
    reason = np.where(np.isnan(number), words[known.reasons[:, place]], np.where(failed, "check_failed", ""))
    return known.matrix.heads[YEAR].assign(variable=name, value=number, reason=reason)


def _failed(table: str, place: int, known: _Table) -> Bools:
    """Say of each row whether the cell at this place is in a failed check; or, where the form prints only its
    parts, one of these."""
    failed = known.evidence.failed[:, place].copy()
    for total in sums():
        for here, parts in sum_to_places(known.matrix.grid, total) if total.table == table else ():
            if here == place:
                failed |= ~known.matrix.grid.printed[:, here] & known.evidence.failed[:, parts].any(axis=1)
    return failed


# --------------------------------------------------------- what is not there


def _every_number(reports: pd.DataFrame, years: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
    """Return a row for every body, year and variable."""
    bodies = sorted(set(reports["agency_id"]))
    every = pd.MultiIndex.from_product([bodies, years, names], names=[*YEAR, "variable"])
    return every.to_frame(index=False)


def _reasons(whole: pd.DataFrame, reports: pd.DataFrame) -> list[str]:
    """Return why each number is not there, "" for those that are trusted."""
    there = set(zip(reports["agency_id"], reports["fiscal_year"], strict=True))
    nowhere = reports_to_unplaced(reports)
    units = reports_to_known_units(reports)

    def to_reason(agency_id: str, year: int, variable: str, reason: str) -> str:
        if agency_id in nowhere:
            return "unplaced"
        if (agency_id, year) not in there:
            return _silence(units[agency_id], year)
        return _absence(variable, year) if pd.isna(reason) else reason

    return [to_reason(*row) for row in whole[[*YEAR, "variable", "reason"]].itertuples(index=False)]


def _silence(unit: ReportingUnit, year: int) -> str:
    """Return why a body has no report on a year: its region or kind had ended, or nobody knows."""
    return "ended" if unit.last is not None and unit.last < year else "no_report"


def _absence(variable: str, year: int) -> str:
    """Return why a report of that year has no row for a variable: its form has no such table or rate, or the
    table was not found."""
    table = _columns()[variable][0] if variable in _columns() else ""
    return "no_table" if table in tables_in_force(year) else "not_printed"
