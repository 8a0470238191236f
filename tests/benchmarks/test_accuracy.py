"""The accuracy benchmark: the label lookup is fair, cells are judged as promised, worse figures fail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessExpired

from benchmarks.accuracy import main
from benchmarks.corpus.merged import MERGED_AXIS
from benchmarks.corpus.plan import Entry
from benchmarks.corpus.whole import whole_plan
from benchmarks.peers import PEERS, Grid, grids_to_cells
from benchmarks.peers.readers import _filled
from benchmarks.scoring.programs import OURS, Outcome, _settled, read_all, read_one
from benchmarks.scoring.scores import cell_to_verdict, judge, load_scores, replace_scores
from benchmarks.scoring.tables import percent
from benchmarks.scoring.totals import HIGHER_IS_BETTER, load_expected, scores_to_total, worse_than
from benchmarks.scoring.truths import PARTS, Truth, folder_to_truths
from tests.extract.measured import FORMS
from tools.generator import Break, Spec, Style, generate

pytestmark = pytest.mark.long

INSTALLED = ("pdfplumber", "tablers")  # peers that the tests have


def grid(*rows: Sequence[str], page: int = 1) -> Grid:
    return Grid(page, tuple(map(tuple, rows)))


def values_of(grids: Sequence[Grid], table: str) -> dict[str, Any]:
    """item.column → value, or its status where there is none."""
    cells = grids_to_cells(grids)
    return {
        f"{item}.{column}": status if value is None else value
        for (name, item, column), (value, status) in cells.items()
        if name == table
    }


def keep(folder: Path, name: str, spec: Spec, ruling: str = "solid") -> Path:
    """A document of a corpus, as benchmarks.corpus writes it."""
    pdf, truth = generate(spec)
    (folder / f"{name}.pdf").write_bytes(pdf)
    kept = {**truth, "producer": "canvas", "axes": {"ruling": ruling}}
    (folder / f"{name}.json").write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    return folder / f"{name}.pdf"


# -------------------------------------------------------------------- label lookup


@pytest.mark.parametrize("peer", INSTALLED)
@pytest.mark.parametrize("form", FORMS)
def test_plainly_ruled_tables_are_exact_for_every_good_reader(peer: str, form: str, tmp_path: Path) -> None:
    """What a peer loses elsewhere is its own doing and not the lookup's."""
    pages = tuple(Break(table, 0) for table in ("applications", "review_litigation"))
    keep(tmp_path, "plain", replace(FORMS[form], style=Style(row_height=18.0, cell_size=9.0, breaks=pages)))
    (truth,) = folder_to_truths(tmp_path)
    score = judge(peer, truth, read_one(peer, truth.pdf, truth.sha256)).score
    assert score.exact == score.cells == len(truth.cells)


def test_columns_of_table_two_come_from_the_last_header() -> None:
    found = values_of(
        [
            grid(
                ["第二十条第（一）项", "", "", ""],
                ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
                ["规章", "0", "", "3"],
                ["信息内容", "本年收费金额（单位：万元）", "", ""],
                ["行政事业性收费", "2.58", "", ""],
            )
        ],
        "active_disclosure",
    )
    assert found == {
        "regulations.made": 0,
        "regulations.repealed": "blank",
        "regulations.in_force": 3,
        "administrative_fees.fee_amount": 2.58,
    }


def test_a_header_of_documents_names_no_columns_of_other_parts() -> None:
    """A peer that loses a header row gives nothing there, and no 行政许可 that was 制发."""
    header = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    assert values_of([grid(header, ["行政许可", "81", "", ""])], "active_disclosure") == {}


def test_columns_that_a_program_makes_up_are_passed_over() -> None:
    """Cells of several drawn parts give columns that stand for nothing, others on every page."""
    found = values_of(
        [
            grid(
                ["指标名称", "", "计量单位", "2018年度", "历年累计"], ["（一）收到申请数", "", "件", "4", "9"]
            ),
            grid(["1.当面申请数", "", "件", "", "3", "", "8", ""], page=2),
        ],
        "statistics",
    )
    assert found["received.in_person.count"] == 3
    assert found["received.in_person.cumulative"] == 8


