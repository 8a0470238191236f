"""The report on the terminal and as a picture."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from pipeline.acquire import Document
from pipeline.inspection.picture import report_to_picture, report_to_png
from pipeline.inspection.shown_page import FAILED_SUM_COLOUR
from pipeline.inspection.terminal import print_report
from pipeline.records import Box, Check, Leftover, Observation, Report, Snapshot
from pipeline.tables.dictionary import keys
from pipeline.workers import Task
from tests.inspection.noted_pdf import FIELD_COLOUR, NOTE_COLOUR, noted_pdf
from tests.run.small_pdfs import TITLE, text_pdf
from tests.workers.crashing import sound_report

RED = (220, 0, 0)


def cell(
    status: str, raw: str, value: float | None, item: str = "granted", column: str = "total"
) -> Observation:
    (sample,) = report().observations
    return sample._replace(status=status, raw=raw, value=value, item=item, column=column)


def report(**changes: object) -> Report:
    document = Document(Snapshot(Path("carries2022.pdf"), "0" * 64), "raw/2022.pdf")
    sound = sound_report(Task(document))
    return dataclasses.replace(sound, **{"observations": sound.observations[:1], **changes})  # type: ignore[arg-type]


def shown(some: Report) -> str:
    text = io.StringIO()
    print_report(Console(file=text, width=120), some)
    return text.getvalue()


@pytest.mark.parametrize(
    ("observation", "text"),
    [
        (cell("ok", "3", 3.0), "3"),
        (cell("ok", "减20", -20.0), "减20 = -20"),
        (cell("ok", "2.58万元", 25800.0), "2.58万元 = 25800"),
        (cell("blank", "", None), ""),
        (cell("not_applicable", "—", None), "—"),
        (cell("suspect", "8", 8.0), "8?"),
        (cell("unreadable", "3O", None), "3O!"),
    ],
)
def test_a_cell_shows_what_is_printed_and_how_it_was_understood(observation: Observation, text: str) -> None:
    line = next(
        line for line in shown(report(observations=(observation,))).splitlines() if "予以公开" in line
    )
    assert line.split("予以公开")[1].strip() == text


def test_a_failed_check_shows_both_sides_and_who_is_to_blame() -> None:
    check = Check("applications", "applications.row_total", "granted", 10, 12.5, "fail", "publisher", 0, ())
    text = shown(report(checks=(check, check._replace(verdict="pass", scope="carried_in"))))
    assert "1 of 2 checks passed" in text
    assert (
        "applications.row_total on granted: 10 is not 12.5 (off by -2.5); the bureau's own arithmetic" in text
    )
    assert "on carried_in" not in text


def test_doubtful_missing_and_left_over_cells_are_listed() -> None:
    near = cell("suspect", "8", 8.0)._replace(match="near", row_label="（一）予以公升")
    left = Leftover("applications", 2, "备注", Box(0, 0, 1, 1), "no such label")
    text = shown(report(observations=(near,), leftovers=(left,), missing=("review_litigation",)))
    assert "page 1, applications granted × total: '8' is suspect" in text
    assert "page 1, applications granted: '（一）予以公升' taken by near" in text
    assert "page 2, applications: '备注': no such label" in text
    assert "missing from the form: 1\n  review_litigation" in text


def test_rows_with_other_columns_get_a_part_of_their_own() -> None:
    cells = (
        cell("ok", "1", 1.0, "regulations", "made"),
        cell("ok", "2", 2.0, "administrative_penalty", "decisions"),
    )
    disclosure = tuple(each._replace(table="active_disclosure") for each in cells)
    text = shown(report(observations=disclosure))
    assert (
        text.index("本年制发件数")
        < text.index("规章")
        < text.index("本年处理决定数量")
        < text.index("行政处罚")
    )


def picture(tmp_path: Path, some: Report, password: str = "") -> Image.Image:
    file = tmp_path / "report.pdf"
    file.write_bytes(text_pdf([[TITLE], ["二"], ["三"]], password))
    return report_to_picture(some, file, ("wrong", password) if password else ())


def colours(image: Image.Image) -> set[tuple[int, int, int]]:
    counted = image.getcolors(image.width * image.height)
    assert counted is not None
    return {colour for _, colour in counted}  # type: ignore[misc]


def boxed(status: str, page: int = 1) -> Observation:
    return cell(status, "8", 8.0)._replace(box=Box(100, 100, 160, 120), page=page)


LEGEND_HEIGHT = 60


def test_a_cell_is_drawn_in_the_colour_of_its_status_where_it_stands(tmp_path: Path) -> None:
    image = picture(tmp_path, report(observations=(boxed("suspect"),)))
    below_legend = image.crop((0, LEGEND_HEIGHT, *image.size))
    assert RED in colours(below_legend)
    plain = picture(tmp_path, report(observations=(boxed("ok"),)))
    assert RED not in colours(plain.crop((0, LEGEND_HEIGHT, *plain.size)))


def test_a_cell_of_a_failed_sum_stands_out(tmp_path: Path) -> None:
    keys = (("granted", "total"),)
    check = Check("applications", "applications.row_total", "granted", 8, 9, "fail", "publisher", 0, keys)
    image = picture(tmp_path, report(observations=(boxed("ok"),), checks=(check,)))
    assert FAILED_SUM_COLOUR in colours(image.crop((0, LEGEND_HEIGHT, *image.size)))


def test_fields_and_notes_are_drawn(tmp_path: Path) -> None:
    """The page itself has nothing."""
    file = tmp_path / "note.pdf"
    file.write_bytes(noted_pdf())
    assert {FIELD_COLOUR, NOTE_COLOUR} <= colours(report_to_picture(report(observations=()), file))


def test_a_picture_that_is_too_large_to_send_is_made_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(text_pdf([[TITLE]]))
    whole = Image.open(io.BytesIO(report_to_png(file, report(observations=(boxed("ok"),)))))
    monkeypatch.setattr("pipeline.inspection.picture._PNG_MAX_BYTES", 20_000)
    small = report_to_png(file, report(observations=(boxed("ok"),)))
    assert len(small) <= 20_000 and Image.open(io.BytesIO(small)).width < whole.width


def test_many_pages_are_drawn_smaller(tmp_path: Path) -> None:
    cells = tuple(boxed("ok", page) for page in range(1, 31))
    file = tmp_path / "long.pdf"
    file.write_bytes(text_pdf([["x"]] * 30))
    image = report_to_picture(report(observations=cells), file)
    assert image.width * image.height < 170_000_000


def test_only_pages_with_cells_are_drawn(tmp_path: Path) -> None:
    one = picture(tmp_path, report(observations=(boxed("ok", 2),)))
    two = picture(tmp_path, report(observations=(boxed("ok", 1), boxed("ok", 3))))
    assert two.height - LEGEND_HEIGHT == 2 * (one.height - LEGEND_HEIGHT)


def test_a_report_without_cells_shows_its_first_page(tmp_path: Path) -> None:
    assert picture(tmp_path, report(observations=())).height > 1000


def test_an_encrypted_report_is_drawn_with_a_known_password(tmp_path: Path) -> None:
    assert picture(tmp_path, report(observations=(boxed("ok"),)), password="geheim").height > 1000


def test_a_page_of_a_million_points_stays_small(tmp_path: Path) -> None:
    file = tmp_path / "huge.pdf"
    file.write_bytes(text_pdf([["x"]]).replace(b"595.2756 841.8898", b"9999999. 9999999."))
    image = report_to_picture(report(observations=(boxed("ok"),)), file)
    assert max(image.size) < 5000


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_column_is_lost_on_a_narrow_terminal(width: int) -> None:
    numbers = {key: 10_000_000.0 + place for place, key in enumerate(keys("applications", "column"))}
    cells = tuple(cell("ok", f"{value:.0f}", value, column=key) for key, value in numbers.items())
    text = io.StringIO()
    print_report(Console(file=text, width=width), report(observations=cells))
    assert [key for key, value in numbers.items() if f"{value:.0f}" not in text.getvalue()] == []
