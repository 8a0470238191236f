"""Turn printed characters with their places into lines of text and into the texts of cells.

A name that ends in RATIO or SHARE is a multiple of the size that its docstring names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise, repeat
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.number_gaps import separators_in_number
from pipeline.extract.read.orientation import turn
from pipeline.extract.read.small_digits import lines_with_marks
from pipeline.records import Box, Corners, Glyph

BLANK_MIN_GAP_RATIO = 0.15
"""Share of the characters' size. A wider gap between two characters is a blank.

Taught by 一百三十五 in a font whose boxes are as narrow as the strokes, and by tightly set digits.
"""

SAME_LINE_MAX_OFFSET_RATIO = 0.3
"""Share of the characters' size. Characters of one line stand no further above or below each other.

Taught by numbers beside a label of two lines: their line is neither of the label's.
"""

OVERPRINT_MAX_SHIFT_RATIO = 0.4
"""Share of a character's width. The same character, printed again within it, is one character.

Taught by bold digits that are printed twice, a little apart: 5 must not become 55.
"""

OVERLAID_DIGITS_MAX_SHIFT_RATIO = 0.37
"""Share of a digit's height. Two different digits that overlap and begin within it are of two numbers.

Taught by a number under a white patch: 92 and 94 were read as 924. Fonts that declare boxes wider than
their digits bound it from above.
"""

RUN_MAX_EDGE_DIFFERENCE = 0.05
"""Points. Characters of one run differ by less in their tops and in their bottoms.

Runs save a third of the work of a page; characters outside of a run are read alike, only one by one.
"""

IDEOGRAPHS_MAX_EDGE_DIFFERENCE = 1.2
"""Points. Ideographs of one run differ by less: some fonts give each the box of its strokes."""

FIRST_IDEOGRAPH = "\u2e80"
"""The first of the characters that are ideographs or as wide as one."""

CHARACTER_MAX_HEIGHT_RATIO = 1.2
"""Share of a Chinese character's width. What a box has more in height is space that the font declares."""

CHINESE_MIN_WIDTH_RATIO = 1.25
"""Times the width of a digit. Chinese characters are wider; a digit that a font calls 零 is as wide."""

TRIMMED_MIN_HEIGHT_RATIO = 1.5
"""Share of a Chinese character's width. Boxes that are higher are cut down to `CHARACTER_MAX_HEIGHT_RATIO`.

Taught by fonts that declare boxes of several lines' height: lines of a cell were mixed.
"""

VERTICAL_FONT_MIN_HEIGHT_RATIO = 4.0
"""Times the usual height. Characters of a vertical font have boxes that are higher, and overlap as much.

Taught by 三、本年度办理结果 in Identity-V, to whose characters pdfium gives twenty times their size.
"""

CELL_PADDING = 11.0
"""Points, of both sides together. Word processors keep so much of a cell's width free of text."""

WATERMARK_MIN_HEIGHT_RATIO = 2.0
"""Times the usual height. A character that is higher, and has others inside, is part of a watermark.

Taught by watermarks over tables. At 4.0 one that lies over part of a long text would be read with it.
"""

WATERMARK_MIN_SLANT = 5.0
"""Degrees. Text that is turned by as much is a watermark; less is a page that was scanned askew.

Taught by searchable scans that lie askew: their numbers were dropped as a watermark.
"""

WATERMARK_SURE_HEIGHT_RATIO = 5.0
"""Times the usual height. A square character that is higher is part of a watermark, whatever it lies over.

Taught by a watermark over blank cells: no other character lies inside, by which one could tell it.
"""

TILES_MIN_LINES = 4
"""Count. A small watermark all over a page has as many rows and as many columns.

Taught by a small grey 8812 in six columns and twelve rows: it was read with the numbers of the cells.
"""

TILES_MIN_SHARE = 0.8
"""Share of the places of a lattice. A watermark fills as many; equal numbers of a table do not."""

OWN_LINE_MIN_SIZE_RATIO = 2.5
"""Times the usual size. Characters that are larger make lines of their own.

Taught by watermarks that mixed the lines below them. At 1.25 a line of two sizes falls apart.
"""

