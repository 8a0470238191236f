"""Train the net of pipeline/extract/read/picture/ink_digits.py: `python -m tools.ink_digits FONTS`.

FONTS is a folder with one folder of font files for each of Debian's packages in TRAINED_ON and HELD_OUT; the
latter are not trained on. Numbers as cells of the form hold them are drawn by pdfium, then spoilt as
printers, scanners and facsimiles do. It needs what the tests need, and no more. Seeds are fixed: the same
fonts, versions and machine give the same weights.

It writes the weights beside the module and prints how well they do on what was held out. `--measure` does
only the latter.
"""

from __future__ import annotations

import argparse
import ctypes
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from math import cos, pi
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.extract.digit_shapes import Floats, Layers, inputs_to_probabilities
from pipeline.extract.read.picture import ink_digits
from pipeline.extract.read.picture.ink_digits import (
    CLASSES,
    INK_WEIGHTS,
    LAYERS,
    LEAST_TOTAL,
    NONE,
    STRIP_DIGITS,
    Trellis,
    crop_to_ink,
    ink_to_strip,
    line_to_scale,
    shapes,
    strips_to_readings,
    texts_to_trellis,
    trellis_to_ways,
    vector_to_layers,
    windows,
)
from pipeline.extract.read.picture.pictures import Shades
from tools import digit_shapes
from tools.digit_shapes import CHINESE, COMMAS, DASHES, STOPS, Face, file_to_faces, folder_to_files, load_face

HELD_OUT = frozenset(
    {
        *("fonts-cns11643-sung", "fonts-motoya-l-cedar", "fonts-courier-prime", "fonts-inconsolata"),
        *("fonts-linuxlibertine", "fonts-paratype", "fonts-sil-gentium"),
    }
)
"""Packages never trained on, by which the training is judged."""

TRAINED_ON = frozenset(
    {
        *(digit_shapes.TRAINED_ON - {"fonts-cwtex-fs", "fonts-cwtex-ming", "fonts-noto-cjk"}),
        *("fonts-crosextra-caladea", "fonts-crosextra-carlito", "fonts-lato"),
    }
)
"""Packages trained on. What the benchmark of scans holds out is neither here nor above."""

USUAL = {
    *("fonts-arphic-gbsn00lp", "fonts-arphic-uming", "fonts-arphic-ukai", "fonts-arphic-gkai00mp"),
    *("fonts-arphic-bsmi00lp", "fonts-arphic-bkai00mp", "fonts-cns11643-kai", "fonts-cwtex-kai"),
    *(
        "fonts-cwtex-heib",
        "fonts-cwtex-yen",
        "fonts-wqy-microhei",
        "fonts-droid-fallback",
        "fonts-lxgw-wenkai",
    ),
    *("fonts-liberation2", "fonts-croscore", "fonts-crosextra-carlito", "fonts-crosextra-caladea"),
    *("fonts-arkpandora", "fonts-urw-base35", "fonts-texgyre", "fonts-stix"),
}
"""Packages of what Chinese offices print in: 宋体, 楷体, 黑体, the likes of Times, Arial and Calibri."""

SEED = 17
PAGES, PAGES_USUAL, PAGES_HELD_OUT = 1, 3, 2
"""Pages of CELLS_DOWN × CELLS_ACROSS numbers a face."""

CELLS_DOWN, CELLS_ACROSS = 40, 3
CELL_HEIGHT, CELL_WIDTH = 110, 640
"""Points of a number's own place on the page that is drawn; a point is a pixel."""

DRAWN_DIGITS = 44
"""Pixels. Digits are drawn so high, then made smaller."""

START = 40
"""Pixels from the left of its place to a number."""

LEFT_MIN_SHARE = 0.55
"""Share of a number's ink. With less left, nobody could read it."""

ALIKE = "OolI|"
UNITS = "件次份元万人项条个宗页户亩吨张处家"
OTHERS = CHINESE + UNITS + "约余无十日"
TEXT = digit_shapes.TEXT + UNITS + "约余"
COMPANIONS = (
    *("fonts-arphic-gbsn00lp", "fonts-arphic-uming", "fonts-arphic-ukai", "fonts-arphic-gkai00mp"),
    *("fonts-wqy-microhei", "fonts-cns11643-kai", "fonts-lxgw-wenkai"),
)
"""Packages of the Chinese characters beside digits of other fonts: 宋体, 楷体, 黑体."""

STANDARD = {
    "Helvetica": 0.556,
    "Helvetica-Bold": 0.556,
    "Times-Roman": 0.5,
    "Times-Bold": 0.5,
    "Courier": 0.6,
}


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


