"""Ask the second reader of pictures what stands in number cells: it goes by the ink, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import NamedTuple

from pipeline.extract.page_cells import Place, raw_to_cells
from pipeline.extract.picture_pages import has_layer
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.records import Box, Observation, RawDocument

OTHER_PIECE = "?"
"""What stands for a piece of ink that is neither a digit nor a sign of numbers."""


SURE_MIN_PROBABILITY = 0.9
"""Probability. What the second reader sees with less is not surely seen."""


class CellInk(NamedTuple):
    """What the ink of a cell shows: `text`, "" where there is none.

    `doubt` says in words why two readings of it are not enough; "" where they are. `layer` is what a program
    for OCR, which laid a text over the picture, has read there; None where none did.
    """

    text: str
    is_sure: bool
    doubt: str
    layer: str | None = None


Inks = Mapping[Place, CellInk]
"""What the ink of cells shows, by page and box. A cell that is part of no ruled table is not in it."""


def observations_to_inks(
    file: PdfFile, observations: Iterable[Observation], layer: RawDocument | None
) -> Inks:
    """Return what the ink shows in those of these cells that were read from pictures of the file.

    `layer` has what is known of the text that lies over the pictures.
    """
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
        layers = _layers(file, asked, layer) if layer else {}
        for (page, box), reading in zip(asked, readings, strict=True):
            is_sure = reading.probability >= SURE_MIN_PROBABILITY
            file.inks[page, box] = CellInk(
                reading.text, is_sure, file.pictures[page].doubts.get(box, ""), layers.get((page, box))
            )
    return {place: file.inks[place] for place in places}


def _layers(file: PdfFile, places: Iterable[Place], layer: RawDocument) -> dict[Place, str]:
    """Return the text that lies over each of these cells; nothing of pages without such a text."""
    pages: dict[int, list[Box]] = {}
    for page, box in places:
        if has_layer(layer.printed[page]):
            pages.setdefault(page, []).append(box)
    found: dict[Place, str] = {}
    for page, boxes in pages.items():
        shown = [file.pictures[page].to_displayed(box) for box in boxes]
        cells = raw_to_cells(layer, page, dict.fromkeys(shown, " "), layer.reader).cells
        for box, displayed in zip(boxes, shown, strict=True):
            own = sorted(cells[displayed], key=lambda char: (char.box.x0, char.box.top))
            found[page, box] = "".join(char.text for char in own)
    return found
