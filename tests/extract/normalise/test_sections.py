"""Chapters and paragraphs: from the reports in data/raw, the real report, and headings as they vary."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from pipeline.extract.normalise.body_text import lines_to_body, squeeze
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.normalise.sections import lines_to_sections
from pipeline.records import Box, Section, TextLine
from tests.extract.normalise.printed_lines import HONGZE, ROOT, layout, on_page, pdf_to_lines, wrap

TRUTHS = sorted((ROOT / "tests" / "truth").glob("*.json"))
A4 = ((595.0, 842.0),) * 9


PREAMBLE = "本报告根据条例编制，所列数据的统计期限为全年，如有疑问请与本机关联系，" * 4 + "特此报告。"


def sections_after_preamble(*lines: TextLine) -> list[Section]:
    """The chapters of a report that begins with lines enough to show where its text stands."""
    preamble, *rest = lines_to_sections((*wrap(PREAMBLE, page=1), *on_page(2, lines)), A4)
    assert preamble.text == PREAMBLE
    return rest


def chapters(*lines: TextLine) -> list[tuple[str, str]]:
    return [(section.section, section.heading) for section in sections_after_preamble(*lines)]


@pytest.mark.parametrize("tables_too", [False, True], ids=["prose", "with the tables' lines"])
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda path: path.stem)
def test_chapters_of_the_reports_in_data_raw(truth: Path, tables_too: bool) -> None:
    expected = [tuple(section) for section in json.loads(truth.read_text(encoding="utf-8"))["sections"]]
    lines, sizes = pdf_to_lines(ROOT / "data" / "raw" / f"{truth.stem}.pdf", tables_too)
    assert [(s.section, s.heading) for s in lines_to_sections(lines, sizes)] == expected


def test_prose_is_joined_over_lines_and_pages() -> None:
    lines, sizes = pdf_to_lines(
        ROOT / "data" / "raw" / "海东市工业和信息化局2022年度政府信息公开工作年度报告.pdf"
    )
    preamble, overview, *_ = lines_to_sections(lines, sizes)
    assert preamble.text.startswith("2022年，我局认真学习贯彻《中华人民共和国政府信息公开条例》，")
    assert overview.text.count("\n") == 0
    assert (
        "涉及年产40万吨干混砂浆生产线、6.5万吨牦牛藏羊全产业链加工、" in overview.text
    )  # cut by the page's end


@pytest.mark.parametrize("same_text", [False, True], ids=["other preamble", "same but the year"])
def test_reports_that_are_laid_out_alike_are_no_page_headers(same_text: bool) -> None:
    """Two years of a body have the same lines in the same places; between them are pages of tables alone."""
    pages = [
        (
            *layout(f"^示例市甲示例局{year}年政府信息公开工作年度报告", page=page),
            *layout(">一、总体情况" if same_text or page == 1 else ">概述", page=page, top=160),
            *layout(f">{year}年，平稳有序。" if not same_text else ">全年平稳有序。", page=page, top=200),
        )
        for page, year in ((1, 2022), (4, 2023))
    ]
    lines = [line for page in pages for line in page]
    assert lines_to_body(lines) == tuple(lines)


def test_a_heading_that_is_numbered_as_items_are_ends_the_paragraph_before_it() -> None:
    """Where every line of a short report is indented and nearly as long, none shows the text column."""
    prose = "全年认真落实条例要求，各项工作平稳有序，公开载体丰富。"
    lines = layout(f">{prose}", ">1. 总体情况", f">{prose}", ">2. 复议诉讼情况", f">{prose}")
    sections = lines_to_sections(lines, A4)
    assert [section.section for section in sections] == ["preamble", "overview", "review_litigation"]


@pytest.mark.skipif(
    not HONGZE.exists(), reason="the real report lies beside the project and is no part of it"
)
def test_the_real_report() -> None:
    sections = {s.section: s for s in lines_to_sections(*pdf_to_lines(HONGZE, tables_too=True))}
    assert [(s.heading, s.page) for s in sections.values()] == [
        ("", 1),
        ("一、总体情况", 1),
        ("二、主动公开政府信息情况", 2),
        ("三、收到和处理政府信息公开申请情况", 3),
        ("四、政府信息公开行政复议、行政诉讼情况", 4),
        ("五、存在的主要问题及改进情况", 4),
        ("六、其他需要报告的事项", 5),
    ]
    assert sections["preamble"].text.endswith(
        "邮编：223100，电话：0517-87222589，电子邮箱：hzzwgk@126.com）。"
    )
    paragraphs = sections["overview"].text.split("\n")
    assert [p[:11] for p in paragraphs] == [
        "2023年，洪泽区人民",
        "（一）主动公开情况。主",
        "（二）依申请公开情况。",
        "（三）政府信息管理情况",
        "加强区政府门户网站及政",
        "（四）政府信息公开平台",
        "（五）政府信息公开监督",
    ]
    assert "严格执行“分级审核、先审后发”程序" in paragraphs[4]  # over the page break
    assert sections["problems"].text.endswith("不断提高各单位政府信息公开工作人员的思想认识和业务工作水平。")
    assert sections["other"].text.endswith("全年收取政府信息公开信息处理费0元。")


FY2014 = [
    (">一、概述", "overview"),
    (">二、主动公开政府信息的情况", "active_disclosure"),
    (">三、政府信息依申请公开办理情况", "applications"),
    (">四、政府信息公开的收费及减免情况", "other"),
    (">五、因政府信息公开申请行政复议和提起行政诉讼的情况", "review_litigation"),
    (">六、政府信息公开工作存在的主要问题及改进措施", "problems"),
    (">七、需要说明的事项与附表", "other"),
]


def test_chapters_of_older_reports() -> None:
    texts = [text for heading, _ in FY2014 for text in (heading, ">我局认真落实有关规定，工作平稳有序。")]
    lines = layout(*texts)
    assert [key for key, _ in chapters(*lines)] == [key for _, key in FY2014]


def test_an_unknown_chapter_is_other_and_its_heading_is_kept() -> None:
    lines = layout(
        ">一、概述",
        ">好。",
        ">二、组织领导和制度建设",
        ">好。",
        ">三、主动公开情况",
        ">好。",
        ">四、机构队伍",
    )
    assert chapters(*lines) == [
        ("overview", "一、概述"),
        ("other", "二、组织领导和制度建设"),
        ("active_disclosure", "三、主动公开情况"),
        ("other", "四、机构队伍"),
    ]


def test_five_chapters_one_missing_and_one_numbered_twice() -> None:
    lines = layout(
        ">一、总体情况",
        ">三、收到和处理政府信息公开申请情况",
        ">四、政府信息公开行政复议及行政诉讼情况",
        ">四、存在的主要问题及改进情况",
        ">五、其他需要报告的事项",
    )
    assert [key for key, _ in chapters(*lines)] == [
        "overview",
        "applications",
        "review_litigation",
        "problems",
        "other",
    ]


def test_numbered_items_of_the_prose_are_no_chapters() -> None:
    lines = layout(
        ">一、总体情况",
        ">一、加强组织领导",
        ">明确专人负责。",
        ">二、主动公开力度加大",
        ">三、强化监督保障",
        ">（一）主动公开",
        ">二、主动公开政府信息情况",
        ">三、收到和处理政府信息公开申请情况",
        ">五、存在的主要问题及改进情况",
        ">一、存在的问题",
        ">二、下一步打算",
    )
    assert [heading[:2] for _, heading in chapters(*lines)] == ["一、", "二、", "三、", "五、"]
    assert sections_after_preamble(*lines)[-1].text == "一、存在的问题\n二、下一步打算"


def test_rows_of_a_table_that_was_not_recognised_are_no_chapters() -> None:
    lines = layout(
        ">三、收到和处理政府信息公开申请情况",
        "一、本年新收政府信息公开申请数量 21 0 0",
        "二、上年结转政府信息公开申请数量",
        "四、结转下年度继续办理",
        "四、结转下年度继续办理 0 0 0",
        ">四、政府信息公开行政复议、行政诉讼情况",
    )
    assert [heading[:4] for _, heading in chapters(*lines)] == ["三、收到", "四、政府"]


def test_a_chapter_is_not_found_inside_a_sentence() -> None:
    prose = "本年度报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况等部分组成，其中第"
    lines = (*wrap(prose), *layout("三、收到和处理政府信息公开申请情况一章列明有关数据，请予查阅。", top=136))
    (section,) = lines_to_sections(lines, A4)
    assert section.section == "preamble"
    assert "\n" not in section.text


@pytest.mark.parametrize(
    ("texts", "heading", "text"),
    [
        (
            [">一、总体情况。2023年，我局认真落实《条例》。"],
            "一、总体情况。",
            "2023年，我局认真落实《条例》。",
        ),
        ([">一、总体情况 2023年，我局认真落实《条例》。"], "一、总体情况", "2023年，我局认真落实《条例》。"),
        ([">一 、总 体 情 况", ">2023年，我局认真落实。"], "一、总体情况", "2023年，我局认真落实。"),
        ([">一．总体情况", "2023年，我局认真落实。"], "一．总体情况", "2023年，我局认真落实。"),
        ([">第一部分 总体情况", ">2023年，我局认真落实。"], "第一部分总体情况", "2023年，我局认真落实。"),
        ([">总体情况", ">2023年，我局认真落实。"], "总体情况", "2023年，我局认真落实。"),
        ([">⼀、总体情况", ">2023年，我局认真落实。"], "一、总体情况", "2023年，我局认真落实。"),
    ],
)
def test_headings_as_they_are_set(texts: list[str], heading: str, text: str) -> None:
    (section,) = sections_after_preamble(*layout(*texts))
    assert (section.section, section.heading, section.text) == ("overview", heading, text)


def test_a_heading_over_two_lines_is_one() -> None:
    lines = layout(
        ">五、因政府信息公开工作被申请行政复议、提起行政诉讼",
        "的情况",
        ">全年无行政复议。",
    )
    (section,) = sections_after_preamble(*lines)
    assert section.heading == "五、因政府信息公开工作被申请行政复议、提起行政诉讼的情况"
    assert (section.section, section.text) == ("review_litigation", "全年无行政复议。")


def test_page_headers_numbers_and_contents_are_dropped() -> None:
    prose = "一是加强组织领导，明确分管领导和专门人员，健全制度，压实责任，做到应公开尽公开，及时回应社会关切"
    pages = [
        (
            *layout("|示例局政府信息公开年报", page=page, top=30),
            *(layout("^目录", "一、总体情况………………1", page=1, top=60) if page == 1 else ()),
            *(layout(">一、总体情况", page=1, top=130) if page == 1 else ()),
            *wrap(prose + ("。" if page == 3 else "，") if page == 1 else prose[:20], page=page, top=160),
            *layout(f"|{footer}", page=page, top=800),
        )
        for page, footer in [(1, "- 1 -"), (2, "第 2 页 共 3 页"), (3, "3")]
    ]
    (section,) = lines_to_sections([line for page in pages for line in page], A4)
    assert section.heading == "一、总体情况"
    assert "年报" not in section.text
    assert not any(char.isdigit() for char in section.text)


def test_chapters_of_another_form_quoted_in_prose_open_no_chapter() -> None:
    lines = layout(
        ">一、总体情况",
        ">一、主动公开情况。主动公开政府信息数12条，其中规范性文件1件。",
        ">三、依申请公开情况。收到申请数2件。",
        ">二、主动公开政府信息情况",
        ">三、收到和处理政府信息公开申请情况",
    )
    found = [(section.section, section.heading) for section in sections_after_preamble(*lines)]
    assert found == [
        ("overview", "一、总体情况"),
        ("active_disclosure", "二、主动公开政府信息情况"),
        ("applications", "三、收到和处理政府信息公开申请情况"),
    ]


@pytest.mark.parametrize(
    ("headings", "keys"),
    [
        (
            ["引  言", "一、概述", "二、主动公开情况", "三、回应解读情况。2016年发布。", "四、申请答复情况"],
            ["preamble", "overview", "active_disclosure", "other", "applications"],
        ),
        (["一、引言", "二、总体情况", "三、主动公开情况"], ["preamble", "overview", "active_disclosure"]),
        (
            ["1. 总体情况", "2. 主动公开政府信息情况", "3. 收到和处理政府信息公开申请情况"],
            ["overview", "active_disclosure", "applications"],
        ),
        (["一、一、总体情况", "二、2.主动公开情况"], ["overview", "active_disclosure"]),
        (
            ["一、总体情况", "一、主动公开情况", "三、申请答复情况", "三、回应解读情况"],
            ["overview", "active_disclosure", "applications", "other"],
        ),
        (
            ["一、总体情况", "1.主动公开情况", "2.依申请公开情况", "二、主动公开情况"],
            ["overview", "active_disclosure"],
        ),
        (
            ["（引言）", "（一）总体情况", "（二）主动公开政府信息情况", "（三）申请答复情况"],
            ["preamble", "overview", "active_disclosure", "applications"],
        ),
        (
            ["一、总体情况", "（一）主动公开情况", "（二）依申请公开情况", "二、主动公开情况"],
            ["overview", "active_disclosure"],
        ),
        (
            ["导语", "Ⅰ、总体情况", "Ⅱ、主动公开政府信息情况"],
            ["preamble", "overview", "active_disclosure"],
        ),
        (["①总体情况", "②主动公开政府信息情况"], ["overview", "active_disclosure"]),
        (["一总体情况", "二主动公开政府信息情况"], ["overview", "active_disclosure"]),
        (["【一】总体情况", "【二】主动公开政府信息情况"], ["overview", "active_disclosure"]),
        (
            ["一：概述", "二：主动公开情况（单位：件）", "三：“申请答复情况”", "四、回应解读情况：无。"],
            ["overview", "active_disclosure", "applications", "other"],
        ),
    ],
    ids=[
        "older", "numbered preface", "digits", "two numbers", "one number twice", "items in digits",
        "brackets", "items in brackets", "roman", "circled", "no sign", "square brackets", "colons",
    ],
)  # fmt: skip
def test_headings_as_bureaus_number_them(headings: list[str], keys: list[str]) -> None:
    lines = layout(*(f">{heading}" for heading in headings))
    assert [section.section for section in sections_after_preamble(*lines)] == keys


def test_a_paragraph_goes_on_over_the_page_break() -> None:
    text = "一是加强组织领导，明确分管领导和专门人员，健全制度，压实责任，做到应公开尽公开，回应社会关切。"
    lines = wrap(text)
    cut = (
        *layout(">一、总体情况", top=40),
        lines[0],
        *(TextLine(2, line.text, line.box) for line in lines[1:]),
    )
    (section,) = lines_to_sections(cut, A4)
    assert section.text == text


def test_the_title_is_no_part_of_the_preamble_and_the_signature_ends_the_last_chapter() -> None:
    lines = (
        *layout("^示例市财政局", "^示例市财政局2023年政府信息公开", "^工作年度报告", "（2024年1月9日）"),
        *layout(
            ">根据条例编制本报告。", ">一、总体情况", ">平稳有序。", "|示例市财政局", "|2024年1月9日", top=220
        ),
    )
    preamble, overview = lines_to_sections(lines, A4)
    assert preamble.text == "根据条例编制本报告。"
    assert overview.text == "平稳有序。\n示例市财政局\n2024年1月9日"


def test_blanks_that_only_justify_are_dropped() -> None:
    assert squeeze("号 ， 邮 编 ： 223100 ， 电 话") == "号，邮编：223100，电话"
    assert squeeze("2022 年度 共 12 件") == "2022年度共12件"
    assert squeeze("使用  Open Data  平台") == "使用Open Data平台"


def test_no_lines_no_sections() -> None:
    assert lines_to_sections((), ()) == ()
    assert lines_to_sections((TextLine(1, "3", Box(290, 800, 300, 812)),), A4) == ()


def test_huge_lines_take_no_time() -> None:
    for text in ["." * 300_000, " " * 300_000 + "a", "一、" * 100_000, "。" * 300_000]:
        lines_to_sections((TextLine(1, text, Box(0, 0, 500, 16)),) * 2, A4)
    lines_to_sections(
        [TextLine(1, "一、工作", Box(90, 20.0 * i, 150, 20.0 * i + 16)) for i in range(5000)], A4
    )


def test_every_heading_of_the_data_is_its_own_section() -> None:
    data = tomllib.loads(files("pipeline.forms").joinpath("sections.toml").read_text(encoding="utf-8"))
    for section in data["section"]:
        for heading in section["exact"]:
            assert (heading, line_to_key(f"一、{heading}")) == (heading, section["key"])
        for keyword in section["keywords"]:
            assert (keyword, line_to_key(f"三、有关{keyword}")) == (keyword, section["key"])
