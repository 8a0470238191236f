"""Draw numbers as cells of the form hold them, and spoil them as printers, scanners and facsimiles do.

tools/ink_digits.py trains its net on them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from math import cos, pi
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.extract.digit_shapes import Floats
from pipeline.extract.read.picture.ink_digits import CLASSES
from pipeline.extract.read.picture.pictures import Shades
from tools import digit_shapes
from tools.digit_shapes import CHINESE, COMMAS, DASHES, STOPS, Face, load_face

CELLS_DOWN, CELLS_ACROSS = 40, 3
CELL_HEIGHT, CELL_WIDTH = 110, 640
"""Points of a number's own place on the page that is drawn; a point is a pixel."""

DRAWN_DIGITS = 44
"""Pixels. Digits are drawn so high, then made smaller."""

START = 40
"""Pixels from the left of its place to a number."""

LEFT_MIN_SHARE = 0.55
"""Share of a number's ink. With less left, nobody could read it."""

DRAWN_DASHES = DASHES.replace("\u2011", "")
"""Some faces draw a sign in place of the hyphen that does not break."""

ALIKE = "OolI|"
UNITS = "件次份元万人项条个宗页户亩吨张处家"
OTHERS = CHINESE + UNITS + "约余无十日"
TEXT = digit_shapes.TEXT + UNITS + "约余"


class Mark(NamedTuple):
    """A character of a number: its middle and its width in pixels, and its class."""

    middle: float
    width: float
    kind: int


class Written(NamedTuple):
    """A number's picture, with its characters; `digits` is their height in pixels."""

    shades: Shades
    marks: tuple[Mark, ...]
    digits: float


# --- numbers ---------------------------------------------------------------


def random_text(random: np.random.Generator) -> str:
    """Return a number, or what else a cell of the form may hold."""
    text = _random_number(random)
    if text[-1] in "0123456789" and random.random() < 0.35:
        unit = str(random.choice(list(UNITS)))
        if random.random() < 0.2:
            unit = str(random.choice(["万元", "人次", "件次", "万人", "余件", "个工作日"]))
        text += str(random.choice(["", " "])) + unit
        if random.random() < 0.05:
            text = "约" + text
    return text


def _random_number(random: np.random.Generator) -> str:
    """Return a number without a unit, or what else a cell may hold."""
    digits = "".join(str(digit) for digit in random.integers(10, size=10))
    length = int(random.choice(range(1, 9), p=[0.3, 0.2, 0.16, 0.12, 0.1, 0.06, 0.04, 0.02]))
    number = digits[:length]
    way = random.random()
    if way < 0.52:
        return number
    if way < 0.58:
        return str(random.integers(10)) * int(random.integers(1, 5))
    if way < 0.68:
        return f"{int(digits[: length + 3]):,}"
    if way < 0.76:
        return f"{number}.{digits[-int(random.integers(1, 4)) :]}"
    if way < 0.78:
        return f"{int(digits[: length + 2]):,}.{digits[-2:]}"
    if way < 0.81:
        return f"{number[:2]}.{digits[-2:]}%" if random.random() < 0.5 else f"{number[:3]}%"
    if way < 0.87:
        return str(random.choice(list(DRAWN_DASHES))) * int(random.choice([1, 1, 1, 2]))
    if way < 0.89:
        return str(random.choice(list("-−－"))) + number
    if way < 0.91:
        return f"{number[:3]}{random.choice(list('-—'))}{digits[-2:]}"
    if way < 0.935:
        return "/"
    if way < 0.945:
        return f"{number[:3]}/{digits[-2:]}"
    if way < 0.96:
        return f"({number})"
    if way < 0.99:
        chinese = "".join(random.choice(list(OTHERS), size=int(random.integers(1, 4))))
        return str(random.choice(["", number])) + chinese
    return str(random.choice(list(ALIKE + "*:;=+#〇.")))


