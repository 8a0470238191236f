"""How a figure is printed in its cell: text beside the value and status that it must be read as."""

from __future__ import annotations

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
    """The figure as a bureau of that habit prints it: plain, fullwidth, thousands or mixed."""
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
