"""Tables → the same tables with region, level, bureau type and scope. It is done last, so that new data on
regions need no new reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from pipeline.places import places_version
from pipeline.places.agencies import Agency, folders_to_code, name_to_agency
from pipeline.places.scope import report_to_scope
from pipeline.tables.frames import Frames, keep_reports

SCOPE_SECTIONS = ("preamble", "overview")
NO_REGION = ("none", "ambiguous")
"""What `region_match` says of an agency whose name alone does not tell who it is."""

AGENCY_COLUMNS = (
    *("region_code", "region_name", "admin_level", "bureau_type", "agency_id", "region_match"),
    "county_unit",
)


def place(frames: Frames, given: Mapping[str, str] | None = None) -> Frames:
    """Return the frames with region, level, type, id and scope of every agency set anew.

    `given` has the region code that a source states, by SHA-256 of the document.
    """
    reports = frames.reports.copy(deep=False)  # whole columns are set anew
    years = [None if pd.isna(year) else int(year) for year in reports["fiscal_year"]]
    regions = _regions(reports, given or {}, years)
    names = reports["agency"].tolist()
    found = map(_with_place, map(name_to_agency, names, years, regions), regions, _wheres(reports))
    agencies, apart = keep_apart(names, years, [*found])
    told: dict[str, list[Any]] = {
        **{name: [getattr(agency, name) for agency in agencies] for name in AGENCY_COLUMNS},
        "region_candidates": ["+".join(agency.candidates) for agency in agencies],
        "region_given": regions,
        "scope": _scopes(frames, agencies),
        "kept_apart": apart,
        "places_version": [places_version()] * len(reports),
    }
    for name, column in told.items():
        reports[name] = pd.Series(column, index=reports.index, dtype=reports[name].dtype)
    return replace(frames, reports=reports, observations=_with_codes(frames.observations, reports))


def _wheres(reports: pd.DataFrame) -> list[str]:
    """Return where each file comes from: the host of its address, else the folder that it is in."""
    return [
        (urlsplit(url).hostname or "") if pd.notna(url) else str(PurePosixPath(file).parent)
        for url, file in zip(reports["source_url"], reports["source_file"], strict=True)
    ]


def _with_place(agency: Agency, region: str | None, where: str) -> Agency:
    """Return the agency; if no region is known, its id takes in where its file comes from: 教育局 is the name
    of many, and so is 鼓楼区教育局."""
    if agency.region_match not in NO_REGION or region or not agency.agency_id:
        return agency
    return agency._replace(agency_id=f"{where}~{agency.agency_id}")


def keep_apart(
    names: Sequence[str], years: Sequence[int | None], agencies: Sequence[Agency]
) -> tuple[list[Agency], list[str]]:
    """Return the agencies with ids of their own for names that share one in some year and are no spellings of
    each other, and for each report the names that it is kept apart from, joined by +.

    A rename has one name a year: two of one year are two bodies, and so are their names in all years.
    """
    spelt: dict[tuple[str, int | None], dict[str, set[str]]] = {}
    for name, year, agency in zip(names, years, agencies, strict=True):
        spellings = spelt.setdefault((agency.agency_id, year), {})
        spellings.setdefault(agency.spelling, set()).add(name)
    shared = {agency_id for (agency_id, year), told in spelt.items() if year is not None and len(told) > 1}
    if not shared:
        return list(agencies), [""] * len(agencies)
    apart = [
        _others(spelt[agency.agency_id, year], agency.spelling) if year is not None else ""
        for year, agency in zip(years, agencies, strict=True)
    ]
    parted = [_with_spelling(agency) if agency.agency_id in shared else agency for agency in agencies]
    return parted, apart


def _others(spellings: Mapping[str, set[str]], own: str) -> str:
    """Return the names of other spellings, joined by +."""
    return "+".join(
        sorted(name for spelling, names in spellings.items() if spelling != own for name in names)
    )


def _with_spelling(agency: Agency) -> Agency:
    """Return the agency with the spelling of its name in its id."""
    return agency._replace(agency_id=f"{agency.agency_id}-{agency.spelling}")


def _regions(reports: pd.DataFrame, given: Mapping[str, str], years: list[int | None]) -> list[str | None]:
    """Return the region code given for each report: by its source, now or in an earlier run, or by the
    folders of a file put there by hand."""
    columns = (reports[name].tolist() for name in ("sha256", "region_given", "source_file", "source_url"))
    return [
        given.get(sha256)
        or (folders_to_code(file, year) if pd.isna(url) else None if pd.isna(before) else before)
        for sha256, before, file, url, year in zip(*columns, years, strict=True)
    ]


def _scopes(frames: Frames, agencies: list[Agency]) -> list[str]:
    """Return the scope of each report from its title, preamble and overview."""
    chosen = frames.sections["section"].isin(SCOPE_SECTIONS).to_numpy(dtype=bool)
    prose: dict[str, str] = {}
    ids, texts = (frames.sections[name][chosen] for name in ("report_id", "text"))
    for report_id, text in zip(ids, texts, strict=True):
        prose[report_id] = prose.get(report_id, "") + text
    heads = zip(frames.reports["report_id"], frames.reports["title"], agencies, strict=True)
    return [
        report_to_scope(agency.bureau_type, agency.admin_level, title + prose.get(report_id, ""))
        for report_id, title, agency in heads
    ]


def with_known_place(frames: Frames) -> Frames:
    """Return the frames with only the reports of agencies that are known over the years."""
    nowhere = reports_to_nowhere(frames.reports)
    return keep_reports(frames, frames.reports.loc[~nowhere, "report_id"]) if nowhere.any() else frames


def reports_to_nowhere(reports: pd.DataFrame) -> pd.Series[bool]:
    """Say of each report whether no region is known: by its agency's name, a source or a folder. Then the
    same name in another year may be another agency's."""
    return reports["region_match"].isin(NO_REGION) & reports["region_given"].isna()


def _with_codes(cells: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Return the observations with the region code of their reports."""
    rows = pd.Index(reports["report_id"]).get_indexer(pd.Index(cells["report_id"]))
    return cells.assign(region_code=reports["region_code"].take(rows).set_axis(cells.index))
