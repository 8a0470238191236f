"""The drawn pages of a file: what they say of the cells of its readings, and against its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from pipeline.extract.drawn_over import (
    MARK_MAX_REACH,
    are_marks_of,
    cells_beside,
    cells_without_print,
    digits_to_overdrawn,
    with_surroundings,
)
from pipeline.extract.drawn_page import DrawnPdf
from pipeline.extract.look import Looks, look_at_pages, parts_of
from pipeline.extract.page_cells import PageCells, Place, home_of, raw_to_cells
from pipeline.extract.page_look import CellLook
from pipeline.extract.shape_check import (
    Judged,
    Shape,
    judge,
    odd_cells,
    shapes_in,
    shapes_to_confirmed,
    shapes_to_renamed,
    shapes_to_unlike,
)
from pipeline.records import Box, Character, Observation, RawDocument, Renamed, bounding_box

ByPage = Mapping[int, Sequence[Character]]
"""Characters by the number of their page."""


class Findings(NamedTuple):
    """What drawn pages say against a text: who is not seen, who is struck out, who is another digit.

    `doubled` are characters that lie under others like them: one of each pair is seen.
    """

    unseen: ByPage
    struck: ByPage
    renamed: Mapping[int, Sequence[Renamed]]
    doubled: ByPage = MappingProxyType({})


NOTHING_FOUND = Findings({}, {}, {})


class SeenPages:
    """The pages of a file as they are drawn, with what they said so far.

    `known` was found before, and the readings that are looked at have heeded it. `printed` returns a document
    with the characters that a reader gives of a page, None where there is none.
    """

    def __init__(
        self, drawn: DrawnPdf, known: Findings, printed: Callable[[str, int], RawDocument | None]
    ) -> None:
        self._drawn, self._known, self._printed = drawn, known, printed
        self._looks: dict[Place, CellLook] = {}
        self._shapes: list[Shape] = []
        self._asked: Judged | None = None
        self._crowded: set[Place] = set()

    def has_notes(self, pages: Iterable[int]) -> bool:
        """Whether one of these pages shows form fields or notes."""
        return any(map(self._drawn.has_notes, pages))

    @property
    def _judged(self) -> Judged:
        """Return all shapes so far as the net sees them, which is asked again where some were added."""
        if self._asked is None or len(self._asked.shapes) != len(self._shapes):
            self._asked = judge([*self._shapes])
        return self._asked

    def look(self, observations: Iterable[Observation]) -> Looks:
        """Return what the pages say of the cells of these observations, and of those looked at before."""
        new = [seen for seen in observations if (seen.page, seen.box) not in self._looks]
        pages = [*self._cells_by_page(new)]
        if not pages:
            return self._looks
        found = look_at_pages(self._drawn, pages, self._known.struck, self._known.renamed)
        self._looks |= found.cells
        self._shapes += found.shapes
        self._crowded |= found.crowded
        odd, in_part = odd_cells(self._judged)
        doubtful = found.crossed | in_part
        for page, on_page in pages if doubtful or odd else ():
            own = {cell for cell in on_page.cells if (page, cell) in self._looks}
            sure = {cell for cell in own if (page, cell) in doubtful}
            with suppress(RuntimeError):  # pypdfium2's own error is one
                beside = self._beside(page, on_page, {cell for cell in own - sure if (page, cell) in odd})
                self._look_over(page, on_page, sure | beside)
        return self._looks

    def _beside(self, page: int, on_page: PageCells, odd: set[Box]) -> set[Box]:
        """Return those of these cells at whose digits something is drawn that is no text, or may be."""
        drawn = self._drawn.besides_text(page) if odd else None
        return odd if drawn is None else cells_beside(drawn, {cell: on_page.cells[cell] for cell in odd})

    def _look_over(self, page: int, on_page: PageCells, doubtful: set[Box]) -> None:
        """Note in the looks which digits of these cells something strikes out, or hides a part of."""
        if not doubtful:
            return
        parts = [*parts_of(on_page._replace(cells={cell: on_page.cells[cell] for cell in doubtful}))]
        boxes = [with_surroundings(bounding_box([*part.cells])) for part in parts]
        alone: list[Shape] = []
        for part, apart in zip(parts, self._drawn.draw_text_apart(page, boxes), strict=True):
            if apart:
                over = digits_to_overdrawn(apart, part.cells, on_page.orientation)
                alone += [Shape(page, char, crop, cell) for char, cell, crop in over.alone]
                for cell in over.parted:
                    self._looks[page, cell] = self._looks[page, cell]._replace(unread=True)
                for char, cell in over.struck:
                    look = self._looks[page, cell]
                    self._looks[page, cell] = look._replace(struck=(*look.struck, char))
        for shape in shapes_to_unlike(self._judged, judge(alone)):
            look = self._looks[page, shape.cell]
            self._looks[page, shape.cell] = look._replace(partly=(*look.partly, shape.character))

    def findings(self, observations: Sequence[Observation]) -> Findings:
        """Return what the pages say against the text in the cells of these observations.

        Shapes are judged once nothing is left that is hidden or struck out. Raises RuntimeError where a page
        cannot be drawn.
        """
        unseen: dict[int, list[Character]] = {}
        struck: dict[int, list[Character]] = {}
        looks, adrift = self.look(observations), self._adrift(observations)
        for (page, _), cell in looks.items():
            if not cell.agrees:
                unseen.setdefault(page, []).extend(() if page in adrift else cell.unseen)
                struck.setdefault(page, []).extend(cell.struck)
        doubled: dict[int, list[Character]] = {}
        asked = {(seen.page, seen.box) for seen in observations} if self._crowded else set()
        for page, box in sorted(self._crowded & asked):
            for char in self._drawn.covered(page, box):
                alike = self._alike(page, char)
                if not alike:
                    unseen.setdefault(page, []).append(char)
                elif alike > 1:
                    doubled.setdefault(page, []).append(char)
        if any((*unseen.values(), *struck.values(), *doubled.values())):
            return Findings(unseen, struck, {}, doubled)
        return Findings({}, {}, self._renamed([seen for seen in observations if seen.page not in adrift]))

    def _renamed(self, observations: Iterable[Observation]) -> Mapping[int, Sequence[Renamed]]:
        """Return the characters whose shape says another digit than the file, by the number of their page.

        Of a text layer only those count whose cell shows each mark in the place of its character: elsewhere a
        shape may be a part of a digit, and the half of an 8 is like a 5.
        """
        renamed = shapes_to_renamed(self._judged)
        if not renamed:
            return {}
        pages = _by_page(seen for seen in observations if seen.page in renamed)
        layers = {page: on_it for page, on_it in pages.items() if self._is_layer(page, on_it)}
        return {
            page: [one for one in renamed[page] if self._is_whole(one.character, layers[page])]
            if page in layers
            else renamed[page]
            for page in pages
        }

    def _is_whole(self, char: Character, observations: Iterable[Observation]) -> bool:
        """Whether the picture shows a character of a text layer whole, and all others of its cell."""
        return any(
            char in characters and self._is_as_drawn(page, characters)
            for page, on_page in self._cells_by_page(observations)
            for characters in on_page.cells.values()
        )

    def _adrift(self, observations: Iterable[Observation]) -> set[int]:
        """Return the pages over whose pictures a text layer lies in other places than what it reads.

        They do not show all of it, and it is not hidden: what they show in its places says nothing.
        """
        hiding = {page for (page, _), look in self._looks.items() if look.unseen}
        if not hiding:
            return hiding
        pages = _by_page(seen for seen in observations if seen.page in hiding)
        return {page for page, on_it in pages.items() if self._is_layer(page, on_it)}

    def _is_layer(self, page: int, observations: Sequence[Observation]) -> bool:
        """Whether most of the cells of a page that hold a text hold that of a program for OCR."""
        pictures = self._drawn.pictures(page)
        filled = {seen.box for seen in observations if seen.raw}
        if not pictures:
            return False
        layered = self._layered_cells(observations, self._drawn.invisible_texts(page), pictures)
        return 2 * sum((page, box) in layered for box in filled) > len(filled)

    def _alike(self, page: int, covered: Character) -> int:
        """Return how many characters like a covered one were read in its place; 0 if the page shows none.

        A number over an older one may have an equal digit there. pdfium may give one character for both.
        """
        alike = {
            (page, one.character)
            for one in self._shapes
            if (one.page, one.character.text) == (page, covered.text)
            and home_of(one.character.box, [covered.box])
        }
        return len(alike) if alike & shapes_to_confirmed(self._judged) else 0

    def confirmed(self, observations: Iterable[Observation]) -> set[Place]:
        """Return the cells of these observations of which the page shows what was read and nothing else.

        The net takes each of their digits for the one that was read. Of other characters (无, —), as of blank
        cells, the page says no more than that there is ink, or none.
        """
        looks = self.look(observations := list(observations))
        wanted = {
            (seen.page, seen.box): seen.raw
            for seen in observations
            if (look := looks.get((seen.page, seen.box))) and look.agrees and not look.renamed
        }
        digits = [shape for shape in self._shapes if shape.character.text.isdecimal()]
        shapes, sure = shapes_in(digits, list(wanted)), shapes_to_confirmed(self._judged)
        return {
            place
            for place, raw in wanted.items()
            if all((shape.page, shape.character) in sure for shape in shapes[place])
            and sorted(shape.character.text for shape in shapes[place]) == sorted(filter(str.isdecimal, raw))
        }

    def layer_cells(self, observations: Sequence[Observation], *, invisible: bool) -> dict[Place, bool]:
        """Return the cells that were read from a text that a program for OCR laid over or under a picture.

        `invisible` says that the file may print text in a mode in which nobody sees it. Each cell is said to
        be confirmed, or not, by the shapes that the page shows in the places of its digits. Where the text
        does not lie over the picture, no cell of the page is.
        """
        cells: dict[Place, bool] = {}
        adrift = self._adrift(observations)
        for page, on_it in _by_page(observations).items():
            hidden = self._drawn.invisible_texts(page) if invisible else []
            pictures = self._drawn.pictures(page)
            if hidden or pictures:
                cells |= self._layered_cells(on_it, hidden, pictures)
            if page in adrift:
                cells |= {(page, seen.box): False for seen in on_it}
        return cells

    def _layered_cells(
        self, observations: Iterable[Observation], hidden: Sequence[Box], pictures: Sequence[Box]
    ) -> dict[Place, bool]:
        """Return such cells of one page, with its texts that nobody sees and its large pictures."""
        confirmed, cells = shapes_to_confirmed(self._judged), dict[Place, bool]()
        for page, on_page in self._cells_by_page(observations):
            for box in self._layered(page, on_page, hidden, pictures):
                own = on_page.cells[box]
                digits = [char for char in own if char.text.isdecimal()]
                is_sure = all((page, char) in confirmed for char in digits)
                cells[page, box] = is_sure and self._is_as_drawn(page, own)
        return cells

    def _is_as_drawn(self, page: int, characters: Sequence[Character]) -> bool:
        """Whether the picture shows as many marks as a number has in a text layer, each in its place."""
        x0, top, x1, bottom = bounding_box([char.box for char in characters])
        reach = 2 * MARK_MAX_REACH
        picture = self._drawn.draw(page, Box(x0 - reach, top - reach, x1 + reach, bottom + reach))
        return picture is not None and are_marks_of(picture, characters)

    def _layered(
        self, page: int, on_page: PageCells, hidden: Sequence[Box], pictures: Sequence[Box]
    ) -> set[Box]:
        """Return the cells of a page with a text that leaves no ink on it."""
        layered = {
            cell
            for cell, characters in on_page.cells.items()
            if hidden and any(home_of(char.box, hidden) for char in characters)
        }
        pictured = {cell for cell in on_page.cells.keys() - layered if pictures and home_of(cell, pictures)}
        if not pictured:
            return layered
        (apart,) = self._drawn.draw_text_apart(page, [bounding_box([*pictured])], pictures=True)
        return layered | cells_without_print(apart, on_page, pictured) if apart else layered

    def _cells_by_page(self, observations: Iterable[Observation]) -> Iterator[tuple[int, PageCells]]:
        """Yield the pages of these observations, with the characters of their reader in each cell."""
        boxes: dict[tuple[str, int], dict[Box, str]] = {}
        for seen in observations:
            boxes.setdefault((seen.reader, seen.page), {})[seen.box] = seen.raw
        for (reader, page), cells in boxes.items():
            if raw := self._printed(reader, page):
                yield page, raw_to_cells(raw, page, cells, reader)


def _by_page(observations: Iterable[Observation]) -> dict[int, list[Observation]]:
    """Return observations by the number of their page."""
    pages: dict[int, list[Observation]] = {}
    for seen in observations:
        pages.setdefault(seen.page, []).append(seen)
    return pages
