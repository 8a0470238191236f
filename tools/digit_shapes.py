"""Train the net of pipeline/extract/digit_shapes.py: `python -m tools.digit_shapes FONTS`.

FONTS is a folder with one folder of font files for each of Debian's packages in TRAINED_ON and HELD_OUT; the
latter are not trained on. Every face is drawn by pdfium, at the sizes and in the dress of tables (bold,
slanted, narrow, grey, white on dark, beside neighbours). It needs what the tests need, and no more:
fontTools, pypdfium2, numpy. Seeds are fixed: the same fonts, versions and machine give the same weights.

It writes the weights beside the module and prints how well they do on what was held out. `--measure` does
only the latter.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from math import cos, pi
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium
from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from pipeline.extract.digit_shapes import (
    CLASSES,
    DIGITS,
    HIDDEN,
    INPUTS,
    SIZES,
    WEIGHTS,
    Crop,
    Floats,
    Layers,
    contradicted,
    crops_to_inputs,
    inputs_to_probabilities,
    vector_to_layers,
)

NAMES = """
    adf-accanthis adf-baskervald adf-berenis adf-gillius adf-ikarius adf-libris adf-mekanus adf-romande
    adf-switzera adf-tribun adf-universalis agave anonymous-pro arkpandora arphic-bkai00mp
    arphic-bsmi00lp arphic-gbsn00lp arphic-gkai00mp arphic-ukai arphic-uming averia-sans-gwf b612
    baekmuk cabin cantarell cardo clear-sans cmu cns11643-kai comic-neue croscore cwtex-fs cwtex-heib
    cwtex-kai cwtex-ming cwtex-yen dejavu-core dejima-mincho dosis droid-fallback ebgaramond
    fantasque-sans firacode freefont-ttf gfs-didot go hack hanazono horai-umefont hosny-amiri inter
    ipaexfont-mincho ipafont-gothic ipafont-mincho jetbrains-mono junicode karla klee league-mono
    liberation2 lmodern lxgw-wenkai manrope mononoki morisawa-bizud-gothic morisawa-bizud-mincho mplus
    nanum noto-cjk noto-core noto-mono ocr-b oldstandard open-sans opendin play quattrocento roboto-slab
    roboto-unhinted sawarabi-gothic sawarabi-mincho sil-andika sil-charis sil-doulos smiley-sans stix
    takao-gothic texgyre unfonts-core urw-base35 vlgothic wqy-microhei
"""
TRAINED_ON = frozenset(f"fonts-{name}" for name in NAMES.split())
"""Debian's packages of the fonts trained on: as many kinds of digits as there are, odd ones too."""

HELD_OUT = frozenset(
    {
        *("fonts-cns11643-sung", "fonts-motoya-l-cedar", "fonts-wqy-zenhei", "texlive-lang-chinese"),
        *("fonts-courier-prime", "fonts-crosextra-caladea", "fonts-crosextra-carlito", "fonts-inconsolata"),
        *("fonts-lato", "fonts-linuxlibertine", "fonts-paratype", "fonts-sil-gentium"),
    }
)
"""Packages never trained on: Chinese serifs, 仿宋, 楷体 and 黑体, monospace, serif and sans."""

SEED = 14
FACES_MAX = 16
"""Count of faces of one family, lest a family with fifty weights outweighs the others."""

PAGES_TRAINED, PAGES_HELD_OUT = 1, 5
"""Pages of 1600 characters a face. A digit in 100,000 is only seen among many."""

UNUSUAL = re.compile(
    r"(?i)thin|hairline|extralight|ultralight|caps|symbol|sym-|integral|nonunicode|math|braille|display|"
    r"dingbats|D05|swash|outline|emoji|_K$"
)
"""Faces that no table is printed in."""

NOT_ITS_DIGITS = frozenset({"LinLibertine_RZI onum"})
"""Faces whose table of old-style digits is wrong: it gives a 3 for a 9."""

NOTO_CORE = re.compile(r"Noto(Sans|Serif|SansMono)-")

