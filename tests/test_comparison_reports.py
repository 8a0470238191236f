"""The collection to compare: enough to look at, exact, repeatable, and plainly made of examples."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.generator.comparison import (
    ABSENT,
    COUNTY,
    FORGOTTEN,
    KINDS,
    MISSTATED,
    OLD_FORM,
    REGIONS,
    WITHOUT_TABLES,
    WRONG_SUMS,
    YEARS,
    comparison,
)
from tests.generator.figures import failing
from tests.generator.reports import Spec, compose, generate

ROOT = Path(__file__).parents[1]
Key = tuple[str, int]
Truths = dict[Key, dict[str, Any]]


@pytest.fixture(scope="module")
def specs() -> dict[Key, Spec]:
    return {(spec.agency, spec.year): spec for spec in comparison()}


@pytest.fixture(scope="module")
def truths(specs: dict[Key, Spec]) -> dict[Key, dict[str, Any]]:
    return {key: compose(spec).truth for key, spec in specs.items()}


def values(truth: dict[str, Any]) -> dict[tuple[str, str, str], float | None]:
    return {(table, item, column): value for table, item, column, value, *_ in truth["cells"]}


def test_the_command_writes_them_all_small(tmp_path: Path, specs: dict[Key, Spec]) -> None:
    command = [sys.executable, "-m", "tests.generator", "comparison", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    written = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(written) == {spec.file_name for spec in specs.values()}
    assert max(written.values()) < 90 * 1024 and sum(written.values()) < 5 * 1024**2


def test_bureaus_years_forms_and_gaps(specs: dict[Key, Spec], truths: Truths) -> None:
    bureaus = len(REGIONS) * len(KINDS) + 1
    assert len(specs) == bureaus * len(YEARS) - len(ABSENT) + sum(map(len, OLD_FORM.values()))
    forms = {form for truth in truths.values() for form in truth["meta"]["templates"].values()}
    assert forms == {"fy2014", "fy2019", "fy2021"}
    assert not ABSENT & set(specs)
    assert all(not truths[key]["cells"] for key in WITHOUT_TABLES)


def test_every_exception_is_of_a_report_that_there_is(specs: dict[Key, Spec]) -> None:
    assert {*FORGOTTEN, *MISSTATED, *WRONG_SUMS, *WITHOUT_TABLES} <= set(specs)
    assert all((agency, YEARS[0] + 1) in specs or "教育局" in agency for agency, _ in ABSENT)
    assert COUNTY.name[:3] == "洪泽区" and ("淮安市洪泽县人民政府（示例）", 2015) in specs


def test_sums_fail_where_planned_and_nowhere_else(truths: Truths) -> None:
    assert {key for key, truth in truths.items() if failing(values(truth))} == set(WRONG_SUMS)


def test_years_chain_but_where_forgotten(truths: Truths) -> None:
    years: dict[str, list[tuple[int, dict[Any, Any]]]] = defaultdict(list)
    for (agency, year), truth in truths.items():
        if ("applications", "carried_in", "total") in values(truth) and (agency, year) not in WRONG_SUMS:
            years[agency].append((year, values(truth)))
    broken = {
        (agency, year)
        for agency, rows in years.items()
        for (last, before), (year, after) in pairwise(rows)
        if year == last + 1
        and (after["applications", "carried_in", "total"] or 0)
        != (before["applications", "carried_out", "total"] or 0)
    }
    assert broken == FORGOTTEN


def test_prose_and_table_differ_where_planned(specs: dict[Key, Spec], truths: Truths) -> None:
    off = {}
    for key, spec in specs.items():
        found = values(truths[key]).get(("applications", "new_received", "total"))
        prose = "".join(p for chapter in spec.chapters or () for p in chapter.paragraphs)
        if found is not None and key not in WRONG_SUMS and f"公开申请{found:.0f}件" not in prose:
            off[key] = found
    assert set(off) == set(MISSTATED)


def test_examples_say_so_on_every_page_and_in_every_name(specs: dict[Key, Spec]) -> None:
    assert all(agency.endswith("（示例）") for agency, _ in specs)
    for spec in list(specs.values())[::11]:
        document = pypdfium2.PdfDocument(generate(spec)[0])
        assert all("数字均为编造" in page.get_textpage().get_text_range() for page in document)


def test_same_bytes_every_time(specs: dict[Key, Spec]) -> None:
    key, again = next(iter(specs.items()))[0], {(spec.agency, spec.year): spec for spec in comparison()}
    assert generate(specs[key])[0] == generate(again[key])[0]
