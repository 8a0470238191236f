"""Where a number stands on the pages of a report: it is printed once more with numbers that stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

FROM, TO = 7301, 9899
"""Numbers that stand out: no year, of four digits, which fit every cell."""

DIGIT_HEIGHT = 0.73
"""Height of a digit, in sizes of its font."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands: its page, from 0, the middle of its line and its baseline, and its size.

    They are points of the page as it is stored, from the lower left.
    """

    page: int
    middle: float
    baseline: float
    size: float


def marks(count: int, rng: Random) -> tuple[str, ...]:
    """Return so many numbers that stand out."""
    return tuple(str(number) for number in rng.sample(range(FROM, TO), count))


def find_places(pdf: bytes, texts: Sequence[str]) -> tuple[Place, ...]:
    """Return where each text stands. Raises ValueError where it stands nowhere, or more than once."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage() for page in document]
        return tuple(_find(pages, text) for text in texts)


def _find(pages: Sequence[Any], text: str) -> Place:
    found = [(number, at) for number, page in enumerate(pages) for at in _all_of(page, text)]
    if len(found) != 1:
        raise ValueError(f"{text} stands {len(found)} times in the report")
    (number, at) = found[0]
    boxes = [pages[number].get_charbox(at + place) for place in range(len(text))]
    bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
    middle = (boxes[0][0] + boxes[-1][2]) / 2
    return Place(number, middle, bottom, (top - bottom) / DIGIT_HEIGHT)


def _all_of(page: Any, text: str) -> list[int]:
    """Return where the text begins on a page, each time."""
    searcher = page.search(text)
    found = []
    while (match := searcher.get_next()) is not None:
        found.append(match[0])
    return found
