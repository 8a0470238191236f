"""Printed characters with their places, and how they become lines and cell texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from pipeline.read.frame import turn
from pipeline.records import Box

GAP = 0.15
"""A gap between two characters counts as a blank from this share of their height on."""

OVERPRINT = 0.4
"""The same character again within this share of its width is the same character."""

CELL_PADDING = 11.0
"""White space that word processors keep free inside a cell, both sides together (points)."""

TALL = 2.0
"""A character so many times as high as usual, with others inside, is part of a watermark."""

LARGE = 2.5
"""A character so many times as large as usual stands in no line with the others."""

SHORTEST_WRAP = 3
FILLED = 0.6
"""A number is wrapped after so many digits at the earliest, or where they fill this share of the cell."""

UNNAMED = "\ufffd"
"""Stands for a shape of which the file does not say what character it is."""


class Glyph(NamedTuple):
    """A printed character, or a run of vertical ones, measured in the reading frame of its page.

    `turn` counts the clockwise quarter turns that bring it upright there: 0 but for turned labels.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    turn: int = 0

    @property
    def height(self) -> float:
        return self.bottom - self.top


def glyphs_to_lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Lines from top to bottom, each from left to right, a character printed twice in one place once.

    Characters far larger than the others make lines of their own, so that a watermark mixes none.
    """
    ordered = sorted(glyphs, key=_twice_middle)
    sizes = sorted(map(_size, ordered)) or [0.0]
    usual = sizes[len(sizes) // 2]
    if sizes[-1] <= LARGE * usual:
        return _ordered_to_lines(ordered)
    large = [glyph for glyph in ordered if _size(glyph) > LARGE * usual]
    rest = [glyph for glyph in ordered if _size(glyph) <= LARGE * usual]
    return sorted(_ordered_to_lines(large) + _ordered_to_lines(rest), key=lambda line: _twice_middle(line[0]))


def _ordered_to_lines(ordered: Iterable[Glyph]) -> list[list[Glyph]]:
    """Lines of glyphs that come by their middles: one is done where the next is half a character lower."""
    lines: list[list[Glyph]] = []
    middle = smallest = 0.0
    for glyph in ordered:
        twice, size = glyph.top + glyph.bottom, _size(glyph)
        if size < smallest:
            smallest = size
        if not lines or twice - middle > smallest:
            lines.append([])
            middle, smallest = twice, size
        lines[-1].append(glyph)
    return [_without_overprint(sorted(line, key=_left)) if len(line) > 1 else line for line in lines]


def _size(glyph: Glyph) -> float:
    """The larger side of a glyph's box: some fonts give 一 a box as flat as the stroke."""
    height, width = glyph.bottom - glyph.top, glyph.x1 - glyph.x0
    return height if height > width else width


def _twice_middle(glyph: Glyph) -> float:
    return glyph.top + glyph.bottom


def _left(glyph: Glyph) -> float:
    return glyph.x0


def _without_overprint(line: list[Glyph]) -> list[Glyph]:
    """Bold is often the same character printed twice, a hair apart: 5 must not become 55."""
    kept = line[:1]
    for glyph in line[1:]:
        text, x0, _, x1, _, _ = glyph
        near = x0 - OVERPRINT * (x1 - x0)
        if any(other.text == text and other.x0 > near for other in kept[-2:]):
            continue
        kept.append(glyph)
    return kept


def line_to_text(line: Sequence[Glyph]) -> str:
    """The characters of a line with a blank where the page shows a gap."""
    parts: list[str] = []
    previous: Glyph | None = None
    for glyph in line:
        if previous and glyph.x0 - previous.x1 > GAP * min(glyph.height, previous.height):
            parts.append(" ")
        parts.append(glyph.text)
        previous = glyph
    return "".join(parts)


def glyphs_to_cell_text(glyphs: Sequence[Glyph], width: float) -> str:
    """The text of a cell `width` points wide: a line feed only where the next character had room."""
    if len(glyphs) == 1:
        return glyphs[0].text
    text, line_before = "", None
    for line in glyphs_to_lines(_upright(glyphs)):
        if line_before is not None and _had_room(line_before, line[0], width):
            text += "\n"
        text += line_to_text(line)
        line_before = line
    return text


