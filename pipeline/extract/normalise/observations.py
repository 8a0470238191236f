"""Turn bound cells into observations."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.normalise.phrases import bare_from, has_change_aside, is_change, parse_quantity, phrases
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
    changes = [seen for seen in observations if seen.status == "ok" and is_change(seen.raw)]
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
    quantity = parse_quantity(cell.text, cell.unit, cell.printed_unit)
    quantity = _amount(quantity, cell.column) if quantity.status == "ok" else quantity
    if cell.match == SPANNING:
        quantity = Quantity(None, _status_of_spanning(cell), quantity.raw)
    elif _unit_is_open(quantity, cell):
        quantity = Quantity(quantity.value, "suspect", quantity.raw)
    return Observation(
        cell.table, template, cell.item, cell.column, quantity.value, cell.unit, quantity.raw,
        quantity.status, cell.page, cell.box, cell.reader, cell.match, cell.row_label, cell.column_label,
    )  # fmt: skip


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


def _unit_is_open(quantity: Quantity, cell: BoundCell) -> bool:
    """Whether an amount without a printed unit is so small that it may be one in 万元."""
    least = bare_from().get(cell.column)
    if least is None:
        return False
    small = quantity.status == "ok" and 0 < abs(quantity.value or 0) < least
    return small and "元" not in plain(cell.text + cell.printed_unit)
