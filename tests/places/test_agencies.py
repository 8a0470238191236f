"""Who and where: real names of every kind, with the year they are read for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.places.agencies import folders_to_code, name_to_agency
from pipeline.places.bureaus import bureaus

with Path(__file__).with_name("agencies.csv").open(encoding="utf-8") as lines:
    NAMES = list(csv.DictReader(lines))


def test_there_are_enough_names_and_none_twice() -> None:
    keys = [(name["agency"], name["year"], name["given"]) for name in NAMES]
    assert len(set(keys)) == len(keys) >= 200


@pytest.mark.parametrize("name", NAMES, ids=lambda n: f"{n['agency']} {n['year']} {n['given']}".strip())
def test_region_level_and_type_of_real_names(name: dict[str, str]) -> None:
    agency = name_to_agency(name["agency"], int(name["year"]), name["given"] or None)
    found = (agency.region_code, agency.admin_level, agency.bureau_type, agency.region_match)
    wanted = (name["region_code"], name["admin_level"], name["bureau_type"])
    assert found == (*(value or None for value in wanted), name["match"])


SAME = [
    [("洪泽区人民政府", 2023), ("淮安市洪泽区人民政府", 2023), ("江苏省淮安市洪泽县人民政府", 2014)],
    [("淮安市经济和信息化委员会", 2015), ("淮安市工业和信息化局", 2022), ("江苏省淮安市工信局", 2023)],
    [("海东地区行政公署", 2010), ("海东市人民政府", 2022)],
    [("互助土族自治县教育局", 2010), ("海东市互助县教育局", 2022)],
    [("苏州市环境保护局", 2015), ("苏州市生态环境局", 2022)],
    [("苏州市国土资源局", 2015), ("苏州市自然资源和规划局", 2022)],
    [("苏州市卫生局", 2012), ("苏州市卫生和计划生育委员会", 2016), ("苏州市卫生健康委员会", 2022)],
    [("国家税务总局淮安市税务局", 2020), ("淮安市税务局", 2020)],
    [("苏州高新区管委会", 2020), ("苏州市高新技术产业开发区管理委员会", 2020)],
    [("淮安市示例局", 2020), ("江苏省淮安市示例局", 2022)],
    [("綦江县教育委员会", 2009), ("重庆市綦江区教育委员会", 2020)],
]
APART = [
    [("淮安市住房和城乡建设局", 2022), ("淮安市住房保障局", 2022), ("淮安市住房公积金管理中心", 2022)],
    [("苏州市工商行政管理局", 2012), ("苏州市质量技术监督局", 2012), ("苏州市食品药品监督管理局", 2012)],
    [("苏州市市场监督管理局", 2016), ("苏州市工商行政管理局", 2012)],
    [("苏州市国土资源局", 2015), ("苏州市规划局", 2015)],
    [("苏州市人民政府", 2022), ("苏州市人民政府办公室", 2022)],
    [("苏州市教育局", 2022), ("苏州工业园区教育局", 2022)],
    [("淮安市公安局", 2022), ("淮安市公安局交通警察支队", 2022), ("淮安市公安局清江浦分局", 2022)],
    [("新疆维吾尔自治区教育厅", 2022), ("新疆生产建设兵团教育局", 2022)],
    [("中国证券监督管理委员会江苏监管局", 2022), ("国家金融监督管理总局江苏监管局", 2023)],
    [("重庆市万盛区教育委员会", 2009), ("重庆市綦江区教育委员会", 2020)],
    [("杭州市江干区教育局", 2019), ("杭州市上城区教育局", 2019)],
    [("朝阳区教育局", 2022), ("北京市朝阳区教育局", 2022)],
    [("洪泽区岔河镇人民政府", 2022), ("洪泽区人民政府", 2022)],
    [("巢湖市人民政府", 2009), ("巢湖市人民政府", 2015)],
]


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0][0])
def test_an_id_outlives_renames_and_short_names(names: list[tuple[str, int]]) -> None:
    assert len({name_to_agency(*name).agency_id for name in names}) == 1


@pytest.mark.parametrize("names", APART, ids=lambda names: names[0][0])
def test_agencies_that_stand_beside_each_other_have_ids_of_their_own(names: list[tuple[str, int]]) -> None:
    assert len({name_to_agency(*name).agency_id for name in names}) == len(names)


def test_candidates_of_an_ambiguous_name_are_listed() -> None:
    assert name_to_agency("朝阳区教育局", 2023).candidates == ("110105", "220104")


def test_a_report_without_a_year_has_a_region_where_no_year_would_change_it() -> None:
    assert name_to_agency("北京市东城区教育局", None).region_code == "110101"


def test_a_report_without_an_agency_has_none() -> None:
    assert name_to_agency("", 2023, "320800")[:5] == (None, None, None, None, "")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("青海省/海东市/a.pdf", "630200"),
        ("reports/630200/2022/a.pdf", "630200"),
        ("江苏/淮安市/洪泽区/a.pdf", "320813"),
        ("北京/朝阳区/a.pdf", "110105"),
        ("朝阳区/a.pdf", None),
        ("202301/a.pdf", None),
        ("data/raw/海东市工业和信息化局.pdf", None),
        ("a.pdf", None),
    ],
)
def test_folders_tell_the_region(file: str, code: str | None) -> None:
    assert folders_to_code(file, 2022) == code


def test_blanks_and_brackets_change_nothing() -> None:
    assert name_to_agency(" 淮安市 教育局", 2022) == name_to_agency("淮安市教育局", 2022)


def test_every_type_has_a_name_that_gives_it() -> None:
    told = {name["bureau_type"] for name in NAMES}
    of_aliases = {name_to_agency(f"淮安市{alias}局", 2022).bureau_type for alias in bureaus().names}
    of_whole = {name_to_agency(f"淮安市{whole}", 2022).bureau_type for whole in bureaus().whole}
    assert set(bureaus().types) <= told | of_aliases | of_whole


def test_a_remark_behind_a_name_changes_neither_place_nor_kind_but_the_id() -> None:
    plain, marked = (name_to_agency(name, 2015) for name in ("淮安市教育局", "淮安市教育局（示例）"))
    assert marked == plain._replace(agency_id="320800-教育-示例")
