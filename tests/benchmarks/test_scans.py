"""Scans: what is planned, how pages are spoilt and written, and how what is read of them is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from benchmarks.drawing.scans import scans_to_tables, scans_to_words
from benchmarks.scans import __main__ as command
from benchmarks.scans import fonts as scan_fonts
from benchmarks.scans.encode import pictures_to_pdf
from benchmarks.scans.fonts import FontError, compose_font, find_font, set_in
from benchmarks.scans.glass import quarter_turns
from benchmarks.scans.making import is_made, make_scan
from benchmarks.scans.peers import PEERS, Word, read_peer, words_to_cells
from benchmarks.scans.plan import Scan, plan_scans, small_scans
from benchmarks.scans.printing import Shades, draw_pages, print_report
from benchmarks.scans.results import counts_by_setting, counts_to_table, judged_to_counts, keep_counts
from benchmarks.scans.settings import PARTS, Setting, load_fonts, load_settings
from benchmarks.scans.sheet import draw_contact_sheet
from benchmarks.scoring.programs import Outcome
from benchmarks.scoring.scores import judge
from benchmarks.scoring.truths import folder_to_truths
from tools.generator import Spec, compose, fonts

HEI = load_fonts()["hei"]
QUICK = Setting("quick", "tuning", dpi=100, seals="red", colour=True, quarters=(1,), turned_back=True)
SPEC = Spec("示例市示例局", 2023, active="", applications="", wording="short", wrong_sums=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one scan of table 四."""
    folder = tmp_path_factory.mktemp("scans")
    make_scan(Scan("quick", QUICK, HEI, SPEC), folder)
    return folder


# ------------------------------------------------------------------------- plan


def test_a_third_of_settings_and_fonts_is_held_out() -> None:
    for known in (load_settings().values(), load_fonts().values()):
        assert {each.part for each in known} == set(PARTS)
        assert 3 * sum(each.part == "held_out" for each in known) >= len(known)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_every_resolution_a_fax_and_both_seals(part: str) -> None:
    settings = [setting for setting in load_settings().values() if setting.part == part]
    assert {setting.dpi for setting in settings} == {150, 200, 300}
    assert any(each.fax == "threshold" and each.rulings == "black" for each in settings)
    assert {setting.seals for setting in settings} == {"", "red", "grey"}


def test_the_plan_has_fifty_thousand_cells_and_mixes_no_parts() -> None:
    scans = plan_scans()
    assert len({scan.name for scan in scans}) == len(scans)
    assert all(scan.font.part == scan.setting.part for scan in scans)
    assert {scan.font.name for scan in scans} == set(load_fonts())
    assert sum(len(compose(scan.spec).truth["cells"]) for scan in scans) >= 50_000


def test_small_scans_need_no_font_but_the_generators() -> None:
    assert {scan.font for scan in small_scans()} == {HEI}
    assert len(small_scans()) == sum(setting.small for setting in load_settings().values()) > 0


# ------------------------------------------------------------------------ fonts


def test_a_report_is_set_in_a_font_and_what_follows_is_not() -> None:
    usual = fonts.FONT
    with set_in(HEI, "政府12"):
        assert fonts.width_of("政", 10) == 10
        assert usual not in (fonts.FONT, "")
    assert usual == fonts.FONT


