"""Hold the digits that were read against the shapes that the pages show in their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.digit_shapes import (
    CLASSES,
    DIGITS,
    Crop,
    Floats,
    contradicted,
    crops_to_inputs,
    inputs_to_probabilities,
    weights,
)
from pipeline.extract.page_cells import Place
from pipeline.extract.read.glyphs import UNNAMED
from pipeline.records import Box, Character, Renamed

NAMED_MIN_PROBABILITY = 0.9
"""Share of one. A shape without a name is taken for a digit that is at least as probable."""

MAP_MIN_SHARE = 0.5
"""Share of the shapes that claim to be one digit. Where more are another, the font's map is wrong.

Taught by fonts that map 6 to 8 and 8 to 6: all shapes that claim to be a 6 are alike, and none is a 6.
"""

CLAIM_MIN_PROBABILITY = 0.5
"""Share of one. Where the map of a font is wrong, a shape that is what it claims is at least as probable.

Taught by a Type 3 font that declares boxes too wide: two digits stand in one, and the net knows neither.
"""

MARKS = tuple(map(CLASSES.index, "-.,"))
"""Classes of what stands in numbers and is less high than their digits."""

POINT = CLASSES.index(".")
"""Class of a decimal point."""

LIKE_POINTS = frozenset(".．。｡,，､、·•")
"""Characters that are drawn like a decimal point, or nearly so, and need not be one."""

MARK_MAX_HEIGHT = 0.5
"""Times the median height of the shapes. A minus sign or a point is less high, and no digit is."""

NO_NAME, LETTER, NO_DIGIT = -1, -2, -3
"""Number in place of the digit that a character is said to be. O and l are like digits, and are none."""

UNLIKE_MIN_RATIO = 3.0
"""Times the distance of the shapes of a digit from their mean. What is farther away is none of them."""

SOUND_MIN_PROBABILITY = 0.9
"""Share of one. The net is surer of all but 3 of 28,209 digits of sound reports."""

UNLIKE_MAX_PROBABILITY = 0.1
"""Share of one. A digit that is shown in part is at most as probable the one that it is said to be.

Halves of digits have .06 at most. The thin 1 of one font has .34.
"""

SOUND_MAX_DISTANCE = 5.0
"""Number of shades (of one) and sizes in sum. Digits of one font are less far from the nearest of their kind.

99 of 100 of 28,209 digits of sound reports are; a line through a digit makes it 5 to 50.
"""

COMPARED_MAX = 200
"""Count. With so many of its kind a digit is compared."""

MAP_MIN_SHAPES = 3
"""Count. Of fewer shapes of one digit, nothing can be said of a font's map."""


Numbers = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]


class Shape(NamedTuple):
    """A character where it was read in a cell, and the ink in that place."""

    page: int
    character: Character
    crop: Crop
    cell: Box


class Judged(NamedTuple):
    """Shapes as the net sees them, one a row: its inputs, its probabilities, and what each is said to be.

    Shapes of one of the `kinds` are equal, and are said to be the same.
    """

    shapes: Sequence[Shape]
    kinds: Numbers
    inputs: Floats
    probabilities: Floats
    claims: Numbers

    @property
    def claimed(self) -> Floats:
        """Return the probability that each shape is the digit that it is said to be."""
        claimed: Floats = self.probabilities[np.arange(len(self.claims)), self.claims]
        return claimed


def judge(shapes: Sequence[Shape]) -> Judged:
    """Ask the net about shapes, once about those that are equal, as four in five digits of a report are."""
    order: dict[tuple[object, ...], int] = {}
    kinds = np.array(
        [
            order.setdefault((shape.character.text, shape.crop.shape, shape.crop.tobytes()), len(order))
            for shape in shapes
        ],
        np.int64,
    )
    _, firsts = np.unique(kinds, return_index=True)
    distinct = [shapes[at] for at in firsts.tolist()]
    inputs = crops_to_inputs([shape.crop for shape in distinct])
    probabilities = inputs_to_probabilities(inputs, weights())
    claims = np.array([_claim(shape.character.text) for shape in distinct], np.int64)
    return Judged(shapes, kinds, inputs[kinds], probabilities[kinds], claims[kinds])


def shapes_to_renamed(judged: Judged) -> Mapping[int, Sequence[Renamed]]:
    """Return the characters whose shape says another digit than the file, by the number of their page.

    Judged are all characters of a document in number cells. Two signs are needed. The net is sure of
    another digit. And the shape is more like those that claim to be that one than like those that claim to be
    its own, or most of the latter are another digit too: then the map of the font is wrong, and what the net
    is sure of is believed of every shape. A minus sign or a point is known by its height.
    """
    shapes, _, inputs, probabilities, claims = judged
    if not shapes:
        return {}
    renamed: dict[int, list[Renamed]] = {}
    found = (
        *_named(judged),
        *_misnamed(inputs, probabilities, claims),
        *_marks(inputs, probabilities, claims),
    )
    for at, shown in found:
        shape = shapes[at]
        renamed.setdefault(shape.page, []).append(Renamed(shape.character, CLASSES[shown]))
    return renamed


