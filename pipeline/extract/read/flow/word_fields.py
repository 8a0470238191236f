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


def lacks_result(instruction: str, *, is_empty: bool) -> bool:
    """Whether a field that shows nothing would show something once it is computed; `is_empty`: it never was.

    The result of a field that was computed may be empty, but not that of a formula.
    """
    words = instruction.split()
    if not words or words[0].upper() in _SILENT_FIELDS:
        return False
    return is_empty or words[0].startswith("=")