def test_halves_of_table_two_side_by_side() -> None:
    found = values_of(
        [
            grid(
                ["信息内容", "处理决定数量", "信息内容", "采购总金额"],
                ["行政许可", "7", "政府集中采购", "2.58万元"],
            )
        ],
        "active_disclosure",
    )
    assert found == {
        "administrative_licensing.decisions": 7,
        "government_procurement.procurement_amount": 25800,
    }


HEADER_THREE = (
    ["", "", "", "自然人", "法人或其他组织", "", "", "", "", "总计"],
    ["", "", "", "", "商业\n企业", "科研\n机构", "社会公益组织", "法律服务机构", "其他", ""],
)


def test_table_three_over_two_pages_with_a_narrower_grid() -> None:
    found = values_of(
        [
            grid(
                *HEADER_THREE, ["一、本年新收政府信息公开申请数量", "", "", "9", "2", "1", "0", "", "2", "15"]
            ),
            grid(["公开", "5、属于三类内部 事务信息", "1", "0", "0", "—", "0", "0", "1"], page=2),
        ],
        "applications",
    )
    assert found["new_received.natural_person"] == 9
    assert found["new_received.legal_service"] == "blank"
    assert found["new_received.total"] == 15
    assert found["refused.internal_affairs.nonprofit"] == "not_applicable"
    assert found["refused.internal_affairs.total"] == 1
    assert len(found) == 14


def test_a_missing_total_column_is_not_made_up() -> None:
    """The blank that a merged label leaves is no number, so that nothing moves to the right."""
    header = [row[:9] for row in HEADER_THREE]
    last = ["四、结转下年度继续办理", "", "", "1", "2", "3", "4", "5", "6"]
    group = ["", "（一）予以公开", "", "7", "0", "0", "0", "0", "8"]
    found = values_of([grid(*header, last), grid(group)], "applications")
    assert found["granted.natural_person"] == 7
    assert found["granted.other_org"] == 8
    assert found["carried_out.natural_person"] == 1
    assert found["carried_out.other_org"] == 6
    assert "carried_out.total" not in found


def test_numbers_by_words_stand_under_their_wrapped_label() -> None:
    """Without rulings a label of two lines and its numbers are three rows, and numbers share cells."""
    found = values_of(
        [
            grid(
                ["（二）部分公开（区分处理的，只计这一情", "", ""],
                ["", "1 2 3", "4 5 6 7"],
                ["形，不计其他情形）", "", ""],
            )
        ],
        "applications",
    )
    assert list(found.values()) == [1, 2, 3, 4, 5, 6, 7]
    assert "partially_granted.natural_person" in found


def test_double_rulings_make_empty_columns_and_units_stand_apart() -> None:
    """Twice as many columns and more: the empty ones go, so that blanks keep their place."""
    rows = [[cell for text in row for cell in (text, "")] for row in HEADER_THREE]
    numbers = ["四、结转下年度继续办理", "", "", "1 件", "", "3 件", "4 件", "5 件", "6 件", "19 件"]
    found = values_of([grid(*rows, [cell for text in numbers for cell in (text, "")])], "applications")
    assert found["carried_out.natural_person"] == 1
    assert found["carried_out.business"] == "blank"
    assert found["carried_out.total"] == 19


def test_tables_without_any_text_are_no_tables() -> None:
    assert _filled([[["", None], [""]], [["0", None]]]) == [[["0", None]]]


def test_table_four_in_order_of_its_columns() -> None:
    outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    found = values_of(
        [grid(["", *outcomes[1:], *outcomes, *outcomes], [str(n) for n in range(15)])], "review_litigation"
    )
    assert found["review.upheld"] == 0
    assert found["litigation_after_review.total"] == 14


def test_a_long_table_whose_header_is_lost_has_one_column() -> None:
    assert values_of([grid(["1.当面申请数", "件", "3"])], "statistics") == {"received.in_person.count": 3}


def test_no_header_at_all_and_no_numbers_in_order_give_nothing() -> None:
    assert values_of([grid(["规章", "1", "2", "3"])], "active_disclosure") == {}


