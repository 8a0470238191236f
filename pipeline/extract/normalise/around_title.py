"""Take a line at the head of a report apart: what may be a title, and what stands around titles.

Breadcrumbs, document numbers, dates, tools of a web page and its labelled values (发布机构：…) are no part
of a title; what the labels say is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.extract.normalise.agency_names import is_agency
from pipeline.extract.normalise.body_text import squeeze
from pipeline.extract.normalise.dates import DATE_ALONE, DAY_OR_MONTH
from pipeline.extract.normalise.title_forms import load_title_forms
from pipeline.forms.labels import ideographs
from pipeline.records import Box, RawCell, RawTable, bounding_box

_LINE_MAX_CHARACTERS = 200
"""Count. No more of a line is looked at: a line may be ever so long."""

CRUMB = "crumb"
"""The kind of a field that is one step of a breadcrumb."""

CACHED_HEAD_LINES_MAX = 256
"""Count. As many lines are kept in memory: the heads of a report, which are looked at for this and that."""

_TABLE_MIN_LABELS = 2
"""Count. A table with fewer labels is another table, one of whose headers is such a word."""

_PLAIN_ALNUM = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}
_NAMED = ("agency", "source")
_DATE_BEHIND = re.compile(rf"{DATE_ALONE.pattern}$")
_SENTENCE = re.compile("[，。；！？]")
_BULLETS = "•·●◆■▪* "
_COLUMN = re.compile("[|｜]")
_EDGES = " 【】[]（）()|｜　:：,，;；"


class Field(NamedTuple):
    """A value that a web page labels; `kind` is one of titles.toml's, or CRUMB."""

    kind: str
    value: str


class HeadLine(NamedTuple):
    """A line at the head: `text` is what may be a title or a name, "" where all of it stands around one.

    `line` is the whole line without the blanks that only justify it.
    """

    line: str
    text: str
    fields: tuple[Field, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether its last label has its value on the next line, as those that we ask for may."""
        return bool(self.fields) and not self.fields[-1].value and self.fields[-1].kind != "other"

    @property
    def is_cut(self) -> bool:
        """Whether its last label is one of a name, and its value none: its end may stand on the next line."""
        last = self.fields[-1] if self.fields else Field("", "")
        return last.kind in _NAMED and bool(last.value) and not is_agency(last.value)


@lru_cache(maxsize=CACHED_HEAD_LINES_MAX)
def line_to_head(line: str) -> HeadLine:
    """Return a line taken apart."""
    around, text = load_title_forms().around, printed(line).lstrip(_BULLETS)
    plain = squeeze(text)
    if around.crumb.fullmatch(plain):
        steps = around.separator.split(plain)
        return HeadLine(plain, "", tuple(Field(CRUMB, step.strip(_EDGES)) for step in steps))
    left = _without_numbers(plain)
    found = list(around.label.finditer(left))
    if found and not _SENTENCE.search(left[: found[0].start()]):
        rest, date = _part_date(left[: found[0].start()].strip(_EDGES))
        return HeadLine(plain, "" if _stands_around(rest) else rest, (*date, *_fields(left, found)))
    if field := _field_without_label(left):
        return HeadLine(plain, "", (field,))
    rest, date = _part_date(left)
    kept = rest if date and not _SENTENCE.search(rest) else text.strip("|｜ ") if left == plain else left
    return HeadLine(plain, "" if _stands_around(left) else kept)


def printed(text: str) -> str:
    """Return text with plain digits and letters in place of full-width ones; punctuation stays as it is."""
    return ideographs(text[:_LINE_MAX_CHARACTERS]).translate(_PLAIN_ALNUM).strip()


def table_to_labelled_rows(table: RawTable) -> Iterator[tuple[str, Box]]:
    """Yield the rows of a table of labels and their values as text, with their boxes; none of another table.

    A colon stands behind each label, as on a line.
    """
    rows: dict[int, list[RawCell]] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.col)):
        rows.setdefault(cell.row, []).append(cell)
    if sum(_is_label(cell.text) for cell in table.cells) >= _TABLE_MIN_LABELS:
        for cells in rows.values():
            text = " ".join(
                f"{_one_line(cell)}：" if _is_label(cell.text) else _one_line(cell) for cell in cells
            )
            yield text, bounding_box([cell.box for cell in cells])


def _one_line(cell: RawCell) -> str:
    """Return the text of a cell without line feeds, and without the colon of a label."""
    return " ".join(cell.text.split()).strip(_EDGES)


def _is_label(text: str) -> bool:
    """Whether a text is a label as web pages print it, and nothing else."""
    return squeeze(text).strip(_EDGES) in load_title_forms().around.kinds


def heads_to_fields(heads: Sequence[HeadLine]) -> Iterator[Field]:
    """Yield what the labels say; the value of a label may stand on the next line."""
    for head, after in pairwise([*heads, HeadLine("", "")]):
        for field in head.fields:
            if field.value:
                yield field
            elif field is head.fields[-1] and head.waits and not after.fields:
                yield Field(field.kind, after.line)


def _fields(text: str, found: Sequence[re.Match[str]]) -> Iterator[Field]:
    """Yield the labels of a line with what stands behind each."""
    kinds = load_title_forms().around.kinds
    ends = [*(label.start() for label in found[1:]), len(text)]
    for label, end in zip(found, ends, strict=True):
        kind, value = kinds[label["label"]], text[label.end() : end].strip(_EDGES)
        date: tuple[Field, ...] = ()
        if kind in _NAMED:
            value, *more = map(str.strip, _COLUMN.split(value))
            value, date = _part_date(value)
            date += tuple(Field("dated", one) for one in more if DATE_ALONE.fullmatch(one))
        yield from (*date, Field(kind, value))


def _part_date(text: str) -> tuple[str, tuple[Field, ...]]:
    """Return a text without the date at its end, and that date."""
    found = _DATE_BEHIND.search(text)
    return (text[: found.start()].strip(_EDGES), (Field("dated", found[0]),)) if found else (text, ())


def _field_without_label(text: str) -> Field | None:
    """Return what a line says that no label does: who writes a letter, or when a web site published it."""
    around = load_title_forms().around
    letter = around.red_head.fullmatch(text)
    if letter and is_agency(letter["name"]):
        return Field("agency", letter["name"])
    rest, date = _part_date(text)
    return date[0] if date and around.site.fullmatch(rest) else None


def _without_numbers(text: str) -> str:
    """Return a text without a document number, and without the time at which a browser printed the page."""
    around = load_title_forms().around
    left = around.number.sub("", around.printed_at.sub("", text))
    return text if left == text else left.strip(_EDGES)


def _stands_around(text: str) -> bool:
    """Whether a text is a date, a tool of the page, or nothing."""
    tools = load_title_forms().around.tools
    dated = DATE_ALONE.fullmatch(text) or DAY_OR_MONTH.fullmatch(text.strip("（）()"))
    return not text or bool(dated or tools.fullmatch(text))
