"""Characters with places to lines and cell texts: what must never become another number."""

from __future__ import annotations

import pytest

from pipeline.extract.read.glyphs import (
    UNNAMED,
    drop_watermark,
    glyphs_to_cell_text,
    glyphs_to_lines,
    join_vertical_runs,
    line_to_columns,
    line_to_text,
    trim_heights,
)
from pipeline.records import Glyph
from tests.extract.read.by_hand import SIZE, runs, word, words


def lines_of(glyphs: list[Glyph]) -> list[str]:
    return [line_to_text(line) for line in glyphs_to_lines(glyphs)]


def test_lines_run_from_top_to_bottom_and_left_to_right() -> None:
    glyphs = words(("第二行", 10, 40), ("行", 30, 20), ("第", 10, 20), ("一", 20, 20))
    assert lines_of(glyphs) == ["第一行", "第二行"]


def test_a_raised_character_stays_in_its_line() -> None:
    assert lines_of(words(("规章", 10, 20), ("1", 30, 17))) == ["规章1"]


def test_characters_of_two_sizes_share_a_line() -> None:
    assert lines_of([*word("总", 10, 20), *word("12", 20, 23, height=6)]) == ["总12"]


def columns_of(glyphs: list[Glyph]) -> list[str]:
    (line,) = glyphs_to_lines(glyphs)
    return [line_to_text(column) for column in line_to_columns(line)]


def test_a_menu_beside_a_title_is_a_column_of_its_own() -> None:
    title = word("示例县教育局", 100, 16, height=16)
    assert columns_of([*word("首页", 10, 18, height=9), *title]) == ["首页", "示例县教育局"]
    assert columns_of([*word("首页", 79, 18, height=9), *title]) == ["首页 示例县教育局"]
    assert columns_of([*word("首页", 10, 16, height=16), *title]) == ["首页 示例县教育局"]


def test_a_flat_box_does_not_split_its_line() -> None:
    """Some fonts give 一 a box as flat as the stroke."""
    flat = Glyph("一", 20, 24.5, 30, 25.5)
    assert lines_of([*word("第", 10, 20), flat, *word("项", 30, 20)]) == ["第一项"]


def test_a_watermark_does_not_mix_the_lines_it_lies_over() -> None:
    glyphs = words(("总体情况", 10, 20), ("公开申请", 10, 40), ("存在问题", 10, 60))
    found = lines_of([*glyphs, *word("样", 22, 18, height=56)])
    assert [line for line in found if line != "样"] == ["总体情况", "公开申请", "存在问题"]


def test_lines_that_nearly_touch_stay_apart() -> None:
    assert lines_of(words(("12", 10, 20), ("34", 10, 30.5))) == ["12", "34"]


def test_a_number_printed_twice_to_look_bold_is_one() -> None:
    glyphs = [*word("5", 10, 20), *word("5", 10.4, 20)]
    assert lines_of(glyphs) == ["5"]


def test_a_bold_number_of_several_digits_is_one() -> None:
    glyphs = [*word("55", 10, 20), *word("55", 10.3, 20.1)]
    assert lines_of(glyphs) == ["55"]


def test_a_number_printed_three_times_is_one() -> None:
    assert lines_of([g for x in (10, 10.3, 10.6) for g in word("7", x, 20)]) == ["7"]


@pytest.mark.parametrize(
    ("under", "over", "x"),
    [("92", "94", 10), ("7", "3", 10), ("92", "73", 12.5), ("5", "123", 12.5), ("612", "1", 15),
     ("9", "94", 10), ("55", "5", 12.5), ("12", "12", 12.5)],
)  # fmt: skip
def test_two_numbers_in_one_place_are_none(under: str, over: str, x: float) -> None:
    """An older number may lie hidden under a white patch; digits are 5 wide here."""
    for glyphs in (word(under, 10, 20) + word(over, x, 20), word(over, x, 20.2) + word(under, 10, 20)):
        (text,) = lines_of(glyphs)
        assert UNNAMED in text and text not in (under, over)
        (text,) = lines_of(runs(glyphs))
        assert UNNAMED in text and text not in (under, over)


