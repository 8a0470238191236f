"""What is filled with a pattern: a number that is the pattern itself, and one in a hatched cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFResourceDictionary, PDFStream

from pipeline.records import Observation
from tests.extract.measured import MODERN, cells_of, inexact, read_spec, silent_errors
from tools.generator import Style
from tools.generator.numbers import Printed
from tools.generator.shown import SHOWN, Shown

LICENCES = ("active_disclosure", "administrative_licensing", "decisions")
NATURAL = ("applications", "new_received", "natural_person")
HATCHINGS = {
    "crossed": "0.5 w 0.5 G 0 0 m 5 5 l S 0 5 m 5 0 l S",
    "slanted": "0.5 w 0.7 G 0 0 m 5 5 l S",
    "dotted": "0.5 g 1 1 1 1 re f",
}


@pytest.fixture
def patterns(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Patterns by their names; every page and every form can use them."""
    known: dict[str, Any] = {}
    formatted = PDFResourceDictionary.format

    def with_patterns(self: Any, document: Any) -> bytes:
        self.Pattern = {name: document.Reference(tile, name) for name, tile in known.items()}
        return bytes(formatted(self, document))

    monkeypatch.setattr(PDFResourceDictionary, "format", with_patterns)
    yield known


def tile(content: str, width: float, height: float, x: float = 0.0, y: float = 0.0) -> PDFStream:
    """Return a pattern of that size, which begins at a place of the page (points from its foot)."""
    font = "<</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>"
    sides = {"BBox": f"[0 0 {width} {height}]", "XStep": width, "YStep": height}
    kinds = {"Type": "/Pattern", "PatternType": 1, "PaintType": 1, "TilingType": 1}
    place = {"Matrix": f"[1 0 0 1 {x:.2f} {y:.2f}]", "Resources": font}
    return PDFStream(PDFDictionary(kinds | sides | place), content)


def fill(shown: Shown, name: str, width: float) -> None:
    """Fill a rectangle around the place of a number with a pattern."""
    x, y, height = shown.x - 2, shown.baseline - shown.size, shown.size + 4
    shown.canvas._code.append(f"q /Pattern cs /{name} scn {x:.2f} {y:.2f} {width} {height} re f Q")


def read_shown(key: tuple[str, str, str], draw: Callable[[Shown], None], **how: Any) -> Any:
    spec = replace(MODERN, printed=((key, Printed("2608", 2608, "ok")),)) if key == LICENCES else MODERN
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SHOWN, "patterned", draw)
        return read_spec(spec, Style(shown=((key[1:], "patterned", ""),), **how))


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("key", [LICENCES, NATURAL])
def test_a_number_that_is_a_pattern_is_not_blank(
    patterns: dict[str, Any], key: tuple[str, str, str], ruling: str
) -> None:
    def in_pattern(shown: Shown) -> None:
        foot = shown.pages.size[1] - shown.baseline - 4
        content = f"BT /F1 {shown.size} Tf 0 g 2 4 Td ({shown.text}) Tj ET"
        patterns["number"] = tile(content, 60, shown.size + 4, shown.x - 2, foot)
        fill(shown, "number", 60)

    report, truth = read_shown(key, in_pattern, ruling=ruling)
    seen: Observation = cells_of(report)[key]
    assert seen.status in ("suspect", "unreadable") or seen.reader == "ocr"
    assert silent_errors(report, truth) == []
    assert not [check for check in report.checks if check.attribution == "publisher"]


@pytest.mark.parametrize("hatching", HATCHINGS)
@pytest.mark.parametrize("key", [LICENCES, NATURAL])
def test_a_hatched_cell_strikes_no_digit_out(
    patterns: dict[str, Any], key: tuple[str, str, str], hatching: str
) -> None:
    patterns["hatching"] = tile(HATCHINGS[hatching], 5, 5)

    def hatched(shown: Shown) -> None:
        fill(shown, "hatching", 40)
        shown.write(shown.text, shown.x)

    report, truth = read_shown(key, hatched)
    assert inexact(report, truth) == []


def test_a_line_that_is_a_part_of_a_large_pattern_strikes_a_number_out(patterns: dict[str, Any]) -> None:
    """As a browser prints a gradient behind a text, with a red line in its middle."""

    def struck(shown: Shown) -> None:
        level = shown.pages.size[1] - shown.baseline + 0.36 * shown.size
        patterns["line"] = tile(f"1 0 0 RG 0.8 w 0 {level:.2f} m 700 {level:.2f} l S", 700, 1000)
        shown.write(shown.text, shown.x)
        fill(shown, "line", 40)

    report, _ = read_shown(LICENCES, struck)
    assert cells_of(report)[LICENCES].status in ("suspect", "unreadable")
