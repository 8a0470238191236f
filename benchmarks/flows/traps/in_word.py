"""Traps in the tables of Word files, and in their parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from random import Random

from benchmarks.flows.traps.cases import UNSURE, Case, Mutant, Trap
from tools.generator.flows.packages import package_to_parts, parts_to_package, with_part_changed
from tools.generator.flows.word import WordCell, WordRow, WordTable, paragraph, run

WordTrap = Callable[[WordTable, Random], WordTable]

CONTROL = '<w:sdt><w:sdtPr><w:id w:val="{}"/></w:sdtPr><w:sdtContent>'
END_OF_CONTROL = "</w:sdtContent></w:sdt>"
LAYOUT = '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="9026"/></w:tblGrid><w:tr><w:tc><w:tcPr/>'
LAYOUT_END = "<w:p/></w:tc></w:tr></w:tbl>"
AFCHUNK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"


def in_word_traps() -> Iterator[Trap]:
    """Yield traps in tables and in whole files."""
    for name, change in TABLES.items():
        yield Trap("docx", name, partial(_table_trap, change))
    for name, make in WHOLE.items():
        yield Trap("docx", name, make)


def _table_trap(change: WordTrap, case: Case) -> Mutant:
    return case.mutant(case.docx(lambda table: change(table, case.chance)))


def _rows_changed(table: WordTable, change: Callable[[WordRow], WordRow]) -> WordTable:
    return replace(table, rows=tuple(map(change, table.rows)))


def controlled_cells(table: WordTable, chance: Random) -> WordTable:
    """Put some cells into content controls."""
    return table.changed(
        lambda cell: (
            replace(cell, before=CONTROL.format(5), after=END_OF_CONTROL) if chance.random() < 0.3 else cell
        )
    )


def controlled_rows(table: WordTable, chance: Random) -> WordTable:
    """Put some rows into content controls."""
    return _rows_changed(
        table,
        lambda row: (
            replace(row, before=CONTROL.format(6), after=END_OF_CONTROL) if chance.random() < 0.3 else row
        ),
    )


def repeating_rows(table: WordTable, chance: Random) -> WordTable:
    """Put rows into a control within a control, as repeating sections are."""
    around, end = CONTROL.format(7) + CONTROL.format(8), END_OF_CONTROL * 2
    return _rows_changed(
        table, lambda row: replace(row, before=around, after=end) if chance.random() < 0.2 else row
    )


def marked_up_rows(table: WordTable, chance: Random) -> WordTable:
    """Put some rows and cells into custom XML."""
    around, end = '<w:customXml w:uri="urn:x" w:element="r">', "</w:customXml>"
    return _rows_changed(
        table, lambda row: replace(row, before=around, after=end) if chance.random() < 0.3 else row
    )


def grid_before(table: WordTable, chance: Random) -> WordTable:
    """Leave the cells out in which the tall label goes on: the row begins further right."""

    def changed(row: WordRow) -> WordRow:
        first = row.cells[0]
        if first.begins or first.cell.row_span < 2:
            return row
        span = first.cell.col_span
        before = f'<w:gridBefore w:val="{span}"/><w:wBefore w:w="{first.width}" w:type="dxa"/>'
        return replace(row, cells=row.cells[1:], properties=before + row.properties)

    return _rows_changed(table, changed)


def text_in_merged(table: WordTable, chance: Random) -> WordTable:
    """Leave a text in the cells in which a merged cell goes on: nobody sees it."""
    return table.changed(
        lambda cell: (
            cell if cell.begins else replace(cell, content=paragraph(run(str(chance.randint(1, 99)))))
        )
    )


def hidden_rows(table: WordTable, chance: Random) -> WordTable:
    """Put hidden rows with other numbers above others."""
    return _other_rows(table, chance, "<w:hidden/>", "<w:vanish/>")


def deleted_rows(table: WordTable, chance: Random) -> WordTable:
    """Put rows above others that were deleted, and the change not accepted."""
    return _other_rows(table, chance, '<w:del w:id="31" w:author="a"/>', "", deleted=True)


def inserted_rows(table: WordTable, chance: Random) -> WordTable:
    """Say of some rows that they were inserted."""
    mark = '<w:ins w:id="32" w:author="a"/>'
    return _rows_changed(
        table, lambda row: replace(row, properties=row.properties + mark) if chance.random() < 0.4 else row
    )


def _other_rows(
    table: WordTable, chance: Random, mark: str, look: str, *, deleted: bool = False
) -> WordTable:
    """Return a table with rows of other numbers, whose w:trPr has a mark, above rows of single cells."""
    rows = []
    for row in table.rows:
        single = all(cell.cell.row_span == 1 for cell in row.cells)
        if single and any(cell.cell.key for cell in row.cells) and chance.random() < 0.5:
            cells = tuple(
                replace(cell, content=paragraph(_gone(cell, chance, look, deleted=deleted)))
                for cell in row.cells
            )
            rows.append(replace(row, cells=cells, properties=row.properties + mark))
        rows.append(row)
    return replace(table, rows=tuple(rows))


def _gone(cell: WordCell, chance: Random, look: str, *, deleted: bool) -> str:
    text = str(chance.randint(1, 99)) if cell.cell.key else cell.cell.text
    if deleted:
        return f'<w:del w:id="33" w:author="a"><w:r><w:delText>{text}</w:delText></w:r></w:del>'
    return run(text, properties=look)


def repeated_heads(table: WordTable, chance: Random) -> WordTable:
    """Mark the first rows as those that every page repeats."""
    rows = tuple(
        replace(row, properties=row.properties + "<w:tblHeader/>") if at < 3 else row
        for at, row in enumerate(table.rows)
    )
    return replace(table, rows=rows)


def two_tables(table: WordTable, chance: Random) -> WordTable:
    """Cut the table in two, an empty paragraph or none between."""
    free = [at for at in range(4, len(table.rows)) if all(cell.begins for cell in table.rows[at].cells)]
    if not free:
        return table
    cut = chance.choice(free)
    below = replace(table, rows=table.rows[cut:])
    return replace(table, rows=table.rows[:cut], after=chance.choice(("", paragraph(""))) + str(below))


def old_merges(table: WordTable, chance: Random) -> WordTable:
    """Merge cells of a row as Word 97 did: a cell for each column, those that go on marked."""

    def changed(row: WordRow) -> WordRow:
        cells: list[WordCell] = []
        for cell in row.cells:
            span = cell.cell.col_span
            one = replace(cell, cell=cell.cell._replace(col_span=1), width=cell.width // span)
            if span == 1:
                cells.append(one)
                continue
            cells.append(replace(one, properties='<w:hMerge w:val="restart"/>' + one.properties))
            cells += [replace(one, content=paragraph(""), properties="<w:hMerge/>" + one.properties)] * (
                span - 1
            )
        return replace(row, cells=tuple(cells))

    return _rows_changed(table, changed)


def bookmarks_between(table: WordTable, chance: Random) -> WordTable:
    """Put marks of many kinds between rows and cells."""
    mark = (
        '<w:bookmarkStart w:id="50" w:name="r"/><w:bookmarkEnd w:id="50"/>'
        '<w:permStart w:id="1" w:edGrp="everyone"/><w:permEnd w:id="1"/>'
    )
    marked = _rows_changed(table, lambda row: replace(row, before=mark) if chance.random() < 0.3 else row)
    return marked.changed(lambda cell: replace(cell, before=mark) if chance.random() < 0.2 else cell)


def without_grid(table: WordTable, chance: Random) -> WordTable:
    """Leave the widths of all columns out of the grid."""
    return replace(table, widths=())


TABLES: Mapping[str, WordTrap] = {
    function.__name__: function
    for function in (
        controlled_cells, controlled_rows, repeating_rows, marked_up_rows, grid_before, text_in_merged,
        hidden_rows, deleted_rows, inserted_rows, repeated_heads, two_tables, old_merges, bookmarks_between,
        without_grid,
    )
}  # fmt: skip


# -------------------------------------------------------------- the whole file


def _document_changed(case: Case, change: Callable[[str], str]) -> bytes:
    return with_part_changed(case.docx(), "word/document.xml", change)


def continue_written_out(case: Case) -> Mutant:
    """Write w:val="continue" where Word leaves it out."""
    return case.mutant(
        _document_changed(case, lambda text: text.replace("<w:vMerge/>", '<w:vMerge w:val="continue"/>'))
    )


def in_layout_tables(case: Case) -> Mutant:
    """Put every table into the only cell of another one."""
    return case.mutant(
        _document_changed(
            case,
            lambda text: text.replace("<w:tbl>", f"{LAYOUT}<w:tbl>").replace(
                "</w:tbl>", f"</w:tbl>{LAYOUT_END}"
            ),
        )
    )


def all_in_a_control(case: Case) -> Mutant:
    """Put the whole text into a content control."""
    return case.mutant(
        _document_changed(
            case,
            lambda text: text.replace("<w:body>", f"<w:body>{CONTROL.format(60)}").replace(
                "<w:sectPr>", f"{END_OF_CONTROL}<w:sectPr>"
            ),
        )
    )


def in_utf16(case: Case) -> Mutant:
    """Write the text in UTF-16."""
    parts = package_to_parts(case.docx())
    text = parts["word/document.xml"].decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    return case.mutant(parts_to_package(parts | {"word/document.xml": text.encode("utf-16")}))


def other_prefix(case: Case) -> Mutant:
    """Give the namespace of the text another prefix."""
    return case.mutant(
        _document_changed(
            case, lambda text: text.replace("<w:", "<q:").replace("</w:", "</q:").replace(" w:", " q:")
            .replace("xmlns:w=", "xmlns:q=")
        )
    )  # fmt: skip


def strict(case: Case) -> Mutant:
    """Write the file in the strict form of the standard."""
    transitional = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        name: content.replace(
            transitional.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main"
        ).replace(relations.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
        for name, content in package_to_parts(case.docx()).items()
    }
    return case.mutant(parts_to_package(parts))


def another_name(case: Case) -> Mutant:
    """Keep the text in a part of another name."""
    parts = package_to_parts(case.docx())
    moved = {name.replace("document.xml", "document2.xml"): content for name, content in parts.items()}
    return case.mutant(
        parts_to_package(
            {name: text.replace(b"document.xml", b"document2.xml") for name, text in moved.items()}
        )
    )


def tables_elsewhere(case: Case) -> Mutant:
    """Keep the text in a page within the file, which Word draws in its place."""
    parts = package_to_parts(case.docx())
    text = parts["word/document.xml"].decode()
    start, end = text.index("<w:body>") + len("<w:body>"), text.index("<w:sectPr>")
    parts["word/document.xml"] = (text[:start] + '<w:altChunk r:id="rId9"/>' + text[end:]).encode()
    relation = f'<Relationship Id="rId9" Type="{AFCHUNK}" Target="chunk.html"/></Relationships>'
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].decode().replace("</Relationships>", relation).encode()
    parts["word/chunk.html"] = case.page().encode("utf-8")
    return case.mutant(parts_to_package(parts), is_sound=False)


def differing_copy(case: Case) -> Mutant:
    """Print a table twice, the second time with another number in one cell."""
    name = case.chance.choice(case.number_cells())
    case.seen[name] = UNSURE

    def changed(table: WordTable) -> WordTable:
        if table.name != name[0]:
            return table
        other = table.changed(
            lambda cell: (
                replace(cell, content=paragraph(run(str(int(case.text_of(name)) + 7))))
                if cell.cell.key == name[1:]
                else cell
            )
        )
        return replace(table, after=f"{paragraph('')}{other}")

    return case.mutant(case.docx(changed), is_sound=False)


WHOLE: Mapping[str, Callable[[Case], Mutant]] = {
    function.__name__: function
    for function in (
        continue_written_out, in_layout_tables, all_in_a_control, in_utf16, other_prefix, strict,
        another_name, tables_elsewhere, differing_copy,
    )
}  # fmt: skip
