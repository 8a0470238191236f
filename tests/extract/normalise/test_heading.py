"""Titles as bureaus print them, years and dates where they are found, and what is no annual report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.normalise.dates import DATE, found_to_date
from pipeline.extract.normalise.heading import is_annual_report, lines_to_heading
from pipeline.records import Box, ReportIdentity, TextLine
from tests.extract.normalise.printed_lines import HONGZE, ROOT, layout, pdf_to_lines, wrap

TRUTHS = sorted((ROOT / "tests" / "truth").glob("*.json"))
BY_LAW = ">本报告根据《中华人民共和国政府信息公开条例》要求编制，现予公布。"


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda path: path.stem)
def test_headings_of_the_reports_in_data_raw(truth: Path) -> None:
    meta: dict[str, Any] = json.loads(truth.read_text(encoding="utf-8"))["meta"]
    lines, _ = pdf_to_lines(ROOT / "data" / "raw" / f"{truth.stem}.pdf")
    assert lines_to_heading(lines) == ReportIdentity(
        meta["agency"], meta["fiscal_year"], meta["title"], meta["published_on"]
    )
    assert is_annual_report(lines)


@pytest.mark.skipif(
    not HONGZE.exists(), reason="the real report lies beside the project and is no part of it"
)
def test_the_real_report() -> None:
    heading = lines_to_heading(pdf_to_lines(HONGZE, tables_too=True)[0])
    assert (heading.agency, heading.fiscal_year, heading.published_on) == ("洪泽区人民政府", 2023, None)
    assert heading.title.replace(" ", "") == "洪泽区人民政府2023年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("texts", "agency", "year"),
    [
        (["^洪泽区人民政府", "^2023年政府信息公开工作年度报告"], "洪泽区人民政府", 2023),
        (
            ["^海东市工业和信息化局", "^海东市工业和信息化局 2022 年度政府信息公开工作年度报告"],
            "海东市工业和信息化局",
            2022,
        ),
        (["^2021年度示例市教育局政府信息公开工作年度报告"], "示例市教育局", 2021),
        (["^示例局关于2022年政府信息公开工作年度报告"], "示例局", 2022),
        (["^示例县2018年政府信息公开年度报告"], "示例县人民政府", 2018),
        (["^示例局二〇一七年政府信息公开年报"], "示例局", 2017),
        (["^示例局二○二二年政府信息公开年报"], "示例局", 2022),
        (["^示例局二零二二年度政府信息公开工作报告"], "示例局", 2022),
        (["^示例局２０２２年政府信息公开工作年度报告"], "示例局", 2022),
        (["^示例市人民政府办公室", "^政府信息公开工作", "^2020年年度报告"], "示例市人民政府办公室", 2020),
        (["^示例市财政局", "^2019年度政府信息公开工作报告"], "示例市财政局", 2019),
        (["^《示例市财政局2022年政府信息公开工作年度报告》"], "示例市财政局", 2022),
        (["^示例市人民政府", "^办公室2023年政府信息公开工作年度报告"], "示例市人民政府办公室", 2023),
        (["^示例市公安局", "^交通警察支队2023年政府信息公开工作年度报告"], "示例市公安局交通警察支队", 2023),
        (["^示例市工业和信", "^息化局2023年政府信", "^息公开工作年度报告"], "示例市工业和信息化局", 2023),
        (["^示例县人民政府信息公开工作年度报告", "^（2021年）"], "示例县人民政府", 2021),
        (["^2022年上海市政府信息公开工作年度报告", "字号:"], "上海市人民政府", 2022),
        (["政府信息公开", "^示例市示例区2016年政府信息公开工作年度报告"], "示例市示例区人民政府", 2016),
        (
            ["^示例市人民政府2016年", "^政府信息公开工作年度报告", "^示例市人民政府办公室"],
            "示例市人民政府",
            2016,
        ),
        (["^2022年政府信息公开工作年度报告", "^示例市水务局", "^（2023年1月9日）"], "示例市水务局", 2022),
        (["^⽰例市商务局", "^2020年政府信息公开⼯作年度报告"], "示例市商务局", 2020),
        (["^国务院新闻办公室2022年政府信息公开工作年度报告"], "国务院新闻办公室", 2022),
        (["^示例市政务公开办公室2022年政府信息公开工作年度报告"], "示例市政务公开办公室", 2022),
        (["^2022年政府信息公开工作年度报告", "各乡镇人民政府"], "", 2022),
        (["^2022年政府信息公开工作年度报告", "政府信息公开年报"], "", 2022),
        (["|样例（虚构单位）", "^示例局2020年政府信息公开工作年度报告", "- 1 -"], "示例局", 2020),
    ],
)
def test_titles_as_they_are_printed(texts: list[str], agency: str, year: int) -> None:
    heading = lines_to_heading(layout(*texts, BY_LAW))
    assert (heading.agency, heading.fiscal_year) == (agency, year)


def test_an_agency_that_signs_at_the_height_of_its_title_is_no_page_header() -> None:
    lines = (
        *layout("^示例市水务局", "^2024年政府信息公开工作年度报告", BY_LAW),
        *layout("|示例市水务局", "|2025年1月20日", page=2),
    )
    heading = lines_to_heading(lines)
    assert heading.title == "示例市水务局2024年政府信息公开工作年度报告"
    assert heading.published_on == "2025-01-20"


def test_a_long_name_above_the_title_may_take_two_lines() -> None:
    name = "示例市示例高新技术产业开发区住房和城乡建设示例"
    heading = lines_to_heading(layout(f"^{name}", "^局", "^2025年政府信息公开工作年度报告", BY_LAW))
    assert heading.title == f"{name}局2025年政府信息公开工作年度报告"
    assert heading.agency == f"{name}局"


def test_a_title_broken_over_lines_is_joined_without_the_red_head_above() -> None:
    lines = layout("^示例市水务局", "^示例市水务局 2022 年度政府信息公开", "^工 作 年 度 报 告", BY_LAW)
    assert lines_to_heading(lines).title == "示例市水务局 2022 年度政府信息公开工作年度报告"


@pytest.mark.parametrize(
    "lines",
    [
        layout(">本报告由示例市财政局根据《中华人民共和国政府信息公开条例》编制。"),
        layout(">根据有关规定，由示例市财政局编制。", ">一、总体情况", ">平稳有序。"),
        layout(BY_LAW, ">一、总体情况", ">平稳有序。", "|示例市财政局", "|2020年1月20日"),
        layout(BY_LAW, ">一、总体情况", ">平稳有序。", "|示例市财政局 2020年1月20日"),
        layout(">现公布示例市财政局2019年政府信息公开工作年度报告。"),
    ],
    ids=["preamble", "after a comma", "signature", "signature in one line", "published now"],
)
def test_the_agency_is_found_outside_of_a_title_without_one(lines: tuple[TextLine, ...]) -> None:
    title = layout("^2019年度政府信息公开工作报告", top=40)
    assert lines_to_heading(title + lines).agency == "示例市财政局"


def test_the_year_comes_from_the_period_and_then_from_the_metadata() -> None:
    title = layout("^示例县水利局政府信息公开工作年度报告")
    period = wrap("本报告所列数据统计期限自2023年1月1日起至2023年12月31日止。", top=200)
    named = "示例县水利局2022年政府信息公开工作年度报告"
    assert lines_to_heading(title + period, named).fiscal_year == 2023
    assert lines_to_heading(title, named).fiscal_year == 2022
    assert lines_to_heading(title).fiscal_year is None


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (layout("|示例市财政局", "|2024年1月25日"), "2024-01-25"),
        (layout("|2024 年 1 月 25 日"), "2024-01-25"),
        (layout("|二〇二四年一月二十五日"), "2024-01-25"),
        (layout("|二○二四年元月五日"), "2024-01-05"),
        (layout("|2024-01-25"), "2024-01-25"),
        (layout("|2024.1.25"), "2024-01-25"),
        (layout("|２０２４年１月２５日"), "2024-01-25"),
        (layout("|示例市财政局（2024年1月25日）"), "2024-01-25"),
        (layout("|2024年1月"), None),
        (layout("|2024年2月30日"), None),
        (layout("|2023年12月31日"), None),
        (layout("|2031年1月25日"), None),
        (layout(">2024年1月25日，我局召开会议，部署全年政务公开工作。"), None),
        (layout(">统计期限为2023年1月1日至2023年12月31日。"), None),
    ],
)
def test_the_date_of_publication_ends_the_report(lines: tuple[TextLine, ...], day: str | None) -> None:
    head = layout("^示例市财政局2023年政府信息公开工作年度报告", BY_LAW, ">一、总体情况", top=10)
    prose = tuple(line for i in range(8) for line in wrap("全年工作平稳有序推进，" * 6 + "成效明显。", 1 + i))
    last = tuple(TextLine(9, line.text, line.box) for line in lines)
    assert lines_to_heading(head + prose + last).published_on == day


@pytest.mark.parametrize(
    "text", ["来源：示例市财政局 发布时间：2024-01-25 10:30 浏览次数：12", "发布日期：2024年1月25日"]
)
def test_the_date_of_publication_on_a_web_page(text: str) -> None:
    lines = layout("^示例市财政局2023年政府信息公开工作年度报告", text, BY_LAW)
    assert lines_to_heading(lines).published_on == "2024-01-25"


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (["更新时间：2024-01-29 15:17 发布时间：2024-01-25 15:53"], "2024-01-25"),
        (["成文日期：2024-01-20 发布日期：2024-01-25"], "2024-01-25"),
        (["成文日期：2024-01-20", "更新时间：2024-01-29"], "2024-01-20"),
        (["更新时间：2024-01-29"], "2024-01-29"),
        (["发布时间：", "2024-01-25 15:53"], "2024-01-25"),
        (["发布日期", "2024-01-25"], "2024-01-25"),
        (["2024-01-25 15:53"], "2024-01-25"),
        (["2024-01-25 15:53 来源：本网"], "2024-01-25"),
        (["来源：示例市财政局 2024-01-25"], "2024-01-25"),
        (["2024年01月25日 15时"], "2024-01-25"),
        (["2024/3/1 10:22"], None),
        (["发布时间：2023-06-25"], None),
    ],
)
def test_what_is_labelled_as_published_goes_before_other_days(texts: list[str], day: str | None) -> None:
    lines = layout("^示例市财政局2023年政府信息公开工作年度报告", *texts, BY_LAW)
    assert lines_to_heading(lines).published_on == day


def test_a_day_above_the_title_is_that_of_what_stands_there() -> None:
    title = "^示例市财政局2023年政府信息公开工作年度报告"
    assert lines_to_heading(layout("2024年1月25日", title, BY_LAW)).published_on is None
    assert lines_to_heading(layout("2024-01-25 15:53", title, BY_LAW)).published_on == "2024-01-25"
    assert lines_to_heading(layout("2024年1月25日 星期四 10:20", title, BY_LAW)).published_on is None


def test_a_label_at_the_foot_of_a_web_page_says_the_day() -> None:
    head = layout("^示例市财政局2023年政府信息公开工作年度报告", BY_LAW, ">一、总体情况", top=10)
    foot = layout(">平稳有序。", "|示例市财政局", "|2024年1月25日", "发布日期：2024-01-26 责任编辑：", page=2)
    assert lines_to_heading(head + foot).published_on == "2024-01-26"


@pytest.mark.parametrize(
    ("title", "period", "year", "doubt"),
    [
        ("示例局2024年政府信息公开工作年度报告", "2024年1月1日起至2024年12月31日", 2024, ""),
        ("示例局2024年政府信息公开工作年度报告", "2023年1月1日起至2023年12月31日", 2024, "2023"),
        ("示例局2024年政府信息公开工作年度报告", "2023年1月1日起至2024年12月31日", 2024, ""),
        ("示例局政府信息公开工作年度报告", "2023年1月1日起至2024年12月31日", None, ""),
        ("示例局政府信息公开工作年度报告", "2008年5月1日至12月31日", 2008, ""),
        ("示例局政府信息公开工作年度报告", "二〇一〇年一月一日至十二月三十一日", 2010, ""),
        ("示例局政府信息公开工作年度报告", "2020.1.1-2020.12.31", 2020, ""),
        ("示例局2025年政府信息公开工作年度报告（2024年度）", "2024年1月1日至12月31日", 2024, ""),
        ("示例局2025年政府信息公开工作年度报告（2024年度）", "全年", None, "2024 and 2025"),
        ("示例局2024年1月1日至12月31日政府信息公开工作年度报告", "全年", 2024, ""),
    ],
)
def test_the_period_tells_what_a_title_leaves_open(
    title: str, period: str, year: int | None, doubt: str
) -> None:
    heading = lines_to_heading(layout(f"^{title}", f">本报告所列数据统计期限为{period}。", top=20))
    assert (heading.agency, heading.fiscal_year) == ("示例局", year)
    assert bool(heading.doubt) == bool(doubt)
    assert doubt in heading.doubt


@pytest.mark.parametrize(
    "words", ["推进规划，数据自2021年1月1日至2025年12月31日", "行动自2022年1月1日至2022年12月31日开展"]
)
def test_other_periods_are_no_doubt(words: str) -> None:
    title = layout("^示例局2024年政府信息公开工作年度报告", top=20)
    assert lines_to_heading((*title, *wrap(f"{words}。"))).doubt == ""
    nameless = layout("^示例局政府信息公开工作年度报告", top=20)
    assert lines_to_heading((*nameless, *wrap(f"{words}。"))).fiscal_year is None


def test_numerals_of_dates() -> None:
    days = {
        "二〇二四年十二月三十一日": 31,
        "二〇二四年十月二十日": 20,
        "二〇二四年十一月十日": 10,
        "二〇二四年三月廿五日": 25,
    }
    for text, day in days.items():
        found = DATE.search(text)
        assert found is not None
        read = found_to_date(found)
        assert read is not None
        assert read.day == day


@pytest.mark.parametrize(
    "texts",
    [
        ["^示例市2023年法治政府建设年度报告", ">一、总体情况", ">二、存在问题"],
        [
            "^关于做好2023年政府信息公开工作年度报告编制发布工作的通知",
            "各县（市、区）人民政府：",
            ">现将有关事项通知如下。",
        ],
        [">各单位应当按照规定编制，", "2023年政府信息公开工作年度报告", "于次年1月31日前发布。"],
        ["^Individual Income Tax Return", "Form 1040 2022", "12", "Your first name"],
        ["^示例市2023年政务公开工作要点", ">一、主动公开", ">持续做好政府信息公开工作。"],
    ],
    ids=["rule of law", "notice", "prose", "tax form", "work plan"],
)
def test_what_is_no_annual_report(texts: list[str]) -> None:
    assert not is_annual_report(layout(*texts))
    assert not is_annual_report(
        layout("^Form 1040", "Your first name"), "示例局2023年政府信息公开工作年度报告"
    )


def test_a_report_with_an_odd_title_is_known_by_its_chapters() -> None:
    chapters = [">一、总体情况", ">二、主动公开政府信息情况", ">三、收到和处理政府信息公开申请情况"]
    assert is_annual_report(layout("^示例市财政局", "^二〇二三年工作回顾", *chapters))
    assert not is_annual_report(layout("^示例市财政局", *chapters[:2]))


def test_nothing_comes_of_nothing() -> None:
    assert lines_to_heading(()) == ReportIdentity("", None, "", None)
    assert lines_to_heading((TextLine(1, " ", Box(0, 0, 1, 1)),)) == ReportIdentity("", None, "", None)
    assert not is_annual_report(())


def test_huge_lines_take_no_time() -> None:
    for text in [
        "." * 300_000,
        " " * 300_000 + "a",
        "政府信息公开" * 50_000,
        "一、" * 100_000,
        "2" * 300_000,
    ]:
        lines = (TextLine(1, text, Box(0, 0, 500, 16)),) * 2
        assert lines_to_heading(lines).agency == ""