def shapes_to_confirmed(judged: Judged) -> set[tuple[int, Character]]:
    """Return the digits whose shape is the one that they are said to be, each with the number of its page.

    The net says so. Or it doubts that the shape is a digit, but not which one it would be, and the shape is
    like those in which it knows this digit: so it is with fonts that it was not trained on.
    """
    shapes, _, inputs, probabilities, claims = judged
    sure = (claims >= 0) & (judged.claimed >= CLAIM_MIN_PROBABILITY)
    likely = np.flatnonzero(~sure & (probabilities[:, :DIGITS].argmax(axis=1) == claims))
    known = {int(claim): np.flatnonzero(sure & (claims == claim)) for claim in np.unique(claims[sure])}
    confirmed = [
        *np.flatnonzero(sure),
        *(at for at in likely if _is_one_of(inputs, int(at), int(claims[at]), known)),
    ]
    return {(shapes[at].page, shapes[at].character) for at in confirmed}


def _is_one_of(inputs: Floats, at: int, claim: int, known: Mapping[int, Numbers]) -> bool:
    """Whether a shape is like the known shapes of the digit claimed, and less like those of others."""
    if claim not in known or len(known[claim]) < MAP_MIN_SHAPES or _is_unlike(inputs, at, known[claim]):
        return False
    distances = {
        digit: np.abs(inputs[at] - inputs[shapes].mean(axis=0)).sum() for digit, shapes in known.items()
    }
    return min(distances, key=distances.__getitem__) == claim


