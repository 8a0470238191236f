"""Quarter turns: from the frame in which a page stores its marks to the one in which a person reads them."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.records import Box


def turn(box: Box, quarters: int, width: float, height: float) -> Box:
    """`box` after its page, `width` by `height` points, was turned clockwise by `quarters` × 90°."""
    x0, top, x1, bottom = box
    match quarters % 4:
        case 1:
            return Box(height - bottom, x0, height - top, x1)
        case 2:
            return Box(width - x1, height - bottom, width - x0, height - top)
        case 3:
            return Box(top, width - x1, bottom, width - x0)
        case _:
            return box


@dataclass(frozen=True, slots=True)
class PageOrientation:
    """A page `width` by `height` points as displayed, whose text a person reads after `quarters` turns."""

    width: float
    height: float
    quarters: int = 0

    @property
    def reading_size(self) -> tuple[float, float]:
        """Width and height as turned for reading."""
        return (self.height, self.width) if self.quarters % 2 else (self.width, self.height)

    def to_reading(self, box: Box) -> Box:
        """A displayed box in the reading frame."""
        return turn(box, self.quarters, self.width, self.height)

    def to_displayed(self, box: Box) -> Box:
        """A box of the reading frame on the displayed page."""
        if not self.quarters % 4:
            return box
        return turn(box, -self.quarters, *self.reading_size)
