"""Join the grids of several pages to the rows of one table.

Rows and cells that a page's end cut are made whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, Protocol

from pipeline.extract.bind.label_index import LABEL_MIN_LEAD, FormLabels, anchors, label_key
from pipeline.forms.labels import fold, plain
from pipeline.records import Box, RawTable

_NUMBER = frozenset(
    "0123456789.,+-%/()—–−―⸺⸻~↑↓\\"  # as digits
    "〇○一二两三四五六七八九十百千万亿零无"  # as numerals
    "元件项条次个人篇宗起约共计新增减少加下降上升持平变化不适用涉及N/A"  # as phrases around them
)
"""The characters of value cells: enough to recognise every value, and too few to spell any label."""

_DIGITS = frozenset("0123456789一二两三四五六七八九十")

NUMBER_PHRASE_MAX_CHARACTERS = 24
"""Count, without white space. A longer text is no value."""

_CACHED_TEXTS_MAX = 8192
"""Count. Of as many texts it is kept in memory whether they are like a value."""

SAME_TABLE_MAX_WIDTH_DIFFERENCE_SHARE = 0.03
"""Share of the reference's width. Parts of a table whose widths differ by no more are scaled to one width."""

MOVED_MIN_DISTANCE = 0.5
"""Points. Rows of one width that lie closer to the reference's are left where they are."""

SAME_COLUMNS_MIN_SHARE = 0.6
"""Share of a cell's width. Two cells stand in the same columns if they share more of the narrower one, and if
that one is more of the wider one.
"""

JOINED_LABEL_MIN_SIMILARITY = 75.0
"""Ratio of rapidfuzz, 0 to 100. Two pieces of a label, read as one, are at least as similar to a label.

They must also be LABEL_MIN_LEAD more similar than each piece is.
"""

GRIDS_OF_TABLE_MAX_GAP = 20.0
"""Points. Two grids on a page with a smaller gap can be one table.

Two different tables that touch are told apart by their labels.
"""


class Stretch(Protocol):
    """Whatever has a left and a right edge."""

    @property
    def left(self) -> float:
        """Return the left edge in points."""
        ...

    @property
    def right(self) -> float:
        """Return the right edge in points."""
        ...


@dataclass(slots=True, eq=False)
class Cell:
    """A cell of a row; `left` and `right` are in points from the table's left edge.

    A cell that spans several rows stands in each of them, and `starts` only in the first. Nobody changes one:
    it is not frozen since there are hundreds a document, and a frozen one takes twenty times as long to make.
    """

    text: str
    folded: str
    left: float
    right: float
    page: int
    box: Box
    reader: str
    starts: bool
    spans: int
    inferred: bool

    def going_on(self) -> Cell:
        """Return it as it stands in a row below its first."""
        return Cell(
            self.text, self.folded, self.left, self.right, self.page, self.box, self.reader,
            False, self.spans, self.inferred,
        )  # fmt: skip

    def between(self, left: float, right: float) -> Cell:
        """Return it with other edges, in points."""
        return Cell(
            self.text, self.folded, left, right, self.page, self.box, self.reader,
            self.starts, self.spans, self.inferred,
        )  # fmt: skip

    @property
    def middle(self) -> float:
        """Return its middle in points from the table's left edge."""
        return (self.left + self.right) / 2

    def shared(self, other: Stretch) -> float:
        """Return the length, in points, that it shares with another; below 0 where they are apart."""
        left, right = other.left, other.right
        return (self.right if self.right < right else right) - (self.left if self.left > left else left)

    def covers(self, other: Stretch) -> bool:
        """Whether it shares more than half of the narrower one with another."""
        own_left, own_right, left, right = self.left, self.right, other.left, other.right
        shared = (own_right if own_right < right else right) - (own_left if own_left > left else left)
        return shared > 0 and (2 * shared > own_right - own_left or 2 * shared > right - left)


@dataclass(slots=True, eq=False)
class Row:
    """A row of a table from left to right: `cells` are all that reach into it.

    `printed` are those that begin in it, and have a text.
    """

    cells: tuple[Cell, ...]
    page: int
    printed: tuple[Cell, ...]


class Fragment(NamedTuple):
    """The rows of one grid, or of that part of it which belongs to one table of the form.

    `cut` says that it may begin within a row of the grid above, as it may at a page's end.
    """

    rows: tuple[Row, ...]
    page: int
    box: Box
    left: float
    right: float
    cut: bool = False


@lru_cache(maxsize=_CACHED_TEXTS_MAX)
def looks_like_number(text: str) -> bool:
    """Whether a text is like a value: a number, or a word for none, and short."""
    compact = "".join(plain(text).split())
    return (
        bool(compact)
        and len(compact) <= NUMBER_PHRASE_MAX_CHARACTERS
        and all(char in _NUMBER for char in compact)
    )


def is_nameless(text: str) -> bool:
    """Whether a text is short and spells nothing: its font may not say which digits its shapes are."""
    compact = "".join(text.split())
    return 0 < len(compact) <= NUMBER_PHRASE_MAX_CHARACTERS and not any(map(str.isalnum, compact))


