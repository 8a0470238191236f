"""Turn header rows into slots.

Each tells which column of the form the numbers below a header cell belong to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.extract.bind.label_index import YEAR_LABEL, FormLabels
from pipeline.extract.bind.rows import Cell, Row, column_heads

HEADER_EDGE_TOLERANCE = 2.0
"""Points. An edge that stands further left or right by less is at the edge of a column."""


HEADER_PIECE_MIN_CHARACTERS = 2
"""Count, of the folded text. A shorter piece of a column's label (数) says nothing of whose it is."""


@dataclass(slots=True)
class Slot:
    """The part of a table below one header cell, from `left` to `right` in points.

    `item` is the key of the row where the header names rows too, else "". `column` is the key of the column,
    "" below a header that no number belongs to (the unit column of a 统计表). `match` says how it was
    recognised.
    """

    left: float
    right: float
    item: str
    column: str
    label: str
    match: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header says of the rows below it: its slots for numbers, and its lowest cells.

    `units` are the slots that no number belongs to, `start` is where the leftmost slot begins, in points;
    None where there are no slots.
    """

    slots: tuple[Slot, ...] = ()
    units: tuple[Slot, ...] = ()
    heads: tuple[Cell, ...] = ()
    start: float | None = None
    _over: dict[tuple[float, float], tuple[int, ...]] = field(default_factory=dict, repr=False)

    def over(self, cell: Cell) -> tuple[int, ...]:
        """Return the places of the slots for numbers that a cell stands below.

        Rows have their cells in the same few places, so that each is measured once.
        """
        edges = (cell.left, cell.right)
        found = self._over.get(edges)
        if found is None:
            left, right = edges
            found = tuple([at for at, slot in enumerate(self.slots)
                           if slot.left < right and left < slot.right and cell.covers(slot)])  # fmt: skip
            self._over[edges] = found
        return found


def slots_to_columns(slots: Sequence[Slot], heads: Sequence[Cell]) -> Columns:
    """Return what a header with these slots and lowest cells says of the rows below it."""
    return Columns(
        tuple(slot for slot in slots if slot.column),
        tuple(slot for slot in slots if not slot.column),
        tuple(heads),
        min((slot.left for slot in slots), default=None),
    )


def is_header(row: Row, start: float, form_labels: FormLabels) -> bool:
    """Whether a row is a header: a column label stands at or right of `start` (points).

    其他 and 总计 are labels of rows and of columns; left of the first column of numbers they name rows.
    """
    heads = column_heads(row.printed, form_labels)
    if len(heads) > 1:
        return True  # 其他 names a row, 商业企业 and 其他 side by side do not
    named = row.printed if form_labels.rows_in_header else ()
    heads += [cell for cell in named if form_labels.rows.exact(cell.folded)]
    return any(cell.left >= start - HEADER_EDGE_TOLERANCE for cell in heads)


def first_column(header: Sequence[Row], columns: Columns, form_labels: FormLabels) -> float:
    """Return where the columns of numbers begin, in points: by this header so far, else by the last one.

    Else 0.
    """
    heads = [cell.left for row in header for cell in column_heads(row.printed, form_labels)]
    return min(heads) if heads else columns.start or 0.0


def header_to_slots(rows: Sequence[Row], leaves: Sequence[Cell], form_labels: FormLabels) -> list[Slot]:
    """Return the slots below the header that these rows make, from left to right; `leaves` are its lowest."""
    cells = [cell for row in rows for cell in row.printed]
    named = _one_each([slot for leaf in leaves if (slot := _exact_slot(leaf, cells, form_labels))])
    if not named:
        return []
    unknown = [leaf for leaf in leaves if not _is_known_label(leaf, form_labels)]
    slots = [*named, *_guessed_slots(named, unknown, cells, form_labels)] if unknown else named
    return _with_items_by_order(sorted(slots, key=lambda slot: slot.left), form_labels)


def _one_each(slots: Sequence[Slot]) -> list[Slot]:
    """Drop slots that share their column with another; of several headed by years keep the latest year's.

    A report that prints 2016年度 beside 2017年度 is the report on 2017.
    """
    groups: dict[tuple[str, str], list[Slot]] = {}
    for slot in slots:
        groups.setdefault((slot.item, slot.column), []).append(slot)
    kept = []
    for (_, column), group in groups.items():
        years = [found[0] for slot in group if (found := YEAR_LABEL.match("".join(slot.label.split())))]
        if len(group) == 1 or not column:
            kept += group
        elif len(set(years)) == len(group):
            kept.append(max(group, key=lambda slot: "".join(slot.label.split())))
    return sorted(kept, key=lambda slot: slot.left)


def lowest_cells(rows: Sequence[Row]) -> list[Cell]:
    """Return the header cells with text that have no other header cell with text below them."""
    leaves: list[Cell] = []
    for row in reversed(rows):
        below = list(leaves)
        leaves += [cell for cell in row.printed if not any(map(cell.covers, below))]
    return sorted(leaves, key=lambda cell: cell.left)


def _exact_slot(lowest: Cell, header: Sequence[Cell], form_labels: FormLabels) -> Slot | None:
    """Return the slot below a lowest cell of a header whose label the form prints; None where it does not."""
    if lowest.folded in form_labels.unit_labels:
        return Slot(lowest.left, lowest.right, "", "", lowest.text, "exact")
    keys = form_labels.column_keys(lowest.folded)
    if not keys:
        return None
    return Slot(lowest.left, lowest.right, _item(lowest, header, form_labels), keys[0], lowest.text, "exact")


def _item(lowest: Cell, header: Sequence[Cell], form_labels: FormLabels) -> str:
    """Return the row key of the lowest spanning header above (行政复议, 复议后起诉).

    "" where there is none. `header` has its cells from top to bottom.
    """
    if not form_labels.rows_in_header:
        return ""
    above = (cell for cell in reversed(header) if cell is not lowest and cell.covers(lowest))
    found = (form_labels.rows.exact(cell.folded) for cell in above)
    return next((keys[0] for keys in found if keys), "")


def _guessed_slots(
    named: Sequence[Slot], unknown: Sequence[Cell], header: Sequence[Cell], form_labels: FormLabels
) -> list[Slot]:
    """Return slots for lowest header cells whose label is not known.

    The label must be clearly near to that of a column not yet found, or there must be as many such cells
    between two known columns as the form has there.
    """
    near = _near_slots(named, unknown, header, form_labels)
    if form_labels.rows_in_header:
        return near
    usual = max(slot.right - slot.left for slot in named)
    narrow = [leaf for leaf in unknown if leaf.right - leaf.left < 2 * usual]
    return near + _by_order([*named, *near], narrow, form_labels)


def _near_slots(
    named: Sequence[Slot], unknown: Sequence[Cell], header: Sequence[Cell], form_labels: FormLabels
) -> list[Slot]:
    """Return slots for lowest header cells with a label near to that of a column which none has yet.

    Of several labels near to one (区政府统计数, 区直单位统计数 to 统计数) none is that column's.
    """
    found: list[Slot] = []
    for leaf in unknown:
        if any(slot.left == leaf.left for slot in named):
            continue
        item = _item(leaf, header, form_labels)
        taken = {slot.column for slot in named if slot.item == item}
        key = form_labels.columns.near(leaf.folded, [k for k in form_labels.columns.order if k not in taken])
        if key:
            found.append(Slot(leaf.left, leaf.right, item, key, leaf.text, "near"))
    times = Counter((slot.item, slot.column) for slot in found)
    return [slot for slot in found if times[slot.item, slot.column] == 1]


def _is_known_label(lowest: Cell, form_labels: FormLabels) -> bool:
    """Whether a label is known, so that nothing is to be guessed: it is no column's, or several columns'."""
    folded = lowest.folded
    is_nobodys = folded in form_labels.ignored or folded in form_labels.strangers
    return is_nobodys or form_labels.is_column(folded)


def _by_order(slots: Sequence[Slot], leaves: Sequence[Cell], form_labels: FormLabels) -> list[Slot]:
    """Return slots for the cells between two known columns, if the form has as many columns there.

    None is for a cell that names something else.
    """
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
        between = [
            c
            for c in leaves
            if left - HEADER_EDGE_TOLERANCE <= c.left and c.right <= right + HEADER_EDGE_TOLERANCE
        ]
        if keys and len(keys) == len(between):
            found += [
                Slot(cell.left, cell.right, "", key, cell.text, _match_of_piece(cell, key, form_labels))
                for key, cell in zip(keys, between, strict=True)
                if form_labels.may_name(cell.folded, key)
            ]
    return found


def _match_of_piece(cell: Cell, key: str, form_labels: FormLabels) -> str:
    """Return how a column was recognised by its place: near where a piece of its label stands there."""
    labels = [label for label, keys in form_labels.columns.keys.items() if key in keys]
    is_piece = len(cell.folded) >= HEADER_PIECE_MIN_CHARACTERS and any(cell.folded in one for one in labels)
    return "near" if is_piece else "order"


def _with_items_by_order(slots: list[Slot], form_labels: FormLabels) -> list[Slot]:
    """Name the rows of slots by the order of the repeated columns, where a page's end took their names."""
    if not form_labels.rows_in_header or all(slot.item for slot in slots):
        return slots
    columns, items = form_labels.columns.order, form_labels.rows.order
    if [slot.column for slot in slots] != list(columns) * len(items):
        return [slot for slot in slots if slot.item]
    return [
        slot if slot.item else replace(slot, item=items[i // len(columns)], match="order")
        for i, slot in enumerate(slots)
    ]