def test_a_bold_number_beside_a_plain_one_is_one() -> None:
    assert lines_of([*word("12", 10, 20), *word("12", 10.3, 20), *word("34", 40, 20)]) == ["12 34"]


def test_digits_with_boxes_that_are_too_wide_stay() -> None:
    wide = [Glyph(c, 10 + 5 * i, 20, 20 + 5 * i, 30) for i, c in enumerate("1024")]
    assert lines_of(wide) == ["1024"]


def test_numbers_that_lie_over_each_other_are_two() -> None:
    assert "\n" in glyphs_to_cell_text([*word("123", 10, 20), *word("456", 10, 25.5)], 30)


def test_equal_digits_side_by_side_stay() -> None:
    assert lines_of(word("55", 10, 20)) == ["55"]
    assert lines_of(word("1000", 10, 20, gap=-0.8)) == ["1000"]


def test_a_gap_is_a_blank() -> None:
    assert lines_of(words(("12", 10, 20), ("34", 24, 20))) == ["12 34"]
    assert lines_of(word("总 计", 10, 20)) == ["总 计"]


def test_a_flat_box_makes_no_gap() -> None:
    """一百三十五 in a font whose boxes are as tight as the strokes."""
    flat = Glyph("一", 10.8, 24.5, 19.2, 25.5)
    assert lines_of([flat, *word("百三十五", 20, 20)]) == ["一百三十五"]


def test_tight_setting_is_no_gap() -> None:
    assert lines_of(word("7730.28", 10, 20, gap=0.5)) == ["7730.28"]


# ------------------------------------------------------------------ cell text


def cell_text(glyphs: list[Glyph], width: float) -> str:
    return glyphs_to_cell_text(glyphs, width)


def test_a_label_wrapped_at_the_width_of_its_cell_is_one() -> None:
    assert cell_text(words(("本年处", 5, 10), ("理决定", 5, 23)), 40) == "本年处理决定"


def test_a_line_that_ends_early_ends_a_line() -> None:
    assert cell_text(words(("规章", 5, 10), ("行政许可", 5, 23)), 120) == "规章\n行政许可"


def test_a_long_number_wrapped_at_the_width_of_its_cell_is_one() -> None:
    """11398 | 889 in a column of 30 points: the next digit had no room."""
    assert cell_text(words(("11398", 2, 10), ("889", 2, 23)), 30) == "11398889"


@pytest.mark.parametrize("width", [30.0, 60.0, 120.0])
def test_two_numbers_one_above_the_other_are_not_one(width: float) -> None:
    assert cell_text(words(("12", 5, 10), ("34", 5, 23)), width) == "12\n34"


def test_numbers_of_two_rows_are_not_one_however_narrow_the_cell() -> None:
    assert cell_text(words(("0", 5, 10), ("5", 5, 23)), 16) == "0\n5"


def test_order_of_the_file_does_not_matter() -> None:
    glyphs = words(("本年处", 5, 10), ("理决定", 5, 23))
    assert cell_text(glyphs[::-1], 40) == cell_text(glyphs, 40)


def test_one_character() -> None:
    assert cell_text(word("0", 5, 10), 40) == "0"


def test_what_has_no_name_stays_visible() -> None:
    assert cell_text(word(f"1{UNNAMED}", 5, 10), 40) == f"1{UNNAMED}"


# ------------------------------------------------------- boxes that are too tall


def test_tall_boxes_are_trimmed_to_their_characters() -> None:
    """A font that declares three lines' height: neighbouring rows would run into each other."""
    narrow = [g._replace(x1=g.x0 + SIZE / 2) for g in word("0", 20, 20)]
    tall = [g._replace(top=g.top - 10, bottom=g.bottom + 10) for g in [*word("总", 10, 20), *narrow]]
    trimmed = trim_heights(tall)
    assert [round(g.height, 6) for g in trimmed] == [12, 12]
    assert [(g.top + g.bottom) / 2 for g in trimmed] == [(g.top + g.bottom) / 2 for g in tall]


def test_a_digit_that_a_font_calls_zero_in_words_trims_nothing() -> None:
    """It is as narrow as the digits beside it; to cut their boxes by its width would cut their ink."""
    narrow = [g._replace(x1=g.x0 + SIZE / 2) for g in words(("零", 10, 20), ("3", 30, 20))]
    assert trim_heights(narrow) == narrow


