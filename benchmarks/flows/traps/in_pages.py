"""Traps in the tables of web pages, and in what stands around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from random import Random

from benchmarks.flows.traps.cases import UNSURE, Case, Mutant, Trap
from benchmarks.flows.traps.in_cells import with_head
from tools.generator.flows.markup import HtmlCell, HtmlRow, HtmlTable

TableTrap = Callable[[HtmlTable, Random], HtmlTable]

DIGIT = re.compile(r"(?<![\w&#.;:'\"=-])\d+(?![\w.])(?=[^<>]*<)")
"""A number between two tags."""

STACKED_HEAD = (
    "<style>.pc{display:block}.wap,.printonly{display:none}@media print{.printonly{display:block}}</style>"
)


def in_page_traps() -> Iterator[Trap]:
    """Yield traps in tables, around them, and in the bytes of a page."""
    for name, change in TABLES.items():
        yield Trap("html", name, partial(_table_trap, change))
    for name, around in AROUND.items():
        yield Trap("html", name, partial(_around_trap, around))
    for name, make in WHOLE.items():
        yield Trap("html", name, make)


def _table_trap(change: TableTrap, case: Case) -> Mutant:
    page = case.page(lambda table: change(table, case.chance))
    return case.mutant(case.encoded(with_head(page, HIDING_HEAD)))


# ------------------------------------------------------------- within a table


def _rows_changed(table: HtmlTable, change: Callable[[HtmlRow], HtmlRow]) -> HtmlTable:
    return replace(table, rows=tuple(map(change, table.rows)))


def unclosed_cells(table: HtmlTable, chance: Random) -> HtmlTable:
    """Leave out the end tags of all cells."""
    return table.changed(lambda cell: replace(cell, close=False))


def unclosed_some(table: HtmlTable, chance: Random) -> HtmlTable:
    """Leave out the end tags of some cells."""
    return table.changed(lambda cell: replace(cell, close=chance.random() < 0.5))


def open_tags(table: HtmlTable, chance: Random) -> HtmlTable:
    """Leave inline tags open in some cells, as editors do."""
    return table.changed(
        lambda cell: (
            replace(cell, inner=f"<b><font size=2><span>{cell.inner}") if chance.random() < 0.2 else cell
        )
    )


def stray_ends(table: HtmlTable, chance: Random) -> HtmlTable:
    """Put end tags where nothing was opened."""
    return table.changed(
        lambda cell: (
            replace(cell, inner=f"</p></span>{cell.inner}</div></b>") if chance.random() < 0.3 else cell
        )
    )


def rowspan_nought(table: HtmlTable, chance: Random) -> HtmlTable:
    """Let cells that reach the end of the table span to it by rowspan=0."""
    last = len(table.rows)

    def changed(cell: HtmlCell) -> HtmlCell:
        place = cell.cell
        reaches = place.row + place.row_span == last and place.row >= table.header
        if not reaches:
            return cell
        return replace(cell, cell=place._replace(row_span=1), attributes=f' rowspan="0"{cell.attributes}')

    return table.changed(changed)


def rowspan_nought_in_its_body(table: HtmlTable, chance: Random) -> HtmlTable:
    """Let the tall label span to the end of its tbody by rowspan=0; what is below has one of its own."""
    tall = [cell for row in table.rows for cell in row.cells if cell.cell.row_span > 4]
    if not tall:
        return table
    end = tall[0].cell.row + tall[0].cell.row_span

    def changed(cell: HtmlCell) -> HtmlCell:
        if cell is not tall[0]:
            return cell
        return replace(cell, cell=cell.cell._replace(row_span=1), attributes=f" rowspan=0{cell.attributes}")

    split = table.changed(changed)
    rows = tuple(
        replace(row, before="</tbody><tbody>" + row.before) if at == end else row
        for at, row in enumerate(split.rows)
    )
    return replace(split, rows=rows)


def spans_beyond(table: HtmlTable, chance: Random) -> HtmlTable:
    """Let the cells of the last row span rows that there are not."""
    last = len(table.rows) - 1

    def changed(cell: HtmlCell) -> HtmlCell:
        return replace(cell, cell=cell.cell._replace(row_span=9)) if cell.cell.row == last else cell

    return table.changed(changed)


def wide_heads(table: HtmlTable, chance: Random) -> HtmlTable:
    """Let cells over a whole line span a thousand columns."""

    def changed(cell: HtmlCell) -> HtmlCell:
        is_whole = cell.cell.role in ("section", "swallowed")
        return replace(cell, cell=cell.cell._replace(col_span=1000)) if is_whole else cell

    return table.changed(changed)


ODD_SPANS = (' colspan="１"', ' colspan="0"', ' rowspan="２"', ' colspan="-2"', ' rowspan="x"', ' colspan=""',
             ' colspan="1.9"', ' rowspan="1 2"', ' colspan="+1"', " rowspan")  # fmt: skip
"""Spans that browsers take for 1."""


def odd_spans(table: HtmlTable, chance: Random) -> HtmlTable:
    """Give single number cells spans that are none."""
    odd = chance.choice(ODD_SPANS)

    def changed(cell: HtmlCell) -> HtmlCell:
        is_single = cell.cell.row_span == cell.cell.col_span == 1
        return replace(cell, attributes=odd + cell.attributes) if is_single and cell.cell.key else cell

    return table.changed(changed)


def odd_numbers_of_spans(table: HtmlTable, chance: Random) -> HtmlTable:
    """Write spans as browsers still read them."""

    def changed(cell: HtmlCell) -> HtmlCell:
        spans = re.sub(
            r'"(\d+)"',
            chance.choice((r'" \1"', r'"\1px"', r'"0\1"', r"'\1'", r'"+\1"', r'"\1.7"')),
            cell.spans,
        )
        return replace(
            cell, cell=cell.cell._replace(row_span=1, col_span=1), attributes=spans + cell.attributes
        )

    return table.changed(changed)


HIDINGS = (
    ' style="display:none"',
    " hidden",
    ' style="visibility:collapse"',
    ' class="yc"',
    ' STYLE="Display : None ;"',
)
HIDING_HEAD = "<style>tr.yc,td.yc{display:none}</style>"


def other_numbers(row: HtmlRow, chance: Random) -> HtmlRow:
    """Return a row with other numbers in it."""
    return replace(
        row,
        cells=tuple(
            replace(cell, inner=DIGIT.sub(lambda _: str(chance.randint(1, 99)), cell.inner + "<")[:-1])
            if cell.cell.key
            else cell
            for cell in row.cells
        ),
    )


def hidden_rows(table: HtmlTable, chance: Random) -> HtmlTable:
    """Put hidden rows with other numbers above some rows that no cell reaches into."""
    hiding = chance.choice(HIDINGS[:2] + HIDINGS[3:])
    rows = []
    for at, row in enumerate(table.rows):
        single = all(cell.cell.row_span == 1 for cell in row.cells)
        covered = any(
            cell.cell.row < at < cell.cell.row + cell.cell.row_span
            for each in table.rows
            for cell in each.cells
        )
        if at >= table.header and single and not covered and row.cells and chance.random() < 0.4:
            rows.append(replace(other_numbers(row, chance), attributes=hiding, before="", after=""))
        rows.append(row)
    return replace(table, rows=tuple(rows))


def hidden_cells(table: HtmlTable, chance: Random) -> HtmlTable:
    """Put hidden cells with other numbers before number cells: a column of an earlier year."""
    hiding = chance.choice((*HIDINGS[:2], *HIDINGS[3:]))
    column = chance.randrange(2, 6)

    def changed(row: HtmlRow) -> HtmlRow:
        cells: list[HtmlCell] = []
        for cell in row.cells:
            if (
                cell.cell.key
                and cell.cell.col >= column
                and not any("HIDDEN" in each.inner for each in cells)
            ):
                place = cell.cell._replace(row_span=1, col_span=1, key=None)
                cells.append(HtmlCell(place, "td", hiding, f"{chance.randint(1, 99)}<!--HIDDEN-->"))
            cells.append(cell)
        return replace(row, cells=tuple(cells))

    return _rows_changed(table, changed)


def misaligned_columns(table: HtmlTable, chance: Random) -> HtmlTable:
    """End every row with the cell by which Word tells browsers of columns that do not align."""
    more = "<![if !supportMisalignedColumns]><td width=0></td><![endif]>"

    def changed(row: HtmlRow) -> HtmlRow:
        if not row.cells:
            return row
        *cells, last = row.cells
        return replace(row, cells=(*cells, replace(last, after=more)))

    return _rows_changed(table, changed)


def conditional_row(table: HtmlTable, chance: Random) -> HtmlTable:
    """Hide rows with other numbers in comments for one browser."""

    def changed(row: HtmlRow) -> HtmlRow:
        if chance.random() > 0.3 or not row.cells:
            return row
        return replace(row, before=f"<!--[if mso]>{other_numbers(row, chance)}<![endif]-->{row.before}")

    return _rows_changed(table, changed)


def empty_rows(table: HtmlTable, chance: Random) -> HtmlTable:
    """Put rows without cells, or without height, between others."""
    odd = ("<tr></tr>", '<tr style="height:0"></tr>', "<tr height=0></tr>")
    free = _free_edges(table)
    rows = tuple(
        replace(row, before=chance.choice(odd) + row.before) if at in free and chance.random() < 0.4 else row
        for at, row in enumerate(table.rows)
    )
    return replace(table, rows=rows)


def _free_edges(table: HtmlTable) -> set[int]:
    """Return the numbers of the rows into which no cell reaches from above."""
    return {
        at
        for at in range(table.header, len(table.rows))
        if not any(
            cell.cell.row < at < cell.cell.row + cell.cell.row_span
            for row in table.rows
            for cell in row.cells
        )
    }


def foot_first(table: HtmlTable, chance: Random) -> HtmlTable:
    """Write the last row as a foot before all others: browsers show it at the end."""
    if len(table.rows) - 1 not in _free_edges(table):
        return table
    foot = f"<tfoot>{table.rows[-1]}</tfoot>"
    return replace(table, rows=table.rows[:-1], head=table.head + foot)


def with_caption(table: HtmlTable, chance: Random) -> HtmlTable:
    """Give the table a caption with a number in it."""
    return replace(table, head=f"<caption>单位：件　第{chance.randint(2, 9)}次修订</caption>{table.head}")


def text_between_cells(table: HtmlTable, chance: Random) -> HtmlTable:
    """Leave a text between two rows, which browsers show above the table."""
    rows = list(table.rows)
    at = chance.randrange(1, len(rows))
    rows[at] = replace(rows[at], before=f"注：本表数据已核对{rows[at].before}")
    return replace(table, rows=tuple(rows))


def two_tables(table: HtmlTable, chance: Random) -> HtmlTable:
    """Cut the table in two between two rows."""
    edges = sorted(edge for edge in _free_edges(table) if edge > table.header + 1)
    if not edges:
        return table
    cut = chance.choice(edges)
    again = f"</tbody></table>\n<table{table.attributes}><tbody>"
    rows = tuple(
        replace(row, before=again + row.before) if at == cut else row for at, row in enumerate(table.rows)
    )
    return replace(table, rows=rows)


def all_heads(table: HtmlTable, chance: Random) -> HtmlTable:
    """Make every cell a th."""
    return table.changed(lambda cell: replace(cell, tag="th"))


def scattered_bodies(table: HtmlTable, chance: Random) -> HtmlTable:
    """Begin a tbody at rows into which no cell reaches."""
    free = _free_edges(table)
    rows = tuple(
        replace(row, before="</tbody><tbody>" + row.before) if at in free and at > table.header else row
        for at, row in enumerate(table.rows)
    )
    return replace(table, rows=rows)


TABLES: Mapping[str, TableTrap] = {
    function.__name__: function
    for function in (
        unclosed_cells, unclosed_some, open_tags, stray_ends, rowspan_nought, rowspan_nought_in_its_body,
        spans_beyond, wide_heads, odd_spans, odd_numbers_of_spans, hidden_rows, hidden_cells,
        misaligned_columns, conditional_row, empty_rows, foot_first, with_caption, text_between_cells,
        two_tables, all_heads, scattered_bodies,
    )
}  # fmt: skip


# ----------------------------------------------------------- around the tables


AROUND: Mapping[str, str] = {
    "in_a_layout_table": '<table width="100%"><tr><td>$table</td></tr></table>',
    "in_three_tables": "<table><tr><td>" * 3 + "$table" + "</td></tr></table>" * 3,
    "in_a_table_beside_a_menu": "<table><tr><td>菜单<br>1</td><td>$table</td></tr></table>",
    "in_a_paragraph": "<p>$table</p>",
    "in_a_span": '<p><span style="font-size:16px">$table</span></p>',
    "in_a_font": '<font face="宋体">$table</font>',
    "in_a_link": '<a name="x">$table</a>',
    "in_a_form": "<form>$table</form>",
    "in_a_center": "<center>$table</center>",
    "in_a_list": "<ul><li>$table</li></ul>",
    "in_a_scrolled_box": '<div style="overflow-x:auto;width:100%">$table</div>',
    "in_a_fieldset": "<fieldset><legend>表</legend>$table</fieldset>",
    "in_a_figure": '<figure class="table">$table</figure>',
    "hidden_copy": '<div style="display:none">$other</div>$table',
    "hidden_copy_behind": "$table<div hidden>$other</div>",
    "desktop_and_mobile": '<div class="pc">$table</div><div class="wap">$same</div>',
    "mobile_first": '<div class="wap">$same</div><div class="pc">$table</div>',
    "print_only": '<div class="printonly">$other</div>$table',
    "in_a_comment": "<!-- $other -->$table",
    "in_a_template": "<template>$other</template>$table",
    "in_a_script": '<script type="text/html">$other</script>$table',
    "in_noscript": "<noscript>$other</noscript>$table",
    "in_a_closed_dialog": "<dialog>$other</dialog>$table",
}
"""Around each table: $table is it, $same a copy, $other a copy with other numbers that nobody sees."""


def _around_trap(around: str, case: Case) -> Mutant:
    tables: list[HtmlTable] = []

    def noted(table: HtmlTable) -> HtmlTable:
        tables.append(table)
        return table

    page = case.page(noted)
    for table in tables:
        text = str(table).replace("\n", "\r\n" if case.shape in ("word", "old") else "\n")
        other = str(replace(table, rows=tuple(other_numbers(row, case.chance) for row in table.rows)))
        whole = around.replace("$table", text).replace("$same", text).replace("$other", other)
        page = page.replace(text, whole, 1)
    return case.mutant(case.encoded(with_head(page, STACKED_HEAD + HIDING_HEAD)))


# -------------------------------------------------------------- the whole page


def label_lies_gb2312(case: Case) -> Mutant:
    """Send a page in UTF-8 that says that it is in gb2312."""
    return case.mutant(_labelled(case, "gb2312").encode("utf-8"))


def label_lies_utf8(case: Case) -> Mutant:
    """Send a page in gb18030 that says that it is in UTF-8."""
    return case.mutant(_labelled(case, "utf-8").encode("gb18030"))


def no_label(case: Case) -> Mutant:
    """Send a page that does not say in which charset it is."""
    page = re.sub(r"(?i)<meta[^>]*charset[^>]*>", "", case.page())
    return case.mutant(page.encode(case.chance.choice(("utf-8", "gb18030"))))


def beyond_its_charset(case: Case) -> Mutant:
    """Send a page in gb18030 that says gb2312 and has characters that this lacks above its tables."""
    page = _labelled(case, "gb2312")
    body = page.index("<table", page.index("总体情况") if "总体情况" in page else 0)
    return case.mutant(
        (page[:body] + "<p>二〇二三年，建成㎡镕喆堃—用房，面积１２㎡。€</p>" + page[body:]).encode("gb18030")
    )


def marked_utf8(case: Case) -> Mutant:
    """Send a page with a byte order mark that says gb2312."""
    return case.mutant(b"\xef\xbb\xbf" + _labelled(case, "gb2312").encode("utf-8"))


def marked_utf16(case: Case) -> Mutant:
    """Send a page in UTF-16 with a byte order mark."""
    return case.mutant(case.page().encode("utf-16"))


def broken_character(case: Case) -> Mutant:
    """Cut a character of the page's title in its middle, as programs do that cut texts by bytes."""
    page = _labelled(case, "utf-8")
    at = page.lower().index("</title>")
    return case.mutant(page[:at].encode() + "报".encode()[:2] + page[at:].encode())


