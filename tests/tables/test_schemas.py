"""Nothing that breaks the contract gets out, and the message says where, what and what was expected."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pipeline.derive.chain import frames_to_derived
from pipeline.tables.dictionary import panel_cells
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.schemas import ContractError, require_valid
from tests.tables.report_sample import cell, report, sample_reports

Tables = dict[str, pd.DataFrame]


def exported() -> Tables:
    frames = reports_to_frames(sample_reports(), reading_version="1")
    copies = {name: frame.copy() for name, frame in frames.tables().items()}
    return {**copies, **frames_to_derived(frames)}


def put(table: str, column: str, value: object, row: int = 0) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table].loc[row, column] = value  # type: ignore[call-overload]

    return change


def again(table: str) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table] = pd.concat([tables[table], tables[table].iloc[[0]]], ignore_index=True)

    return change


def replaced(table: str, make: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table] = make(tables[table])

    return change


BREAKS: dict[str, tuple[Callable[[Tables], None], str]] = {
    "unknown status": (
        put("observations", "status", "fine"),
        r"observations\.status: expected one of ok, blank",
    ),
    "ok without a number": (
        put("observations", "value", np.nan),
        r"observations\.value: expected a number if ok",
    ),
    "blank with a number": (put("observations", "value", 0.0, 1), r"observations\.value: .*status='blank'"),
    "infinite": (put("observations", "value", np.inf), r"observations\.value: expected a finite number"),
    "unknown item": (put("observations", "item", "nonsense"), r"expected keys and unit .*item='nonsense'"),
    "unknown column": (put("observations", "column", "made"), "expected keys and unit that a form prints"),
    "unknown table": (put("observations", "table", "nonsense"), "expected keys and unit that a form prints"),
    "wrong unit": (put("observations", "unit", "元"), r"expected keys and unit .*unit='元'"),
    "unknown template": (
        put("observations", "template", "fy1999"),
        r"observations\.template: expected a template",
    ),
    "null text": (put("observations", "raw", None), r"observations\.raw: expected no null"),
    "page 0": (put("observations", "page", 0), r"observations\.page: expected at least 1"),
    "no id": (put("observations", "report_id", "XYZ"), r"observations\.report_id: expected r, 16 hex digits"),
    "stray row": (put("sections", "report_id", f"r{0:016}"), r"sections\.report_id: expected ids of reports"),
    "cell twice": (again("observations"), "no other row with the same report_id, table, item, column"),
    "report twice": (again("reports"), "no other row with the same report_id"),
    "agency and year twice": (
        again("panel_applications"),
        "no other row with the same agency_id, fiscal_year",
    ),
    "rate without a number": (
        put("panel_rates", "status", "ok", 1),
        r"panel_rates\.value: expected numerator / denominator",
    ),
    "an interval beside its rate": (put("panel_rates", "lower", 2.0), r"panel_rates\.lower, upper"),
    "unknown caveat": (put("panel_rates", "caveat", "luck"), r"panel_rates\.caveat: expected caveats of"),
    "unknown rate": (put("panel_rates", "rate", "luck"), r"panel_rates\.rate: expected one of share_granted"),
    "verdict": (
        put("checks", "verdict", "maybe"),
        r"checks\.verdict: expected one of pass, fail, not_tested",
    ),
    "attribution": (
        put("checks", "attribution", "me"),
        r"checks\.attribution: expected one of publisher, reading",
    ),
    "attributed pass": (
        put("checks", "attribution", "publisher"),
        "expected null unless the verdict is fail",
    ),
    "difference": (put("checks", "difference", 3.0), r"checks\.difference: expected left - right"),
    "section": (put("sections", "section", "appendix"), r"sections\.section: expected one of preamble"),
    "report status": (put("reports", "status", "good"), r"reports\.status: expected one of ok, flagged"),
    "failed without reason": (put("reports", "error", ""), r"reports\.error: expected a reason"),
    "unknown reason": (put("reports", "reason", "tired"), r"reports\.reason: expected one of"),
    "ok with a reason": (put("reports", "reason", "crash", 3), "expected empty if, and only if, status"),
    "superseded by nobody": (
        put("reports", "superseded_by", f"r{0:016}"),
        r"reports\.superseded_by: expected null, or a report",
    ),
    "standing": (put("reports", "standing", "tall"), r"reports\.standing: expected one of only, stands"),
    "year": (put("reports", "fiscal_year", 23, 1), r"reports\.fiscal_year: expected a year from 1990"),
    "date": (put("reports", "published_on", "2024年1月"), r"reports\.published_on: expected an ISO date"),
    "hash": (
        put("reports", "sha256", "f" * 64),
        r"reports\.report_id: expected r and the first 16 digits of sha256",
    ),
    "missing column": (
        replaced("reports", lambda f: f.drop(columns="title")),
        "reports: expected this column to be there, got title",
    ),
    "extra column": (replaced("reports", lambda f: f.assign(x=1)), "reports: expected no such column, got x"),
    "order": (replaced("reports", lambda f: f[f.columns[::-1]]), "in the order of the data dictionary"),
    "type": (
        replaced("observations", lambda f: f.astype({"page": "int64"})),
        r"observations\.page: expected .*int16.*, got int64",
    ),
}


def test_the_sample_keeps_the_contract() -> None:
    require_valid(exported())


@pytest.fixture(scope="module")
def sample() -> Tables:
    return exported()


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_named(sample: Tables, name: str) -> None:
    """In the table that it is in, with the reports, to which every other table belongs."""
    change, message = BREAKS[name]
    tables = {name: frame.copy() for name, frame in sample.items()}
    change(tables)
    touched = {name: frame for name, frame in tables.items() if not frame.equals(sample[name])}
    with pytest.raises(ContractError, match=message):
        require_valid({"reports": tables["reports"], **touched})


def test_all_breaks_are_told_at_once_and_only_the_first_rows_shown() -> None:
    tables = exported()
    tables["observations"]["status"] = "fine"
    tables["checks"]["verdict"] = "maybe"
    with pytest.raises(ContractError) as caught:
        require_valid(tables)
    text = str(caught.value)
    assert "observations.status" in text and "checks.verdict" in text
    assert f"not so in {len(tables['observations'])} of" in text and len(text) < 5000


def calls_for(rows: int) -> int:
    """How many functions are called to check so many cells."""
    pairs = panel_cells("applications")
    cells = [cell(item, column, 1) for item, column in pairs]
    reports = [report(str(n), agency=f"示例局{n}", observations=cells) for n in range(rows // len(pairs))]
    tables = reports_to_frames(reports, reading_version="1").tables()
    calls = itertools.count()
    sys.setprofile(lambda *_: next(calls) and None)
    try:
        require_valid(tables)
    finally:
        sys.setprofile(None)
    return next(calls)


def test_no_row_is_checked_by_itself() -> None:
    """A hundred thousand take half a second, and what counts calls does not depend on the machine."""
    require_valid(exported())  # builds the schemas
    assert calls_for(50_000) < 1.1 * calls_for(1000)