def test_digits_are_taken_from_the_latin_font(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(scan_fonts, "_face", lambda file, font: file and scan_fonts_face(file, asked))
    compose_font(replace(HEI, digits="latin"), "mixed", frozenset("政1"))
    assert sorted(asked) == [("NotoSansSC-Regular.ttf", "政"), ("latin", "1")]


def scan_fonts_face(file: str, asked: list[tuple[str, str]]) -> object:
    """A face that notes what is drawn of it."""
    from fontTools.ttLib import TTFont

    face = TTFont(find_font(HEI.files[0], ""), lazy=True)
    names = {name: chr(code) for code, name in face.getBestCmap().items()}
    glyphs = face.getGlyphSet()

    class Noting:
        def getBestCmap(self) -> dict[int, str]:  # noqa: N802 (fontTools' name)
            return dict(face.getBestCmap())

        def getGlyphSet(self) -> object:  # noqa: N802
            class Glyphs(dict[str, object]):
                def __missing__(self, name: str) -> object:
                    asked.append((file, names[name]))
                    self[name] = glyphs[name]
                    return glyphs[name]

            return Glyphs()

        def __getitem__(self, table: str) -> object:
            return face[table]

        def __contains__(self, table: str) -> bool:
            return table in face

    return Noting()


def test_a_font_that_is_not_there_is_named_with_its_package() -> None:
    with pytest.raises(FontError, match=r"no font nowhere\.ttf: apt-get install fonts-nowhere"):
        find_font("nowhere.ttf", "fonts-nowhere")


# ------------------------------------------------------------------------ files


@pytest.fixture
def page() -> Shades:
    """A page of an odd size with a black corner, a line and noise below."""
    shades = np.full((203, 145), 255, np.uint8)
    shades[:40, :30] = 0
    shades[100] = 0
    shades[150:] = np.where(np.random.default_rng(1).random((53, 145)) < 0.3, 0, 255)
    return shades


@pytest.mark.parametrize("codec", ["g4", "jbig2", "flate"])
@pytest.mark.parametrize("mask", [False, True])
def test_one_bit_pages_are_drawn_as_they_were_written(page: Shades, codec: str, mask: bool) -> None:
    setting = Setting("fax", "tuning", dpi=72, fax="threshold", codec=codec, mask=mask)
    assert np.array_equal(_drawn(pictures_to_pdf([(page, 0)], setting)), page)


@pytest.mark.parametrize("colour", [False, True])
def test_pages_with_shades_are_drawn_as_they_were_written(page: Shades, colour: bool) -> None:
    shades = np.dstack([page, page // 2, page // 3]) if colour else page // 2
    setting = Setting("scan", "tuning", dpi=72, codec="flate", colour=colour)
    expected = shades if colour else np.repeat(shades[..., None], 3, axis=2)
    assert np.array_equal(_drawn(pictures_to_pdf([(shades, 0)], setting), colours=True), expected)
    coded = _drawn(pictures_to_pdf([(shades, 0)], replace(setting, codec="jpeg", quality=95)), colours=True)
    assert np.abs(coded[:140].astype(int) - expected[:140]).mean() < 3


def _drawn(pdf: bytes, colours: bool = False) -> Shades:
    with pypdfium2.PdfDocument(pdf) as document:
        drawn = document[0].render(rev_byteorder=True).to_numpy()
    return np.array(drawn if colours else drawn[..., 0])


def test_quarter_turns_go_where_the_picture_goes() -> None:
    shades = np.zeros((5, 3), np.uint8)
    shades[1, 2] = 9
    for quarters in range(4):
        x, y, _ = quarter_turns(quarters, 5, 3) @ (2, 1, 1)
        assert np.rot90(shades, -quarters)[int(y), int(x)] == 9


def test_a_scan_is_made_once_and_always_alike(made: Path, tmp_path: Path) -> None:
    scan = Scan("quick", QUICK, HEI, SPEC)
    assert is_made(scan, made)
    assert not is_made(replace(scan, setting=replace(QUICK, blur=0.9)), made)
    make_scan(scan, tmp_path)
    for name in ("quick.pdf", "quick.json"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()


def test_a_scan_holds_pictures_alone_and_the_file_turns_them_back(made: Path) -> None:
    with pypdfium2.PdfDocument(made / "quick.pdf") as document:
        assert {page.get_rotation() for page in document} == {270}
        assert {page.get_size()[0] < page.get_size()[1] for page in document} == {True}
        assert not any(page.get_textpage().get_text_range() for page in document)
        assert {thing.type for page in document for thing in page.get_objects()} == {3}


def test_the_truth_says_where_cells_stand_and_which_are_sealed(made: Path) -> None:
    kept = json.loads((made / "quick.json").read_text(encoding="utf-8"))
    assert len(kept["boxes"]) == len(kept["cells"]) == 15
    assert kept["sealed"]
    drawn = _pages_of(made / "quick.pdf")
    for *_, number, x0, top, x1, bottom in kept["boxes"]:
        across, down, weight = np.array(kept["pages"][number - 1]["to_scan"]) @ (
            (x0 + x1) / 2,
            (top + bottom) / 2,
            1,
        )
        x, y = round(across / weight), round(down / weight)
        assert drawn[number - 1][y - 9 : y + 9, x - 9 : x + 9].min() < 130  # its digit


def _pages_of(pdf: Path) -> list[Shades]:
    """The pages as they are stored."""
    with pypdfium2.PdfDocument(pdf) as document:
        turned = [
            np.rot90(page.render(scale=100 / 72).to_numpy()[..., 1], page.get_rotation() // 90)
            for page in document
        ]
    return [np.array(page) for page in turned]


def test_thin_strokes_are_laid_down_whole() -> None:
    printed = print_report(Scan("quick", QUICK, HEI, SPEC))
    page = draw_pages(printed.pdf, 100)[printed.tables[0] - 1]
    assert page.shape == (1170, 826)
    assert (page < 110).all(axis=0).any() or (np.sort(page, axis=1)[:, 300] < 110).any()  # a ruling


@pytest.mark.parametrize("fax", ["threshold", "diffused", "screened"])
def test_a_fax_has_ink_and_paper_alone(fax: str, tmp_path: Path) -> None:
    setting = Setting("fax", "tuning", dpi=100, fax=fax, codec="g4", toner=0.3, copies=1, salt=0.001, bow=5)
    make_scan(Scan("fax", setting, HEI, SPEC), tmp_path)
    with pypdfium2.PdfDocument(tmp_path / "fax.pdf") as document:
        page = next(iter(document[0].get_objects())).get_bitmap().to_numpy()
    assert set(np.unique(page)) == {0, 255}
    assert 0.002 < (page == 0).mean() < 0.1


# ---------------------------------------------------------------------- results


def test_cells_are_counted_by_setting_and_seals_apart(made: Path, tmp_path: Path) -> None:
    (truth,) = folder_to_truths(made)
    kept = json.loads((made / "quick.json").read_text(encoding="utf-8"))
    right = dict(truth.cells)
    sealed, doubted = tuple(kept["sealed"][0]), next(iter(set(right) - set(map(tuple, kept["sealed"]))))
    read = {**right, sealed: (99.0, "ok"), doubted: (right[doubted][0], "suspect")}
    counts = judged_to_counts(judge("pipeline", truth, Outcome(cpu_seconds=2, cells=read)), kept)
    assert (counts["cells"], counts["exact"], counts["suspect"], counts["silent"]) == (15, 13, 1, 1)
    assert (counts["sealed_silent"], counts["sealed"]) == (1, len(kept["sealed"]))
    totals = counts_by_setting([("a", counts), ("a", counts), ("b", counts)])
    assert [line[:3] for line in counts_to_table(totals)[1:]] == [
        ("a", "2", "30"),
        ("b", "1", "15"),
        ("all", "3", "45"),
    ]
    keep_counts(tmp_path / "scans.json", "pipeline", {"a": totals["a"]})
    keep_counts(tmp_path / "scans.json", "other", {"b": totals["b"]})
    assert set(json.loads((tmp_path / "scans.json").read_text())) == {"pipeline", "other"}


def test_words_of_a_peer_are_taken_for_the_cell_they_lie_in(made: Path) -> None:
    (truth,) = folder_to_truths(made)
    kept = json.loads((made / "quick.json").read_text(encoding="utf-8"))
    cells = words_to_cells(list(_true_words(kept)), truth)
    assert cells == {cell: said for cell, said in truth.cells.items() if said[1] == "ok"} | {
        cell: (None, "blank") for cell, said in truth.cells.items() if said[1] != "ok"
    }


def _true_words(kept: dict[str, list[list[str]]]) -> Iterator[Word]:
    """A word in the middle of each cell that prints a number, on pages turned upright."""
    values = {tuple(row[:3]): row[3] for row in kept["cells"]}
    for box in kept["boxes"]:
        *cell, page, x0, top, x1, bottom = box
        to_scan = np.array(kept["pages"][int(page) - 1]["to_scan"])  # type: ignore[call-overload]
        across, down, weight = to_scan @ ((float(x0) + float(x1)) / 2, (float(top) + float(bottom)) / 2, 1)
        x, y = across / weight, down / weight
        value = values[tuple(cell)]
        if value is not None:
            # stored a quarter turn to the right, shown upright: pages are 1170 rows high as printed
            yield Word(int(page), 2 * y, 2 * (1169 - x), f"{float(value):g}")


def test_what_a_peer_raises_is_a_failure(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (truth,) = folder_to_truths(made)

    def broken(path: Path) -> Iterator[Word]:
        raise ValueError(path.name)

    monkeypatch.setitem(PEERS, "odd", replace(PEERS["tesseract"], name="odd", read=broken))
    assert read_peer("odd", truth).failure == "ValueError: quick.pdf"


def test_a_crop_of_each_setting_is_drawn(made: Path, tmp_path: Path) -> None:
    draw_contact_sheet([Scan("quick", QUICK, HEI, SPEC)], made, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 2000


def test_the_command_makes_reads_and_compares(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "small_scans", lambda: (Scan("quick", QUICK, HEI, SPEC),))
    (truth,) = folder_to_truths(made)
    outcome = Outcome(cells=dict(truth.cells), checks=tuple((c, "publisher") for c in truth.wrong_sums))
    monkeypatch.setattr(command, "read_all", lambda *_: iter([(truth, outcome)]))
    expected = tmp_path / "expected.toml"
    arguments = ["--small", "--keep", str(made), "--results", str(tmp_path / "r.json")]
    expected.write_text("[scans.small]\nexact = 15\nsilent = 0\n", encoding="utf-8")
    assert command.main([*arguments, "--expect", str(expected)]) == 0
    expected.write_text("[scans.small]\nexact = 16\n", encoding="utf-8")
    assert command.main([*arguments, "--expect", str(expected)]) == 1
    assert "exact: 15, committed 16" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["--small", "--only", "nothing"])


def test_the_report_has_a_line_a_setting_and_says_nothing_where_nothing_was_measured() -> None:
    counts = {"documents": 1, "cells": 200, "exact": 198, "suspect": 1, "silent": 1, "cpu_ms": 5000}
    ours = {"fax_200": {**counts, "table_pages": 2}, "colour_300": counts, "of_old": counts}
    scans = {"pipeline": ours, "tesseract": {"fax_200": {**counts, "exact": 100}}}
    text = "\n".join(scans_to_tables(scans))
    assert "| fax 200 | 1 | 200 | 99.500 % | 1 | 0.500 % | 0 | 0 | 0 | 2.50 |" in text
    assert "| fax 200 | 99.500 % · 1 · 2.50 | 50.500 % · 1 · 5.00 |" in text
    assert "of old" not in text  # a setting that is no more
    assert text.index("| fax 200") < text.index("held out") < text.index("| colour 300")
    assert "of 200 cells\n99.500 % are read right" in "\n".join(scans_to_words(scans))
    assert list(scans_to_words({})) == []
