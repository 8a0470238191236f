"""Numbers that are set by hand: what a person reads at a glance is what comes out, or nothing is claimed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.extract.measured import MODERN, cells_of, read_bytes, read_spec
from tools.generator import Piece, Style, generate

KEY = ("administrative_licensing", "decisions")
"""A cell that no sum covers."""

SMALL = {"size": 0.65}


def read_pieces(*pieces: Piece) -> tuple[float | None, str]:
    report, _ = read_spec(MODERN, Style(pieces=((KEY, pieces),)))
    seen = cells_of(report)["active_disclosure", *KEY]
    return seen.value, seen.status


def lines(*texts: str, pitch: float = 1.1) -> tuple[Piece, ...]:
    return tuple(Piece(text, line=at, pitch=pitch) for at, text in enumerate(texts))


@pytest.mark.parametrize(
    "mark",
    [
        Piece("1", 0.65, 0.4),
        Piece("12", 0.65, 0.4),
        Piece("1", 0.58, 0.33),
        Piece("2", 0.83, 0.35),
        Piece("3", 0.5, 0.5),
        Piece("1", 0.65, -0.2),
        Piece("7", 0.58, -0.33),
        Piece("1", 0.65, 0.4, font="Helvetica"),
        Piece("2", 0.6, 0.35, font="Times-Roman"),
        Piece("[1]", 0.6, 0.35),
        Piece("注1", 0.6, 0.35),
        Piece("*", 0.8, 0.3),
        Piece("①", 0.7, 0.3),
    ],
    ids=str,
)
@pytest.mark.parametrize("number", ["2608", "7", "0"])
def test_a_footnote_s_mark_is_no_digit(number: str, mark: Piece) -> None:
    assert read_pieces(Piece(number), mark) == (float(number), "ok")


@pytest.mark.parametrize(
    "pieces",
    [
        (Piece("26"), Piece("08", 1.1, 0.12)),
        (Piece("26", 1.1), Piece("08")),
        (Piece("26"), Piece("08", 0.92, 0.1)),
        (Piece("26"), Piece("08", font="Helvetica")),
        (Piece("26", font="Times-Roman"), Piece("08")),
        (Piece("26", font="Courier"), Piece("08", font="Helvetica")),
    ],
    ids=str,
)
def test_digits_of_two_sizes_or_fonts_are_one_number(pieces: tuple[Piece, ...]) -> None:
    assert read_pieces(*pieces) == (2608, "ok")


@pytest.mark.parametrize(
    "pieces",
    [
        (Piece("2608"), Piece("1", 0.6)),  # small, and not raised: a mark or a digit
        (Piece("1", 0.6, 0.35), Piece("2608")),
        (Piece("26"), Piece("1", 0.6, 0.35), Piece("08")),
        (Piece("26"), Piece("1", 0.6, font="Times-Roman")),
    ],
    ids=str,
)
def test_what_may_be_a_mark_or_a_digit_is_not_believed(pieces: tuple[Piece, ...]) -> None:
    assert read_pieces(*pieces) == (None, "unreadable")


def test_a_mark_does_not_trouble_a_sum() -> None:
    pdf, truth = generate(MODERN)
    cell = ("applications", "new_received", "natural_person")
    printed = next(row[3] for row in truth["cells"] if tuple(row[:3]) == cell)
    pieces = (Piece(f"{printed}"), Piece("2", 0.6, 0.35))
    report, _ = read_spec(MODERN, Style(pieces=((cell[1:], pieces),)))
    assert (cells_of(report)[cell].value, cells_of(report)[cell].raw) == (printed, f"{printed}²")
    assert report.status == "ok" == read_bytes(pdf).status


@pytest.mark.parametrize("spacing", [2.0, 3.0, 4.0, 5.0])
@pytest.mark.parametrize(
    ("text", "value"), [("2608", 2608), ("260", 260), ("1234567", 1234567), ("36件", None)]
)
def test_digits_that_are_set_apart_are_one_number(text: str, value: float | None, spacing: float) -> None:
    """Two digits alone may be two numbers."""
    status = "ok" if value else "unreadable"
    assert read_pieces(Piece(text, spacing=spacing)) == (value, status)


def test_two_digits_that_are_set_apart_like_others_are_one_number() -> None:
    other = ("administrative_penalty", "decisions")
    pieces = ((KEY, (Piece("36", spacing=3),)), (other, (Piece("2608", spacing=3),)))
    report, _ = read_spec(MODERN, Style(pieces=pieces))
    assert [cells_of(report)["active_disclosure", *key].value for key, _ in pieces] == [36, 2608]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12　345", 12345),
        ("1　234　567", 1234567),
        ("11 398 889", 11398889),
        ("1’036", 1036),
        ("1、033", 1033),
        ("12 34", None),
        ("12 34 567", None),
        ("5　　120", None),
        ("1　23", None),
        ("0　608", None),
        ("2 60", None),
    ],
)
def test_only_groups_of_three_digits_are_one_number(text: str, value: float | None) -> None:
    assert read_pieces(Piece(text)) == (value, "ok" if value else "unreadable")


@pytest.mark.parametrize("gap", [0.2, 0.25, 0.5])
def test_a_thin_gap_separates_thousands(gap: float) -> None:
    assert read_pieces(Piece("2", spacing=gap * 10), Piece("608")) == (2608, "ok")


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (("1,234,", "567"), 1234567),
        (("12", "07"), 1207),
        (("36", "件"), 36),
        (("2608", "2711"), None),
        (("26", "31"), None),
        (("220", "26"), None),
        (("26", "2608"), None),
        (("5", "3"), None),
        (("0", "0"), None),
        (("1", "2", "3"), None),
    ],
)
def test_a_number_over_another_is_none_and_a_rest_that_is_no_number_goes_on_above(
    texts: tuple[str, ...], value: float | None
) -> None:
    assert read_pieces(*lines(*texts)) == (value, "ok" if value else "unreadable")


OTHER, THIRD = ("administrative_penalty", "decisions"), ("administrative_coercion", "decisions")


@pytest.mark.parametrize(
    ("numbers", "values"),
    [
        ([("260", "8"), ("22", "0")], [2608, 220]),
        ([("3", "3"), ("26", "08")], [33, 2608]),
        ([("12", "5"), ("1,234,", "567")], [125, 1234567]),
        ([("12", "5")], [None]),
        ([("260", "8")], [None]),
        ([("12", "5"), ("14", "6")], [None, None]),
        ([("260", "8"), ("22", "0"), ("26", "31")], [None, None, None]),
    ],
)
def test_a_last_digit_below_is_believed_where_other_numbers_are_broken_too(
    numbers: list[tuple[str, str]], values: list[float | None]
) -> None:
    """12 over 5 may be two numbers; so may all in a report of which one cell surely holds two."""
    keys = (KEY, OTHER, THIRD)[: len(numbers)]
    pieces = tuple((key, lines(*texts)) for key, texts in zip(keys, numbers, strict=True))
    cells = cells_of(read_spec(MODERN, Style(pieces=pieces))[0])
    read = [cells["active_disclosure", *key] for key in keys]
    assert [cell.value if cell.status == "ok" else None for cell in read] == values
    assert {cell.status for cell in read} <= {"ok", "suspect", "unreadable"}


@pytest.mark.parametrize("texts", [("26", "08"), ("260", "8")])
def test_two_broken_numbers_in_one_row_are_read(texts: tuple[str, str]) -> None:
    """The label of one line says that no ruling between two rows is missing."""
    keys = [("normative_documents", "made"), ("normative_documents", "in_force")]
    style = Style(pieces=tuple((key, lines(*texts)) for key in keys))
    cells = cells_of(read_spec(MODERN, style)[0])
    read = [cells["active_disclosure", *key] for key in keys]
    assert [(cell.value, cell.status) for cell in read] == [(2608, "ok")] * 2


@pytest.mark.parametrize("texts", [("118", "126"), ("260", "126"), ("12", "5")])
def test_two_numbers_in_a_narrow_cell_are_none(texts: tuple[str, ...]) -> None:
    key = ("litigation_direct", "total")
    report, _ = read_spec(MODERN, Style(pieces=((key, lines(*texts)),)))
    seen = cells_of(report)["review_litigation", *key]
    assert seen.status in ("unreadable", "suspect")
    assert not [check for check in report.checks if check.attribution == "publisher"]


@pytest.mark.parametrize("pitch", [0.8, 0.9, 2.0])
def test_lines_that_are_set_too_close_or_too_far_are_two_numbers(pitch: float) -> None:
    style = Style(row_height=46, pieces=((KEY, lines("22", "0", pitch=pitch)),))
    seen = cells_of(read_spec(MODERN, style)[0])["active_disclosure", *KEY]
    assert (seen.value, seen.status) == (None, "unreadable")


@pytest.mark.parametrize("numbers", [("220", "36"), ("9", "8"), ("22", "1608")])
def test_a_number_that_stands_on_the_ruling_below_belongs_above(numbers: tuple[str, str]) -> None:
    """行政处罚 14 points too low, over the ruling to 行政强制, which has its own number."""
    above, below = ("administrative_penalty", "decisions"), ("administrative_coercion", "decisions")
    low = Piece(numbers[0], rise=-1.4)
    report, _ = read_spec(MODERN, Style(pieces=((above, (low,)), (below, (Piece(numbers[1]),)))))
    seen = cells_of(report)
    read = [seen["active_disclosure", *key] for key in (above, below)]
    assert [(cell.value, cell.status) for cell in read] == [(float(n), "ok") for n in numbers]


@pytest.mark.parametrize(
    ("blanks", "form"), [("none", "{}"), ("zeros", "{}"), ("none", "- {} -"), ("zeros", "—{}—")]
)
@pytest.mark.parametrize(
    "place", [(300.0, 107.0), (322.0, 116.0), (320.0, 300.0), (489.0, 200.0), (515.0, 700.0)]
)
def test_a_page_number_that_was_stamped_over_a_table_is_no_number_of_it(
    place: tuple[float, float], blanks: str, form: str
) -> None:
    report, truth = read_spec(MODERN, Style(stamp=place, stamp_form=form, blanks=blanks))
    printed = {tuple(row[:3]): (row[3], row[4]) for row in truth["cells"]}
    assert {cell: (seen.value, seen.status) for cell, seen in cells_of(report).items()} == printed


def test_what_was_set_by_hand_is_the_same_in_larger_type() -> None:
    pieces = ((KEY, (Piece("2608"), Piece("1", 0.65, 0.4))),)
    report = read_bytes(generate(replace(MODERN, style=Style(pieces=pieces, cell_size=12.0)))[0])
    assert cells_of(report)["active_disclosure", *KEY].value == 2608


@pytest.mark.parametrize("rise", [-0.5, 0.5])
@pytest.mark.parametrize(("stamp", "is_page_number"), [("2", True), ("3", False)])
def test_a_page_number_off_the_line_of_a_number_is_none_of_its_digits(
    stamp: str, is_page_number: bool, rise: float
) -> None:
    """The cell is on page 2; a stamp stands in other places on other pages, or on this one alone."""
    stamped = Piece(stamp, 0.9, rise, font="Helvetica")
    value, status = read_pieces(Piece("2"), Piece("2", spacing=5), stamped)
    assert (status == "ok") is is_page_number
    assert value == (22 if is_page_number else None)
