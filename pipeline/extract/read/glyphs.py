"""Printed characters with their places, and how they become lines and cell texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from pipeline.extract.read.orientation import turn
from pipeline.records import Box

BLANK_MIN_GAP_RATIO = 0.15
"""A gap between two characters counts as a blank from this share of their height on."""

OVERPRINT_MAX_SHIFT_RATIO = 0.4
"""The same character again within this share of its width is the same character."""

OVERLAID_DIGITS_MAX_SHIFT_RATIO = 0.37
"""Digits that lie over each other and begin within this share of their height are of two numbers."""

RUN_MAX_EDGE_DIFFERENCE = 0.05
"""Characters of one font on one line have tops and bottoms so close together (points)."""

CELL_PADDING = 11.0
"""White space that word processors keep free inside a cell, both sides together (points)."""

WATERMARK_MIN_HEIGHT_RATIO = 2.0
"""A character so many times as high as usual, with others inside, is part of a watermark."""

WATERMARK_MIN_SLANT = 5.0
"""Text turned by so many degrees is a watermark; by less, it stands on a page that was scanned askew."""

WATERMARK_SURE_HEIGHT_RATIO = 5.0
"""A character so many times as high as usual is part of a watermark, whatever it lies over."""

OWN_LINE_MIN_SIZE_RATIO = 2.5
"""A character so many times as large as usual stands in no line with the others."""

WRAPPED_NUMBER_MIN_DIGITS = 3
WRAPPED_NUMBER_MIN_FILL_RATIO = 0.6
"""A number is wrapped after so many digits at the earliest, or where they fill this share of the cell."""

UNNAMED = "\ufffd"
"""Stands for a shape of which the file does not say what character it is."""


Corners = tuple[float, float, float, float]
"""x0, top, x1, bottom"""


class Glyph(NamedTuple):
    """A printed character, or a run of them, measured in the reading frame of its page.

    `turn` counts the clockwise quarter turns that bring it upright there: 0 but for turned labels.
    `parts` are the boxes of the characters of a run on one line, as the font declares them.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    turn: int = 0
    parts: Sequence[Corners] = ()

    @property
    def height(self) -> float:
        return self.bottom - self.top


def chars_to_runs(chars: Iterable[tuple[str, Corners, int]]) -> list[Glyph]:
    """Characters (text, box, turn), those that stand close together on one line as one glyph each.

    A page has few runs and many characters, and nearly all of reading is done once for every glyph.
    """
    runs: list[Glyph] = []
    texts: list[str] = []
    boxes: list[Corners] = []
    left = upper = right = lower = 0.0
    turned = 0
    for text, box, quarters in chars:
        x0, top, x1, bottom = box
        width, height = x1 - x0, bottom - top
        gap = BLANK_MIN_GAP_RATIO * (height if height < 1.2 * width else 1.2 * width)
        if not (
            -gap < x0 - right < gap
            and x0 - left > OVERPRINT_MAX_SHIFT_RATIO * width
            and -RUN_MAX_EDGE_DIFFERENCE < top - upper < RUN_MAX_EDGE_DIFFERENCE
            and -RUN_MAX_EDGE_DIFFERENCE < bottom - lower < RUN_MAX_EDGE_DIFFERENCE
            and quarters == turned == 0
            and texts
            and len(text) == len(texts[-1]) == 1  # a ligature has one box for several
        ):
            if texts:
                runs.append(_run(texts, boxes, turned))
            texts, boxes, upper, lower, turned = [], [], top, bottom, quarters
        texts.append(text)
        boxes.append(box)
        left, right = x0, x1
    if texts:
        runs.append(_run(texts, boxes, turned))
    return runs


def _run(texts: Sequence[str], boxes: Sequence[Corners], turned: int) -> Glyph:
    x0, top, x1, bottom = boxes[0]
    if len(texts) == 1:
        return Glyph(texts[0], x0, top, x1, bottom, turned)
    return Glyph("".join(texts), x0, top, boxes[-1][2], bottom, turned, boxes)


def runs_to_glyphs(runs: Iterable[Glyph]) -> list[Glyph]:
    """Every character by itself again."""
    glyphs: list[Glyph] = []
    for run in runs:
        if run.parts:
            top, bottom = run.top - run.parts[0][1], run.bottom - run.parts[0][3]
            glyphs += [
                Glyph(text, x0, y0 + top, x1, y1 + bottom)
                for text, (x0, y0, x1, y1) in zip(run.text, run.parts, strict=True)
            ]
        else:
            glyphs.append(run)
    return glyphs


