"""Find the ruled tables of a straight picture, and cut out what stands in their cells."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.extract.read.picture.even_light import unit_of
from pipeline.extract.read.picture.page_mesh import Mesh, marks_to_mesh
from pipeline.extract.read.picture.pictures import (
    Mask,
    PictureCell,
    PictureTable,
    Shades,
    StraightPicture,
)
from pipeline.extract.read.picture.ruling_ink import without_rulings
from pipeline.extract.read.picture.ruling_lattice import Lattice, LatticeCell, marks_to_lattices
from pipeline.extract.read.picture.ruling_marks import shades_to_marks
from pipeline.records import Box, bounding_box

INK_DARKEST = 128
"""Shades of 256. What is darker is ink of characters; it shows where in its cell the text stands."""

SEAL_MARGIN = 3.0
"""Points. A seal's ink so near to the text of a cell may hide a part of it."""

SEAL_MIN_PIXELS = 3
"""Pixels. Fewer of a seal's ink are a speck."""


class FlatPage(NamedTuple):
    """A page flattened: its shades without rulings, the ink of seals, and what runs across the rulings."""

    clean: Shades
    seal: Mask
    crossed: Mask
    unit: float


def straight_to_tables(picture: StraightPicture) -> list[PictureTable]:
    """Return the ruled tables of a page from top to bottom, their boxes in points on the straight page."""
    unit = unit_of(picture.shades)
    level, upright = shades_to_marks(picture.shades, unit)
    if not len(level.traces.mark):
        return []
    shape = picture.shades.shape[0], picture.shades.shape[1]
    mesh = marks_to_mesh(level.traces, upright.traces, shape)
    shades, seal = picture.shades, picture.seal
    if not mesh.is_flat:
        shades = mesh.flattened(shades)
        seal = ~mesh.flattened((~seal).astype(np.uint8) * 255).astype(np.bool_) if seal.any() else seal
        level, upright = shades_to_marks(shades, unit)
    lattices = marks_to_lattices(level, upright, unit)
    clean, crossed = without_rulings(shades, lattices, unit)
    page = FlatPage(clean, seal, crossed, unit)
    return [_table(lattice, page, mesh, picture.scale) for lattice in lattices]


def _table(lattice: Lattice, page: FlatPage, mesh: Mesh, scale: float) -> PictureTable:
    """Return a table with what stands in its cells."""
    cells = tuple(_cell(cell, lattice, page, mesh, scale) for cell in lattice.cells)
    return PictureTable(bounding_box([cell.box for cell in cells]), cells)


def _cell(cell: LatticeCell, lattice: Lattice, page: FlatPage, mesh: Mesh, scale: float) -> PictureCell:
    """Return a cell with what stands in it."""
    top, bottom = (round(lattice.ys[at].middle) for at in (cell.top, cell.bottom))
    left, right = (round(lattice.xs[at].middle) for at in (cell.left, cell.right))
    place = slice(max(top, 0), bottom + 1), slice(max(left, 0), right + 1)
    crop = page.clean[place]
    sealed = _is_sealed(crop, page.seal[place], page.unit) or bool(page.crossed[place].any())
    greyed = sealed and not page.seal[place].any()
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    if not mesh.is_flat:
        corners = mesh.bent(corners)
    (x0, y0), (x1, y1) = corners.min(axis=0) / scale, corners.max(axis=0) / scale
    spans = cell.bottom - cell.top, cell.right - cell.left
    box = Box(float(x0), float(y0), float(x1), float(y1))
    return PictureCell(cell.top, cell.left, *spans, box, crop, sealed, not cell.is_sure, greyed)


def _is_sealed(crop: Shades, seal: Mask, unit: float) -> bool:
    """Whether the ink of a seal is near to the text of a cell, or in a cell without text."""
    if np.count_nonzero(seal) < SEAL_MIN_PIXELS:
        return False
    rows, columns = np.nonzero(crop < INK_DARKEST)
    if not len(rows):
        return True
    margin = round(SEAL_MARGIN * unit)
    top, left = max(int(rows.min()) - margin, 0), max(int(columns.min()) - margin, 0)
    near = seal[top : int(rows.max()) + margin + 1, left : int(columns.max()) + margin + 1]
    return bool(np.count_nonzero(near) >= SEAL_MIN_PIXELS)
