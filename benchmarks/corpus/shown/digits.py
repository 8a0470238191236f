"""Digits of fonts that do not say what they are: Type 3 without a map, Chinese ones that are not embedded."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence

from fontTools import ttLib
from fontTools.pens.basePen import BasePen

from tools.generator.fonts import font_file, width_of

from .objects import Objects, as_stream
from .places import Place

FIRST_CODE = 65
"""The code of the digit 0: what is printed as 26 is written as CG."""

UNITS = 1000


class ContentPen(BasePen):  # type: ignore[misc]
    """Writes an outline as operators of PDF."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.operators: list[str] = []
        self._moveTo = lambda point: self._say("m", point)
        self._lineTo = lambda point: self._say("l", point)
        self._curveToOne = lambda *points: self._say("c", *points)
        self._closePath = lambda: self._say("h")

    def _say(self, operator: str, *points: tuple[float, float]) -> None:
        self.operators.append(" ".join([*(f"{part:.1f}" for point in points for part in point), operator]))


def with_nameless_shapes(pdf: bytes, places: Sequence[Place], texts: Sequence[tuple[str, str]]) -> bytes:
    """Return the file with each number in a Type 3 font that names no character, under codes of letters."""
    objects = Objects(pdf)
    font = objects.add(_type3(objects))
    pages = objects.pages()
    for page in sorted({place.page for place in places}):
        own = [(p, text) for p, (text, _) in zip(places, texts, strict=True) if p.page == page]
        form = objects.add(as_stream(_form_of(font), "\n".join(_printed(*each) for each in own).encode()))
        _lay_over(objects, pages[page], form)
    return objects.to_bytes()


def _form_of(font: int) -> bytes:
    box = b"/Type/XObject/Subtype/Form/BBox[-2000 -2000 4000 4000]"
    return box + b"/Resources<</Font<</T3 %d 0 R>>>>" % font


def _printed(place: Place, text: str) -> str:
    x = place.middle - width_of(text, place.size) / 2
    codes = "".join(chr(FIRST_CODE + int(digit)) for digit in text)
    return f"BT 0 g /T3 {place.size:.2f} Tf {x:.2f} {place.baseline:.2f} Td ({codes}) Tj ET"


def _type3(objects: Objects) -> bytes:
    font = ttLib.TTFont(font_file())
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    shapes, widths = [], []
    for digit in "0123456789":
        pen, glyph = ContentPen(glyphs), glyphs[names[ord(digit)]]
        glyph.draw(pen)
        drawn = f"{glyph.width} 0 0 -300 {UNITS} {UNITS} d1\n" + "\n".join(pen.operators) + "\nf"
        shapes.append(objects.add_stream(b"", drawn.encode()))
        widths.append(glyph.width)
    named = b"".join(b"/g%d %d 0 R" % each for each in enumerate(shapes))
    order = b"".join(b"/g%d" % number for number in range(10))
    return b"".join(
        (
            b"<</Type/Font/Subtype/Type3/FontBBox[0 -300 %d %d]" % (UNITS, UNITS),
            b"/FontMatrix[.001 0 0 .001 0 0]/Resources<<>>/CharProcs<<%s>>" % named,
            b"/Encoding<</Type/Encoding/Differences[%d%s]>>" % (FIRST_CODE, order),
            b"/FirstChar %d/LastChar %d" % (FIRST_CODE, FIRST_CODE + 9),
            b"/Widths[%s]>>" % b" ".join(b"%d" % width for width in widths),
        )
    )


def _lay_over(objects: Objects, page: int, form: int) -> None:
    """Draw a form after all that a page holds."""
    content = objects[page]
    found = re.search(rb"/Contents\s*(\[.*?\]|\d+ 0 R)", content, re.DOTALL)
    if not found:
        raise ValueError("a page without content")
    before, after = objects.add_stream(b"", b"q"), objects.add_stream(b"", b"Q q /Over%d Do Q" % form)
    listed = found[1].strip(b"[]")
    content = content.replace(found[0], b"/Contents[%d 0 R %s %d 0 R]" % (before, listed, after))
    owner = _resources_of(objects, page, content)
    objects[page] = content
    _name_form(objects, owner, form)


def _resources_of(objects: Objects, page: int, content: bytes) -> int:
    """Return the number of the object that holds the resources of a page, or of the page itself."""
    found = re.search(rb"/Resources (\d+) 0 R", content)
    return int(found[1]) if found else page


def _name_form(objects: Objects, owner: int, form: int) -> None:
    content, entry = objects[owner], b"/Over%d %d 0 R" % (form, form)
    if found := re.search(rb"/XObject (\d+) 0 R", content):
        objects.extend(int(found[1]), entry)
    elif b"/XObject<<" in content:
        objects[owner] = content.replace(b"/XObject<<", b"/XObject<<" + entry, 1)
    elif b"/Resources<<" in content:
        objects[owner] = content.replace(b"/Resources<<", b"/Resources<</XObject<<" + entry + b">>", 1)
    else:
        objects.extend(owner, b"/XObject<<" + entry + b">>")


# ----------------------------------------------- Chinese fonts that are not embedded

NAME, NEW_NAME = b"/STSong-Light", b"/FangSong_GB2312"


def as_small_font(flags: int, gbk: bool = False) -> Callable[[bytes], bytes]:
    """Return what gives the font that is not embedded these flags; and, if so, codes of GBK."""

    def finish(pdf: bytes) -> bytes:
        objects = Objects(pdf)
        for number, content in objects.known.items():
            if NAME in content.partition(b"stream")[0]:
                named = re.sub(rb"/Flags \d+", b"/Flags %d" % flags, content.replace(NAME, NEW_NAME))
                objects[number] = named.replace(b"/UniGB-UCS2-H", b"/GBK-EUC-H") if gbk else named
        if gbk:
            _encode(objects)
        return objects.to_bytes()

    return finish


STRING = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*Tj", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _encode(objects: Objects) -> None:
    """Write the texts of the pages in GBK."""
    for page in objects.pages():
        found = re.search(rb"/Contents\s*\[?\s*(\d+) 0 R", objects[page])
        if found:
            number = int(found[1])
            content = STRING.sub(_in_gbk, objects.stream(number))
            objects[number] = as_stream(b"/Filter/FlateDecode", zlib.compress(content))


def _in_gbk(found: re.Match[bytes]) -> bytes:
    raw = re.sub(rb"\\([0-7]{3}|.)", _unescaped, found[1], flags=re.DOTALL)
    encoded = raw.decode("utf-16-be").encode("gbk", "replace")
    return b"<%s> Tj" % encoded.hex().encode()


def _unescaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    return bytes([int(said, 8)]) if len(said) == 3 else ESCAPES.get(said, said)
