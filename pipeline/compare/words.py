"""words.toml → Chinese words for statuses and doubts, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from pipeline.compare.figures import Comparison
from pipeline.compare.selection import Measure
from pipeline.tables.rate_definitions import FAILED_SUMS, caveats
from pipeline.tables.titles import value_to_title
from pipeline.typed_toml import load_packaged


def word(kind: str, key: Any) -> str:
    """Return the word for a key, such as word("status", "ok"); its title in the tables if there is none."""
    return "" if pd.isna(key) else words().get(kind, {}).get(key) or value_to_title(kind, str(key))


def caveat(keys: str) -> str:
    """Return what is to be known of a rate, as in panel_rates, in words; what its status says is left out."""
    told = [caveats()[key].title for key in keys.split("+") if key and key != FAILED_SUMS]
    return "；".join(told)


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return all of words.toml."""
    return load_packaged("pipeline.compare", "words.toml", dict[str, dict[str, str]])


def number(measure: Measure, value: Any) -> str:
    """Return a value as people read it: 1,234 or 12.3％; "" if there is none."""
    if pd.isna(value):
        return ""
    return f"{value:.1%}" if measure.share else f"{value:,.2f}".rstrip("0").rstrip(".")


def comparison_to_title(comparison: Comparison) -> str:
    """Return the title of page and workbook."""
    where = comparison.chosen.region or "全部地区"
    years = comparison_to_years(comparison)
    return f"{where}{'、'.join(comparison.bureaus)}：{years} 年度政府信息公开年报比较"


def comparison_to_years(comparison: Comparison) -> str:
    """Return the selected years as text."""
    years = comparison.chosen.years
    return f"{years[0]}—{years[-1]}" if len(years) > 1 else f"{years[0]}"
