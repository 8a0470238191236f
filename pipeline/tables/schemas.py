"""pandera schemas that check all tables before they are written: nothing that breaks the contract gets
out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from pipeline.records import report_id_to_first, sha256_to_report_id
from pipeline.tables.arrow import ContractError, column_to_dtype, index_in
from pipeline.tables.dictionary import (
    PANELS,
    Column,
    Table,
    cells,
    panel_cells,
    panel_column,
    tables,
    values,
    vocabulary,
)
from pipeline.tables.rate_definitions import caveats

__all__ = ["ContractError", "require_valid"]

QUOTED_ROWS_MAX = 3
"""Count. A message quotes no more wrong rows."""

YEARS = 1990, 2100
"""Years. Fiscal years outside these are misread."""

DIFFERENCE_TOLERANCE = 1e-5
"""Units of the sum. The difference of a check is that of its sides if it is off by less."""

QUOTIENT_TOLERANCE = 1e-6
"""Share of one more than the numerator. The quotient of a rate is exact if it is off by less."""

PATTERNS = {
    "report_id": (
        r"^r[0-9a-f]{16}(?:-[0-9]+)?$",
        "r, 16 hex digits, and the part of a file of several reports",
    ),
    "sha256": (r"^[0-9a-f]{64}$", "64 hex digits"),
    "region_code": (r"^[0-9]{6}$", "six digits"),
    "region_given": (r"^[0-9]{6}$", "six digits"),
    **dict.fromkeys(("published_on", "due_on"), (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "an ISO date")),
    "county_unit": (r"^[0-9]{6}$", "six digits"),
}
PLAIN_WORDS = {
    "column_in_dataframe": "this column to be there",
    "column_in_schema": "no such column",
    "column_ordered": "the columns in the order of the data dictionary",
    "not_nullable": "no null",
}
LEAST_VALUES = {"page": 1, "rank": 1, "count": 1, "pages": 0, "seconds": 0, "cells": 0, "blanks_as_zero": 0}
"""The least value of a column. One below it is an error of this program."""


def require_valid(frames: Mapping[str, pd.DataFrame]) -> None:
    """Raise ContractError with everything that is wrong in these tables."""
    problems = [line for name, frame in frames.items() for line in _problems(name, frame)]
    problems += [*_orphans(frames), *_unexplained(frames)]
    if problems:
        lines = "\n  ".join(problems)
        raise ContractError(f"tables break the data contract, so they are not written:\n  {lines}")


@cache
def table_to_schema(name: str) -> pa.DataFrameSchema:
    """Return the schema of a table: exact columns, order and types, rules of columns and rows."""
    table = tables()[name]
    return pa.DataFrameSchema(
        {column.name: _column_to_schema(table, column) for column in table.columns},
        checks=[*ROW_RULES.get(name, ()), *_key_rule(table)],
        strict=True,
        ordered=True,
    )


def _column_to_schema(table: Table, column: Column) -> pa.Column:
    """Return the schema of a column."""
    return pa.Column(
        column_to_dtype(column), nullable=column.null, checks=list(_column_rules(table.name, column))
    )


def _column_rules(table: str, column: Column) -> Iterator[pa.Check]:
    """Yield the rules of a column."""
    if allowed := list(values(table, column.name)):
        yield pa.Check(lambda s: s.isin(allowed), error=f"one of {', '.join(allowed)}")
    if column.name in PATTERNS:
        pattern, expected = PATTERNS[column.name]
        yield pa.Check(lambda s: s.str.match(pattern), error=expected)
    if column.name in LEAST_VALUES:
        least = LEAST_VALUES[column.name]
        yield pa.Check(lambda s: s >= least, error=f"at least {least}")
    if column.name == "fiscal_year":
        yield pa.Check(lambda s: s.between(*YEARS), error=f"a year from {YEARS[0]} to {YEARS[1]}")
    if column.type.startswith("float"):
        yield pa.Check(lambda s: np.isfinite(s), error="a finite number")


def _rule(rule: Any, column: str, expected: str) -> pa.Check:
    """Return a rule on rows that names a column."""
    return pa.Check(rule, name=column, error=expected, ignore_na=False)


def _key_rule(table: Table) -> Iterator[pa.Check]:
    """Yield the rule that no two rows share the table's key."""
    if table.key:
        expected = f"no other row with the same {', '.join(table.key)}"
        yield _rule(lambda frame: ~_repeated(frame, table.key), ", ".join(table.key), expected)


def _repeated(frame: pd.DataFrame, key: tuple[str, ...]) -> Any:
    """Whether an earlier row has the same key. Texts are replaced by numbers, which are faster to compare."""
    codes = np.zeros(len(frame), np.int64)
    for name in key:
        column = pd.factorize(frame[name])[0]
        codes = codes * (int(column.max(initial=0)) + 1) + column
        codes = pd.factorize(codes)[0]
    return pd.Series(codes, index=frame.index).duplicated()


