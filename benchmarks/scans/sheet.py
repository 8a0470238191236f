"""A contact sheet: a crop of a table in every setting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from benchmarks.scans.plan import Scan
from benchmarks.scans.printing import POINTS_AN_INCH
from tools.generator.fonts import font_file

CROP = (230.0, 105.0)
"""Points of the page that are shown, across and down."""

SCALE = 1.25
"""Pixels of the sheet a point of the page."""

COLUMNS = 4
GAP = 10
HEAD = 18


def draw_contact_sheet(scans: Sequence[Scan], folder: Path, file: Path) -> None:
    """Write a PNG with a crop of the first scan of each setting, around a cell that is sealed if any is."""
    firsts: dict[str, Scan] = {}
    for scan in scans:
        firsts.setdefault(scan.setting.name, scan)
    wide, high = (round(side * SCALE) for side in CROP)
    rows = -(-len(firsts) // COLUMNS)
    size = (GAP + COLUMNS * (wide + GAP), rows * (high + HEAD + GAP))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(font_file(), 13)
    for number, (name, scan) in enumerate(firsts.items()):
        left = GAP + number % COLUMNS * (wide + GAP)
        top = number // COLUMNS * (high + HEAD + GAP)
        pen.text((left, top + HEAD / 2), name.replace("_", " "), font=font, fill="black", anchor="lm")
        sheet.paste(crop_of(folder / f"{scan.name}.pdf").resize((wide, high)), (left, top + HEAD))
    file.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(palette=_palette(), dither=Image.Dither.NONE).save(file, optimize=True)


def _palette() -> Image.Image:
    """Return a picture with the colours of the sheet: greys, and the reds of seals."""
    greys = [shade for level in range(0, 256, 8) for shade in (level,) * 3]
    reds = [shade for level in range(24) for shade in (235 - 3 * level, 240 - 9 * level, 238 - 9 * level)]
    picture = Image.new("P", (1, 1))
    picture.putpalette([255, 255, 255, *greys, *reds])
    return picture


def crop_of(pdf: Path) -> Image.Image:
    """Return a part of a page as displayed, at the scan's own resolution."""
    kept = json.loads(pdf.with_suffix(".json").read_text(encoding="utf-8"))
    place = _place(kept)
    page = kept["pages"][place[3] - 1]
    with pypdfium2.PdfDocument(pdf) as document:
        shown = document[place[3] - 1]
        turned = shown.get_rotation()
        picture: Image.Image = shown.render(scale=kept["dpi"] / POINTS_AN_INCH).to_pil().convert("RGB")
    picture = picture.rotate(turned, expand=True)  # as stored, which is what to_scan speaks of
    x, y = _moved(page["to_scan"], (place[4] + place[6]) / 2, (place[5] + place[7]) / 2)
    half = [side * kept["dpi"] / POINTS_AN_INCH / 2 for side in CROP]
    left = min(max(x - half[0], 0), picture.width - 2 * half[0])
    top = min(max(y - half[1], 0), picture.height - 2 * half[1])
    return picture.crop((round(left), round(top), round(left + 2 * half[0]), round(top + 2 * half[1])))


def _place(kept: dict[str, list[list[int | float | str]]]) -> list:  # type: ignore[type-arg]
    """Return the entry of `boxes` to show: a sealed cell, else one in the middle of the largest table."""
    sealed = [tuple(cell) for cell in kept["sealed"]]
    boxes = [box for box in kept["boxes"] if tuple(box[:3]) in sealed] or kept["boxes"]
    return boxes[len(boxes) // 2 - 2]


def _moved(homography: list[list[float]], x: float, y: float) -> tuple[float, float]:
    across, down, weight = (row[0] * x + row[1] * y + row[2] for row in homography)
    return across / weight, down / weight
