"""Read the digits of a picture by a small net of our own: a second reading, of another kind than the first.

It knows nothing but digits and the signs beside them, it sees two digits' width at once, and it was trained
on other pictures than the recogniser. tools/ink_digits.py trains it and says how well it does on fonts that
it was not trained on.

The ink of a crop is drawn into a strip, in which digits have one height. The net says of every second column
of the strip which character has its middle there, or that none has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.digit_shapes import Floats, Layers, inputs_to_probabilities
from pipeline.extract.read.picture.pictures import InkReading, Shades

CLASSES = (*"0123456789", ".", ",", "-", "/", "%", "(", ")", "?", "")
"""What a column may be the middle of: a character, any dash, anything else ("?"), or nothing."""

NONE = len(CLASSES) - 1

STRIP_HEIGHT = 32
"""Pixels. What is above or below a line is seen as well: a raised digit, a ruling's remain."""

STRIP_DIGITS = 18
"""Pixels. The height of a line in the strip: of its digits, or of the Chinese characters beside them."""

STRIP_MARGIN = 16
"""Pixels. Columns of the strip before and behind the ink."""

STRIP_WHITE = 8
"""Pixels. So many of these are made white: the net sees 14 columns to each side, and no crop sees others."""

LAYERS = ((5, 2, 64), (7, 1, 96), (7, 1, 96))
"""Count of columns at once, of their step, and of units of the layers that look along the strip."""

LAST_UNITS = (64,)
"""Count of units of the layers behind them, which look at one place."""

BLANK_MAX_CONTRAST = 48
"""Shades of 256. Paper with less ink than this is blank."""

INK_MIN_PIXELS = 6
"""Count. So many pixels are as dark as ink is, at least: fewer are specks."""

INK_MIN_CONTRAST_SHARE = 0.5
"""Share of the darkest ink's contrast. What is lighter has no part in the height of a line."""

REMAIN_MAX_THICKNESS_SHARE = 0.1
"""Share of the height of the crop. A ruling's remain at the edge is no thicker."""

REMAIN_MIN_LENGTH_SHARE = 0.6
"""Share of the crop's side. A ruling's remain at the edge is no shorter."""

SPOT_MAX_SHARE = 0.14
"""Share of the height of the crop. Ink that begins at its left or right edge and is no larger is a spot.

A hair on a copy, 2.5 points long, began at a ruling and was a dash to both readers; cells are 20 points high.
"""

TALL_MIN_SHARE = 0.6
"""Share of the tallest piece of ink. What is lower is a sign, a speck, or a part of a digit."""

GAP_MIN_SHARE = 0.25
"""Share of the tallest piece of ink. Lines are as far apart, and the parts of a broken digit less."""

PALE_MIN_SHARE = 0.1
"""Share of the darkest ink's contrast. A column of the line that is so dark as a whole has ink in it."""

STOP_MIN_SHARE, STOP_MAX_SHARE = 0.1, 0.3
"""Share of the line's height. A stop's longer side is between, its foot no further from the line's."""

SPECK_MAX_SHARE = 0.2
"""Share of the line's height. What is smaller is no end of the line, but a speck or a full stop."""

LINE_MIN_SHARE, LINE_MAX_SHARE = 0.65, 1.4
"""Share of the usual height of lines. What is lower or higher is a dash, a speck, or no line alone."""

CLEAR_MIN_PROBABILITY = 0.9
"""Share of one. A text that is said so surely is not searched for others."""

SEARCHED_MIN_PROBABILITY = 0.005
"""Share of one. What a column shows less probably than this is not searched for."""

BEGINNINGS_MAX = 6
"""Count of the beginnings of texts that a search keeps."""

LEAST_TOTAL = 1e-30
"""Share of one. Lest anything is divided by nothing."""

DIGIT_LINE_MIN_HEIGHT = 8
"""Pixels. Lower ink is no digit, but a dash or a speck."""

NUMBER = re.compile(r"-?[0-9][0-9.,]*")
REPEATED = re.compile(r"([?-])\1+")
BETWEEN = re.compile(r"\s+")
ANY_DASHES = re.compile(r"[-‐‑‒–—―─−一ー_]+")
OTHER_CHARACTERS = re.compile(r"[^0-9.,/%()-]+")
"""A number; what is said once however often it is seen; blanks, other dashes, and all other characters."""

INK_WEIGHTS = Path(__file__).with_name("ink_digits.npy")


Pieces = npt.NDArray[np.int32]


class CropLine(NamedTuple):
    """Where a line of ink stands: its box, in pixels of a crop, top to bottom as high as its digits are."""

    top: float
    bottom: float
    left: int
    right: int