def holds_number(text: str) -> bool:
    """Whether a text is a value with a digit or a numeral in it, not only a dash, 不适用 or （四）无."""
    return looks_like_number(text) and any(char in _DIGITS for char in fold(text))


def table_to_fragment(table: RawTable) -> Fragment:
    """Return the rows of a grid, each with the cells that start in it or reach down into it.

    A row in which no cell starts lies between two close rulings, and is no row of the table.
    """
    own_rows, _, _, _, texts, lefts, rights, _ = zip(*table.cells, strict=True)
    left, page, reader, inferred = min(lefts), table.page, table.reader, table.inferred
    starts = sorted(set(own_rows))
    rows: dict[int, list[Cell]] = {start: [] for start in starts}
    for (row, _, row_span, _, text, x0, x1, box), folded in zip(
        table.cells, map(label_key, texts), strict=True
    ):
        below = () if row_span == 1 else [start for start in starts if row < start < row + row_span]
        spans = 1 + len(below)
        cell = Cell(text, folded, x0 - left, x1 - left, page, box, reader, True, spans, inferred)
        rows[row].append(cell)
        for start in below:
            rows[start].append(cell.going_on())
    ordered = tuple([_cells_to_row(rows[start], page) for start in starts])
    return Fragment(ordered, page, table.box, left, max(rights), table.cut)


def _cells_to_row(cells: Iterable[Cell], page: int) -> Row:
    """Return the row of these cells."""
    ordered = tuple(sorted(cells, key=attrgetter("left")))
    return Row(ordered, page, tuple([cell for cell in ordered if cell.starts and cell.text]))


def tables_to_fragments(tables: Iterable[RawTable]) -> tuple[dict[str, list[Fragment]], list[Fragment]]:
    """Return the fragments of each table of the forms in reading order, and the fragments of no form."""
    found: dict[str, list[Fragment]] = {}
    unknown: list[Fragment] = []
    last: Fragment | None = None
    last_table: str | None = None
    for fragment in map(table_to_fragment, tables):
        carried = last_table if last and _continues(last, fragment) else None
        for table, part in _split(fragment, carried):
            if table is None:
                unknown.append(part)
            else:
                found.setdefault(table, []).append(part)
            last_table = table
        last = fragment
    return found, unknown


def _continues(last: Fragment, fragment: Fragment) -> bool:
    """Whether a grid may be the next part of the table that the last one is a part of."""
    if fragment.page == last.page:
        return 0 <= fragment.box.top - last.box.bottom <= GRIDS_OF_TABLE_MAX_GAP
    return fragment.page == last.page + 1


def _split(fragment: Fragment, carried: str | None) -> list[tuple[str | None, Fragment]]:
    """Split the rows of a fragment by table: a row without a telling label goes with the row above it.

    Rows above the first telling label belong to the table that goes on from the page before, or else to the
    next.
    """
    votes = [_vote(row) for row in fragment.rows]
    current = carried or next((vote for vote in votes if vote), None)
    parts: list[tuple[str | None, list[Row]]] = []
    for row, vote in zip(fragment.rows, votes, strict=True):
        current = vote or current
        if not parts or parts[-1][0] != current:
            parts.append((current, []))
        parts[-1][1].append(row)
    return [(table, fragment._replace(rows=tuple(rows))) for table, rows in parts]


def _vote(row: Row) -> str | None:
    """Return the table that most telling labels of a row belong to; None where it has none."""
    known = anchors()
    votes = [known[cell.folded] for cell in row.cells if cell.folded in known]
    if len(set(votes)) < 2:
        return votes[0] if votes else None
    return max(set(votes), key=lambda table: (votes.count(table), table))


def fragments_to_rows(fragments: Sequence[Fragment], form_labels: FormLabels) -> list[Row]:
    """Return all rows of one table, measured alike; rows that a page's end cut are joined."""
    reference, *others = fragments
    if others:
        reference = max(fragments, key=lambda fragment: _column_labels(fragment, form_labels))
    rows: list[Row] = []
    for fragment in fragments:
        moved = _moved(fragment, reference)
        if rows and (rows[-1].page != fragment.page or fragment.cut):
            heads = _heads(rows[-1], form_labels)
            at = 0 if heads else _repeated_header(moved, form_labels)
            is_open = at < len(moved) and not (heads and _bare(moved[at]))  # numbers below whole labels
            joined = join_cut_row(rows[-1], moved[at], form_labels) if is_open else None
            if joined:
                rows[-1] = joined
                del moved[at]
        rows.extend(moved)
    return rows


def _column_labels(fragment: Fragment, form_labels: FormLabels) -> int:
    """Count the column labels of a fragment."""
    return sum([len(column_heads(row.cells, form_labels)) for row in fragment.rows])


def column_heads(cells: Iterable[Cell], form_labels: FormLabels) -> list[Cell]:
    """Return those of some cells whose text is the label of a column, or a year that heads one."""
    keys, counts_years = form_labels.columns.keys, form_labels.counts_years
    return [cell for cell in cells
            if cell.folded in keys or (counts_years and form_labels.is_column(cell.folded))]  # fmt: skip