def char_to_kind(char: str) -> int:
    """Return the class of a character."""
    for sign, group in ((".", STOPS), (",", COMMAS), ("-", DASHES)):
        if char in group:
            return CLASSES.index(sign)
    return CLASSES.index(char if char in CLASSES and char else "?")


def face_to_written(face: Face, beside: Face | None, random: np.random.Generator) -> Iterator[Written]:
    """Yield a page full of numbers in a face, drawn by pdfium; `beside` has the characters that it lacks."""
    document = pypdfium2.PdfDocument.new()
    faces = [(one, load_face(document, one)) for one in (face, beside) if one is not None]
    if not faces[0][1]:
        return
    width, height = CELLS_ACROSS * CELL_WIDTH, CELLS_DOWN * CELL_HEIGHT
    page = document.new_page(width, height)
    places = []
    for at in range(CELLS_ACROSS * CELLS_DOWN):
        row, column = divmod(at, CELLS_ACROSS)
        corner = column * CELL_WIDTH, height - row * CELL_HEIGHT
        places.append((row, column, _write(document, page, faces, random, corner)))
    picture = page.render(scale=1, grayscale=True).to_numpy().squeeze().copy()
    document.close()
    for row, column, marks in places:
        top, left = row * CELL_HEIGHT, column * CELL_WIDTH
        shades = picture[top : top + CELL_HEIGHT, left : left + CELL_WIDTH]
        if marks and shades.min() < 128:
            yield Written(shades, marks, DRAWN_DIGITS)


def _write(
    document: Any,
    page: Any,
    faces: Sequence[tuple[Face, Any]],
    random: np.random.Generator,
    corner: tuple[int, int],
) -> tuple[Mark, ...]:
    """Write a number on its place of the page; return its characters as far as they have room."""
    text = random_text(random)
    narrow = random.uniform(0.65, 1.2) if random.random() < 0.25 else 1.0
    lean = random.uniform(0.1, 0.3) if random.random() < 0.05 else 0.0
    apart = random.uniform(-0.12, 0.15) if random.random() < 0.2 else 0.0
    bold = random.uniform(0.015, 0.05) if random.random() < 0.12 else 0.0
    raised = random.random() < 0.015 and len(text) > 1
    x, y = corner[0] + START + random.random(), corner[1] - 75 + random.random()
    size = DRAWN_DIGITS / faces[0][0].digits
    marks: list[Mark] = []
    for at, char in enumerate(text):
        if char == " ":
            x += size * random.uniform(0.2, 0.5)
            continue
        face, font = next((pair for pair in faces if char in pair[0].advances), (None, None))
        if face is None:
            continue
        last = raised and at == len(text) - 1 and char.isdigit()
        drawn = size * 0.6 if last else size
        wide = face.advances[char] * drawn * narrow
        if x + wide > corner[0] + CELL_WIDTH - 20:
            break
        place = x, y + (0.42 * DRAWN_DIGITS if last else 0)
        _put(document, page, font, char, drawn, bold * drawn, (narrow, lean, *place))
        middle = x - corner[0] + wide / 2 + lean * DRAWN_DIGITS / 2
        _add_mark(marks, Mark(middle, wide, CLASSES.index("?") if last else char_to_kind(char)))
        x += wide * (1 + (apart if char.isdigit() else max(apart, 0)))
    return tuple(marks)


def _add_mark(marks: list[Mark], mark: Mark) -> None:
    """Add a character to those before it; dashes, and others, are one together."""
    if marks and mark.kind == marks[-1].kind and CLASSES[mark.kind] in "-?":
        first = marks.pop()
        left, right = first.middle - first.width / 2, mark.middle + mark.width / 2
        mark = Mark((left + right) / 2, right - left, mark.kind)
    marks.append(mark)


