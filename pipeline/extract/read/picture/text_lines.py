"""Find the lines of text outside of a picture's ruled tables, and cut them out to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.even_light import unit_of
from pipeline.extract.read.picture.pictures import PictureLine, PictureTable, Shades, StraightPicture
from pipeline.extract.read.picture.text_pieces import BLACK_INK, TEXT_MAX_HEIGHT, Pieces, shades_to_pieces
from pipeline.records import Box

BODY_MIN_HEIGHT_RATIO = 0.5
"""Times the usual height of pieces. Lower ones are strokes and signs that belong to a line beside them."""

FULL_MIN_HEIGHT_RATIO = 0.9
"""Times the height of the tallest piece of its row. As high are pieces with ideographs; digits are not."""

LINE_MIN_HEIGHT = 7.0
"""Points. A line is cut out no lower, though it be a lone dash."""

SAME_ROW_MIN_OVERLAP_SHARE = 0.5
"""Share of the lower piece's height that two pieces of one row have in common."""

SIGN_MAX_OFFSET_RATIO = 0.25
"""Times its height. The middle of a stroke or sign is no further above or below the piece it belongs to."""

COLUMN_MIN_GAP_RATIO = 1.3
"""Times the height. Pieces of a row that are further apart are cut out apart."""

CROP_EDGE_RATIO = 0.12
"""Times the height. So much paper is cut out around a line."""

LAST_PIECES = 2
"""Count. A piece is of a row if it stands beside one of so many that were put there last."""

LEVEL_MIN_OVERLAP_SHARE = 0.8
"""Share of the lower piece's height that pieces of one line have in common.

A label of two lines stands half a line off one of a single line beside it.
"""

DUST_MAX_SIZE = 1.6
"""Points. What is smaller both ways, and beside no line, is dust."""

TABLE_EDGE = 2.0
"""Points about a table that belong to it: its outer ruling."""


Labels = npt.NDArray[np.int32]


class TextPiece(NamedTuple):
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

    def overlap(self, other: TextPiece) -> int:
        """Return how many rows of pixels two pieces have in common; less than 0 where they are apart."""
        return min(self.bottom, other.bottom) - max(self.top, other.top)

    def gap(self, other: TextPiece) -> int:
        """Return how far they are apart from side to side, in pixels; 0 where one is above the other."""
        return max(self.left - other.right, other.left - self.right, 0)


def straight_to_lines(picture: StraightPicture, tables: Sequence[PictureTable]) -> list[PictureLine]:
    """Return the lines of text outside of the tables, from top to bottom and from left to right.

    What stands far apart on one line is cut out apart, and all of a line's crops are about as high. A line
    over which other ink lies, as that of a faxed seal, is left out: it would be guessed.
    """
    unit = unit_of(picture.shades)
    barred = [_grown(table.box, TABLE_EDGE, picture.scale) for table in tables]
    found = shades_to_pieces(picture.shades, picture.seal, barred)
    pieces = [
        TextPiece(left, top, right, bottom, at)
        for at, (left, top, right, bottom) in enumerate(found.boxes.tolist(), 1)
        if left < right
    ]
    rows = pieces_to_rows(pieces, unit)
    picture = picture._replace(shades=_without_grey(picture.shades, found.overlaid))
    return [line for row in rows for line in _row_to_lines(picture, found, row)]


def _without_grey(shades: Shades, zones: Sequence[tuple[int, ...]]) -> Shades:
    """Return a picture with nothing but what is black in these boxes (left, top, right, bottom)."""
    if not zones:
        return shades
    shades = shades.copy()
    for left, top, right, bottom in zones:
        zone = np.s_[top:bottom, left:right]
        shades[zone] = cv2.convertScaleAbs(shades[zone], alpha=255 / BLACK_INK)
    return shades


def _grown(box: Box, edge: float, scale: float) -> Box:
    """Return a box with so many points about it, in pixels."""
    x0, top, x1, bottom = box
    return Box(*(at * scale for at in (x0 - edge, top - edge, x1 + edge, bottom + edge)))


def pieces_to_rows(pieces: Sequence[TextPiece], unit: float) -> list[list[TextPiece]]:
    """Group pieces to rows from top to bottom, each from left to right; `unit` is pixels a point."""
    pieces = [piece for piece in pieces if piece.height <= TEXT_MAX_HEIGHT * unit]
    usual = _usual_height(pieces)
    body = [piece for piece in pieces if piece.height >= BODY_MIN_HEIGHT_RATIO * usual]
    rows: list[list[TextPiece]] = []
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


def _length(piece: TextPiece) -> int:
    """Return the longer side of a piece in pixels."""
    return max(piece.height, piece.right - piece.left)


