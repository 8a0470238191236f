"""Find the lines of text outside of a picture's ruled tables, and cut them out to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.extract.read.picture.even_light import unit_of
from pipeline.extract.read.picture.pictures import Mask, PictureLine, PictureTable, StraightPicture
from pipeline.extract.read.picture.text_pieces import Pieces, shades_to_pieces
from pipeline.records import Box

BODY_MIN_HEIGHT_RATIO = 0.5
"""Times the usual height of pieces. Lower ones are strokes and signs that belong to a line beside them."""

FULL_MIN_HEIGHT_RATIO = 0.9
"""Times the height of the tallest piece of its row. As high are pieces with ideographs; digits are not."""

LINE_MIN_HEIGHT = 7.0
"""Points. A line is cut out no lower, though it be a lone dash."""

TEXT_MAX_HEIGHT = 60.0
"""Points. What is higher is no line of text: a picture, a seal, a black edge."""

SAME_ROW_MIN_OVERLAP_SHARE = 0.5
"""Share of the lower piece's height that two pieces of one row have in common."""

SIGN_MAX_OFFSET_RATIO = 0.25
"""Times its height. The middle of a stroke or sign is no further above or below the piece it belongs to."""

COLUMN_MIN_GAP_RATIO = 1.3
"""Times the height. Pieces of a row that are further apart are cut out apart."""

CROP_EDGE_RATIO = 0.12
"""Times the height. So much paper is cut out around a line."""

DUST_MAX_SIZE = 1.6
"""Points. What is smaller both ways, and beside no line, is dust."""

TABLE_EDGE = 2.0
"""Points about a table that belong to it: its outer ruling."""


class Piece(NamedTuple):
    """A piece of text: its edges in pixels, and its number among the pieces, from 1."""

    left: int
    top: int
    right: int
    bottom: int
    label: int

    @property
    def height(self) -> int:
        """Return its height in pixels."""
        return self.bottom - self.top

    def overlap(self, other: Piece) -> int:
        """Return how many rows of pixels two pieces have in common; less than 0 where they are apart."""
        return min(self.bottom, other.bottom) - max(self.top, other.top)

    def gap(self, other: Piece) -> int:
        """Return how far they are apart from side to side, in pixels; 0 where one is above the other."""
        return max(self.left - other.right, other.left - self.right, 0)


def straight_to_lines(picture: StraightPicture, tables: Sequence[PictureTable]) -> list[PictureLine]:
    """Return the lines of text outside of the tables, from top to bottom and from left to right.

    What stands far apart on one line is cut out apart, and all of a line's crops are about as high.
    """
    unit = unit_of(picture.shades)
    barred = [_grown(table.box, TABLE_EDGE, picture.scale) for table in tables]
    found = shades_to_pieces(picture.shades, picture.seal, barred)
    pieces = [
        Piece(left, top, right, bottom, at)
        for at, (left, top, right, bottom) in enumerate(found.boxes.tolist(), 1)
        if left < right
    ]
    rows = pieces_to_rows(pieces, unit)
    return [line for row in rows for line in _row_to_lines(picture, found, row)]


def _grown(box: Box, edge: float, scale: float) -> Box:
    """Return a box with so many points about it, in pixels."""
    x0, top, x1, bottom = box
    return Box(*(at * scale for at in (x0 - edge, top - edge, x1 + edge, bottom + edge)))


def pieces_to_rows(pieces: Sequence[Piece], unit: float) -> list[list[Piece]]:
    """Group pieces to rows from top to bottom, each from left to right; `unit` is pixels a point."""
    pieces = [piece for piece in pieces if piece.height <= TEXT_MAX_HEIGHT * unit]
    usual = _usual_height(pieces)
    body = [piece for piece in pieces if piece.height >= BODY_MIN_HEIGHT_RATIO * usual]
    rows: list[list[Piece]] = []
    for piece in sorted(body):
        _put(piece, rows)
    lone = [
        piece
        for piece in pieces
        if piece.height < BODY_MIN_HEIGHT_RATIO * usual and not _put_beside(piece, body, rows)
    ]
    rows += _lone_rows(lone, usual)
    rows = [sorted(row) for row in rows if max(map(_length, row)) >= DUST_MAX_SIZE * unit]
    return sorted(rows, key=lambda row: (_middle(row), row[0].left))


def _length(piece: Piece) -> int:
    """Return the longer side of a piece in pixels."""
    return max(piece.height, piece.right - piece.left)


def _usual_height(pieces: Sequence[Piece]) -> float:
    """Return the height of the piece in whose middle one half of all widths is reached."""
    if not pieces:
        return 0.0
    ordered = sorted(pieces, key=lambda piece: piece.height)
    widths = np.cumsum([piece.right - piece.left for piece in ordered])
    return ordered[int(np.searchsorted(widths, widths[-1] / 2))].height