def test_repeated_labels_of_the_long_table_follow_its_order() -> None:
    found = values_of(
        [
            grid(
                ["统计指标", "单位", "统计数"],
                ["四、行政复议数量", "件", "3"],
                ["（二）被依法纠错数", "件", "1"],
                ["五、行政诉讼数量", "件", "5"],
            ),
            grid(["（二）被依法纠错数", "件", "4"], ["七、依申请公开信息收取的费用", "万元", "0.5"], page=2),
        ],
        "statistics",
    )
    assert found == {
        "review.count": 3,
        "review.corrected.count": 1,
        "litigation.count": 5,
        "litigation.corrected.count": 4,
        "fees_collected.count": 0.5,
    }


# ------------------------------------------------------------------------- scoring


@pytest.mark.parametrize(
    ("expected", "given", "verdict"),
    [
        ((3.0, "ok"), (3.0, "ok"), "exact"),
        ((None, "blank"), (None, "blank"), "exact"),
        ((None, "unreadable"), (None, "unreadable"), "exact"),
        ((3.0, "ok"), None, "missing"),
        ((3.0, "ok"), (3.0, "suspect"), "flagged"),
        ((3.0, "ok"), (None, "unreadable"), "flagged"),
        ((3.0, "ok"), (4.0, "ok"), "silent"),
        ((3.0, "ok"), (None, "blank"), "silent"),
        ((None, "blank"), (0.0, "ok"), "silent"),
        ((None, "blank"), (None, "not_applicable"), "silent"),
        ((None, "unreadable"), (12.0, "ok"), "silent"),
        ((None, "unreadable"), (12.0, "suspect"), "exact"),
        (None, (0.0, "ok"), "silent"),
        (None, (0.0, "suspect"), "flagged"),
    ],
)
def test_every_cell_is_exact_missing_flagged_or_silent(expected: Any, given: Any, verdict: str) -> None:
    assert cell_to_verdict(expected, given, can_flag=True) == verdict


def test_a_peer_that_gives_no_number_has_missed_it() -> None:
    assert cell_to_verdict((3.0, "ok"), (None, "unreadable"), can_flag=False) == "missing"
    assert cell_to_verdict((3.0, "ok"), (4.0, "ok"), can_flag=False) == "silent"


CELL, OTHER, THIRD = (("applications", "granted", column) for column in ("business", "research", "total"))
TRUTH = Truth(
    name="one",
    pdf=Path("one.pdf"),
    sha256="0" * 64,
    pages=2,
    producer="canvas",
    axes={"ruling": "solid"},
    cells={CELL: (1.0, "ok"), OTHER: (2.0, "ok"), THIRD: (3.0, "ok")},
    wrong_sums=frozenset({("applications.balance", "total"), ("applications.balance", "business")}),
)
SEEN = Outcome(
    cells={CELL: (1.0, "suspect"), OTHER: (5.0, "suspect"), ("applications", "other", "total"): (7.0, "ok")},
    on_page={CELL: 2},
    checks=(
        (("applications.balance", "total"), "publisher"),
        (("applications.balance", "business"), "reading"),
        (("applications.handled", "total"), "publisher"),
        (("applications.handled", "research"), "reading"),
    ),
)


def test_a_score_counts_cells_alarms_and_blame() -> None:
    judged = judge(OURS, TRUTH, SEEN)
    score = judged.score
    assert (score.cells, score.exact, score.missing, score.flagged, score.silent) == (4, 0, 1, 2, 1)
    assert score.false_alarms == 1
    assert (score.errors_planted, score.errors_found, score.errors_attributed) == (2, 2, 1)
    assert score.attributed_wrongly == 2
    assert {cell.cell: cell.page for cell in judged.cells}[CELL] == 2
    assert [(wrong.verdict, *wrong.check) for wrong in judged.checks] == [
        ("reading", "applications.balance", "business"),
        ("misread", "applications.handled", "research"),
        ("publisher", "applications.handled", "total"),
    ]


def test_an_error_that_no_check_names_is_not_found() -> None:
    judged = judge(OURS, TRUTH, replace(SEEN, checks=SEEN.checks[:1]))
    assert (judged.score.errors_found, judged.score.errors_attributed) == (1, 1)
    assert [wrong.verdict for wrong in judged.checks] == ["not found"]


