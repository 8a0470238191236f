"""What stands around titles: forms of public reports in short, and combinations of them in 400 pages."""

from __future__ import annotations

import csv
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from benchmarks.titles import UNKNOWN, WRONG, judged
from pipeline.extract.document import read_document
from pipeline.extract.normalise.agency_names import fuller, name_to_body, with_government
from pipeline.extract.normalise.around_title import line_to_head, table_to_labelled_rows
from pipeline.extract.normalise.heading import lines_to_heading
from pipeline.records import Box, RawCell, RawTable, Reason, Report, ReportIdentity, Snapshot, TextLine
from tests.extract.normalise.printed_lines import ROOT, layout
from tools.generator.fonts import FONT, load_font
from tools.generator.render import Block, Style, Table, draw_document
from tools.generator.reports import Spec, compose
from tools.generator.titles import TitlePage, page_to_blocks, title_pages

with Path(__file__).with_name("title_pages.csv").open(encoding="utf-8") as rows:
    SEEN = list(csv.DictReader(rows))

CASES = ROOT.parent / "shared" / "cases" / "titles"
CASE_TRUTHS = {
    "r2_docno_same": ("金昌市统计局", 2024, None),
    "r11_title_short_date": ("示例区教育局", 2024, None),
    "r5_breadcrumb": ("广州市地方金融管理局", 2024, "2025-01-28"),
    "r7_metadata": ("下陆区民政局", 2024, "2025-01-14"),
    "r8_updated": ("硚口区审计局", 2024, "2025-01-22"),
    "s1": ("开平市水利局", 2025, None),
    "s3": ("开平市水利局", 2025, None),
}

PAGES, DRAWN_PAGES = 400, 24
UNKNOWN_MAX_SHARE = 0.05
LEFT, WIDTH, LEADING = 74.0, 440.0, 1.6


def page_to_lines(page: TitlePage) -> tuple[TextLine, ...]:
    """The lines of a page as a reader hands them over."""
    lines, top = [], 80.0
    for line in page.lines:
        width = min(WIDTH, line.size * len(line.text))
        x0 = LEFT + {"left": 0.0, "centre": (WIDTH - width) / 2, "right": WIDTH - width}[line.align]
        lines.append(TextLine(1, line.text, Box(x0, top, x0 + width, top + line.size)))
        top += LEADING * line.size
    return tuple(lines)


def read_page(page: TitlePage, path: Path) -> Report:
    """What the pipeline reads from a PDF with this head, and the tables of an invented report below it."""
    report = compose(Spec("示例市示例局", page.year))
    tables: list[Block] = [block for block in report.blocks if isinstance(block, Table)]
    path.write_bytes(draw_document([*page_to_blocks(page), *tables], Style(page_number=False), ""))
    return read_document(Snapshot(path, sha256(path.read_bytes()).hexdigest()))


@pytest.mark.parametrize("row", SEEN, ids=lambda row: row["lines"][:30])
def test_what_public_reports_have_around_their_titles(row: dict[str, str]) -> None:
    heading = lines_to_heading(layout(*row["lines"].split(" ⏎ ")))
    found = (heading.agency, str(heading.fiscal_year or ""), heading.published_on or "")
    assert found == (row["agency"], row["fiscal_year"], row["published_on"])


@pytest.mark.long
@pytest.mark.skipif(not CASES.exists(), reason="the cases lie beside the project and are no part of it")
@pytest.mark.parametrize("name", CASE_TRUTHS)
def test_the_cases(name: str) -> None:
    path = CASES / f"{name}.pdf"
    heading = read_document(Snapshot(path, sha256(path.read_bytes()).hexdigest())).heading
    assert (heading.agency, heading.fiscal_year, heading.published_on) == CASE_TRUTHS[name]


@pytest.mark.parametrize("seed", range(2))
def test_no_combination_gives_another_body_year_or_day(seed: int) -> None:
    pages = list(title_pages(PAGES, seed))
    scores = [judged(lines_to_heading(page_to_lines(page)), page).values() for page in pages]
    assert [page for page, found in zip(pages, scores, strict=True) if WRONG in found] == []
    unknown = sum(UNKNOWN in found for found in scores)
    assert unknown <= UNKNOWN_MAX_SHARE * PAGES


def test_years_that_differ_are_told_and_no_others() -> None:
    """Of title and period, or of titles between which nothing decides."""
    for page in title_pages(PAGES):
        heading = lines_to_heading(page_to_lines(page))
        assert bool(heading.doubt) == (page.differs or heading.fiscal_year is None), page


