"""Ask the second reader of pictures what stands in number cells: it goes by the ink, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import NamedTuple

from pipeline.extract.page_cells import Place
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.records import Observation

OTHER_PIECE = "?"
"""What stands for a piece of ink that is neither a digit nor a sign of numbers."""


SURE_MIN_PROBABILITY = 0.9
"""Probability. What the second reader sees with less is not surely seen."""


class CellInk(NamedTuple):
    """What the ink of a cell shows: `text`, "" where there is none.

    `doubt` says in words why two readings of it are not enough; "" where they are.
    """

    text: str
    is_sure: bool
    doubt: str


Inks = Mapping[Place, CellInk]
"""What the ink of cells shows, by page and box. A cell that is part of no ruled table is not in it."""


def observations_to_inks(file: PdfFile, observations: Iterable[Observation]) -> Inks:
    """Return what the ink shows in those of these cells that were read from pictures of the file."""
    places = [
        (seen.page, seen.box)
        for seen in observations
        if seen.page in file.pictures and seen.box in file.pictures[seen.page].cells
    ]
    asked = [place for place in dict.fromkeys(places) if place not in file.inks]
    if asked:
        second = import_module("pipeline.extract.read.picture.ink_digits")
        cells = [file.pictures[page].cells[box] for page, box in asked]
        readings = second.crops_to_ink_readings([cell.crop for cell in cells])
        for (page, box), reading in zip(asked, readings, strict=True):
            is_sure = reading.probability >= SURE_MIN_PROBABILITY
            file.inks[page, box] = CellInk(reading.text, is_sure, file.pictures[page].doubts.get(box, ""))
    return {place: file.inks[place] for place in places}
