"""Turn bound cells into observations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pipeline.extract.normalise.phrases import (
    CACHED_MAX_CHARACTERS,
    CACHED_NUMBERS_MAX,
    bare_from,
    has_change_aside,
    is_change,
    parse_quantity,
    phrases,
)
from pipeline.forms.labels import plain
from pipeline.records import PART, SPANNING, BoundCell, BoundTable, Observation, Quantity

EITHER_WAY = "its sign may say a decrease or an increase, and nothing beside it says which"


def tables_to_observations(tables: Sequence[BoundTable]) -> tuple[Observation, ...]:
    """Return an observation for every bound cell, blank ones too, in the order of the tables."""
    return tuple(
        seen
        for table in tables
        for seen in _with_sure_signs([bound_to_observation(cell, table.template) for cell in table.cells])
    )


def _with_sure_signs(observations: Sequence[Observation]) -> Sequence[Observation]:
    """Return the observations of a table; ▲12 is suspect where nothing beside it says that ▲ is a minus.

    Other decreases that are written as accounts do, (12) or △12, say so. So do increases with a sign of their
    own, if no decrease has another.
    """
    signed = [seen for seen in observations if seen.column in phrases().signed_columns]
    changes = [seen for seen in signed if seen.status == "ok" and is_change(seen.raw)]
    marked = {id(seen) for seen in changes if seen.raw.startswith(phrases().either_way)}
    others = [seen for seen in changes if id(seen) not in marked]
    is_account = any(seen.raw.startswith(phrases().accounts) for seen in others)
    signs = {(seen.value or 0.0) > 0 for seen in others if seen.value}
    if not marked or is_account or signs == {True}:
        return observations
    return [
        seen._replace(status="suspect", doubt=EITHER_WAY) if id(seen) in marked else seen
        for seen in observations
    ]


def bound_to_observation(cell: BoundCell, template: str) -> Observation:
    """Return the cell with its number, in the unit of the vocabulary."""
    table, item, column, text, unit, printed_unit, row_label, column_label, match, page, box, reader = cell
    is_short = len(text) <= CACHED_MAX_CHARACTERS
    value, status, raw = (_cached_quantity if is_short else _quantity)(text, unit, printed_unit, column)
    if match == SPANNING:
        value, status = None, _status_of_spanning(cell)
    return Observation(
        table, template, item, column, value, unit, raw, status, page, box, reader, match, row_label,
        column_label,
    )  # fmt: skip


def _quantity(text: str, unit: str, printed_unit: str, column: str) -> Quantity:
    """Return what a cell of a column says, in the unit of the vocabulary."""
    quantity = parse_quantity(text, unit, printed_unit)
    if quantity.status == "ok":
        quantity = _amount(quantity, column)
    is_open = _unit_is_open(quantity, column, text + printed_unit)
    return Quantity(quantity.value, "suspect", quantity.raw) if is_open else quantity


_cached_quantity = lru_cache(maxsize=CACHED_NUMBERS_MAX)(_quantity)


def _status_of_spanning(cell: BoundCell) -> str:
    """Return the status of a cell whose text is said of several, or that has several texts.

    Nobody can tell whose a number is. A dash says of each of them that there is none.
    """
    said = {parse_quantity(text, cell.unit, cell.printed_unit).status for text in cell.text.split(PART)}
    return "not_applicable" if said == {"not_applicable"} else "unreadable"


def _amount(quantity: Quantity, column: str) -> Quantity:
    """Return a quantity that was read; a change (减 20, 持平) is unreadable where the column wants an amount.

    So is a number with a second change in a bracket where the column asks for one. With a plus sign (+5,
    新增5项) it may be either, so that its value stays, suspect.
    """
    if column in phrases().signed_columns:
        return Quantity(None, "unreadable", quantity.raw) if has_change_aside(quantity.raw) else quantity
    if not is_change(quantity.raw):
        return quantity
    if quantity.value is not None and quantity.value > 0:
        return Quantity(quantity.value, "suspect", quantity.raw)
    return Quantity(None, "unreadable", quantity.raw)


def _unit_is_open(quantity: Quantity, column: str, printed: str) -> bool:
    """Whether an amount without a printed unit is so small that it may be one in 万元."""
    least = bare_from().get(column)
    if least is None:
        return False
    small = quantity.status == "ok" and 0 < abs(quantity.value or 0) < least
    return small and "元" not in plain(printed)