def shapes_in(shapes: Iterable[Shape], places: Sequence[Place]) -> dict[Place, list[Shape]]:
    """Return the shapes whose middle lies in each of these cells, each once."""
    found: dict[Place, list[Shape]] = {place: [] for place in places}
    single = list({(shape.page, shape.character): shape for shape in shapes}.values())
    if not (single and places):
        return found
    boxes = np.array([(shape.page, *shape.character.box) for shape in single])
    middles = np.column_stack([boxes[:, 0], (boxes[:, 1:3] + boxes[:, 3:]) / 2])
    lows = np.array([(page, box.x0, box.top) for page, box in places])
    highs = np.array([(page, box.x1, box.bottom) for page, box in places])
    inside = ((lows <= middles[:, None]) & (middles[:, None] <= highs)).all(axis=2)
    for at in np.flatnonzero(inside).tolist():
        found[places[at % len(places)]].append(single[at // len(places)])
    return found


def odd_cells(judged: Judged) -> tuple[set[Place], set[Place]]:
    """Return the cells with digits that the page may show otherwise than whole and plain.

    The net doubts them, or no other shape of the same digit is like them. Second come those of these cells
    with a digit that may be shown in part, whatever is drawn beside it.
    """
    sure = judged.claimed >= SOUND_MIN_PROBABILITY
    single = np.bincount(judged.kinds)[judged.kinds] == 1
    odd = ~sure
    odd[sure & single] = _distances(judged, sure & single, judged) > SOUND_MAX_DISTANCE
    odd &= judged.claims >= 0
    cut = odd & (judged.claimed <= UNLIKE_MAX_PROBABILITY)
    found, in_part = (
        {(judged.shapes[at].page, judged.shapes[at].cell) for at in np.flatnonzero(flags).tolist()}
        for flags in (odd, cut)
    )
    return found, in_part


def shapes_to_unlike(judged: Judged, alone: Judged) -> list[Shape]:
    """Return those of the shapes `alone` that are not the digit that they are said to be, or a part of it.

    Neither does the net take them for it, nor are they like one of those `judged`, which are all of the
    document.
    """
    doubted = alone.claimed <= UNLIKE_MAX_PROBABILITY
    doubted[doubted] = _distances(alone, doubted, judged) > SOUND_MAX_DISTANCE
    return [alone.shapes[at] for at in np.flatnonzero(doubted).tolist()]


def _distances(own: Judged, chosen: Flags, judged: Judged) -> Floats:
    """Return how far each of the shapes `chosen` is from the nearest other one of its digit.

    Others are those judged of which the net is sure. The distance is 0 where there is none.
    """
    places = np.flatnonzero(chosen)
    found, claims = np.zeros(len(places), np.float32), own.claims[places]
    sure = judged.claimed >= SOUND_MIN_PROBABILITY
    first = np.zeros(len(sure), np.bool_)
    first[np.unique(judged.kinds, return_index=True)[1]] = True
    firsts = np.flatnonzero(sure & first)
    compared = np.zeros(max(len(sure), len(own.shapes)), np.bool_)  # with themselves too
    for digit in {*claims.tolist()} & {*range(DIGITS)}:
        others = firsts[judged.claims[firsts] == digit][:COMPARED_MAX]
        if len(others) > 1 or np.count_nonzero(sure & (judged.claims == digit)) > 1:
            mine = np.flatnonzero(claims == digit)
            pair = own.inputs[places[mine]], judged.inputs[others]
            near, _ = cv2.batchDistance(*pair, cv2.CV_32F, normType=cv2.NORM_L1, K=min(2, len(others)))
            compared[others] = own is judged
            found[mine] = np.where(compared[places[mine]], near[:, -1], near[:, 0])
    return found


def _claim(text: str) -> int:
    """Return the digit that a character is said to be, or NO_NAME, LETTER or NO_DIGIT."""
    if len(text) == 1 and text.isdecimal():
        return int(text)
    if text == UNNAMED:
        return NO_NAME
    return LETTER if text.isascii() and text.isalpha() else NO_DIGIT


def _named(judged: Judged) -> Iterator[tuple[int, int]]:
    """Yield the indices of shapes without a name, each with the index of the class that it shows.

    A shape that is said to be no digit may show one too: a 7 that the font calls a slash. It may be a decimal
    point, if it is as low and its name is not drawn alike: one that the font calls a plus sign.
    """
    low, likeliest = _are_low(judged.inputs), judged.probabilities.argmax(axis=1)
    sure = judged.probabilities.max(axis=1) >= NAMED_MIN_PROBABILITY
    for at in np.flatnonzero((judged.claims < 0) & sure).tolist():
        shown, claim = int(likeliest[at]), judged.claims[at]
        is_point = shown == POINT and low[at] and judged.shapes[at].character.text not in LIKE_POINTS
        is_named = CLASSES[shown] if claim == NO_NAME else claim == NO_DIGIT and (shown < DIGITS or is_point)
        if is_named:
            yield at, shown


def _are_low(inputs: Floats) -> Flags:
    """Return of each shape whether it is as low as a minus sign or a point."""
    heights = inputs[:, -2]
    low: Flags = heights < MARK_MAX_HEIGHT * np.median(heights)
    return low


def _marks(inputs: Floats, probabilities: Floats, claims: Numbers) -> Iterator[tuple[int, int]]:
    """Yield the indices of minus signs, points and commas that claim to be digits, each with its class."""
    for at in np.flatnonzero((claims >= 0) & _are_low(inputs)):
        shown = int(probabilities[at].argmax())
        if shown in MARKS and probabilities[at, shown] >= NAMED_MIN_PROBABILITY:
            yield int(at), shown


def _misnamed(inputs: Floats, probabilities: Floats, claims: Numbers) -> Iterator[tuple[int, int]]:
    """Yield the indices of shapes that are another digit than the one claimed, each with that digit."""
    known = np.flatnonzero(claims >= 0)
    doubtful = known[contradicted(probabilities[known], list(claims[known]))]
    shown = probabilities[:, :DIGITS].argmax(axis=1)
    misnamed = {
        claim for claim in np.unique(claims[doubtful]) if _is_wrong_map(claims, known, doubtful, claim)
    }
    for claim in np.unique(claims[doubtful]):
        alike, own = doubtful[claims[doubtful] == claim], known[claims[known] == claim]
        if claim in misnamed:
            digit = int(np.bincount(shown[alike]).argmax())
            yield from ((int(at), digit) for at in own[probabilities[own, claim] < CLAIM_MIN_PROBABILITY])
            continue
        for at in alike:
            others = known[claims[known] == shown[at]]
            is_missing = not len(others) and np.count_nonzero(shown[alike] == shown[at]) >= MAP_MIN_SHAPES
            if (
                misnamed
                or is_missing
                or _is_nearer(inputs, at, np.setdiff1d(others, doubtful), np.setdiff1d(own, alike))
            ):
                yield int(at), int(shown[at])


def _is_wrong_map(claims: Numbers, known: Numbers, doubtful: Numbers, claim: int) -> bool:
    """Whether most of the shapes that claim to be one digit are another."""
    own = np.count_nonzero(claims[known] == claim)
    alike = np.count_nonzero(claims[doubtful] == claim)
    return bool(own >= MAP_MIN_SHAPES and alike > MAP_MIN_SHARE * own)


def _is_nearer(inputs: Floats, at: int, shown: Numbers, own: Numbers) -> bool:
    """Whether a shape is more like the mean of the shapes of another digit than like that of its own.

    Where no shape claims to be the other digit, it has to be unlike its own. Where there is none of its own,
    the net alone says so: a font may swap two digits that a report has once each.
    """
    if not len(own):
        return True
    if not len(shown):
        return len(own) >= MAP_MIN_SHAPES and _is_unlike(inputs, at, own)
    distance = np.abs(inputs[at] - inputs[shown].mean(axis=0)).sum()
    return bool(distance < np.abs(inputs[at] - inputs[own].mean(axis=0)).sum())


def _is_unlike(inputs: Floats, at: int, own: Numbers) -> bool:
    """Whether a shape is much farther from the mean of some shapes than any of them is."""
    mean = inputs[own].mean(axis=0)
    farthest = np.abs(inputs[own] - mean).sum(axis=1).max()
    return bool(np.abs(inputs[at] - mean).sum() > UNLIKE_MIN_RATIO * farthest)
