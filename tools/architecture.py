"""Draw docs/images/layers.svg and docs/images/one-document.svg: `python -m tools.architecture`.

What is on the layers is written here; which version a part decides on is asked of `pipeline.versions`. A test
holds the committed pictures against what this draws, and the parts against the folders and files there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from pipeline.versions import PACKAGE, READING, TABLES

IMAGES = Path(__file__).parents[1] / "docs" / "images"
BOTH = ("forms",)
"""What tables_version hashes besides TABLES (pipeline/tables/version.py): it is in both versions."""

BLUE, GREEN, GREY, WHITE, INK = "#d6e6f7", "#d9efd6", "#eeeeee", "#ffffff", "#222222"
WIDTH = 960
"""Of both pictures, in pixels, as all lengths here."""

MARGIN, GAP, HIGH, LOW = 20, 12, 66, 36
"""Round the picture, between boxes, and the heights of a box with and without words."""


class Part(NamedTuple):
    """A folder or file of pipeline/, and what it does, in a line or two."""

    name: str
    lines: tuple[str, ...]


LAYERS: tuple[tuple[Part, ...], ...] = (
    (Part("cli", ("the commands: options, help, exit statuses",)),),
    (Part("nightly", ("a night: crawl, read, compare with the last good release, publish",)),),
    (
        Part("inspection", ("one report for the eye",)),
        Part("compare", ("bureaus side by side",)),
        Part("query", ("SQL over the tables",)),
    ),
    (Part("run.py", ("the order of the stages; nothing else knows it",)),),
    (
        Part("derive", ("tables made of tables: places, panels, rates, prose",)),
        Part("workers", ("a process of its own for what reads a PDF",)),
    ),
    (
        Part("extract", ("one document → one Report:", "everything that decides what a number is")),
        Part("tables", ("the tables on disk:", "columns, schemas, Parquet, CSV")),
    ),
    (Part("acquire", ("files, folders, web sites → documents, each content once",)),),
    (
        Part("places", ("regions and bureaus, as data",)),
        Part("forms", ("what the forms print, as data",)),
    ),
)
APART = {"__init__.py", "__main__.py"}
"""Files that stand above all layers: the doors to the package."""


def ground() -> list[str]:
    """Return what every layer may use, in the lowest one: two folders, and every file of its own."""
    drawn = {part.name for parts in LAYERS for part in parts}
    return ["files", "installation", *sorted({file.name for file in PACKAGE.glob("*.py")} - drawn - APART)]


def box(left: float, top: float, width: float, height: float, fill: str, *, dashed: bool = False) -> str:
    """A rectangle with round corners."""
    dash = ' stroke-dasharray="6 4"' if dashed else ""
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="6" '
        f'fill="{fill}" stroke="{INK}"{dash}/>'
    )


def text(
    x: float, y: float, words: str, *, size: float = 13, bold: bool = False, anchor: str = "middle"
) -> str:
    """One line of text whose baseline is at `y`."""
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}"{weight}'
    return f"<text {place}>{escape(words)}</text>"


def arrow(points: Sequence[tuple[float, float]]) -> str:
    """A line through the points with a head at the last."""
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{INK}" stroke-width="1.6" marker-end="url(#head)"/>'
    )


def labelled_box(
    left: float, top: float, width: float, height: float, fill: str, title: str, lines: Sequence[str] = ()
) -> Iterable[str]:
    """A box with its name in bold and the lines below it, all centred."""
    yield box(left, top, width, height, fill)
    middle, first = left + width / 2, top + height / 2 - 9 * len(lines) + 5
    yield text(middle, first, title, size=15, bold=True)
    for number, line in enumerate(lines, 1):
        yield text(middle, first + 18 * number, line)


def to_svg(height: float, shapes: Iterable[str]) -> str:
    """The whole picture on a white ground, which dark pages need."""
    head = (
        '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="{INK}"/></marker>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
            f'height="{height:g}" font-family="DejaVu Sans, Verdana, Arial, sans-serif" fill="{INK}">',
            f"<defs>{head}</defs>",
            f'<rect width="{WIDTH}" height="{height:g}" fill="{WHITE}"/>',
            *shapes,
            "</svg>\n",
        ]
    )


def name_to_fill(name: str) -> str:
    """The colour of the version that a part decides on."""
    if name in READING:
        return BLUE
    return GREEN if name in TABLES else GREY


def layers() -> str:
    """The parts of the package, one layer above the other."""
    shapes: list[str] = []
    for level, parts in enumerate(LAYERS):
        shapes += _row(parts, MARGIN + level * (HIGH + GAP), HIGH)
    top = MARGIN + len(LAYERS) * (HIGH + GAP)
    small = [Part(name, ()) for name in ground()]
    for first in range(0, len(small), 5):
        shapes += _row(small[first : first + 5], top, LOW)
        top += LOW + GAP
    return to_svg(top + 30, [*shapes, *_legend(top + 2)])


def _row(parts: Sequence[Part], top: float, height: float) -> Iterable[str]:
    width = (WIDTH - 2 * MARGIN - GAP * (len(parts) - 1)) / len(parts)
    for place, part in enumerate(parts):
        left = MARGIN + place * (width + GAP)
        yield from labelled_box(left, top, width, height, name_to_fill(part.name), *part)
        if part.name in BOTH:
            yield box(left + width - 40, top, 40, height, GREEN)


def _legend(top: float) -> Iterable[str]:
    told = ((BLUE, "decides reading_version"), (GREEN, "decides tables_version"), (GREY, "decides neither"))
    for place, (fill, words) in enumerate(told):
        left = MARGIN + 225 * place
        yield box(left, top, 20, 16, fill)
        yield text(left + 28, top + 13, words, anchor="start")
    yield text(WIDTH - MARGIN, top + 13, "imports never go up", anchor="end")


ABOVE = (
    Part("a PDF", ("in a folder, or on a site",)),
    Part("acquire/", ("Document: its content,", "named by its SHA-256")),
    Part("workers/", ("its copy, in a", "sandboxed process")),
)
INSIDE = (
    Part("opened_pdf.py", ("OpenedPdf", "the first reader that can", "opens it")),
    Part("read/", ("RawDocument", "grids of cells,", "lines of text")),
    Part("bind/", ("BoundTable", "cells that have the", "keys of the form")),
    Part("normalise/", ("Observation, Section", "values, chapters,", "agency and year")),
    Part("identities.py", ("Check", "the sums that the", "form prescribes")),
)
BACK = (
    Part("fallback.py", ("a table is missing,", "or is not complete", "or clean?")),
    Part("cross_check.py", ("a sum fails, a label", "is not exact?")),
    Part("integrity.py", ("did a reader lose", "pages or text?")),
)
REPORT = Part("Report", ("observations, checks, chapters, leftovers,", "what is missing, status, reason"))
AFTER = (
    Part("tables/frames.py", ("Frames", "new rows and old ones")),
    Part("derive/", ("places.py", "across_years.py")),
    Part("derive/prose/", ("terms, similarity,", "claims")),
    Part("derive/", ("panels.py, rates.py,", "coverage.py")),
    Part("tables/writer.py", ("all files or none,", "same rows, same bytes")),
)


def one_document() -> str:
    """The way of one document, from the file to the files of the tables."""
    across, wide, high = 188, 168, 84
    lefts = [MARGIN + across * place for place in range(5)]
    middles = [left + wide / 2 for left in lefts]
    top, first, second, third, last = 20, 160, 300, 446, 566
    shapes = [box(8, 128, WIDTH - 16, 282, WHITE, dashed=True)]
    shapes.append(text(WIDTH - MARGIN, 148, "extract/: document.py knows the order", anchor="end", bold=True))
    for parts, at, fills in (
        (ABOVE, top, (WHITE, GREY, GREY)),
        (INSIDE, first, (BLUE,) * 5),
        (AFTER, third, (GREEN,) * 5),
    ):
        for left, part, fill in zip(lefts, parts, fills, strict=False):
            shapes += labelled_box(left, at, wide, high, fill, *part)
        for left in lefts[1 : len(parts)]:
            shapes.append(arrow([(left - across + wide, at + high / 2), (left, at + high / 2)]))
    for left, part in zip(reversed(lefts), BACK, strict=False):
        shapes += labelled_box(left, second, wide, high, BLUE, *part)
        shapes.append(arrow([(left, second + high / 2), (left - across + wide, second + high / 2)]))
    shapes += labelled_box(lefts[0], second, across + wide, high, BLUE, *REPORT)
    shapes += labelled_box(lefts[3], last, across + wide, 44, WHITE, "*.parquet   *.csv   datapackage.json")
    turn = (first + high + second) / 2
    shapes += [
        arrow([(middles[2], top + high), (middles[2], 116), (middles[0], 116), (middles[0], first)]),
        arrow([(middles[4] + 30, first + high), (middles[4] + 30, second)]),
        arrow(
            [
                (middles[4] - 30, second),
                (middles[4] - 30, turn),
                (middles[1], turn),
                (middles[1], first + high),
            ]
        ),
        arrow([(middles[3], second), (middles[3], turn)]),
        text(middles[2] - 6, turn - 6, "then its pages are read again, by the next reader"),
        arrow([(middles[0], second + high), (middles[0], third)]),
        arrow([(middles[1], third), (middles[1], 410)]),
        text(
            middles[1] + 10,
            433,
            "what fails across years is read again, each cell held against the page",
            anchor="start",
        ),
        arrow([(middles[4], third + high), (middles[4], last)]),
    ]
    return to_svg(last + 64, shapes)


def main() -> None:
    """Write both pictures."""
    for name, picture in pictures().items():
        (IMAGES / name).write_text(picture, encoding="utf-8")


def pictures() -> dict[str, str]:
    """Both pictures by the name of their file."""
    return {"layers.svg": layers(), "one-document.svg": one_document()}


if __name__ == "__main__":
    main()
