"""Doubts of a comparison in the form's words: each by itself, and a row for each report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.compare.figures import Comparison
from pipeline.compare.links import link_to_page
from pipeline.compare.words import word
from pipeline.tables.titles import cell_to_place

SHOWN_PLACES = 8
"""Count. No more places that a report lacks are told in a row."""

SHOWN_DOUBTS = 40
"""Count. No more doubts of a report are shown on the page; the workbook has all."""


@dataclass(frozen=True)
class TroubleRow:
    """A doubt: where it is, why, and what was read."""

    agency: str
    fiscal_year: int
    why: str
    place: str
    shown: str
    source_file: str
    page: str
    link: str


@dataclass(frozen=True)
class ReportTroubles:
    """All doubts of a report: the reasons with their numbers, and the first of `count` rows."""

    agency: str
    fiscal_year: int
    reasons: str
    rows: list[TroubleRow]
    count: int
    source_file: str
    link: str


def comparison_to_troubles(comparison: Comparison, links: Mapping[str, str]) -> list[TroubleRow]:
    """Return every doubt in the selected years."""
    return [_trouble_row(row, links) for row in comparison.troubles.itertuples()]


def comparison_to_report_troubles(comparison: Comparison, links: Mapping[str, str]) -> list[ReportTroubles]:
    """Return the doubts in the selected years, report by report, in the order of agencies and years."""
    by_report = comparison.troubles.groupby("report_id", sort=False)
    return [_report_troubles(str(report_id), rows, links) for report_id, rows in by_report]


def _report_troubles(report_id: str, troubles: pd.DataFrame, links: Mapping[str, str]) -> ReportTroubles:
    counts = Counter(word("kind", kind) for kind in troubles["kind"])
    reasons = "；".join(f"{why}（{count} 处）" if count > 1 else why for why, count in counts.items())
    rows = [_trouble_row(row, links) for row in troubles.head(SHOWN_DOUBTS).itertuples()]
    head, link = rows[0], link_to_page(links, report_id, troubles["page"].min())
    return ReportTroubles(head.agency, head.fiscal_year, reasons, rows, len(troubles), head.source_file, link)


def _trouble_row(row: Any, links: Mapping[str, str]) -> TroubleRow:
    whose = word("attribution", row.attribution)
    return TroubleRow(
        agency=row.agency,
        fiscal_year=row.fiscal_year,
        why=word("kind", row.kind) + (f"：{whose}" if whose else ""),
        place=_missing_to_place(row.missing) or _place(row.table, row.item, row.column),
        shown=row.shown,
        source_file=row.source_file,
        page="" if pd.isna(row.page) else f"{row.page:.0f}",
        link=link_to_page(links, row.report_id, row.page),
    )


def _place(table: str, item: str = "", column: str = "") -> str:
    """Return table, row and column in the form's words."""
    return " / ".join(filter(None, [word("table", table), *cell_to_place(table, item, column)]))


def _missing_to_place(missing: str) -> str:
    """Return what a report lacks (table or table.item.column) in the form's words."""
    keys = missing.split("; ") if missing else []
    places = []
    for key in keys[:SHOWN_PLACES]:
        table, _, cell = key.partition(".")
        item, _, column = cell.rpartition(".")
        places.append(_place(table, item, column))
    return "；".join(places) + (f" 等 {len(keys)} 处" if len(keys) > SHOWN_PLACES else "")
