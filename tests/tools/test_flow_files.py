"""Reports as web pages, Word files and spreadsheets show what their truth says, the same each time."""

from __future__ import annotations

import email
import io
import re
import subprocess
import sys
import zipfile
from email import policy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from parsel import Selector

from tools.generator import Manuscript, Spec, compose
from tools.generator.collection import COLLECTION
from tools.generator.flows import FLOW_KINDS, SHAPES, print_flow, print_flows
from tools.generator.flows.content import manuscript_to_content
from tools.generator.flows.files import libreoffice
from tools.generator.flows.sheet import content_to_xlsx
from tools.generator.flows.sites import content_to_page
from tools.generator.flows.word import content_to_docx
from tools.generator.render import Style

WRITTEN_HERE = [name for name, kind in FLOW_KINDS.items() if not kind.made_of]
SPECS = (
    Spec("示例市示例局", 2023, wrong_sums=2, published_on="2024-01-19"),
    Spec("示例市示例局", 2020, active="fy2019", applications="fy2019", style=Style(numbers="thousands")),
    Spec("示例市示例局", 2017, active="", applications="", review=False, statistics="national"),
)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def number_texts(report: Manuscript) -> list[str]:
    """Return what the number cells of a report print, in its order."""
    return [
        text
        for block in report.blocks
        for text in getattr(block, "printed", {}).values()
        if isinstance(text, str) and text
    ]


def page_cells(page: bytes, shape: str) -> list[str]:
    """Return the texts of the cells of a page that hold no table."""
    cells = page_to_selector(page, shape).xpath("//td[not(.//table)] | //th")
    return ["".join((cell.xpath("string()").get() or "").split()) for cell in cells]


def page_to_selector(page: bytes, shape: str) -> Selector:
    """Return a page parsed, decoded as it is encoded and not as it says."""
    return Selector(text=page.decode(SHAPES[shape].charset))


def is_in_order(wanted: list[str], found: list[str]) -> bool:
    """Whether all of one list stand in the other in their order."""
    rest = iter(found)
    return all("".join(text.split()) in rest for text in wanted)


@pytest.mark.parametrize("shape", sorted(SHAPES))
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.year))
def test_a_page_shows_every_number_title_and_day(spec: Spec, shape: str) -> None:
    report = compose(spec)
    page, truth = print_flow(report, "html", shape)
    assert is_in_order(number_texts(report), page_cells(page, shape))
    text = "".join((page_to_selector(page, shape).xpath("string()").get() or "").split())
    assert truth["meta"]["title"] in text
    assert "样例" in text
    assert truth["cells"] == report.truth["cells"]
    assert truth["printed_as"] == {"kind": "html", "media_type": "text/html", "shape": shape}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.year))
def test_a_docx_shows_every_number(spec: Spec) -> None:
    report = compose(spec)
    content, _ = print_flow(report, "docx")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            ElementTree.fromstring(package.read(name))
        body = ElementTree.fromstring(package.read("word/document.xml"))
    cells = ["".join(text.text or "" for text in cell.iter(f"{W}t")) for cell in body.iter(f"{W}tc")]
    assert is_in_order(number_texts(report), ["".join(cell.split()) for cell in cells])


def test_rows_of_a_docx_are_as_wide_as_its_grid() -> None:
    content, _ = print_flow(compose(SPECS[0]), "docx")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        body = ElementTree.fromstring(package.read("word/document.xml"))
    for table in body.iter(f"{W}tbl"):
        columns = len(list(table.iter(f"{W}gridCol")))
        for row in table.iter(f"{W}tr"):
            spans = [span.get(f"{W}val") or "1" for span in row.iter(f"{W}gridSpan")]
            assert len(list(row.iter(f"{W}tc"))) - len(spans) + sum(map(int, spans)) == columns


@pytest.mark.parametrize("arrangement", ["one sheet", "a sheet a table"])
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.year))
def test_a_workbook_shows_every_number(spec: Spec, arrangement: str) -> None:
    report = compose(spec)
    book = openpyxl.load_workbook(
        io.BytesIO(content_to_xlsx(manuscript_to_content(report), arrangement=arrangement))
    )
    found = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert is_in_order(number_texts(report), ["".join(text.split()) for text in found])


def test_a_kept_page_holds_the_page() -> None:
    report = compose(SPECS[0])
    for shape in ("trs", "old"):
        message = email.message_from_bytes(print_flow(report, "mhtml", shape)[0], policy=policy.compat32)
        first = next(part for part in message.walk() if part.get_content_type() == "text/html")
        assert first.get_payload(decode=True) == print_flow(report, "html", shape)[0]


@pytest.mark.parametrize("kind", WRITTEN_HERE)
def test_the_same_report_gives_the_same_bytes(kind: str) -> None:
    report = compose(SPECS[0])
    assert print_flow(report, kind) == print_flow(compose(SPECS[0]), kind)
    assert print_flow(report, kind) == print_flows([(report, "")] * 2, kind)[1]


def test_another_seed_gives_other_markup_and_the_same_truth() -> None:
    report = compose(SPECS[0])
    pages = {print_flow(report, "html", "trs", seed)[0] for seed in range(6)}
    assert len(pages) > 3
    assert all(is_in_order(number_texts(report), page_cells(page, "trs")) for page in pages)


def test_old_pages_are_in_the_charset_of_their_time_and_word_writes_its_own() -> None:
    report = compose(SPECS[0])
    for shape in ("old", "word"):
        page = print_flow(report, "html", shape)[0]
        assert re.search(rb"charset=gb2312", page, re.IGNORECASE)
        with pytest.raises(UnicodeDecodeError):
            page.decode("utf-8")
    assert b"<o:p>" in print_flow(report, "html", "word")[0]


def test_what_is_changed_in_a_table_is_in_the_file() -> None:
    content = manuscript_to_content(compose(SPECS[0]))
    names: list[str] = []

    def noted(table: Any) -> Any:
        names.append(table.name)
        return table

    content_to_page(content, "trs", noted)
    content_to_docx(content, noted)
    assert names == ["active_disclosure", "applications", "review_litigation"] * 2


@pytest.mark.parametrize("spec", COLLECTION, ids=lambda spec: f"{spec.agency}{spec.year}")
def test_every_sample_is_printed_in_every_kind(spec: Spec) -> None:
    report = compose(spec)
    for kind in WRITTEN_HERE:
        assert print_flow(report, kind)[0]


@pytest.mark.rendering
@pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not installed")
def test_libreoffice_saves_a_doc() -> None:
    content, truth = print_flow(compose(SPECS[0]), "doc")
    assert content.startswith(b"\xd0\xcf\x11\xe0")
    assert truth["file"].endswith(".doc")


def test_the_command_prints_the_comparison(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.generator", "comparison", str(tmp_path / "pages")]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [*command, "--kind", "html", "--truth", str(tmp_path / "truth")],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    pages, truths = list((tmp_path / "pages").iterdir()), list((tmp_path / "truth").iterdir())
    assert done.stdout.startswith(f"{len(pages)} reports")
    assert {page.stem for page in pages} == {truth.stem for truth in truths}
    assert {page.suffix for page in pages} == {".html"}
