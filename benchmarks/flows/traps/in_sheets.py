"""Traps in spreadsheets: number formats, what is hidden, formulas, parts that are written otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import coordinate_to_tuple, get_column_letter, range_boundaries

from benchmarks.flows.traps.cases import UNSURE, Case, Mutant, Name, Trap, Value
from tools.generator.flows.packages import package_to_parts, parts_to_package
from tools.generator.flows.sheet import ARRANGEMENTS, Place, content_to_xlsx

Places = Mapping[Name, Place]
Set = Callable[[Any, str, Case], Value | None]
"""Changes a cell of a sheet that prints a number; returns what is seen, None for the number as it is."""

SOME = (1, 2, 4, 20)
"""Counts. In so many cells a trap is put."""


def in_sheet_traps() -> Iterator[Trap]:
    """Yield traps in cells, in sheets, and in the parts of a workbook."""
    for name, form in FORMATS.items():
        yield Trap("xlsx", name, partial(_cells_trap, partial(_formatted, form)))
    for name, change in CELLS.items():
        yield Trap("xlsx", name, partial(_cells_trap, change))
    for name, whole in BOOKS.items():
        yield Trap("xlsx", name, partial(_book_trap, whole))
    for name, parts in PARTS.items():
        yield Trap("xlsx", name, partial(_parts_trap, parts))


def _xlsx(case: Case, change: Callable[[Workbook, Places], None] = lambda book, places: None) -> bytes:
    return content_to_xlsx(case.content, change, case.chance.choice(ARRANGEMENTS))


def _cells_trap(change: Set, case: Case) -> Mutant:
    names = case.number_cells()
    chosen = case.chance.sample(names, min(len(names), case.chance.choice(SOME)))

    def changed(book: Workbook, places: Places) -> None:
        for name in chosen:
            place = places[name]
            cell = place.sheet.cell(place.row, place.col)
            seen = change(cell, case.text_of(name), case)
            if seen:
                case.seen[name] = seen
            if isinstance(cell.value, int | float):
                case.stored[name] = (float(cell.value), "ok")

    return case.mutant(_xlsx(case, changed))


# ----------------------------------------------------------------- in a cell

FORMATS: Mapping[str, tuple[float, str, Value]] = {
    "format_unit": (12, '0"件"', (12.0, "ok")),
    "format_minus_in_words": (-20, "0;减0", UNSURE),
    "format_dash_for_nought": (0, '0;-0;"—"', (None, "not_applicable")),
    "format_nothing_for_nought": (0, "0;-0;;@", (None, "blank")),
    "format_hash": (0, "#", (None, "blank")),
    "format_hides_all": (12, ";;;", (None, "blank")),
    "format_rounds": (12.34, "0.0", (12.3, "ok")),
    "format_rounds_to_whole": (12.6, "0", (13.0, "ok")),
    "format_thousands": (12345, "#,##0", (12345.0, "ok")),
    "format_in_thousands": (12345, "0,", UNSURE),
    "format_percent": (5, "0%", UNSURE),
    "format_date": (45292, "yyyy-mm-dd", UNSURE),
    "format_chinese_date": (45292, 'yyyy"年"m"月"d"日"', UNSURE),
    "format_short_date": (12, "m-d", UNSURE),
    "format_leading_digit": (12, '"1"0', UNSURE),
    "format_noughts": (12, "0000", (12.0, "ok")),
    "format_text": (12, "@", (12.0, "ok")),
    "format_condition": (12, '[>10]"多";0', UNSURE),
    "format_colour": (12, "[Red]0", (12.0, "ok")),
    "format_fraction": (12.5, "# ?/?", UNSURE),
    "format_exponent": (12345, "0E+00", UNSURE),
    "format_bracket_minus": (12, "0_);(0)", (12.0, "ok")),
    "format_brackets": (-12, "0_);(0)", UNSURE),
    "format_padded": (12, "??0", (12.0, "ok")),
    "format_float": (0.1 + 0.2 + 11.7, "General", (12.0, "ok")),
}
"""A number, how it is shown, and what is seen."""


def _formatted(form: tuple[float, str, Value], cell: Any, text: str, case: Case) -> Value:
    cell.value, cell.number_format = form[0], form[1]
    return form[2]


def as_text(cell: Any, text: str, case: Case) -> None:
    """Keep the number as a text that was typed as one."""
    cell.value, cell.quotePrefix = text, True
    cell.data_type = "s"


def amid_blanks(cell: Any, text: str, case: Case) -> None:
    """Keep the number as a text amid blanks."""
    cell.value = f"\u00a0 {text}　"


def struck_out(cell: Any, text: str, case: Case) -> Value:
    """Strike the number out."""
    cell.font = Font(strike=True)
    return UNSURE


def white(cell: Any, text: str, case: Case) -> None:
    """Write the number in white."""
    cell.font = Font(color="FFFFFFFF")


def struck_in_part(cell: Any, text: str, case: Case) -> None:
    """Strike another number out before it."""
    cell.value = CellRichText(TextBlock(InlineFont(strike=True), str(case.chance.randint(2, 99))), text)


def superscript(cell: Any, text: str, case: Case) -> None:
    """Put the number of a note behind it."""
    cell.value = CellRichText(text, TextBlock(InlineFont(vertAlign="superscript"), "1"))


def two_lines(cell: Any, text: str, case: Case) -> Value:
    """Put another number on a second line."""
    cell.value = f"{text}\n{case.chance.randint(2, 99)}"
    return UNSURE


def formula_without_result(cell: Any, text: str, case: Case) -> Value:
    """Put a formula there whose result is not kept."""
    cell.value = "=SUM(A1:A2)"
    return UNSURE


def an_error(cell: Any, text: str, case: Case) -> Value:
    """Put an error there."""
    cell.value, cell.data_type = "#REF!", "e"
    return UNSURE


def a_truth(cell: Any, text: str, case: Case) -> Value:
    """Put TRUE there."""
    cell.value = True
    return UNSURE


def with_comment(cell: Any, text: str, case: Case) -> None:
    """Put a comment with a number on the cell."""
    cell.comment = Comment(f"原为{case.chance.randint(2, 99)}", "a")


def in_words(cell: Any, text: str, case: Case) -> None:
    """Keep the number with its unit as a text."""
    cell.value = f"{text} 件"


CELLS: Mapping[str, Set] = {
    function.__name__: function
    for function in (
        as_text, amid_blanks, struck_out, white, struck_in_part, superscript, two_lines,
        formula_without_result, an_error, a_truth, with_comment, in_words,
    )
}  # fmt: skip


# ---------------------------------------------------------------- in a book


def _book_trap(change: Callable[[Workbook, Places, Case], None], case: Case) -> Mutant:
    return case.mutant(_xlsx(case, lambda book, places: change(book, places, case)))


def hidden_rows(book: Workbook, places: Places, case: Case) -> None:
    """Hide a row with other numbers below each sheet's tables."""
    for sheet in book:
        last = sheet.max_row
        for name, place in places.items():
            if place.sheet is sheet and place.row == max(p.row for p in places.values() if p.sheet is sheet):
                sheet.cell(last + 1, place.col).value = case.chance.randint(1, 99)
                del name
        sheet.row_dimensions[last + 1].hidden = True


