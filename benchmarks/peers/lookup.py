"""One plain label lookup over the raw tables of any program: what a researcher writes in an afternoon.

It knows the labels and units of `pipeline/forms/vocabulary.csv`, parses number phrases with the project's
own `parse_quantity` (so that 减 20 or 2.58 万元 count against nobody), and uses nothing else of the pipeline.
What it does, for every program alike:

- The tables of all pages are read as one list of rows, so that a table may run over pages. One wider than any
  of the forms loses its empty columns.
- Labels are compared without white space and punctuation, after NFKC: first equal, then nearly equal
  (rapidfuzz ratio), then one inside the other, as for a label cut by a page or joined to its neighbour.
- Headers name the columns: in 二 each those of the rows under it, in 三 and 统计表 those of the whole table.
- A row is found by its label (in 二 by each of its labels, for halves side by side; else by the last one); a
  label that 统计表 prints twice is the next in the order of the form.
- Its numbers are taken in order, also out of one cell, where there are as many as columns; else those that
  stand under the header, in a table of the same width; else, but for 二, the last cells of the row.
- 四: the first row of numbers under a header with 结果维持 …: fifteen cells in order, else those under it.
- A label without numbers lends its name to the row of numbers under it, as without rulings.

The rows' labels are unique within a table of the modern forms, so that merged group labels need no filling.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from pipeline.extract.normalise.phrases import parse_quantity

Cell = tuple[str, str, str]
Value = tuple[float | None, str]
Row = Sequence[str]

VOCABULARY = Path(__file__).parents[2] / "pipeline" / "forms" / "vocabulary.csv"
ALIASES = {"七合计": "七总计", "合计": "总计"}
APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
OUTCOMES = ("upheld", "corrected", "other", "pending", "total")
GROUPS = ("review", "litigation_direct", "litigation_after_review")
DOCUMENTS = ("regulations", "normative_documents")
DOCUMENT_COLUMNS = ("made", "repealed", "in_force", "newly_made", "newly_disclosed", "total_disclosed")
VAGUE = frozenset(("other_org", "total"))  # 其他 and 总计 alone make no header
KINDS = ("件", "万元", "")  # whole numbers, amounts, anything
NEAR = 85
LEAST_PART = 5  # characters that a part of a label must have to stand for it
LONGEST = 70  # no label is longer; prose is


@dataclass(frozen=True, slots=True)
class Grid:
    """One raw table of a page as a program gave it: rows of texts, "" for what is blank or merged away."""

    page: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A row or column of the form."""

    table: str
    key: str
    text: str
    unit: str


def grids_to_cells(grids: Iterable[Grid]) -> dict[Cell, Value]:
    """The value and status of every number cell that the lookup finds in the raw tables of a document."""
    lookup = _Lookup()
    for grid in grids:
        for row in _without_phantoms(grid.rows):
            lookup.take(row)
    return lookup.cells


def _without_phantoms(rows: Sequence[Row]) -> Sequence[Row]:
    """A table wider than any of the forms without its wholly empty columns, as double rulings make them."""
    width = max(map(len, rows), default=0)
    if width <= 10 or width == 15 or any(len(row) != width for row in rows):
        return rows
    filled = [place for place in range(width) if any(row[place].strip() for row in rows)]
    return [[row[place] for place in filled] for row in rows]


# ------------------------------------------------------------- text → label


def plain(text: str) -> str:
    """A label without white space and punctuation, its full-width forms and radicals as NFKC has them."""
    folded = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))
    return ALIASES.get(folded, folded)


@cache
def labels(axis: str) -> tuple[Label, ...]:
    """The rows or columns of the vocabulary, in its order, each label of a key once."""
    with VOCABULARY.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["axis"] == axis]
    found = (Label(row["table"], row["key"], plain(row["label_zh"]), row["unit"]) for row in rows)
    return tuple({(label.table, label.key, label.text): label for label in found}.values())


