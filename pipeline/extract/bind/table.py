"""Bind the rows of one table to cells of the form.

Labels and the grid decide, order only between near matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import pairwise, product

from pipeline.extract.bind.header import (
    HEADER_EDGE_TOLERANCE,
    HEADER_PIECE_MIN_CHARACTERS,
    Columns,
    Slot,
    first_column,
    header_to_slots,
    is_header,
    lowest_cells,
    slots_to_columns,
)
from pipeline.extract.bind.label_index import LABEL_MIN_SIMILARITY, FormLabels, label_key
from pipeline.extract.bind.rows import Cell, Row, is_nameless, looks_like_number
from pipeline.forms import CellKey, TableForm
from pipeline.forms.labels import fold, plain
from pipeline.records import PART, SPANNING, BoundCell, BoundTable, Box, Leftover, bounding_box

_TWO_LABELS = re.compile(r"[^第(]\d{1,2}[.、]|[^第]\([一二三四五六七八九]\)")
"""A number in the middle of a label. It shows two rows whose ruling was not found.

They are never a near match.
"""

_NUMERAL = re.compile("[一二三四五六七八九十]、?")

_GROUP_NUMBER = re.compile(r"\([一二三四五六七八九]\)")

MATCHES = ("exact", "near", "order")
"""How a label was recognised, from the surest to the least sure."""

EXTRA_ROW = "a row of the bureau's own, which the form does not have"
"""The reason of leftovers of a whole row that has a label of its own: its numbers belong to no other row."""

SPARE_COLUMN = "a zero in a spare column, under the header of the number left of it"
"""The reason of leftovers in a grid that has more columns than the header above them."""

SECOND_PRINT = "of a second print of the table"
"""The reason of leftovers of a table that the file prints twice: another report may follow in it."""

SECOND_VALUE = "a second value for "
"""How the reason of a leftover begins whose cell was read before."""

UNDER_NO_COLUMN = "under no column of the form"
NO_SUCH_CELL = "the form that the table follows has no such cell"

OWN_LEFTOVERS = (SECOND_VALUE, UNDER_NO_COLUMN, NO_SUCH_CELL)
"""How the reasons begin of leftovers that stand among the numbers of a row of the form."""


Place = tuple[int, Box]
"""A page and the box of a cell on it."""

Targets = Sequence[tuple[Slot, Cell]]
"""Cells of a row, each with the slot that names its column."""


@dataclass(slots=True, eq=False)
class DataRow:
    """A row of numbers: its value cells, the columns above it, and the label cells beside it.

    `under` has the value cells below each slot of the columns, `alone` the one cell that is below this slot
    and no other. `unit` is the text of its cell in the unit column of a 统计表. `texts` are all drawn cells
    with text among or under the numbers, also those that reach down from the row above; `blanks` are drawn
    cells without one under a slot. `is_wide` says that a text stands below several slots.
    """

    values: tuple[Cell, ...]
    columns: Columns
    under: Sequence[Sequence[Cell]]
    alone: Sequence[Cell | None]
    labels: tuple[Cell, ...]
    label: str
    unit: str
    texts: tuple[Cell, ...]
    blanks: tuple[Cell, ...]
    is_wide: bool

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Return the slots for numbers above it."""
        return self.columns.slots


@dataclass(slots=True)
class _Claims:
    """The cells that are bound so far, and what is left over."""

    table: str
    cells: dict[CellKey, BoundCell] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)
    spanning: dict[Place, frozenset[CellKey]] = field(default_factory=dict)

    def leave(self, cells: Iterable[Cell], reason: str) -> None:
        """List the cells with text as left over for this reason."""
        self.leftovers += [Leftover(self.table, c.page, c.text, c.box, reason) for c in cells if c.text]

    def unclaim(self, key: CellKey, reason: str) -> None:
        """Take a bound cell back; it is left over unless it is blank."""
        cell = self.cells.pop(key)
        if cell.text:
            self.leftovers.append(Leftover(self.table, cell.page, cell.text, cell.box, reason))


