"""The generator is a measure: it must be exact, repeatable, and honest about what is invented."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.generator.__main__ import truth_to_json
from tests.generator.collection import COLLECTION, SEED
from tests.generator.figures import failing
from tests.generator.render import RULERS, Style
from tests.generator.reports import Spec, generate

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
INVENTED = tuple(spec for spec in COLLECTION if spec.sample)


def name_of(spec: Spec) -> str:
    return f"{spec.agency}{spec.year}"


def page_texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def values_of(truth: dict[str, Any]) -> dict[tuple[str, str, str], float | None]:
    return {(table, item, column): value for table, item, column, value, _, _ in truth["cells"]}


@pytest.mark.parametrize("spec", COLLECTION, ids=name_of)
def test_committed_files_are_what_the_generator_makes(spec: Spec) -> None:
    pdf, truth = generate(spec)
    assert (ROOT / "data" / "raw" / spec.file_name).read_bytes() == pdf
    kept = ROOT / "tests" / "truth" / Path(spec.file_name).with_suffix(".json").name
    assert kept.read_text(encoding="utf-8") == truth_to_json(truth)
    assert json.loads(kept.read_text(encoding="utf-8")) == truth


def test_nothing_else_is_committed() -> None:
    names = {Path(spec.file_name).stem for spec in COLLECTION}
    assert {path.stem for path in (ROOT / "data" / "raw").glob("*.pdf")} == names
    assert {path.stem for path in (ROOT / "tests" / "truth").glob("*.json")} == names


@pytest.mark.parametrize("spec", COLLECTION[:3], ids=name_of)
def test_same_spec_same_bytes(spec: Spec) -> None:
    assert generate(spec) == generate(replace(spec))


def test_another_seed_gives_other_figures() -> None:
    spec = INVENTED[0]
    assert generate(spec)[1]["cells"] != generate(replace(spec, seed=spec.seed + 1))[1]["cells"]


@pytest.mark.parametrize("spec", COLLECTION, ids=name_of)
def test_figures_add_up_but_for_planned_errors(spec: Spec) -> None:
    _, truth = generate(spec)
    broken = failing(values_of(truth))
    assert len(broken) == len(spec.wrong) == truth["meta"]["publisher_errors"]


@pytest.mark.parametrize("spec", INVENTED, ids=name_of)
def test_every_page_of_an_invented_report_says_so(spec: Spec) -> None:
    assert "示例" in spec.agency
    assert all("样例" in text for text in page_texts(generate(spec)[0]))


@pytest.mark.parametrize("spec", COLLECTION, ids=name_of)
def test_files_are_small(spec: Spec) -> None:
    assert len(generate(spec)[0]) < 150 * 1024


def test_two_years_of_one_bureau_chain() -> None:
    before, after = (values_of(generate(spec)[1]) for spec in INVENTED[:2])
    for column in ("natural_person", "business", "total"):
        assert after["applications", "carried_in", column] == before["applications", "carried_out", column]
    documents = ("active_disclosure", "normative_documents")
    grown = after[*documents, "made"] - after[*documents, "repealed"]  # type: ignore[operator]
    assert after[*documents, "in_force"] == before[*documents, "in_force"] + grown  # type: ignore[operator]


def test_seed_report_holds_what_its_source_prints() -> None:
    """Row by row against the text of the published file: label, then the digits under 总计."""
    source = SHARED / "seed.txt"
    if not source.exists():
        pytest.skip("the text of the published seed report is not in this clone")
    lines = source.read_text(encoding="utf-8").splitlines()
    values = values_of(generate(SEED)[1])
    rows = {
        "一、本年新收": "new_received", "2. 其他法律": "refused.prohibited_by_law",
        "1. 属于国家": "refused.state_secret",
        "(六) 其他处理": "other", "(七) 总计": "handled_total", "四、结转下年度": "carried_out",
        "（一）予以公开": "granted", "1. 信访": "declined.petition_complaint",
    }
    for label, item in rows.items():
        line = next(line for line in lines if label in line)
        printed = [part for part in line.split(label)[1].split("\t")[1:] if part.strip()]
        assert values["applications", item, "total"] == (0 if printed == ["0"] else None), label
    assert values["active_disclosure", "administrative_licensing", "change"] == -20
    assert values["active_disclosure", "government_procurement", "procurement_amount"] == 25800


def stands_on_page(page: pypdfium2.PdfPage) -> bool:
    """Whether every character lies within the page's own paper."""
    left, bottom, right, top = page.get_mediabox()
    text = page.get_textpage()
    boxes = [text.get_charbox(n) for n in range(text.count_chars())]
    return all(left <= x0 and x1 <= right and bottom <= y0 and y1 <= top for x0, y0, x1, y1 in boxes)


STYLES = {
    **{ruling: Style(ruling=ruling) for ruling in (*RULERS, "boxes", "none")},
    **{turn: Style(orientation=turn) for turn in ("landscape", "rotate90", "sideways")},
    **{cut: Style(cut="anywhere", cut_rule=cut, row_height=29) for cut in ("both", "no_close", "no_open")},
    "swallowed": Style(swallow_heading=True, repeat_header=True),
    "beside": Style(side_by_side=True, sides=False, backing=True),
    "turned headers": Style(headers="rotated", side="rotated", watermark="horizontal"),
}


@pytest.mark.parametrize("look", STYLES)
def test_every_look_prints_every_number(look: str) -> None:
    spec = Spec("示例市示例局", 2022, style=STYLES[look])
    pdf, truth = generate(spec)
    printed = "".join(page_texts(pdf))
    assert all(stands_on_page(page) for page in pypdfium2.PdfDocument(pdf))
    for value in {row[3] for row in truth["cells"] if row[3] is not None}:
        assert f"{value:g}".rstrip("0") in printed or str(value) in printed
