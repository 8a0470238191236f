"""Lines outside of ruled tables are found by their ink, and cut out so that they can be read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.extract.read.picture.halves import with_whole_ideographs
from pipeline.extract.read.picture.pictures import PictureCell, PictureTable, Shades, StraightPicture
from pipeline.extract.read.picture.recogniser import lines_to_readings
from pipeline.extract.read.picture.text_lines import straight_to_lines
from pipeline.forms.labels import fold
from pipeline.records import Box
from tests.extract.read.picture.drawn_cells import SCALE, draw

WIDTH, HEIGHT = 1654, 2339


def page(*texts: tuple[str, float, float, float]) -> Shades:
    """Return a page with texts: what, left and middle height in points, and size."""
    shades = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for text, left, middle, size in texts:
        crop = draw(text, (len(text) + 1) * size, size)
        columns = np.flatnonzero((crop < 255).any(axis=0))
        crop = crop[:, columns[0] :]
        top, at = round(middle * SCALE) - len(crop) // 2, round(left * SCALE)
        place = shades[top : top + len(crop), at : at + crop.shape[1]]
        np.minimum(place, crop[: len(place), : place.shape[1]], out=place)
    return shades


def straight(shades: Shades) -> StraightPicture:
    return StraightPicture(shades, np.zeros(shades.shape, np.bool_), SCALE, 0, np.eye(3))


def read(shades: Shades, *tables: PictureTable) -> list[str]:
    """Return the texts of the lines of a page."""
    picture = straight(shades)
    lines = straight_to_lines(picture, tables)
    readings = lines_to_readings([line.crop for line in lines])
    return [reading.text for _, reading in with_whole_ideographs(lines, readings, picture)]


def test_lines_come_from_top_to_bottom_whatever_their_size() -> None:
    shades = page(
        ("示例市财政局", 200, 100, 22),
        ("2023年政府信息公开工作年度报告", 120, 135, 22),
        ("本报告由示例市财政局编制，数据截至2023年12月31日。", 90, 180, 14),
        ("一、总体情况", 90, 203, 14),
        ("- 1 -", 290, 780, 10),
    )
    assert read(shades) == [
        "示例市财政局",
        "2023年政府信息公开工作年度报告",
        "本报告由示例市财政局编制，数据截至2023年12月31日。",
        "一、总体情况",
        "-1-",
    ]


def test_what_stands_far_apart_is_cut_out_apart_and_as_high() -> None:
    shades = page(("行政许可", 90, 200, 12), ("—", 250, 200, 12), ("1234", 350, 200, 12), ("0", 450, 200, 12))
    lines = straight_to_lines(straight(shades), ())
    assert [reading.text for reading in lines_to_readings([line.crop for line in lines])][2:] == ["1234", "0"]
    assert [line.box.x0 for line in lines] == [pytest.approx(x, abs=3) for x in (90, 250, 350, 450)]
    label, dash, *_ = lines
    assert (dash.box.top, dash.box.bottom) == (label.box.top, label.box.bottom)


def test_a_table_is_left_out_with_its_rulings() -> None:
    shades = page(("四、其他事项", 90, 200, 14), ("本年新收", 120, 300, 12), ("无。", 90, 420, 14))
    cv2.rectangle(shades, (280, 780), (1400, 1000), 0, 3)
    box = Box(280 / SCALE, 780 / SCALE, 1400 / SCALE, 1000 / SCALE)
    cell = PictureCell(0, 0, 1, 1, box, shades[780:1000, 280:1400], False)
    assert read(shades, PictureTable(box, (cell,))) == ["四、其他事项", "无。"]


def test_a_line_has_no_ink_of_its_neighbours_and_no_underline() -> None:
    shades = page(("公开年度报告", 90, 200, 16), ("示例市人民政府", 90, 218, 16))
    cv2.line(shades, (250, 630), (900, 630), 0, 3)
    assert read(shades) == ["公开年度报告", "示例市人民政府"]


def test_crops_lie_where_their_boxes_say() -> None:
    shades = page(("行政许可", 90, 200, 12))
    (line,) = straight_to_lines(straight(shades), ())
    x0, top, x1, bottom = (round(at * SCALE) for at in line.box)
    assert (shades[top:bottom, x0:x1] == line.crop).all()


def test_a_label_of_two_lines_beside_one_of_one_line_is_read_and_so_is_that() -> None:
    """In a table without rulings they stand half a line off each other."""
    shades = page(
        ("（四）无法", 90, 196, 9),
        ("提供", 99, 207.5, 9),
        ("2.没有现成信息", 142, 202, 9),
        ("3", 300, 202, 9),
        ("0", 330, 202, 9),
    )
    assert [fold(text) for text in read(shades)] == [
        fold(text) for text in ("（四）无法", "2.没有现成信息", "3", "0", "提供")
    ]


def test_grains_are_no_lines_and_a_blank_page_has_none() -> None:
    shades = page()
    assert straight_to_lines(straight(shades), ()) == []
    shades[300:302, 400:402] = 0
    assert straight_to_lines(straight(shades), ()) == []
