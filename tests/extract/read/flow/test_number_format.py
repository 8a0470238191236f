"""Numbers as spreadsheets show them by the codes of their formats."""

from __future__ import annotations

import pytest

from pipeline.extract.read.flow.number_format import (
    AS_NUMERALS,
    NO_DATE,
    NOT_UNDERSTOOD,
    known_formats,
    number_to_shown,
    text_to_shown,
)

SHOWN = [
    (12.5, '0.00"万元"', "12.50万元"),
    (-3, "0;减0", "减3"),
    (3, "0;减0", "3"),
    (0, "0;减0", "0"),
    (0, "###", ""),
    (7, "###", "7"),
    (3, "000", "003"),
    (1234567, "#,##0", "1,234,567"),
    (1000000, "#,##0,", "1,000"),
    (0, "#,##0.00", "0.00"),
    (0.5, "#.##", ".5"),
    (5, "#.##", "5."),
    (12345, '0!.0,"万"', "1.2万"),
    (12345, "0.0,", "12.3"),
    (0.125, "0.0%", "12.5%"),
    (2.5, "0", "3"),
    (-2.5, "0", "-3"),
    (-0.3, "0", "0"),
    (1e15, "0", "1000000000000000"),
    (0.1 + 0.2, "General", "0.3"),
    (12, 'G/通用格式"件"', "12件"),
    (12, '"共"0"件"', "共12件"),
    (12, "0 \\件", "12 件"),
    (0, '0;-0;"无"', "无"),
    (0, "0;-0;;@", ""),
    (9, ";;;", ""),
    (-1234.5, "#,##0.00;[Red](#,##0.00)", "(1,234.50)"),
    (15000, '[>=10000]0.0,"千";0', "15.0千"),
    (5, '[>=10000]0.0,"千";0', "5"),
    (3, "[$¥-804]#,##0.00", "¥3.00"),
    (1234567890, "000-0000-0000", "012-3456-7890"),
    (2022, '0"年"', "2022年"),
    (7, "@", "7"),
    (5, '"见附表"', "见附表"),
    (0, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "-"),
    (5, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "5"),
    (45292, "yyyy-mm-dd", "2024-01-01"),
    (45292.5, "yyyy/m/d h:mm", "2024/1/1 12:00"),
    (45292.75, "h:mm AM/PM", "6:00 PM"),
    (45292.25, '上午/下午h"时"mm"分"', "上午6时00分"),
    (45292, "aaaa", "星期一"),
    (45292, '[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二四年一月一日"),
    (1.5, "[h]:mm", "36:00"),
    (1, "yyyy/m/d", "1900/1/1"),
]


@pytest.mark.parametrize(("value", "code", "text"), SHOWN)
def test_a_number_is_shown_by_its_code(value: float, code: str, text: str) -> None:
    assert number_to_shown(value, code) == (text, "")


@pytest.mark.parametrize("number", sorted(known_formats()))
def test_every_code_that_files_name_by_a_number_is_understood(number: int) -> None:
    shown = number_to_shown(45292, known_formats()[number])
    assert shown.text and (shown.doubt == "" or number in (11, 12, 13, 48))


def test_the_days_of_some_files_count_from_1904() -> None:
    assert number_to_shown(43830, "yyyy/m/d", since_1904=True).text == "2024/1/1"


@pytest.mark.parametrize(
    ("value", "code", "doubt"),
    [
        (0.5, "# ?/?", NOT_UNDERSTOOD),
        (120345, "0.00E+00", NOT_UNDERSTOOD),
        (-1, "yyyy", NO_DATE),
        (123, "[DBNum1]General", AS_NUMERALS),
        (1, "0" * 300, NOT_UNDERSTOOD),
    ],
)
def test_what_is_not_understood_is_given_plainly_and_told(value: float, code: str, doubt: str) -> None:
    shown = number_to_shown(value, code)
    assert (float(shown.text), shown.doubt) == (value, doubt)


def test_texts_have_a_section_of_their_own() -> None:
    assert text_to_shown("甲", "0;0;0;@区") == "甲区"
    assert text_to_shown("甲", "0") == "甲"
    assert text_to_shown("甲", ";;;") == ""