def control_characters(case: Case) -> Mutant:
    """Put control characters between the tables and into the prose."""
    page = case.page().replace("<p", "\x0b<p").replace("年", "年\x00", 3)
    return case.mutant(case.encoded(page))


def _labelled(case: Case, charset: str) -> str:
    return re.sub(r"(?i)charset=[\"']?[\w-]+", f"charset={charset}", case.page())


def hidden_by_class(case: Case) -> Mutant:
    """Hide rows by a class of the page's own style sheet."""
    page = case.page(lambda table: _hidden_by_class(table, case.chance))
    return case.mutant(case.encoded(with_head(page, HIDING_HEAD)))


def _hidden_by_class(table: HtmlTable, chance: Random) -> HtmlTable:
    rows: list[HtmlRow] = []
    for at, row in enumerate(table.rows):
        if at in _free_edges(table) and all(cell.cell.row_span == 1 for cell in row.cells):
            rows.append(replace(other_numbers(row, chance), attributes=' class="yc"', before=""))
        rows.append(row)
    return replace(table, rows=tuple(rows))


def tables_of_boxes(case: Case) -> Mutant:
    """Make tables of div alone: no reader has to see them, and none may invent."""
    page = re.sub(r"<(/?)(?:table|tbody|tr|td|th)\b[^>]*>", r"<\1div>", case.page())
    return case.mutant(case.encoded(page), is_sound=False)


