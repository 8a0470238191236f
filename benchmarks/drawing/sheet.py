"""A contact sheet: pages of the corpus, two documents of every program that printed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from tools.generator.fonts import font_file

from .results import POSITIONS, Results

PAGE = (250, 354)
GAP = 14
HEAD = 30


def draw_sheet(results: Results) -> Image.Image:
    """A column a producer: above a report as plain as any, below the one with most that is unusual."""
    columns = {name: plainest_and_oddest(names, results.axes) for name, names in _documents(results).items()}
    width = GAP + len(columns) * (PAGE[0] + GAP)
    sheet = Image.new("RGB", (width, HEAD + 2 * (PAGE[1] + GAP)), "#e8e8e8")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(font_file(), 17)
    for number, (producer, documents) in enumerate(columns.items()):
        left = GAP + number * (PAGE[0] + GAP)
        draw.text((left + PAGE[0] / 2, HEAD / 2), producer, font=font, fill="black", anchor="mm")
        for place, document in enumerate(documents):
            page = draw_fullest_page(results.corpus / f"{document}.pdf")
            indent = (PAGE[0] - page.width) // 2, (PAGE[1] - page.height) // 2
            sheet.paste(page, (left + indent[0], HEAD + place * (PAGE[1] + GAP) + indent[1]))
    return sheet


def _documents(results: Results) -> dict[str, list[str]]:
    """Documents of each producer, by name."""
    found: dict[str, list[str]] = {}
    for row in results.ours:
        found.setdefault(row.producer, []).append(row.document)
    return found


def plainest_and_oddest(
    documents: Sequence[str], axes: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[str, str]:
    """The documents with fewest and with most values that are not what most of the corpus has."""
    usual = _usual(axes.values())

    def oddness(document: str) -> int:
        return sum(values != usual[axis] for axis, values in axes[document].items() if axis != POSITIONS)

    return min(documents, key=oddness), max(documents, key=oddness)


def _usual(every: Iterable[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    counts: dict[str, Counter[tuple[str, ...]]] = {}
    for axes in every:
        for axis, values in axes.items():
            counts.setdefault(axis, Counter())[values] += 1
    return {axis: counter.most_common(1)[0][0] for axis, counter in counts.items()}


def draw_fullest_page(file: Path) -> Image.Image:
    """The page with most numbers on it, which is one with a table, in a size that fits PAGE."""
    with pypdfium2.PdfDocument(file) as document:
        page = max(document, key=_numbers)
        scale = min(PAGE[0] / page.get_width(), PAGE[1] / page.get_height())
        picture: Image.Image = page.render(scale=scale * 2).to_pil().convert("RGB")
    size = min(round(picture.width / 2), PAGE[0]), min(round(picture.height / 2), PAGE[1])
    return picture.resize(size, Image.Resampling.LANCZOS)


def _numbers(page: Any) -> int:
    """How many numbers stand by themselves, as they do in tables; in prose a 年 or 件 clings to them."""
    return sum(word.isdigit() for word in page.get_textpage().get_text_range().split())