def rows_to_bound_table(rows: Sequence[Row], form_labels: FormLabels) -> BoundTable | None:
    """Return the table with every number cell bound; None where the rows have no cell of the form."""
    claims = _Claims(form_labels.table)
    data = _with_cut_blocks(rows_to_data(rows, form_labels, claims))
    items = labels_to_items(data, form_labels)
    claims.spanning.update(_spanning_cells(data, [item for item, _ in items], form_labels))
    likely = cache(partial(_likeliest_forms, data, items, form_labels))
    for row, (item, match) in zip(data, items, strict=True):
        targets = _targets(row, item, form_labels, likely)
        _claim_row(row, item, match, targets, form_labels, claims)
    if not claims.cells:
        return None
    form = cells_to_form(claims.cells, form_labels)
    for key in _foreign_cells(claims, form):
        own = key not in form.units and claims.cells[key].match == "exact"
        claims.unclaim(key, EXTRA_ROW if own else NO_SUCH_CELL)
    return BoundTable(
        table=form_labels.table,
        template=form.form,
        cells=tuple(filter(None, map(claims.cells.get, form_labels.units))),
        missing=_missing(form, claims.cells),
        leftovers=tuple(_without_cut_labels(claims.leftovers, rows, form_labels)),
        inferred=any(cell.inferred for row in rows for cell in row.cells),
    )


def _missing(form: TableForm, cells: Collection[CellKey]) -> tuple[CellKey, ...]:
    """Return the cells of a complete table that are not among these cells of the form."""
    if len(cells) == len(form.units):
        return ()
    return tuple([key for key in form.expected(cells) if key not in cells])


def _without_cut_labels(
    leftovers: Sequence[Leftover], rows: Sequence[Row], form_labels: FormLabels
) -> Iterator[Leftover]:
    """Yield what is left over but for the pieces of labels that a page's end cut: （四）无 and 法提供."""
    if not leftovers:
        return
    cuts = [(above, below) for above, below in pairwise(rows) if above.page != below.page]
    upper = {(cell.page, cell.box) for above, _ in cuts for cell in above.cells}
    lower = {(cell.page, cell.box) for _, below in cuts for cell in below.cells}
    labels = (*form_labels.ignored, *form_labels.rows.keys, *form_labels.columns.keys)
    for left in leftovers:
        piece, place = fold(left.text), (left.page, left.box)
        begins = place in upper and any(label.startswith(piece) for label in labels)
        ends = place in lower and any(label.endswith(piece) for label in labels)
        is_numbered = bool(_GROUP_NUMBER.match(plain(left.text)))
        if not piece or not (begins or ends) or (looks_like_number(left.text) and not is_numbered):
            yield left


def _foreign_cells(claims: _Claims, form: TableForm) -> list[CellKey]:
    """Return the bound cells that a form does not have.

    Where the order of another form named one, it names none of its row.
    """
    foreign = {key for key in claims.cells if key not in form.units}
    if not foreign:
        return []
    by_order = {key[0] for key in foreign if claims.cells[key].match == "order"}
    return [
        key
        for key, cell in claims.cells.items()
        if key in foreign or (key[0] in by_order and cell.match == "order")
    ]


def _likeliest_forms(
    data: Sequence[DataRow], items: Sequence[tuple[str, str]], form_labels: FormLabels
) -> tuple[TableForm, ...]:
    """Return the forms that print the most of the row labels, and of the cells that headers name."""
    labels = [label_key(row.label) for row in data]
    headed = {(slot.item or item, slot.column)
              for row, (item, _) in zip(data, items, strict=True) for slot in row.slots}  # fmt: skip
    prints = [
        sum(map(form_labels.row_labels[form.form].__contains__, labels)) + len(headed & form.units.keys())
        for form in form_labels.forms
    ]
    return tuple(form for form, count in zip(form_labels.forms, prints, strict=True) if count == max(prints))