def differing_copy(case: Case) -> Mutant:
    """Show each table twice, the second time with another number in one cell."""
    name = case.chance.choice(case.number_cells())
    case.seen[name] = UNSURE

    def changed(table: HtmlTable) -> HtmlTable:
        if table.name != name[0]:
            return table
        other = table.changed(
            lambda cell: (
                replace(cell, inner=str(int(case.text_of(name)) + 7)) if cell.cell.key == name[1:] else cell
            )
        )
        return replace(table, foot=f"{table.foot}</table>\n{other}\n<table>")

    return case.mutant(case.encoded(case.page(changed)), is_sound=False)


def xml_prolog(case: Case) -> Mutant:
    """Begin the page as XML does, with entities of its own."""
    head = '<?xml version="1.0" encoding="gb2312"?>\n<!DOCTYPE html [<!ENTITY nine "9"> <!ENTITY n "99">]>\n'
    return case.mutant((head + case.page()).encode("gb18030" if case.shape in ("word", "old") else "utf-8"))


WHOLE: Mapping[str, Callable[[Case], Mutant]] = {
    function.__name__: function
    for function in (
        label_lies_gb2312, label_lies_utf8, no_label, beyond_its_charset, marked_utf8, marked_utf16,
        broken_character, control_characters, hidden_by_class, tables_of_boxes, differing_copy, xml_prolog,
    )
}  # fmt: skip
