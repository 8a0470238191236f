"""Whose figures a report counts, from sentences as reports print them."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import pytest

from pipeline.places import scope
from pipeline.places.agencies import name_to_agency
from pipeline.places.scope import report_to_scope

with Path(__file__).with_name("preambles.csv").open(encoding="utf-8") as lines:
    PREAMBLES = list(csv.DictReader(lines))

SUMMED = [
    "2023年全区受理政府信息公开申请21件，均在法定期限答复。",
    "本报告由区政府办公室根据各镇（街道）、区政府各部门的年度报告汇总编制。",
    "本报告综合了全市各县区的数据。",
    "全市各级行政机关共收到政府信息公开申请2385件。",
    "统计数据涵盖市政府各部门和各县区。",
    "统计范围包括各镇、各街道和区政府工作部门。",
    "全县主动公开政府信息11356条。",
]
SYSTEM = [
    "全市教育系统共公开信息300条。",
    "全系统共受理申请12件，其中各分局8件。",
    "市税务部门共受理申请12件。",
    "主动发布各类信息314条，其中，局机关发布信息64条。",
]
OWN = ["本机关共受理申请5件。", "现公布本机关2023年政府信息公开工作年度报告。"]
OFFICE = [
    "2023年，我办收到政府信息公开申请3件。",
    "现将本办2023年度政府信息公开工作报告公布如下。",
    "县政府办公室共受理依申请公开3件。",
]
NEITHER = [
    "",
    "进一步加强全区政府信息公开工作，全年共公开信息90条。",
    "各部门报告及时，指导各镇做好公开。",
    "全区依法推进政府信息公开，组织各部门做好年度报告编制。",
    "公开内容包括各部门预算和各镇决算。",
    "全市各部门办理人大代表建议300件。",
    "2022年，全州县收到政府信息公开申请5件，全州县公开政府信息5667条。",
    "本报告由县政府办公室综合各项数据、各科室材料编制。",
    "全县共有政务新媒体40个，共发布信息9614篇。",
]


@pytest.mark.parametrize("prose", SUMMED)
def test_a_government_that_sums_up(prose: str) -> None:
    assert report_to_scope("人民政府", "县", prose) == "本级汇总"
    assert report_to_scope("政府办公室", "市", prose) == "本级汇总"


@pytest.mark.parametrize("prose", [*OWN, *OFFICE])
def test_a_government_office_that_counts_itself(prose: str) -> None:
    assert report_to_scope("政府办公室", "县", prose) == "本机关"


@pytest.mark.parametrize("prose", OFFICE)
def test_what_the_office_counts_is_not_the_whole_of_the_government_s_report(prose: str) -> None:
    assert report_to_scope("人民政府", "县", prose) == "unknown"


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
    sentences = {"summed": SUMMED, "system": SYSTEM, "own": OWN, "office": OFFICE}
    published = [preamble["text"] for preamble in PREAMBLES]
    for name, patterns in data.items():
        for pattern in patterns:
            others = [other for other in patterns if other != pattern]
            found = [text for text in sentences[name] + published if re.search(pattern, text)]
            assert any(not re.search("|".join(others) or "(?!)", text) for text in found), pattern


def preamble_to_scope(preamble: dict[str, str]) -> str:
    agency = name_to_agency(preamble["agency"], int(preamble["year"]))
    return report_to_scope(agency.bureau_type, agency.admin_level, preamble["text"])


@pytest.mark.parametrize("preamble", PREAMBLES, ids=lambda p: f"{p['agency']} {p['year']}")
def test_a_published_preamble_is_read_as_meant_or_not_at_all(preamble: dict[str, str]) -> None:
    assert preamble_to_scope(preamble) in (preamble["meant"], "unknown")


def test_most_published_preambles_that_say_it_are_understood() -> None:
    meant = [preamble for preamble in PREAMBLES if preamble["meant"] != "unknown"]
    understood = [preamble for preamble in meant if preamble_to_scope(preamble) == preamble["meant"]]
    assert len(meant) > 30
    assert len(understood) / len(meant) > 0.9