def hidden_sheet(book: Workbook, places: Places, case: Case) -> None:
    """Keep a hidden copy of each sheet with other numbers."""
    for sheet in list(book):
        copy = book.copy_worksheet(sheet)
        copy.sheet_state = case.chance.choice(("hidden", "veryHidden"))
        for place in places.values():
            if place.sheet is sheet and copy.cell(place.row, place.col).value not in (None, ""):
                copy.cell(place.row, place.col).value = case.chance.randint(1, 99)


def hidden_column(book: Workbook, places: Places, case: Case) -> None:
    """Hide a column of numbers right of all tables."""
    for sheet in book:
        column = sheet.max_column + 1
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, column).value = case.chance.randint(1, 99)
        sheet.column_dimensions[get_column_letter(column)].hidden = True


def narrow_columns(book: Workbook, places: Places, case: Case) -> None:
    """Make columns so narrow that ### is shown for large numbers."""
    for sheet in book:
        for column in range(2, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 1.2


def moved_down(book: Workbook, places: Places, case: Case) -> None:
    """Begin every sheet further down and to the right."""
    for sheet in book:
        merged = [str(each) for each in sheet.merged_cells.ranges]
        for each in merged:
            sheet.unmerge_cells(each)
        sheet.move_range(sheet.dimensions, rows=7, cols=3)
        for each in merged:
            sheet.merge_cells(_moved(each, 7, 3))


def _moved(area: str, rows: int, cols: int) -> str:
    left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(area))
    first, last = get_column_letter(left + cols), get_column_letter(right + cols)
    return f"{first}{top + rows}:{last}{bottom + rows}"


def hidden_by_condition(book: Workbook, places: Places, case: Case) -> None:
    """Write noughts in white by a conditional format."""
    for sheet in book:
        white_font = CellIsRule(operator="equal", formula=["0"], font=Font(color="FFFFFFFF"),
                                fill=PatternFill(bgColor="FFFFFFFF"))  # fmt: skip
        sheet.conditional_formatting.add(f"A1:Z{sheet.max_row}", white_font)


