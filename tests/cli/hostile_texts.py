"""Texts that PDFs, file names and sites may hold to steer what shows them, and what may never come out."""

from __future__ import annotations

from unicodedata import category

STEERING = ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp")

NAMES = (
    b"\x1b[31mred\x1b[2J",
    b"\x1b]0;title\x07",
    b"\x1b]8;;http:evil.example\x1b\\click\x1b]8;;\x1b\\",
    b"\x1b]52;c;cm0gLXJm\x07",
    b"\x1bP+q544e\x1b\\",
    b"\x1b[?1049h",
    "\x9b31m c1".encode(),
    "\x9d0;title\x9c".encode(),
    "\x85next line\x84".encode(),
    b"del\x7f\x7f",
    b"failed\b\b\b\b\b\bok    ",
    b"failed\rok",
    b"a\n[1/1] fake.pdf: ok, 0.0 s",
    b'b\n{"event": "night ended", "level": "info"}',
    b"tab\ttab\x0b\x0c",
    "\u202efdp.exe".encode(),
    "\u2066isolated\u2069\u200e\u200f\u061c".encode(),
    "zero\u200bwidth\u200c\u200d\u2060\ufeff\u00ad".encode(),
    "tags\U000e0041\U000e0042".encode(),
    "line\u2028paragraph\u2029".encode(),
    "filler\u3164\u115f\uffa0\u034f".encode(),
    b"bytes\xff\xfe",
    b"bytes\xff\xfd",
    b"\x9b31m raw",
    "תירבע عربي".encode(),
    "示例局".encode() * 24,
    b"--out=elsewhere",
    b"=cmd|' C'!A0",
    b"@everyone #1 user" + b"\xef\xbc\x8f" + b"repo",
    b"[red]markup[ red] :skull:",
    b"![](x) [a](b) `c` **d** <b> | &lt; ~~e~~",
    b"<script>alert(1)<",
    "👩\u200d👩\u200d👧🏽 ❤\ufe0f".encode(),
    ("z" + "\u0300\u0316" * 50).encode(),
    "é".encode(),
    "e\u0301".encode(),
    b"trailing blanks   ",
    b"con",
    b"""quo"te's""",
    b"%00%1b[31m",
    b"{0}{report.error}{",
    b"$(touch touched)`touch touched`;&|",
    b"back\\slash\\x1b",
)


def is_steering(char: str) -> bool:
    return category(char) in STEERING and char != "\n"


def printed_to_text(printed: bytes) -> str:
    """What a command printed, which must be UTF-8 and hold nothing that steers."""
    text = printed.decode("utf-8")
    assert [char for char in text if is_steering(char)] == [], text
    return text
