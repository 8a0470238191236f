"""A processed folder of invented bureaus in three invented regions, 2019 to 2023, with gaps and doubts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random

import pandas as pd

from pipeline.extract.identities import observations_to_checks
from pipeline.forms import load_forms
from pipeline.records import Box, Check, Observation, Reason, Report, ReportIdentity, sha256_to_report_id
from pipeline.tables.dictionary import cells as units
from pipeline.tables.dictionary import keys, vocabulary
from pipeline.tables.frames import Frames, reports_to_frames
from tests.tables.report_sample import write_frames

REGIONS = {"630200": "示例省东示例市", "630100": "示例省西示例市", "320831": "样例省南样例市样本县"}
BUREAUS = ("工业和信息化", "教育", "公安", "市场监督管理")
YEARS = range(2019, 2024)
ALL_YEARS = range(2008, 2026)
APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org")
OUTCOMES = ("granted", "partially_granted", "refused.state_secret", "refused.third_party_rights",
            "unavailable.not_held", "declined.petition_complaint")  # fmt: skip
BALANCE = ("handled_total", "carried_out", "carried_in")
GAPS = {
    ("630200", "公安", 2021),
    ("630100", "教育", 2022),
    ("320831", "公安", 2022),
    ("320831", "教育", 2020),
}
SUSPECT = {("630200", "教育", 2022), ("320831", "市场监督管理", 2021)}
WRONG_SUM = {("630200", "市场监督管理", 2022), ("630100", "公安", 2020)}
BLANK = {("630100", "工业和信息化", 2022)}
FORMULA = "=HYPERLINK(1)"


@dataclass(frozen=True)
class Year:
    """One agency in one year, and what is odd about it."""

    code: str
    bureau: str
    year: int

    @property
    def agency(self) -> str:
        return f"{REGIONS[self.code]}{self.bureau}局"

    def among(self, odd: set[tuple[str, str, int]]) -> bool:
        return (self.code, self.bureau, self.year) in odd


def write_sample(folder: Path) -> Path:
    """The folder, as a run writes it."""
    write_frames(sample_frames(), folder)
    return folder


def write_years(folder: Path) -> Path:
    """A folder with one bureau's reports on every fiscal year from 2008 to 2025, and another's on some."""
    every = [Year("630200", "教育", year) for year in ALL_YEARS] + [Year("630200", "公安", 2016)]
    frames = reports_to_frames([year_to_report(each) for each in every], reading_version="1")
    write_frames(replace(frames, reports=with_regions(frames.reports)), folder)
    return folder


@cache
def sample_frames() -> Frames:
    every = [Year(*place, year) for place in places() for year in YEARS]
    reports = [year_to_report(each) for each in every if not each.among(GAPS)]
    frames = reports_to_frames([*reports, scan()], reading_version="1")
    return replace(frames, reports=with_regions(frames.reports))


def places() -> Iterator[tuple[str, str]]:
    return ((code, bureau) for code in REGIONS for bureau in BUREAUS)


def with_regions(reports: pd.DataFrame) -> pd.DataFrame:
    """Region and kind of bureau by the agency's name; the agency that is not known stays without."""
    told = {Year(code, bureau, 0).agency: (code, REGIONS[code], bureau) for code, bureau in places()}
    reports = reports.copy()
    for place, name in enumerate(("region_code", "region_name", "bureau_type")):
        column = [told[agency][place] if agency in told else None for agency in reports["agency"]]
        reports[name] = pd.Series(column, dtype=reports[name].dtype)
    return reports.assign(agency_id=reports["agency"])


def year_to_report(each: Year) -> Report:
    cells = list(year_to_cells(each)) if each.year > 2018 else list(year_to_old_cells(each))
    checks = [attributed(check) for check in observations_to_checks(cells, load_forms())]
    doubtful = any(c.status == "suspect" for c in cells) or any(c.verdict == "fail" for c in checks)
    digest = sha256(f"{each}".encode()).hexdigest()
    return Report(
        report_id=sha256_to_report_id(digest),
        sha256=digest,
        source_file=f"data/raw/{each.agency}{each.year}.pdf",
        source_url=None,
        heading=ReportIdentity(each.agency, each.year, f"{each.agency}{each.year}", f"{each.year + 1}-01-20"),
        pages=4,
        templates=(template(each),) if cells else (),
        readers=("pypdfium2",),
        steps=("pypdfium2 ruled",),
        observations=tuple(cells),
        checks=tuple(checks),
        sections=(),
        leftovers=(),
        missing=(),
        status="flagged" if doubtful else "ok" if cells else "no_tables",
        error="",
        seconds=0.1,
        reason=Reason.DOUBTFUL if doubtful else Reason.NONE if cells else Reason.NO_TABLES,
    )