DASHES, STOPS, COMMAS = "-‐‑–—−－﹣", ".．", ",，"
CLEAR = "ACDEFGHKLMNPRTUVWXYacdefhkmnprtuvwxy()[]{}%/×*+=:;<>#&?!'\"@$~"
CHINESE = "二三四五六七八九十百千万件年月日人无合计个总数条其他申请元不公开"
ALIKE = "OolIiSsZzBbgqJj|Q〇一丶、·"
"""Characters that stand for something else and look much like a digit or a sign: they weigh less."""

ALIKE_WEIGHT, SPOILT_WEIGHT = 0.15, 0.3
TEXT = "0123456789" + DASHES + STOPS + COMMAS + CLEAR + CHINESE + ALIKE
ELSE = len(CLASSES) - 1

CELL = 28
"""Points. Each character has a square of the page of its own."""

CELLS = 40
SCALE = 2.0
STANDARD = (
    *("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"),
    *("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"),
    *("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"),
)
"""Fonts that a file may name and not hold: pdfium draws them with its own."""


class Face(NamedTuple):
    """A font cut down to the characters needed; `advances` are in ems, `digits` their height."""

    data: bytes
    name: str
    advances: dict[str, float]
    digits: float


class Examples(NamedTuple):
    """Shapes to train on or held out: inputs in shares of 255, classes by index, and what each weighs."""

    inputs: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.intp]
    weights: Floats


# --- fonts ------------------------------------------------------------


def folder_to_files(folder: Path) -> list[Path]:
    """Return the font files of a family that tables may be printed in, at most FACES_MAX, spread over all."""
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in {".ttf", ".otf", ".ttc"} and not UNUSUAL.search(file.stem)
    )
    if "noto-core" in folder.name:
        files = [file for file in files if NOTO_CORE.match(file.name)]
    step = max(len(files) / FACES_MAX, 1)
    return [files[int(at * step)] for at in range(min(len(files), FACES_MAX))]


def file_to_faces(file: Path, text: str = TEXT) -> Iterator[Face]:
    """Yield a font's face as it is, and with its old-style digits or its slashed zero, if it has such.

    It has the characters of `text` alone.
    """
    yield from _with_feature(file, None, text)
    for feature in ("onum", "zero"):
        yield from _with_feature(file, feature, text)