class CropInk(NamedTuple):
    """The ink of a crop: `shades` without rulings' remains, what is paper in them and how much darker ink is.

    `pieces` has a row for each piece of ink: left, top, width, height, count of pixels. There are none where
    the crop is blank.
    """

    shades: Shades
    paper: int
    contrast: int
    pieces: Pieces


class Trellis(NamedTuple):
    """The ways in which the places of strips can say texts: through states from left to right.

    States are nothing, the first character, nothing, the second, and so on: `states` has their classes
    (strips × states), `shares` the probability of each at each place (strips × places × states). Between two
    characters that differ, nothing may be skipped, as `may_skip` says of the second.
    """

    states: npt.NDArray[np.intp]
    may_skip: Floats
    shares: Floats


def crops_to_ink_readings(crops: Sequence[Shades]) -> list[InkReading]:
    """Return what the ink of each crop shows, in their order; lines one below another are one text.

    Crops of one page belong into one call: the usual height of their lines tells a dash from a speck. Any
    dash, however long, is one "-", and any run of other characters, such as a unit, is one "?".
    """
    inks = [crop_to_ink(crop) for crop in crops]
    return inks_to_readings(inks, [usual_height(inks)] * len(inks))


def inks_to_readings(inks: Sequence[CropInk], usual: Sequence[float]) -> list[InkReading]:
    """Return what each crop shows, given how high the lines of its page usually are (pixels)."""
    lines = [ink_to_lines(ink, height) for ink, height in zip(inks, usual, strict=True)]
    strips = [
        line_to_strip(ink, line, height)
        for ink, own, height in zip(inks, lines, usual, strict=True)
        for line in own
    ]
    readings = iter(strips_to_readings(strips))
    return [
        _joined([_with_all_stops(next(readings), ink, line) for line in own])
        for ink, own in zip(inks, lines, strict=True)
    ]


def _with_all_stops(reading: InkReading, ink: CropInk, line: CropLine) -> InkReading:
    """Return the reading of a line; in doubt if a number is said without a stop that stands in the ink.

    Squeezed between two digits it is a column or two of the strip, and 7.9 would be 79.
    """
    said = reading.text.count(".") + reading.text.count(",")
    if not NUMBER.fullmatch(reading.text) or said >= _count_stops(ink.pieces, line):
        return reading
    return reading._replace(probability=min(reading.probability, 1 - reading.probability))


def _count_stops(pieces: Pieces, line: CropLine) -> int:
    """Return how many pieces on the line's foot are of the size of a stop, and have no other above them."""
    height = line.bottom - line.top
    left, top, wide, high, _ = pieces.T
    small = (wide <= STOP_MAX_SHARE * height) & (high <= STOP_MAX_SHARE * height)
    small &= np.maximum(wide, high) >= STOP_MIN_SHARE * height
    small &= np.abs(top + high - line.bottom) <= STOP_MIN_SHARE * height
    small &= (left > line.left) & (left + wide < line.right)
    tall = pieces[high >= TALL_MIN_SHARE * height]
    apart = (left[:, None] >= tall[:, 0] + tall[:, 2]) | ((left + wide)[:, None] <= tall[:, 0])
    return int(np.count_nonzero(small & apart.all(axis=1)))


def _joined(readings: Sequence[InkReading]) -> InkReading:
    """Return the reading of the lines of a crop."""
    text = REPEATED.sub(r"\1", "".join(reading.text for reading in readings))
    return InkReading(text, min((reading.probability for reading in readings), default=1.0))


def text_to_ink_text(text: str) -> str:
    """Return what the ink of a cell would be read as if another reader's text of it were right.

    Two readings of one cell agree if this is equal to the ink's own.
    """
    plain = BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return OTHER_CHARACTERS.sub("?", ANY_DASHES.sub("-", plain))


# --- from a crop to a strip --------------------------------------------


def crop_to_ink(crop: Shades) -> CropInk:
    """Return the ink of a crop."""
    blank = np.zeros((0, 5), np.int32)
    if not crop.size:
        return CropInk(crop, 255, 0, blank)
    counts = np.cumsum(cv2.calcHist([crop], [0], None, [256], [0, 256]))
    paper = int(np.searchsorted(counts, crop.size / 2))
    contrast = paper - int(np.searchsorted(counts, INK_MIN_PIXELS))
    if contrast < BLANK_MAX_CONTRAST:
        return CropInk(crop, paper, contrast, blank)
    least = paper - INK_MIN_CONTRAST_SHARE * contrast
    inked = np.asarray(cv2.threshold(crop, int(least), 1, cv2.THRESH_BINARY_INV)[1], np.uint8)
    mask = _without_edges(inked)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = np.asarray(boxes, np.int32)
    remains = _are_remains(pieces, crop.shape)
    remains[0] = False
    if remains.any():
        mask[remains[labels]] = 0
    if np.count_nonzero(mask) < np.count_nonzero(inked):
        spread = cv2.dilate(inked - mask, np.ones((3, 3), np.uint8))
        crop = np.where(spread > 0, np.uint8(paper), crop)
    return CropInk(crop, paper, contrast, pieces[1:][~remains[1:]])