def _put(
    document: Any,
    page: Any,
    font: Any,
    char: str,
    size: float,
    bold: float,
    place: tuple[float, float, float, float],
) -> None:
    """Put a character on a page: `place` is how narrow, how slanted, and where."""
    narrow, lean, x, y = place
    item = pdfium.FPDFPageObj_CreateTextObj(document, font, size)
    encoded = ctypes.create_string_buffer((char + "\0").encode("utf-16-le"))
    pdfium.FPDFText_SetText(item, ctypes.cast(encoded, ctypes.POINTER(ctypes.c_ushort)))
    if bold:
        pdfium.FPDFTextObj_SetTextRenderMode(item, pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE)
        pdfium.FPDFPageObj_SetStrokeWidth(item, bold)
    pdfium.FPDFPageObj_Transform(item, narrow, 0, lean, 1, x, y)
    pdfium.FPDFPage_InsertObject(page, item)


# --- printers, scanners, facsimiles ----------------------------------------


def spoil(written: Written, other: Shades, random: np.random.Generator) -> Written:
    """Return a number as a scan of a print of it shows it. `other` shines through from behind."""
    shades, marks = written.shades, written.marks
    if random.random() < 0.02:
        shades, marks = _struck(shades, marks, random)
    shades = _inked(shades, random)
    digits = float(random.choice([random.uniform(9.5, 17), random.uniform(13, 22), random.uniform(20, 46)]))
    scale = digits / written.digits
    wide = scale * (random.uniform(0.9, 1.1) if random.random() < 0.3 else 1.0)
    shades, marks = _cut(shades, marks, scale, random)
    shades, marks = _turned(shades, marks, random)
    size = max(round(shades.shape[1] * wide), 4), max(round(shades.shape[0] * scale), 4)
    wide = size[0] / shades.shape[1]
    small = np.asarray(cv2.resize(shades, size, interpolation=cv2.INTER_AREA), np.float32)
    marks = tuple(Mark(mark.middle * wide, mark.width * wide, mark.kind) for mark in marks)
    if random.random() < 0.02:
        small[:], marks = 255, ()
        (_dust if random.random() < 0.5 else _remain)(small, digits, random)
    scanned = _copied if random.random() < 0.35 else _scanned
    return Written(scanned(small, other, digits, random), marks, digits)


def _struck(
    shades: Shades, marks: tuple[Mark, ...], random: np.random.Generator
) -> tuple[Shades, tuple[Mark, ...]]:
    """Return a number that was struck out: nothing of it is a digit any more."""
    shades = shades.copy()
    right = round(marks[-1].middle + marks[-1].width / 2 + random.uniform(0, 10))
    middle = 75 - DRAWN_DIGITS // 2
    rise, thick = int(random.integers(-8, 9)), int(random.integers(3, 7))
    for shift in (0, 10) if random.random() < 0.3 else (0,):
        start = START - int(random.integers(0, 10)), middle + rise + shift
        cv2.line(shades, start, (right, middle - rise + shift), 0, thick, cv2.LINE_AA)
    struck: list[Mark] = []
    for mark in marks:
        _add_mark(struck, mark._replace(kind=CLASSES.index("?")))
    return shades, tuple(struck)


def _inked(shades: Shades, random: np.random.Generator) -> Shades:
    """Return a print with more or less ink than it should have, if enough of it is left to be read."""
    way = random.random()
    inked: npt.NDArray[Any] = shades
    if way < 0.2:
        inked = cv2.erode(shades, np.ones(random.integers(2, 6, size=2), np.uint8))
    elif way < 0.32:
        inked = cv2.dilate(shades, np.ones(random.integers(2, 4, size=2), np.uint8))
    elif way < 0.42:
        ragged = cv2.GaussianBlur(shades.astype(np.float32), (0, 0), 1.5)
        rough = cv2.GaussianBlur(random.normal(0, 1, shades.shape).astype(np.float32), (0, 0), 2.0)
        inked = np.where(ragged + rough * random.uniform(100, 500) < 128, 0, 255).astype(np.uint8)
    enough = LEFT_MIN_SHARE * np.count_nonzero(shades < 128)
    return np.asarray(inked, np.uint8) if np.count_nonzero(inked < 128) >= enough else shades


