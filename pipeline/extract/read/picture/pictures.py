"""The types that stand between the steps of reading a picture.

Shades are numbers from 0 (black) to 255 (paper), rows by columns. A straight picture is upright, its lines
level and its paper white. Boxes are points on the straight page, from its top left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.records import Box

SEALED = "a seal lies over it"
GREYED = "the grey ink of a seal lies over it"
UNRULED = "no ruling shows that this blank place is its cell"
"""Why two readings of a cell are not enough; under grey ink a thin sign may be lost."""

Shades = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Homography = npt.NDArray[np.float64]
"""3 × 3, of pixels (x, y, 1) to pixels."""


class PagePicture(NamedTuple):
    """A page as displayed: `colours` is rows × columns × 3 (red, green, blue), or rows × columns of greys.

    `scale` is pixels a point.
    """

    colours: Shades
    scale: float


class StraightPicture(NamedTuple):
    """A page turned for reading and straightened, in even light.

    `seal` marks the pixels of coloured ink, which `shades` shows without. `quarters` are the clockwise
    quarter turns that were needed. `to_page` takes pixels of this picture to those of the page as displayed.
    """

    shades: Shades
    seal: Mask
    scale: float
    quarters: int
    to_page: Homography


class PictureCell(NamedTuple):
    """A cell of a ruled table. `crop` is what stands in it: ink on white paper, without the rulings.

    `sealed` says that the ink of a seal touches it, `broken` that a ruling beside it is, so that it may be a
    part of a cell, or two cells. `greyed` says that the seal's ink is known by its paleness alone.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    box: Box
    crop: Shades
    sealed: bool
    broken: bool = False
    greyed: bool = False


class PictureTable(NamedTuple):
    """A ruled table of a picture."""

    box: Box
    cells: tuple[PictureCell, ...]


class PictureLine(NamedTuple):
    """A line of text outside of all ruled tables, or one column's part of it."""

    box: Box
    crop: Shades


class LineReading(NamedTuple):
    """What the recogniser reads in the crop of one line.

    `places` are left and right edges of each character of `text` in pixels of the crop, as a font declares
    them: wider than the ink, the outermost perhaps beyond the crop. `sureness` is the recogniser's own, from
    0 to 1, the least of all characters; it is no verdict. `size` is the side of ideographs in the line, in
    pixels of the crop: the box of a glyph is so high, around the middle of the line's ink. `digits` has for
    each character the digit that it is if it has to be one. There are no blanks in `text`: gaps tell them.
    """

    text: str
    places: tuple[tuple[float, float], ...]
    sureness: float
    size: float
    digits: str


class InkReading(NamedTuple):
    """What the ink of a crop shows, piece by piece, to a reader that knows digits and the signs beside them.

    `text` has "?" for a piece that is none of them; "" where there is no ink. `probability` is the least of
    all pieces.
    """

    text: str
    probability: float