def _usual_height(pieces: Sequence[TextPiece]) -> float:
    """Return the height of the piece in whose middle one half of all widths is reached."""
    if not pieces:
        return 0.0
    ordered = sorted(pieces, key=lambda piece: piece.height)
    widths = np.cumsum([piece.right - piece.left for piece in ordered])
    return ordered[int(np.searchsorted(widths, widths[-1] / 2))].height


def _middle(row: Sequence[TextPiece]) -> float:
    """Return the height at which a row has its middle, in pixels, where it begins."""
    tallest = max(row, key=lambda piece: piece.height)
    return (tallest.top + tallest.bottom) / 2


def _put(piece: TextPiece, rows: list[list[TextPiece]]) -> None:
    """Put a piece into the row with whose last pieces it has most in common, or into a new one.

    The last is perhaps the upper half of an ideograph (告), whose lower half the piece is.
    """
    shared = [
        max(last.overlap(piece) / min(last.height, piece.height) for last in row[-LAST_PIECES:])
        for row in rows
    ]
    best = int(np.argmax(shared)) if shared else 0
    if shared and shared[best] >= SAME_ROW_MIN_OVERLAP_SHARE:
        rows[best].append(piece)
    else:
        rows.append([piece])


def _put_beside(sign: TextPiece, body: Sequence[TextPiece], rows: Sequence[list[TextPiece]]) -> bool:
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


def _lone_rows(signs: Sequence[TextPiece], usual: float) -> list[list[TextPiece]]:
    """Group strokes and signs that stand beside no line: 一, 二 and dashes by themselves."""
    rows: list[list[TextPiece]] = []
    for sign in sorted(signs, key=lambda piece: piece.top):
        near = next(
            (row for row in rows if not sign.gap(row[-1]) and -row[-1].overlap(sign) < usual / 2), None
        )
        if near is not None:
            near.append(sign)
        else:
            rows.append([sign])
    return rows


def _row_to_lines(picture: StraightPicture, found: Pieces, row: Sequence[TextPiece]) -> Iterator[PictureLine]:
    """Yield the parts of a row, parted where it has wide gaps or is not level.

    A part is as high as the pieces of text in it, or those next to it; where other ink reaches into its
    middle, as high as it is itself. What other ink lies over even so is left out.
    """
    tallest = max(piece.height for piece in row)
    body = [piece for piece in row if piece.height >= FULL_MIN_HEIGHT_RATIO * tallest]
    for part in _parted(row, tallest):
        high = [piece for piece in part if piece in body] or [min(body, key=_whole(part).gap)]
        if line := _cut_out(picture, found, part, high) or _cut_out(picture, found, part, part):
            yield line


def _parted(row: Sequence[TextPiece], tallest: int) -> Iterator[list[TextPiece]]:
    """Yield the parts of a row, parted where a gap is wide, and where text stands higher or lower.

    A label of two lines stands half a line off one of a single line beside it.
    """
    part: list[TextPiece] = []
    right, last = 0, row[0]
    for piece in row:
        is_sign = piece.height < BODY_MIN_HEIGHT_RATIO * tallest
        is_off = piece.overlap(last) < LEVEL_MIN_OVERLAP_SHARE * min(piece.height, last.height)
        if part and ((is_off and not is_sign) or piece.left - right > COLUMN_MIN_GAP_RATIO * tallest):
            yield part
            part = []
        part.append(piece)
        right = max(right, piece.right)
        last = last if is_sign and part[:-1] else piece
    yield part


def _whole(part: Sequence[TextPiece]) -> TextPiece:
    """Return the pieces of a part of a row as one."""
    return TextPiece(
        min(piece.left for piece in part),
        min(piece.top for piece in part),
        max(piece.right for piece in part),
        max(piece.bottom for piece in part),
        0,
    )


def _cut_out(
    picture: StraightPicture, found: Pieces, part: Sequence[TextPiece], high: Sequence[TextPiece]
) -> PictureLine | None:
    """Return a part of a row, as high as these pieces; None where other ink is in its middle."""
    left, _, right, _, _ = _whole(part)
    _, top, _, bottom, _ = _whole([*part, *high])
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
    labels = _labels_in(found, (left, top, right, bottom))
    others = (labels > 0) & ~np.isin(labels, [piece.label for piece in part])
    if others[len(others) // 3 : -len(others) // 3].any():
        return None
    crop[others] = 255
    box = Box(*(at / picture.scale for at in (left, top, right, bottom)))
    return PictureLine(box, crop)


def _labels_in(found: Pieces, box: tuple[int, int, int, int]) -> Labels:
    """Return the piece of each pixel of a crop (left, top, right, bottom)."""
    left, top, right, bottom = box
    rows = (np.arange(top, bottom) / found.step).astype(np.int64).clip(max=found.labels.shape[0] - 1)
    columns = (np.arange(left, right) / found.step).astype(np.int64).clip(max=found.labels.shape[1] - 1)
    labels: Labels = found.labels[rows[:, None], columns]
    return labels
