"""The order in which tables are derived: places, which reports stand, checks across years, then panels
with their nulls, rates, coverage, revisions, backlog and prose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from pipeline.derive.across_years import SERIES_ITEMS, SeriesCheck, series_checks
from pipeline.derive.backlog import FORM_TABLE, PANEL, matrix_to_backlog
from pipeline.derive.coverage import frames_to_coverage
from pipeline.derive.panel_nulls import frames_to_known, reasons_to_nulls
from pipeline.derive.panels import matrices_to_panels
from pipeline.derive.places import place, reports_in_new_borders, with_known_place
from pipeline.derive.rates import matrices_to_rates
from pipeline.derive.standing import frames_to_revisions, frames_to_taken, with_standing
from pipeline.tables.arrow import empty_frame
from pipeline.tables.dictionary import PROSE
from pipeline.tables.frames import Frames, add_series, series_cells


def place_and_check(
    frames: Frames, given: Mapping[str, str] | None = None
) -> tuple[Frames, list[SeriesCheck]]:
    """Return the frames with regions, with the reports that stand, and with checks across years; and those
    checks. None goes back over a year in which the agency's county was merged or split.

    `given` has the region code that a source states, by SHA-256 of the document.
    """
    placed = with_standing(place(frames, given))
    known = with_known_place(frames_to_taken(placed))
    moved = set(known.reports.loc[reports_in_new_borders(known.reports), "report_id"])
    found = series_checks(series_cells(known, SERIES_ITEMS))
    series = [each for each in found if each.report_id not in moved]
    return add_series(placed, series), series


def frames_to_prose_tables(frames: Frames, out: Path) -> dict[str, pd.DataFrame]:
    """Return the tables terms, similarity and claims. Words that an earlier run into `out` counted are not
    counted again."""
    from pipeline.derive.prose.build import frames_to_prose  # loads jieba

    return frames_to_prose(frames, out)


def frames_to_tables(
    frames: Frames, prose: Mapping[str, pd.DataFrame] | None = None
) -> dict[str, pd.DataFrame]:
    """Return every table of the contract by name.

    `prose` are the tables made of prose. If it is None they are empty, if it is {} they are left out.
    """
    told = {name: empty_frame(name) for name in PROSE} if prose is None else prose
    return {**told, **frames_to_derived(frames), **frames.tables()}


def frames_to_derived(frames: Frames) -> dict[str, pd.DataFrame]:
    """Return the panels, panel_nulls, panel_rates, coverage, revisions and backlog by name."""
    taken, revisions = frames_to_taken(frames), frames_to_revisions(frames)
    matrices, whole, evidence, reasons = frames_to_known(taken, taken.checks, revisions)
    panels = matrices_to_panels(matrices, reasons, frames, taken)
    backlog = matrix_to_backlog(matrices[FORM_TABLE], evidence[FORM_TABLE], panels[PANEL], taken.reports)
    return {
        **panels,
        "panel_nulls": reasons_to_nulls(whole, reasons),
        "panel_rates": matrices_to_rates(whole, evidence),
        "coverage": frames_to_coverage(frames, taken),
        "revisions": revisions,
        "backlog": backlog,
    }
