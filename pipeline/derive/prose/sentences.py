"""The text of a chapter → sentences with a figure, each with the text before it in its paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.forms.labels import ideographs

_FIGURE = re.compile(
    r"[0-9万](?:余|多|来)?[个件宗条份起例项部封元]|[零〇一二两三四五六七八九十百千](?:余|多|来)?[件宗条份起例]"
    "|(?:未|没有|无|不存在|不收)[^，,]{0,40}(?:申请|事项|信息|来信|行政复议|诉|结转|规范性文件|规章|费)"
    "|信息处理费|收费通知"
)
_BROKEN = re.compile(r"(?<![。！？；：])\n")
_SENTENCE = re.compile(r"[^。！？；]*[。！？；]?")
_SENTENCE_MAX = 2_000
"""Count. A sentence of more characters has lost its full stops: what it says of whom and when cannot be told
apart, and it claims nothing. The longest with its full stops in the sample reports has 142."""

_BEFORE_MAX = 2_000
"""Count. As many characters of the paragraph before a sentence may name its topic, body and year."""

_GAP = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
_FOLDED = {
    **{code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)},
    **str.maketrans("．％（）：［］【】", ".%():()()", "“”‘’\"'"),
}


class Sentence(NamedTuple):
    """`printed` without white space at its ends. `folded` has half-width digits and brackets, the marks of
    own names, no quotation marks, and no blanks except between digits. `before` is the paragraph up to it,
    folded."""

    printed: str
    folded: str
    before: str


def text_to_sentences(text: str, mark: Callable[[str], str] = str) -> Iterator[Sentence]:
    """Yield the sentences that may claim a figure, with own names marked by `mark`. A line that ends
    without a full stop continues in the next."""
    for paragraph in _BROKEN.sub("", text).split("\n"):
        printed = _SENTENCE.findall(paragraph)
        folded = [*map(fold_sentence, printed)]
        last = max((place for place, one in enumerate(folded) if _FIGURE.search(one)), default=-1)
        before = ""
        for one, plain in zip(printed[: last + 1], folded, strict=False):
            marked = mark(plain)
            if len(plain) <= _SENTENCE_MAX and _FIGURE.search(plain):
                yield Sentence(one.strip(), marked, before)
            before = (before + marked)[-_BEFORE_MAX:]


def fold_sentence(printed: str) -> str:
    """Return the text with half-width digits and brackets, without blanks and quotation marks."""
    return _GAP.sub("", ideographs(printed).translate(_FOLDED))
