"""The text of a page without what stands around it: each shape of the file by an example page."""

from __future__ import annotations

import pytest

from pipeline.acquire import main_text
from pipeline.acquire.pages import body_to_page
from tests.acquire.report_pages import SHAPES, report_page, title_of


def main_of(html: str) -> main_text.MainText:
    return body_to_page("http://a.test/1.html", html.encode()).main


def test_every_shape_of_the_file_has_an_example() -> None:
    assert {shape.name for shape in main_text._table().shape} == set(SHAPES)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_another_each_day_is_no_part_of_the_text(shape: str) -> None:
    today, tomorrow = (main_of(report_page(2022, shape, day=day)) for day in (11, 12))
    assert today.named("a") == tomorrow.named("a")
    assert today.holds_report
    assert today.has_tables
    assert "主动公开政府信息7条" in today.text


@pytest.mark.parametrize("shape", SHAPES)
def test_a_number_that_changes_is_another_version(shape: str) -> None:
    seven, eight = (main_of(report_page(2022, shape, total=total)) for total in (7, 8))
    assert seven.named("a") != eight.named("a")


@pytest.mark.parametrize("shape", SHAPES)
def test_one_text_in_another_shape_is_the_same(shape: str) -> None:
    assert main_of(report_page(2022, shape)).named("a") == main_of(report_page(2022, "TRS")).named("a")


def test_a_title_counts_once_wherever_it_stands() -> None:
    with_title, without = (
        main_of(f"<div id='zoom'>{text}{'文' * 300}</div>") for text in ("甲局 2022年", "")
    )
    assert with_title.named("甲局", ["甲局2022年"]) == without.named("甲局", ["甲局 2022年", "x"])
    assert without.named("甲局") != without.named("乙局")


def test_a_page_of_no_shape_gives_its_text_without_menus() -> None:
    page = (
        f"<body><nav>菜单1</nav><form id='aspnetForm'><p>{'文' * 700}</p></form><footer>页脚</footer></body>"
    )
    assert main_of(page).text == "文" * 700


def test_a_page_that_only_names_its_attachments_is_no_report() -> None:
    links = "".join(f"<p><a href='{n}.pdf'>附件{n}：{title_of(2022)}</a></p>" for n in range(50))
    page = main_of(
        f"<body><h1>{title_of(2022)}</h1><div class='TRS_Editor'><p>见附件。</p>{links}</div></body>"
    )
    assert not page.holds_report


def test_a_list_is_no_report() -> None:
    rows = "".join(
        f"<tr><td><a href='{n}'>{title_of(2000 + n)}</a></td><td>2023-01-{n}</td></tr>" for n in range(60)
    )
    assert not main_of(f"<body><table>{rows}</table></body>").holds_report


def test_a_deep_page_costs_no_recursion() -> None:
    assert main_of("<div>" * 300 + "文" * 700 + "</div>" * 300).own_characters == 700