def glyphs_to_lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Lines from top to bottom, each from left to right, a character printed twice in one place once.

    Characters far larger than the others make lines of their own, so that a watermark mixes none.
    """
    ordered = sorted(glyphs, key=_twice_middle)
    sizes = sorted(map(_size, ordered)) or [0.0]
    limit = OWN_LINE_MIN_SIZE_RATIO * sizes[len(sizes) // 2]
    if sizes[-1] <= limit:
        return _ordered_to_lines(ordered)
    large = [glyph for glyph in ordered if _size(glyph) > limit]
    rest = [glyph for glyph in ordered if _size(glyph) <= limit]
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
    return [without_overprint(sorted(line, key=_left)) if len(line) > 1 else line for line in lines]


def _size(glyph: Glyph) -> float:
    """The larger side of a character's box: some fonts give 一 a box as flat as the stroke."""
    text, x0, top, x1, bottom, _, parts = glyph
    height, width = bottom - top, (x1 - x0) / len(text) if parts else x1 - x0
    return height if height > width else width


def _twice_middle(glyph: Glyph) -> float:
    return glyph[2] + glyph[4]


def _left(glyph: Glyph) -> float:
    return glyph[1]


def without_overprint(line: list[Glyph]) -> list[Glyph]:
    """A line, from left to right, with what was printed twice in one place once.

    Bold is often the same character printed twice, a hair apart: 5 must not become 55. Where runs lie over
    each other, their characters are compared one by one. Digits of two numbers in one place, as where an
    older number lies hidden under the new one, become shapes without a name.
    """
    kept, doubled = line[:1], set[int]()
    for glyph in line[1:]:
        text, x0, _, x1, _, _, parts = glyph
        near = x0 - OVERPRINT_MAX_SHIFT_RATIO * (x1 - x0) / (len(text) if parts else 1)
        last = kept[-1]
        if any(other[0] == text and other[1] > near for other in kept[-2:]):
            doubled |= {at for at in _last_two(kept) if kept[at][0] == text and kept[at][1] > near}
        elif last[3] - x0 > x0 - near and (parts or last[6]):
            return without_overprint(sorted(runs_to_glyphs(line), key=_left))
        elif _are_crowded(last, glyph):
            kept[-1] = _unnamed(last)
        else:
            kept.append(glyph)
    return _without_half_doubled(kept, doubled) if doubled else kept


def _last_two(line: Sequence[Glyph]) -> range:
    return range(max(len(line) - 2, 0), len(line))


def _are_crowded(one: Glyph, two: Glyph) -> bool:
    """Whether two characters are digits of two numbers, one over the other; `one` begins first."""
    if one.x1 - two.x0 <= OVERPRINT_MAX_SHIFT_RATIO * (two.x1 - two.x0):
        return False
    if two.x0 - one.x0 >= OVERLAID_DIGITS_MAX_SHIFT_RATIO * min(one.height, two.height):
        return False  # fonts may declare boxes that are too wide
    return two.text.isdecimal() and (one.text.isdecimal() or one.text == UNNAMED)


def _without_half_doubled(line: Sequence[Glyph], doubled: Collection[int]) -> list[Glyph]:
    """Bold doubles every digit of a number: where it is only some of them, another number lies over it."""
    marked = list(line)
    for number in _line_to_numbers(line):
        if 0 < sum(at in doubled for at in number) < len(number):
            for at in number:
                marked[at] = _unnamed(line[at])
    return marked


def _line_to_numbers(line: Sequence[Glyph]) -> Iterator[list[int]]:
    """The places of digits that stand close together."""
    number: list[int] = []
    for at, glyph in enumerate(line):
        digits = glyph.text.isdecimal()
        if number and not (digits and glyph.x0 - line[at - 1].x1 < BLANK_MIN_GAP_RATIO * glyph.height):
            yield number
            number = []
        if digits:
            number.append(at)
    if number:
        yield number


def _unnamed(glyph: Glyph) -> Glyph:
    return glyph._replace(text=UNNAMED * len(glyph.text))


def line_to_text(line: Sequence[Glyph]) -> str:
    """The characters of a line with a blank where the page shows a gap."""
    parts = [line[0].text]
    before, right = _size(line[0]), line[0].x1
    for glyph in line[1:]:
        size = _size(glyph)
        if glyph.x0 - right > BLANK_MIN_GAP_RATIO * min(size, before):
            parts.append(" ")
        parts.append(glyph.text)
        before, right = size, glyph.x1
    return "".join(parts)


def glyphs_to_cell_text(glyphs: Sequence[Glyph], width: float) -> str:
    """The text of a cell `width` points wide: a line feed only where the next character had room."""
    if len(glyphs) == 1:
        return glyphs[0].text
    text = ""
    line_before: Sequence[Glyph] = ()
    for line in glyphs_to_lines(_upright(glyphs)):
        if line_before and _is_apart(line_before, runs_to_glyphs(line[:1])[0], width):
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


