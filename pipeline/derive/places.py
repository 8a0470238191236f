"""Tables → the same tables with region, level, bureau type and scope. It is done last, so that new data on
regions need no new reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from pipeline.places import places_version
from pipeline.places.agencies import Agency, folders_to_code, name_to_agency
from pipeline.places.county_units import changed_counties
from pipeline.places.scope import report_to_scope
from pipeline.records import Report
from pipeline.tables.arrow import array_to_column, index_in, list_to_array, list_to_column
from pipeline.tables.frames import Columns, Frames, keep_reports, unplaced

SCOPE_SECTIONS = ("preamble", "overview")
NO_REGION = ("none", "ambiguous")
"""What `region_match` says of an agency whose name alone does not tell who it is."""

AGENCY_COLUMNS = (
    *("region_code", "region_name", "admin_level", "bureau_type", "agency_id", "region_match"),
    "county_unit",
)


class _Head(NamedTuple):
    """What of a report says who and where; `prose` is its SCOPE_SECTIONS, `given` the code of a source."""

    agency: str
    year: int | None
    title: str
    prose: str
    source_file: str
    source_url: str | None
    given: str | None


def place(frames: Frames, given: Mapping[str, str] | None = None) -> Frames:
    """Return the frames with region, level, type, id and scope of every agency set anew.

    `given` has the region code that a source states, by SHA-256 of the document.
    """
    reports = frames.reports.copy(deep=False)  # whole columns are set anew
    columns = _heads_to_columns(_frames_to_heads(frames, given or {}))
    for name, column in columns.items():
        reports[name] = list_to_column("reports", name, column)
    owners = index_in(frames.observations["report_id"], reports["report_id"])
    codes = list_to_array("observations", "region_code", columns["region_code"]).take(owners)
    column = array_to_column("observations", "region_code", codes)
    return replace(frames, reports=reports, observations=frames.observations.assign(region_code=column))


def reports_to_places(reports: Sequence[Report]) -> Columns:
    """Return the columns of `reports` on who and where, as `place` sets them, before there are frames."""
    return {**unplaced(reports), **_heads_to_columns([_report_to_head(report) for report in reports])}


def _report_to_head(report: Report) -> _Head:
    """Return what of a report says who and where."""
    prose = "".join(section.text for section in report.sections if section.section in SCOPE_SECTIONS)
    heading = report.heading
    return _Head(
        heading.agency,
        heading.fiscal_year,
        heading.title,
        prose,
        report.source_file,
        report.source_url,
        given=None,
    )


def _frames_to_heads(frames: Frames, given: Mapping[str, str]) -> list[_Head]:
    """Return what of each report says who and where; a source stated its region now or in an earlier run."""
    names = ["report_id", "sha256", "region_given"]
    names += ["agency", "fiscal_year", "title", "source_file", "source_url"]
    columns = [_texts_and_years(frames.reports[name]) for name in names]
    prose = _prose(frames.sections)
    return [
        _Head(
            agency,
            year,
            title,
            prose.get(report_id, ""),
            file,
            url,
            given.get(sha256) or (None if url is None else before),
        )
        for report_id, sha256, before, agency, year, title, file, url in zip(*columns, strict=True)
    ]


def _texts_and_years(column: pd.Series[Any]) -> list[Any]:
    """Return the values of a column of texts or years, with None for null."""
    return [None if value is pd.NA else value for value in column.tolist()]


def _heads_to_columns(heads: Sequence[_Head]) -> dict[str, list[Any]]:
    """Return the columns of `reports` on who and where."""
    regions = [_region(head) for head in heads]
    agencies, apart = keep_apart(
        [head.agency for head in heads],
        [head.year for head in heads],
        [_agency(head, region) for head, region in zip(heads, regions, strict=True)],
    )
    return {
        **{name: [getattr(agency, name) for agency in agencies] for name in AGENCY_COLUMNS},
        "region_candidates": ["+".join(agency.candidates) for agency in agencies],
        "region_given": regions,
        "scope": [
            report_to_scope(agency.bureau_type, agency.admin_level, head.title + head.prose)
            for head, agency in zip(heads, agencies, strict=True)
        ],
        "kept_apart": apart,
        "places_version": [places_version()] * len(heads),
    }


def _region(head: _Head) -> str | None:
    """Return the region code given for a report: by its source, or by the folders of a file laid by hand."""
    folders = head.source_file if head.source_url is None else ""
    return head.given or folders_to_code(folders, head.year)


def _agency(head: _Head, region: str | None) -> Agency:
    """Return who reports; if no region is known, its id takes in where its file comes from: 教育局 is the
    name of many, and so is 鼓楼区教育局."""
    agency = name_to_agency(head.agency, head.year, region)
    if agency.region_match not in NO_REGION or region or not agency.agency_id:
        return agency
    return agency._replace(agency_id=f"{_where(head)}~{agency.agency_id}")


def _where(head: _Head) -> str:
    """Return where a file comes from: the host of its address, else the folder that it is in."""
    if head.source_url is None:
        return str(PurePosixPath(head.source_file).parent)
    return urlsplit(head.source_url).hostname or ""


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


def _prose(sections: pd.DataFrame) -> dict[str, str]:
    """Return the texts of SCOPE_SECTIONS by the id of their report."""
    chosen = sections["section"].isin(SCOPE_SECTIONS).to_numpy(dtype=bool)
    ids, texts = (sections[name][chosen] for name in ("report_id", "text"))
    prose: dict[str, str] = {}
    for report_id, text in zip(ids, texts, strict=True):
        prose[report_id] = prose.get(report_id, "") + text
    return prose


def with_known_place(frames: Frames) -> Frames:
    """Return the frames with only the reports of agencies that are known over the years."""
    nowhere = reports_to_nowhere(frames.reports)
    return keep_reports(frames, frames.reports.loc[~nowhere, "report_id"]) if nowhere.any() else frames


def reports_to_nowhere(reports: pd.DataFrame) -> pd.Series[bool]:
    """Say of each report whether no region is known: by its agency's name, a source or a folder. Then the
    same name in another year may be another agency's."""
    return reports["region_match"].isin(NO_REGION) & reports["region_given"].isna()


def reports_to_unplaced(reports: pd.DataFrame) -> set[str]:
    """Return the agency_id of every agency without a known region: its name may be that of another."""
    return set(reports.loc[reports_to_nowhere(reports), "agency_id"])


def reports_in_new_borders(reports: pd.DataFrame) -> pd.Series[bool]:
    """Say of each report whether its county was merged or split in that year: what it carries in comes from
    others too, or goes to others."""
    places = pd.MultiIndex.from_frame(reports[["region_code", "fiscal_year"]])
    return pd.Series(places.isin(changed_counties()), index=reports.index)
