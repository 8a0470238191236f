"""By which names a text speaks of the agency itself."""

from __future__ import annotations

import pytest

from pipeline.derive.prose.claim_patterns import OWN, OWN_REGION, claim_patterns
from pipeline.derive.prose.own_names import agency_to_own_names
from pipeline.places.bureaus import bureaus

OWN_NAMES = [
    ("遵义市人力资源和社会保障局", "遵义市人社局 市人社局 人社局 市人力资源社会保障局"),
    ("本溪市卫生健康委员会", "市卫健委 市卫生健康委 本溪市卫生健康委员会"),
    ("杭州市城市管理局", "市城管局 杭州市城管局"),
    ("白银市平川区人民政府办公室", "区政府办公室 区人民政府办公室 区政府办 平川区政府办公室"),
    ("兴安盟行政公署办公室", "兴安盟行署办公室 盟行署办公室"),
    ("无锡市锡山区人民政府安镇街道办事处", "安镇街道办事处 安镇街道 我街道"),
    ("桃江县松木塘镇人民政府", "松木塘镇 松木塘镇人民政府 全镇 我镇"),
    ("重庆市公安局渝中区分局", "区公安分局 渝中区公安分局"),
    ("武汉东湖新技术开发区人社分局", "人社分局"),
    ("蚌埠经济开发区管理委员会", "全区 我区 管委会 开发区"),
    ("孝感市临空经济区管委会", "市临空区 临空区"),
    ("九江市濂溪区人民政府", "全区 我区 濂溪区 濂溪区人民政府 全区各级行政机关"),
    ("国家税务总局珠海市香洲区税务局", "香洲区税务局 区税务局"),
    ("示例市示例局", "示例市示例局 示例局"),
]
NOT_OWN = [
    ("遵义市人力资源和社会保障局", "省人社局 区人社局 市教育局 全市 遵义市"),
    ("白银市平川区人民政府办公室", "市政府办公室 区政府 全区"),
    ("九江市濂溪区人民政府", "全市 市政府 濂溪区教育局 各乡镇"),
    ("桃江县松木塘镇人民政府", "长安镇 全县"),
    ("蚌埠市教育局", "全区 管委会 开发区"),
    ("", "全区 我局"),
]


def marked(agency: str, name: str) -> str:
    return agency_to_own_names(agency, 2023).mark(f"2023年，{name}共收到")[6:-3]


@pytest.mark.parametrize(("agency", "names"), OWN_NAMES)
def test_own_names_are_marked_as_long_as_they_are(agency: str, names: str) -> None:
    own = claim_patterns().own
    for name in names.split():
        found = marked(agency, name)
        assert len(found) == len(name)
        assert own.sub("", found) == "", name


@pytest.mark.parametrize(("agency", "names"), NOT_OWN)
def test_other_bodies_are_not(agency: str, names: str) -> None:
    for name in names.split():
        assert OWN not in marked(agency, name), name


def test_the_region_has_a_mark_of_its_own_that_a_reader_does_not_see() -> None:
    own = agency_to_own_names("白银市平川区教育局", 2023)
    text = own.mark("平川区全年共收到")
    assert text == OWN_REGION * 3 + "全年共收到"
    assert own.unmark(text[2:]) == "区全年共收到"


def test_every_kind_is_that_of_some_bureau() -> None:
    kinds = claim_patterns().own_kinds.keys()
    assert kinds == {"town", "branch", "bureau"} | (kinds & set(bureaus().types))
