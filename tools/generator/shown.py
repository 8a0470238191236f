"""Numbers that are not shown as plain text, as public reports have them: in fields, outlines, struck out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fontTools import ttLib
from fontTools.pens.basePen import BasePen
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader

from .fonts import font_file, width_of

PICTURE_PIXELS_PER_POINT = 4
"""Pixels a point of a number that is pasted as a picture."""

SMALL = 0.6
"""Size of a raised footnote mark, in sizes of its number."""

INVISIBLE, CLIPPED = 3, 7
"""Ways of PDF to print text that nobody sees."""


class Shown(NamedTuple):
    """A number to be shown: `x` and `baseline` from the top left, `older` what else the cell holds."""

    pages: Any
    text: str
    older: str
    x: float
    baseline: float
    size: float

    @property
    def canvas(self) -> Any:
        """Return the canvas of the page."""
        return self.pages.canvas

    def write(self, text: str, x: float, **how: Any) -> None:
        """Write a text on the line of the number."""
        self.pages.write(text, x, self.baseline, how.pop("size", self.size), **how)


class OutlinePen(BasePen):  # type: ignore[misc]
    """Draws an outline of a font into a path of reportlab."""

    def __init__(self, glyphs: Any, path: Any) -> None:
        super().__init__(glyphs)
        self._moveTo = lambda point: path.moveTo(*point)
        self._lineTo = lambda point: path.lineTo(*point)
        self._curveToOne = lambda *points: path.curveTo(*(part for point in points for part in point))
        self._closePath = path.close


def draw_shown(how: str, shown: Shown) -> None:
    """Show a number in one of the ways of SHOWN."""
    SHOWN[how](shown)


def _field(shown: Shown) -> None:
    """Fill it into a form field. The page has no text there."""
    _draw_field(shown, "f", border=0)


def _draw_field(shown: Shown, prefix: str, border: int, room: float = 14.0) -> None:
    """Draw a form field that holds the number; fields of one kind have one prefix of their names.

    It has `room` points more than the number is wide.
    """
    _, height = shown.pages.size
    shown.canvas.acroForm.textfield(
        name=f"{prefix}{shown.pages.number}x{shown.x:.0f}y{shown.baseline:.0f}", value=shown.text,
        x=shown.x - 2, y=height - shown.baseline - 4, width=width_of(shown.text, shown.size) + room,
        height=shown.size + 6, fontSize=shown.size, borderWidth=border, relative=False,
    )  # fmt: skip


def _outlines(shown: Shown) -> None:
    """Draw it as outlines."""
    font = ttLib.TTFont(font_file())
    glyphs, names, scale = font.getGlyphSet(), font.getBestCmap(), shown.size / font["head"].unitsPerEm
    shown.canvas.saveState()
    shown.canvas.translate(shown.x, shown.baseline)
    shown.canvas.scale(scale, -scale)
    for char in shown.text:
        path = shown.canvas.beginPath()
        glyphs[names[ord(char)]].draw(OutlinePen(glyphs, path))
        shown.canvas.drawPath(path, stroke=0, fill=1)
        shown.canvas.translate(glyphs[names[ord(char)]].width, 0)
    shown.canvas.restoreState()


def _picture(shown: Shown) -> None:
    """Paste it as a picture."""
    scale = PICTURE_PIXELS_PER_POINT
    width, height = width_of(shown.text, shown.size), shown.size * 1.1
    picture = Image.new("L", (int(width * scale) + 2, int(height * scale)), 255)
    font = ImageFont.truetype(str(font_file()), int(shown.size * scale))
    ImageDraw.Draw(picture).text((0, -shown.size * scale * 0.25), shown.text, font=font, fill=0)
    shown.canvas.saveState()
    shown.canvas.translate(shown.x, shown.baseline)
    shown.canvas.scale(1, -1)
    shown.canvas.drawImage(ImageReader(picture), 0, -shown.size * 0.15, width, height)
    shown.canvas.restoreState()


def _beside(draw: Callable[[Shown], None]) -> Callable[[Shown], None]:
    """Return a way that prints the number and, close behind it, something that is drawn in another way."""

    def both(shown: Shown) -> None:
        shown.write(shown.text, shown.x)
        draw(shown._replace(text=shown.older, x=shown.x + width_of(shown.text, shown.size)))

    return both


def _in_mode(mode: int) -> Callable[[Shown], None]:
    """Return a way that prints in a mode of PDF in which nobody sees it."""

    def draw(shown: Shown) -> None:
        canvas = shown.canvas
        canvas.saveState()
        canvas.translate(shown.x, shown.baseline)
        canvas.scale(1, -1)
        canvas.setFont(shown.pages.font, shown.size)
        canvas.drawString(0, 0, shown.text, mode=mode)
        canvas.restoreState()

    return draw


def _transparent(shown: Shown) -> None:
    """Print it without any ink."""
    shown.canvas.saveState()
    shown.canvas.setFillAlpha(0)
    shown.write(shown.text, shown.x)
    shown.canvas.restoreState()


def _covered(shown: Shown) -> None:
    """Print it, and lay white over it."""
    shown.write(shown.text, shown.x)
    shown.canvas.saveState()
    shown.canvas.setFillGray(1)
    width = width_of(shown.text, shown.size)
    shown.canvas.rect(shown.x, shown.baseline - shown.size, width + 1, shown.size * 1.3, stroke=0, fill=1)
    shown.canvas.restoreState()


def _struck(shown: Shown) -> None:
    """Strike it out."""
    shown.write(shown.text, shown.x)
    middle = shown.baseline - shown.size * 0.36
    shown.canvas.line(shown.x, middle, shown.x + width_of(shown.text, shown.size), middle)


def _struck_long(shown: Shown) -> None:
    """Strike it out with a line as long as its cell, which readers take for a ruling."""
    shown.write(shown.text, shown.x)
    middle = shown.baseline - shown.size * 0.36
    shown.canvas.line(shown.x - shown.size, middle, shown.x + 2.5 * shown.size, middle)


def _struck_apart(shown: Shown) -> None:
    """Strike it out with a line that is one of several of a path, in a form with a place of its own."""
    shown.write(shown.text, shown.x)
    canvas, width = shown.canvas, width_of(shown.text, shown.size)
    name = f"line{shown.pages.number}x{shown.x:.0f}y{shown.baseline:.0f}"
    canvas.beginForm(name, -1, -1, width, shown.size)
    path = canvas.beginPath()
    for height in (-0.15, 0.36):
        path.moveTo(0, height * shown.size)
        path.lineTo(width, height * shown.size)
    canvas.drawPath(path)
    canvas.endForm()
    canvas.saveState()
    canvas.translate(shown.x, shown.baseline)
    canvas.scale(1, -1)
    canvas.doForm(name)
    canvas.restoreState()


def _struck_thick(shown: Shown) -> None:
    """Strike it out with a thick line."""
    shown.canvas.saveState()
    shown.canvas.setLineWidth(3)
    _struck(shown)
    shown.canvas.restoreState()


def _crossed_outlines(shown: Shown) -> None:
    """Draw it as outlines, and a diagonal through it, from edge to edge of its cell."""
    _outlines(shown)
    x, y, reach = shown.x + 0.5 * shown.size, shown.baseline - 0.4 * shown.size, 2 * shown.size
    shown.canvas.line(x - reach, y + reach, x + reach, y - reach)


def _struck_by(draw: Callable[[Any, float, float, float, float], None]) -> Callable[[Shown], None]:
    """Return a way that prints the number and draws something over the place of its digits."""

    def both(shown: Shown) -> None:
        shown.write(shown.text, shown.x)
        shown.canvas.saveState()
        draw(shown.canvas, *_ink_box(shown))
        shown.canvas.restoreState()

    return both


def _ink_box(shown: Shown) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the digits of a number."""
    right = shown.x + width_of(shown.text, shown.size)
    return shown.x, shown.baseline - 0.72 * shown.size, right, shown.baseline


