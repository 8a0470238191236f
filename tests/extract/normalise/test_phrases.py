"""The number phrases of the contract, every example of the data, a round trip and a fuzz."""

from __future__ import annotations

import math
import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.extract.normalise.phrases import is_change, parse_quantity, units
from pipeline.records import Quantity

DATA = tomllib.loads(files("pipeline.forms").joinpath("phrases.toml").read_text(encoding="utf-8"))
EXAMPLES = [(f["name"], case) for f in DATA["family"] for case in f["examples"]]
COUNTER_EXAMPLES = [(f["name"], case) for f in DATA["family"] for case in f["counter_examples"]]


def as_id(case: Any) -> str:
    return repr(case["text"]) if isinstance(case, dict) else str(case)


def read(case: dict[str, Any]) -> Quantity:
    return parse_quantity(case["text"], case.get("unit", "件"), case.get("printed", ""))


@pytest.mark.parametrize(("family", "case"), EXAMPLES, ids=as_id)
def test_examples_of_the_data_are_read(family: str, case: dict[str, Any]) -> None:
    quantity = read(case)
    assert (quantity.value, quantity.status) == (case.get("value"), case.get("status", "ok"))
    assert quantity.value is None or not (quantity.value == 0 and math.copysign(1, quantity.value) < 0)


@pytest.mark.parametrize(("family", "case"), COUNTER_EXAMPLES, ids=as_id)
def test_counter_examples_of_the_data_are_unreadable(family: str, case: dict[str, Any]) -> None:
    quantity = read(case)
    assert (quantity.value, quantity.status) == (None, "unreadable")


def test_every_family_has_both_kinds_of_examples() -> None:
    assert [f["name"] for f in DATA["family"] if not f["examples"] or not f["counter_examples"]] == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        *((t, -20, "项") for t in ["减 20", "减少20项", "下降20", "↓20", "－20", "-20"]),
        *((t, 5, "项") for t in ["增5", "新增5项", "+5", "＋５", "↑5"]),
        *((t, 0, "项") for t in ["0", "０", "零", "无", "持平", "无变化", "不变"]),
        *((t, 321, "件") for t in ["三百二十一", "321件"]),
        ("11,398,889", 11398889, "元"),
        *((t, 12000, "件") for t in ["1.2万件", "约1.2万"]),
        ("2.58 万元", 25800, "元"),
        ("22（其中修订16件）", 22, "件"),
    ],
)
def test_phrases_of_the_contract(text: str, value: float, unit: str) -> None:
    quantity = parse_quantity(text, unit)
    assert (quantity.value, quantity.status, quantity.raw) == (value, "ok", "".join(text.split()))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *((t, "not_applicable") for t in ["—", "--", "/", "不适用", "不涉及"]),
        ("", "blank"),
        *((t, "unreadable") for t in ["见附件", "3O", "12 34"]),
    ],
)
def test_phrases_without_a_number(text: str, status: str) -> None:
    assert parse_quantity(text, "件") == Quantity(None, status, "".join(text.split()))


def test_a_change_is_told_from_an_amount() -> None:
    assert all(is_change(t) for t in ["减 20", "+5", "持平", "与上年持平", "较上年增加5", "－3", "无变化"])
    assert not any(is_change(t) for t in ["20", "无", "约1.2万", "—5件"[1:], "22（其中新增3件）", "零"])


SIGNS = {-1: ["减", "减少", "下降", "↓", "－", "-"], 1: ["", "增", "新增", "增加", "上升", "+", "＋", "↑"]}
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
COUNTERS = ["", "件", "项", "条", "次", "个", "人次", "篇", "宗", "起"]


@st.composite
def counts(draw: st.DrawFn) -> tuple[str, float]:
    """A count as a bureau may print it, and the count."""
    value = draw(st.integers(0, 10**9))
    sign = draw(st.sampled_from([1, -1]))
    style = draw(st.sampled_from(["plain", "grouped", "wan", "chinese"]))
    if style == "wan":
        value *= 100
    if style == "chinese":
        from cn2an import an2cn

        number = an2cn(value, "low")
    else:
        wan = f"{value // 10000}.{value % 10000:04d}万"
        number = {"plain": str(value), "grouped": f"{value:,}", "wan": wan}[style]
    if draw(st.booleans()):
        number = number.translate(FULL_WIDTH)
    unit = draw(st.sampled_from(COUNTERS[1:] if number == "一" else COUNTERS))
    blank = draw(st.sampled_from(["", " ", "　"]))
    ahead = draw(st.sampled_from(["", "共", "共计", "约"])) if sign == 1 else ""
    bracket = draw(st.sampled_from(["", "（其中修订16件）", " (含废止 2 件)"]))
    word = "" if ahead else draw(st.sampled_from(SIGNS[sign]))
    return f"{ahead}{word}{blank}{number}{blank}{unit}{bracket}", float(sign * value)


@given(counts())
def test_printed_counts_are_read_back(case: tuple[str, float]) -> None:
    text, value = case
    assert parse_quantity(text, "件") == Quantity(value, "ok", "".join(text.split()))


@given(
    st.integers(0, 10**11),
    st.sampled_from([("元", 2), ("千元", 5), ("万元", 6), ("亿元", 10)]),
    st.sampled_from(["元", "万元"]),
    st.sampled_from(["cell", "header", "column"]),
    st.booleans(),
)
@example(258, ("万元", 6), "元", "cell", False)
def test_printed_money_is_read_back(
    fen: int, printed: tuple[str, int], unit: str, where: str, grouped: bool
) -> None:
    name, places = printed
    number = f"{fen // 10**places:{',' if grouped else ''}}.{fen % 10**places:0{places}d}"
    text, header = {
        "cell": (f"{number} {name}", "本年收费金额（单位：万元）"),
        "header": (number, f"采购总金额（{name}）"),
        "column": (number, name),
    }[where]
    assert parse_quantity(text, unit, header).value == float(f"{fen}e-{2 if unit == '元' else 6}")


PIECES = [*"0123456789.,-+/（）() \n　减增万元件%一三百无约O\ufffd", "其中"]
SAYS_A_NUMBER = (
    "0123456789０１２３４５６７８９零〇○一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾无持变没⼀⼆⼋⼗"
)


@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=10).map("".join)))
@example("9" * 400)
@example("(" * 5000)
@example("一" * 3000)
@example("1" + ",000" * 3000)
@example("亿亿零点")
def test_no_text_raises_and_no_number_comes_from_nothing(text: str) -> None:
    for unit, printed in [("件", ""), ("元", "（万元）"), ("", "单位：x")]:
        quantity = parse_quantity(text, unit, printed)
        assert (quantity.value is None) == (quantity.status != "ok")
        if quantity.value is not None:
            assert math.isfinite(quantity.value)
            assert any(c in SAYS_A_NUMBER for c in text)


GROUPS_OF_THREE = re.compile("[1-9][0-9]{0,2}　[0-9]{3}")


@given(st.from_regex(r"[0-9]{1,4}[ \n　\u200b]+[0-9]{1,4}", fullmatch=True))
def test_two_numbers_in_one_cell_are_never_one(text: str) -> None:
    """A wide blank before three digits alone separates thousands."""
    assume(not GROUPS_OF_THREE.fullmatch(text))
    assert parse_quantity(text, "件").status == "unreadable"


def test_every_unit_of_the_vocabulary_is_known() -> None:
    assert {"件", "项", "条", "次", "个", "人", "人次", "篇", "元", "万元"} <= set(units())
