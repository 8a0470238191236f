"""Whose figures a report counts, from sentences as reports print them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipeline.places import scope
from pipeline.places.scope import report_to_scope

SUMMED = [
    "2023年全区受理政府信息公开申请21件，均在法定期限答复。",
    "本报告由区政府办公室根据各镇（街道）、区政府各部门的年度报告汇总编制。",
    "本报告综合了全市各县区的数据。",
    "全市各级行政机关共收到政府信息公开申请2385件。",
    "统计数据涵盖市政府各部门和各县区。",
    "全县主动公开政府信息11356条。",
]
SYSTEM = [
    "全市教育系统共公开信息300条。",
    "全系统共受理申请12件，其中各分局8件。",
]
OWN = ["2023年，我办收到政府信息公开申请3件。", "本机关共受理申请5件。"]
NEITHER = ["", "进一步加强全区政府信息公开工作，全年共公开信息90条。", "各部门报告及时，指导各镇做好公开。"]


@pytest.mark.parametrize("prose", SUMMED)
def test_a_government_that_sums_up(prose: str) -> None:
    assert report_to_scope("人民政府", "县", prose) == "本级汇总"
    assert report_to_scope("政府办公室", "市", prose) == "本级汇总"


@pytest.mark.parametrize("prose", OWN)
def test_a_government_office_that_counts_itself(prose: str) -> None:
    assert report_to_scope("政府办公室", "县", prose) == "本机关"


@pytest.mark.parametrize("prose", [*NEITHER, SUMMED[0] + OWN[0]])
def test_a_government_that_says_neither_or_both_is_unknown(prose: str) -> None:
    assert report_to_scope("人民政府", "县", prose) == "unknown"


@pytest.mark.parametrize("prose", [*NEITHER, *OWN])
def test_a_bureau_counts_itself(prose: str) -> None:
    assert report_to_scope("教育", "市", prose) == "本机关"


@pytest.mark.parametrize("prose", [*SUMMED, *SYSTEM])
def test_a_bureau_that_may_sum_up_its_system_is_unknown(prose: str) -> None:
    assert report_to_scope("教育", "市", prose) == "unknown"


def test_a_town_has_nothing_below_it_and_an_unknown_body_is_unknown() -> None:
    assert report_to_scope("人民政府", "乡", SUMMED[0]) == "本机关"
    assert report_to_scope(None, "县", "") == "unknown"


def test_every_pattern_has_a_sentence_that_only_it_needs() -> None:
    data = tomllib.loads(Path(scope.__file__).with_name("scope.toml").read_text(encoding="utf-8"))
    sentences = {"summed": SUMMED, "system": SYSTEM, "own": OWN}
    for name, patterns in data.items():
        for pattern in patterns:
            assert any(scope.re.search(pattern, text) for text in sentences[name]), pattern
