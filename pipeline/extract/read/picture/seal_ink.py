"""Leave the ink of seals out of the cells that they touch: it is paler than print."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Mask, PictureCell, PictureTable, Shades

SEAL_MAX_SHARE = 0.6
"""Share of the contrast of a table's print. The ink of seals is paler in sealed cells, no stroke of print is.

At .55 and .65 the 56 sealed cells of a scan are read alike and right; at .75 strokes break.
"""

PRINT_MIN_SHARE = 0.75
"""Share of the contrast of a table's print. What is nowhere as dark in a sealed cell is a piece of the seal.

Of 381 cells under grey seals 380 are read right so, and 375 without; at .8 and .85 as many.
"""

PALE_SHARES = (0.2, 0.7)
"""Share of the contrast of a table's print, twice.

Ink that is darker than the first and nowhere as dark as the second is pale.
"""

PALE_MIN_SIZE = 3.0
"""Points. Pale ink beside a sealed cell that is as long, and no speck of dust, is the seal's too.

Of 97 cells under grey seals that run across none of their rulings 62 are found so, and 97 are then read right
by the first reader; 71 were before.
"""

BESIDE_MAX_DISTANCE = 3.0
"""Points. The boxes of cells beside each other are no further apart, straightened as they may be."""


def table_without_seals(table: PictureTable, scale: float) -> PictureTable:
    """Return a table whose sealed cells show print alone, as dark as that of the table's cells is.

    A cell without any ink is not sealed, for nothing is hidden there. Where a grey seal lies, cells beside
    sealed ones that have pale ink are sealed too. What is read in sealed cells is no more certain for that.
    `scale` is pixels a point.
    """
    if not any(cell.sealed for cell in table.cells):
        return table
    darkest = [int(cell.crop.min(initial=255)) for cell in table.cells if not cell.sealed]
    inked = [shade for shade in darkest if shade < 255 // 2]
    contrast = 255 - float(np.median(inked) if inked else 0)
    greyed = _greyed(table.cells, contrast, scale)
    cells = (
        cell._replace(sealed=False)
        if not (cell.crop <= 255 - PALE_SHARES[0] * contrast).any()
        else _without_grey_seal(cell, contrast)
        if at in greyed
        else _without_seal(cell, contrast)
        if cell.sealed
        else cell
        for at, cell in enumerate(table.cells)
    )
    return table._replace(cells=tuple(cells))


def _greyed(cells: tuple[PictureCell, ...], contrast: float, scale: float) -> frozenset[int]:
    """Return the numbers of the cells that a grey seal touches: those known, and pale ones beside these."""
    found = {at for at, cell in enumerate(cells) if cell.greyed}
    waiting, asked = [*found], set(found)
    while waiting:
        for at in _beside(cells, waiting.pop()):
            if at not in asked and _has_pale_ink(cells[at].crop, contrast, scale):
                found.add(at)
                waiting.append(at)
            asked.add(at)
    return frozenset(found)


def _beside(cells: tuple[PictureCell, ...], place: int) -> Iterator[int]:
    """Yield the numbers of the cells beside one, or at a corner of it."""
    x0, top, x1, bottom = cells[place].box
    near = BESIDE_MAX_DISTANCE
    for at, (left, upper, right, lower) in enumerate(cell.box for cell in cells):
        if left < x1 + near and right > x0 - near and upper < bottom + near and lower > top - near:
            yield at


def _has_pale_ink(crop: Shades, contrast: float, scale: float) -> bool:
    """Whether a crop has ink that is longer than a speck and nowhere as dark as print."""
    pale, dark = (255 - share * contrast for share in PALE_SHARES)
    marks, sizes = _marks(crop <= pale)
    long = sizes.max(axis=1, initial=0) >= PALE_MIN_SIZE * scale
    long[0] = False
    return bool((long & (_darkest(marks, crop, len(sizes)) > dark)).any())


def _without_seal(cell: PictureCell, contrast: float) -> PictureCell:
    """Return a sealed cell with paper in place of what is paler than print."""
    shades: Shades = np.where(cell.crop > 255 - SEAL_MAX_SHARE * contrast, 255, cell.crop).astype(np.uint8)
    return cell._replace(crop=shades)


def _without_grey_seal(cell: PictureCell, contrast: float) -> PictureCell:
    """Return a cell under a grey seal with paper in place of what is paler than print, or nowhere as dark."""
    cell = _without_seal(cell, contrast)
    marks, sizes = _marks(cell.crop < 255)
    printed = _darkest(marks, cell.crop, len(sizes)) <= 255 - PRINT_MIN_SHARE * contrast
    printed[0] = False
    shades: Shades = np.where(printed[marks], cell.crop, 255).astype(np.uint8)
    return cell._replace(crop=shades, sealed=True, greyed=True)


def _marks(ink: Mask) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the mark of each pixel, 0 for paper, and the width and height (pixels) of each mark."""
    _, marks, parts, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    return np.asarray(marks, np.int32), np.asarray(parts[:, 2:4], np.int32)


def _darkest(marks: npt.NDArray[np.int32], crop: Shades, count: int) -> npt.NDArray[np.uint8]:
    """Return the darkest shade of each of so many marks."""
    darkest = np.full(count, 255, np.uint8)
    np.minimum.at(darkest, marks.ravel(), crop.ravel())
    return darkest