def empty_sheets(book: Workbook, places: Places, case: Case) -> None:
    """Put empty sheets around, as every workbook once had three."""
    book.create_sheet("Sheet2", 0)
    book.create_sheet("Sheet3")


def numbers_elsewhere(book: Workbook, places: Places, case: Case) -> None:
    """Keep notes with numbers beside the tables, in a column of their own."""
    for sheet in book:
        column = sheet.max_column + 2
        for row in range(1, sheet.max_row, 3):
            sheet.cell(row, column).value = f"核对{case.chance.randint(1, 99)}"


BOOKS: Mapping[str, Callable[[Workbook, Places, Case], None]] = {
    function.__name__: function
    for function in (
        hidden_rows, hidden_sheet, hidden_column, narrow_columns, moved_down, hidden_by_condition,
        empty_sheets, numbers_elsewhere,
    )
}  # fmt: skip


# ------------------------------------------------------------------ in parts

SheetText = Callable[[str, Case], str]
NUMBER_CELL = re.compile(r'<c r="([A-Z]+\d+)"([^>]*?)(?: t="n")?><v>(\d+)</v></c>')


def _parts_trap(change: SheetText, case: Case) -> Mutant:
    parts = package_to_parts(_xlsx(case))
    for name in list(parts):
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = change(parts[name].decode(), case).encode()
    return case.mutant(parts_to_package(parts))


def formulas_with_results(text: str, case: Case) -> str:
    """Put a formula before some numbers: what is kept as its result is what is shown."""
    return NUMBER_CELL.sub(
        lambda cell: (
            f'<c r="{cell[1]}"{cell[2]}><f>SUM(A1:A2)</f><v>{cell[3]}</v></c>'
            if case.chance.random() < 0.5
            else cell[0]
        ),
        text,
    )


def formulas_as_texts(text: str, case: Case) -> str:
    """Keep results of formulas as texts."""
    return NUMBER_CELL.sub(r'<c r="\1"\2 t="str"><f>A1&amp;""</f><v>\3</v></c>', text)


def texts_in_cells(text: str, case: Case) -> str:
    """Keep numbers as texts within the sheet."""
    return NUMBER_CELL.sub(r'<c r="\1"\2 t="inlineStr"><is><t>\3</t></is></c>', text)


def phonetic(text: str, case: Case) -> str:
    """Keep numbers as texts with a reading beside them."""
    return NUMBER_CELL.sub(
        r'<c r="\1"\2 t="inlineStr"><is><t>\3</t><rPh sb="0" eb="1"><t>9</t></rPh></is></c>', text
    )


def wrong_dimension(text: str, case: Case) -> str:
    """Say that the sheet is smaller than it is."""
    return re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:B2"', text)


def no_dimension(text: str, case: Case) -> str:
    """Say nothing of how large the sheet is."""
    return re.sub(r"<dimension [^>]*/>", "", text)


def without_references(text: str, case: Case) -> str:
    """Leave out where rows and cells stand: each follows the one before."""
    if re.search(r"<row [^>]*/>", text) or 'r="A1"' not in text:
        return text
    numbers = [int(each) for each in re.findall(r'<row r="(\d+)"', text)]
    if numbers != list(range(1, len(numbers) + 1)):
        return text
    return re.sub(r'<row r="\d+"', "<row", text)


def covered_values(text: str, case: Case) -> str:
    """Leave numbers in cells that a merged cell covers."""
    return re.sub(
        r'<c r="([A-Z]+\d+)"( s="\d+")? ?/>',
        lambda cell: (
            f'<c r="{cell[1]}"{cell[2] or ""}><v>{case.chance.randint(1, 99)}</v></c>'
            if _is_covered(cell[1], text)
            else cell[0]
        ),
        text,
    )


def _is_covered(reference: str, text: str) -> bool:
    """Whether a merged range has a cell that is not its first."""
    row, col = coordinate_to_tuple(reference)
    for area in re.findall(r'<mergeCell ref="([^"]+)"', text):
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(area))
        if top <= row <= bottom and left <= col <= right:
            return (row, col) != (top, left)
    return False


def odd_numbers(text: str, case: Case) -> str:
    """Write numbers as programs do that are no Excel: with decimals, or an exponent."""

    def written(cell: re.Match[str]) -> str:
        number = case.chance.choice((f"{cell[3]}.0", f"{float(cell[3]):E}"))
        return f'<c r="{cell[1]}"{cell[2]}><v>{number}</v></c>'

    return NUMBER_CELL.sub(written, text)


PARTS: Mapping[str, SheetText] = {
    function.__name__: function
    for function in (
        formulas_with_results, formulas_as_texts, texts_in_cells, phonetic, wrong_dimension, no_dimension,
        without_references, covered_values, odd_numbers,
    )
}  # fmt: skip