def _middle(row: Sequence[Piece]) -> float:
    """Return the height at which a row has its middle, in pixels, where it begins."""
    tallest = max(row, key=lambda piece: piece.height)
    return (tallest.top + tallest.bottom) / 2


def _put(piece: Piece, rows: list[list[Piece]]) -> None:
    """Put a piece into the row with whose last piece it has most in common, or into a new one."""
    shared = [row[-1].overlap(piece) / min(row[-1].height, piece.height) for row in rows]
    best = int(np.argmax(shared)) if shared else 0
    if shared and shared[best] >= SAME_ROW_MIN_OVERLAP_SHARE:
        rows[best].append(piece)
    else:
        rows.append([piece])


def _put_beside(sign: Piece, body: Sequence[Piece], rows: Sequence[list[Piece]]) -> bool:
    """Put a stroke or sign into the row of the nearest piece that it can belong to, if there is one."""
    middle = (sign.top + sign.bottom) / 2
    near = [
        piece
        for piece in body
        if -SIGN_MAX_OFFSET_RATIO * piece.height < middle - piece.top
        and middle - piece.bottom < SIGN_MAX_OFFSET_RATIO * piece.height
    ]
    if not near:
        return False
    nearest = max(near, key=lambda piece: (-sign.gap(piece), piece.overlap(sign)))
    next(row for row in rows if nearest in row).append(sign)
    return True


def _lone_rows(signs: Sequence[Piece], usual: float) -> list[list[Piece]]:
    """Group strokes and signs that stand beside no line: 一, 二 and dashes by themselves."""
    rows: list[list[Piece]] = []
    for sign in sorted(signs, key=lambda piece: piece.top):
        near = next(
            (row for row in rows if not sign.gap(row[-1]) and -row[-1].overlap(sign) < usual / 2), None
        )
        if near is not None:
            near.append(sign)
        else:
            rows.append([sign])
    return rows


def _row_to_lines(picture: StraightPicture, found: Pieces, row: Sequence[Piece]) -> Iterator[PictureLine]:
    """Yield the parts of a row, parted where it has wide gaps."""
    tallest = max(piece.height for piece in row)
    body = [piece for piece in row if piece.height >= FULL_MIN_HEIGHT_RATIO * tallest]
    part: list[Piece] = []
    right = 0
    for piece in row:
        if part and piece.left - right > COLUMN_MIN_GAP_RATIO * tallest:
            yield _part_to_line(picture, found, row, part, body)
            part = []
        part.append(piece)
        right = max(right, piece.right)
    yield _part_to_line(picture, found, row, part, body)


def _part_to_line(
    picture: StraightPicture,
    found: Pieces,
    row: Sequence[Piece],
    part: Sequence[Piece],
    body: Sequence[Piece],
) -> PictureLine:
    """Cut out a part of a row, as high as the pieces of text in it, or those next to it."""
    left, right = min(piece.left for piece in part), max(piece.right for piece in part)
    whole = Piece(left, part[0].top, right, part[0].bottom, 0)
    high = [piece for piece in part if piece in body] or [min(body, key=whole.gap)]
    top = min(piece.top for piece in (*part, *high))
    bottom = max(piece.bottom for piece in (*part, *high))
    edge = max(round(CROP_EDGE_RATIO * (bottom - top)), 1)
    room = max(round(LINE_MIN_HEIGHT * unit_of(picture.shades)) - (bottom - top), 0) // 2
    top, bottom = top - room, bottom + room
    height, width = picture.shades.shape
    left, top, right, bottom = (
        max(left - edge, 0),
        max(top - edge, 0),
        min(right + edge, width),
        min(bottom + edge, height),
    )
    crop = picture.shades[top:bottom, left:right].copy()
    crop[_others(found, [piece.label for piece in row], (left, top, right, bottom))] = 255
    box = Box(*(at / picture.scale for at in (left, top, right, bottom)))
    return PictureLine(box, crop)


def _others(found: Pieces, own: Sequence[int], box: tuple[int, int, int, int]) -> Mask:
    """Return which pixels of a crop (left, top, right, bottom) are of other rows' pieces."""
    left, top, right, bottom = box
    rows = (np.arange(top, bottom) / found.step).astype(np.int64).clip(max=found.labels.shape[0] - 1)
    columns = (np.arange(left, right) / found.step).astype(np.int64).clip(max=found.labels.shape[1] - 1)
    labels = found.labels[rows[:, None], columns]
    strange = (labels > 0) & ~np.isin(labels, own)
    return np.asarray(strange, np.bool_)