COLUMNS_MIN_GAP_RATIO = 0.5
"""Times the larger size. What is further apart on a line, and of different sizes, stands in two columns.

Taught by menus of web pages beside a title: their words were read as the beginning of its agency's name.
"""

COLUMNS_MIN_SIZE_RATIO = 1.25
"""Ratio of two sizes. Those of two columns differ by as much; a font's digits and ideographs by less."""

WRAPPED_NUMBER_MIN_DIGITS = 3
"""Count. A line of fewer digits is not wrapped, but a number of its own (see the next threshold).

Taught by numbers of two rows in a narrow column, one above the other.
"""

WRAPPED_NUMBER_MIN_FILL_SHARE = 0.6
"""Share of the cell's width. A line of few digits that fills as much may still be wrapped."""

REST_OF_NUMBER_MIN_DIFFERENCE_RATIO = 0.3
"""Share of a digit's width. The rest of a broken number is shorter than its first line by as much or more.

Taught by 118 over 126 in a narrow cell: an old number and the new one, or two rows.
"""

Boxes = npt.NDArray[np.float64]
"""One row for each box: x0, top, x1 and bottom."""

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.integer[Any]]

UNNAMED = "\ufffd"
"""A mark in place of a shape whose character the file does not name; it makes a number unreadable."""

SYMBOL_DIGITS = {chr(0xF000 + ord(digit)): digit for digit in "0123456789"}
"""Digits as symbol fonts name them: their codes, moved into a block of private use."""


def chars_to_runs(texts: Sequence[str], boxes: Boxes, turns: Sequence[int] | Numbers) -> list[Glyph]:
    """Join characters (text, box, turn) that stand close together on one line to one glyph each.

    A page has few runs and many characters, and nearly all the work of reading is done once for every glyph.
    """
    count = len(texts)
    if not count:
        return []
    turned, is_plain = np.asarray(turns), isinstance(texts, str)
    is_single = is_plain or np.array([len(text) == 1 for text in texts])  # a ligature is several characters
    starts = _run_starts(boxes, (turned == 0) & is_single, _are_ideographs(texts))
    ends = np.append(starts[1:], count)
    x0, top, _, bottom = boxes[starts].T.tolist()
    x1, turned_runs = boxes[ends - 1, 2].tolist(), turned[starts].tolist()
    rows = boxes.data
    spans = [*zip(starts.tolist(), ends.tolist(), strict=True)]
    parts = [rows[start:end] if end - start > 1 else () for start, end in spans]
    names = [texts[start:end] if is_plain else "".join(texts[start:end]) for start, end in spans]
    columns = names, x0, top, x1, bottom, turned_runs, parts
    return [*map(tuple.__new__, repeat(Glyph), zip(*columns, strict=True))]  # twice as fast as Glyph()


def _are_ideographs(texts: Sequence[str]) -> Flags:
    """Say of each text whether it begins with an ideograph, or with what is as wide."""
    if isinstance(texts, str):
        return np.frombuffer(texts.encode("utf-32-le", "surrogatepass"), np.uint32) >= ord(FIRST_IDEOGRAPH)
    return np.array([text >= FIRST_IDEOGRAPH for text in texts])


def _run_starts(boxes: Boxes, single: Flags, ideographs: Flags) -> Numbers:
    """Return the indices of the characters that begin a run; what is not `single` is one by itself."""
    x0, top, x1, bottom = np.ascontiguousarray(boxes.T)
    width, height = x1 - x0, bottom - top
    gap = BLANK_MIN_GAP_RATIO * np.minimum(height, CHARACTER_MAX_HEIGHT_RATIO * width)
    near = (
        (np.abs(x0[1:] - x1[:-1]) < gap[1:])
        & (x0[1:] - x0[:-1] > OVERPRINT_MAX_SHIFT_RATIO * width[1:])
        & single[1:]
        & single[:-1]
    )
    at = np.arange(len(boxes))
    first = at - 1
    starts = np.ones(len(boxes), bool)
    starts[1:] = ~near
    while True:  # first the edges of neighbours may differ too much, then from those of the first of a run
        off = np.maximum(np.abs(top - top[first]), np.abs(bottom - bottom[first]))
        most = np.where(
            ideographs & ideographs[first], IDEOGRAPHS_MAX_EDGE_DIFFERENCE, RUN_MAX_EDGE_DIFFERENCE
        )
        strays = np.flatnonzero((off >= most) & ~starts)
        if not strays.size:
            return np.flatnonzero(starts)
        starts[strays[np.unique(first[strays], return_index=True)[1]]] = True
        first = np.maximum.accumulate(np.where(starts, at, 0))