def attributed(check: Check) -> Check:
    return check._replace(attribution="publisher") if check.verdict == "fail" else check


def scan() -> Report:
    """A document of which nothing is known."""
    whole = year_to_report(Year("630200", "教育", 2019))
    digest = sha256(b"scan").hexdigest()
    known = replace(
        whole, report_id=sha256_to_report_id(digest), sha256=digest, source_file="data/raw/扫描件.pdf"
    )
    heading, nothing = ReportIdentity("", None, "", None), ()
    return replace(
        known, heading=heading, templates=nothing, readers=nothing, observations=nothing, checks=nothing,
        status="failed", error="no text: a scan", reason=Reason.NO_TEXT,
    )  # fmt: skip


def template(each: Year) -> str:
    return "fy2014" if each.year < 2019 else "fy2019" if each.year < 2021 else "fy2021"


def year_to_old_cells(each: Year) -> Iterator[Observation]:
    """The one table of 2014 to 2018, for a bureau to which all apply online; before there was none."""
    number = Random(f"{each}").randrange(1, 40)
    same = ("received", "received.online", "closed", "closed.on_time", "answered", "answered.granted")
    printed = [key for table, key, column in units() if (table, column) == ("statistics", "count")]
    for item in printed if each.year > 2013 else ():
        yield cell(each, "statistics", item, "count", number if item in same else 0, 2)


def year_to_cells(each: Year) -> Iterator[Observation]:
    """Both tables about applications; the numbers add up but for those that shall not."""
    chance = Random(f"{each}")
    handled = {o: [chance.randrange(1 + 8 // (1 + a)) for a in range(6)] for o in OUTCOMES}
    rows = {item: [0] * 6 for item in items(template(each))} | handled
    rows["handled_total"] = [sum(rows[o][a] for o in OUTCOMES) for a in range(6)]
    rows["carried_in"] = [min(chance.randrange(3), h) for h in rows["handled_total"]]
    rows["carried_out"] = [chance.randrange(4) for _ in range(6)]
    rows["new_received"] = [
        handled + after - before for handled, after, before in zip(*map(rows.get, BALANCE), strict=True)
    ]
    for item, numbers in rows.items():
        for column, number in zip((*APPLICANTS, "total"), (*numbers, sum(numbers)), strict=True):
            yield applications_cell(each, item, column, number)
    for item in keys("review_litigation", "row"):
        cases = [chance.randrange(3), 0, chance.randrange(2), 0]
        for column, number in zip(keys("review_litigation", "column"), (*cases, sum(cases)), strict=True):
            yield cell(each, "review_litigation", item, column, number, 3)


def applications_cell(each: Year, item: str, column: str, number: int) -> Observation:
    here = (item, column)
    if each.among(WRONG_SUM) and here == ("handled_total", "total"):
        number += 10
    made = cell(each, "applications", item, column, number, 2)
    if each.among(SUSPECT) and here == ("new_received", "total"):
        return made._replace(status="suspect", raw=f"{FORMULA}{number}")
    if each.among(BLANK) and number == 0:
        return made._replace(status="blank", value=None, raw="")
    return made


def items(form: str) -> list[str]:
    return [
        key.key
        for key in vocabulary()
        if (key.table, key.axis) == ("applications", "row") and form in key.templates
    ]


def cell(each: Year, table: str, item: str, column: str, number: int, page: int) -> Observation:
    return Observation(
        table=table,
        template=template(each),
        item=item,
        column=column,
        value=float(number),
        unit=units()[table, item, column],
        raw=str(number),
        status="ok",
        page=page,
        box=Box(72, 100, 90, 110),
        reader="pypdfium2",
        match="exact",
        row_label=item,
        column_label=column,
        confirmed_by="",
    )