def _repeated_header(rows: Sequence[Row], form_labels: FormLabels) -> int:
    """Count the rows at the top that only repeat the header."""
    count = 0
    while count < len(rows) and _heads(rows[count], form_labels):
        count += 1
    return count if any(column_heads(row.cells, form_labels) for row in rows[:count]) else 0


def _heads(row: Row, form_labels: FormLabels) -> bool:
    """Whether a row has labels of the header only."""
    return bool(row.printed) and all(form_labels.is_of_header(cell.folded) for cell in row.printed)


def _moved(fragment: Fragment, reference: Fragment) -> list[Row]:
    """Measure rows as those of the reference.

    Scaled where the widths nearly agree, else moved to its right edge.
    """
    width, wanted = fragment.right - fragment.left, reference.right - reference.left
    scale = wanted / width if abs(wanted - width) <= SAME_TABLE_MAX_WIDTH_DIFFERENCE_SHARE * wanted else 1.0
    shift = wanted - width * scale
    if scale == 1.0 and abs(shift) < MOVED_MIN_DISTANCE:
        return list(fragment.rows)
    return [
        _cells_to_row(
            [cell.between(cell.left * scale + shift, cell.right * scale + shift) for cell in row.cells],
            row.page,
        )
        for row in fragment.rows
    ]


def join_cut_row(above: Row, below: Row, form_labels: FormLabels) -> Row | None:
    """Join the two pieces of a row that a page's end cut; None where they are two rows.

    They are one row if the joined texts are labels of the form and the pieces are not. They are also one if
    one piece has the label and the other, without one, only fills cells that are blank in the first.
    """
    joined, pairs = _joined(above, below), _pairs(above, below)
    apart = _labels(above.cells, form_labels) + _labels(below.cells, form_labels)
    if _labels(joined.cells, form_labels) > apart:
        return None if _numbers_clash(pairs) else joined
    if pairs:
        return joined if not _numbers_clash(pairs) and _reads_better(pairs, form_labels) else None
    if _bare(above) != _bare(below) or not _own(below):
        return joined
    return None


def _joined(above: Row, below: Row) -> Row:
    """Join two rows cell by cell, the text above before the text below."""
    cells = list(above.cells)
    for cell in below.cells:
        at = _counterpart(cells, cell)
        if at is None:
            cells.append(cell)
        elif cell.text:
            upper = cells[at]
            text = upper.text + cell.text
            kept = upper if upper.text else cell
            cells[at] = Cell(
                text, label_key(text), upper.left, upper.right, kept.page, kept.box, kept.reader,
                True, kept.spans, kept.inferred,
            )  # fmt: skip
    return _cells_to_row(cells, above.page)


def _counterpart(cells: Sequence[Cell], cell: Cell) -> int | None:
    """Return the index of the cell that stands in the same columns; None where there is none."""
    width = cell.right - cell.left
    for i, other in enumerate(cells):
        if other.left < cell.right and cell.left < other.right:
            narrower, wider = sorted((width, other.right - other.left))
            same = SAME_COLUMNS_MIN_SHARE
            if other.shared(cell) > same * narrower and narrower > same * wider:
                return i
    return None


def _labels(cells: Iterable[Cell], form_labels: FormLabels) -> int:
    """Count the cells whose text is a label of the form."""
    return sum(1 for cell in cells if cell.folded and form_labels.is_label(cell.folded))


def _pairs(above: Row, below: Row) -> list[tuple[Cell, Cell]]:
    """Return pairs of cells with text above and below the page's end, in the same columns."""
    upper, lower = _own(above), _own(below)
    found = ((_counterpart(upper, cell), cell) for cell in lower)
    return [(upper[at], cell) for at, cell in found if at is not None]


def _own(row: Row) -> list[Cell]:
    """Return the cells with text that are of this row alone.

    Labels over several rows tell nothing about a cut.
    """
    return [cell for cell in row.printed if cell.spans == 1]


def _numbers_clash(pairs: Iterable[tuple[Cell, Cell]]) -> bool:
    """Whether two numbers would be joined to one."""
    return any(looks_like_number(upper.text) and looks_like_number(lower.text) for upper, lower in pairs)


def _reads_better(pairs: Iterable[tuple[Cell, Cell]], form_labels: FormLabels) -> bool:
    """Whether two unknown labels are much more similar to one of the form when they are read as one."""
    for upper, lower in pairs:
        if form_labels.is_label(upper.folded) or form_labels.is_label(lower.folded):
            continue
        joined = form_labels.rows.similarity(label_key(upper.text + lower.text))
        if joined < JOINED_LABEL_MIN_SIMILARITY:
            continue
        apart = max(form_labels.rows.similarity(upper.folded), form_labels.rows.similarity(lower.folded))
        if joined >= apart + LABEL_MIN_LEAD:
            return True
    return False


def _bare(row: Row) -> bool:
    """Whether a row has numbers and blanks only, and no label of its own."""
    return all(looks_like_number(cell.text) for cell in _own(row))
