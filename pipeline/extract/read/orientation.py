"""Turn boxes by quarter turns, from the page as displayed to the page as a person reads it, and back."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.records import Box


def turn(box: Box, quarters: int, width: float, height: float) -> Box:
    """Turn `box` clockwise with its page of `width` by `height` points, by `quarters` quarter turns."""
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
    """A page of `width` by `height` points as displayed; `quarters` clockwise turns make it readable."""

    width: float
    height: float
    quarters: int = 0

    @property
    def reading_size(self) -> tuple[float, float]:
        """Return width and height, in points, of the page as turned for reading."""
        return (self.height, self.width) if self.quarters % 2 else (self.width, self.height)

    def to_reading(self, box: Box) -> Box:
        """Turn a box on the page as displayed to the page as turned for reading."""
        return turn(box, self.quarters, self.width, self.height)

    def to_displayed(self, box: Box) -> Box:
        """Turn a box on the page as turned for reading back to the page as displayed."""
        if not self.quarters % 4:
            return box
        return turn(box, -self.quarters, *self.reading_size)
