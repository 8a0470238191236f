"""The three tables as they are written: from frames, beside the others, the same bytes for the same input."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.derive.prose.build import frames_to_prose
from pipeline.records import Report, Section
from pipeline.tables.dictionary import PROSE
from pipeline.tables.frames import Frames, reports_to_frames
from pipeline.tables.schemas import ContractError, require_valid
from tests.tables.report_sample import cell, report, write_frames

TOLD = "{year}年，我局共收到政府信息公开申请{count}件。政务公开工作有序推进，持续优化营商环境，做好政策解读。"


def bureau(agency: str, year: int | None, count: int) -> Report:
    text = TOLD.format(year=year or 2023, count=count)
    return report(
        f"{agency}{year}",
        agency=agency,
        year=year,
        observations=[cell("new_received", "total", 17), cell("carried_in", "total", 0)],
        sections=[Section("overview", "一、总体情况", 1, text), Section("other", "六、其他", 4, "")],
    )


def sample() -> list[Report]:
    return [
        bureau("甲局", 2022, 17), bureau("甲局", 2023, 71),
        bureau("乙局", 2023, 17), bureau("丙局", None, 17),
        report("坏", agency="", year=None, sections=()),
    ]  # fmt: skip


def frames(reports: list[Report]) -> Frames:
    return reports_to_frames(reports, reading_version="1")


def test_the_tables_keep_the_contract_and_say_what_the_prose_says(tmp_path: Path) -> None:
    told = frames(sample())
    tables = frames_to_prose(told, tmp_path)
    require_valid({**tables, **told.tables()})
    claims = tables["claims"][["agency", "fiscal_year", "claimed", "table_value", "verdict"]]
    assert [tuple(row) for row in claims.astype(object).where(claims.notna(), None).to_numpy()] == [
        ("丙局", None, 17, 17, "unclear"),
        ("乙局", 2023, 17, 17, "agrees"),
        ("甲局", 2022, 17, 17, "agrees"),
        ("甲局", 2023, 71, 17, "differs"),
    ]
    pairs = tables["similarity"].loc[tables["similarity"]["section"] == "whole"]
    assert pairs["relation"].tolist() == ["nearest", "years", "nearest"]
    assert set(tables["terms"]["term"]) >= {"优化营商环境", "政策解读"}


@pytest.mark.parametrize("reader", ["ocr", "ocr_layer"])
def test_a_claim_in_recognised_prose_is_unclear_at_best(reader: str, tmp_path: Path) -> None:
    reports = [bureau("甲局", 2023 - count, count) for count in (0, 17)]
    told = frames([replace(one, readers=("pypdfium2", reader)) for one in reports])
    claims = frames_to_prose(told, tmp_path)["claims"]
    assert set(zip(claims["verdict"], claims["doubt"], strict=True)) == {("unclear", "recognised text")}


def test_nothing_read_gives_empty_tables_of_the_right_shape(tmp_path: Path) -> None:
    told = frames([])
    tables = frames_to_prose(told, tmp_path)
    require_valid({**tables, **told.tables()})
    assert [len(tables[name]) for name in PROSE] == [0, 0, 0]


def test_the_same_reports_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    for name, reports in (("one", sample()), ("two", sample()[::-1])):
        told = frames(reports)
        write_frames(told, tmp_path / name, prose=frames_to_prose(told, tmp_path))
    for name in PROSE:
        for fmt in ("csv", "parquet"):
            one, two = ((tmp_path / folder / f"{name}.{fmt}").read_bytes() for folder in ("one", "two"))
            assert one == two and len(one) > 200, name


def test_they_are_written_and_described_beside_the_others(tmp_path: Path) -> None:
    told = frames(sample())
    write_frames(told, tmp_path, prose=frames_to_prose(told, tmp_path))
    with (tmp_path / "claims.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert [row["verdict"] for row in csv.DictReader(lines)] == ["unclear", "agrees", "agrees", "differs"]
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert {name: package["counts"][name] > 0 for name in PROSE} == dict.fromkeys(PROSE, True)
    described = {r["path"]: r["schema"] for r in package["resources"] if "schema" in r}
    for name in PROSE:
        assert described[f"{name}.csv"]["foreignKeys"][0]["reference"]["resource"] == "reports.csv"


@pytest.mark.parametrize(
    "change",
    [{"scope": "other"}, {"scope": "unclear"}, {"table_value": None}, {"table_value": 71.0}],
    ids=lambda change: str(*change.items()),
)
def test_a_verdict_that_is_not_earned_is_not_written(change: dict[str, Any], tmp_path: Path) -> None:
    told = frames(sample())
    tables = frames_to_prose(told, tmp_path / "counts")
    row = int((tables["claims"]["verdict"] == "differs").to_numpy().argmax())
    for column, value in change.items():
        tables["claims"].loc[row, column] = value
    with pytest.raises(ContractError, match=r"claims\.verdict: expected agrees or differs"):
        write_frames(told, tmp_path / "out", prose=tables)
    assert not (tmp_path / "out").exists()