def test_usual_boxes_are_left_alone() -> None:
    glyphs = words(("总计", 10, 20), ("12", 40, 20))
    assert trim_heights(glyphs) == glyphs


def test_trimming_one_font_leaves_another() -> None:
    tall = [g._replace(top=g.top - 10, bottom=g.bottom + 10) for g in word("总", 10, 20)]
    assert trim_heights([*tall, *word("计", 60, 20)])[1] == word("计", 60, 20)[0]


def test_a_watermark_over_blank_cells_is_dropped() -> None:
    """It lies over nothing that would show it to be one, and is far larger than any text."""
    (mark,) = word("例", 300, 300, height=11 * SIZE)
    usual = words(("总计", 10, 20), ("12", 40, 20), ("规章", 10, 40))
    assert drop_watermark([*usual, mark]) == usual


def test_a_line_of_two_fonts_in_large_type_is_no_watermark() -> None:
    """Chromium printed 2022 less tall than the 年政府信息公开 beside it, and both touched."""
    small = runs(words(("本报告由示例局编制", 0, 100), ("所列数据的统计期限", 0, 120), ("起止如下", 0, 140)))
    figure = Glyph("2022", 50, 3, 90, 17)
    line = Glyph("年政府信息公开", 89.9, 0, 240, 24)
    assert drop_watermark([*small, figure, line]) == [*small, figure, line]


def test_a_watermark_over_part_of_a_long_text_is_dropped() -> None:
    (mark,) = word("样", 90, 0, height=3 * SIZE)
    text = runs(words(("政府信息公开工作年度报告", 10, 10), ("12", 10, 40), ("34", 10, 60)))
    assert drop_watermark([*text, mark]) == text


def test_zeros_of_a_table_under_a_watermark_of_digits_are_no_watermark() -> None:
    """Both stand in rows and columns; the watermark alone begins left of all other text."""
    labels = words(*((f"第{row}项", 60, 40 * row + 20) for row in range(8)))
    zeros = words(*(("0", 120 + 30 * column, 40 * row + 20) for row in range(8) for column in range(7)))
    mark = words(*(("8", 10 + 70 * column, 40 * row + 5) for row in range(8) for column in range(6)))
    assert drop_watermark([*mark, *labels, *zeros]) == [*labels, *zeros]


def test_a_small_watermark_whose_rows_take_turns_is_dropped() -> None:
    usual = words(("第1项", 60, 20), ("12", 160, 20), ("第2项", 60, 60), ("8", 160, 60))
    places = [(70 * column + 35 * (row % 2), 40 * row + 5) for row in range(8) for column in range(6)]
    assert drop_watermark([*words(*(("8", *place) for place in places)), *usual]) == usual


def test_a_vertical_font_gives_one_upright_run() -> None:
    """三、本年度办理结果 in Identity-V: boxes of twenty times the size, all with one left edge."""
    label = "三本年度办理结果"
    tall = [Glyph(char, 50, 100 + 12 * i, 60, 300 + 12 * i) for i, char in enumerate(label)]
    usual = words(("1.属于国家秘密", 80, 100), ("2.其他", 80, 120))
    joined = join_vertical_runs([*usual, *tall])
    (run,) = [glyph for glyph in joined if len(glyph.text) > 1]
    assert run.text == label
    assert run.height == pytest.approx(12 * len(label))
    assert [glyph for glyph in joined if len(glyph.text) == 1] == usual


def test_one_large_character_is_no_vertical_run() -> None:
    """A watermark of large characters side by side stays what it is."""
    large = [Glyph(char, 50 + 80 * i, 100, 130 + 80 * i, 180) for i, char in enumerate("样例")]
    glyphs = [*words(("本年新收", 10, 20), ("自然人", 10, 40)), *large]
    assert join_vertical_runs(glyphs) == glyphs


def test_no_glyphs() -> None:
    assert join_vertical_runs([]) == []
    assert trim_heights([]) == []
    assert glyphs_to_lines([]) == []


def test_heights_of_the_helper_are_what_the_tests_say() -> None:
    assert {glyph.height for glyph in word("总1", 0, 0)} == {SIZE}
