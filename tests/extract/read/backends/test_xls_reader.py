"""What a person sees in the cells of an .xls workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.read.backends.xls_reader import file_to_flow, file_to_second_flow
from pipeline.extract.read.flow.blocks import UNSURE, FlowCell, FlowDocument, FlowTable
from pipeline.extract.read.flow.set_text import STRUCK, UNSEEN
from pipeline.extract.read.flow.sheets import FORMAT_HIDES
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason

xlwt: Any = pytest.importorskip("xlwt", reason="xlwt, which writes .xls files, is not installed")


def cells_of(flow: FlowDocument) -> dict[tuple[int, int], FlowCell]:
    tables = [block for block in flow.blocks if isinstance(block, FlowTable)]
    return {(cell.row, cell.col): cell for table in tables for cell in table.cells}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A workbook with what is seen in other words than it is stored, from the second row and column on."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("年报")
    for col in range(8):
        sheet.write(1, 1 + col, f"列{col}")
    shown = {"money": '0.00"万元"', "sign": "0;减0", "none": "###", "hidden": ";;;", "date": 'yyyy"年"m"月"'}
    for col, (value, name) in enumerate(
        ((12.5, "money"), (-3, "sign"), (0, "none"), (5, "hidden"), (45292, "date"))
    ):
        sheet.write(2, 1 + col, value, xlwt.easyxf("", num_format_str=shown[name]))
    sheet.write(2, 6, 9, xlwt.easyxf("font: colour white"))
    sheet.write(2, 7, 8, xlwt.easyxf("font: struck_out on"))
    struck = xlwt.easyfont("struck_out on")
    sheet.write_rich_text(2, 8, ["", ("29", struck), ("301", xlwt.easyfont(""))])
    sheet.write_merge(3, 4, 1, 2, "合并")
    sheet.write(3, 3, 1)
    sheet.write(4, 3, 2)
    sheet.write(4, 4, 3)
    sheet.row(3).hidden = True
    sheet.col(4).hidden = True
    hidden = book.add_sheet("去年")
    hidden.write(0, 0, 1)
    hidden.visibility = 1
    path = tmp_path / "年报.xls"
    book.save(str(path))
    return path


def test_cells_are_read_as_they_are_shown(file: Path) -> None:
    found = cells_of(file_to_flow(file))
    assert {place: cell[4:] for place, cell in found.items() if place[0] == 2} == {
        (2, 1): ("12.50万元", ""),
        (2, 2): ("减3", ""),
        (2, 3): ("", ""),
        (2, 5): ("2024年1月", ""),
        (2, 6): ("", UNSEEN),
        (2, 7): ("", STRUCK),
        (2, 8): ("301", STRUCK),
    }
    assert found[4, 1] == FlowCell(4, 1, 1, 2, "合并")
    assert found[4, 3].text == "2"
    assert FORMAT_HIDES not in {cell.doubt for cell in found.values()}  # the one is in a hidden column


def test_the_second_reader_gives_what_is_stored_where_it_is_seen(file: Path) -> None:
    found = cells_of(file_to_second_flow(file))
    assert (found[2, 1].text, found[4, 3].text, found[2, 7].text) == ("12.5", "2", UNSURE)
    assert (2, 4) not in found


def test_a_file_that_is_cut_off_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(UnreadableError) as caught:
        file_to_flow(file)
    assert caught.value.reason == Reason.UNOPENED
