"""Tables of which the header names the rows as well: groups of the same columns over one row of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.read.borderless.header_blocks import (
    HEAD_PITCH,
    REACH,
    HeaderBlock,
    PageWords,
    fill_header,
    follows,
)
from pipeline.extract.read.borderless.label_sets import Labels
from pipeline.extract.read.borderless.rows import DraftRow, is_short, words_to_lines, words_to_phrases
from pipeline.extract.read.borderless.words import Word
from pipeline.records import around

TITLE_LINES = 2
"""A running title has so many lines at the most."""

FEWEST = 3
"""Fewer words than this on a line further below a header are a page number rather than its values."""


def texts_to_header_bands(texts: Sequence[PageWords], labels: Labels) -> list[HeaderBlock]:
    """The bands of a table whose rows are named in the header, each over the same columns, above one row.

    A page break may stand inside the header or below it.
    """
    bands: list[HeaderBlock] = []
    above: list[Word] = []
    waiting: HeaderBlock | None = None
    for before, text in zip([None, *texts], texts, strict=False):
        if before is None or not follows(before, text):
            above, waiting = [], None
        groups = [w for w in text.labels if w.name in labels.groups]
        band = _page_to_header(text, groups, above, labels)
        if waiting and not band and (values := _first_values(text)):
            bands.append(HeaderBlock(text, waiting.heads, False, [DraftRow(None, values)], waiting.groups))
        if band:
            bands.append(band)
        elif len(groups) > 1:
            _drop_header(text, groups)
        above, waiting = [] if band else groups, band if band and not band.rows else None
        for found in bands:
            _take(found)
    return bands


def _drop_header(text: PageWords, groups: Sequence[Word]) -> None:
    """A header that cannot be made out is no part of another table."""
    top = min(group.box.top for group in groups)
    bottom = max(group.box.bottom + HEAD_PITCH * group.height for group in groups)
    text.labels = [w for w in text.labels if not top <= w.y <= bottom]
    text.words = [w for w in text.words if not top <= w.y <= bottom]


def _take(band: HeaderBlock) -> None:
    """Leaves what a band holds to no other."""
    taken = {id(w) for w in (*band.heads, *band.groups)}
    band.text.labels = [w for w in band.text.labels if id(w) not in taken]
    glyphs = {id(glyph) for row in band.rows for w in row.words for glyph in w.glyphs}
    band.text.words = [w for w in band.text.words if id(w) not in taken and id(w.glyphs[0]) not in glyphs]


def _page_to_header(
    text: PageWords, groups: Sequence[Word], above: Sequence[Word], labels: Labels
) -> HeaderBlock | None:
    """The header on a page; `above` are row labels at the end of the page before."""
    top = 0.0 if above else min((group.box.top for group in groups), default=float("inf"))
    heads = [w for w in text.labels if w.name in labels.columns and w.y > top]
    heads = [w for w in heads if min(h.y for h in heads) + HEAD_PITCH * w.height > w.y]
    if not heads:
        return None
    band = HeaderBlock(text, sorted(heads, key=lambda w: w.x), printed=True)
    added = fill_header(band, text.words, labels)
    share = _columns_of_each(band.heads, labels)
    if not share:
        return None
    band.groups = _heads_to_groups(band.heads, share, [*above, *groups])
    band.over = [label.box for label in (*above, *groups)]
    bottom = max(head.box.bottom for head in band.heads)
    band.rows = _rows_below([w for w in text.words if w not in added], bottom, heads[0].height)
    return band


def _columns_of_each(heads: Sequence[Word], labels: Labels) -> int:
    """How many columns stand under each row label: all that the form has, or the same ones; else 0."""
    form = labels.forms[0]
    share, rest = divmod(len(heads), len(form.rows))
    if rest:
        return 0
    if share == len(form.columns):
        return share
    texts = [head.name for head in heads]
    repeated = texts == texts[:share] * len(form.rows) and len(set(texts[:share])) == share
    return share if share > 1 and repeated and labels.columns.issuperset(texts) else 0


def _heads_to_groups(heads: Sequence[Word], share: int, labels: Sequence[Word]) -> list[Word | None]:
    """The row label over every `share` columns; None where a page break took it."""
    groups: list[Word | None] = []
    for at in range(0, len(heads), share):
        box = around([head.box for head in heads[at : at + share]])
        over = [label for label in labels if box.x0 <= label.x <= box.x1]
        groups.append(over[0] if len(over) == 1 else None)
    return groups


def _rows_below(words: Sequence[Word], bottom: float, height: float) -> list[DraftRow]:
    """The row below a header; without any word where there is room for it above a text that is no row.

    None where nothing tells: the row may stand on the next page, or be none that is understood.
    """
    below = [w for w in words if w.y > bottom]
    first = min(below, key=lambda w: w.y, default=None)
    if first is None:
        return []
    values = _first_row(below)
    if len(values) >= FEWEST or (values and values[0].y - bottom < REACH * height):
        return [DraftRow(None, values)]
    is_text = not any(is_short(w) for w in below if abs(w.y - first.y) < first.height)
    return [DraftRow(None)] if is_text and first.box.top - bottom > 2 * height else []


def _first_values(text: PageWords) -> list[Word]:
    """The first row of a page that can be values, below its running title."""
    words = text.words
    for _ in range(TITLE_LINES + 1):
        values = _first_row(words)
        if len(values) >= FEWEST:
            return values
        top = min((w.y for w in words), default=0.0)
        words = [w for w in words if w.y > top + w.height / 2]
    return []


def _first_row(words: Sequence[Word]) -> list[Word]:
    """The words of the first row, in cells of one or more lines; none if they cannot be values."""
    rows = words_to_lines(words)
    return words_to_phrases(rows[0]) if rows and all(map(is_short, rows[0])) else []
