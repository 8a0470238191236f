"""Tables without rulings a second time, by counting: where every cell of a row is filled, order names all.

The other way to read such tables (`alignment`) places every word by where it stands. Here nothing is
measured: on a page with as many lines of values as row labels, the first line belongs to the first label
and so on; and the binder takes a row only if it holds as many values as the form has columns. One blank
cell, and the row is not read; one row too many, and the page is not. So this is no way to read a report,
but a witness that cannot put a number into the wrong place in the way that measuring can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.forms.labels import fold
from pipeline.read.alignment import page_to_text
from pipeline.read.alignment_bands import Text, heads_and_rows, words_to_phrases
from pipeline.read.alignment_labels import Labels, Word, load_labels
from pipeline.read.frame import Frame
from pipeline.read.grid import Page, around
from pipeline.records import RawCell, RawTable

WIDTH = 20.0
"""Columns are counted and not measured: every one is drawn so wide (points)."""

Line = list[tuple[Word, int, int]]
"""The cells of a row: a word, its first column and the one after its last."""


def pages_to_counted_tables(pages: Iterable[Page], reader: str) -> list[RawTable]:
    """The rows of the forms that are completely filled, page by page; a page that is not counts for none."""
    tables = []
    for text in map(page_to_text, pages):
        for labels in load_labels():
            lines = _header_lines(text, labels) if labels.groups else _row_lines(text, labels)
            if lines:
                tables.append(_lines_to_table(lines, text.page, reader))
    return tables


def _row_lines(text: Text, labels: Labels) -> list[Line]:
    """Each row label with the values of its line, where there are as many lines of values as labels."""
    heads, rows = heads_and_rows(text.labels, labels)
    start = min((head.box.x0 for head in heads), default=float("inf"))
    rows = sorted((row for row in rows if row.box.x0 < start), key=lambda row: row.y)
    if not rows:
        return []
    top, bottom = rows[0].box.top - rows[0].height, rows[-1].box.bottom + rows[-1].height
    edge = max(row.box.x1 for row in rows) - 1
    values = _value_lines([w for w in text.words if w.box.x0 >= edge and top < w.y < bottom])
    if len(values) != len(rows):
        return []
    return [_line([row, *line]) for row, line in zip(rows, values, strict=True)]


def _header_lines(text: Text, labels: Labels) -> list[Line]:
    """The row labels over their columns and the line of values below, where all three are complete."""
    form = labels.forms[0]
    groups = sorted((w for w in text.labels if fold(w.text) in labels.groups), key=lambda w: w.x)
    top = min((group.y for group in groups), default=float("inf"))
    heads = [w for w in text.labels if fold(w.text) in labels.columns and w.y > top]
    if len(groups) != len(form.rows) or len(heads) != len(form.rows) * len(form.columns):
        return []
    bottom = max(head.box.bottom for head in heads)
    values = _value_lines([w for w in text.words if w.box.top > bottom - 1])[:1]
    if not values or len(values[0]) != len(heads):
        return []
    share = len(form.columns)
    over = [(group, at * share, (at + 1) * share) for at, group in enumerate(groups)]
    return [over, _line(sorted(heads, key=lambda w: w.x)), _line(values[0])]


def _value_lines(words: Sequence[Word]) -> list[list[Word]]:
    """The values among the words, line by line, each from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words_to_phrases(words), key=lambda w: w.y):
        if not lines or word.y - lines[-1][0].y > word.height / 2:
            lines.append([])
        lines[-1].append(word)
    return [sorted(line, key=lambda w: w.box.x0) for line in lines]


def _line(words: Sequence[Word]) -> Line:
    return [(word, at, at + 1) for at, word in enumerate(words)]


def _lines_to_table(lines: Sequence[Line], page: Page, reader: str) -> RawTable:
    cells = tuple(
        _cell(row, word, first, end, page.frame)
        for row, line in enumerate(lines)
        for word, first, end in line
    )
    return RawTable(page.number, reader, cells, around([cell.box for cell in cells]), inferred=True)


def _cell(row: int, word: Word, first: int, end: int, frame: Frame) -> RawCell:
    box = frame.to_displayed(word.box)
    return RawCell(row, first, 1, end - first, word.text, first * WIDTH, end * WIDTH, box)
