"""Hold the digits and signs that were read in a line against the shapes of its pieces of ink.

The model reads dashes, strokes and dust as digits, and is sure of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.read.picture.ink_lines import InkLine
from pipeline.extract.read.picture.ink_pieces import Piece, ink_to_pieces, runs
from pipeline.extract.read.picture.pictures import Mask

FLAT_MIN_RATIO = 1.7
"""Times the height. A dash, or a stroke of 二, is wider."""

DASH_MAX_HEIGHT = 2.6
"""Points. A dash by itself is less high."""

READABLE_MIN_HEIGHT = 4.0
"""Points. Digits are higher, in the smallest print; a dot or a comma is not."""

DIGIT_MIN_SHARE = 0.6
"""Share of the highest piece. No digit beside it is less high."""

ONE_MAX_WIDTH = 0.95
"""Share of the height. No 1 is wider; a tick is."""

ONE_DIGIT_MAX_WIDTH = 0.78
"""Share of the height. What is wider may be two digits that touch."""

DIGIT_MAX_WIDTH = 0.95
"""Share of the height. No digit is wider."""

TOUCHING_MIN_WIDTH = 0.4
"""Share of the height. Digits that touch are not narrower, each."""

STROKE_ANGLES = (13.0, 60.0)
"""Degrees from upright, at least and at most, of a slash. The stroke of a 1 is steeper, even in italics."""

STRAIGHT_MAX_SPREAD = 0.09
"""Share of the height. The ink of each row of a slash lies so near to one straight line; 7 does not."""

POINT_MAX_RISE = 0.2
"""Share of the height of digits. A decimal point stands no higher above their foot; dust does."""

COMMA_MIN_DESCENT = 0.08
"""Share of the height of digits. A comma reaches as far below their foot, a decimal point does not.

Of 1,222 points one in a thousand reaches .071; of 896 commas 95 in a hundred reach .105.
"""

COMMA_MIN_HEIGHT = 0.27
"""Share of the height of digits. 99 of 100 commas are as high; 19 of 20 points are lower."""

POINT_MAX_DESCENT = 0.05
"""Share of the height of digits. A decimal point reaches no farther below their foot, a comma does."""


POINT_MIN_ROOM = 1.2
"""Times the distance of neighbouring digits. Digits with a point between them stand as far apart."""

POINT_MIN_ROOM_BESIDE_HEIGHT = 0.9
"""Times the height of digits. As far apart stand digits with a point between them, where no others tell."""

DASH = "—"

LIKE_STROKE = "1"
"""The digit that a slash is read as. A 7 in small print is nearly as straight and as slanted as a slash."""

LIKE_LONE_STROKE = frozenset("1一八丿V")
"""Characters that a slash is read as where nothing stands beside it.

