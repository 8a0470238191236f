"""Reports whose numbers are not plain text: the page shows the truth, and the text of the file does not."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from benchmarks.corpus.__main__ import is_printed, print_batch
from benchmarks.corpus.plan import Entry, plan
from benchmarks.corpus.shown import FOLDER, SHOWN_AXIS, plan_shown
from benchmarks.corpus.shown.kinds import KINDS
from benchmarks.corpus.shown.markup import BEGIN, END, marked_html, marked_xml
from benchmarks.corpus.shown.objects import edited
from benchmarks.corpus.shown.plan import EACH
from benchmarks.corpus.whole import whole_plan
from tools.generator import compose
from tools.generator.shown import SHOWN

pytestmark = pytest.mark.long

PLAN = plan_shown()
DRAWN = {entry.axes[SHOWN_AXIS]: entry for entry in PLAN if entry.producer in ("canvas", "reportlab")}


def test_every_kind_has_documents_of_several_forms_and_names_of_their_own() -> None:
    assert Counter(entry.axes[SHOWN_AXIS] for entry in PLAN) == {kind.name: EACH for kind in KINDS}
    assert len({entry.name for entry in PLAN}) == len(PLAN)
    assert all(entry.name.startswith(f"{FOLDER}/") for entry in PLAN)
    for kind in KINDS:
        own = [entry for entry in PLAN if entry.axes[SHOWN_AXIS] == kind.name]
        assert len({entry.axes["form"] for entry in own}) == min(EACH, len(kind.forms)), kind.name
        assert len({entry.producer for entry in own}) >= min(3, len(kind.producers)), kind.name


def test_the_corpus_is_what_it_was_and_these() -> None:
    assert whole_plan()[: len(plan()) + len(PLAN)] == (*plan(), *PLAN)
    few = whole_plan(small=True)
    assert few[: len(plan(small=True))] == plan(small=True)
    assert [entry.axes[SHOWN_AXIS] for entry in few if entry.finishing] == [kind.name for kind in KINDS]


def test_another_seed_shows_other_numbers() -> None:
    assert not {entry.spec for entry in PLAN} & {entry.spec for entry in plan_shown(1)}


def test_no_bureau_makes_an_error_in_them() -> None:
    for entry in PLAN:
        assert compose(entry.spec).truth["meta"]["failing_checks"] == [], entry.name


def test_ways_that_the_canvas_knows_are_those_of_the_generator() -> None:
    assert {kind.way for kind in KINDS if kind.way} <= SHOWN.keys()


# ------------------------------------------------------------------- what is printed


@cache
def printed(kind: str) -> tuple[bytes, Entry]:
    """A document of a kind, as it is printed."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print_batch([DRAWN[kind]], folder)
        assert is_printed(DRAWN[kind], folder)
        kept = json.loads((folder / f"{DRAWN[kind].name}.json").read_text(encoding="utf-8"))
        assert kept["axes"][SHOWN_AXIS] == kind
        return (folder / f"{DRAWN[kind].name}.pdf").read_bytes(), DRAWN[kind]


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


def ink_of(pdf: bytes) -> np.ndarray:
    """How dark each page is, with all that a viewer shows."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        return np.array([255 - page.render(scale=1, grayscale=True).to_numpy().mean() for page in document])


@pytest.mark.parametrize("kind", sorted(DRAWN))
def test_a_document_of_every_kind_is_printed_and_opens(kind: str) -> None:
    pdf, _ = printed(kind)
    assert (ink_of(pdf) > 0).sum() >= 3


@pytest.mark.parametrize(
    ("kind", "times"),
    [("typed notes", 0), ("form fields", 0), ("outlines", 0), ("pictures", 0), ("white on white", 1)],
)
def test_a_number_is_text_of_the_page_or_not(kind: str, times: int) -> None:
    """What is shown in other ways is no text; what nobody sees is."""
    pdf, entry = printed(kind)
    assert entry.finishing
    words = Counter(re.findall(r"\d+", text_of(pdf)))
    cells = {tuple(row[:3]): row[3] for row in compose(entry.spec).truth["cells"]}
    for cell, (text, _) in zip(entry.finishing.cells, entry.finishing.texts, strict=True):
        others = sum(value == float(text) for other, value in cells.items() if other != cell)
        if len(text) > 1 and not others:
            assert (words[text] >= times) if times else (words[text] == 0), (cell, text)


def test_swapped_digits_leave_the_page_as_it_is() -> None:
    pdf, entry = printed("6 and 8 swapped in the map")
    swapped = text_of(pdf).translate(str.maketrans("68", "86"))
    values = [row[3] for row in compose(entry.spec).truth["cells"] if row[3] and row[3] > 99]
    assert values
    assert all(str(int(value)) in swapped for value in values if value == int(value))


def test_a_blank_page_is_added() -> None:
    pdf, _ = printed("a blank page added")
    *others, last = ink_of(pdf)
    assert last == 0 < min(others)


def test_a_scan_holds_pictures_under_its_text() -> None:
    pdf, _ = printed("scan with a text layer")
    with pypdfium2.PdfDocument(pdf) as document:
        kinds = {item.type for page in document for item in page.get_objects()}
    assert {pypdfium2.raw.FPDF_PAGEOBJ_IMAGE, pypdfium2.raw.FPDF_PAGEOBJ_TEXT} <= kinds
    assert "政府信息公开" in text_of(pdf)


# --------------------------------------------------------------------- maps and marks


def test_ranges_of_a_map_are_written_out_and_renamed() -> None:
    cmap = "1 beginbfrange <0010> <0019> <0030> endbfrange 1 beginbfchar <0020> <0041> endbfchar"
    lines = edited(cmap, {"6": "8", "8": "6", "A": ""})
    assert "<0016> <0038>" in lines and "<0018> <0036>" in lines and "<0019> <0039>" in lines
    assert "<0020> <>" not in lines


def test_marks_of_authors_are_set_where_they_belong() -> None:
    assert marked_html(f"<td>{BEGIN}36{END}2608</td>", "struck out") == "<td><del>36</del>2608</td>"
    run = f'<w:r><w:rPr><w:sz w:val="20"/></w:rPr><w:t xml:space="preserve">{BEGIN}36{END}2608</w:t></w:r>'
    marked = marked_xml(run, "struck out")
    assert re.findall(r"<w:strike/></w:rPr><w:t[^>]*>(\d+)<", marked) == ["36"]
    assert re.findall(r"<w:t[^>]*>(\d+)<", marked) == ["36", "2608"]