class Example(NamedTuple):
    """A strip, the class of each of its places, -1 where it may be either of two, and its characters."""

    strip: Shades
    kinds: npt.NDArray[np.int8]
    text: tuple[int, ...]


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
        return str(random.choice(list(DASHES))) * int(random.choice([1, 1, 1, 2]))
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
    return Written(_scanned(small, other, digits, random), marks, digits)


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


def _scanned(small: Floats, other: Shades, digits: float, random: np.random.Generator) -> Shades:
    """Return what a scanner or a facsimile makes of a print of its resolution."""
    if random.random() < 0.15:
        _scratch(small, digits, random)
    if random.random() < 0.25:
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


# --- examples ----------------------------------------------------------------


def written_to_example(written: Written, random: np.random.Generator) -> Example | None:
    """Return what the net is told of a number, None where no ink is left."""
    found = crop_to_ink(written.shades)
    usual = random_usual(written.digits, random)
    strip = ink_to_strip(found, usual)
    if strip is None or found.line is None:
        return None
    scale, left, _ = line_to_scale(found.line, usual)
    if not 0.4 < scale * written.digits / STRIP_DIGITS < 1.9 or len(strip) > 400:
        return None
    kinds = marks_to_kinds(written.marks, scale, left, len(strip) // 2)
    return Example(strip, kinds, tuple(mark.kind for mark in written.marks))


def random_usual(digits: float, random: np.random.Generator) -> float:
    """Return how high lines of a page with such digits may usually be: higher, if they have units."""
    if random.random() < 0.1:
        return 0.0
    return digits * (random.uniform(0.92, 1.1) if random.random() < 0.7 else random.uniform(1.1, 1.4))


def marks_to_kinds(marks: Sequence[Mark], scale: float, left: float, places: int) -> npt.NDArray[np.int8]:
    """Return the class of each place of a strip that begins at a column of the picture."""
    kinds = np.full(places, NONE, np.int8)
    at = np.arange(places) * 2 + 1.0
    for mark in marks:
        away = np.abs(at - (mark.middle - left) * scale)
        wide = mark.width * scale
        kinds[(away <= max(0.45 * wide, 1.5)) & (kinds == NONE)] = -1
    for mark in marks:
        away = np.abs(at - (mark.middle - left) * scale)
        wide = CLASSES[mark.kind] in "-?"
        core = away <= max((0.35 if wide else 0.2) * mark.width * scale, 1.0)
        core[away.argmin()] = True
        kinds[core] = mark.kind
    return kinds


def marks_to_text(marks: Sequence[Mark]) -> str:
    """Return the text that characters make."""
    return "".join(CLASSES[mark.kind] for mark in marks)


def file_to_written(task: tuple[Path | str, Path, int, int]) -> list[tuple[str, list[Written]]]:
    """Return spoilt numbers in each face of a file, or in a font that pdfium has, with the face's name.

    The second part of a task is a file of Chinese characters to draw beside.
    """
    file, beside, pages, seed = task
    cv2.setNumThreads(1)
    if isinstance(file, str):
        advances = {chr(code): STANDARD[file] if chr(code).isdigit() else 0.8 for code in range(33, 126)}
        advances |= {".": 0.3, ",": 0.3, "-": 0.35, "/": 0.3, "(": 0.35, ")": 0.35}
        faces = [Face(b"", file, advances, 0.7)]
    else:
        try:
            faces = list(file_to_faces(file, TEXT))
        except Exception as error:  # a font that fontTools cannot cut is left out, and named
            print(f"left out: {file.name}: {error!r}"[:150])
            return []
    found = []
    for number, face in enumerate(faces):
        random = np.random.default_rng((SEED, seed, number))
        drawn = [one for _ in range(pages) for one in face_to_written(face, companion(beside), random)]
        others = random.permutation(len(drawn))
        spoilt = [spoil(one, drawn[at].shades, random) for one, at in zip(drawn, others, strict=True)]
        found.append((face.name, spoilt))
    return [pair for pair in found if pair[1]]


@cache
def companion(file: Path) -> Face:
    """Return the face of a file of Chinese characters."""
    return next(file_to_faces(file, TEXT))


def file_to_examples(task: tuple[Path | str, Path, int, int]) -> list[Example]:
    """Return the examples of all faces of a file."""
    random = np.random.default_rng((SEED, task[-1]))
    examples = [written_to_example(one, random) for _, written in file_to_written(task) for one in written]
    return [one for one in examples if one is not None]


def fonts_to_tasks(fonts: Path, held_out: bool) -> list[tuple[Path | str, Path, int, int]]:
    """Return each font file trained on or held out, one for beside it, its count of pages, and its seed."""
    folders = [fonts / name for name in sorted(HELD_OUT if held_out else TRAINED_ON)]
    if missing := [folder.name for folder in folders if not folder.is_dir()]:
        raise SystemExit(f"{fonts} lacks {', '.join(missing)}")
    files: list[tuple[Path | str, int]] = []
    for folder in folders:
        pages = PAGES_HELD_OUT if held_out else PAGES_USUAL if folder.name in USUAL else PAGES
        files += [(file, pages) for file in folder_to_files(folder)]
    if not held_out:
        files += [(name, PAGES_USUAL) for name in STANDARD]
    beside = [folder_to_files(fonts / name)[0] for name in COMPANIONS]
    return [
        (file, beside[at % len(beside)], pages, at + 10_000 * held_out)
        for at, (file, pages) in enumerate(files)
    ]


def folder_to_examples(fonts: Path) -> list[Example]:
    """Return the examples of all fonts trained on."""
    with ProcessPoolExecutor(2) as pool:
        found = pool.map(file_to_examples, fonts_to_tasks(fonts, held_out=False), chunksize=4)
        return [example for some in found for example in some]


# --- training ------------------------------------------------------------------

EPOCHS, BATCH = 4, 96
SORTED = 16
"""Batches that are sorted by length together."""

LOG_MIN = -60.0
"""Log probability. A text below it cannot be said in its places, or cannot be read."""

RATE_MAX, DECAY = 2e-3, 2e-5


def examples_to_layers(examples: Sequence[Example], random: np.random.Generator) -> Layers:
    """Return a net trained on examples: Adam, with a rate that rises, then falls to nothing.

    In the first epoch it is told what stands at each place. From then on it is told the text alone, and may
    say each character where it sees it best.
    """
    count = sum((wide + 1) * narrow for wide, narrow in shapes())
    vector = np.zeros(count, np.float32)
    layers = vector_to_layers(vector)
    for matrix, _ in layers:
        matrix[:] = random.normal(0, (2 / len(matrix)) ** 0.5, matrix.shape)
    slope, mean, square = (np.zeros_like(vector) for _ in range(3))
    slopes = vector_to_layers(slope)
    step, steps = 0, EPOCHS * (len(examples) // BATCH)
    for epoch in range(EPOCHS):
        losses = []
        for batch in examples_to_batches(examples, random):
            losses.append(_slopes(layers, slopes, batch, places_are_told=epoch == 0))
            step += 1
            share = step / steps
            rate = RATE_MAX * min(share / 0.05, 0.5 + 0.5 * cos(pi * share))
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope * slope - square)
            fixed = np.sqrt(square / (1 - 0.999**step)) + 1e-8
            vector -= rate * (mean / (1 - 0.9**step) / fixed + DECAY * vector)
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.5f}", flush=True)
    return layers


