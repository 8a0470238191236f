"""The collection to compare: enough to look at, exact, repeatable, and plainly made of examples."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pypdfium2
import pytest

from pipeline.derive.prose.similarity import text_to_shingles
from pipeline.places.scope import report_to_scope
from tests.extract.measured import cells_of, read_spec, silent_errors
from tests.tools.comparison_reports import comparison_reports
from tools.generator.comparison import (
    ABSENT,
    COPIES,
    COUNTY,
    FORGOTTEN,
    HARD,
    KINDS,
    MISSTATED,
    OLD_FORM,
    REGIONS,
    REPEATED,
    SCOPES,
    WITHOUT_TABLES,
    WRONG_SUMS,
    YEARS,
    comparison,
)
from tools.generator.figures import failing
from tools.generator.render import Break
from tools.generator.reports import Spec, compose, generate
from tools.generator.wording import SUMMED

pytestmark = pytest.mark.long

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


def test_the_command_writes_them_all_small(
    tmp_path_factory: pytest.TempPathFactory, specs: dict[Key, Spec]
) -> None:
    written = {path.name: path.stat().st_size for path in comparison_reports(tmp_path_factory).iterdir()}
    assert set(written) == {spec.file_name for spec in specs.values()}
    assert max(written.values()) < 60 * 1024


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
        if found is not None and key not in WRONG_SUMS and f"公开申请{found:.0f}件" not in prose_of(spec):
            off[key] = found
    assert set(off) == set(MISSTATED)


def prose_of(spec: Spec, *sections: str) -> str:
    """The prose of these chapters, or of all."""
    chapters = [each for each in spec.chapters or () if not sections or each.section in sections]
    return "".join(paragraph for chapter in chapters for paragraph in chapter.paragraphs)


def copied(spec: Spec, other: Spec) -> float:
    """The share of a report's problems and overview that stands in the other one too, word for word."""
    mine, theirs = (
        set(text_to_shingles(prose_of(each, "overview", "problems"), each.agency).tolist())
        for each in (spec, other)
    )
    return len(mine & theirs) / len(mine)


def test_bureaus_keep_most_of_what_they_said_and_change_some(specs: dict[Key, Spec]) -> None:
    kept = {
        (agency, year): copied(spec, specs[agency, year - 1])
        for (agency, year), spec in specs.items()
        if (agency, year - 1) in specs
    }
    whole = {key for key, share in kept.items() if share > 0.95}
    assert whole == {(agency, year) for agency, years in REPEATED.items() for year in years}
    usual = sorted(share for key, share in kept.items() if key not in whole)
    assert usual[0] < 0.45 and usual[-1] > 0.8
    assert 0.5 < usual[len(usual) // 2] < 0.8


def test_a_bureau_that_copies_is_nearest_to_its_model(specs: dict[Key, Spec]) -> None:
    for copier, model in COPIES.items():
        for year in YEARS:
            others = {
                agency: copied(specs[copier, year], spec)
                for (agency, each), spec in specs.items()
                if each == year and agency != copier
            }
            assert max(others, key=others.__getitem__) == model.agency
            assert sorted(others.values())[-2] + 0.1 < others[model.agency]


def test_every_sentence_is_said_once_in_a_report(specs: dict[Key, Spec]) -> None:
    for spec in specs.values():
        sentences = [each for each in prose_of(spec, "overview", "problems", "other").split("。") if each]
        assert len(sentences) == len(set(sentences))


def test_governments_say_whose_figures_they_count(specs: dict[Key, Spec]) -> None:
    governments = {key: spec for key, spec in specs.items() if "人民政府" in key[0]}
    said = {
        key: report_to_scope("人民政府", "市", prose_of(spec, "preamble", "overview"))
        for key, spec in governments.items()
    }
    assert said == {
        (agency, year): SCOPES.get(agency.replace("洪泽县", "洪泽区"), "unknown")
        for agency, year in governments
    }


def test_a_government_that_sums_up_has_no_less_than_those_below_it(truths: Truths) -> None:
    for year in YEARS:
        counts = {
            agency: values(truth).get(("applications", "new_received", "total")) or 0
            for (agency, each), truth in truths.items()
            if each == year
        }
        for whole in (agency for agency, scope in SCOPES.items() if scope == SUMMED):
            below = sum(n for agency, n in counts.items() if agency[:2] == whole[:2] and agency != whole)
            assert counts[whole] > below > 0


def test_the_hard_report_is_suspect_and_not_wrong_silently(specs: dict[Key, Spec]) -> None:
    for key in HARD:
        report, truth = read_spec(specs[key])
        suspect = {cell for cell, seen in cells_of(report).items() if seen.status == "suspect"}
        assert {"new_received", "declined.reconfirmation"} <= {item for _, item, _ in suspect}
        assert len(suspect) < 30
        assert {check.attribution for check in report.checks if check.verdict == "fail"} == {"reading"}
        assert silent_errors(report, truth) == []


TORN: dict[str, Any] = {
    "ruling": "none",
    "blanks": "zeros",
    "row_height": 26.0,
    "breaks": (Break("applications", 22, 1),),
}


def test_a_row_torn_by_a_page_end_is_not_blank_silently(specs: dict[Key, Spec]) -> None:
    """Of 要求行政机关确认或重新出具已获取信息 the next page has three characters and a 0 for 总计."""
    spec = specs["淮安市公安局（示例）", 2020]
    report, truth = read_spec(spec, replace(spec.style, **TORN))
    assert silent_errors(report, truth) == []
    assert report.missing == ()


def test_a_piece_of_a_label_alone_on_its_page_loses_no_row_below_it(specs: dict[Key, Spec]) -> None:
    spec = specs["海东市公安局（示例）", 2023]
    report, truth = read_spec(spec, replace(spec.style, cut="rows", **TORN))
    assert silent_errors(report, truth) == []
    assert {cell.rsplit(".", 1)[0] for cell in report.missing} == {"applications.declined.reconfirmation"}


def test_examples_say_so_on_every_page_and_in_every_name(specs: dict[Key, Spec]) -> None:
    assert all(agency.endswith("（示例）") for agency, _ in specs)
    for spec in list(specs.values())[::11]:
        document = pypdfium2.PdfDocument(generate(spec)[0])
        assert all("数字均为编造" in page.get_textpage().get_text_range() for page in document)


def test_same_bytes_every_time(specs: dict[Key, Spec]) -> None:
    key, again = next(iter(specs.items()))[0], {(spec.agency, spec.year): spec for spec in comparison()}
    assert generate(specs[key])[0] == generate(again[key])[0]