def test_what_stands_beside_a_title_is_a_menus() -> None:
    menu = [
        TextLine(1, text, Box(60, 80 + 13 * place, 170, 89 + 13 * place))
        for place, text in enumerate(
            ["首页", "2024年政府信息公开年报", "示例县司法局2023年政府信息公开年报", "2022年"]
        )
    ]
    title = [
        TextLine(1, text, Box(200, 80 + 26 * place, 520, 102 + 26 * place))
        for place, text in enumerate(["示例县水利局2020年政府信息公开", "工作年度报告"])
    ]
    lines = sorted([*menu, *title], key=lambda line: line.box.top)
    heading = lines_to_heading(lines)
    assert (heading.agency, heading.fiscal_year) == ("示例县水利局", 2020)
    assert heading.title == "示例县水利局2020年政府信息公开工作年度报告"


def test_a_menu_of_the_title_s_own_size_stands_beside_the_text() -> None:
    menu = [
        TextLine(1, text, Box(60, 80 + 20 * place, 170, 94 + 20 * place))
        for place, text in enumerate(["示例县", "2024年年度报告", "示例县司法局", "2022年年度报告"])
    ]
    texts = ["2020年政府信息公开工作年度报告", "本报告由示例县水利局根据有关条例编制，现予以公布，请监督。"]
    right = [
        TextLine(1, text, Box(200, 124 + 24 * place, 520, 138 + 24 * place))
        for place, text in enumerate(texts)
    ]
    heading = lines_to_heading(sorted([*menu, *right], key=lambda line: line.box.top))
    assert (heading.agency, heading.fiscal_year, heading.title) == ("示例县水利局", 2020, texts[0])


def test_a_labelled_name_that_a_line_s_end_cut_is_whole() -> None:
    texts = ["发布机构：示例市示例区高新技术产业开发区管理", "委员会", "2025年政府信息公开工作年度报告"]
    heading = lines_to_heading(layout(*texts, ">一、总体情况"))
    assert (heading.agency, heading.fiscal_year) == ("示例市示例区高新技术产业开发区管理委员会", 2025)
    assert heading.title == texts[-1]


def test_the_file_may_tell_which_of_several_titles_is_its_own() -> None:
    titles = [f"示例县水利局{year}年政府信息公开工作年度报告" for year in (2021, 2020)]
    lines = layout(*titles, ">一、总体情况")
    assert lines_to_heading(lines).fiscal_year is None
    assert "2020 and 2021" in lines_to_heading(lines).doubt
    assert lines_to_heading(lines, titles[0]).fiscal_year == 2021
    assert lines_to_heading(lines, titles[0]).doubt == ""


def test_the_combinations_are_many_and_the_same_for_the_same_seed() -> None:
    pages = list(title_pages(PAGES))
    assert pages == list(title_pages(PAGES))
    axes = Counter(axis for page in pages for axis in page.axes)
    assert min(axes.values()) >= PAGES / 40
    assert len({page.axes for page in pages}) > PAGES / 2


@pytest.mark.long
def test_drawn_pages_say_the_same(tmp_path: Path) -> None:
    for number, page in enumerate(title_pages(DRAWN_PAGES, seed=7)):
        report = read_page(page, tmp_path / f"{number}.pdf")
        assert WRONG not in judged(report.heading, page).values(), (page, report.heading)
        unclear = page.differs or report.heading.fiscal_year is None
        assert (report.reason == Reason.YEAR_DIFFERS) == unclear
        if page.differs:
            assert report.status != "ok"
            assert f"the title says {page.year}" in report.error


@pytest.mark.parametrize(
    ("line", "text", "fields"),
    [
        ("当前位置：首页 > 政务公开 > 年报", "", ["crumb"] * 3),
        ("示统发〔2025〕2号", "", []),
        ("示统发〔2025〕2号 示例市统计局", "示例市统计局", []),
        ("示例市统计局文件", "", ["agency"]),
        ("2025年1月20日", "", []),
        ("（2025年1月）", "", []),
        ("2025-01-22 15:53 来源：示例局", "", ["dated", "source"]),
        ("政府信息公开制度 2025-01-22 15:53 来源：示例局", "政府信息公开制度", ["dated", "source"]),
        ("索 引 号： 0143/2025-03 发布日期： 2025-01-14", "", ["other", "published"]),
        ("发布日期 2025-01-14", "", ["published"]),
        ("【字体：大 中 小】 【打印】", "", ["other"]),
        ("示例局2024年报 发布时间：2025-01-14", "示例局2024年报", ["published"]),
        ("示例市人民政府门户网站 www.example.gov.cn 2022-01-27", "", ["dated"]),
        ("各单位，现将时间：地点等通知如下。", "各单位，现将时间：地点等通知如下。", []),
        ("海东市工业和信息化局 2022 年度报告", "海东市工业和信息化局 2022 年度报告", []),
    ],
)
def test_lines_are_taken_apart(line: str, text: str, fields: list[str]) -> None:
    head = line_to_head(line)
    kinds = [field.kind for field in head.fields]
    assert (head.text, kinds[: len(fields)]) == (text, fields)
    assert bool(kinds) == bool(fields)


