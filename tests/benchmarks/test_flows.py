"""Documents without pages: what is printed is read, traps are what they say, and what goes wrong is told."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.drawing.flows import flows_to_table, flows_to_words
from benchmarks.flows.__main__ import NO_MORE, worse_than
from benchmarks.flows.bombs import bombs
from benchmarks.flows.mutants import judged, load_traps, verdict, write_mutants, wrong_sums
from benchmarks.flows.printing import (
    PRINTINGS,
    lacking,
    print_all,
    wanted_printings,
    wanted_reports,
)
from benchmarks.flows.reading import compared, read_printed, wrong_lines
from benchmarks.flows.traps.cases import UNSURE, Mutant, chance_case
from pipeline.records import Report
from tools.generator.flows import SHAPES

EXPECTED = Path(__file__).parents[2] / "benchmarks" / "expected.toml"
QUICK = [printing for printing in PRINTINGS if not printing.needs]


def test_every_shape_and_kind_is_printed() -> None:
    assert {printing.shape for printing in PRINTINGS} >= set(SHAPES)
    assert {printing.kind for printing in PRINTINGS} == {"html", "mhtml", "docx", "xlsx", "doc"}
    assert len({printing.name for printing in PRINTINGS}) == len(PRINTINGS)
    assert not any(lacking(printing) for printing in QUICK)


def test_small_reads_every_wrong_sum() -> None:
    small, every = wanted_reports(small=True), wanted_reports(small=False)
    wrong = [report.title for report in every if report.truth["meta"]["failing_checks"]]
    assert {report.title for report in small} >= set(wrong)
    assert len(small) < len(every) / 4


@pytest.mark.parametrize("printing", QUICK, ids=lambda printing: printing.name)
def test_a_report_is_read_as_it_is_printed(printing: object, tmp_path: Path) -> None:
    report = next(report for report in wanted_reports(small=True) if report.truth["meta"]["failing_checks"])
    (printed,) = print_all([report], [printing], tmp_path, seed=3)  # type: ignore[list-item]
    read = read_printed(printed)
    assert list(wrong_lines(printed.truth, read)) == []
    counts = compared(printed.truth, read)
    assert counts["errors_found"] == counts["errors_attributed"] == counts["errors_planted"] > 0
    assert not any(counts[name] for name in NO_MORE)


def test_what_is_not_read_as_printed_is_told(tmp_path: Path) -> None:
    report = wanted_reports(small=True)[0]
    (printed,) = print_all([report], QUICK[:1], tmp_path, seed=0)
    read = read_printed(printed)
    first, *rest = read.observations
    wrong = replace(read, observations=(first._replace(value=77.0, status="ok"), *rest[1:]))
    counts = compared(printed.truth, wrong)
    assert (counts["silent"], counts["missing"]) == (1, 1)
    assert [line.split(":")[0] for line in wrong_lines(printed.truth, wrong)] == ["silent", "missing"]


def test_a_figure_that_is_worse_is_told() -> None:
    committed = {"files": 2, "exact": 8, "silent": 0}
    assert worse_than(committed, {"files": 2, "exact": 9, "silent": 0}) == []
    assert worse_than(committed, {"files": 3}) == ["its figures are of 2 files, and 3 were read"]
    assert worse_than(committed, {"files": 2, "exact": 7, "silent": 1}) == [
        "exact: 7, committed 8",
        "silent: 1, committed 0",
    ]


@pytest.mark.parametrize("section", ["small", "full"])
def test_the_committed_figures_are_those_that_are_asked_for(section: str) -> None:
    figures = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["flows"][section]
    small = section == "small"
    ways = [one for one in PRINTINGS if not (small and one.needs == "LibreOffice")]
    assert figures["files"] == len(ways) * len(wanted_reports(small=small))
    assert {name: figures[name] for name in NO_MORE if figures[name]} == {}
    assert len(wanted_printings(small=small)) <= len(ways)


# ------------------------------------------------------------------------- traps


def test_traps_are_many_of_every_kind_and_each_has_its_name() -> None:
    traps = load_traps()
    kinds = Counter(trap.kind for trap in traps)
    assert min(kinds[kind] for kind in ("html", "docx", "xlsx")) > 50
    assert len({(trap.kind, trap.name) for trap in traps}) == len(traps)


@pytest.mark.long
def test_every_trap_makes_a_file_that_differs_and_is_the_same_each_time(tmp_path: Path) -> None:
    for number, trap in enumerate(load_traps()):
        first, again = (trap.make(chance_case(number, 5)) for _ in range(2))
        assert first == again, trap.name
        assert first.truth.keys() == first.stored.keys(), trap.name


def test_a_mutant_is_the_same_alone_as_among_others(tmp_path: Path) -> None:
    made = [one.mutant for one in write_mutants(range(4), 7, tmp_path)]
    (alone,) = write_mutants([3], 7, tmp_path)
    assert alone.mutant == made[3]
    assert alone.path.read_bytes() == made[3].file


@pytest.mark.parametrize(
    ("given", "wanted", "said"),
    [
        ((5.0, "ok"), (5.0, "ok"), "right"),
        ((5.0, "ok"), (6.0, "ok"), "silent"),
        ((None, "blank"), (6.0, "ok"), "silent"),
        ((5.0, "ok"), UNSURE, "silent"),
        ((5.0, "ok"), None, "silent"),
        ((5.0, "suspect"), (6.0, "ok"), "flagged"),
        ((None, "unreadable"), UNSURE, "right"),
        (None, (6.0, "ok"), "missing"),
    ],
)
def test_verdicts_on_cells(given: object, wanted: object, said: str) -> None:
    assert verdict(given, wanted) == said  # type: ignore[arg-type]


def test_what_is_called_ok_and_is_not_whole_is_told() -> None:
    mutant = Mutant(b"", {}, {}, is_sound=False)
    assert [kind for kind, _ in judged(mutant, replace(Report.empty(), status="ok"))] == ["trusted"]
    assert [kind for kind, _ in judged(mutant, replace(Report.empty(), status="flagged"))] == []


def test_sums_are_wrong_as_a_person_sees_the_numbers() -> None:
    columns = ("upheld", "corrected", "other", "pending", "total")
    truth = {("review_litigation", "review", column): (1.0, "ok") for column in columns}
    assert wrong_sums(truth) == [("review_litigation.total", "review")]
    unsure = {**truth, ("review_litigation", "review", "total"): UNSURE}
    assert wrong_sums(unsure) == []


def test_bombs_are_of_every_kind() -> None:
    assert {kind for _, kind, _ in bombs()} == {"html", "docx", "xlsx"}
    assert len({name for name, _, _ in bombs()}) == len(list(bombs()))


# ---------------------------------------------------------------------- the page


def test_the_page_says_what_was_counted() -> None:
    counts = {
        "files": 20, "files docx": 9, "exact": 1990, "flagged": 10, "errors_planted": 4, "errors_found": 4,
        "errors_attributed": 3, "agency_right": 20, "page_cpu_us": 5000, "pandas_cpu_us": 12_000,
    }  # fmt: skip
    text = " ".join(flows_to_words(counts, {"files": 300, "silent": 1}))
    assert "20 files" in text
    assert "2,000 cells 1,990 are exact, 10 flagged, 0 missing, 0 silently wrong" in text
    assert "5.0 ms of CPU" in text and "2.40 × as much" in text
    assert "300 further files" in text and "1 cells are silently wrong" in text
    assert "| docx | 9 |" in list(flows_to_table(counts))
    assert list(flows_to_words({}, {})) == []
    assert list(flows_to_table({})) == ["Not measured."]