def cells_to_form(cells: Iterable[CellKey], form_labels: FormLabels) -> TableForm:
    """Return the form that these cells fill best; where forms print them alike, the newest."""
    bound = set(cells)
    has = [sum(map(form.units.__contains__, bound)) for form in form_labels.forms]
    fitting = [form for form, count in zip(form_labels.forms, has, strict=True) if count == max(has)]
    if len(fitting) == 1:
        return fitting[0]
    # Of those that have as many, the one that misses the fewest; the first of equals is the newest.
    return min(fitting, key=lambda form: len(set(form.expected()) - bound))


def rows_to_data(rows: Sequence[Row], form_labels: FormLabels, claims: _Claims) -> list[DataRow]:
    """Return the rows of numbers, each with the slots of the header above it.

    A header can be printed again.
    """
    data: list[DataRow] = []
    slots: list[Slot] = []
    columns = Columns()
    header: list[Row] = []
    for row in rows:
        start = first_column(header, columns, form_labels)
        if is_header(row, start, form_labels) or not _holds_data(row, slots, header, form_labels):
            header.append(row)
            continue
        if header:
            leaves = lowest_cells(header)
            slots = header_to_slots(header, leaves, form_labels) or _without_header(slots, form_labels)
            _list_unknown_header_text(header, slots, form_labels, claims)
            columns, header = slots_to_columns(slots, leaves), []
        data.append(_data_row(row, columns, form_labels))
    _list_unknown_header_text(header, slots, form_labels, claims)
    return data


def _without_header(slots: list[Slot], form_labels: FormLabels) -> list[Slot]:
    """Return the slots of the header before, for rows whose own header is missing or not understood.

    They are less sure, unless all rows of the table stand below the same columns: then there is no other
    header.
    """
    if len(form_labels.units) == len(form_labels.rows.order) * len(form_labels.columns.order):
        return slots
    return [replace(slot, match="order") for slot in slots]


def _holds_data(row: Row, slots: Sequence[Slot], header: Sequence[Row], form_labels: FormLabels) -> bool:
    """Whether a row that is no header has cells for numbers, be they blank."""
    own = row.printed
    if form_labels.rows_in_header:
        may_be = (looks_like_number(cell.text) or is_nameless(cell.text) for cell in own)
        return bool(slots or header) and (not own or any(may_be))
    if any(form_labels.rows.exact(cell.folded) or looks_like_number(cell.text) for cell in own):
        return True
    if len(row.cells) < 2:
        return False
    labels = [cell.folded for cell in own if cell.folded not in form_labels.ignored]
    return any(form_labels.rows.similarity(label) >= LABEL_MIN_SIMILARITY for label in labels)


def _list_unknown_header_text(
    header: Iterable[Row], slots: Sequence[Slot], form_labels: FormLabels, claims: _Claims
) -> None:
    """List as left over what stands in header rows and is printed by no form."""
    named = {slot.label for slot in slots}
    for row in header:
        claims.leave(
            (c for c in row.printed if c.text not in named and not form_labels.is_printed(c.folded)),
            "text that is no label of the form",
        )


def _data_row(row: Row, columns: Columns, form_labels: FormLabels) -> DataRow:
    """Split the cells of a row into values, labels and the unit."""
    start, labels, units = columns.start, list[Cell](), list[Cell]()
    if not form_labels.rows_in_header:
        before = float("inf") if start is None else 2 * start
        left = [cell for cell in row.printed if cell.left + cell.right < before]
        labels = [cell for cell in left if _names(cell, start, form_labels)]
        units = [cell for slot in columns.units for cell in row.cells if cell.starts and cell.covers(slot)]
    beside = {id(cell) for cell in (*labels, *units)}
    values, texts, blanks = list[Cell](), list[Cell](), list[Cell]()
    under: list[list[Cell]] = [[] for _ in columns.slots]
    wide: set[int] = set()
    for cell in row.cells:
        places = columns.over(cell)
        if len(places) > 1 and cell.text:
            wide.add(id(cell))
        if cell.starts and id(cell) not in beside:
            values.append(cell)
            for at in places:
                under[at].append(cell)
        if cell.inferred:
            continue
        if not cell.text:
            if places:
                blanks.append(cell)
        elif _is_value(cell, start) and not form_labels.is_printed(cell.folded):
            texts.append(cell)
    single = [[cell for cell in cells if id(cell) not in wide] for cells in under] if wide else under
    alone = [cells[0] if len(cells) == 1 else _only(cells) for cells in single]
    unit = next((cell.text for cell in units if cell.text), "")
    label = _label(labels, form_labels)
    return DataRow(
        tuple(values), columns, under, alone, tuple(labels), label, unit, tuple(texts), tuple(blanks),
        bool(wide),
    )  # fmt: skip