def _without_edges(mask: Shades) -> Shades:
    """Return a mask of ink without the rulings that run along its edges."""
    found = mask.copy()
    thick = max(int(REMAIN_MAX_THICKNESS_SHARE * len(mask)), 1)
    for turn in range(4):
        turned = np.rot90(found, turn)
        long = REMAIN_MIN_LENGTH_SHARE * turned.shape[1]
        ruled = np.flatnonzero(turned[:thick].sum(axis=1, dtype=np.int32) >= long)
        if ruled.size:
            turned[: ruled[-1] + 1] = 0
    return found


def _are_remains(pieces: Pieces, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return which pieces of ink are what rulings left at the edges of the crop, or spots beside these."""
    height, width = shape
    left, top, wide, high, _ = pieces.T
    thick = REMAIN_MAX_THICKNESS_SHARE * height
    beside = (left <= 1) | (left + wide >= width - 1)
    upright = beside & (wide <= thick)
    level = ((top <= 1) | (top + high >= height - 1)) & (high <= thick)
    return np.asarray(
        beside & (np.maximum(wide, high) <= SPOT_MAX_SHARE * height)
        | upright & (high >= REMAIN_MIN_LENGTH_SHARE * height)
        | level & (wide >= REMAIN_MIN_LENGTH_SHARE * width)
    )


def ink_to_lines(ink: CropInk, usual: float) -> list[CropLine]:
    """Return the lines of a crop from top to bottom; `usual` is their usual height, 0 if it is not known."""
    tall = _tall_pieces(ink.pieces, usual)
    if not len(tall):
        return []
    gaps = tall[1:, 1] - np.maximum.accumulate(tall[:, 1] + tall[:, 3])[:-1]
    starts = np.flatnonzero(gaps >= GAP_MIN_SHARE * _middle(tall[:, 3])) + 1
    return [_pieces_to_line(own, ink) for own in np.split(tall, starts)]


def _tall_pieces(pieces: Pieces, usual: float) -> Pieces:
    """Return the pieces that are as high as their line, by their tops.

    Ink as high as usual decides, if there is such: neither what rulings and seals left, nor specks.
    """
    if not len(pieces):
        return pieces
    heights = pieces[:, 3]
    fit = (heights >= LINE_MIN_SHARE * usual) & (heights <= LINE_MAX_SHARE * usual)
    if not fit.any():
        low = heights <= LINE_MAX_SHARE * usual
        low |= not low.any()
        fit = low & (heights >= TALL_MIN_SHARE * heights[low].max())
    tall = pieces[fit]
    if tall[:, 3].max() < DIGIT_LINE_MIN_HEIGHT:
        return tall[[tall[:, 4].argmax()]]
    return tall[np.argsort(tall[:, 1])]


def _pieces_to_line(tall: Pieces, ink: CropInk) -> CropLine:
    """Return the line in which these tall pieces stand, and all beside them but specks.

    What is paler than pieces are belongs to it if it is near, lest a pale digit at an end is lost.
    """
    top, bottom = _top_and_bottom(tall)
    height, middles = bottom - top, ink.pieces[:, 1] + ink.pieces[:, 3] / 2
    beside = np.abs(middles - (top + bottom) / 2) <= height
    ends = ink.pieces[beside & (ink.pieces[:, 2:4].max(axis=1) >= SPECK_MAX_SHARE * height)]
    left, right = int(ends[:, 0].min()), int((ends[:, 0] + ends[:, 2]).max())
    start = max(left - int(height), 0)
    near = ink.shades[int(top) : int(bottom) + 1, start : right + int(height)]
    dark = ink.paper - cv2.blur(cv2.reduce(near, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F), (3, 1))[0]
    pale = np.flatnonzero(dark >= PALE_MIN_SHARE * ink.contrast) + start
    if pale.size:
        left, right = min(left, int(pale[0])), max(right, int(pale[-1]) + 1)
    return CropLine(top, bottom, left, right)


def _top_and_bottom(tall: Pieces) -> tuple[float, float]:
    return _middle(tall[:, 1]), _middle(tall[:, 1] + tall[:, 3])


def _middle(values: Pieces) -> float:
    """Return the median: numpy's own takes ten times as long for so few."""
    ordered, half = np.sort(values), len(values) // 2
    return float(ordered[half] + ordered[~half]) / 2


def usual_height(inks: Sequence[CropInk]) -> float:
    """Return the usual height of lines (pixels) in crops of one page, 0 where none has digits."""
    ends = [_top_and_bottom(_tall_pieces(ink.pieces, 0.0)) for ink in inks if len(ink.pieces)]
    heights = [bottom - top for top, bottom in ends if bottom - top >= DIGIT_LINE_MIN_HEIGHT]
    return float(np.median(heights)) if heights else 0.0


def line_to_scale(line: CropLine, usual: float) -> tuple[float, float, float]:
    """Return how much larger the strip is than the crop, and what column and row of the crop it begins at."""
    height, middle = line.bottom - line.top, (line.top + line.bottom) / 2
    if not usual:
        usual = height if height >= DIGIT_LINE_MIN_HEIGHT else max(height, (line.right - line.left) / 2)
    if not LINE_MIN_SHARE * usual <= height <= LINE_MAX_SHARE * usual:
        height = usual
    scale = STRIP_DIGITS / height
    return scale, line.left - STRIP_MARGIN / scale, middle - STRIP_HEIGHT / 2 / scale


def line_to_strip(ink: CropInk, line: CropLine, usual: float) -> Shades:
    """Return a line of a crop as the net sees it: columns × STRIP_HEIGHT, 255 where ink is darkest."""
    scale, left, top = line_to_scale(line, usual)
    right, bottom = line.right + STRIP_MARGIN / scale, top + STRIP_HEIGHT / scale
    width = max(round((right - left) * scale / 2) * 2, 2 * STRIP_MARGIN)
    x, y = max(int(left) - 1, 0), max(int(top) - 1, 0)
    shades = ink.shades[y : int(bottom) + 2, x : int(right) + 2]
    size = round(1 / scale)
    if size > 1:
        shades = np.asarray(cv2.blur(shades, (size, size)), np.uint8)
    centre = 0.5 / scale - 0.5
    matrix = np.array([[1 / scale, 0, left - x + centre], [0, 1 / scale, top - y + centre]])
    strip = cv2.warpAffine(
        shades,
        matrix,
        (width, STRIP_HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=ink.paper,
    )
    found = np.clip((ink.paper - strip.T.astype(np.float32)) * (255 / ink.contrast), 0, 255)
    found[:STRIP_WHITE] = found[-STRIP_WHITE:] = 0
    return np.ascontiguousarray(found.astype(np.uint8))


# --- from strips to readings ---------------------------------------------


def strips_to_readings(strips: Sequence[Shades]) -> list[InkReading]:
    """Return what each strip says."""
    if not strips:
        return []
    white = np.zeros((STRIP_MARGIN, STRIP_HEIGHT), np.uint8)  # what is beyond the ends must not matter
    told = strip_to_probabilities(np.concatenate([white, *strips, white]), weights())
    ends = (STRIP_MARGIN + np.cumsum([len(strip) for strip in strips])) // 2
    edge = STRIP_WHITE // 2
    return _readings(
        [told[end - len(strip) // 2 + edge : end - edge] for end, strip in zip(ends, strips, strict=True)]
    )


def _readings(parts: Sequence[Floats]) -> list[InkReading]:
    """Return the texts that strips say most probably."""
    texts = [_text(part) for part in parts]
    shares = _text_probabilities(parts, texts)
    doubtful = np.flatnonzero(shares < CLEAR_MIN_PROBABILITY)
    if doubtful.size:
        others = [parts[int(at)] for at in doubtful]
        found = [_searched_text(part) for part in others]
        shares[doubtful] = _text_probabilities(others, found)
        for at, text in zip(doubtful, found, strict=True):
            texts[at] = text
    return [
        InkReading("".join(CLASSES[kind] for kind in text), float(share))
        for text, share in zip(texts, shares, strict=True)
    ]


def _text_probabilities(parts: Sequence[Floats], texts: Sequence[Sequence[int]]) -> Floats:
    return np.exp(trellis_to_ways(texts_to_trellis(parts, texts))[1])


def strip_to_probabilities(strip: Shades, layers: Layers) -> Floats:
    """Return the probability of each of the CLASSES for each second column of a strip."""
    values: Floats = strip.astype(np.float32)
    values /= 255
    for (columns, step, _), (matrix, bias) in zip(LAYERS, layers, strict=False):
        values = windows(values, columns, step) @ matrix
        values += bias
        np.maximum(values, 0, out=values)
    return inputs_to_probabilities(values, layers[len(LAYERS) :])


def windows(values: Floats, columns: int, step: int) -> Floats:
    """Return for each place what stands in the columns around it, one place a row."""
    before = (columns - step) // 2
    padded = np.zeros((len(values) + columns - step, values.shape[1]), np.float32)
    padded[before : before + len(values)] = values
    seen = np.lib.stride_tricks.sliding_window_view(padded, columns, axis=0)[::step]
    return np.ascontiguousarray(seen.transpose(0, 2, 1)).reshape(len(seen), -1)


def _text(told: Floats) -> list[int]:
    """Return the classes that a strip's columns say, each run of one class once."""
    best = told.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=NONE))
    return [int(kind) for kind in best[starts] if kind != NONE]


def _searched_text(told: Floats) -> list[int]:
    """Return the text that is said most probably in all ways together: a search from left to right.

    Kept are the few most probable beginnings, each with how probably its last column is empty, or is not.
    """
    kept: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for shares in told:
        found: dict[tuple[int, ...], tuple[float, float]] = {}
        kinds = [int(kind) for kind in np.flatnonzero(shares[:NONE] >= SEARCHED_MIN_PROBABILITY)]
        for text, (empty, full) in kept.items():
            again = full * float(shares[text[-1]]) if text else 0.0
            _add(found, text, (empty + full) * float(shares[NONE]), again)
            for kind in kinds:
                before = empty if text and text[-1] == kind else empty + full
                _add(found, (*text, kind), 0.0, before * float(shares[kind]))
        best = sorted(found, key=lambda text: sum(found[text]), reverse=True)[:BEGINNINGS_MAX]
        kept = {text: found[text] for text in best}
    return list(next(iter(kept)))


def _add(
    found: dict[tuple[int, ...], tuple[float, float]], text: tuple[int, ...], empty: float, full: float
) -> None:
    before = found.get(text, (0.0, 0.0))
    found[text] = before[0] + empty, before[1] + full


def texts_to_trellis(parts: Sequence[Floats], texts: Sequence[Sequence[int]]) -> Trellis:
    """Return in which states the places of strips may be, that say these texts."""
    length, most = max(map(len, parts)) + 1, 2 * max(map(len, texts)) + 1
    states = np.full((len(parts), most), NONE)
    may_skip = np.zeros((len(parts), most), np.float32)
    shares = np.zeros((len(parts), length, most), np.float32)
    for at, (part, text) in enumerate(zip(parts, texts, strict=True)):
        count = 2 * len(text) + 1
        states[at, 1:count:2] = text
        may_skip[at, 3:count:2] = [before != after for before, after in pairwise(text)]
        shares[at, : len(part), :count] = part[:, states[at, :count]]
        shares[at, len(part) :, count - 1] = 1
    return Trellis(states, may_skip, shares)


def trellis_to_ways(trellis: Trellis) -> tuple[Floats, Floats]:
    """Return each state's share at each place, coming from the left, and the texts' log probabilities."""
    strips, length, most = trellis.shares.shape
    ways = np.zeros((strips, length, most), np.float32)
    log = np.zeros(strips, np.float32)
    now = np.zeros((strips, most), np.float32)
    now[:, 0] = 1
    for at in range(length):
        moved = now.copy()
        moved[:, 1:] += now[:, :-1]
        moved[:, 2:] += trellis.may_skip[:, 2:] * now[:, :-2]
        moved *= trellis.shares[:, at]
        total = np.maximum(moved.sum(axis=1), LEAST_TOTAL)
        now = moved / total[:, None]
        log += np.log(total)
        ways[:, at] = now
    return ways, log


@cache
def weights() -> Layers:
    """Return each layer's matrix and bias, as the file of weights holds them one after another."""
    return vector_to_layers(np.load(INK_WEIGHTS, allow_pickle=False).astype(np.float32))


def shapes() -> list[tuple[int, int]]:
    """Return the inputs and units of each layer."""
    found, wide = [], STRIP_HEIGHT
    for columns, _, units in LAYERS:
        found.append((wide * columns, units))
        wide = units
    return found + list(pairwise((wide, *LAST_UNITS, len(CLASSES))))


def vector_to_layers(vector: Floats) -> Layers:
    """Return the layers that a vector of all weights stands for."""
    layers, at = [], 0
    for wide, narrow in shapes():
        matrix = vector[at : at + wide * narrow].reshape(wide, narrow)
        at += wide * narrow
        layers.append((matrix, vector[at : at + narrow]))
        at += narrow
    return tuple(layers)