def runs_to_glyphs(runs: Iterable[Glyph]) -> list[Glyph]:
    """Split runs into glyphs of one character each."""
    glyphs: list[Glyph] = []
    for run in runs:
        if run.parts:
            top, bottom = run.top - run.parts[0, 1], run.bottom - run.parts[0, 3]
            glyphs += [
                Glyph(text, x0, y0 + top, x1, y1 + bottom)
                for text, (x0, y0, x1, y1) in zip(run.text, run.parts.tolist(), strict=True)
            ]
        else:
            glyphs.append(run)
    return glyphs


def glyphs_to_lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Group glyphs to lines, from top to bottom, each from left to right.

    A character that is printed twice in one place is in its line once. Characters far larger than the
    others make lines of their own, so that a watermark mixes no lines.
    """
    ordered = sorted(glyphs, key=_twice_middle)
    sized = [*zip(ordered, map(_size, ordered), strict=True)]
    sizes = sorted([size for _, size in sized]) or [0.0]
    limit = OWN_LINE_MIN_SIZE_RATIO * sizes[len(sizes) // 2]
    if sizes[-1] <= limit:
        return _ordered_to_lines(sized)
    lines = _ordered_to_lines(one for one in sized if one[1] > limit)
    lines += _ordered_to_lines(one for one in sized if one[1] <= limit)
    return sorted(lines, key=lambda line: _twice_middle(line[0]))


def _ordered_to_lines(ordered: Iterable[tuple[Glyph, float]]) -> list[list[Glyph]]:
    """Group glyphs with their sizes, sorted by their middles.

    A line ends where the next one is half a character lower.
    """
    lines: list[list[Glyph]] = []
    middle = smallest = 0.0
    for glyph, size in ordered:
        twice = glyph[2] + glyph[4]
        if size < smallest:
            smallest = size
        if not lines or twice - middle > smallest:
            lines.append([])
            middle, smallest = twice, size
        lines[-1].append(glyph)
    return [without_overprint(sorted(line, key=_left)) if len(line) > 1 else line for line in lines]


def _size(glyph: Glyph) -> float:
    """Return the larger side of a character's box (points).

    Some fonts give 一 a box as flat as its stroke.
    """
    text, x0, top, x1, bottom, _, parts = glyph
    height, width = bottom - top, (x1 - x0) / len(text) if parts else x1 - x0
    return height if height > width else width


def _twice_middle(glyph: Glyph) -> float:
    """Return twice the height, in points, at which a glyph has its middle: one division less for each."""
    return glyph[2] + glyph[4]


def _left(glyph: Glyph) -> float:
    """Return the left edge in points."""
    return glyph[1]


def without_overprint(line: list[Glyph]) -> list[Glyph]:
    """Drop from a line, sorted from left to right, what is printed a second time in one place.

    Bold is often the same character printed twice, with a small shift: 5 must not become 55. Where runs
    overlap, their characters are compared one by one. Digits of two numbers in one place become `UNNAMED`:
    an older number may lie hidden under the new one.
    """
    kept, doubled = line[:1], set[int]()
    for glyph in line[1:]:
        text, x0, _, x1, _, _, parts = glyph
        near = x0 - OVERPRINT_MAX_SHIFT_RATIO * (x1 - x0) / (len(text) if parts else 1)
        last = kept[-1]
        if last[1] <= near and last[3] <= x0:  # as nearly all
            kept.append(glyph)
        elif same := [at for at in _last_two(kept) if kept[at][0] == text and kept[at][1] > near]:
            doubled.update(same)
        elif last[3] - x0 > x0 - near and (parts or last[6]):
            return without_overprint(sorted(runs_to_glyphs(line), key=_left))
        elif _are_crowded(last, glyph):
            kept[-1] = _unnamed(last)
        else:
            kept.append(glyph)
    return _without_half_doubled(kept, doubled) if doubled else kept


def _last_two(line: Sequence[Glyph]) -> range:
    """Return the indices of the last two glyphs of a line."""
    return range(max(len(line) - 2, 0), len(line))


def _are_crowded(one: Glyph, two: Glyph) -> bool:
    """Whether two characters are digits of two numbers that overlap; `one` begins first."""
    if one.x1 - two.x0 <= OVERPRINT_MAX_SHIFT_RATIO * (two.x1 - two.x0):
        return False
    if two.x0 - one.x0 >= OVERLAID_DIGITS_MAX_SHIFT_RATIO * min(one.height, two.height):
        return False  # fonts may declare boxes that are too wide
    return two.text.isdecimal() and (one.text.isdecimal() or one.text == UNNAMED)


def _without_half_doubled(line: Sequence[Glyph], doubled: Collection[int]) -> list[Glyph]:
    """Make numbers unreadable of which only some digits are doubled.

    Bold doubles every digit. Where only some are, another number lies over the first.
    """
    marked = list(line)
    for number in _line_to_numbers(line):
        if 0 < sum(at in doubled for at in number) < len(number):
            for at in number:
                marked[at] = _unnamed(line[at])
    return marked


def _line_to_numbers(line: Sequence[Glyph]) -> Iterator[list[int]]:
    """Yield the indices of the digits of each number: digits that stand close together."""
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
    """Return the glyph with every character unnamed."""
    return glyph._replace(text=UNNAMED * len(glyph.text))


def line_to_text(line: Sequence[Glyph]) -> str:
    """Return the characters of a line, with a blank where the page shows a gap."""
    return _joined(line, _separators(line)) if len(line) > 1 else line[0].text


def line_to_columns(line: list[Glyph]) -> list[list[Glyph]]:
    """Return the parts of a line that stand in columns of their own: wide apart, and of other sizes."""
    if len(line) == 1:
        return [line]
    sizes = [_size(glyph) for glyph in line]
    if max(sizes) < COLUMNS_MIN_SIZE_RATIO * min(sizes):
        return [line]
    columns = [line[:1]]
    for at in range(1, len(line)):
        smaller, larger = sorted(sizes[at - 1 : at + 1])
        is_apart = line[at].x0 - line[at - 1].x1 > COLUMNS_MIN_GAP_RATIO * larger
        if is_apart and larger >= COLUMNS_MIN_SIZE_RATIO * smaller:
            columns.append([])
        columns[-1].append(line[at])
    return columns


def _joined(line: Sequence[Glyph], separators: Sequence[str]) -> str:
    """Return the characters of a line with these separators before its glyphs."""
    return "".join(
        [text for apart, glyph in zip(separators, line, strict=True) for text in (apart, glyph.text)]
    )


def _separators(line: Sequence[Glyph]) -> list[str]:
    """Return what stands before each glyph of a line: a blank where the page shows a gap, else nothing."""
    separators = [""]
    before, right = _size(line[0]), line[0].x1
    for glyph in line[1:]:
        size = _size(glyph)
        separators.append(" " if glyph.x0 - right > BLANK_MIN_GAP_RATIO * min(size, before) else "")
        before, right = size, glyph.x1
    return separators


def glyphs_to_cell_text(glyphs: Sequence[Glyph], width: float, is_ruled: bool = False) -> str:
    """Return the text of a cell that is `width` points wide.

    Lines are joined. A line feed stands only where the next character would still have fitted. The small
    digits of footnotes are raised or lowered. In a ruled cell, whose number has no other beside it, wide gaps
    may separate thousands.
    """
    if len(glyphs) == 1:
        return glyphs[0].text
    lines = lines_with_marks(glyphs_to_lines(_upright(glyphs)))
    if len(lines) == 1:
        return _joined(lines[0], separators_in_number(lines[0], _separators(lines[0]), is_ruled))
    text = line_to_text(lines[0])
    for before, line in pairwise(lines):
        text += "\n" * _is_apart(before, line, width) + line_to_text(line)
    return text


def _upright(glyphs: Sequence[Glyph]) -> Sequence[Glyph]:
    """Turn the glyphs of a cell upright where all of them are turned alike."""
    quarters = glyphs[0].turn
    if not quarters or any(glyph.turn != quarters for glyph in glyphs):
        return glyphs
    return [Glyph(g.text, *turn(Box(*g[1:5]), quarters, 0.0, 0.0)) for g in glyphs]


def _is_apart(line: Sequence[Glyph], following: Sequence[Glyph], width: float) -> bool:
    """Whether the line `following` is a text of its own and not the rest of the line above.

    Lines of digits that overlap are two numbers. So are two of one length: a number is broken where its line
    is full, and its rest is mostly shorter.
    """
    first = _first_character(following[0])
    if line[-1].text[-1].isdecimal() and first.text.isdecimal():
        if line[-1].bottom - first.top > OVERPRINT_MAX_SHIFT_RATIO * first.height:
            return True
        if _length(following) > _length(line) - REST_OF_NUMBER_MIN_DIFFERENCE_RATIO * (first.x1 - first.x0):
            return True
    return _had_room(line, first, width)


def _first_character(run: Glyph) -> Glyph:
    """Return the first character of a run as a glyph of its own."""
    return Glyph(run.text[0], run.x0, run.top, run.parts[0, 2], run.bottom) if run.parts else run


def _length(line: Sequence[Glyph]) -> float:
    """Return the length of a line in points."""
    return line[-1].x1 - line[0].x0


def _had_room(line: Sequence[Glyph], following: Glyph, width: float) -> bool:
    """Whether a line of a cell had room for the first character of the following run.

    Two short lines of digits are two numbers, however narrow their cell is.
    """
    length = _length(line)
    digits = line[-1].text[-1].isdigit() and following.text.isdigit()
    if (
        digits
        and sum(len(glyph.text) for glyph in line) < WRAPPED_NUMBER_MIN_DIGITS
        and length < WRAPPED_NUMBER_MIN_FILL_SHARE * width
    ):
        return True
    return width - length - CELL_PADDING >= following.x1 - following.x0


def trim_heights(glyphs: list[Glyph]) -> list[Glyph]:
    """Cut the boxes of glyphs down to the height of their characters.

    Fonts may declare boxes of several lines' height. Chinese characters are as wide as they are high, which
    shows how much is too much. All other boxes of the same height are cut by as much. The widest character
    tells, for a font may call a digit 无; where it is hardly wider than digits, it is one itself.
    """
    widest: dict[int, tuple[float, float]] = {}
    for glyph in glyphs:
        if not glyph[0].isascii() and (width := _chinese_width(glyph)):
            height = glyph[4] - glyph[2]
            at = int(10 * height)
            if at not in widest or width > widest[at][0]:
                widest[at] = width, height
    excess = {
        at: (height - CHARACTER_MAX_HEIGHT_RATIO * width) / 2
        for at, (width, height) in widest.items()
        if height > TRIMMED_MIN_HEIGHT_RATIO * width
    }
    excess = {at: half for at, half in excess.items() if _is_wider_than_digits(widest[at][0], at, glyphs)}
    if not excess:
        return glyphs
    trimmed = []
    for glyph in glyphs:
        text, x0, top, x1, bottom, turned, parts = glyph
        half = excess.get(int(10 * (bottom - top)))
        trimmed.append(Glyph(text, x0, top + half, x1, bottom - half, turned, parts) if half else glyph)
    return trimmed


def _is_wider_than_digits(width: float, at: int, glyphs: Iterable[Glyph]) -> bool:
    """Whether a width is that of a Chinese character, beside the digits of one height (tenths of a point)."""
    widths = (
        glyph.parts[0, 2] - glyph.x0 if glyph.parts else glyph.x1 - glyph.x0
        for glyph in glyphs
        if "0" <= glyph.text[0] <= "9" and int(10 * glyph.height) == at
    )
    return width > CHINESE_MIN_WIDTH_RATIO * max(widths, default=0.0)


def _chinese_width(glyph: Glyph) -> float:
    """Return the width, in points, of the first Chinese character of a glyph; 0 where it has none."""
    text, x0, _, x1, _, _, parts = glyph
    if "\u2e80" <= text[0] <= "\u9fff":
        return parts[0, 2] - x0 if parts else x1 - x0
    if parts:
        widths = (parts[at, 2] - parts[at, 0] for at, char in enumerate(text) if "\u2e80" <= char <= "\u9fff")
        return next(widths, 0.0)
    return 0.0


def drop_watermark(glyphs: list[Glyph]) -> list[Glyph]:
    """Drop the glyphs of a watermark: they are far higher than usual, and others lie inside them.

    Square glyphs above `WATERMARK_SURE_HEIGHT_RATIO` are dropped whatever lies inside. So is a small text
    that is printed all over the page.
    """
    tall = _taller(glyphs, WATERMARK_MIN_HEIGHT_RATIO)
    huge = {id(glyph) for glyph in _taller(glyphs, WATERMARK_SURE_HEIGHT_RATIO)} if tall else set()
    marks = {
        id(mark)
        for mark in tall
        if (id(mark) in huge and _is_square(mark))
        or any(_lies_in(glyph, mark) for glyph in glyphs if glyph is not mark)
    }
    marks |= {id(tile) for tile in _tiles(glyphs)}
    return [glyph for glyph in glyphs if id(glyph) not in marks] if marks else glyphs


def _tiles(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the glyphs that are printed in rows and columns all over the page, and left of all other text.

    Equal numbers of a table stand in rows and columns too, but right of its labels.
    """
    if not glyphs:
        return []
    lefts = [glyph[1] for glyph in glyphs]
    first = glyphs[lefts.index(min(lefts))].text
    if [glyph[0] for glyph in glyphs].count(first) < TILES_MIN_LINES**2:
        return []  # such a text has the leftmost glyph of the page
    alike: dict[tuple[str, int], list[Glyph]] = {}
    for glyph in glyphs:
        alike.setdefault((glyph.text, glyph.turn), []).append(glyph)
    lattices = [_in_lattice(same) for same in alike.values() if len(same) >= TILES_MIN_LINES**2]
    ids = {id(glyph) for lattice in lattices for glyph in lattice}
    others = [glyph.x0 for glyph in glyphs if id(glyph) not in ids] if ids else []
    if not others:
        return []
    left = min(others)
    return [glyph for lattice in lattices if any(each.x0 < left for each in lattice) for glyph in lattice]