def _value_fits_status(frame: pd.DataFrame) -> Any:
    """Whether a value is there exactly if its status needs one."""
    known = frame["value"].notna()
    needed, free = frame["status"].isin(["ok", "corrected"]), frame["status"] == "suspect"
    return free | (known == needed)


def _in_vocabulary(frame: pd.DataFrame) -> Any:
    """Whether table, item, column and unit belong together in some form."""
    names = ["table", "item", "column", "unit"]
    combined = pd.MultiIndex.from_frame(frame[names].drop_duplicates())
    wrong = [row for row in combined if cells().get(row[:3]) != row[3]]
    if not wrong:
        return pd.Series(True, index=frame.index)
    return ~pd.Series(pd.MultiIndex.from_frame(frame[names]).isin(wrong), index=frame.index)


def _template_in_vocabulary(frame: pd.DataFrame) -> Any:
    """Whether the vocabulary knows a row's template."""
    return frame["template"].isin({template for key in vocabulary() for template in key.templates})


def _verdict_is_earned(frame: pd.DataFrame) -> Any:
    """Whether a claim's verdict follows from its numbers: agrees or differs only for the body's own
    figure."""
    equal = frame["claimed"] == frame["table_value"]
    settled = frame["verdict"] != "unclear"
    certain = (frame["scope"] == "same") & frame["table_value"].notna()
    return ~settled | (certain & (equal == (frame["verdict"] == "agrees")))


def _superseder_stands(frame: pd.DataFrame) -> Any:
    """Whether a report is superseded, if at all, by one that is there and stands."""
    standing = frame["superseded_by"].isna()
    return standing | frame["superseded_by"].isin(frame.loc[standing, "report_id"])


def _rate_fits_status(frame: pd.DataFrame) -> Any:
    """Whether a rate is the quotient of its numbers where its status says it is known, and null elsewhere."""
    known = frame["status"].isin(["ok", "check_failed"])
    rest = frame["value"] * frame["denominator"] - frame["numerator"]
    exact = rest.abs() < QUOTIENT_TOLERANCE * (1 + frame["numerator"].abs())
    return (known & exact) | (~known & frame["value"].isna())


def _interval_holds_rate(frame: pd.DataFrame) -> Any:
    """Whether an interval is there with both ends or with none, and holds a value that is a share."""
    none = frame["lower"].isna() & frame["upper"].isna()
    holds = (frame["lower"] <= frame["value"]) & (frame["value"] <= frame["upper"])
    return none | (holds & (frame["lower"] >= 0) & (frame["upper"] <= 1))


def _caveats_are_known(frame: pd.DataFrame) -> Any:
    """Whether every caveat of a row is one that rates.toml has."""
    texts = frame["caveat"].unique()
    known = [text for text in texts if not text or set(text.split("+")) <= caveats().keys()]
    return frame["caveat"].isin(known)


def _timeliness_is_earned(frame: pd.DataFrame) -> Any:
    """Whether a report is called late or on time only by days that are known, and as they say."""
    known = frame["days_late"].notna()
    late = (frame["days_late"].fillna(0) > 0).to_numpy(dtype=bool)
    word = np.select([~known, late], ["unknown", "late"], "on_time")
    return (frame["timeliness"] == word) & (
        ~known | (frame["due_on"].notna() & frame["published_on"].notna())
    )


def _trust_is_earned(frame: pd.DataFrame) -> Any:
    """Whether a row of a panel is called sound or quoted only without a suspect cell, and quoted exactly if
    a check failed."""
    judged = frame["trust"].isin(["sound", "quoted"])
    failed, clean = frame["checks_failed"] > 0, frame["cells_suspect"] == 0
    return ~judged | (clean & (failed == (frame["trust"] == "quoted")))