def _is_value(cell: Cell, start: float | None) -> bool:
    """Whether a cell with text is a number, or stands among the numbers."""
    return looks_like_number(cell.text) or (start is not None and cell.middle >= start)


def _with_cut_blocks(data: Sequence[DataRow]) -> list[DataRow]:
    """Return the rows with a text also in the blank piece that a page's end cut off from its cell."""
    shown = [{cell.page for cell in (*row.texts, *row.blanks)} for row in data]
    if len(set[int]().union(*shown)) < 2:
        return list(data)
    pages = [{*own, *(label.page for label in row.labels)} for own, row in zip(shown, data, strict=True)]
    pieces: dict[Place, Cell] = {}
    pairs = [(*rows, one | two) for rows, (one, two) in zip(pairwise(data), pairwise(pages), strict=True)]
    for above, below, on in (*pairs, *reversed(pairs)):  # a cell may reach over several pages, down or up
        if len(on) == 1 and not pieces:
            continue
        for row, other in ((above, below), (below, above)):
            for blank, text in product(row.blanks, _texts_of(other, pieces)) if row.blanks else ():
                if _is_cut(row, blank, text) and _are_pieces(blank, text, row.slots):
                    pieces.setdefault((blank.page, blank.box), text)
    return [replace(row, texts=_texts_of(row, pieces)) for row in data] if pieces else list(data)


def _is_cut(row: DataRow, blank: Cell, text: Cell) -> bool:
    """Whether a page's end is between two cells, or in the row of the blank one, whose label is below it."""
    return blank.page != text.page or any(label.page != blank.page for label in row.labels)


def _are_pieces(blank: Cell, text: Cell, slots: Sequence[Slot]) -> bool:
    """Whether two cells at a page's end may be one: level, and over several rows or columns."""
    is_merged = blank.spans > 1 or text.spans > 1 or sum(blank.covers(slot) for slot in slots) > 1
    return _is_level(blank, text) and is_merged


def _texts_of(row: DataRow, pieces: Mapping[Place, Cell]) -> tuple[Cell, ...]:
    """Return the texts of a row, also those whose cells have a blank piece in it."""
    found = (pieces.get((blank.page, blank.box)) for blank in row.blanks)
    return (*row.texts, *(text for text in found if text))


def _is_level(one: Cell, other: Cell) -> bool:
    """Whether two cells have the same edges to the left and to the right."""
    return (
        abs(one.left - other.left) < HEADER_EDGE_TOLERANCE
        and abs(one.right - other.right) < HEADER_EDGE_TOLERANCE
    )


def _names(cell: Cell, start: float | None, form_labels: FormLabels) -> bool:
    """Whether a cell left of the numbers names its row: it is no number itself.

    A single numeral there is what a page's end left of a label (三、本年度办理结果, one character a line).
    """
    numeral = start is not None and _NUMERAL.fullmatch(cell.text)
    return bool(numeral or not looks_like_number(cell.text) or form_labels.rows.exact(cell.folded))


def _label(cells: Sequence[Cell], form_labels: FormLabels) -> str:
    """Return the text of the rightmost label cell, or of all together if only that is a label of the form."""
    own = [cell for cell in cells if cell.spans == 1] or list(cells)
    if not own:
        return ""
    last = own[-1].text
    together = "".join(cell.text for cell in own)
    return (
        together
        if not form_labels.rows.exact(label_key(last)) and form_labels.rows.exact(label_key(together))
        else last
    )


