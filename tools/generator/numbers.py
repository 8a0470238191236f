"""How a figure is printed in its cell: text beside the value and status that it must be read as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

FULL_WIDTH = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands in a number cell: `value` in the vocabulary's unit, None unless `status` is ok."""

    text: str
    value: float | None
    status: str


def plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))


def thousands(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value != int(value) else f"{int(value):,}"


def change(value: float, rng: Random) -> str:
    """A signed number as bureaus print 本年增/减."""
    size = plain(abs(value))
    if not value:
        return rng.choice(("0", "持平", "无变化"))
    if value < 0:
        return rng.choice((f"减 {size}", f"-{size}", f"减少{size}", f"－{size}", f"↓{size}"))
    return rng.choice((f"+{size}", f"增{size}", f"新增{size}", f"↑{size}"))


def money(value: float, rng: Random) -> str:
    """An amount in 元, or in 万元 where that loses nothing."""
    in_ten_thousands = value / 10_000
    if round(in_ten_thousands, 2) * 10_000 == value and rng.random() < 0.5:
        return f"{plain(in_ten_thousands)}万元"
    return rng.choice((f"{plain(value)}元", f"{thousands(value)}元", plain(value)))


def phrase(value: float, column: str, unit: str, habit: str, rng: Random) -> Printed:
    """The figure as a bureau of that habit prints it: plain, fullwidth, thousands, mixed or one of HABITS."""
    if habit in HABITS:
        return HABITS[habit](value, column, unit, rng)
    if habit == "mixed" and value == 0 and rng.random() < 0.25:
        text = rng.choice(("—", "/", "-", "不适用"))
        return Printed(text, None, "not_applicable")
    return Printed(number_text(value, column, unit, habit, rng), value, "ok")


def number_text(value: float, column: str, unit: str, habit: str, rng: Random) -> str:
    if column == "change" and habit != "plain":
        return change(value, rng)
    if column == "procurement_amount":
        return money(value, rng) if habit != "plain" else f"{plain(value)}元"
    if habit == "fullwidth":
        return plain(value).translate(FULL_WIDTH)
    if habit == "thousands":
        return thousands(value)
    if habit == "mixed":
        texts = [plain(value), plain(value).translate(FULL_WIDTH), thousands(value)]
        return rng.choice([*texts, f"{plain(value)}{unit}"] if value else [*texts, "无", "零"])
    return plain(value)


# ------------------------------------------- habits of one kind of phrase each

MONEY = ("元", "万元")
WIDE_COLUMNS = (
    "made",
    "in_force",
    "newly_made",
    "newly_disclosed",
    "total_disclosed",
    "decisions",
    "count",
    "cumulative",
)
NUMERALS = "零一二三四五六七八九"


def chinese(value: int) -> str:
    """A whole number below 100,000,000 in numerals as they are spoken.

    >>> chinese(321), chinese(10), chinese(1005), chinese(23017)
    ('三百二十一', '十', '一千零五', '二万三千零一十七')
    """
    if value >= 10_000:
        above, below = divmod(value, 10_000)
        gap = "零" if 0 < below < 1_000 else ""
        return chinese(above) + "万" + (gap + chinese_below(below) if below else "")
    text = chinese_below(value)
    return text[1:] if text.startswith("一十") else text


def chinese_below(value: int) -> str:
    """A whole number below 10,000, with one 零 for each gap."""
    if value < 10:
        return NUMERALS[value]
    size, name = next((s, n) for s, n in ((1_000, "千"), (100, "百"), (10, "十")) if value >= s)
    digit, rest = divmod(value, size)
    gap = "零" if 0 < rest < size // 10 else ""
    return NUMERALS[digit] + name + (gap + chinese_below(rest) if rest else "")


def amount(value: float, unit: str, rng: Random) -> str:
    """An amount with its unit, in 元 or in 万元."""
    yuan = round(value * 10_000 if unit == "万元" else value, 2)
    texts = [f"{plain(yuan)}元"]
    if round(yuan / 10_000, 4) * 10_000 == yuan:
        texts.append(f"{plain_decimals(yuan / 10_000)} 万元")
    return rng.choice(texts)


def plain_decimals(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def signs(value: float, column: str, unit: str, rng: Random) -> Printed:
    """本年增/减 in all the ways there are; other columns plain."""
    size = plain(abs(value))
    if column != "change":
        return Printed(number_text(value, column, unit, "plain", rng), value, "ok")
    texts: tuple[str, ...]
    if value < 0:
        texts = (f"减 {size}", f"减少{size}项", f"下降{size}", f"↓{size}", f"－{size}", f"-{size}")
    elif value > 0:
        texts = (f"增{size}", f"新增{size}项", f"+{size}", "＋" + size.translate(FULL_WIDTH), f"↑{size}")
    else:
        texts = ("持平", "无变化", "不变", "0", "无")
    return Printed(rng.choice(texts), value, "ok")


def with_unit(value: float, column: str, unit: str, rng: Random) -> Printed:
    """321件, 251000元, 2.58 万元."""
    if unit in MONEY:
        return Printed(amount(value, unit, rng), value, "ok")
    return Printed(f"{plain(value)}{rng.choice(('', ' '))}{unit}", value, "ok")


def in_numerals(value: float, column: str, unit: str, rng: Random) -> Printed:
    """Whole numbers as 三百二十一; one with its unit, since 一 alone may be a dash."""
    if unit in MONEY or value != int(value) or value < 0:
        return signs(value, column, unit, rng)
    text = chinese(int(value))
    return Printed(f"一{unit}" if text == "一" else text, value, "ok")


def in_ten_thousands(value: float, column: str, unit: str, rng: Random) -> Printed:
    """1.2万件, 约1.2万, where that loses nothing; smaller numbers plain."""
    if unit in MONEY or value < 10_000 or value % 100:
        return signs(value, column, unit, rng)
    size = plain(value / 10_000)
    return Printed(rng.choice((f"{size}万{unit}", f"约{size}万", f"{size}万")), value, "ok")


def bracketed(value: float, column: str, unit: str, rng: Random) -> Printed:
    """22（其中修订16件） in some wide cells: what the bracket adds is no part of the number."""
    if unit != "件" or column not in WIDE_COLUMNS or value < 2 or rng.random() < 0.3:
        return signs(value, column, unit, rng)
    part = rng.randint(1, int(value) - 1)
    return Printed(f"{plain(value)}（其中{rng.choice(('修订', '网上'))}{part}件）", value, "ok")


def zero_words(value: float, column: str, unit: str, rng: Random) -> Printed:
    """A zero as 无 or 零."""
    text = rng.choice(("无", "零")) if value == 0 else number_text(value, column, unit, "plain", rng)
    return Printed(text, value, "ok")


def absent(value: float, column: str, unit: str, rng: Random) -> Printed:
    """A zero as a dash or in words that say there is nothing to count."""
    if value == 0:
        return Printed(rng.choice(("—", "--", "/", "不适用", "不涉及")), None, "not_applicable")
    return Printed(number_text(value, column, unit, "plain", rng), value, "ok")


def unreadable(value: float, column: str, unit: str, rng: Random) -> Printed:
    """One cell in twenty-five holds what nobody can take for a number."""
    if rng.random() < 0.04:
        return Printed(rng.choice(("见附件", "3O", "12 34")), None, "unreadable")
    return Printed(number_text(value, column, unit, "plain", rng), value, "ok")


Habit = Callable[[float, str, str, Random], Printed]
HABITS: dict[str, Habit] = {
    "signs": signs,
    "units": with_unit,
    "numerals": in_numerals,
    "ten_thousands": in_ten_thousands,
    "brackets": bracketed,
    "zero_words": zero_words,
    "absent": absent,
    "unreadable": unreadable,
}