def _in_lattice(same: Sequence[Glyph]) -> list[Glyph]:
    """Return those glyphs of one text that fill a lattice, or two whose rows take turns, as bricks do."""
    across, down = Counter(round(g.x0) for g in same), Counter(round(g.top) for g in same)
    often = [g for g in same if min(across[round(g.x0)], down[round(g.top)]) >= TILES_MIN_LINES]
    if _is_full(often):
        return often
    rows = sorted({round(glyph.top) for glyph in often})
    halves = [[g for g in often if round(g.top) in turn] for turn in (set(rows[::2]), set(rows[1::2]))]
    return [glyph for half in halves if _is_full(half) for glyph in half]


def _is_full(glyphs: Sequence[Glyph]) -> bool:
    """Whether glyphs fill most places of the rows and columns that they stand in."""
    columns, rows = len({round(g.x0) for g in glyphs}), len({round(g.top) for g in glyphs})
    return len(glyphs) >= TILES_MIN_SHARE * columns * rows and min(columns, rows) >= TILES_MIN_LINES


def glyphs_on_page(glyphs: Sequence[Glyph], size: tuple[float, float]) -> Sequence[Glyph]:
    """Return the glyphs that stand on a page of this width and height, as turned for reading."""
    width, height = size
    kept = [g for g in glyphs if g[3] > 0 and g[1] < width and 0 < g[2] + g[4] < 2 * height]
    return glyphs if len(kept) == len(glyphs) else kept


