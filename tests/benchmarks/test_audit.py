"""The recomputation agrees with what is written, and tells whatever is planted: it can fail."""

from __future__ import annotations

import ast
import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from benchmarks.audit import __main__, statute
from benchmarks.audit.audit import folder_to_audit
from benchmarks.audit.collection import folder_to_reports
from benchmarks.audit.panels import GRAVITY, reports_to_panel
from pipeline.derive.chain import place_and_check
from pipeline.extract.identities import observations_to_checks
from pipeline.forms import load_forms
from pipeline.records import Observation, Report, sha256_to_report_id
from pipeline.tables.dictionary import panel_cells
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.rate_definitions import rates
from tests.compare.sample import GAPS, YEARS, Year, attributed, cell, places, template, year_to_report
from tests.tables.report_sample import write_frames

REAL = {"示例省东示例市": "海东市", "示例省西示例市": "西宁市", "样例省南样例市样本县": "涟水县"}
DOCUMENTS = [(item, column) for item in ("regulations", "normative_documents")
             for column in ("made", "repealed", "in_force")]  # fmt: skip
OLDER = [Year("630200", "教育", year) for year in range(2014, 2019)]


def hard_report(each: Year, date: str | None = None, more: float = 0) -> Report:
    """The report of an example bureau in a region that is known, with what can be odd about cells, and every
    check that they allow. With `more`, another version with greater numbers."""
    whole, chance = year_to_report(each), Random(f"{each}")
    cells = [odd(seen, chance) for seen in (*whole.observations, *more_cells(each, chance))]
    if more:
        cells = [seen._replace(value=seen.value + more) if seen.value else seen for seen in cells]
    name = each.agency
    for invented, real in REAL.items():
        name = name.replace(invented, real)
    heading = replace(
        whole.heading, agency=f"{name}（示例）", published_on=date or whole.heading.published_on
    )
    checks = [attributed(check) for check in observations_to_checks(cells, load_forms())]
    for place, seen in enumerate(cells):  # a blank that is doubted once the sums are made
        if seen.status == "blank" and chance.random() < 0.2:
            cells[place] = seen._replace(status="suspect")
    digest = sha256(f"{each}{more}".encode()).hexdigest()
    return replace(
        whole, heading=heading, observations=tuple(cells), checks=tuple(checks),
        report_id=sha256_to_report_id(digest), sha256=digest, source_file=f"{digest[:8]}.pdf",
    )  # fmt: skip


def more_cells(each: Year, chance: Random) -> Iterator[Observation]:
    """The table of documents of the newest form."""
    if template(each) == "fy2021":
        for item, column in DOCUMENTS:
            yield cell(each, "active_disclosure", item, column, chance.randrange(6), 1)


