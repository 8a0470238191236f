"""A sample of the files of benchmarks.several: each report has its row, or the file says there are more."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from benchmarks.several import KINDS, QUICK, ROUNDS, Made, judged, make_all, read_kinds, worse_than
from tests.extract.measured import read_bytes
from tools.generator import Spec, generate

EXPECTED = Path(__file__).parents[2] / "benchmarks" / "expected.toml"
ONE = Spec("示例市甲示例局", 2023)


def test_every_report_has_its_own_row_or_the_file_says_that_there_are_more() -> None:
    files = make_all(1, seed=7, kinds=QUICK)
    totals = read_kinds(files, jobs=1)
    assert totals["found"] == totals["reports"] == sum(len(made.truths) for made in files.values())
    assert not totals.keys() & {"silent", "lost", "headings_wrong", "untold"}


def test_the_judge_sees_a_mixture_a_loss_and_what_is_not_told() -> None:
    pdf, truth = generate(ONE)
    report = read_bytes(pdf)
    _, other = generate(replace(ONE, agency="示例市乙示例局", seed=4))
    mixed = judged(Made(pdf, [other]), [report])
    assert mixed["silent"] > 50
    assert mixed["headings_wrong"] == 1
    one_of_two = judged(Made(pdf, [truth, other]), [report])
    assert (one_of_two["found"], one_of_two["reports"], one_of_two["untold"]) == (1, 2, 1)
    assert judged(Made(pdf, [truth], hidden=True), [report])["untold"] == 1
    assert judged(Made(pdf, [truth]), [replace(report, observations=report.observations[1:])])["lost"] == 1


def test_a_figure_that_is_worse_is_told() -> None:
    expected = {"files": 2, "found": 3, "silent": 0}
    assert worse_than(expected, {"files": 2, "found": 3}) == []
    assert worse_than(expected, {"files": 2, "found": 2, "silent": 1}) == [
        "found: 2, committed 3", "silent: 1, committed 0",
    ]  # fmt: skip
    assert worse_than(expected, {"files": 1}) == ["its figures are of 2 files, and 1 were read"]


def test_the_committed_figures_are_of_as_many_files() -> None:
    expected = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["several"]
    assert expected["full"]["files"] == len(KINDS) * ROUNDS
    assert expected["small"]["files"] == len(QUICK)
