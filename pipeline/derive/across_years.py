"""Checks across years: what one report carries over or keeps in force must be where the next report
begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.records import BLANK_STATUSES, NUMBER_STATUSES, SUM_DIGITS, Check

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
DOCUMENTS = ("regulations", "normative_documents")


class SeriesCell(NamedTuple):
    """One observation with the fields these checks need; `value` is None if no number is known."""

    agency_id: str
    report_id: str
    fiscal_year: int
    table: str
    item: str
    column: str
    value: float | None
    status: str
    confirmed_by: str


class SeriesCheck(NamedTuple):
    """A check, attached to the later report. `unconfirmed` lists the (report_id, table) that only one
    reader has read."""

    report_id: str
    check: Check
    unconfirmed: tuple[tuple[str, str], ...]


class SeriesTerm(NamedTuple):
    """`weight` × a cell of the report of `years_back` years before."""

    weight: int
    years_back: int
    item: str
    column: str


@dataclass(frozen=True, slots=True)
class SeriesIdentity:
    """An equation: `left` = Σ weight × `right`."""

    check: str
    table: str
    scope: str
    left: SeriesTerm
    right: tuple[SeriesTerm, ...]


def _carried(column: str) -> SeriesIdentity:
    """Return the identity: carried in = carried out of the year before."""
    carried_out = SeriesTerm(1, 1, "carried_out", column)
    return SeriesIdentity(
        "series.carried", "applications", column, SeriesTerm(1, 0, "carried_in", column), (carried_out,)
    )


def _in_force(item: str) -> SeriesIdentity:
    """Return the identity: in force = in force the year before + made - repealed."""
    right = (
        SeriesTerm(1, 1, item, "in_force"),
        SeriesTerm(1, 0, item, "made"),
        SeriesTerm(-1, 0, item, "repealed"),
    )
    return SeriesIdentity(
        "series.in_force", "active_disclosure", item, SeriesTerm(1, 0, item, "in_force"), right
    )


IDENTITIES = (*map(_carried, APPLICANTS), *map(_in_force, DOCUMENTS))

SERIES_ITEMS = frozenset((i.table, term.item) for i in IDENTITIES for term in (i.left, *i.right))
"""The (table, item) that the identities use; no other cells are needed."""

CellKey = tuple[str, int, str, str, str]
CellFields = tuple[str, str, int, str, str, str, float | None, str, str]


def series_checks(cells: Iterable[CellFields]) -> list[SeriesCheck]:
    """Return a check for every identity that two consecutive years of an agency allow, by agency, year and
    form order.

    `cells` are tuples with the fields of SeriesCell. An agency is known by its id, which stays the same when
    it is renamed. If several reports of one agency and year disagree on a cell, nothing is checked with it.
    """
    places = _by_place(map(SeriesCell._make, cells))
    years = sorted({(agency_id, year) for agency_id, year, *_ in places})
    return [
        found
        for agency_id, year in years
        for identity in IDENTITIES
        for found in _test(identity, agency_id, year, places)
    ]


def needs_confirmation(checks: Iterable[SeriesCheck]) -> list[tuple[str, str]]:
    """Return the (report_id, table) in failed checks that no second reader has confirmed."""
    return sorted({pair for found in checks if found.check.verdict == "fail" for pair in found.unconfirmed})


def _by_place(cells: Iterable[SeriesCell]) -> Mapping[CellKey, list[SeriesCell]]:
    """Return the cells by agency, year, table, item and column."""
    places: dict[CellKey, list[SeriesCell]] = defaultdict(list)
    for cell in cells:
        if (cell.table, cell.item) in SERIES_ITEMS and cell.agency_id:
            places[cell.agency_id, cell.fiscal_year, cell.table, cell.item, cell.column].append(cell)
    return places


def _test(
    identity: SeriesIdentity, agency_id: str, year: int, places: Mapping[CellKey, list[SeriesCell]]
) -> Iterator[SeriesCheck]:
    """Yield one check for every report of that agency and year; none if a number is missing."""
    terms = (identity.left, *identity.right)
    table = identity.table
    found = [places.get((agency_id, year - t.years_back, table, t.item, t.column), []) for t in terms]
    cells = [_agreed(each) for each in found]
    known = [cell for cell in cells if cell is not None]
    if len(known) == len(terms) and any(cell.status in NUMBER_STATUSES for cell in known):
        check, unconfirmed = _cells_to_check(identity, known), _unconfirmed(known)
        for report_id in sorted({cell.report_id for cell in found[0]}):
            yield SeriesCheck(report_id, check, unconfirmed)


def _agreed(cells: list[SeriesCell]) -> SeriesCell | None:
    """Return the cell if all reports of a year agree on it and its number is known or blank, else None."""
    if len({(cell.value, cell.status) for cell in cells}) != 1:
        return None
    best = min(cells, key=lambda cell: (not _verified(cell), cell.report_id))
    return best if best.status in (*NUMBER_STATUSES, *BLANK_STATUSES) else None


def _cells_to_check(identity: SeriesIdentity, cells: list[SeriesCell]) -> Check:
    """Return the check of an identity on these cells; blanks count as 0."""
    left, *right = [cell.value or 0.0 for cell in cells]
    total = sum(term.weight * number for term, number in zip(identity.right, right, strict=True))
    agrees = round(left - total, SUM_DIGITS) == 0
    return Check(
        table=identity.table,
        check=identity.check,
        scope=identity.scope,
        left=left,
        right=round(total, SUM_DIGITS),
        verdict="pass" if agrees else "fail",
        attribution="publisher" if not agrees and all(map(_verified, cells)) else None,
        blanks_as_zero=sum(cell.status in BLANK_STATUSES for cell in cells),
        cells=tuple((cell.item, cell.column) for cell in cells),
    )


def _verified(cell: SeriesCell) -> bool:
    """Whether a second reader read the same. Blanks count too: a missed number could make the difference."""
    return cell.status != "corrected" and cell.confirmed_by != ""


def _unconfirmed(cells: Iterable[SeriesCell]) -> tuple[tuple[str, str], ...]:
    """Return the (report_id, table) of cells that only one reader has read."""
    alone = {(c.report_id, c.table) for c in cells if c.status != "corrected" and not c.confirmed_by}
    return tuple(sorted(alone))
