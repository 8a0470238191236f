"""Turn the bytes of a web page into text, whatever its label says.

No parser is given bytes: one that goes by a wrong label ends the page at the first character that the label's
charset lacks, tables and all, without a word.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

LOST = "\ufffd"
"""What stands in a text for bytes that are no character."""

_LABEL_MAX_BYTES = 4096
"""Count. The label of a charset stands in as many bytes at the head of a page."""

_UTF8_MIN_SHARE = 0.99
"""Share of the characters beyond ASCII. With as many sound ones a page is UTF-8, and damaged."""

_FIRST_PARTS = 10
"""Count. So many parts has what is decoded to tell UTF-8; the first tells the bytes of another charset."""

_NUL_MIN_SHARE = 0.02
"""Share of the bytes at the head. With as many NULs a page is UTF-16, whose label may be missing."""

_NUL_MIN_LEAD = 4
"""Times the other's count. Of a character's two bytes, the one that is NUL as often is the higher one."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII = bytes(range(128))
_LABEL = re.compile(rb"""charset\s*=\s*["']?\s*([\w:.-]+)|<\?xml[^>]*encoding\s*=\s*["']([\w:.-]+)""", re.I)
_OTHERS = frozenset({"big5", "big5hkscs", "hz", "shift_jis", "euc_jp", "euc_kr", "iso2022_jp", "utf_7"})
"""The charsets that are believed where a page names them: their bytes may be those of gb18030 too."""


class PageText(NamedTuple):
    """The text of a page, and the charset in which it is read."""

    text: str
    charset: str


def bytes_to_text(data: bytes, declared: str = "") -> PageText:
    """Return the text of a page; LOST stands for bytes that are no character.

    `declared` is the charset that stands outside of the page, in a header, "" where none does.
    """
    for bom, charset in _BOMS:
        if data.startswith(bom):
            return PageText(data[len(bom) :].decode(charset, "replace"), charset)
    if charset := _utf16_without_bom(data):
        return PageText(data.decode(charset, "replace"), charset)
    try:
        return PageText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _not_utf8(data, [declared, *_labels(data)])


def _not_utf8(data: bytes, labels: list[str]) -> PageText:
    """Return the text of bytes that are not all UTF-8."""
    for label in labels:
        charset = _known(label)
        if charset in _OTHERS:
            try:
                return PageText(data.decode(charset), charset)
            except UnicodeDecodeError:
                continue
    charset = "utf-8" if _is_damaged_utf8(data.translate(None, _ASCII)) else "gb18030"
    return PageText(data.decode(charset, "replace"), charset)


def _is_damaged_utf8(beyond: bytes) -> bool:
    """Whether bytes beyond ASCII are mostly sound UTF-8: of others a part loses more than all may."""
    first = beyond[: len(beyond) // _FIRST_PARTS].decode("utf-8", "replace")
    if first.count(LOST) > (1 - _UTF8_MIN_SHARE) * len(beyond):
        return False
    text = beyond.decode("utf-8", "replace")
    return text.count(LOST) <= (1 - _UTF8_MIN_SHARE) * len(text)


def _labels(data: bytes) -> list[str]:
    """Return the charsets that a page names at its head."""
    found = _LABEL.findall(data[:_LABEL_MAX_BYTES])
    return [(one or other).decode("ascii", "replace") for one, other in found]


def _known(label: str) -> str:
    """Return the name by which a charset is known here; "" where it is not."""
    try:
        return codecs.lookup(label).name.replace("-", "_") if label else ""
    except LookupError:
        return ""


def _utf16_without_bom(data: bytes) -> str:
    """Return in which of the two orders a page without a mark is UTF-16; "" where it is not."""
    head = data[:_LABEL_MAX_BYTES]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < _NUL_MIN_SHARE * len(head) or max(even, odd) < _NUL_MIN_LEAD * min(even, odd):
        return ""
    return ("utf-16-be" if even > odd else "utf-16-le") if head else ""
