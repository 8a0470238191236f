"""Whose figures reports count → warnings where a report that sums up stands beside reports it may include."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.compare.selection import LEVELS, code_to_prefix

SUMMED, UNKNOWN = "本级汇总", "unknown"


@dataclass(frozen=True)
class Overlap:
    """An agency that sums up, and others of its region whose figures its reports of these years may
    include."""

    agency: str
    years: tuple[int, ...]
    below: tuple[str, ...]


def panel_to_overlaps(panel: pd.DataFrame, years: Sequence[int]) -> tuple[Overlap, ...]:
    """Return an overlap for every agency that sums up in one of these years, the one with most agencies
    first."""
    placed = panel[(panel["fiscal_year"].isin(years) & panel["region_code"].notna()).to_numpy(dtype=bool)]
    summed = placed[(placed["scope"] == SUMMED).to_numpy(dtype=bool)]
    there = _regions_to_agencies(placed) if len(summed) else {}
    found: dict[str, dict[int, set[str]]] = {}
    for agency, code, year in _who_where_when(summed):
        below = there[code_to_prefix(code), year] - {agency}
        if below:
            found.setdefault(agency, {})[year] = below
    overlaps = [
        Overlap(agency, tuple(sorted(by_year)), tuple(sorted(set().union(*by_year.values()))))
        for agency, by_year in found.items()
    ]
    return tuple(sorted(overlaps, key=lambda overlap: (-len(overlap.below), overlap.agency)))


def _regions_to_agencies(placed: pd.DataFrame) -> dict[tuple[str, int], set[str]]:
    """Return the agencies in or below a region in a year, by the first digits of its code."""
    there: dict[tuple[str, int], set[str]] = {}
    for agency, code, year in _who_where_when(placed):
        for digits in LEVELS:
            there.setdefault((code[:digits], year), set()).add(agency)
    return there


def _who_where_when(panel: pd.DataFrame) -> Iterator[tuple[str, str, int]]:
    """Yield agency, region code and year of each report."""
    years = panel["fiscal_year"].astype(int)
    return zip(panel["agency"], panel["region_code"], years, strict=True)


def panel_to_changed(panel: pd.DataFrame) -> tuple[str, ...]:
    """Return the agencies whose reports state different scopes in different years."""
    known = panel[(panel["scope"] != UNKNOWN).to_numpy(dtype=bool)]
    scopes = known.groupby("agency")["scope"].nunique()
    return tuple(str(agency) for agency in scopes.index[scopes > 1])


def scopes_to_counts(scopes: Iterable[str]) -> dict[str, int]:
    """Return how many reports have each scope, the most frequent first; "" (no report) is left out."""
    counts = pd.Series([scope for scope in scopes if scope], dtype=object).value_counts()
    return {str(scope): int(count) for scope, count in counts.items()}