def examples_to_batches(examples: Sequence[Example], random: np.random.Generator) -> Iterator[list[Example]]:
    """Yield all examples, those of about one length together."""
    order = random.permutation(len(examples))
    for start in range(0, len(order) - BATCH + 1, BATCH * SORTED):
        some = sorted(order[start : start + BATCH * SORTED], key=lambda place: len(examples[place].strip))
        for at in random.permutation(len(some) // BATCH):
            yield [examples[place] for place in some[at * BATCH : (at + 1) * BATCH]]


def _slopes(layers: Layers, slopes: Layers, batch: Sequence[Example], places_are_told: bool) -> float:
    """Write the slopes of the loss into `slopes`; return the loss: a place's, or a text's."""
    values: Floats = np.concatenate([one.strip for one in batch]).astype(np.float32)
    values /= 255
    inputs, lengths = [], []
    for place, (matrix, bias) in enumerate(layers[:-1]):
        lengths.append(len(values))
        seen = windows(values, *LAYERS[place][:2]) if place < len(LAYERS) else values
        inputs.append(seen)
        values = np.maximum(seen @ matrix + bias, 0)
    inputs.append(values)
    found = inputs_to_probabilities(values, layers[-1:])
    loss, back = (_loss_of_places if places_are_told else loss_of_texts)(found, batch)
    for place in reversed(range(len(layers))):
        matrix, _ = layers[place]
        np.matmul(inputs[place].T, back, out=slopes[place][0])
        np.sum(back, axis=0, out=slopes[place][1])
        if place == 0:
            break
        back = back @ matrix.T
        if place < len(LAYERS):
            columns, step, _ = LAYERS[place]
            back = _unwindowed(back, columns, step, lengths[place])
            own = inputs[place].reshape(len(inputs[place]), columns, -1)
            back *= own[:, (columns - step) // 2] > 0
        else:
            back *= inputs[place] > 0
    return loss


def _loss_of_places(found: Floats, batch: Sequence[Example]) -> tuple[float, Floats]:
    """Return the cross entropy of a place, and its slopes."""
    kinds = np.concatenate([one.kinds for one in batch])
    sure = np.flatnonzero(kinds >= 0)
    told = kinds[sure].astype(np.intp)
    back = np.zeros_like(found)
    back[sure] = found[sure]
    back[sure, told] -= 1
    back /= len(sure)
    return float(-np.log(found[sure, told] + 1e-12).mean()), back


def loss_of_texts(found: Floats, batch: Sequence[Example]) -> tuple[float, Floats]:
    """Return the cross entropy of a text, and its slopes: connectionist temporal classification.

    Forwards and backwards, the ways of saying a text in so many places are summed up; each place is to say
    what it says in those ways, as often as they do.
    """
    ends = np.cumsum([len(one.kinds) for one in batch])
    trellis = texts_to_trellis(np.split(found, ends[:-1]), [one.text for one in batch])
    forth, log = trellis_to_ways(trellis)
    back = ways_back(trellis)
    shares = forth * back
    shares /= np.maximum(shares.sum(axis=2, keepdims=True), LEAST_TOTAL)
    said = shares @ np.eye(len(CLASSES), dtype=np.float32)[trellis.states]
    parts = [said[at, : len(one.kinds)] for at, one in enumerate(batch)]
    slopes: Floats = found - np.concatenate(parts)
    slopes[np.repeat(log < LOG_MIN, [len(one.kinds) for one in batch])] = 0
    slopes /= len(batch)
    return float(-np.maximum(log, LOG_MIN).mean()), slopes


def ways_back(trellis: Trellis) -> Floats:
    """Return the share of each state at each place, coming from the right; its own place does not count."""
    strips, length, most = trellis.shares.shape
    ways = np.zeros((strips, length, most), np.float32)
    now = np.zeros((strips, most), np.float32)
    now[np.arange(strips), trellis.shares[:, -1].argmax(axis=1)] = 1
    for at in reversed(range(length)):
        ways[:, at] = now
        seen = now * trellis.shares[:, at]
        now = seen.copy()
        now[:, :-1] += seen[:, 1:]
        now[:, :-2] += trellis.may_skip[:, 2:] * seen[:, 2:]
        now /= np.maximum(now.sum(axis=1, keepdims=True), LEAST_TOTAL)
    return ways


def _unwindowed(back: Floats, columns: int, step: int, length: int) -> Floats:
    """Return the slopes of columns, each the sum over the windows (with a step of 1) that see it."""
    parts = back.reshape(len(back), columns, -1)
    padded = np.zeros((length + columns - step, parts.shape[2]), np.float32)
    for column in range(columns):
        padded[column : column + step * len(parts) : step] += parts[:, column]
    before = (columns - step) // 2
    return padded[before : before + length]


# --- figures ---------------------------------------------------------------------

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98)
SIZES = ((0, 13), (13, 17), (17, 23), (23, 99))


def print_figures(fonts: Path) -> None:
    """Print how well the net reads numbers in faces that it was not trained on."""
    with ProcessPoolExecutor(2) as pool:
        found = pool.map(file_to_written, fonts_to_tasks(fonts, held_out=True), chunksize=2)
        pairs = [pair for some in found for pair in some]
    rows = []
    random = np.random.default_rng(SEED)
    for name, written in pairs:
        strips = [
            ink_to_strip(crop_to_ink(one.shades), one.digits * random.uniform(0.95, 1.05)) for one in written
        ]
        for one, reading in zip(written, strips_to_readings(strips), strict=True):
            rows.append((name, one.digits, marks_to_text(one.marks), *reading))
    print(f"held out: faces {len(pairs)}, numbers {len(rows):,}")
    for low, high in SIZES:
        some = [row for row in rows if low <= row[1] < high and "?" not in row[2]]
        print(f"digits {low}-{high} px: {len(some):,}")
        for least in THRESHOLDS:
            doubt = sum(row[4] < least or "?" in row[3] for row in some)
            wrong = sum(row[3] != row[2] and row[4] >= least and "?" not in row[3] for row in some)
            print(f"  at {least}: doubtful {doubt / len(some):.3%}, surely wrong {wrong / len(some):.4%}")


def main() -> None:
    """Train, write the weights, and print figures; with --measure only the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("fonts", type=Path)
    parser.add_argument("--measure", action="store_true", help="print the figures of the weights there are")
    options = parser.parse_args()
    if not options.measure:
        examples = folder_to_examples(options.fonts)
        places = sum(len(one.kinds) for one in examples)
        print(f"numbers trained on: {len(examples):,}; places {places:,}", flush=True)
        layers = examples_to_layers(examples, np.random.default_rng(SEED))
        vector = np.concatenate([part.ravel() for layer in layers for part in layer])
        np.save(INK_WEIGHTS, vector.astype(np.float16))
        ink_digits.weights.cache_clear()
    print_figures(options.fonts)


if __name__ == "__main__":
    main()
