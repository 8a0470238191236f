"""Ask the second reader of pictures what stands in number cells: it goes by the ink, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from pipeline.extract.page_cells import Place, raw_to_cells
from pipeline.extract.picture_pages import has_layer
from pipeline.extract.read.picture.pictures import UNRULED
from pipeline.records import PICTURE_READER, Box, Observation, RawDocument

SURE_MIN_PROBABILITY = 0.5
"""Share of texts that are right, as the second reader itself says. With less it is not sure of one.

In 85 scans without seals none of the 12,838 numbers that both readers saw was wrong, however sure the second
was. Of those that no sum holds, two are below .5, nine below .8, and nineteen below .9.
"""

SURE_MIN_AGAINST_SUM = 0.8
"""Share of texts that are right, as above, where a sum over the number fails and none holds it.

In 24 scans with grey seals at 150 dpi strokes of seals made a 1 of nothing and 13 of 113, for both readers:
the second said .68 and .74.
"""

OTHER_PIECE = "?"
"""What the second reader says of ink that is neither a digit nor a sign of numbers."""

DIGITS = frozenset("0123456789")

UNSURE = "the second reader of the picture is not sure of it"
UNSEEN = "something is printed there that no reader of the picture knows"
IN_WORDS = "the second reader of the picture knows no words"


class CellInk(NamedTuple):
    """What the ink of a cell shows: `text`, "" where there is none, and how probably.

    `doubt` says in words why two readings of it are not enough; "" where they are. `layer` is what a program
    for OCR, which laid a text over the picture, has read there; None where none did.
    """

    text: str
    probability: float
    doubt: str
    layer: str | None = None

    @property
    def is_sure(self) -> bool:
        """Whether the second reader is sure of the text."""
        return self.probability >= SURE_MIN_PROBABILITY

    @property
    def is_bare(self) -> bool:
        """Whether it is a place without rulings and without ink."""
        return self.doubt == UNRULED

    def shows(self, seen: Observation) -> bool:
        """Whether the ink shows the digits and signs that were read in the cell, and no others.

        Words (件, 无) are as good as nothing to the second reader, and parts of them are as digits. Where
        nothing else was read, it need only not be sure of a number. 一 is as a dash, which is no number, and
        a stroke (\\) is no word.
        """
        read, shown = _as_ink(seen.raw), self.text
        if read == OTHER_PIECE and not seen.value:
            return OTHER_PIECE in shown or (not self.is_sure and _has_word(seen.raw))
        if OTHER_PIECE in read:
            return read.replace(OTHER_PIECE, "") == shown.replace(OTHER_PIECE, "")
        return read == shown and not (seen.value is not None and DIGITS.isdisjoint(shown))

    def doubt_of(self, seen: Observation, *, sum_fails: bool = False) -> str:
        """Return in words why a cell is doubtful though its ink shows what was read; "" where it is not.

        `sum_fails` says that a sum over it does.
        """
        if self.doubt or _as_ink(seen.raw) != OTHER_PIECE or not _has_word(seen.raw):
            least = SURE_MIN_AGAINST_SUM if sum_fails and seen.value is not None else SURE_MIN_PROBABILITY
            return self.doubt or ("" if self.probability >= least else UNSURE)
        return IN_WORDS if seen.value else ""

    def is_as_layer(self, seen: Observation) -> bool:
        """Whether a third reader has read the same: the program whose text lies over the picture."""
        return self.layer is not None and _as_ink(self.layer) == _as_ink(seen.raw)


def _has_word(text: str) -> bool:
    """Whether a text has a letter or an ideograph, and not strokes alone."""
    return any(map(str.isalpha, text))


def _as_ink(text: str) -> str:
    """Return a text as the second reader would read the ink of it."""
    told: str = _second_reader().text_to_ink_text(text)
    return told


def _second_reader() -> ModuleType:
    """Return the second reader, which is imported where a picture is read."""
    return import_module("pipeline.extract.read.picture.ink_digits")


Inks = Mapping[Place, CellInk]
"""What the ink of cells shows, by page and box. A cell whose ink cannot be cut out is not in it."""


class HoldsPictures(Protocol):
    """A file of which pages were read as pictures; `inks` are cells of these, once they were asked for."""

    @property
    def pictures(self) -> dict[int, Any]:
        """Return the pages, by their numbers."""

    @property
    def inks(self) -> dict[Any, Any]:
        """Return the cells, by page and box."""


def observations_to_inks(
    file: HoldsPictures, observations: Iterable[Observation], layer: RawDocument | None
) -> Inks:
    """Return what the ink shows in those of these cells that were read from pictures of the file.

    `layer` has what is known of the text that lies over the pictures.
    """
    places = [(seen.page, seen.box) for seen in observations if seen.reader == PICTURE_READER]
    asked = [place for place in dict.fromkeys(places) if place not in file.inks]
    crops = {(page, box): file.pictures[page].crop(box) for page, box in asked}
    cut = {place: crop for place, crop in crops.items() if crop is not None}
    readings = _second_reader().crops_to_ink_readings([*cut.values()]) if cut else []
    layers = _layers(file, cut, layer) if layer else {}
    for (page, box), reading in zip(cut, readings, strict=True):
        doubt = file.pictures[page].doubt(box)
        if not reading.text and not doubt and file.pictures[page].is_printed(box):
            doubt = UNSEEN
        file.inks[page, box] = CellInk(reading.text, reading.probability, doubt, layers.get((page, box)))
    return {place: file.inks[place] for place in places if place in file.inks}


def _layers(file: HoldsPictures, places: Iterable[Place], layer: RawDocument) -> dict[Place, str]:
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
