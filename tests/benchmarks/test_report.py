"""The page on the benchmark: every figure in it is the one that was measured, and the pictures show it."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks import report
from benchmarks.corpus.axes import axes_of
from benchmarks.drawing import goals, plots, results, sheet, words
from benchmarks.drawing.names import AXES, STEPS
from benchmarks.drawing.numbers import percent, times
from benchmarks.timing.programs import PROGRAMS
from benchmarks.timing.stages import STEPS as TIMED
from tools.generator import Spec, generate
from tools.generator.fonts import font_file

POSITION = "applications fy2021 row {} between"

DOCUMENTS: dict[str, dict[str, str]] = {
    "typst-a": {"ruling": "solid", "break_positions": f"{POSITION.format(3)} + {POSITION.format(9)}"},
    "typst-b": {"ruling": "none", "break_positions": ""},
    "canvas-a": {"ruling": "solid", "break_positions": ""},
    "canvas-b": {"ruling": "dashed", "break_positions": ""},
}


def row(program: str, document: str, **changes: Any) -> dict[str, Any]:
    """A line of accuracy.csv: 100 cells exact, or what `changes` say."""
    cells = {"exact": 100, "missing": 0, "flagged": 0, "silent": 0} | changes
    usual = {
        "program": program,
        "document": f"{document}.pdf",
        "producer": document.partition("-")[0],
        "pages": 2,
        "cells": 100,
        "false_alarms": 0,
        "errors_planted": 3,
        "errors_found": 3,
        "errors_attributed": 3,
        "attributed_wrongly": 0,
        "cpu_seconds": 0.05,
        "failure": "",
    }
    return usual | cells


ROWS = [
    row("pipeline", "typst-a"),
    row("pipeline", "typst-b", exact=96, missing=1, flagged=2, silent=1, false_alarms=1, errors_found=2),
    row("pipeline", "canvas-a"),
    row("pipeline", "canvas-b", exact=99, flagged=1, failure="died |\nhere"),
    *(row("tablers", name, exact=80, missing=15, silent=5, errors_planted=0) for name in DOCUMENTS),
    row("img2table", "typst-a", exact=10, missing=60, silent=30),
]


def compared(material: str, program: str, *cpu: float) -> dict[str, Any]:
    """A row of a comparison with a floor of 1 s a round."""
    spread = {"min": min(cpu), "median": sorted(cpu)[len(cpu) // 2], "max": max(cpu)}
    return {
        "material": material,
        "program": program,
        "what": "reads",
        "rounds": len(cpu),
        "cpu_ms_a_page": spread,
        "wall_ms_a_page": spread,
        "ratio": spread,
        "cpu_seconds": list(cpu),
        "failed_documents": [],
        "failure": "",
    }


def run(documents: int, milliseconds: float) -> dict[str, Any]:
    """A size of the growth: one second of start, and so much a document."""
    took = {
        "cpu": 1 + documents * milliseconds / 1000,
        "wall": 1.0,
        "parent_mb": 150.0,
        "worker_mb": 40.0,
    }
    sizes = {"documents": documents, "out_bytes": 1 << 20}
    return {**sizes, "first": took, "nothing_new": took | {"wall": 0.5}, "one_more": took | {"wall": 0.7}}


def speed(**changes: Any) -> dict[str, Any]:
    """What speed.json holds: ours at 2.5 times the floor, pdfplumber at 30, camelot at 90 and 110."""
    materials = [
        {"name": name, "what": f"documents {name}", "documents": 4, "pages": 20}
        for name in ("once", "few", "all")
    ]
    programs = [
        compared(str(material["name"]), program, *cpu)
        for material in materials
        for program, cpu in {
            "pypdfium2": (1.0, 1.0, 1.0),
            "pipeline": (2.0, 2.5, 3.0),
            "pdfplumber": (30.0, 30.0, 30.0),
            "camelot-lattice": (90.0, 110.0, 110.0),
        }.items()
    ]
    nothing = {"cpu_ms_a_page": None, "wall_ms_a_page": None, "ratio": None, "failure": "img2table: died"}
    programs.append(compared("few", "img2table", 1.0) | nothing | {"rounds": 0, "cpu_seconds": []})
    steps = dict.fromkeys(TIMED, 0.5) | {"read: cells and lines": 3.25}
    whole = {
        "date": "2026-01-02",
        "machine": {
            "processor": "Abacus 3",
            "cores": 2,
            "memory_gb": 4.0,
            "system": "Linux x86_64",
            "distribution": "Debian",
            "python": "3.11.1",
        },
        "versions": {"tablers": "0.9.0"},
        "corpus": {"documents": 500, "sample": 60, "second_reading": 7},
        "materials": materials,
        "programs": programs,
        "footprints": [
            {"program": "pipeline", "import_cpu": 0.1, "import_wall": 0.2, "peak_mb": 41.4},
            {"program": "pdfplumber", "import_cpu": 0.3, "import_wall": 0.4, "peak_mb": None},
        ],
        "cold_start": [
            {"what": "python -m pipeline --help", "wall": {"median": 0.25}, "cpu": {"median": 0.125}}
        ],
        "growth": [run(10, 30), run(100, 30), run(1000, 30)],
        "stages": {"once": steps, "all": steps},
        "absent": {"pymupdf": ["pymupdf"]},
    }
    return whole | changes


@pytest.fixture
def measured(tmp_path: Path) -> results.Results:
    """Results as they lie on the disk, of four documents that are really there."""
    write_accuracy(tmp_path)
    (tmp_path / "speed.json").write_text(json.dumps(speed()), encoding="utf-8")
    pdf, truth = generate(Spec("示例市示例局", 2022))
    for name, axes in DOCUMENTS.items():
        (tmp_path / f"{name}.pdf").write_bytes(pdf)
        (tmp_path / f"{name}.json").write_text(json.dumps(truth | {"axes": axes}), encoding="utf-8")
    return results.load_results(tmp_path, tmp_path)


def write_accuracy(folder: Path) -> None:
    with (folder / "accuracy.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)


def markdown(measured: results.Results) -> str:
    return " ".join(words.results_to_markdown(measured, ["bench-accuracy.png"]).split("\n"))


# ---------------------------------------------------------------------- the figures


def test_cells_add_up_by_program_and_by_axis(measured: results.Results) -> None:
    ours = results.tally(measured.ours)
    assert (ours.documents, ours.pages, ours.cells) == (4, 8, 400)
    assert (ours.exact, ours.missing, ours.flagged, ours.silent) == (395, 1, 3, 1)
    assert (ours.errors_planted, ours.errors_found, ours.failures) == (12, 11, 1)
    by_axis = results.tally_axes(measured.ours, measured.axes)
    assert {key: each.exact for key, each in by_axis.items()} == {
        ("ruling", "dashed"): 99,
        ("ruling", "none"): 96,
        ("ruling", "solid"): 200,
        ("break positions", POSITION.format(3)): 100,
        ("break positions", POSITION.format(9)): 100,
    }
    assert measured.programs == ["pipeline", "tablers", "img2table"]


@pytest.mark.parametrize(
    ("share", "up", "printed"),
    [
        (1.0, False, "100 %"),
        (0.99999999, False, "99.999 %"),
        (0.0000001, True, "0.001 %"),
        (0.0, True, "0 %"),
        (0.995, False, "99.500 %"),
        (0.29, False, "29.000 %"),
        (math.nan, False, "–"),
    ],
)
def test_a_share_never_looks_better_than_it_is(share: float, up: bool, printed: str) -> None:
    assert percent(share, up=up) == printed


def test_multiples_are_printed_to_the_digits_they_bear() -> None:
    assert [times(factor) for factor in (None, 1.996, 12.34, 1234.5)] == ["–", "2.00 ×", "12.3 ×", "1,234 ×"]


def test_goals_are_held_against_what_was_measured(measured: results.Results) -> None:
    found = {goal.what: (goal.measured, goal.met) for goal in goals.results_to_goals(measured)}
    assert len(found) == 11
    assert found["cells exact where tables have rulings of any kind"] == ("99.666 % (299 of 300)", False)
    assert found["cells exact where tables have no rulings"] == ("96.000 % (96 of 100)", False)
    assert found["cells silently wrong"] == ("1", False)
    assert found["false alarms: right cells called suspect"] == ("0.250 %", False)
    assert found["the bureaus' own wrong sums found"] == ("11 of 12", False)
    assert found["the bureaus' own wrong sums laid to the bureau"] == ("12 of 12", True)
    assert found["CPU that pdfplumber takes for the same pages, as a multiple of ours"] == ("12.0 ×", True)
    assert found["CPU that camelot-lattice takes for the same pages, as a multiple of ours"] == ("44 ×", True)
    floor = "CPU a page, as a multiple of the floor (pypdfium2), where no second reading is needed"
    assert found[floor] == ("2.50 ×", False)
    linear = "cost linear: CPU of an additional document, largest run against the one before"
    assert found[linear] == ("1.00 ×", True)


@pytest.mark.parametrize(("last", "met"), [(30.0, True), (60.0, False)])
def test_cost_that_grows_faster_than_the_documents_misses_its_goal(last: float, met: bool) -> None:
    *_, linear = goals._speed_goals(speed(growth=[run(10, 30), run(100, 30), run(1000, last)]))
    assert linear.met is met


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    found = list(goals._speed_goals(speed(programs=[], growth=[run(10, 30)])))
    assert [goal.met for goal in found] == [None] * 4


# ------------------------------------------------- what stands apart, and what is older


@pytest.fixture
def with_shown(measured: results.Results) -> results.Results:
    """The same, with two documents whose numbers are not plain text; tablers read one of them."""
    values = {"shown/a": "form fields", "shown/b": "struck out whole"}
    axes = {name: {"shown": (value,)} for name, value in values.items()}
    every = (
        row("pipeline", "shown/a"),
        row("pipeline", "shown/b", exact=97, flagged=1, silent=2, attributed_wrongly=1),
        row("tablers", "shown/b", exact=95, silent=5),
    )
    rows = tuple(results.Row(**{**each, "document": each["document"].removesuffix(".pdf")}) for each in every)
    return replace(measured, axes={**measured.axes, **axes}, shown=rows)


def test_numbers_that_are_not_plain_text_stand_apart(with_shown: results.Results) -> None:
    text = markdown(with_shown)
    assert "Ours gives 395 of 400 cells exactly (98.750 %)" in text
    assert (
        "2 more documents of 2 such kinds have 200 cells: 197 exact (98.500 %), 1 flagged, 0 missing," in text
    )
    assert "2 silently wrong; 1 failed sums are laid to the wrong side." in text
    assert "| form fields | 1 | 100 | 100 | 0 | 0 | 0 | – · 0 |" in text
    assert "| struck out whole | 1 | 100 | 97 | 0 | 1 | 2 | 95.000 % · 5 |" in text
    found = {goal.what: goal.met for goal in goals.results_to_goals(with_shown)}
    assert len(found) == 13
    assert found["cells silently wrong where numbers are not plain text"] is False


def test_heads_several_reports_and_figures_in_words_are_told_where_they_were_measured(
    measured: results.Results,
) -> None:
    """What was not counted is 0; what was not run is not spoken of."""
    for heading in ("Several reports in a file", "Figures in words"):
        assert heading not in words.results_to_markdown(measured, ())
    titles = {"pages": 400, "agency_right": 399, "agency_unknown": 1, "year_right": 394, "year_unknown": 6}
    several = {"files": 90, "found": 156, "exact": 27858, "flagged": 1290}
    claims = {"reports": 56, "agreeing": 90, "agreeing_undecided": 1, "differing": 7, "open": 1200}
    page = words.results_to_markdown(replace(measured, titles=titles, several=several, claims=claims), ())
    assert "the year right in 394, unknown in\n6, wrong in 0;" in page
    assert "27,858 cells are exact, 1,290 flagged,\n0 silently wrong, 0 lost;" in page
    assert "90 of 91 figures that are the table's\nare found to agree, 7 of 7 that are not" in page
    assert (
        "1,200 figures are such as a person leaves open.\n0 figures are said to differ that do not," in page
    )


def test_documents_that_stand_apart_are_told_by_their_axis(tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    lines = [row("pipeline", name) for name in ("plain", "shown/a", "b")]
    with (tmp_path / "accuracy.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(lines)
    (tmp_path / "speed.json").write_text(json.dumps(speed()), encoding="utf-8")
    (tmp_path / "plain.json").write_text(json.dumps({"axes": {"ruling": "solid"}}), encoding="utf-8")
    (tmp_path / "shown" / "a.json").write_text(json.dumps({"axes": {"shown": "outlines"}}), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"axes": {"merged": "blank totals"}}), encoding="utf-8")
    found = results.load_results(tmp_path, tmp_path)
    assert [each.document for each in found.rows] == ["plain"]
    assert [each.document for each in found.shown] == ["shown/a"]
    assert [each.document for each in found.merged] == ["b"]


EARLIER = {
    "date": "2025-12-24",
    "programs": {
        name: {
            "documents": 4, "failures": 0, "cells": 400, "exact": 380, "missing": 12, "flagged": 0,
            "false_alarms": 0, "silent": 8, "cpu_ms_a_page": 87,
        }
        for name in ("pdfplumber", "tablers")
    },
    "producers": {"typst": {"pdfplumber": 95.123, "tablers": 1.0}},
    "axes": {"ruling, none": {"pdfplumber": 90.655, "tablers": 1.0}},
}  # fmt: skip


def test_figures_of_programs_that_were_not_run_now_say_from_when_they_are(
    measured: results.Results, tmp_path: Path
) -> None:
    file = tmp_path / "earlier.json"
    file.write_text(json.dumps(EARLIER), encoding="utf-8")
    found = results.load_results(tmp_path, tmp_path, file)
    assert found.programs == ["pipeline", "pdfplumber", "tablers", "img2table"]
    text = markdown(found)
    said = "The accuracy of pdfplumber was measured on 2025-12-24, on the same documents; ours on 2026-01-02."
    assert said in text
    assert "| pdfplumber | 4 | 0 | 400 | 95.000 % | 12 | 0 | 0 | 8 | 87 ms |" in text
    assert "95.123 %" in text and "90.655 %" in text
    assert "was measured on" not in markdown(measured)


def test_the_committed_earlier_figures_are_of_all_documents() -> None:
    kept = results.load_earlier(Path(report.__file__).with_name("earlier.json"))
    assert {each.documents for each in kept.programs.values()} == {563}
    assert kept.axes.keys() == kept.programs.keys()


# ------------------------------------------------------------------------- the words


def test_the_sentences_say_what_the_figures_say(measured: results.Results) -> None:
    text = markdown(measured)
    for sentence in (
        "4 documents with 8 pages and 400 number cells, by 2 producers (typst, canvas)",
        "Ours gives 395 of 400 cells exactly (98.750 %); 3 are flagged, 1 missing, 1 silently wrong.",
        "Of the others, tablers gives most cells exactly (80.000 %, 20 silently wrong);",
        "Not every document was given to img2table",
        "12 here. Ours finds 11 and lays 12 to the bureau",
        "On 4 documents with 20 pages (documents once), ours takes 2.5 ms of CPU a page, that is 2.50 × the",
        "pdfplumber 12.0 ×, camelot-lattice 44 ×.",
        "*read: cells and lines* (3.2 ms a page, 37%)",
        "A run over 1,000 new documents takes 1.00 s on 2 cores (31.00 s of CPU);",
        "again, with nothing new, 0.50 s; with one document more, 0.70 s.",
        "costs 30 ms of CPU in the smallest runs and 30 ms in the largest.",
        "python -m pipeline --help, from nothing: 0.25 s, 0.12 s of it CPU",
        "60 of 500 documents were taken, spread evenly; 7 of these need a second reading.",
        "**Not measured:** pymupdf",
        "Abacus 3, 2 cores, 4.0 GB, Debian, Linux x86_64, Python 3.11.1.",
        "Written by `make bench` on 2026-01-02",
    ):
        assert sentence in text


def test_what_falls_short_is_listed_and_nothing_else(measured: results.Results) -> None:
    text = words.results_to_markdown(measured, [])
    short = text[text.index("## What falls short") : text.index("## All figures")]
    assert re.findall(r"^\| (ruling, \w+) ", short, re.MULTILINE) == ["ruling, none", "ruling, dashed"]
    assert re.findall(r"^\| ((?:typst|canvas)-\w) .*\|$", short, re.MULTILINE) == ["typst-b", "canvas-b"]
    assert "died / here |" in short
    assert "- cells silently wrong: 1, and the goal is 0" in short
    assert "camelot" not in short


def test_a_perfect_run_says_so(measured: results.Results) -> None:
    perfect = tuple(row for row in measured.rows if row.document.endswith("-a"))
    whole = results.Results(perfect, measured.axes, speed(programs=[]), measured.corpus)
    text = words.results_to_markdown(whole, [])
    short = text[text.index("## What falls short") : text.index("## All figures")]
    assert "- No goal is missed in this run." in short
    assert "|" not in short


def test_only_pictures_that_are_there_are_shown(measured: results.Results) -> None:
    assert re.findall(r"\(images/(\S+?)\)", markdown(measured)) == ["bench-accuracy.png"]


def test_every_line_of_a_table_has_as_many_cells_as_its_head(measured: results.Results) -> None:
    text = words.results_to_markdown(measured, [])
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) >= 10
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1, table


def test_every_axis_and_step_and_program_has_its_name() -> None:
    axes = {name.replace("_", " ") for name in axes_of(Spec("示例市示例局", 2022))}
    assert axes - set(AXES) == set()
    assert results.POSITIONS in axes
    assert set(STEPS) == set(TIMED)
    assert len(plots.STEP_COLOURS) == len(TIMED)
    assert {results.OURS, goals.FLOOR} <= set(PROGRAMS)


# ---------------------------------------------------------------------- the pictures


def drawn_text(figure: Any) -> list[str]:
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    return [*texts, *(label.get_text() for axes in figure.axes for label in axes.get_yticklabels())]


def test_pictures_show_the_figures(measured: results.Results) -> None:
    drawn: Mapping[str, Any] = plots.pictures(measured)
    assert set(drawn) == {f"bench-{name}.png" for name in words.CAPTIONS if name != "corpus"}
    assert "98.750 % · 1" in drawn_text(drawn["bench-accuracy.png"])
    assert "2.50 ×   2.5 ms" in drawn_text(drawn["bench-speed.png"])
    assert {"98.0", "99.5", "80.0", "10.0"} <= set(drawn_text(drawn["bench-producers.png"]))
    assert {"ruling 表格线   dashed", "99.0"} <= set(drawn_text(drawn["bench-axes.png"]))
    assert drawn_text(drawn["bench-positions.png"]).count("100") == 2
    assert "  8.8 ms" in drawn_text(drawn["bench-stages.png"])


def test_every_picture_has_the_characters_it_shows(measured: results.Results) -> None:
    from matplotlib.ft2font import FT2Font

    characters = FT2Font(str(font_file())).get_charmap()
    for name, figure in plots.pictures(measured).items():
        text = {char for label in drawn_text(figure) for char in label if not char.isspace()}
        assert {char for char in text if ord(char) not in characters} == set(), name


def test_the_page_and_its_pictures_are_written_and_small(measured: results.Results, tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "images"
    folder.mkdir(parents=True)
    (folder / "bench-old.png").write_bytes(b"")
    (folder / "other.png").write_bytes(b"")
    page = tmp_path / "docs" / "benchmarks.md"
    asked = ["--results", str(tmp_path), "--corpus", str(tmp_path), "--out", str(page)]
    assert report.main(asked) == 0
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"\(images/(\S+?)\)", text))
    assert named | {"other.png"} == {file.name for file in folder.iterdir()}
    assert len(named) == len(words.CAPTIONS)
    for name in named:
        with Image.open(folder / name) as picture:
            assert picture.width >= 500
        assert (folder / name).stat().st_size < 200_000
    assert "$" not in text


def test_the_sheet_shows_a_table_page_of_every_producer(measured: results.Results) -> None:
    drawn = sheet.draw_sheet(measured)
    assert drawn.width == sheet.GAP + 2 * (sheet.PAGE[0] + sheet.GAP)
    page = sheet.draw_fullest_page(measured.corpus / "typst-a.pdf")
    assert max(page.width / sheet.PAGE[0], page.height / sheet.PAGE[1]) == pytest.approx(1, abs=0.01)
    dark = sum(page.convert("L").histogram()[:160])
    assert dark > 0.02 * page.width * page.height


def test_the_sheet_takes_the_plainest_and_the_oddest() -> None:
    axes = {
        "a": {"ruling": ("solid",), "seal": ("no",)},
        "b": {"ruling": ("solid",), "seal": ("yes",)},
        "c": {"ruling": ("none",), "seal": ("yes",)},
        "d": {"ruling": ("solid",), "seal": ("no",)},
        "e": {"ruling": ("solid",), "seal": ("no",)},
    }
    assert sheet.plainest_and_oddest(["b", "c", "a"], axes) == ("a", "c")


# ------------------------------------------------------------------- what can be amiss


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("accuracy.csv", "run python -m benchmarks.accuracy first"),
        ("speed.json", "run python -m benchmarks.speed first"),
        ("typst-a.json", "has rows on it: run python -m benchmarks.corpus"),
    ],
)
def test_what_is_missing_is_said_with_the_remedy(
    measured: results.Results, tmp_path: Path, gone: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / gone).unlink()
    out = tmp_path / "page.md"
    assert report.main(["--results", str(tmp_path), "--corpus", str(tmp_path), "--out", str(out)]) == 1
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    write_accuracy(tmp_path)
    with (tmp_path / "accuracy.csv").open("a", encoding="utf-8") as file:
        file.write("pipeline,cut-off.pdf,typst,2,1")
    with pytest.raises(results.ResultsError, match=r"accuracy\.csv: cut-off\.pdf, pipeline: .* run python"):
        results.csv_to_rows(tmp_path / "accuracy.csv")


def test_results_without_ours_are_refused(tmp_path: Path) -> None:
    write_accuracy(tmp_path)
    file = tmp_path / "accuracy.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("pipeline", "excel"), encoding="utf-8")
    with pytest.raises(results.ResultsError, match="no row of the program pipeline"):
        results.csv_to_rows(file)