def labels_to_items(data: Sequence[DataRow], form_labels: FormLabels) -> list[tuple[str, str]]:
    """Return the row key of every data row, and how it was matched; "" where no label of the form is near.

    Labels that the form prints once bind wherever they stand. Labels that it prints several times, and near
    ones, may only have the keys that the form prints between the bound rows above and below them.
    """
    exact = [form_labels.rows.exact(label_key(row.label)) if row.label else () for row in data]
    items = [(keys[0], "exact") if len(keys) == 1 else ("", "") for keys in exact]
    out_of_place = _rows_out_of_place(data, [key for key, _ in items], form_labels)
    items = [("", "") if at in out_of_place else item for at, item in enumerate(items)]
    for at, row in enumerate(data):
        if items[at][0] or not row.label or at in out_of_place:
            continue
        open_keys = _keys_between(items, at, form_labels.rows.order)
        if exact[at]:
            key = next((key for key in open_keys if key in exact[at]), "")
            items[at] = (key, "exact")
        elif not _TWO_LABELS.search("".join(plain(row.label).split())):
            items[at] = (form_labels.rows.near(label_key(row.label), open_keys) or "", "near")
    return items


def _rows_out_of_place(data: Sequence[DataRow], keys: Sequence[str], form_labels: FormLabels) -> set[int]:
    """Return the indices of rows whose label stands where the form has another: 4.其他 under （四）.

    Only labels that name columns too, and the earlier of two rows with one label, are judged by their place.
    """
    bound = [at for at, key in enumerate(keys) if key]
    in_order = {bound[i] for i in _longest_rise([form_labels.rows.order.index(keys[at]) for at in bound])}
    return {
        at
        for at in bound
        if at not in in_order
        and (_is_generic(data[at], form_labels) or keys[at] in {keys[i] for i in in_order if i > at})
    }


def _is_generic(row: DataRow, form_labels: FormLabels) -> bool:
    """Whether the label of a row is one of a column too: 其他, 总计."""
    return bool(form_labels.columns.exact(label_key(row.label)))


def _longest_rise(values: Sequence[int]) -> list[int]:
    """Return the indices of the longest rising sequence of values; of several the earliest."""
    if all(before < after for before, after in pairwise(values)):
        return list(range(len(values)))
    lengths = [1] * len(values)
    for i in reversed(range(len(values))):
        lengths[i] += max((lengths[j] for j in range(i + 1, len(values)) if values[j] > values[i]), default=0)
    longest, places = max(lengths, default=0), list[int]()
    for i, length in enumerate(lengths):
        if length == longest - len(places) and (not places or values[i] > values[places[-1]]):
            places.append(i)
    return places


def _keys_between(items: Sequence[tuple[str, str]], at: int, order: Sequence[str]) -> list[str]:
    """Return the free keys that the form prints between the bound rows above and below this row."""
    above = next((order.index(key) for key, _ in reversed(items[:at]) if key), -1)
    below = next((order.index(key) for key, _ in items[at + 1 :] if key), len(order))
    taken = {key for key, _ in items}
    return [key for key in order[above + 1 : below if below > above else len(order)] if key not in taken]


def _claim_row(
    row: DataRow, item: str, match: str, targets: Targets, form_labels: FormLabels, claims: _Claims
) -> None:
    """Bind the cells of a row that have a slot, and list every other number as left over."""
    for slot, cell in targets:
        sure = _weaker(match, slot.match, "near" if cell.inferred else "exact")
        _claim((slot.item or item, slot.column), cell, slot, sure, row, form_labels, claims)
    _claim_spanning(row, item, form_labels, claims)
    claimed = {id(cell) for _, cell in targets}
    if max(map(len, row.under), default=0) > 1:
        claimed |= {id(cell) for cell in _claim_parted(row, item, match, form_labels, claims)}
    if claims.spanning:
        claimed |= {id(cell) for cell in row.values if (cell.page, cell.box) in claims.spanning}
    is_whole = len(claimed) == len(row.values)
    others = [] if is_whole else [cell for cell in row.values if id(cell) not in claimed]
    if not item and not form_labels.rows_in_header:
        others += row.labels
    if not others:
        return
    reason = UNDER_NO_COLUMN if item else "no row of the form has this label"
    if not item and _is_extra(row, form_labels):
        reason = EXTRA_ROW
    claims.leave((cell for cell in others if not form_labels.is_printed(cell.folded)), reason)


