"""The text of a chapter → sentences with a figure, each with the text before it in its paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.forms.labels import ideographs

_FIGURE = re.compile(
    r"[0-9万](?:余|多|来)?[个件宗条份起例项部]|[零〇一二两三四五六七八九十百千](?:余|多|来)?[件宗份起例]"
    "|(?:未|没有|无)[^，,]{0,40}(?:申请|事项|行政复议|行政诉讼)"
)
_BROKEN = re.compile(r"(?<![。！？；：])\n")
_SENTENCE = re.compile(r"[^。！？；]*[。！？；]?")
_GAP = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
_HALF_WIDTH = {
    **{code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)},
    **str.maketrans("．％（）：［］【】", ".%():()()"),
}


class Sentence(NamedTuple):
    """`printed` without white space at its ends. `folded` has half-width digits and brackets, and no
    blanks except between digits. `before` is the paragraph up to it, folded."""

    printed: str
    folded: str
    before: str


def text_to_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences that may claim a figure. A line that ends without a full stop continues in the
    next."""
    for paragraph in _BROKEN.sub("", text).split("\n"):
        before = ""
        for printed in _SENTENCE.findall(paragraph):
            folded = fold_sentence(printed)
            if _FIGURE.search(folded):
                yield Sentence(printed.strip(), folded, before)
            before += folded


def fold_sentence(printed: str) -> str:
    """Return the text with half-width digits and brackets and without blanks."""
    return _GAP.sub("", ideographs(printed).translate(_HALF_WIDTH))
