"""Where a number stands on the pages of a report: it is printed once more with numbers that stand out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        return tuple(_only(list(_places_of(pages, text)), text) for text in texts)


def nearest_places(pdf: bytes, places: Sequence[Place], texts: Sequence[str]) -> tuple[Place, ...]:
    """Return where each text stands, next to a known place; that place where there is no text.

    Numbers of another length than the one that stood out may be aligned at their right ends.
    """
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage() for page in document]
        return tuple(_nearest(pages, *each) for each in zip(places, texts, strict=True))


def _nearest(pages: Sequence[Any], place: Place, text: str) -> Place:
    found = _places_of(pages, text) if text else ()
    return min(found, key=lambda each: _distance(each, place), default=place)


def _distance(one: Place, other: Place) -> tuple[int, float]:
    return abs(one.page - other.page), abs(one.middle - other.middle) + abs(one.baseline - other.baseline)


def _only(found: Sequence[Place], text: str) -> Place:
    if len(found) != 1:
        raise ValueError(f"{text} stands {len(found)} times in the report")
    return found[0]


def _places_of(pages: Sequence[Any], text: str) -> Iterator[Place]:
    for number, page in enumerate(pages):
        for at in _all_of(page, text):
            boxes = [page.get_charbox(at + place) for place in range(len(text))]
            bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
            middle = (boxes[0][0] + boxes[-1][2]) / 2
            yield Place(number, middle, bottom, (top - bottom) / DIGIT_HEIGHT)


def _all_of(page: Any, text: str) -> list[int]:
    """Return where the text begins on a page, each time."""
    searcher = page.search(text)
    found = []
    while (match := searcher.get_next()) is not None:
        found.append(match[0])
    return found