def _claim_spanning(row: DataRow, item: str, form_labels: FormLabels, claims: _Claims) -> None:
    """Bind a text that is printed over several cells of the form to each of them in this row."""
    if not claims.spanning:
        return
    over = {key: cell for cell in row.texts for key in claims.spanning.get((cell.page, cell.box), ())}
    for slot in row.slots:
        key = (slot.item or item, slot.column)
        if key in over:
            claims.cells.pop(key, None)
            _claim(key, over[key], slot, SPANNING, row, form_labels, claims)


def _claim_parted(
    row: DataRow, item: str, match: str, form_labels: FormLabels, claims: _Claims
) -> Iterator[Cell]:
    """Bind what stands in several drawn cells under one header, and yield these cells.

    A grid with spare columns has the number first, and zeros or nothing beside it. Else nobody can tell which
    of them the header names.
    """
    for slot, cells in zip(row.slots, row.under, strict=True):
        if len(cells) < 2 or slot.match != "exact":
            continue
        key = (slot.item or item, slot.column)
        parts = [cell for cell in cells if not cell.inferred]
        filled = [cell for cell in parts if cell.text]
        if len(filled) < 2 or key not in form_labels.units or key in claims.cells:
            continue
        first, *others = parts
        if first.text and {cell.text for cell in others} <= {"", "0"}:
            _claim(key, first, slot, _weaker(match, slot.match, "near"), row, form_labels, claims)
            claims.leave(others, SPARE_COLUMN)
        else:
            whole = replace(
                first, text=PART.join(cell.text for cell in filled), box=bounding_box([c.box for c in filled])
            )
            _claim(key, whole, slot, SPANNING, row, form_labels, claims)
        yield from filled


def _spanning_cells(
    data: Sequence[DataRow], items: Sequence[str], form_labels: FormLabels
) -> dict[Place, frozenset[CellKey]]:
    """Return the drawn cells that hold one text for several cells of the form, each with their keys."""
    cells = [(cell.page, cell.box) for row in data for cell in row.texts]
    if len(set(cells)) == len(cells) and not any(row.is_wide for row in data):
        return {}
    found: dict[Place, set[CellKey]] = {}
    for row, item in zip(data, items, strict=True):
        keys = [(slot.item or item, slot.column) for slot in row.slots]
        for cell in row.texts:
            own = found.setdefault((cell.page, cell.box), set())
            own.update(keys[at] for at in row.columns.over(cell) if keys[at] in form_labels.units)
    return {place: frozenset(keys) for place, keys in found.items() if len(keys) > 1}


def _is_extra(row: DataRow, form_labels: FormLabels) -> bool:
    """Whether a row is the bureau's own.

    Its label is far from all of the form, and every number stands alone in its column. Beside it may stand
    what a page's end left blank of the label of its group.
    """
    label = label_key(row.label)
    own = bool(label) and (
        _is_generic(row, form_labels) or form_labels.rows.similarity(label) < LABEL_MIN_SIMILARITY
    )
    placed = {id(cell) for cell in row.alone if cell}
    return own and bool(placed) and all(id(cell) in placed for cell in row.values if cell.text)


def _targets(
    row: DataRow, item: str, form_labels: FormLabels, likely: Callable[[], Sequence[TableForm]]
) -> Targets:
    """Return the cells of a row, each with the slot that names its column: by the header, else by the order.

    Where a page's end cut some of its labels (本年新, 本年新), the order of the form names those columns, if
    the others are where it has them.
    """
    headed = _slot_targets(row, item, form_labels)
    if len(headed) == len(row.values) or form_labels.rows_in_header:
        return headed
    if headed and len(headed) >= form_labels.most_columns(item):
        return headed
    ordered = _order_targets(row, item, form_labels, likely()) if item else []
    if not headed:
        return ordered
    named = {id(cell): (slot, cell) for slot, cell in headed}
    if not named.keys() <= {id(cell) for _, cell in ordered}:
        return headed
    return [named.get(id(cell), (replace(slot, match="near"), cell)) for slot, cell in ordered]


