"""Header rows to column slots: which key the numbers under a header cell belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.extract.bind.label_index import YEAR, FormLabels
from pipeline.extract.bind.rows import Cell, Row


class Slot(NamedTuple):
    """The stretch of a table under one header cell. `item` is set where the header names rows too.

    `column` is "" under a header that no number belongs to (the unit column of a 统计表).
    """

    left: float
    right: float
    item: str
    column: str
    label: str
    match: str


def is_header(row: Row, start: float, form_labels: FormLabels) -> bool:
    """Whether a row heads columns: a label of a column stands at or right of `start`.

    其他 and 总计 are labels of both axes; left of the first column of numbers they name rows.
    """
    own = [cell for cell in row.cells if cell.starts and cell.text]
    cells = [cell for cell in own if cell.left >= start - 2]
    if any(form_labels.is_column(cell.folded) for cell in cells):
        return True
    if sum(form_labels.is_column(cell.folded) for cell in own) > 1:
        return True  # 其他 names a row, 商业企业 and 其他 side by side do not
    return form_labels.rows_in_header and any(form_labels.rows.exact(cell.folded) for cell in cells)


def first_column(header: Sequence[Row], slots: Sequence[Slot], form_labels: FormLabels) -> float:
    """Where the columns of numbers begin, by the header rows so far, else by the last header; else 0."""
    heads = [c.left for row in header for c in row.cells if c.starts and form_labels.is_column(c.folded)]
    return min(heads or [slot.left for slot in slots], default=0.0)


def header_to_slots(rows: Sequence[Row], form_labels: FormLabels) -> list[Slot]:
    """The slots under the header that these rows make, from left to right."""
    stacks = [_stack(lowest, rows) for lowest in _lowest_cells(rows)]
    named = _one_each([slot for slot in (_exact_slot(stack, form_labels) for stack in stacks) if slot])
    if not named:
        return []
    return _with_near_labels(named, stacks, form_labels)


def _one_each(slots: Sequence[Slot]) -> list[Slot]:
    """Slots that share their column with no other; of several headed by years, the latest year's.

    A report that prints 2016年度 beside 2017年度 is the report on 2017.
    """
    groups: dict[tuple[str, str], list[Slot]] = {}
    for slot in slots:
        groups.setdefault((slot.item, slot.column), []).append(slot)
    kept = []
    for (_, column), group in groups.items():
        years = [found[0] for slot in group if (found := YEAR.match("".join(slot.label.split())))]
        if len(group) == 1 or not column:
            kept += group
        elif len(set(years)) == len(group):
            kept.append(max(group, key=lambda slot: "".join(slot.label.split())))
    return sorted(kept, key=lambda slot: slot.left)


def _lowest_cells(rows: Sequence[Row]) -> list[Cell]:
    """Header cells with text that no other header cell with text stands under."""
    leaves: list[Cell] = []
    for row in reversed(rows):
        below = list(leaves)
        leaves += [
            c for c in row.cells if c.starts and c.text and not any(c.covers(lowest) for lowest in below)
        ]
    return sorted(leaves, key=lambda cell: cell.left)


def _stack(lowest: Cell, rows: Sequence[Row]) -> list[Cell]:
    """The header cells above a leaf, the leaf last."""
    above = [
        c for row in rows for c in row.cells if c.starts and c.text and c is not lowest and c.covers(lowest)
    ]
    return [*above, lowest]


def _exact_slot(stack: Sequence[Cell], form_labels: FormLabels) -> Slot | None:
    lowest = stack[-1]
    if lowest.folded in form_labels.unit_labels:
        return Slot(lowest.left, lowest.right, "", "", lowest.text, "exact")
    keys = form_labels.column_keys(lowest.folded)
    if not keys:
        return None
    return Slot(lowest.left, lowest.right, _item(stack, form_labels), keys[0], lowest.text, "exact")


def _item(stack: Sequence[Cell], form_labels: FormLabels) -> str:
    """The row key that the header names above a leaf (行政复议, 复议后起诉), the lowest first."""
    if not form_labels.rows_in_header:
        return ""
    found = (form_labels.rows.exact(cell.folded) for cell in reversed(stack[:-1]))
    return next((keys[0] for keys in found if keys), "")


def _with_near_labels(
    named: list[Slot], stacks: Sequence[Sequence[Cell]], form_labels: FormLabels
) -> list[Slot]:
    """`named` and a slot for each other leaf: one whose label is clearly near a key not yet there, or
    one of as many leaves as the form has columns in that place.
    """
    slots = list(named)
    usual = max(slot.right - slot.left for slot in named)
    for stack in stacks:
        lowest = stack[-1]
        if any(slot.left == lowest.left for slot in slots) or _is_known_label(lowest, form_labels):
            continue
        item = _item(stack, form_labels)
        taken = {slot.column for slot in slots if slot.item == item}
        key = form_labels.columns.near(
            lowest.folded, [k for k in form_labels.columns.order if k not in taken]
        )
        if key:
            slots.append(Slot(lowest.left, lowest.right, item, key, lowest.text, "near"))
    if not form_labels.rows_in_header:
        leaves = [stack[-1] for stack in stacks if not _is_known_label(stack[-1], form_labels)]
        slots += _by_order(slots, [c for c in leaves if c.right - c.left < 2 * usual], form_labels)
    return _with_items_by_order(sorted(slots, key=lambda slot: slot.left), form_labels)


def _is_known_label(lowest: Cell, form_labels: FormLabels) -> bool:
    """Whether a label says what it is: no column, or one of several of a name, not to be guessed."""
    return lowest.folded in form_labels.ignored or form_labels.is_column(lowest.folded)


def _by_order(slots: Sequence[Slot], leaves: Sequence[Cell], form_labels: FormLabels) -> list[Slot]:
    """Slots for the leaves between two named columns where the form has just as many between them."""
    order = form_labels.columns.order
    known = sorted((s for s in slots if s.column), key=lambda s: s.left)
    found: list[Slot] = []
    if not known:
        return found
    for before, after in zip([None, *known], [*known, None], strict=True):
        first = order.index(before.column) + 1 if before else 0
        last = order.index(after.column) if after else len(order)
        left = before.right if before else 0.0
        right = after.left if after else float("inf")
        keys = order[first:last]
        between = [c for c in leaves if left - 2 <= c.left and c.right <= right + 2]
        if keys and len(keys) == len(between):
            found += [
                Slot(cell.left, cell.right, "", key, cell.text, "order")
                for key, cell in zip(keys, between, strict=True)
            ]
    return found


def _with_items_by_order(slots: list[Slot], form_labels: FormLabels) -> list[Slot]:
    """Where a page break took the row names of a header, the order of the repeated columns tells them."""
    if not form_labels.rows_in_header or all(slot.item for slot in slots):
        return slots
    columns, items = form_labels.columns.order, form_labels.rows.order
    if [slot.column for slot in slots] != list(columns) * len(items):
        return [slot for slot in slots if slot.item]
    return [
        slot if slot.item else slot._replace(item=items[i // len(columns)], match="order")
        for i, slot in enumerate(slots)
    ]
