"""Leave the ink of seals out of the cells that they touch: it is paler than print."""

from __future__ import annotations

import numpy as np

from pipeline.extract.read.picture.pictures import PictureCell, PictureTable, Shades

SEAL_MAX_SHARE = 0.6
"""Share of the contrast of a table's print. The ink of seals is paler in sealed cells, no stroke of print is.

At .55 and .65 the 56 sealed cells of a scan are read alike and right; at .75 strokes break.
"""


def table_without_seals(table: PictureTable) -> PictureTable:
    """Return a table whose sealed cells show print alone, as dark as that of the table's cells is.

    What is read in them is no more certain for that.
    """
    darkest = [int(cell.crop.min(initial=255)) for cell in table.cells if not cell.sealed]
    inked = [shade for shade in darkest if shade < 255 // 2]
    limit = 255 - SEAL_MAX_SHARE * (255 - (np.median(inked) if inked else 0))
    return table._replace(cells=tuple(_without_seal(cell, limit) for cell in table.cells))


def _without_seal(cell: PictureCell, limit: float) -> PictureCell:
    """Return a cell, if it is sealed, with paper in place of what is paler than a shade."""
    if not cell.sealed:
        return cell
    shades: Shades = np.where(cell.crop > limit, 255, cell.crop).astype(np.uint8)
    return cell._replace(crop=shades)
