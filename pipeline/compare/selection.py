"""The user's choice of bureaus, years and items → the reports to compare; an unknown choice is answered
with what exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from os.path import commonprefix
from typing import Any

import pandas as pd
from rapidfuzz import fuzz, process

from pipeline.errors import Error
from pipeline.tables.dictionary import cells
from pipeline.tables.rate_definitions import is_part, rates
from pipeline.tables.titles import cell_to_title

LISTED_ALTERNATIVES_MAX = 12
"""Count. A message lists no more alternatives."""

REPORTS_SINCE = 2008
"""Year. The first on which bodies had to report: 政府信息公开条例 came into force in it."""

MIN_N = 10
"""Count. A rate of fewer cases is not ranked unless the user says otherwise: one case more or less moves it
by more than 10 percentage points."""

REGION_ENDS = "省市区州县盟旗"

LEVELS = (2, 4, 6)
"""Count of the digits of a code that name a province, a prefecture, a county."""


class SelectionError(Error, ValueError):
    """There is nothing to compare; the message lists what is available, nearest first."""


@dataclass(frozen=True)
class Selection:
    """What the user asks for; an empty field means all, of items the usual one. Rates of fewer cases than
    `min_n` are not ranked."""

    region: str = ""
    years: tuple[int, int] | None = None
    bureaus: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    min_n: int = MIN_N


@dataclass(frozen=True)
class Measure:
    """What is compared: a number cell of the form, or a rate. `share` is true for rates, `part` for those
    that are never above 1."""

    key: str
    title: str
    unit: str
    share: bool
    part: bool
    cell: tuple[str, str, str] | None


@dataclass(frozen=True)
class ChosenReports:
    """The reports that a selection leads to, of all years. `years` are those asked for that exist.

    `region` is the name of the selected region, `prefix` the first digits that its codes share.
    """

    reports: pd.DataFrame
    years: tuple[int, ...]
    region: str
    prefix: str


def names_to_measures(names: Iterable[str]) -> tuple[Measure, ...]:
    """Return the measures of these names (table.item.column, or a rate's). SelectionError for an unknown
    name."""
    known = measures()
    measured = []
    for name in dict.fromkeys(names):
        if name not in known:
            titled = {key: f"{key}  {measure.title}" for key, measure in known.items()}
            raise SelectionError(_unknown("item", name, titled))
        measured.append(known[name])
    return tuple(measured)


def measures() -> dict[str, Measure]:
    """Return everything that can be compared by name, rates first."""
    of_rates = {rate.name: Measure(rate.name, rate.title, "%", True, is_part(rate), None) for rate in rates()}
    of_cells = {
        ".".join(cell): Measure(".".join(cell), cell_to_title(*cell), unit, False, False, cell)
        for cell, unit in cells().items()
    }
    return of_rates | of_cells


def choose(reports: pd.DataFrame, selection: Selection) -> ChosenReports:
    """Return the reports of a selection whose agency and year are known. SelectionError if there are none."""
    placed = reports[(reports["agency"] != "") & reports["fiscal_year"].notna()]
    placed = placed[~placed["status"].isin(["failed", "not_a_report"])]
    if placed.empty and not selection.years:
        raise SelectionError(
            "no report in the folder has a known agency and year: nothing to compare"
            " (--year YEAR writes a page that says so)"
        )
    here, prefix = _in_region(placed, selection.region)
    for bureau in selection.bureaus:
        if bureau not in set(here["bureau_type"]):
            raise SelectionError(_unknown("bureau type", bureau, _counted(here["bureau_type"])))
    if selection.bureaus:
        here = here[here["bureau_type"].isin(selection.bureaus)]
    region = code_to_name(here, prefix) if selection.region else ""
    return ChosenReports(here, _years(here, selection.years), region, prefix)


def code_to_prefix(code: str) -> str:
    """Return the digits that all codes below it share: 630200 → 6302, 630000 → 63."""
    return next((code[:n] for n in LEVELS if code == code[:n].ljust(len(code), "0")), code)


def _in_region(reports: pd.DataFrame, region: str) -> tuple[pd.DataFrame, str]:
    """Return all reports of agencies that were in the region in any year (codes and names change), and the
    digits that its codes share."""
    if not region:
        return reports, _shared_prefix(reports["region_code"].dropna())
    by_code = region.isdecimal()
    found = _by_code(reports, region) if by_code else _by_name(reports, region)
    if found.empty:
        regions = _regions(reports)
        near = _by_prefix(regions, region) if by_code else _by_likeness(regions, region)
        raise SelectionError(_list("region", region, near))
    theirs = reports["agency_id"].isin(found["agency_id"])
    return reports[theirs], _shared_prefix(found["region_code"])


def _by_code(reports: pd.DataFrame, code: str) -> pd.DataFrame:
    """Return the reports in the region of this code."""
    return reports[reports["region_code"].str.startswith(code_to_prefix(code), na=False)]


def _by_name(reports: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the reports of the one region that the name means. SelectionError if it may mean several."""
    found = reports[reports["region_name"].str.contains(name, regex=False, na=False)]
    heads = {str(whole).partition(name)[0] for whole in found["region_name"]}
    if len(heads) > 1:
        meant = "\n  ".join(_regions(found).values())
        raise SelectionError(f"region {name!r} may mean several: give a code, or the whole name\n  {meant}")
    return found


def _regions(reports: pd.DataFrame) -> dict[str, str]:
    """Return the regions of the reports by code, with name and count."""
    known = reports.dropna(subset=["region_code"])
    names = known.groupby("region_code")["region_name"].agg("last").fillna("")
    counts = known["region_code"].value_counts()
    return {str(code): f"{code} {name} ({counts[str(code)]} reports)" for code, name in names.items()}


def _shared_prefix(codes: pd.Series[Any]) -> str:
    """Return the longest prefix of 2, 4 or 6 digits that all codes share, "" if none."""
    prefixes = {code_to_prefix(code) for code in codes}
    shared = [n for n in LEVELS if all(len(p) >= n for p in prefixes) and len({p[:n] for p in prefixes}) == 1]
    return min(prefixes)[: max(shared)] if shared else ""


def code_to_name(reports: pd.DataFrame, prefix: str) -> str:
    """Return the name of the region with this code, else the common beginning of the names below it."""
    known = reports.dropna(subset=["region_code", "region_name"])
    own = known.loc[known["region_code"] == prefix.ljust(6, "0"), "region_name"]
    if len(own):
        return str(own.iloc[-1])
    below = list(known.loc[known["region_code"].str.startswith(prefix), "region_name"])
    shared = commonprefix(below)  # noqa: RUF071 (no paths: the names' first characters are what is wanted)
    while shared and shared[-1] not in REGION_ENDS:
        shared = shared[:-1]
    return shared or prefix


def _years(reports: pd.DataFrame, wanted: tuple[int, int] | None) -> tuple[int, ...]:
    """Return the selected years from the first to the last that has a report; one between may have none.

    If all lie outside, they are returned if there can be reports on them; else SelectionError.
    """
    there = sorted({int(year) for year in reports["fiscal_year"]})
    first, last = wanted or (there[-1], there[-1])
    within = tuple(year for year in range(first, last + 1) if there and there[0] <= year <= there[-1])
    if within:
        return within
    if first < REPORTS_SINCE or last >= date.today().year:
        asked = f"{first}" if first == last else f"{first}-{last}"
        near = sorted(there, key=lambda year: min(abs(year - first), abs(year - last)))
        counts = reports["fiscal_year"].value_counts()
        raise SelectionError(_list("year", asked, [f"{year} ({counts[year]} reports)" for year in near]))
    return tuple(range(first, last + 1))


def _counted(texts: pd.Series[Any]) -> dict[str, str]:
    """Return each text with its number of reports."""
    counts = texts.value_counts()
    return {str(text): f"{text} ({count} reports)" for text, count in sorted(counts.items())}


def _unknown(what: str, asked: str, available: dict[str, str]) -> str:
    """Return the message for an unknown choice."""
    return _list(what, asked, _by_likeness(available, asked))


def _by_likeness(available: dict[str, str], asked: str) -> list[str]:
    """Return the available texts, the most similar first."""
    found = process.extract(asked, available, scorer=fuzz.partial_ratio, limit=None)
    best = sorted(found, key=lambda match: (-match[1], -fuzz.ratio(asked, match[2])))
    return [text for text, _, _ in best]


def _by_prefix(available: dict[str, str], code: str) -> list[str]:
    """Return the available regions, those with the most leading digits in common first."""

    def shared(key: str) -> int:
        return next((n for n in range(len(code), 0, -1) if key.startswith(code[:n])), 0)

    return [available[key] for key in sorted(available, key=lambda key: (-shared(key), key))]


def _list(what: str, asked: str, available: Sequence[str]) -> str:
    """Return a message with the first alternatives."""
    more = (
        f"\n  … and {len(available) - LISTED_ALTERNATIVES_MAX} more"
        if len(available) > LISTED_ALTERNATIVES_MAX
        else ""
    )
    listed = (
        "".join(f"\n  {text}" for text in available[:LISTED_ALTERNATIVES_MAX])
        or "\n  none: no report here has one"
    )
    return f"no data for {what} {asked!r}; there is, nearest first:{listed}{more}"
