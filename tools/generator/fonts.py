"""The font, and text broken into lines the way a word processor breaks it."""

from __future__ import annotations

import importlib.util
import io
import re
from functools import lru_cache
from pathlib import Path

from fontTools import ttLib
from fontTools.ttLib.scaleUpem import scale_upem
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

FONT, COARSE = "NotoSansSC", "NotoSansSC-coarse"
COARSE_EM = 128  # 宋体, which most reports are set in, has 256, and FONT 1000; in print nobody sees it
CLOSING = "，。；：、！？）》”’%％"
OPENING = "（《“‘"
TOKEN = re.compile(rf"[{OPENING}]*(?:[0-9A-Za-z.,+\-@%/]+|.)[{CLOSING}]*", re.DOTALL)


def font_file() -> Path:
    """The font inside zhplot, which is looked up and not imported, for it draws matplotlib in."""
    spec = importlib.util.find_spec("zhplot")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("zhplot, which carries the font, is not installed: pip install zhplot")
    return Path(spec.submodule_search_locations[0], "fonts", "NotoSansSC-Regular.ttf")


@lru_cache(maxsize=1)
def load_font() -> None:
    """Register the font once."""
    pdfmetrics.registerFont(TTFont(FONT, str(font_file())))


@lru_cache(maxsize=1)
def load_coarse_font() -> None:
    """Register the font drawn on a coarser grid, which makes reports a third smaller."""
    font = TTFont(COARSE, str(font_file()), asciiReadable=False)
    font.face = CoarseFace(str(font_file()))
    pdfmetrics.registerFont(font)


class CoarseFace(TTFontFace):  # type: ignore[misc]
    """The face as it is embedded: outlines rounded to COARSE_EM, without tables that no PDF needs."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.name = COARSE.encode()  # reportlab takes faces of one name for one

    def makeSubset(self, subset: list[int]) -> bytes:  # noqa: N802 (reportlab's name)
        font = ttLib.TTFont(io.BytesIO(super().makeSubset(subset)), recalcTimestamp=False)
        for unneeded in {"name", "prep"} & set(font.keys()):
            del font[unneeded]
        scale_upem(font, COARSE_EM)
        sink = io.BytesIO()
        font.save(sink)
        return sink.getvalue()


def width_of(text: str, size: float) -> float:
    """Points that `text` takes on a line."""
    return float(pdfmetrics.stringWidth(text, FONT, size))


def wrap(text: str, width: float, size: float) -> list[str]:
    """Lines of at most `width` points; numbers stay whole, punctuation clings to its neighbour."""
    lines = [""]
    for token in TOKEN.findall(text):
        for piece in [token] if width_of(token, size) <= width else list(token):
            if lines[-1] and width_of(lines[-1] + piece, size) > width:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip(" ")
    return lines


def chunk(text: str, length: int) -> list[str]:
    """Lines of `length` characters, as in a cell too narrow for more."""
    return [text[start : start + length] for start in range(0, len(text), length)]