@lru_cache(maxsize=65536)
def text_to_labels(text: str, axis: str) -> tuple[tuple[Label, ...], bool]:
    """The labels that a text stands for, several where the form repeats one, and whether it is whole."""
    folded = plain(text)
    if not folded or folded.isdigit() or len(folded) > LONGEST:
        return (), False
    known = [label.text for label in labels(axis)]
    near = process.extractOne(folded, known, scorer=fuzz.ratio, score_cutoff=NEAR)
    chosen = near[0] if near else _part(folded, known)
    return tuple(label for label in labels(axis) if label.text == chosen), near is not None


def _part(text: str, known: Iterable[str]) -> str:
    """The longest label inside `text`, else the only label that `text` is a part of."""
    inside = [label for label in known if len(label) >= LEAST_PART and label in text]
    around = {label for label in known if len(text) >= LEAST_PART and text in label}
    if inside:
        return max(inside, key=len)
    return around.pop() if len(around) == 1 else ""


# ------------------------------------------------------------ rows → cells


@dataclass
class _Lookup:
    """What is known while going down the rows: the columns of each header, by width, and the last label."""

    cells: dict[Cell, Value] = field(default_factory=dict)
    columns: dict[tuple[str, int], dict[int, str]] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=lambda: {"statistics": ["count"]})
    printed: dict[str, str] = field(default_factory=dict)
    last: int = -1
    pending: Label | None = None
    in_review: bool = False

    def take(self, row: Row) -> None:
        """Learn from a header, or keep the numbers of a row."""
        if self._header(row):
            return
        found = self._labels_of(row)
        for (place, label, whole), stop in _segments(found, len(row)):
            self.in_review, self.last = False, labels("row").index(label)
            values = self._values(label, row, place + 1, stop)
            blank = not any(values.values())
            self.pending = label if blank else None
            if whole or not blank:
                self._keep(label, values)
        if not found and any(row) and all(map(_is_value, row)):
            self._unlabelled(row)

    def _labels_of(self, row: Row) -> list[tuple[int, Label, bool]]:
        """The labels in a row with their places: those of single cells, else that of all words together."""
        found = [(place, *named) for place, text in enumerate(row) if (named := self._label(text))]
        words = [place for place, text in enumerate(row) if not _is_value(text)]
        if not any(whole for _, _, whole in found) and len(words) > 1:
            joined = self._label("".join(row[place] for place in words))
            return [(words[-1], *joined)] if joined else found
        return found

    def _header(self, row: Row) -> bool:
        """Whether the row names columns; if so they are known from here on."""
        named: dict[str, dict[int, str]] = {}
        for place, text in enumerate(row):
            for label in _text_to_columns(text):
                named.setdefault(label.table, {})[place] = label.key
                self.printed[label.key] = text
        tables = [table for table, keys in named.items() if not VAGUE.issuperset(keys.values())]
        for table in tables:
            self._learn(table, len(row), named[table])
        return bool(tables)

    def _learn(self, table: str, width: int, named: dict[int, str]) -> None:
        """A header of 二 replaces the one before; those of the others have several rows."""
        known = {} if table == "active_disclosure" else self.columns.get((table, width), {})
        self.columns[table, width] = {**known, **named}
        self.order[table] = list(dict.fromkeys(named.values()))
        self.in_review = table == "review_litigation"
        self.pending = None

    def _label(self, text: str) -> tuple[Label, bool] | None:
        """The row that a text names: of several with one label the next after the last row."""
        found, whole = text_to_labels(text, "row")
        if found and found[0].table == "review_litigation":  # 四 has its rows in the header
            self.in_review, found = True, ()
        later = [label for label in found if labels("row").index(label) > self.last]
        return ((later or found)[0], whole) if found else None

    def _values(self, label: Label, row: Row, start: int, stop: int) -> dict[str, str]:
        """The text under each column key of a labelled row, {} where neither count nor place tells."""
        rest = row[start:stop]
        known = self.columns.get((label.table, len(row)), {})
        places = {place: key for place, key in known.items() if start <= place < stop}
        keys = list(dict.fromkeys(places.values())) or self.order.get(label.table, [])
        if label.table == "applications":
            named = {
                key
                for (table, _), by_place in self.columns.items()
                if table == label.table
                for key in by_place.values()
            }
            keys = [key for key in APPLICANTS if key in named or len(named) < len(APPLICANTS) - 1]
            places = places if len(set(places.values())) == len(keys) else {}
        last = {} if label.table == "active_disclosure" else _last(keys, rest)
        return _in_order(keys, rest) or _by_place(places, row) or last

    def _unlabelled(self, row: Row) -> None:
        """The numbers of 四, or those that stand under their label."""
        if self.in_review:
            self._review(row)
        elif self.pending:
            values = self._values(self.pending, row, 0, len(row))
            if any(values.values()):
                self._keep(self.pending, values)
                self.pending = None

    def _review(self, row: Row) -> None:
        keys = [(group, column) for group in GROUPS for column in OUTCOMES]
        places = _outcome_places(self.columns.get(("review_litigation", len(row)), {}))
        texts = dict(zip(keys, row, strict=True)) if len(row) == len(keys) else _in_order(keys, row)
        texts = texts or {key: row[place] for place, key in places.items()}
        for (group, column), text in texts.items():
            self._put(("review_litigation", group, column), text, "件", "")
        self.in_review = not texts

    def _keep(self, label: Label, values: Mapping[str, str]) -> None:
        units = {column.key: column.unit for column in labels("column") if column.table == label.table}
        for column, text in values.items():
            if (column in DOCUMENT_COLUMNS) != (label.key in DOCUMENTS):  # under the header of another part
                continue
            unit = label.unit if label.table == "statistics" else units[column]
            self._put((label.table, label.key, column), text, unit, self.printed.get(column, ""))

    def _put(self, cell: Cell, text: str, unit: str, printed: str) -> None:
        """The first reading of a cell stands, unless it was blank."""
        if self.cells.get(cell, (None, "blank"))[1] == "blank":
            quantity = parse_quantity(_one_line(text), unit, _one_line(printed))
            self.cells[cell] = (quantity.value, quantity.status)


