"""What a cell of a Word document shows that is no text of the file: fields, pictures and the like."""

from __future__ import annotations

FIELD = "a field in it shows what its instruction draws, has no result, or is to be computed anew"
PICTURE = "a picture, a symbol or an embedded file stands in it, and may show a number"
TIGHT = "its characters are set so narrow or so close that they may not be seen"

TIGHT_MIN_SHARE = 0.25
"""Share of the size of a text. Characters that are set closer by more lie over each other."""

PERCENT = 100
"""Count. The parts in which a width is told."""

NARROW_MAX_SHARE = 0.2
"""Share of their usual width. Characters that are narrower are perhaps seen by nobody."""

_SILENT_FIELDS = frozenset(
    {"TC", "XE", "TA", "RD", "SET", "ASK", "PRIVATE", "ADVANCE", "BOOKMARK", "HYPERLINK"}
)
"""The fields that show nothing where they stand."""


def shows_something(instruction: str) -> bool:
    """Whether a field with this instruction shows something where it stands, once it is computed."""
    words = instruction.split()
    return bool(words) and words[0].upper() not in _SILENT_FIELDS
