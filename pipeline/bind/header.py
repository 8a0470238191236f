"""Header rows to column slots: which key the numbers under a header cell belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.bind.knowledge import Knowledge
from pipeline.bind.rows import Cell, Row


@dataclass(frozen=True, slots=True)
class Slot:
    """The stretch of a table under one header cell. `item` is set where the header names rows too.

    `column` is "" under a header that no number belongs to (the unit column of a 统计表).
    """

    left: float
    right: float
    item: str
    column: str
    label: str
    match: str


def is_header(row: Row, slots: Sequence[Slot], knowledge: Knowledge) -> bool:
    """Whether a row heads columns. 其他 and 总计 are labels of both axes: under known slots they head."""
    start = slots[0].left - 2 if slots else 0.0
    cells = [cell for cell in row.cells if cell.starts and cell.text and cell.left >= start]
    heads = sum(knowledge.is_column(cell.folded) for cell in cells)
    names = sum(bool(knowledge.rows.exact(cell.folded)) for cell in cells) if knowledge.rows_in_header else 0
    return heads + names > 0


def header_to_slots(rows: Sequence[Row], knowledge: Knowledge) -> list[Slot]:
    """The slots under the header that these rows make, from left to right."""
    stacks = [_stack(leaf, rows) for leaf in _leaves(rows)]
    named = [slot for slot in (_exact_slot(stack, knowledge) for stack in stacks) if slot]
    if not named:
        return []
    return _with_near(named, stacks, knowledge)


def _leaves(rows: Sequence[Row]) -> list[Cell]:
    """Header cells with text that no other header cell with text stands under."""
    leaves: list[Cell] = []
    for row in reversed(rows):
        below = list(leaves)
        leaves += [c for c in row.cells if c.starts and c.text and not any(_over(c, leaf) for leaf in below)]
    return sorted(leaves, key=lambda cell: cell.left)


def _over(upper: Cell, lower: Cell) -> bool:
    return upper.overlap(lower.left, lower.right) > 0.5 * min(upper.right - upper.left, lower.right - lower.left)


def _stack(leaf: Cell, rows: Sequence[Row]) -> list[Cell]:
    """The header cells above a leaf, the leaf last."""
    above = [c for row in rows for c in row.cells if c.starts and c.text and c is not leaf and _over(c, leaf)]
    return [*above, leaf]


def _exact_slot(stack: Sequence[Cell], knowledge: Knowledge) -> Slot | None:
    leaf = stack[-1]
    if leaf.folded in knowledge.unit_labels:
        return Slot(leaf.left, leaf.right, "", "", leaf.text, "exact")
    keys = knowledge.column_keys(leaf.folded)
    if not keys:
        return None
    return Slot(leaf.left, leaf.right, _item(stack, knowledge), keys[0], leaf.text, "exact")


def _item(stack: Sequence[Cell], knowledge: Knowledge) -> str:
    """The row key that the header names above a leaf (行政复议, 复议后起诉), the lowest first."""
    if not knowledge.rows_in_header:
        return ""
    found = (knowledge.rows.exact(cell.folded) for cell in reversed(stack[:-1]))
    return next((keys[0] for keys in found if keys), "")


def _with_near(named: list[Slot], stacks: Sequence[Sequence[Cell]], knowledge: Knowledge) -> list[Slot]:
    """`named` and a slot for every other leaf among them whose label is clearly near one not yet there."""
    start = min(slot.left for slot in named)
    slots = list(named)
    for stack in stacks:
        leaf = stack[-1]
        if leaf.left < start - 2 and not knowledge.rows_in_header:
            continue
        if any(slot.left == leaf.left for slot in slots) or leaf.folded in knowledge.ignored:
            continue
        item = _item(stack, knowledge)
        taken = {slot.column for slot in slots if slot.item == item}
        key = knowledge.columns.near(leaf.folded, [k for k in knowledge.columns.order if k not in taken])
        if key:
            slots.append(Slot(leaf.left, leaf.right, item, key, leaf.text, "near"))
    return _with_items_by_order(sorted(slots, key=lambda slot: slot.left), knowledge)


def _with_items_by_order(slots: list[Slot], knowledge: Knowledge) -> list[Slot]:
    """Where a page break took the row names of a header, the order of the repeated columns tells them."""
    if not knowledge.rows_in_header or all(slot.item for slot in slots):
        return slots
    columns, items = knowledge.columns.order, knowledge.rows.order
    if [slot.column for slot in slots] != list(columns) * len(items):
        return [slot for slot in slots if slot.item]
    return [
        slot if slot.item else replace(slot, item=items[i // len(columns)], match="order")
        for i, slot in enumerate(slots)
    ]
