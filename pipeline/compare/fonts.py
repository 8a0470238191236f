"""Chinese text on machines without Chinese fonts: Noto Sans SC (SIL OFL 1.1) from the package zhplot."""

from __future__ import annotations

import base64
import io
from importlib.util import find_spec
from pathlib import Path

FAMILY = "Noto Sans SC"
FILE = "NotoSansSC-Regular.ttf"
# Characters that Vega adds itself: letters, digits, its minus sign, dots for shortened text.
ALWAYS = "".join(map(chr, range(32, 127))) + "−…–—·‰％，。、：；（）《》“”※↑↓↕"


def font_folder() -> Path:
    """Return the folder of the font. The package itself is not imported, as it would load matplotlib."""
    spec = find_spec("zhplot")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("zhplot, which carries the Chinese font, is not installed", name="zhplot")
    return Path(spec.origin).parent / "fonts"


def text_to_font(text: str) -> str:
    """Return the font with only the characters of a text, as WOFF2 in base64. The same text gives the same
    bytes."""
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options = Options(flavor="woff2", hinting=False, layout_features=["kern", "tnum"], notdef_outline=True)
    font = load_font(str(font_folder() / FILE), options)
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted({*text, *ALWAYS})))
    subsetter.subset(font)
    sink = io.BytesIO()
    save_font(font, sink, options)
    return base64.b64encode(sink.getvalue()).decode()
