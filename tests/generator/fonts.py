"""The font, and text broken into lines the way a word processor breaks it."""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

FONT = "NotoSansSC"
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
