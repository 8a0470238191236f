"""The kinds of reports whose numbers are not plain text, or seem to be others, and how each is made.

A kind says what is printed in some number cells, by which programs, and what is done with the file
afterwards. What a reader of the page sees is the truth; where nobody can tell, it is `unreadable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from tools.generator import Piece, Printed
from tools.generator.numbers import plain

from ..producers import PRODUCERS
from .damage import with_flipped_bytes
from .digits import as_small_font, with_nameless_shapes
from .notes import (
    on_hidden_layer,
    with_blank_page,
    with_fields,
    with_notes,
    with_white_notes,
    with_white_squares,
)
from .objects import with_maps
from .overlay import (
    Draw,
    in_way,
    one_over_the_other,
    over_every_page,
    overlay,
    small_watermark,
    stamp_beside,
    watermark,
    with_actual_text,
)
from .places import Place
from .scans import with_misread_layer, with_text_layer

EVERY = tuple(PRODUCERS)
CANVAS = ("canvas",)
AUTHORS = ("chromium", "weasyprint", "libreoffice")
"""Programs that print what authors mark: struck out, raised, set apart."""

MODERN = ("fy2021", "fy2019", "fy2021 over fy2019", "fy2019 over fy2021")
FORMS = (*MODERN, "fy2014 national", "fy2014 provincial")
SIGNED = ("fy2019", "fy2019 over fy2021")
"""Forms with numbers that may be below zero."""

Finish = Callable[[bytes, Sequence[Place], Sequence[tuple[str, str]], Random], bytes]
"""A file, where its marked numbers stand, what is shown there with what else stands there → the file."""


@dataclass(frozen=True, slots=True)
class Written:
    """A number cell: what the program prints, `text` and `older` for what is done afterwards."""

    printed: Printed
    text: str = ""
    older: str = ""
    pieces: tuple[Piece, ...] = ()


Write = Callable[[float, Random], Written]
"""A figure → its cell."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report.

    `cells` says which cells: seen (above zero), zero, signed (may be below zero), large (sums do not hold
    them), or "" for none; `write` is how they are printed. `way` is how the canvas shows them by itself,
    `mark` what an author's program marks. `small` asks for figures of one digit.
    """

    name: str
    cells: str = ""
    write: Write | None = None
    finish: Finish | None = None
    producers: tuple[str, ...] = EVERY
    forms: tuple[str, ...] = FORMS
    way: str = ""
    mark: str = ""
    small: bool = False
    font: str = "embedded"


# --------------------------------------------------------------- how cells are written


def added(value: float, rng: Random) -> Written:
    """Nothing is printed; the number is added afterwards."""
    return Written(Printed("", value, "ok"), plain(value))


def replaced(value: float, rng: Random) -> Written:
    """An older number is printed; the number is laid over it."""
    older = _other(value, rng)
    return Written(Printed(older, value, "ok"), plain(value), older)


def hidden(value: float, rng: Random) -> Written:
    """The cell is blank to the eye; what nobody sees is added."""
    return Written(Printed("", None, "blank"), str(rng.randint(2, 98)))


def hidden_print(value: float, rng: Random) -> Written:
    """The cell is blank to the eye, for what is printed is covered."""
    number = str(rng.randint(2, 98))
    return Written(Printed(number, None, "blank"), number, number)


def beside(value: float, rng: Random) -> Written:
    """The number is added, and close behind it a digit that is not of it."""
    return Written(Printed("", value, "ok"), plain(value), str(rng.randint(1, 9)))


def corrected(value: float, rng: Random) -> Written:
    """An older number is added before the number."""
    return Written(Printed("", value, "ok"), plain(value), _other(value, rng))


def doubtful(value: float, rng: Random) -> Written:
    """A number is added of which nobody can tell whether it holds."""
    return Written(Printed("", None, "unreadable"), plain(value), _other(value, rng))


def printed(value: float, rng: Random) -> Written:
    """The number is printed as it is."""
    return Written(Printed(plain(value), value, "ok"), plain(value), plain(value))


def misread(value: float, rng: Random) -> Written:
    """The number is printed, and said to be another."""
    number = rng.randint(1000, 6999)
    return Written(Printed(str(number), number, "ok"), str(number), _other(number, rng))


def _other(value: float, rng: Random) -> str:
    """Return another number of as many digits."""
    text = plain(value)
    digits = [digit for digit in "123456789" if digit != text[-1]]
    return text[:-1] + rng.choice(digits)


def in_words(form: str, least: int = 1_000, most: int = 5_999) -> Write:
    """Return what prints a number in a form of its own: {0} all of it, {1} its thousands, {2} the rest."""

    def write(value: float, rng: Random) -> Written:
        number = rng.randint(least, most)
        text = form.format(number, number // 1000, f"{number % 1000:03d}")
        return Written(Printed(text, number, "ok"))

    return write


def below_zero(form: str) -> Write:
    """Return what prints a number below zero in a form of its own."""

    def write(value: float, rng: Random) -> Written:
        number = rng.randint(2, 98)
        return Written(Printed(form.format(number), -number, "ok"))

    return write


def in_pieces(set_by_hand: Callable[[str], tuple[Piece, ...]]) -> Write:
    """Return what sets a number by hand."""

    def write(value: float, rng: Random) -> Written:
        number = rng.randint(1000, 5999)
        return Written(Printed(str(number), number, "ok"), pieces=set_by_hand(str(number)))

    return write


def marked(form: str) -> Write:
    """Return what prints a number with a mark of its author: {0} the number, {1} another."""
    from .markup import BEGIN, END

    def write(value: float, rng: Random) -> Written:
        number = rng.randint(1000, 5999)
        text = form.format(number, rng.randint(1, 98), BEGIN=BEGIN, END=END)
        return Written(Printed(text, number, "ok"))

    return write


# ------------------------------------------------------------ what is done afterwards


def drawn_over(draw: Draw) -> Finish:
    return lambda pdf, places, texts, rng: overlay(pdf, places, texts, draw)


def whole(edit: Callable[[bytes], bytes]) -> Finish:
    return lambda pdf, places, texts, rng: edit(pdf)


def at_places(edit: Callable[[bytes, Sequence[Place], Sequence[tuple[str, str]]], bytes]) -> Finish:
    return lambda pdf, places, texts, rng: edit(pdf, places, texts)


def in_map(renamed: Mapping[str, str]) -> Finish:
    return whole(lambda pdf: with_maps(pdf, renamed))


def shown(name: str, way: str, cells: str, write: Write) -> Kind:
    """Return a kind that the canvas prints by itself, and that is laid over what others print."""
    return Kind(name, cells, write, drawn_over(in_way(way)), way=way)


SIX_AND_EIGHT = {"6": "8", "8": "6"}
PRIVATE = {str(digit): chr(0xF030 + digit) for digit in range(10)}
NAMELESS = dict.fromkeys("0123456789", "")

KINDS = (
    # shown, and no text of the page
    Kind("form fields", "seen", added, at_places(with_fields), way="field"),
    Kind("typed notes", "seen", added, at_places(with_notes)),
    Kind("typed notes over older numbers", "seen", replaced, at_places(with_white_notes)),
    shown("outlines", "outlines", "seen", added),
    shown("pictures", "picture", "seen", added),
    # lone digits that pdfium loses
    *(
        Kind(
            f"lone digits of a font that is not embedded, {name}",
            finish=whole(as_small_font(flags, gbk)), producers=("reportlab",), forms=MODERN, small=True,
            font="system",
        )
        for name, flags, gbk in (("Flags 4", 4, False), ("Flags 32", 32, False), ("GBK-EUC-H", 4, True))
    ),
    # text that nobody sees
    Kind("on a layer that is switched off", "zero", hidden, at_places(on_hidden_layer(in_way("light grey")))),
    shown("white on white", "white", "zero", hidden),
    shown("transparent", "transparent", "zero", hidden),
    shown("printed in mode 3", "invisible", "zero", hidden),
    shown("clipped, mode 7", "clipped", "zero", hidden),
    shown("half a point high", "tiny", "zero", hidden),
    shown("under a patch", "covered", "zero", hidden),
    Kind("under a note", "zero", hidden_print, at_places(with_white_squares)),
    shown("white beside the number", "white beside", "seen", beside),
    shown("unseen beside the number", "invisible beside", "seen", beside),
    shown("covered beside the number", "covered beside", "seen", beside),
    shown("light grey, to be seen", "light grey", "seen", added),
    # another shape than the text says
    Kind("6 and 8 swapped in the map", finish=in_map(SIX_AND_EIGHT)),
    Kind("8 a space in the map", finish=in_map({"8": " "})),
    Kind("8 a no-break space in the map", finish=in_map({"8": "\xa0"})),
    Kind("8 zero-width in the map", finish=in_map({"8": "\u200b"})),
    Kind("minus a 2 in the map", "signed", below_zero("-{}"), in_map({"-": "2"}), forms=SIGNED),
    Kind("digits not in the map", finish=in_map(NAMELESS)),
    Kind("ActualText of another number", "seen", corrected, drawn_over(with_actual_text)),
    Kind("Type 3 without a map", "seen", added, at_places(with_nameless_shapes)),
    # two things in one place
    Kind(
        "raised footnote digit", "large",
        in_pieces(lambda text: (Piece(text), Piece("1", 0.65, 0.4))), producers=CANVAS, forms=MODERN,
    ),
    Kind(
        "lowered footnote digit", "large",
        in_pieces(lambda text: (Piece(text), Piece("2", 0.65, -0.2))), producers=CANVAS, forms=MODERN,
    ),
    Kind(
        "raised footnote digit, by an author", "large", marked("{0}{BEGIN}1{END}"), producers=AUTHORS,
        forms=MODERN, mark="raised",
    ),
    shown("older number struck out", "corrected", "seen", corrected),
    Kind(
        "older number struck out, by an author", "large", marked("{BEGIN}{1}{END}{0}"), producers=AUTHORS,
        forms=MODERN, mark="struck out",
    ),
    shown("struck out whole", "struck", "seen", doubtful),
    shown("struck out whole, by a long line", "struck long", "seen", doubtful),
    shown("struck out whole, by a thick line", "struck thick", "seen", doubtful),
    Kind("two numbers over each other", "seen", doubtful, drawn_over(one_over_the_other)),
    Kind("watermark of digits, drawn", finish=whole(partial(over_every_page, draw=watermark))),
    Kind("watermark of digits, small text", finish=whole(partial(over_every_page, draw=small_watermark))),
    # searchable scans
    Kind("scan with a text layer", finish=whole(with_text_layer)),
    Kind("scan with a misread text layer", "large", misread, at_places(with_misread_layer), forms=MODERN),
    # damage
    Kind("damaged bytes in the map", finish=lambda pdf, places, texts, rng: with_flipped_bytes(pdf, rng)),
    # what a person reads at a glance
    Kind(
        "letter-spaced digits", "large", in_pieces(lambda text: (Piece(text, spacing=3.0),)),
        producers=CANVAS, forms=MODERN,
    ),
    Kind(
        "letter-spaced digits, by an author", "large", marked("{BEGIN}{0}{END}"), producers=AUTHORS,
        forms=MODERN, mark="set apart",
    ),
    *(
        Kind(f"below zero as {form.format(12)}", "signed", below_zero(form), forms=SIGNED)
        for form in ("({})", "（{}）", "△{}", "﹣{}")
    ),
    Kind("thousands with a full-width space", "large", in_words("{1}\u3000{2}"), forms=MODERN),
    Kind("thousands with a blank", "large", in_words("{1} {2}"), forms=MODERN),
    Kind(
        "thousands with a thin gap", "large",
        in_pieces(lambda text: (Piece(text[0], spacing=2.0), Piece(text[1:]))), producers=CANVAS,
        forms=MODERN,
    ),
    Kind("an asterisk behind the number", "large", in_words("{0}*"), forms=MODERN),
    Kind(
        "a number over two lines", "large",
        in_pieces(lambda text: (Piece(text[:3]), Piece(text[3:], line=1))), producers=CANVAS, forms=MODERN,
    ),
    Kind("digits at U+F030", finish=in_map(PRIVATE)),
    Kind("a blank page added", finish=whole(with_blank_page)),
    Kind("page number stamped into a cell", "seen", printed, drawn_over(stamp_beside)),
)  # fmt: skip
