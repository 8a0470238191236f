"""Foreign texts → texts that are safe to show: nothing in them steers a terminal, hides or reorders text.

The tables keep what is printed on the page. Everything shown in a terminal, a log, a mail or a chat passes
here, as PDFs, file names and sites may hold any character.
"""

from __future__ import annotations

import re
from unicodedata import category

KEPT_MAX_CHARACTERS = 500
"""Count. No more of a title or a reason is kept: a person reads it in one line."""

# Common characters that are visible and steer nothing. A text of only these needs no closer look.
_USUAL = " -~\u00a1-\u00ac\u00ae-\u00ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u257f"
_USUAL += "\u3000-\u3029\u4e00-\u9fff\uff01-\uff5e"
_PLAIN = re.compile(f"[{_USUAL}]*")
_STEERING = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})
_COMBINING = frozenset({"Me", "Mn"})

_MARKS_MAX = 8
"""Count. More combining marks on one character are shown as escapes: they would cover other lines.

Tibetan needs five.
"""

# Letters and marks that are invisible.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTOR = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ODD = re.compile(f"[^\n{_USUAL}]")


def to_printable(text: str) -> str:
    """Return the text as one line, with every character that steers, hides or reorders as an escape
    (`\\x1b`).

    Applied to its own result it changes nothing.
    """
    if _PLAIN.fullmatch(text):
        return text
    shown, marks = " ", 0
    for char in text:
        marks = marks + 1 if category(char) in _COMBINING else 0
        is_seen = marks <= _MARKS_MAX and not _is_unseen(char, before=shown[-1])
        shown += char if is_seen else _escape(char)
    return shown[1:]


def to_lines(text: str) -> str:
    """Return several lines, each made safe; for text of our own or of a library."""
    return "\n".join(map(to_printable, text.split("\n")))


def to_short(text: str, most: int = KEPT_MAX_CHARACTERS) -> str:
    """Return the first characters made safe, with … if there are more."""
    return to_printable(text if len(text) <= most else f"{text[:most]}…")


def to_storable(text: str) -> str:
    """Return the text with half surrogate pairs as escapes, as in file names that are not UTF-8: no file
    can hold them."""
    return text.encode("utf-8", "backslashreplace").decode()


def json_to_printable(text: str) -> str:
    """Return the same JSON with unsafe characters as JSON escapes, so that a program reads the same."""
    return _ODD.sub(lambda found: _char_to_json(found[0]), text)


def to_escapes(text: str) -> str:
    """Return the characters as JSON escapes: four digits each, or a pair."""
    units = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def path_to_shell(path: str) -> str:
    """Return the path quoted for a shell (bash, zsh), safe to show."""
    import shlex

    word = f"./{path}" if path.startswith("-") else path
    if to_printable(word) == word:
        return shlex.quote(word)
    return f"$'{''.join(map(_char_to_shell, word))}'"


def _is_unseen(char: str, before: str) -> bool:
    """Whether a character shows nothing. A variation selector is allowed after a character with several
    forms."""
    if _SELECTOR.match(char):
        return before.isascii() or category(before) in _COMBINING
    return category(char) in _STEERING or char in _INVISIBLE


def _escape(char: str) -> str:
    """Return the character as Python escapes it."""
    return char.encode("unicode_escape").decode()


def _char_to_json(char: str) -> str:
    """Return the character, or its JSON escape if it is unsafe."""
    return to_escapes(char) if _is_unseen(char, before=" ") else char


def _char_to_shell(char: str) -> str:
    """Return a character for $'…': bytes that are no text, and unsafe characters, by number."""
    if char in "'\\":
        return f"\\{char}"
    if to_printable(char) == char:
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