def _cross(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.line(left, top, right, bottom)
    canvas.line(left, bottom, right, top)


def _slash(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.line(left - 1, bottom, right + 1, top)


def _long_slash(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    """Strike out by hand: the line begins before the number, below it, and ends behind it, above it."""
    canvas.line(left - 8, bottom + 3, right + 8, top - 3)


def _dotted(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.setDash(0.8, 0.8)
    canvas.line(left - 1, (top + bottom) / 2, right + 1, (top + bottom) / 2)


def _dashed(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.setDash(2, 1.5)
    canvas.line(left - 1, (top + bottom) / 2, right + 1, (top + bottom) / 2)


def _wave(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    path, x, up = canvas.beginPath(), left - 2, 1.5
    middle = (top + bottom) / 2
    path.moveTo(x, middle)
    while x < right + 2:
        path.curveTo(x + 0.7, middle - up, x + 1.4, middle - up, x + 2.1, middle)
        x, up = x + 2.1, -up
    canvas.drawPath(path)


def _polygon(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    """Draw a slanted line as a thin area."""
    path = canvas.beginPath()
    path.moveTo(left - 1, bottom)
    for x, y in ((right + 1, top), (right + 1.5, top + 0.7), (left - 0.5, bottom + 0.7)):
        path.lineTo(x, y)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _pasted_cross(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    """Paste a red cross as a picture."""
    picture = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for ends in ((2, 2, 78, 58), (2, 58, 78, 2)):
        pen.line(ends, fill=(220, 0, 0, 255), width=5)
    canvas.drawImage(ImageReader(picture), left - 2, top - 1, right - left + 4, bottom - top + 2, mask="auto")


def _box(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.rect(left - 2, top - 2, right - left + 4, bottom - top + 4)


def _circle(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.circle((left + right) / 2, (top + bottom) / 2, max(8.0, (right - left) / 2 + 3))


def _on_patch(shown: Shown) -> None:
    """Print it white on a small dark patch."""
    left, top, right, bottom = _ink_box(shown)
    shown.canvas.saveState()
    shown.canvas.setFillGray(0.2)
    shown.canvas.rect(left - 2, top - 2, right - left + 4, bottom - top + 4, stroke=0, fill=1)
    shown.canvas.restoreState()
    shown.write(shown.text, shown.x, grey=1.0)


def _framed_field(shown: Shown) -> None:
    """Fill it into a form field with a border."""
    _draw_field(shown, "b", border=1)


def _narrow_field(shown: Shown) -> None:
    """Fill it into a form field that has no room for its last digits."""
    _draw_field(shown, "n", border=0, room=-0.9 * shown.size)


def _lower_half(shown: Shown) -> None:
    """Clip it to its lower half."""
    left, top, right, bottom = _ink_box(shown)
    shown.canvas.saveState()
    path = shown.canvas.beginPath()
    path.rect(left - 5, (top + bottom) / 2, right - left + 10, shown.size)
    shown.canvas.clipPath(path, stroke=0, fill=0)
    shown.write(shown.text, shown.x)
    shown.canvas.restoreState()


def _upper_half(shown: Shown) -> None:
    """Print it, and lay white over its lower half."""
    left, top, right, bottom = _ink_box(shown)
    shown.write(shown.text, shown.x)
    shown.canvas.saveState()
    shown.canvas.setFillGray(1)
    shown.canvas.rect(left - 2, (top + bottom) / 2, right - left + 4, shown.size, stroke=0, fill=1)
    shown.canvas.restoreState()


def _under_cross(draw: Callable[[Shown], None]) -> Callable[[Shown], None]:
    """Return a way that draws the number, and a cross over it that is nearly as large as its cell."""

    def both(shown: Shown) -> None:
        draw(shown)
        left, top, right, bottom = _ink_box(shown)
        x, y = (left + right) / 2, (top + bottom) / 2
        _cross(shown.canvas, x - 14, y - 10, x + 14, y + 10)

    return both


def _over_border(shown: Shown) -> None:
    """Draw it as outlines, over the border of its cell."""
    _outlines(shown._replace(text=f"{shown.text}{shown.older}", x=shown.x + shown.size))


def _corrected(shown: Shown) -> None:
    """Print an older number struck out, and the new one behind it."""
    _struck(shown._replace(text=shown.older))
    shown.write(shown.text, shown.x + width_of(shown.older, shown.size))


def _marked(shown: Shown) -> None:
    """Print a raised footnote mark behind it."""
    shown.write(shown.text, shown.x)
    x = shown.x + width_of(shown.text, shown.size)
    shown.pages.write(shown.older, x, shown.baseline - shown.size * 0.35, shown.size * SMALL)


def _layer(shown: Shown) -> None:
    """Paste it as a picture, with its text invisible over it, as programs for OCR do."""
    _picture(shown)
    _in_mode(INVISIBLE)(shown)


SHOWN: Mapping[str, Callable[[Shown], None]] = {
    "field": _field,
    "outlines": _outlines,
    "picture": _picture,
    "text layer": _layer,
    "struck": _struck,
    "struck long": _struck_long,
    "struck apart": _struck_apart,
    "struck thick": _struck_thick,
    "struck by a cross": _struck_by(_cross),
    "struck by a slash": _struck_by(_slash),
    "struck by a long slash": _struck_by(_long_slash),
    "struck by dots": _struck_by(_dotted),
    "struck by dashes": _struck_by(_dashed),
    "struck by a wave": _struck_by(_wave),
    "struck by an area": _struck_by(_polygon),
    "struck by a picture": _struck_by(_pasted_cross),
    "boxed": _struck_by(_box),
    "circled": _struck_by(_circle),
    "on a patch": _on_patch,
    "framed field": _framed_field,
    "narrow field": _narrow_field,
    "lower half": _lower_half,
    "upper half": _upper_half,
    "outlines under a cross": _under_cross(_outlines),
    "picture under a cross": _under_cross(_picture),
    "over a border": _over_border,
    "crossed outlines": _crossed_outlines,
    "corrected": _corrected,
    "marked": _marked,
    "white": lambda shown: shown.write(shown.text, shown.x, grey=1.0),
    "light grey": lambda shown: shown.write(shown.text, shown.x, grey=0.7),
    "tiny": lambda shown: shown.write(shown.text, shown.x, size=0.5),
    "invisible": _in_mode(INVISIBLE),
    "clipped": _in_mode(CLIPPED),
    "transparent": _transparent,
    "covered": _covered,
    "white beside": _beside(lambda shown: shown.write(shown.text, shown.x, grey=1.0)),
    "invisible beside": _beside(_in_mode(INVISIBLE)),
    "covered beside": _beside(_covered),
}
"""The ways to show a number; of those that nobody sees, the cell is blank to the eye."""
