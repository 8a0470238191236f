"""A blank that a passed check proves to be 0 is no number where cells are quoted, which say why, and 0 where
figures are computed of it, which say so. A blank without proof is a number nowhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipeline.compare.figures import Comparison, comparison_to_ranking, folder_to_comparison
from pipeline.compare.page import comparison_to_html
from pipeline.compare.selection import Selection
from pipeline.tables.dictionary import panel_column
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.rate_definitions import FormCell, rates
from tests.compare.sample import BLANK, Year, with_regions, year_to_report
from tests.tables.report_sample import write_frames

BARE = Year(*next(iter(BLANK)))
"""A bureau that leaves its zeros blank."""


@pytest.fixture(scope="module", params=["proven", "unproven"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bool]:
    """The tables of that bureau and of another, with the checks that prove its blanks or without any."""
    proven = request.param == "proven"
    folder = tmp_path_factory.mktemp(request.param)
    report = year_to_report(BARE)
    other = year_to_report(Year("630100", "教育", BARE.year))
    frames = reports_to_frames([report if proven else replace(report, checks=()), other], reading_version="1")
    write_frames(replace(frames, reports=with_regions(frames.reports)), folder)
    return folder, proven


def blank_totals(folder: Path) -> list[str]:
    """The rows of the form whose total that bureau leaves blank."""
    cells = pd.read_parquet(folder / "observations.parquet")
    mine = cells[(cells["agency"] == BARE.agency) & (cells["table"] == "applications")]
    blank = mine[(mine["status"] == "blank") & (mine["column"] == "total")]
    assert blank["value"].isna().all()
    return blank["item"].tolist()


def compared(folder: Path) -> Comparison:
    return folder_to_comparison(
        folder, Selection(items=tuple(f"applications.{item}.total" for item in blank_totals(folder)))
    )


def test_panels_quote_and_say_why(told: tuple[Path, bool]) -> None:
    folder, proven = told
    panel = pd.read_parquet(folder / "panel_applications.parquet").set_index("agency").loc[BARE.agency]
    nulls = pd.read_parquet(folder / "panel_nulls.parquet")
    mine = nulls[
        (nulls["agency"] == BARE.agency) & (nulls["table"] == "applications") & (nulls["column"] == "total")
    ]
    reasons = dict(zip(mine["item"], mine["reason"], strict=True))
    for item in blank_totals(folder):
        assert pd.isna(panel[panel_column(item, "total")])
        assert reasons[item] == ("proven_zero" if proven else "blank")


def test_rates_count_what_is_proven(told: tuple[Path, bool]) -> None:
    folder, proven = told
    table = pd.read_parquet(folder / "panel_rates.parquet")
    mine = table[table["agency"] == BARE.agency].set_index("rate")
    cells = {FormCell("applications", item, "total") for item in blank_totals(folder)}
    alone = [rate.name for rate in rates() if set(rate.numerator) <= cells and rate.name in mine.index]
    assert alone
    numerators = mine["numerator"].astype(object).where(mine["numerator"].notna(), None)
    for name in alone:
        assert numerators[name] == (0 if proven else None)
        assert mine.loc[name, "status"] in (("ok", "check_failed", "no_cases") if proven else ("unknown",))


def test_compare_counts_what_is_proven_and_marks_it(told: tuple[Path, bool]) -> None:
    folder, proven = told
    found = compared(folder)
    for measure in found.measures:
        ranked = comparison_to_ranking(found, measure).set_index("agency").loc[BARE.agency]
        if proven:
            assert (ranked["status"], ranked["value"]) == ("proven_zero", 0)
            assert ranked["first"] <= ranked["rank"] == ranked["last"]
        else:
            assert ranked["status"] == "blank" and pd.isna(ranked["value"]) and pd.isna(ranked["rank"])


def test_the_page_says_so(told: tuple[Path, bool]) -> None:
    folder, proven = told
    page = comparison_to_html(compared(folder))
    assert ("空白，核对证明为零" in page) == proven