def _with_feature(file: Path, feature: str | None, text: str) -> Iterator[Face]:
    font = TTFont(file, fontNumber=0, lazy=True)
    cmap = font.getBestCmap() or {}
    if not all(ord(digit) in cmap for digit in "0123456789"):
        return
    if feature is not None:
        swaps = _swaps(font, feature)
        changed = {ord(digit): swaps.get(cmap[ord(digit)]) for digit in "0123456789"}
        if not any(changed.values()):
            return
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap = {**table.cmap, **{code: name for code, name in changed.items() if name}}
    options = subset.Options(layout_features=[], notdef_outline=True)
    options.drop_tables += ["FFTM", "MATH"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    data = io.BytesIO()
    font.save(data)
    cmap, units, widths = font.getBestCmap(), font["head"].unitsPerEm, font["hmtx"]
    advances = {char: widths[cmap[ord(char)]][0] / units for char in text if ord(char) in cmap}
    pen = BoundsPen(font.getGlyphSet())
    font.getGlyphSet()[cmap[ord("8")]].draw(pen)
    if pen.bounds is None:
        return
    height = (pen.bounds[3] - pen.bounds[1]) / units
    name = file.stem if feature is None else f"{file.stem} {feature}"
    if name not in NOT_ITS_DIGITS:
        yield Face(data.getvalue(), name, advances, height)


def _swaps(font: TTFont, feature: str) -> dict[str, str]:
    """Return the glyphs that a feature puts for others, one for one."""
    if "GSUB" not in font:
        return {}
    table = font["GSUB"].table
    if table.FeatureList is None:
        return {}
    records = [record for record in table.FeatureList.FeatureRecord if record.FeatureTag == feature]
    found: dict[str, str] = {}
    for at in {at for record in records for at in record.Feature.LookupListIndex}:
        for part in table.LookupList.Lookup[at].SubTable:
            found |= getattr(getattr(part, "ExtSubTable", part), "mapping", {})
    return {before: after for before, after in found.items() if isinstance(after, str)}


# --- drawing ------------------------------------------------------------


class Drawn(NamedTuple):
    """A crop that was drawn, the class that it has, what it weighs, and its line's digit height in pixels."""

    crop: Crop
    kind: int
    weight: float
    digits: float


def text_to_class(char: str) -> tuple[int, float]:
    """Return the index of a character's class, and what it weighs."""
    if char in "0123456789":
        return int(char), 1.0
    for at, group in enumerate((DASHES, STOPS, COMMAS)):
        if char in group:
            return DIGITS + at, 1.0
    return ELSE, ALIKE_WEIGHT if char in ALIKE else 1.0


def _pick(face: Face, random: np.random.Generator, share: float) -> str:
    """Return a character to draw: a digit in this share of all cases."""
    if random.random() < share:
        return str(random.integers(DIGITS))
    groups = [DASHES, STOPS, COMMAS, CLEAR, CHINESE, ALIKE]
    there = [[char for char in group if char in face.advances] for group in groups]
    chances = np.array([0.18, 0.12, 0.12, 0.3, 0.16, 0.12]) * [bool(group) for group in there]
    group = there[random.choice(len(groups), p=chances / chances.sum())]
    return str(group[random.integers(len(group))])


def face_to_drawn(face: Face, random: np.random.Generator, share: float) -> Iterator[Drawn]:
    """Yield a page full of characters of a face, drawn by pdfium and cropped."""
    document = pypdfium2.PdfDocument.new()
    font = load_face(document, face)
    if not font:
        return
    page = document.new_page(CELLS * CELL, CELLS * CELL)
    dark = random.random() < 0.12
    if dark:
        _fill(page, int(random.integers(0, 110)))
    places = [_draw_one(document, page, font, face, random, share, at, dark) for at in range(CELLS**2)]
    picture = page.render(scale=SCALE, grayscale=True).to_numpy().squeeze().copy()
    document.close()
    if dark:
        picture = 255 - picture
    background = int(np.bincount(picture[:: CELL // 2].ravel(), minlength=256).argmax())
    picture = np.clip(picture.astype(np.int16) + (255 - background), 0, 255).astype(np.uint8)
    for text, box, digits in places:
        if (drawn := _crop(picture, text, box, digits, random)) is not None:
            yield drawn


def load_face(document: Any, face: Face) -> Any:
    """Return pdfium's handle of a face in a document."""
    if not face.data:
        return pdfium.FPDFText_LoadStandardFont(document, face.name.encode())
    data = (ctypes.c_uint8 * len(face.data)).from_buffer_copy(face.data)
    return pdfium.FPDFText_LoadFont(document, data, len(face.data), pdfium.FPDF_FONT_TRUETYPE, True)


def _fill(page: Any, shade: int) -> None:
    """Paint a whole page."""
    patch = pdfium.FPDFPageObj_CreateNewRect(0, 0, CELLS * CELL, CELLS * CELL)
    pdfium.FPDFPageObj_SetFillColor(patch, shade, shade, shade, 255)
    pdfium.FPDFPath_SetDrawMode(patch, pdfium.FPDF_FILLMODE_ALTERNATE, False)
    pdfium.FPDFPage_InsertObject(page, patch)


def _draw_one(
    document: Any,
    page: Any,
    font: Any,
    face: Face,
    random: np.random.Generator,
    share: float,
    at: int,
    dark: bool,
) -> tuple[str, tuple[float, float, float, float], float]:
    """Draw a character, perhaps between two digits; return it, its box in points, and the digits' height."""
    char = _pick(face, random, share)
    size = random.uniform(6, 16) if random.random() < 0.93 else random.uniform(16, 22)
    narrow = random.uniform(0.75, 1.15) if random.random() < 0.15 else 1.0
    lean = random.uniform(0.1, 0.33) if random.random() < 0.1 else 0.0
    digits = [str(digit) for digit in random.integers(DIGITS, size=2)]
    among = char.isascii() and char.isdigit() and random.random() < 0.35
    ems = face.advances[char] * size * narrow
    before = face.advances[digits[0]] * size * narrow if among else 0.0
    row, column = divmod(at, CELLS)
    x = column * CELL + max((CELL - ems) / 2, 1) + random.uniform(0, 0.5)
    y = CELLS * CELL - row * CELL - CELL / 2 - 0.35 * size + random.uniform(0, 0.5)
    shade = int(random.integers(60, 205)) if random.random() < 0.2 else 0
    color = 255 if dark else shade
    bold = random.uniform(0.015, 0.05) * size if random.random() < 0.1 else 0.0
    twice = random.uniform(0.1, 0.5) if random.random() < 0.08 else 0.0
    text = digits[0] + char + digits[1] if among else char
    for shift in (0.0, twice) if twice else (0.0,):
        item = pdfium.FPDFPageObj_CreateTextObj(document, font, size)
        encoded = ctypes.create_string_buffer((text + "\0").encode("utf-16-le"))
        pdfium.FPDFText_SetText(item, ctypes.cast(encoded, ctypes.POINTER(ctypes.c_ushort)))
        pdfium.FPDFPageObj_SetFillColor(item, color, color, color, 255)
        if bold:
            pdfium.FPDFTextObj_SetTextRenderMode(item, pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE)
            pdfium.FPDFPageObj_SetStrokeColor(item, color, color, color, 255)
            pdfium.FPDFPageObj_SetStrokeWidth(item, bold)
        pdfium.FPDFPageObj_Transform(item, narrow, 0, lean, 1, x - before + shift, y)
        pdfium.FPDFPage_InsertObject(page, item)
    top = row * CELL
    reach = 0.35 * size * lean
    if among:
        slip = random.normal(0, 0.03) * size + reach
        box = x + slip, top + 1.0, x + ems + slip, top + CELL - 1.0
    else:
        box = column * CELL + 0.0, top + 0.0, column * CELL + CELL + 0.0, top + CELL + 0.0
    return char, box, face.digits * size * SCALE


def _crop(
    picture: Crop,
    char: str,
    box: tuple[float, float, float, float],
    digits: float,
    random: np.random.Generator,
) -> Drawn | None:
    """Return what is drawn in a box, or what is left of it when it is spoilt; None where nothing is."""
    x0, top, x1, bottom = (max(round(side * SCALE), 0) for side in box)
    crop = picture[top:bottom, x0:x1]
    ink = crop < 255 - 0.3 * (255 - int(crop.min(initial=255)))
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size or crop.min() > 230:
        return None
    margin = random.integers(0, 3, size=4)
    crop = crop[
        max(rows[0] - margin[0], 0) : rows[-1] + 1 + margin[1],
        max(columns[0] - margin[2], 0) : columns[-1] + 1 + margin[3],
    ]
    kind, weight = text_to_class(char)
    known = digits * random.uniform(0.92, 1.08) if random.random() < 0.5 else 0.0
    if kind < DIGITS and min(crop.shape) > 3 and random.random() < 0.08:
        return Drawn(_spoilt(crop, picture, random), ELSE, SPOILT_WEIGHT, known)
    if kind < DIGITS and crop.shape[1] > 7 and random.random() < 0.04:
        crop = crop[:, 1:] if random.random() < 0.5 else crop[:, :-1]
    return Drawn(crop, kind, weight, known)


def _spoilt(crop: Crop, picture: Crop, random: np.random.Generator) -> Crop:
    """Return what is no longer a digit: half of it, one with another, one with a gap, or noise."""
    height, width = crop.shape
    way = random.integers(6)
    part = random.uniform(0.4, 0.6)
    if way == 0:
        return crop[: int(height * part)]
    if way == 1:
        return crop[int(height * part) :]
    if way == 2:
        return crop[:, : max(int(width * part), 2)]
    if way == 3:
        row, column = random.integers(CELLS, size=2) * int(CELL * SCALE)
        other = picture[row : row + int(CELL * SCALE), column : column + int(CELL * SCALE)]
        columns = np.flatnonzero((other < 200).any(axis=0))
        rows = np.flatnonzero((other < 200).any(axis=1))
        if not columns.size:
            return crop[: int(height * part)]
        other = other[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        pair = np.full((max(height, other.shape[0]), width + other.shape[1]), 255, np.uint8)
        pair[:height, :width] = crop
        pair[-other.shape[0] :, width:] = other
        return pair
    if way == 4:
        noise = random.integers(0, 256, size=(max(height // 3, 2), max(width // 3, 2)), dtype=np.uint8)
        return np.kron(noise, np.full((3, 3), 1, np.uint8))[:height, :width]
    patched = crop.copy()
    patched[:, random.integers(1, width - 1)] = 0
    patched[:, random.integers(1, width - 1)] = 0
    patched[random.integers(1, height - 1)] = 0
    return patched


# --- examples ------------------------------------------------------------


def drawn_to_examples(drawn: Sequence[Drawn]) -> Examples:
    """Return drawn characters as the net is told of them."""
    inputs = crops_to_inputs([one.crop for one in drawn], [one.digits for one in drawn])
    inputs[:, -SIZES:] /= 2
    return Examples(
        np.clip(inputs * 255 + 0.5, 0, 255).astype(np.uint8),
        np.array([one.kind for one in drawn], np.intp),
        np.array([one.weight for one in drawn], np.float32),
    )


def examples_to_inputs(inputs: npt.NDArray[np.uint8]) -> Floats:
    """Return packed inputs as the net takes them."""
    floats: Floats = inputs.astype(np.float32)
    floats /= 255
    floats[:, -SIZES:] *= 2
    return floats


def file_to_examples(task: tuple[Path | str, int, int, float]) -> list[tuple[str, Examples]]:
    """Return the examples of each face of a file, or of a font that pdfium has, with the face's name."""
    file, pages, seed, share = task
    faces: Iterable[Face]
    if isinstance(file, str):
        digit = {"C": 0.6, "H": 0.556, "T": 0.5}[file[0]]
        advances = {chr(code): digit if chr(code).isdigit() else 0.8 for code in range(33, 126)}
        faces = [Face(b"", file, {char: advances[char] for char in TEXT if char in advances}, 0.7)]
    else:
        try:
            faces = list(file_to_faces(file))
        except Exception as error:  # a font that fontTools cannot cut is left out, and named
            print(f"left out: {file.name}: {error!r}"[:150])
            return []
    found = []
    for number, face in enumerate(faces):
        random = np.random.default_rng((SEED, seed, number))
        drawn = [one for _ in range(pages) for one in face_to_drawn(face, random, share)]
        if len(drawn) > 100:
            found.append((face.name, drawn_to_examples(drawn)))
    return found


def folder_to_examples(fonts: Path, held_out: bool) -> tuple[list[str], list[Examples]]:
    """Return the examples of all faces of the families held out, or of all others, with their names."""
    folders = [fonts / name for name in sorted(HELD_OUT if held_out else TRAINED_ON)]
    if missing := [folder.name for folder in folders if not folder.is_dir()]:
        raise SystemExit(f"{fonts} lacks {', '.join(missing)}")
    files: list[Path | str] = [file for folder in folders for file in folder_to_files(folder)]
    names = [f"{folder.name} " for folder in folders for _ in folder_to_files(folder)]
    if not held_out:
        files += STANDARD
        names += ["pdfium "] * len(STANDARD)
    pages, share = (PAGES_HELD_OUT, 0.85) if held_out else (PAGES_TRAINED, 0.65)
    tasks = [(file, pages, at, share) for at, file in enumerate(files)]
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(file_to_examples, tasks, chunksize=4))
    pairs = [
        (start + name, examples) for start, some in zip(names, found, strict=True) for name, examples in some
    ]
    return [name for name, _ in pairs], [examples for _, examples in pairs]


# --- training ------------------------------------------------------------

EPOCHS, BATCH = 14, 512
RATE_MAX, DECAY = 2e-3, 2e-5
NOISE = np.float32(0.03)


def examples_to_layers(examples: Examples, random: np.random.Generator) -> Layers:
    """Return a net trained on examples: Adam, with a rate that rises, then falls to nothing."""
    sizes = (INPUTS, *HIDDEN, len(CLASSES))
    count = sum((wide + 1) * narrow for wide, narrow in pairwise(sizes))
    vector = np.zeros(count, np.float32)
    layers = vector_to_layers(vector)
    for matrix, _ in layers:
        matrix[:] = random.normal(0, (2 / len(matrix)) ** 0.5, matrix.shape)
    slope, *moments = (np.zeros_like(vector) for _ in range(3))
    slopes = vector_to_layers(slope)
    steps = EPOCHS * (len(examples.classes) // BATCH)
    for epoch in range(EPOCHS):
        order = random.permutation(len(examples.classes))
        noise = NOISE * random.standard_normal((8 * BATCH, INPUTS - SIZES), np.float32)
        loss = 0.0
        for at in range(len(order) // BATCH):
            batch = order[at * BATCH : (at + 1) * BATCH]
            inputs = _varied(examples_to_inputs(examples.inputs[batch]), noise, random)
            loss += _slopes(layers, slopes, inputs, examples.classes[batch], examples.weights[batch])
            step = epoch * (len(order) // BATCH) + at + 1
            descend(vector, slope, moments, step, steps)
        print(f"epoch {epoch + 1}: loss {loss / (len(order) // BATCH):.5f}", flush=True)
    return layers


def descend(vector: Floats, slope: Floats, moments: Sequence[Floats], step: int, steps: int) -> None:
    """Take one of so many steps of Adam down a slope, in place; steps are counted from 1.

    `moments` are the running means of slopes and of their squares. The rate rises, then falls to nothing.
    """
    mean, square = moments
    share = step / steps
    rate = RATE_MAX * min(share / 0.05, 0.5 + 0.5 * cos(pi * share))
    mean += 0.1 * (slope - mean)
    square += 0.001 * (slope * slope - square)
    fixed = np.sqrt(square / (1 - 0.999**step)) + 1e-8
    vector -= rate * (mean / (1 - 0.9**step) / fixed + DECAY * vector)


def _varied(inputs: Floats, noise: Floats, random: np.random.Generator) -> Floats:
    """Return inputs with a little noise, and of some shapes the line's digit height forgotten."""
    start = random.integers(len(noise) - len(inputs) + 1)
    inputs[:, :-SIZES] += noise[start : start + len(inputs)]
    inputs[random.random(len(inputs)) < 0.2, -4:-2] = 0
    return inputs


def _slopes(
    layers: Layers, slopes: Layers, inputs: Floats, classes: npt.NDArray[np.intp], weights: Floats
) -> float:
    """Write the slopes of the loss into `slopes`; return the loss, the cross entropy a shape."""
    values = [inputs]
    for matrix, bias in layers[:-1]:
        values.append(np.maximum(values[-1] @ matrix + bias, 0))
    found = inputs_to_probabilities(values[-1], layers[-1:])
    rows = np.arange(len(classes))
    loss = float(-(weights * np.log(found[rows, classes] + 1e-12)).mean())
    found[rows, classes] -= 1
    back = found * (weights / len(classes))[:, None]
    for (matrix, _), (matrix_slope, bias_slope), value in zip(
        reversed(layers), reversed(slopes), reversed(values), strict=True
    ):
        np.matmul(value.T, back, out=matrix_slope)
        np.sum(back, axis=0, out=bias_slope)
        back = (back @ matrix.T) * (value > 0)
    return loss


# --- figures ------------------------------------------------------------

THRESHOLDS = (0.9, 0.99, 0.999, 0.9999)


def print_figures(names: Sequence[str], found: Sequence[Examples], layers: Layers) -> None:
    """Print how well the net tells the shapes of faces that it was not trained on."""
    told = [inputs_to_probabilities(examples_to_inputs(one.inputs), layers) for one in found]
    all_told, classes = np.concatenate(told), np.concatenate([one.classes for one in found])
    clear = np.concatenate([one.weights for one in found]) == 1
    digits = classes < DIGITS
    print(f"held out: faces {len(found)}, digits {digits.sum():,}, others {(~digits).sum():,}")
    _print_classes(all_told[clear], classes[clear])
    _print_thresholds(all_told[digits], classes[digits], all_told[~digits & clear])
    print("faces with most digits contradicted, or not told as what they are:")
    rows = []
    for name, one, shares in zip(names, found, told, strict=True):
        those = one.classes < DIGITS
        own, sound = one.classes[those], shares[those]
        rows.append((int(contradicted(sound, own).sum()), float((sound.argmax(axis=1) != own).mean()), name))
    for wrong, other, name in sorted(rows, reverse=True)[:12]:
        print(f"  {name}: {wrong}, {other:.2%}")
    print("faces with most digits not told as what they are:")
    for wrong, other, name in sorted(rows, key=lambda row: -row[1])[:12]:
        print(f"  {name}: {wrong}, {other:.2%}")


def _print_classes(told: Floats, classes: npt.NDArray[np.intp]) -> None:
    """Print what the shapes of each class were told to be."""
    guesses = told.argmax(axis=1)
    for kind, label in enumerate(CLASSES):
        times = np.bincount(guesses[classes == kind], minlength=len(CLASSES))
        others = [(CLASSES[at] or "else", count) for at, count in enumerate(times) if count and at != kind]
        wrong = ", ".join(f"{other} {count}" for other, count in others)
        print(f"  {label or 'else':>4} {times.sum():7,} right {times[kind] / times.sum():.3%}: {wrong}")


def _print_thresholds(told: Floats, classes: npt.NDArray[np.intp], others: Floats) -> None:
    """Print how many sound digits are contradicted, how many swapped ones are, and how many go unsaid."""
    rows = np.arange(len(classes))
    own, rest = told[rows, classes], told[:, :DIGITS].copy()
    rest[rows, classes] = 0
    most, falsely = rest.max(axis=1), others[:, :DIGITS].max(axis=1)
    for least in THRESHOLDS:
        print(
            f"  at {least}: digits below or told otherwise {(own < least).mean():.3%}, surely another digit "
            f"{(most >= least).sum()} ({_in_100_000(most >= least)}); "
            f"others told as surely a digit {(falsely >= least).mean():.4%}"
        )
    sound = contradicted(told, classes)
    caught = np.mean([contradicted(told, (classes + by) % DIGITS).mean() for by in range(1, DIGITS)])
    print(f"  contradicted: sound digits {sound.sum()} ({_in_100_000(sound)}), swapped ones {caught:.2%}")


def _in_100_000(those: npt.NDArray[np.bool_]) -> str:
    return f"{those.mean() * 1e5:.2f} in 100,000"


def main() -> None:
    """Train, write the weights, and print figures; with --measure only the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("fonts", type=Path)
    parser.add_argument("--measure", action="store_true", help="print the figures of the weights there are")
    options = parser.parse_args()
    if not options.measure:
        names, found = folder_to_examples(options.fonts, held_out=False)
        examples = Examples(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
        print(f"faces trained on: {len(names)}; shapes {len(examples.classes):,}", flush=True)
        layers = examples_to_layers(examples, np.random.default_rng(SEED))
        vector = np.concatenate([part.ravel() for layer in layers for part in layer])
        np.save(WEIGHTS, vector.astype(np.float16))
    stored = vector_to_layers(np.load(WEIGHTS).astype(np.float32))
    print_figures(*folder_to_examples(options.fonts, held_out=True), stored)


if __name__ == "__main__":
    main()