def _slot_targets(row: DataRow, item: str, form_labels: FormLabels) -> Targets:
    """Return the slots with a cell of the form in this row, each with the one cell below it."""
    return [
        (slot, cell)
        for slot, cell in zip(row.slots, row.alone, strict=True)
        if cell and (slot.item or item, slot.column) in form_labels.units
    ]


def _only(cells: Sequence[Cell]) -> Cell | None:
    """Return the only cell with text, or a blank one where none has text; None where several have."""
    filled = [cell for cell in cells if cell.text]
    if len(filled) > 1:
        return None
    return next(iter(filled or cells), None)


def _order_targets(row: DataRow, item: str, form_labels: FormLabels, forms: Iterable[TableForm]) -> Targets:
    """Return slots by the form's columns of this row, if the grid has as many.

    For a header that a page's end took: against a header that is there the order says nothing. Nor does it
    where forms have as many columns there and name them otherwise.
    """
    end = max((cell.right for cell in row.labels), default=0.0) - 1.0
    cells = [cell for cell in row.values if cell.left >= end]
    orders = {form_labels.orders[form.form].get(item, ()) for form in forms}
    found = [
        [
            (Slot(cell.left, cell.right, "", column, "", "order"), cell)
            for cell, column in zip(cells, columns, strict=True)
        ]
        for columns in orders
        if len(columns) == len(cells)
    ]
    fitting = [
        targets
        for targets in found
        if not any(_is_headed_otherwise(*target, row, item, form_labels) for target in targets)
    ]
    return fitting[0] if len(fitting) == 1 else []  # of two forms nobody can tell which it is


def _is_headed_otherwise(slot: Slot, cell: Cell, row: DataRow, item: str, form_labels: FormLabels) -> bool:
    """Whether the header over a cell names another column of its row than the order does, or begins to."""
    heads = [head.folded for head in row.columns.heads if cell.covers(head)]
    if any(_is_of_another(head, slot.column, form_labels) for head in heads):
        return True
    if len(row.values) > 1 and any(_is_own(head, slot.column, form_labels) for head in heads):
        return True
    return any(
        above.match == "exact" and above.column != slot.column and cell.covers(above)
        for above in row.slots
        if (above.item or item, above.column) in form_labels.units
    )


def _is_of_another(text: str, column: str, form_labels: FormLabels) -> bool:
    """Whether a text that is no label of the form is a piece of other columns' labels, or of another form."""
    if form_labels.is_column(text) or len(text) < HEADER_PIECE_MIN_CHARACTERS:
        return False
    keys = {key for label, found in form_labels.columns.keys.items() if text in label for key in found}
    return text in form_labels.strangers or bool(keys and column not in keys)


def _is_own(text: str, column: str, form_labels: FormLabels) -> bool:
    """Whether a text that is no label of the form names a column of the bureau's own, and not this one."""
    if form_labels.is_column(text) or len(text) < HEADER_PIECE_MIN_CHARACTERS or text in form_labels.ignored:
        return False
    return not form_labels.may_name(text, column)


@cache
def _weaker(*matches: str) -> str:
    """Return the least sure of these matches."""
    return max((match for match in matches if match), key=MATCHES.index, default="exact")


def _claim(
    key: CellKey, cell: Cell, slot: Slot, match: str, row: DataRow, form_labels: FormLabels, claims: _Claims
) -> None:
    """Bind a cell to a key; a second value for it is left over."""
    before = claims.cells.get(key)
    if before and before.text:
        claims.leave([cell], f"{SECOND_VALUE}{key[0]}.{key[1]}")
        return
    item, column = key
    claims.cells[key] = BoundCell(
        form_labels.table, item, column, cell.text, form_labels.units[key], row.unit or slot.label,
        row.label, slot.label, match, cell.page, cell.box, cell.reader,
    )  # fmt: skip