def _upright(glyphs: Sequence[Glyph]) -> Sequence[Glyph]:
    """The glyphs of a cell whose text stands turned, as they stand after the turn."""
    quarters = glyphs[0].turn
    if not quarters or any(glyph.turn != quarters for glyph in glyphs):
        return glyphs
    return [Glyph(g.text, *turn(Box(*g[1:5]), quarters, 0.0, 0.0)) for g in glyphs]


def _had_room(line: Sequence[Glyph], following: Glyph, width: float) -> bool:
    """Two short lines of digits are two numbers, however narrow their cell."""
    length = line[-1].x1 - line[0].x0
    digits = line[-1].text.isdigit() and following.text.isdigit()
    if digits and len(line) < SHORTEST_WRAP and length < FILLED * width:
        return True
    return width - length - CELL_PADDING >= following.x1 - following.x0


def trim_heights(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs no taller than their characters: fonts may declare boxes of several lines' height.

    Chinese characters are as wide as they are high; what their boxes have too much, the boxes of all
    other characters of the same height have too.
    """
    excess: dict[int, float] = {}
    for text, x0, top, x1, bottom, _ in glyphs:
        height, width = bottom - top, x1 - x0
        if height > 1.5 * width > 0 and "\u2e80" <= text <= "\u9fff":
            excess[int(10 * height)] = (height - 1.2 * width) / 2
    if not excess:
        return glyphs
    trimmed = []
    for glyph in glyphs:
        text, x0, top, x1, bottom, turned = glyph
        half = excess.get(int(10 * (bottom - top)))
        trimmed.append(Glyph(text, x0, top + half, x1, bottom - half, turned) if half else glyph)
    return trimmed


def drop_watermark(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs without those that are far taller than the others and have some of them inside."""
    if not glyphs:
        return glyphs
    usual = median([bottom - top for _, _, top, _, bottom, _ in glyphs])
    tall = [glyph for glyph in glyphs if glyph.height > TALL * usual]
    marks = {id(mark) for mark in tall if any(_lies_in(glyph, mark) for glyph in glyphs if glyph is not mark)}
    return [glyph for glyph in glyphs if id(glyph) not in marks] if marks else glyphs


def _lies_in(glyph: Glyph, mark: Glyph) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
    return mark.x0 < x < mark.x1 and mark.top < y < mark.bottom


def join_vertical_runs(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs whose boxes are far too tall for their spacing, joined to one upright run each.

    pdfium gives characters of a vertical font (Identity-V) boxes some twenty times their size, all
    with the same left edge; the first such report printed 三、本年度办理结果 in this way.
    """
    if not glyphs:
        return glyphs
    usual = median([bottom - top for _, _, top, _, bottom, _ in glyphs])
    tall = [g for g in glyphs if g.height > 4 * usual]
    if not tall:
        return glyphs
    runs: dict[int, list[Glyph]] = {}
    for glyph in tall:
        runs.setdefault(round(glyph.x0), []).append(glyph)
    vertical = {x: run for x, run in runs.items() if len(run) > 1 and _is_stacked(run)}
    if not vertical:
        return glyphs
    joined = {id(g) for run in vertical.values() for g in run}
    return [g for g in glyphs if id(g) not in joined] + [_run_to_glyph(run) for run in vertical.values()]


def _is_stacked(run: list[Glyph]) -> bool:
    """Whether the boxes of a run overlap by most of their height, one below the other."""
    tops = sorted(g.top for g in run)
    pitch = (tops[-1] - tops[0]) / (len(tops) - 1)
    return 0 < pitch < run[0].height / 4


def _run_to_glyph(run: list[Glyph]) -> Glyph:
    run = sorted(run, key=lambda g: g.top)
    pitch = (run[-1].top - run[0].top) / (len(run) - 1)
    middle = (run[0].top + run[-1].bottom) / 2
    half = pitch * len(run) / 2
    text = "".join(g.text for g in run)
    return Glyph(text, run[0].x0, middle - half, run[0].x0 + pitch, middle + half)