def test_a_table_of_labels_at_the_head_is_read_as_lines() -> None:
    texts = [["索引号", "0143/2025-03", "发布日期", "2025-01-14"], ["发布机构：", "示例区民政局", "", ""]]
    cells = tuple(
        RawCell(row, col, 1, 1, text, 0, 1, Box(col, row, col + 1, row + 1))
        for row, line in enumerate(texts)
        for col, text in enumerate(line)
    )
    table = RawTable(1, "pypdfium2", cells, Box(0, 0, 4, 2))
    lines = [text for text, _ in table_to_labelled_rows(table)]
    assert lines[0] == "索引号： 0143/2025-03 发布日期： 2025-01-14"
    heading = lines_to_heading(layout(*lines, "^2024年政府信息公开工作年度报告"))
    assert (heading.agency, heading.published_on) == ("示例区民政局", "2025-01-14")
    assert list(table_to_labelled_rows(RawTable(1, "pypdfium2", cells[:1], table.box))) == []


@pytest.mark.long
def test_a_ruled_table_of_labels_in_a_pdf(tmp_path: Path) -> None:
    load_font()
    canvas, top = Canvas(str(tmp_path / "page.pdf"), A4), 800
    canvas.setFont(FONT, 10)
    for texts in [
        ("索引号", "0143/2025-03", "发布日期", "2025-01-14"),
        ("发布机构", "示例区民政局", "文号", ""),
    ]:
        for column, text in enumerate(texts):
            canvas.rect(60 + 120 * column, top - 18, 120, 18)
            canvas.drawString(63 + 120 * column, top - 13, text)
        top -= 18
    for text in ("2024年政府信息公开工作年度报告", "一、总体情况", "平稳有序。"):
        canvas.drawString(60, top := top - 30, text)
    canvas.save()
    path = tmp_path / "page.pdf"
    report = read_document(Snapshot(path, sha256(path.read_bytes()).hexdigest()))
    assert report.heading == ReportIdentity(
        "示例区民政局", 2024, "2024年政府信息公开工作年度报告", "2025-01-14"
    )
    assert [section.text for section in report.sections] == ["平稳有序。"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("示例市教育局办公室", "示例市教育局"),
        ("示例区统计局党政办公室", "示例区统计局"),
        ("示例市农业农村局政府信息公开领导小组办公室", "示例市农业农村局"),
        ("示例区人民政府信息公开办", "示例区人民政府"),
        ("示例市人民政府办公室信息科", "示例市人民政府办公室"),
        ("示例市人民政府办公室政府信息公开处", "示例市人民政府办公室"),
        ("示例市人民政府办公室", "示例市人民政府办公室"),
        ("示例市公安局交通警察支队", "示例市公安局交通警察支队"),
        ("示例镇人民政府党政办公室", "示例镇人民政府"),
        ("示例经济技术开发区管委会办公室", "示例经济技术开发区管委会"),
        ("示例盟行政公署办公室", "示例盟行政公署办公室"),
        ("示例县", "示例县人民政府"),
        ("示例县政府", "示例县人民政府"),
        ("示例市政府信息公开工作领导小组办公室", "示例市人民政府"),
        ("示例市政务公开办公室", ""),
        ("县政府办公室", ""),
        ("我局办公室", ""),
        ("本溪市教育局", "本溪市教育局"),
        ("全州县教育局", "全州县教育局"),
        ("市中区教育局", "市中区教育局"),
    ],
)
def test_a_desk_stands_for_its_body(name: str, body: str) -> None:
    assert name_to_body(name) == body


def test_a_place_alone_stands_for_its_government_and_a_zone_for_itself() -> None:
    given = ["上海市", "示例镇", "示例盟", "阿克苏地区", "示例新区", "示例经济技术开发区", "示例市教育局"]
    given.append("上海市浦东新区")
    assert [with_government(name) for name in given] == [
        *("上海市人民政府", "示例镇人民政府", "示例盟行政公署", "阿克苏地区行政公署"),
        *("示例新区", "示例经济技术开发区", "示例市教育局", "上海市浦东新区人民政府"),
    ]


def test_a_name_is_made_fuller_by_its_place_alone() -> None:
    assert fuller("区审计局", ["示例局", "示例区审计局"]) == "示例区审计局"
    assert fuller("交通警察支队", ["示例市公安局交通警察支队"]) == "示例市公安局交通警察支队"
    assert fuller("示例区政府", ["示例市示例区人民政府"]) == "示例市示例区人民政府"
    assert fuller("农业局", ["示例县畜牧农业局"]) == "农业局"
    assert fuller("示例县教育局", ["示例县民政局"]) == "示例县教育局"