def test_a_failure_leaves_every_cell_missing() -> None:
    score = judge(OURS, TRUTH, replace(SEEN, failure="crashed")).score
    assert (score.cells, score.missing, score.errors_found, score.failure) == (3, 3, 0, "crashed")


def test_what_a_program_raises_is_a_failure(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing more")
    named = sha256(broken.read_bytes()).hexdigest()
    assert read_one("pdfplumber", broken, named).failure.startswith("PdfminerException")
    assert "damaged" in read_one(OURS, broken, named).failure


def test_a_document_that_is_not_the_one_of_the_truth_is_a_failure(tmp_path: Path) -> None:
    pdf = keep(tmp_path, "changed", FORMS["fy2021"])
    assert "printed anew" in read_one("tablers", pdf, "0" * 64).failure


def test_a_crash_of_the_worker_is_a_failure() -> None:
    died: Future[Outcome] = Future()
    died.set_exception(ProcessExpired("Abnormal termination", code=-11))
    assert _settled(died, 1.0).failure == "crashed: exit status -11"


def test_a_time_out_is_a_failure(tmp_path: Path) -> None:
    pdf = keep(tmp_path, "slow", FORMS["fy2021"])
    (truth,) = folder_to_truths(pdf.parent)
    ((_, outcome),) = read_all("pdfplumber", [truth], 1, 0.01, tmp_path / "cache")
    assert "time-out" in outcome.failure


def test_rows_of_other_programs_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "accuracy.csv"
    score = judge(OURS, TRUTH, SEEN).score
    peer = replace(score, program="tablers", exact=3)
    replace_scores(file, "tablers", [peer])
    replace_scores(file, OURS, [score])
    assert load_scores(file) == [score, peer]
    replace_scores(file, OURS, [replace(score, exact=2)])
    assert load_scores(file) == [replace(score, exact=2), peer]
    other = replace(score, document="other")
    replace_scores(file, OURS, [other], keep_others=True)
    assert load_scores(file) == [replace(score, exact=2), other, peer]


def test_shares_are_never_rounded_up_to_all() -> None:
    assert percent(0.9999999) == "99.999%"
    assert percent(1.0) == "100.000%"


def test_each_figure_that_is_worse_is_named() -> None:
    score = judge(OURS, TRUTH, SEEN).score
    total = scores_to_total([score])
    assert worse_than(total.figures(), total) == []
    perfect = {
        "exact": 1.0,
        "silent": 0,
        "false_alarms": 0.0,
        "errors_found": 1.0,
        "errors_attributed": 1.0,
        "attributed_wrongly": 0,
    }
    assert [line.split(":")[0] for line in worse_than(perfect, total)] == [
        "exact",
        "silent",
        "false_alarms",
        "errors_attributed",
        "attributed_wrongly",
    ]


# ----------------------------------------------------------------------- command


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    keep(folder, "a", FORMS["fy2021"])
    keep(folder, "b", replace(FORMS["fy2014"], style=Style(ruling="none")), ruling="none")
    return folder


def run(corpus: Path, results: Path, *more: str) -> int:
    return main(["--corpus", str(corpus), "--results", str(results), "--jobs", "1", *more])


def test_programs_run_one_after_the_other_share_a_table(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, tmp_path, "--programs", "tablers") == 0
    assert run(corpus, tmp_path, "--programs", OURS, "--list", "5") == 0
    shown = capsys.readouterr().out
    assert [score.program for score in load_scores(tmp_path / "accuracy.csv")] == [OURS] * 2 + ["tablers"] * 2
    assert {"ruled", "unruled", "tablers"} <= {line.split()[0] for line in shown.splitlines() if line.strip()}
    assert "ruling none" in shown
    assert "documents that are not all as they should be" in shown


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are read in this process: a test of what comes after needs no workers."""

    def read(program: str, truths: Sequence[Truth], *_: object) -> Iterator[tuple[Truth, Outcome]]:
        return ((truth, read_one(program, truth.pdf, truth.sha256)) for truth in truths)

    monkeypatch.setattr("benchmarks.scoring.programs._read_apart", read)


@pytest.mark.usefixtures("read_here")
def test_raw_tables_of_a_peer_are_kept_and_ours_is_read_again(corpus: Path, tmp_path: Path) -> None:
    assert run(corpus, tmp_path, "--programs", f"tablers,{OURS}") == 0
    kept = list((tmp_path / "cache").rglob("*.json"))
    assert len(kept) == 2
    assert {file.parent.parent.name for file in kept} == {"tablers"}
    for file in kept:
        file.write_text(json.dumps({"cpu_seconds": 9.0, "failure": "", "grids": []}), encoding="utf-8")
    assert run(corpus, tmp_path, "--programs", "tablers") == 0
    peers = [score for score in load_scores(tmp_path / "accuracy.csv") if score.program == "tablers"]
    assert all(score.cpu_seconds == 9.0 and score.missing == score.cells for score in peers)


EXPECTED_FILE = Path(__file__).parents[2] / "benchmarks" / "expected.toml"
EXPECTED = """
[full.ruled]
documents = {documents}
exact = {exact}
silent = 0
false_alarms = 0.0
errors_found = 1.0
errors_attributed = 1.0
attributed_wrongly = 0
"""


@pytest.mark.usefixtures("read_here")
@pytest.mark.parametrize(("exact", "status"), [(1.0, 0), (1.1, 1)])
def test_worse_figures_than_committed_fail(
    exact: float, status: int, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = tmp_path / "expected.toml"
    expected.write_text(EXPECTED.format(documents=1, exact=exact), encoding="utf-8")
    assert run(corpus, tmp_path, "--programs", OURS, "--expect", str(expected)) == status
    assert ("ruled: exact: 1.0, committed 1.1" in capsys.readouterr().err) == bool(status)


@pytest.mark.usefixtures("read_here")
def test_figures_of_another_corpus_are_no_measure(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = tmp_path / "expected.toml"
    expected.write_text(EXPECTED.format(documents=60, exact=1.0), encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        run(corpus, tmp_path, "--programs", OURS, "--expect", str(expected))
    assert stop.value.code == 2
    assert "[full.ruled]: its figures are of 60 documents, and 1 were measured" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--programs", "excel"], "no program excel"),
        (["--programs", "tablers", "--list", "3"], "about ours"),
        (["--corpus", "nowhere"], "run python -m benchmarks.corpus"),
    ],
)
def test_wrong_usage_says_what_to_do(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--results", str(tmp_path), *arguments])
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_a_peer_that_is_not_there_says_what_to_install() -> None:
    absent = replace(PEERS["pymupdf"], module="no_such_module")
    assert "pip install pymupdf" in absent.problem()
    assert "no_such_program" in replace(PEERS["tablers"], needs="no_such_program").problem()


def test_the_committed_figures_are_of_the_planned_corpus_and_keep_the_promise() -> None:
    """No silent error, ever; every figure is there that is compared."""
    for section, small in (("small", True), ("full", False)):
        parts = load_expected(EXPECTED_FILE, section, Counter(map(part_of, whole_plan(small))))
        assert set(parts) == set(PARTS)
        for figures in parts.values():
            assert figures.keys() == HIGHER_IS_BETTER.keys()
            assert figures["silent"] == figures["attributed_wrongly"] == 0
        assert parts["ruled"]["exact"] == 1.0
        assert parts["unruled"]["exact"] >= 0.995


def part_of(entry: Entry) -> str:
    if entry.finishing:
        return "shown"
    if MERGED_AXIS in entry.axes:
        return "merged"
    return "unruled" if entry.axes["ruling"] == "none" else "ruled"


def test_documents_of_folders_are_named_with_them(tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    keep(tmp_path, "plain", FORMS["fy2021"])
    keep(tmp_path / "shown", "other", FORMS["fy2021"])
    kept = tmp_path / "shown" / "other.json"
    axes = {"shown": "form fields"}
    kept.write_text(
        json.dumps(json.loads(kept.read_text(encoding="utf-8")) | {"axes": axes}), encoding="utf-8"
    )
    assert [(truth.name, truth.part) for truth in folder_to_truths(tmp_path)] == [
        ("plain", "ruled"), ("shown/other", "shown"),
    ]  # fmt: skip
    assert [truth.name for truth in folder_to_truths(tmp_path, pattern="shown/*")] == ["shown/other"]