def _is_apart(line: Sequence[Glyph], following: Glyph, width: float) -> bool:
    """Whether the line that begins with `following` is a text of its own, not the first one's wrapped end.

    Lines of digits that lie over each other are two numbers.
    """
    over = line[-1].bottom - following.top > OVERPRINT_MAX_SHIFT_RATIO * following.height
    digits = line[-1].text[-1].isdecimal() and following.text.isdecimal()
    return (over and digits) or _had_room(line, following, width)


def _had_room(line: Sequence[Glyph], following: Glyph, width: float) -> bool:
    """Whether a line of a cell had room for the first character of the following run.

    Two short lines of digits are two numbers, however narrow their cell."""
    length = line[-1].x1 - line[0].x0
    digits = line[-1].text[-1].isdigit() and following.text.isdigit()
    if (
        digits
        and sum(len(glyph.text) for glyph in line) < WRAPPED_NUMBER_MIN_DIGITS
        and length < WRAPPED_NUMBER_MIN_FILL_RATIO * width
    ):
        return True
    return width - length - CELL_PADDING >= following.x1 - following.x0


def trim_heights(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs no taller than their characters: fonts may declare boxes of several lines' height.

    Chinese characters are as wide as they are high; what their boxes have too much, the boxes of all
    other characters of the same height have too.
    """
    excess: dict[int, float] = {}
    for glyph in glyphs:
        height = glyph[4] - glyph[2]
        if int(10 * height) not in excess and (width := _chinese_width(glyph)) and height > 1.5 * width:
            excess[int(10 * height)] = (height - 1.2 * width) / 2
    if not excess:
        return glyphs
    trimmed = []
    for glyph in glyphs:
        text, x0, top, x1, bottom, turned, parts = glyph
        half = excess.get(int(10 * (bottom - top)))
        trimmed.append(Glyph(text, x0, top + half, x1, bottom - half, turned, parts) if half else glyph)
    return trimmed


def _chinese_width(glyph: Glyph) -> float:
    """How wide the first Chinese character of a glyph is; 0 without any."""
    text, x0, _, x1, _, _, parts = glyph
    if "\u2e80" <= text[0] <= "\u9fff":
        return parts[0][2] - x0 if parts else x1 - x0
    if parts and not text.isascii():
        return next((b[2] - b[0] for c, b in zip(text, parts, strict=True) if "\u2e80" <= c <= "\u9fff"), 0.0)
    return 0.0


def drop_watermark(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs without those that are far taller than the others and have some of them inside, or are huge."""
    tall = _taller(glyphs, WATERMARK_MIN_HEIGHT_RATIO)
    huge = {id(glyph) for glyph in _taller(glyphs, WATERMARK_SURE_HEIGHT_RATIO)} if tall else set()
    marks = {
        id(mark)
        for mark in tall
        if (id(mark) in huge and _is_square(mark))
        or any(_lies_in(glyph, mark) for glyph in glyphs if glyph is not mark)
    }
    return [glyph for glyph in glyphs if id(glyph) not in marks] if marks else glyphs


def _is_square(glyph: Glyph) -> bool:
    """Whether each of its characters is about as wide as high; a label set downwards is not."""
    return glyph.height < 2 * (glyph.x1 - glyph.x0) / len(glyph.text)


def _taller(glyphs: Sequence[Glyph], times: float) -> list[Glyph]:
    """Those of the glyphs that are more than so many times as high as usual."""
    heights = [bottom - top for _, _, top, _, bottom, _, _ in glyphs]
    if not heights or max(heights) <= times * min(heights):  # as on most pages
        return []
    limit = times * median(heights)
    return [glyph for glyph, height in zip(glyphs, heights, strict=True) if height > limit]


def _lies_in(glyph: Glyph, mark: Glyph) -> bool:
    """Whether a glyph, or part of a run, stands within another, its middle at least in height.

    Neighbours in a line of several fonts may touch, or overlap by a hair.
    """
    middle = (glyph.top + glyph.bottom) / 2
    shared = min(glyph.x1, mark.x1) - max(glyph.x0, mark.x0)
    return mark.top < middle < mark.bottom and 2 * shared > min(glyph.height, glyph.x1 - glyph.x0)


def join_vertical_runs(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs whose boxes are far too tall for their spacing, joined to one upright run each.

    pdfium gives characters of a vertical font (Identity-V) boxes some twenty times their size, all
    with the same left edge; the first such report printed 三、本年度办理结果 in this way.
    """
    runs: dict[int, list[Glyph]] = {}
    for glyph in _taller(glyphs, 4):
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