def _cut(
    shades: Shades, marks: tuple[Mark, ...], scale: float, random: np.random.Generator
) -> tuple[Shades, tuple[Mark, ...]]:
    """Return a number with the margins that its cell leaves it."""
    ink = np.flatnonzero(shades.min(axis=0) < 200)
    rows = np.flatnonzero(shades.min(axis=1) < 200)
    left, right, above, below = random.integers(2, 14, size=4) / scale
    if random.random() < 0.4:
        left, right = random.integers(10, 60, size=2) / scale
    top, bottom = round(above), round(below)
    start, end = round(left), round(right)
    part = shades[rows[0] : rows[-1] + 1, ink[0] : ink[-1] + 1]
    padded = cv2.copyMakeBorder(part, top, bottom, start, end, cv2.BORDER_CONSTANT, value=255)
    shift = start - int(ink[0])
    return np.asarray(padded, np.uint8), tuple(mark._replace(middle=mark.middle + shift) for mark in marks)


def _turned(
    shades: Shades, marks: tuple[Mark, ...], random: np.random.Generator
) -> tuple[Shades, tuple[Mark, ...]]:
    """Return a number that stands a little askew."""
    if random.random() < 0.5:
        return shades, marks
    turn, lean = random.normal(0, 0.008), random.normal(0, 0.02)
    height, width = shades.shape
    matrix = np.array([[1, lean, -lean * height / 2], [turn, 1, -turn * width / 2]])
    turned = cv2.warpAffine(shades, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(turned, np.uint8), marks


def _copied(small: Floats, other: Shades, digits: float, random: np.random.Generator) -> Shades:
    """Return what a good scanner makes of a print of its resolution."""
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), random.uniform(0.25, 0.3 + digits / 30)), np.float32)
    small += random.normal(0, random.uniform(0, 6), small.shape).astype(np.float32)
    shades = np.clip(small, 0, 255).astype(np.uint8)
    if random.random() < 0.2:
        return np.where(shades < random.uniform(90, 190), 0, 255).astype(np.uint8)
    return _jpeg(shades, int(random.integers(50, 95))) if random.random() < 0.7 else shades


def _scanned(small: Floats, other: Shades, digits: float, random: np.random.Generator) -> Shades:
    """Return what a scanner or a facsimile makes of a print of its resolution."""
    if random.random() < 0.15:
        _scratch(small, digits, random)
    if random.random() < 0.15:
        _remain(small, digits, random)
    if random.random() < 0.3:
        _dust(small, digits, random)
    if random.random() < 0.04:
        _seal(small, digits, random)
    if random.random() < 0.15:
        small = _shine(small, other, random)
    fax = random.random() < 0.22
    blur = random.uniform(0.25, 0.6 if fax else 0.3 + digits / 18)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), blur), np.float32)
    ink = random.uniform(0, 120) if random.random() < 0.4 else random.uniform(0, 40)
    paper = random.uniform(225, 255) if random.random() < 0.4 else 255.0
    small *= (paper - ink) / 255
    small += ink
    noise = random.uniform(2, 22) if random.random() < 0.7 else 0.0
    small += random.normal(0, noise, small.shape).astype(np.float32)
    if fax:
        return _one_bit(small, ink, paper, random)
    shades = np.clip(small, 0, 255).astype(np.uint8)
    if random.random() < 0.7:
        shades = _jpeg(shades, int(random.integers(20, 92)))
    if random.random() < 0.3:
        light = np.clip(shades.astype(np.float32) * random.uniform(1.0, 1.25), 0, 255)
        shades = light.astype(np.uint8)
    return shades