def odd(seen: Observation, chance: Random) -> Observation:
    """Most cells as they are; of some nothing, a dash or a doubt."""
    if chance.random() > 0.06 or seen.value is None:
        pending = seen.column == "pending" and chance.random() < 0.3
        return seen._replace(value=2.0, raw="2", status="ok") if pending else seen
    status = chance.choice(["blank", "not_applicable", "unreadable", "suspect", "suspect", "corrected"])
    known = status == "corrected" or (status == "suspect" and chance.random() < 0.5)
    raw = seen.raw if known else "1?" if status == "suspect" else ""
    return seen._replace(status=status, value=seen.value if known else None, raw=raw)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three regions and five years with gaps, doubts and failed sums, the older form, and two reports of one
    body and year: one that is revised, and one that is contradicted."""
    every = [*OLDER, *(Year(*place, year) for place in places() for year in YEARS)]
    reports = [hard_report(each) for each in every if not each.among(GAPS)]
    revised, contradicted = Year("630200", "教育", 2021), Year("630100", "公安", 2021)
    reports += [hard_report(revised, "2030-01-20", 1), hard_report(contradicted, "2022-01-20", 2)]
    frames, _ = place_and_check(reports_to_frames(reports, reading_version="1"))
    out = tmp_path_factory.mktemp("audited")
    write_frames(frames, out, ("csv",))
    return out


def test_nothing_differs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audit = folder_to_audit(folder)
    assert audit.differences == []
    least = {"reports that stand": 60, "checks": 1500, "heads of panels": 500, "cells of panels": 10_000,
             "panel_nulls": 1000, "rates": 2000, "heads of rates": 2000, "coverage": 60,
             "backlog": 80}  # fmt: skip
    assert {what for what, count in least.items() if audit.counts[what] < count} == set()
    assert __main__.main([str(folder)]) == 0
    assert ": 0 differences" in capsys.readouterr().out


def test_every_kind_of_row_is_there(folder: Path) -> None:
    """What is audited has to hold what can go wrong."""
    texts = {name: (folder / f"{name}.csv").read_text(encoding="utf-8-sig") for name in
             ("checks", "panel_nulls", "panel_rates", "coverage", "reports")}  # fmt: skip
    assert all(f'"{word}"' in texts["checks"] for word in ("fail", "series.carried", "series.in_force"))
    for reason in GRAVITY[1:]:
        assert f'"{reason}"' in texts["panel_nulls"], reason
    for word in ("check_failed", "suspect", "unknown", "pending_again", "older_form", "proven_zero"):
        assert word in texts["panel_rates"], word
    assert '"missing"' in texts["coverage"] and '"contradicted"' in texts["reports"]


def test_failed_checks_across_years_go_back_to_the_earlier_report(folder: Path) -> None:
    """Without such rows the audit would not see a doubt that is told of the later year alone."""
    panel = reports_to_panel(folder_to_reports(folder))
    theirs = [
        check for row in panel for check in row.wrong if check["report_id"] != row.report.row["report_id"]
    ]
    assert len(theirs) >= 10 and {check["check"] for check in theirs} == {"series.carried", "series.in_force"}


Rows = list[dict[str, str]]


def put(column: str, value: str, row: int = 7) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[row][column] = value

    return change


def first(column: str, old: str, new: str) -> Callable[[Rows], None]:
    """The first row that says one thing says another."""

    def change(rows: Rows) -> None:
        next(row for row in rows if row[column] == old)[column] = new

    return change


PLANTED: dict[str, tuple[str, Callable[[Rows], object], str]] = {
    "cell": ("panel_applications", put("granted__total", "4711"), "cells of panels"),
    "cell that is null": ("panel_applications", put("granted__total", ""), "cells of panels"),
    "trust": ("panel_review_litigation", first("trust", "sound", "quoted"), "heads of panels"),
    "reason of a null": ("panel_nulls", first("reason", "suspect", "blank"), "panel_nulls"),
    "null that is lacking": ("panel_nulls", lambda rows: rows.pop(), "lacking"),
    "rate": ("panel_rates", first("rate", "share_other", "share_granted"), "there twice"),
    "numerator": ("panel_rates", put("numerator", "1"), "rates"),
    "end of an interval": ("panel_rates", put("upper", "0.5"), "rates"),
    "caveat": ("panel_rates", first("caveat", "pending_again", ""), "heads of rates"),
    "status of a rate": ("panel_rates", first("status", "check_failed", "ok"), "heads of rates"),
    "coverage": ("coverage", first("status", "missing", "no_table"), "coverage"),
    "year that is lacking": ("coverage", lambda rows: rows.pop(3), "lacking"),
    "year too many": (
        "coverage",
        lambda rows: rows.append(rows[0] | {"fiscal_year": "2031"}),
        "not expected",
    ),
    "gap of the backlog": ("backlog", put("balance_gap", "3"), "backlog"),
    "days late": ("coverage", first("timeliness", "on_time", "late"), "coverage"),
    "verdict": ("checks", first("verdict", "fail", "pass"), "checks"),
    "side of a sum": ("checks", put("left", "4711"), "checks"),
    "observation": ("observations", first("status", "ok", "suspect"), "cells of panels"),
    "the one that stands": ("reports", lambda rows: _exchange(rows), "reports that stand"),
}


def _exchange(rows: Rows) -> None:
    """The superseded version stands, and the other is superseded."""
    older = next(row for row in rows if row["superseded_by"])
    newer = next(row for row in rows if row["report_id"] == older["superseded_by"])
    newer["superseded_by"], older["superseded_by"] = older["report_id"], ""


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_told(
    planted: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, change, told = PLANTED[planted]
    shutil.copytree(folder, tmp_path / "wrong")
    path = tmp_path / "wrong" / f"{table}.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert __main__.main([str(tmp_path / "wrong")]) == 1
    assert told in capsys.readouterr().out


def test_the_audit_uses_nothing_of_the_product() -> None:
    allowed = {"__future__", "argparse", "benchmarks", "collections", "csv", "dataclasses", "datetime",
               "fractions", "functools", "math", "pathlib", "sys", "tomllib", "typing"}  # fmt: skip
    for path in Path(statute.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= allowed, path
            assert all(not n.startswith("benchmarks") or n.startswith("benchmarks.audit") for n in names), (
                path
            )


def test_both_readings_of_the_forms_agree() -> None:
    """A row, sum or rate that one of them has and the other has not would never be held against anything."""
    for form in load_forms():
        mine = statute.form_to_tables(form.form)[form.table]
        assert set(mine.cells) == set(form.units), (form.form, form.table)
        sums = {(total.name, total.scope, *_sides(total.weights)) for total in form.sums}
        assert sums == {(e.name, e.scope, frozenset(e.left), frozenset(e.right)) for e in mine.equations}
        assert set(statute.table_to_cells(form.table)) == set(panel_cells(form.table))
    assert {rate.name for rate in rates()} == {each.name for each in statute.quotients()}


def _sides(weights: Mapping[tuple[str, str], int]) -> tuple[frozenset[tuple[str, str]], ...]:
    """The cells with positive and with negative weight."""
    return tuple(frozenset(cell for cell, weight in weights.items() if weight * sign > 0) for sign in (1, -1))