ROW_RULES = {
    **{
        panel: [_rule(_trust_is_earned, "trust", "sound or quoted only as failed checks and suspects allow")]
        for panel in PANELS
    },
    "coverage": [_rule(_timeliness_is_earned, "timeliness", "late if days_late is above 0, unknown if null")],
    "observations": [
        _rule(_value_fits_status, "value", "a number if ok or corrected, null if not (suspect: either)"),
        _rule(_in_vocabulary, "table, item, column, unit", "keys and unit that a form prints together"),
        _rule(_template_in_vocabulary, "template", "a template of the vocabulary"),
    ],
    "checks": [
        _rule(
            lambda f: f["attribution"].isna() | (f["verdict"] == "fail"),
            "attribution",
            "null unless the verdict is fail",
        ),
        _rule(
            lambda f: (f["left"] - f["right"] - f["difference"]).abs() < DIFFERENCE_TOLERANCE,
            "difference",
            "left - right",
        ),
    ],
    "claims": [
        _rule(_verdict_is_earned, "verdict", "agrees or differs as the numbers say, and of scope same only"),
    ],
    "panel_rates": [
        _rule(_rate_fits_status, "value", "numerator / denominator if ok or check_failed, else null"),
        _rule(_interval_holds_rate, "lower, upper", "both null, or from 0 to 1 with value between them"),
        _rule(_caveats_are_known, "caveat", "caveats of rates.toml, joined by +"),
    ],
    "reports": [
        _rule(
            lambda f: f["sha256"].map(sha256_to_report_id) == f["report_id"].map(report_id_to_first),
            "report_id",
            "r and the first 16 digits of sha256",
        ),
        _rule(
            lambda f: (f["status"] != "failed") | (f["error"] != ""), "error", "a reason if status is failed"
        ),
        _rule(
            lambda f: (f["status"] == "ok") == (f["reason"] == ""),
            "reason",
            "empty if, and only if, status is ok",
        ),
        _rule(_superseder_stands, "superseded_by", "null, or a report that is not superseded"),
    ],
}


def _problems(name: str, frame: pd.DataFrame) -> list[str]:
    """Return everything that is wrong in a table, a line each."""
    try:
        table_to_schema(name).validate(frame, lazy=True)
    except SchemaErrors as errors:
        return [line for error in errors.schema_errors for line in _error_to_lines(name, frame, error)]
    return []


def _error_to_lines(name: str, frame: pd.DataFrame, error: Any) -> Iterator[str]:
    """`table.column: what was expected, in how many rows it was not, and the first of them`."""
    check, cases = error.check, error.failure_cases
    column = getattr(error.schema, "name", None) or getattr(check, "name", None) or ""
    expected = getattr(check, "error", None) or PLAIN_WORDS.get(str(check), str(check))
    if not isinstance(cases, pd.DataFrame) or "index" not in cases or cases["index"].isna().all():
        read = cases["failure_case"].tolist() if isinstance(cases, pd.DataFrame) else cases
        place = f"{name}.{column}" if column else name
        yield f"{place}: expected {expected}, got {read}"
        return
    rows = cases["index"].drop_duplicates()
    shown = "; ".join(_row_to_text(name, frame, column, row) for row in rows[:QUOTED_ROWS_MAX])
    yield f"{name}.{column}: expected {expected}, not so in {len(rows)} of {len(frame)} rows, first {shown}"


def _row_to_text(name: str, frame: pd.DataFrame, column: str, row: Any) -> str:
    """Return a row's key and the columns a problem is about."""
    key = tables()[name].key or ("report_id",)
    wanted = dict.fromkeys([*key, *column.split(", "), "status", "verdict"])
    shown = frame.loc[[row], [column for column in wanted if column in frame]].to_dict("records")[0]
    return f"row {row} ({', '.join(f'{column}={value!r}' for column, value in shown.items())})"


def _orphans(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return problems with rows whose report is not in `reports`."""
    known = frames["reports"]["report_id"]
    lines = []
    for name, frame in frames.items():
        if "report_id" not in frame:
            continue
        strays = frame.loc[~frame["report_id"].isin(known).to_numpy(dtype=bool), "report_id"].unique()
        if len(strays):
            shown = ", ".join(strays[:QUOTED_ROWS_MAX])
            lines.append(f"{name}.report_id: expected ids of reports, got also {shown}")
    return lines


def _unexplained(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return problems with panel_nulls: it has exactly the null cells of the panels, and besides these only
    cells of reports without a row there."""
    if "panel_nulls" not in frames:
        return []
    nulls, lines = frames["panel_nulls"], []
    for panel, table in PANELS.items():
        mine = nulls[(nulls["table"] == table).to_numpy(dtype=bool)]
        rows = _places(mine["report_id"], frames[panel]["report_id"])
        pairs = panel_cells(table)
        told = _places(mine["item"] + "__" + mine["column"], [f"{item}__{name}" for item, name in pairs])
        empty = frames[panel][[panel_column(*pair) for pair in pairs]].isna().to_numpy()
        there = rows >= 0
        named = np.zeros_like(empty)
        named[rows[there], told[there]] = True
        wrong = int((named != empty).sum())
        stray = int((~there & ~mine["reason"].isin(["no_table", "not_printed"]).to_numpy(dtype=bool)).sum())
        if wrong or stray:
            lines.append(
                f"panel_nulls: expected the null cells of {panel}, not so in {wrong} cells of its rows, and"
                f" {stray} cells of a report without a row there have another reason than no_table"
            )
    return lines


def _places(texts: pd.Series[Any], known: Any) -> Any:
    """Return the place of each text in `known`, -1 if it is not there."""
    return index_in(texts, known).fill_null(-1).to_numpy()