360 strokes were drawn, 20 to 72 degrees from upright: up to 20 degrees all were read as 1, from 50 on all but
three as 一.
"""

SIGNS = ".,-"
"""Characters of numbers that are less high than digits."""


class Held(NamedTuple):
    """The characters of a line as its ink allows them, "" for dust; words where the ink says otherwise."""

    texts: tuple[str, ...]
    words: str = ""


def line_to_dashes(line: InkLine, scale: float) -> str:
    """Return a dash for each piece of a line that has nothing but flat strokes, else "".

    `scale` is pixels a point.
    """
    pieces = ink_to_pieces(line.ink)
    flat = all(_is_flat(piece) and piece.height < DASH_MAX_HEIGHT * scale for piece in pieces)
    return DASH * len(pieces) if flat and not _is_stacked(line.ink, pieces) else ""


def hold_against_ink(text: str, line: InkLine, scale: float) -> Held:
    """Return the characters of a line, strokes and points by their shapes, and what is doubtful in words.

    `scale` is pixels a point. Lines without digits, and with ideographs, are returned as they are.
    """
    if not any(char.isalnum() for char in text):
        return Held(tuple(text))
    pieces = ink_to_pieces(line.ink)
    highest = max(piece.height for piece in pieces)
    if highest < READABLE_MIN_HEIGHT * scale and not all(_is_flat(piece) for piece in pieces):
        return Held((UNNAMED,) * len(text), "the ink is too small for a number")
    if text in LIKE_LONE_STROKE and len(pieces) == 1 and (stroke := _slash(pieces[0], line.ink)):
        return Held((stroke,))
    if not text.isascii() or not any(char.isdecimal() for char in text):
        return Held(tuple(text))
    if len(pieces) == len(text):
        return _by_shapes(text, pieces, line.ink, highest)
    is_unclear = any(text[at] == "." and _is_before_group(text[at:]) for at in range(len(text)))
    words = "a point or a comma" if is_unclear else ""
    return Held(tuple(text), _count_words(text, pieces, highest) or words)


def _is_flat(piece: Piece) -> bool:
    """Whether a piece is a dash by itself."""
    return piece.width >= FLAT_MIN_RATIO * piece.height


def _is_stacked(ink: Mask, pieces: Sequence[Piece]) -> bool:
    """Whether there are strokes one above the other, as in 二 and =."""
    return any(len(runs(np.asarray(ink[:, piece.left : piece.right].any(axis=1)))) > 1 for piece in pieces)


def _by_shapes(text: str, pieces: Sequence[Piece], ink: Mask, highest: int) -> Held:
    """Return the characters, each held against the shape of its own piece."""
    foot = median(piece.bottom for piece in pieces if piece.height >= DIGIT_MIN_SHARE * highest)
    texts, words = zip(
        *(_by_shape(char, piece, ink, highest, foot) for char, piece in zip(text, pieces, strict=True)),
        strict=True,
    )
    return Held(texts, next(filter(None, words), "") or _point_words(text, pieces, highest))


def _by_shape(char: str, piece: Piece, ink: Mask, highest: int, foot: float) -> tuple[str, str]:
    """Return a character of a number as its piece of ink allows it, and words where it does not."""
    if char in ".,":
        return _point(char, piece, highest, foot)
    if not char.isdecimal():
        return char, ""
    if piece.height < DIGIT_MIN_SHARE * highest:
        return ("-", "") if _is_flat(piece) else (char, f"the ink of {char} is too small for a digit")
    if char == LIKE_STROKE and (stroke := _slash(piece, ink)):
        return stroke, ""
    return (
        char,
        "the ink of 1 is too wide" if char == "1" and piece.width > ONE_MAX_WIDTH * piece.height else "",
    )


def _point(char: str, piece: Piece, highest: int, foot: float) -> tuple[str, str]:
    """Return a decimal point or a comma by how far it reaches below the digits; "" where it is dust."""
    descent = (piece.bottom - foot) / highest
    if piece.height >= DIGIT_MIN_SHARE * highest:
        return char, f"the ink of {char} is too high"
    if descent < -POINT_MAX_RISE:
        return "", ""
    if char == "." and descent >= COMMA_MIN_DESCENT:
        return ",", ""
    return char, "a point or a comma" if char == "," and descent <= POINT_MAX_DESCENT else ""


def _point_words(text: str, pieces: Sequence[Piece], highest: int) -> str:
    """Return words where digits stand too near to have a point between them."""
    middles = [(piece.left + piece.right) / 2 for piece in pieces]
    distances = [
        middles[at + 1] - middles[at]
        for at in range(len(text) - 1)
        if text[at].isdecimal() and text[at + 1].isdecimal()
    ]
    room = POINT_MIN_ROOM * median(distances) if distances else POINT_MIN_ROOM_BESIDE_HEIGHT * highest
    for at in range(1, len(text) - 1):
        if text[at] != ".":
            continue
        if middles[at + 1] - middles[at - 1] < room:
            return "there is no room for a point"
        if _is_before_group(text[at:]) and pieces[at].height >= COMMA_MIN_HEIGHT * highest:
            return "a point or a comma"
    return ""


def _is_before_group(text: str) -> bool:
    """Whether a text begins with a sign and the digits that follow a comma of thousands."""
    return bool(re.match(r".[0-9]{3}(?![0-9])", text))


def _slash(piece: Piece, ink: Mask) -> str:
    """Return / or \\ where a piece is a straight slanted stroke, else "".

    The middles of its rows lie on one line.
    """
    own = ink[piece.top : piece.bottom, piece.left : piece.right]
    rows = np.arange(len(own))
    middles = (own * (np.arange(own.shape[1]) + 0.5)).sum(axis=1) / np.maximum(own.sum(axis=1), 1)
    slope, start = np.polyfit(rows, middles, 1)
    spread = float(np.sqrt(np.mean((middles - start - slope * rows) ** 2)))
    least, most = STROKE_ANGLES
    if spread > STRAIGHT_MAX_SPREAD * len(own) or not least <= math.degrees(math.atan(abs(slope))) <= most:
        return ""
    return "/" if slope < 0 else "\\"


def _count_words(text: str, pieces: Sequence[Piece], highest: int) -> str:
    """Return words where the ink has room for another count of digits than were read."""
    tall = [piece.width / highest for piece in pieces if piece.height >= DIGIT_MIN_SHARE * highest]
    least = sum(math.ceil(width / DIGIT_MAX_WIDTH) for width in tall)
    most = sum(
        1 if width < ONE_DIGIT_MAX_WIDTH else max(round(width / TOUCHING_MIN_WIDTH), 1) for width in tall
    )
    count = sum(char not in SIGNS for char in text)
    if least <= len(text) and count <= most:
        return ""  # signs may touch digits
    shown = f"{least}" if least == most else f"{least} to {most}"
    return f"{count} digits were read, and the ink shows {shown}"