def _one_bit(small: Floats, ink: float, paper: float, random: np.random.Generator) -> Shades:
    """Return black on white, as by a facsimile: by a threshold, or by a pattern of dots."""
    level: Floats | float = ink + (paper - ink) * random.uniform(0.3, 0.72)
    if random.random() < 0.12:
        pattern = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32)
        height, width = small.shape
        level = np.tile(pattern * 15, (height // 4 + 1, width // 4 + 1))[:height, :width] + 8
    shades = np.where(small < level, 0, 255).astype(np.uint8)
    if random.random() < 0.2:
        shades = np.asarray(cv2.medianBlur(shades, 3), np.uint8)
    if random.random() < 0.3:
        spots = random.random(shades.shape) < random.uniform(0.001, 0.01)
        shades[spots] = 255 - shades[spots]
    return shades


def _jpeg(shades: Shades, quality: int) -> Shades:
    _, data = cv2.imencode(".jpg", shades, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _scratch(small: Floats, digits: float, random: np.random.Generator) -> None:
    """Take ink away: along a row or a column, or in spots."""
    height, width = small.shape
    for _ in range(random.integers(1, 4)):
        way, row, column = random.integers(3), int(random.integers(height)), int(random.integers(width))
        thick = max(round(digits * random.uniform(0.03, 0.1)), 1)
        if way == 0:
            small[row : row + thick] = 255
        elif way == 1:
            small[:, column : column + thick] = 255
        else:
            cv2.circle(small, (column, row), thick, 255, -1)


def _remain(small: Floats, digits: float, random: np.random.Generator) -> None:
    """Leave a ruling, or a part of it, at an edge."""
    height, width = small.shape
    for side in random.permutation(4)[: random.integers(1, 3)]:
        thick = max(round(digits * random.uniform(0.03, 0.15)), 1)
        shade = float(random.choice([0, random.uniform(0, 200)]))
        long = height if side < 2 else width
        start, end = 0, long
        if random.random() < 0.5:
            start, end = sorted(int(place) for place in random.integers(0, long + 1, size=2))
        off = int(random.integers(0, 2))
        if side == 0:
            small[start:end, off : off + thick] = shade
        elif side == 1:
            small[start:end, width - off - thick : width - off] = shade
        elif side == 2:
            small[off : off + thick, start:end] = shade
        else:
            small[height - off - thick : height - off, start:end] = shade


def _dust(small: Floats, digits: float, random: np.random.Generator) -> None:
    """Put specks on the paper that are smaller than any sign."""
    height, width = small.shape
    for _ in range(random.integers(1, 6)):
        row, column = int(random.integers(height)), int(random.integers(width))
        size = random.uniform(0.02, 0.07) * digits
        shade = float(random.uniform(0, 180))
        if size < 0.7:
            small[row, column] = shade
        else:
            cv2.circle(small, (column, row), round(size), shade, -1)


def _seal(small: Floats, digits: float, random: np.random.Generator) -> None:
    """Let the ring of a seal cross the paper, paler than the ink."""
    height, width = small.shape
    radius = int(random.uniform(4, 12) * digits)
    angle = random.uniform(0, 2 * pi)
    place = int(random.integers(width)), int(random.integers(height))
    centre = int(place[0] + radius * cos(angle)), int(place[1] + radius * cos(angle - pi / 2))
    ring = np.full_like(small, 255)
    cv2.circle(ring, centre, radius, float(random.uniform(110, 220)), max(round(digits * 0.15), 1))
    np.minimum(small, ring, out=small)


def _shine(small: Floats, other: Shades, random: np.random.Generator) -> Floats:
    """Let what is printed behind shine through."""
    height, width = small.shape
    behind = cv2.resize(other[:, ::-1], (width, height), interpolation=cv2.INTER_AREA)
    behind = cv2.GaussianBlur(behind.astype(np.float32), (0, 0), 1.0)
    return np.asarray(small - (255 - behind) * random.uniform(0.04, 0.16), np.float32)
