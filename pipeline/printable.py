"""Texts of others as they may be shown: nothing in them steers a terminal, hides or reorders what is read.

The tables keep what is printed on the page. What goes to a terminal, a log, a mail or a chat passes here:
PDFs, file names and sites choose their characters themselves.
"""

from __future__ import annotations

import re
from unicodedata import category

LONGEST = 500
"""Characters of a title or a reason that are kept."""

# Most of what is ever shown, so that most texts need one look: all of it is seen and steers nothing.
_USUAL = " -~\u00a1-\u00ac\u00ae-\u00ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u257f"
_USUAL += "\u3000-\u3029\u4e00-\u9fff\uff01-\uff5e"
_PLAIN = re.compile(f"[{_USUAL}]*")
_STEERING = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})
_MARKS = frozenset({"Me", "Mn"})
_MOST_MARKS = 8  # of one character: Tibetan needs five
# Letters and marks that show nothing.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTOR = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ODD = re.compile(f"[^\n{_USUAL}]")


def to_printable(text: str) -> str:
    """The text as one line, with every character that steers, hides or reorders as its escape: `\\x1b`.

    A text that went through comes back as it is.
    """
    if _PLAIN.fullmatch(text):
        return text
    shown, marks = " ", 0
    for char in text:
        marks = marks + 1 if category(char) in _MARKS else 0
        is_seen = marks <= _MOST_MARKS and not _is_unseen(char, before=shown[-1])
        shown += char if is_seen else _escape(char)
    return shown[1:]


def to_lines(text: str) -> str:
    """Lines of ours, or of a library, with what steers in them made visible."""
    return "\n".join(map(to_printable, text.split("\n")))


def to_short(text: str, most: int = LONGEST) -> str:
    """`to_printable` of the first characters, with … where there are more."""
    return to_printable(text if len(text) <= most else f"{text[:most]}…")


def to_storable(text: str) -> str:
    """The text with half surrogate pairs as escapes, as in names that are no UTF-8: no file takes them."""
    return text.encode("utf-8", "backslashreplace").decode()


def json_to_printable(text: str) -> str:
    """The same JSON with those characters as escapes of JSON, so that it says the same to a program."""
    return _ODD.sub(lambda found: _char_to_json(found[0]), text)


def to_escapes(text: str) -> str:
    """The characters by number, as JSON has them: four digits, and what has more is a pair."""
    units = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def path_to_shell(path: str) -> str:
    """A word for a shell (bash, zsh) that means this path and holds nothing that steers."""
    import shlex

    word = f"./{path}" if path.startswith("-") else path
    if to_printable(word) == word:
        return shlex.quote(word)
    return f"$'{''.join(map(_char_to_shell, word))}'"


def _is_unseen(char: str, before: str) -> bool:
    """Whether it shows nothing: a selector does after a character that comes in several forms."""
    if _SELECTOR.match(char):
        return before.isascii() or category(before) in _MARKS
    return category(char) in _STEERING or char in _UNSEEN


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _char_to_json(char: str) -> str:
    return to_escapes(char) if _is_unseen(char, before=" ") else char


def _char_to_shell(char: str) -> str:
    """Bytes of a name that are no text, and what steers, by number."""
    if char in "'\\":
        return f"\\{char}"
    if to_printable(char) == char:
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
