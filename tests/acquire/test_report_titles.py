"""Wordings of one title, and titles of two bodies."""

from __future__ import annotations

import pytest

from pipeline.acquire.report_titles import title_to_body, titles_to_name

WORDINGS = (
    "示例市水务局2022年政府信息公开工作年度报告",
    "示例市水务局 2022 年政府信息公开工作年度报告",
    "示例市水务局２０２２年度政府信息公开年报",
    "示例市水务局2022年度政府信息工作年度报告",
    "示例市水务局二〇二二年政府信息公开工作报告",
    "示例市水务局2022年政府信息公开工作年度报告（2023-01-30）",
    "示例市水务局政府信息公开年度报告〔2022〕",
    "关于发布《示例市水务局2022年政府信息公开工作年度报告》的公告",
    "〔2023〕3号示例市水务局2022年政府信息公开年报",
    "2022年示例市水务局政府信息公开工作年度报告",
    "示例市水务局（2022年度）政务信息公开工作情况的报告",
    "示例市水务局2022年政府信息公开工作年度报告.docx",
)

BODIES = (
    "示例市水务局", "示例市水利局", "示例市水务局（本级）", "示例县水务局", "示例市水务局河道管理处",
    "甲镇人民政府", "乙镇人民政府", "万年县水务局", "万县水务局", "示例市人民政府",
    "示例市人民政府办公室", "示例市公安局一分局", "示例市公安局二分局",
)  # fmt: skip


@pytest.mark.parametrize("title", WORDINGS)
def test_wordings_of_one_title_have_one_name(title: str) -> None:
    assert titles_to_name([title], "x") == "示例市水务局 2022"


def test_two_bodies_or_years_have_two_names() -> None:
    titles = [f"{body}{year}年政府信息公开工作年度报告" for body in BODIES for year in (2021, 2022)]
    assert len({titles_to_name([title], "x") for title in titles}) == len(titles)


def test_a_title_that_names_nobody_is_the_sources() -> None:
    titles = ["2022年政府信息公开工作年度报告", "政府信息公开年报"]
    assert (title_to_body(titles[0]), title_to_body(titles[1])) == ("", "")
    assert titles_to_name(titles, "甲局") == "甲局 2022"
    assert titles_to_name([*titles, "乙局2022年政府信息公开年报"], "甲局") == "乙局 2022"
    assert titles_to_name([], "甲局") == "甲局 "