def _text_to_columns(text: str) -> tuple[Label, ...]:
    """The columns that a header's text names; 2017年度 heads the counts of a year."""
    if re.fullmatch(r"\d{4}年度?", plain(text)):
        return tuple(label for label in labels("column") if label.key == "count")
    return text_to_labels(text, "column")[0]


def _segments(
    found: Sequence[tuple[int, Label, bool]], width: int
) -> Iterator[tuple[tuple[int, Label, bool], int]]:
    """Each label with the end of its cells: every one of 二, which may stand side by side, else the last."""
    if found and found[-1][1].table != "active_disclosure":
        found = found[-1:]
    stops = [*(place for place, _, _ in found[1:]), width][: len(found)]
    yield from zip(found, stops, strict=True)


def _by_place(places: Mapping[int, str], row: Row) -> dict[str, str]:
    """What stands under each column; the first place of a header that a program repeats."""
    return {key: row[place] for place, key in sorted(places.items(), reverse=True)}


def _in_order(keys: Sequence, rest: Row) -> dict:  # type: ignore[type-arg]
    """The printed numbers in order, if there are as many as keys, one in a cell or several."""
    texts = [text for text in rest if text.strip() and _is_value(text)]
    for numbers in (texts, " ".join(texts).split()):
        if len(numbers) == len(keys):
            return dict(zip(keys, numbers, strict=True))
    return {}


def _last(keys: Sequence[str], rest: Row) -> dict[str, str]:
    """The texts at the end of a row; {} where it is shorter."""
    return dict(zip(reversed(keys), reversed(rest), strict=False)) if len(rest) >= len(keys) else {}


def _outcome_places(columns: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    """The group and outcome of each column of 四: a group begins at each 结果维持."""
    places, group = {}, -1
    for place, column in sorted(columns.items()):
        group += column == "upheld"
        if 0 <= group < len(GROUPS):
            places[place] = (GROUPS[group], column)
    return places


def _one_line(text: str) -> str:
    return "".join(text.splitlines()).strip()


@lru_cache(maxsize=65536)
def _is_value(text: str) -> bool:
    """Whether a cell is blank or holds numbers, and no words."""
    parts = _one_line(text).split()
    return _is_number("".join(parts)) or all(map(_is_number, parts))


def _is_number(text: str) -> bool:
    return any(parse_quantity(text, unit).status != "unreadable" for unit in KINDS)