def corrected_glyphs(
    runs: Iterable[Glyph],
    unseen: Sequence[tuple[str, Box]],
    renamed: Sequence[tuple[str, str, Box]],
    doubled: Sequence[tuple[str, Box]] = (),
) -> list[Glyph]:
    """Return the glyphs as the drawn page shows them.

    Left out are those that read like one of `unseen` and have their middle in its box, and the first of
    several that are so like one of `doubled`. Those with their
    middle in a box of `renamed` read as it says, if they were what it names, a digit, or had no name.
    """
    kept: list[Glyph] = []
    glyphs = list(runs_to_glyphs(runs))
    under = _under_like_ones(glyphs, doubled) if doubled else set()
    for at, glyph in enumerate(glyphs):
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
        if at in under or any(text == glyph.text for text, box in unseen if _holds(box, x, y)):
            continue
        old, shown = next(((old, shown) for old, shown, box in renamed if _holds(box, x, y)), ("", ""))
        is_meant = glyph.text in (old, UNNAMED) or glyph.text.isdecimal()
        kept.append(glyph._replace(text=shown) if shown and is_meant else glyph)
    return kept


def _under_like_ones(glyphs: Sequence[Glyph], doubled: Iterable[tuple[str, Box]]) -> set[int]:
    """Return the index of the first glyph in the place of each of `doubled`, if there are several."""
    found = set[int]()
    for text, box in doubled:
        alike = [
            at
            for at, glyph in enumerate(glyphs)
            if glyph.text == text and _holds(box, (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2)
        ]
        found.update(alike[:1] if len(alike) > 1 else [])
    return found


def _holds(box: Box, x: float, y: float) -> bool:
    """Whether a point lies in a box."""
    return box.x0 <= x <= box.x1 and box.top <= y <= box.bottom


def boxes_of_dropped(glyphs: Sequence[Glyph], kept: Sequence[Glyph]) -> list[Corners]:
    """Return the boxes of those glyphs that were not kept."""
    if len(glyphs) == len(kept):
        return []
    ids = {id(glyph) for glyph in kept}
    return [(g.x0, g.top, g.x1, g.bottom) for g in glyphs if id(g) not in ids]


def _is_square(glyph: Glyph) -> bool:
    """Whether each character is about as wide as high; a label set from top to bottom is not."""
    return glyph.height < 2 * (glyph.x1 - glyph.x0) / len(glyph.text)


def _taller(glyphs: Sequence[Glyph], times: float) -> list[Glyph]:
    """Return the glyphs that are higher than `times` the usual (median) height."""
    heights = [glyph[4] - glyph[2] for glyph in glyphs]
    if not heights or max(heights) <= times * min(heights):  # as on most pages
        return []
    limit = times * median(heights)
    return [glyph for glyph, height in zip(glyphs, heights, strict=True) if height > limit]


def _lies_in(glyph: Glyph, mark: Glyph) -> bool:
    """Whether a glyph, or a part of a run, stands inside another one.

    Its middle must lie between top and bottom of the other. Neighbours in a line of several fonts may touch
    or overlap a little, which is not inside.
    """
    middle = (glyph.top + glyph.bottom) / 2
    shared = min(glyph.x1, mark.x1) - max(glyph.x0, mark.x0)
    return mark.top < middle < mark.bottom and 2 * shared > min(glyph.height, glyph.x1 - glyph.x0)


def join_vertical_runs(glyphs: list[Glyph]) -> list[Glyph]:
    """Join the characters of a vertical font to one upright glyph for each label.

    pdfium gives characters of a vertical font (Identity-V) boxes of some twenty times their size, all with
    the same left edge.
    """
    runs: dict[int, list[Glyph]] = {}
    for glyph in _taller(glyphs, VERTICAL_FONT_MIN_HEIGHT_RATIO):
        runs.setdefault(round(glyph.x0), []).append(glyph)
    vertical = {x: run for x, run in runs.items() if len(run) > 1 and _is_stacked(run)}
    if not vertical:
        return glyphs
    joined = {id(g) for run in vertical.values() for g in run}
    return [g for g in glyphs if id(g) not in joined] + [_run_to_glyph(run) for run in vertical.values()]


def _is_stacked(run: list[Glyph]) -> bool:
    """Whether the boxes stand one below the other and overlap by most of their height."""
    tops = sorted(g.top for g in run)
    pitch = (tops[-1] - tops[0]) / (len(tops) - 1)
    return 0 < pitch < run[0].height / VERTICAL_FONT_MIN_HEIGHT_RATIO


def _run_to_glyph(run: list[Glyph]) -> Glyph:
    """Make one upright glyph of characters that stand one below the other."""
    run = sorted(run, key=lambda g: g.top)
    pitch = (run[-1].top - run[0].top) / (len(run) - 1)
    middle = (run[0].top + run[-1].bottom) / 2
    half = pitch * len(run) / 2
    text = "".join(g.text for g in run)
    return Glyph(text, run[0].x0, middle - half, run[0].x0 + pitch, middle + half)
