"""Fonts of the system, of any format, as TrueType fonts that reports can be set in."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase import ttfonts as reportlab_fonts

from benchmarks.scans.settings import Font
from tools.generator import fonts, render
from tools.generator.fonts import font_file

EM = 1000
"""Font units of the composed font's em."""

NUMBERS = frozenset("0123456789.,-%/")
"""Characters that a Latin font is used for, where one is."""

FOLDERS = "SCAN_FONTS"
"""The environment variable with folders of fonts, parted as PATH is; searched before the system's."""

SYSTEM = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/usr/share/texlive"))


class FontError(Exception):
    """A font that is not there; the message says which package has it."""


@contextmanager
def set_in(font: Font, characters: Iterable[str]) -> Iterator[None]:
    """Let the generator set what it draws in this font, which then has these characters.

    Each such font goes by a name of its own: reportlab keeps the first of a name.
    """
    fonts.load_font()
    usual = fonts.FONT
    wanted = frozenset(characters)
    name = f"{font.name}-{sha256(''.join(sorted(wanted)).encode()).hexdigest()[:12]}"
    pdfmetrics.registerFont(reportlab_fonts.TTFont(name, io.BytesIO(compose_font(font, name, wanted))))
    fonts.FONT = render.FONT = name  # type: ignore[attr-defined]
    try:
        yield
    finally:
        fonts.FONT = render.FONT = usual  # type: ignore[attr-defined]


def compose_font(font: Font, name: str, characters: frozenset[str]) -> bytes:
    """Return a TrueType font with these characters, each from the first file of `font` that has it."""
    faces = [_face(file, font) for file in font.files]
    latin = _face(font.digits, font) if font.digits else None
    glyphs, widths, codes = {".notdef": TTGlyphPen(None).glyph()}, {".notdef": (EM, 0)}, {}
    for character in sorted(characters):
        own = [latin, *faces] if latin and character in NUMBERS else faces
        face = next((each for each in own if each and ord(character) in each.getBestCmap()), None)
        if face:
            glyph = f"u{ord(character):05X}"
            glyphs[glyph], widths[glyph] = _glyph(face, face.getBestCmap()[ord(character)])
            codes[ord(character)] = glyph
    return _built(name, glyphs, widths, codes)


def _glyph(face: TTFont, name: str) -> tuple[Any, tuple[int, int]]:
    """Return an outline of quadratic curves in EM, and its width with its left side."""
    glyphs = face.getGlyphSet()
    scale = EM / face["head"].unitsPerEm
    recorded = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(recorded)
    pen = TTGlyphPen(None)
    cubic = "glyf" not in face
    inner = Cu2QuPen(pen, max_err=0.8, reverse_direction=True) if cubic else pen
    recorded.replay(TransformPen(inner, (scale, 0, 0, scale, 0, 0)))
    glyph = pen.glyph()
    glyph.recalcBounds(None)
    return glyph, (round(glyphs[name].width * scale), getattr(glyph, "xMin", 0))


def _built(name: str, glyphs: dict[str, Any], widths: dict[str, Any], codes: dict[int, str]) -> bytes:
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(codes)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(widths)
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    sink = io.BytesIO()
    builder.save(sink)
    return sink.getvalue()


@cache
def _face(file: str, font: Font) -> TTFont:
    name, _, number = file.partition(":")
    return TTFont(find_font(name, font.package), fontNumber=int(number or 0), lazy=True)


def find_font(name: str, package: str) -> Path:
    """Return the font file of that name."""
    if name == font_file().name:
        return font_file()
    for folder in _folders():
        for found in sorted(folder.rglob(name)):
            return found
    raise FontError(f"no font {name}: apt-get install {package}, or name its folder in ${FOLDERS}")


def _folders() -> Sequence[Path]:
    named = [Path(folder) for folder in os.environ.get(FOLDERS, "").split(os.pathsep) if folder]
    return (*named, *SYSTEM)
