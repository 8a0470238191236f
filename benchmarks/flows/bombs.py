"""Files that are made to take all memory and time: `python -m benchmarks.flows --bombs`.

Each is written, and read by a worker under its limits. What is said of each, and how long it took, is
printed. It fails where no status comes back.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.flows.reading import path_to_snapshot
from pipeline.acquire import Document
from pipeline.config import Settings
from pipeline.workers import Task, tasks_to_reports
from tools.generator import Spec, compose
from tools.generator.flows import FLOW_KINDS
from tools.generator.flows.content import Content, manuscript_to_content
from tools.generator.flows.packages import package_to_parts, parts_to_package
from tools.generator.flows.sheet import content_to_xlsx
from tools.generator.flows.sites import content_to_page
from tools.generator.flows.word import content_to_docx

MB = 1 << 20
WIDE = '<w:gridSpan w:val="2000000000"/>'
ENTITIES = "<!DOCTYPE {} [<!ENTITY a0 '9999999999'>{}]>"
"""Ten entities of which each is ten times the one before."""


def read_bombs(folder: Path, jobs: int) -> int:
    """Write and read every bomb, and print a line on each; 1 where one has no status."""
    content = manuscript_to_content(compose(Spec("示例市示例局", 2023, published_on="2024-01-16")))
    bad = 0
    for name, kind, make in bombs():
        path = folder / f"{name}{FLOW_KINDS[kind].suffix}"
        path.write_bytes(make(content))
        started = time.perf_counter()
        task = Task(Document(path_to_snapshot(path, FLOW_KINDS[kind].media_type), str(path)))
        reports = list(tasks_to_reports([task], Settings(jobs=jobs)))
        spent = time.perf_counter() - started
        said = f"{reports[0].status} {reports[0].reason}: {reports[0].error}" if reports else "no status"
        fails = len(reports) != 1 or not reports[0].status
        bad += fails
        print(f"{name:32} {path.stat().st_size / MB:7.1f} MB {spent:6.1f} s  {said}", flush=True)
        path.unlink()
    print(f"{bad} without a status", file=sys.stderr)
    return int(bad > 0)


def bombs() -> Iterator[tuple[str, str, Callable[[Content], bytes]]]:
    """Yield the name of each bomb, its kind, and what makes it."""
    for name, make in PAGES.items():
        yield name, "html", make
    for name, make in WORDS.items():
        yield name, "docx", make
    for name, make in SHEETS.items():
        yield name, "xlsx", make


def _with_body(content: Content, more: str) -> bytes:
    """Return a page with more before its first table."""
    page = content_to_page(content, "trs")
    at = page.index('<div id="zoom"')
    return (page[:at] + more + page[at:]).encode()


def _entities(root: str) -> str:
    return ENTITIES.format(root, "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(12)))


PAGES: Mapping[str, Callable[[Content], bytes]] = {
    "text of 100 MB": lambda content: _with_body(content, "<p>" + "年报" * (100 * MB // 6) + "</p>"),
    "paragraphs of 100 MB": lambda content: _with_body(content, "<p>年</p>" * (100 * MB // 10)),
    "a million cells": lambda content: _with_body(
        content, "<table>" + ("<tr>" + "<td>1</td>" * 100 + "</tr>") * 10_000 + "</table>"
    ),
    "a hundred thousand tables": lambda content: _with_body(content, "<table><tr><td>1</table>" * 100_000),
    "depth 10,000": lambda content: _with_body(content, "<div>" * 10_000 + "</div>" * 10_000),
    "depth 200,000": lambda content: _with_body(content, "<div>" * 200_000),
    "tables 10,000 deep": lambda content: _with_body(content, "<table><tr><td>" * 10_000),
    "open fonts": lambda content: _with_body(content, "<font size=1><b>" * 20_000 + "<p>" * 2_000),
    "open links": lambda content: _with_body(content, "<a><p>" * 20_000),
    "spans of a thousand": lambda content: _with_body(
        content, "<table>" + "<tr><td colspan=1000 rowspan=65534>1</td></tr>" * 5_000 + "</table>"
    ),
    "a row of spans": lambda content: _with_body(
        content, "<table><tr>" + "<td colspan=1000 rowspan=60000>1</td>" * 3_000 + "</tr></table>"
    ),
    "an attribute of 50 MB": lambda content: _with_body(content, f'<p title="{"x" * 50 * MB}">1</p>'),
    "a million attributes": lambda content: _with_body(
        content, "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">1</p>"
    ),
    "style of 20 MB": lambda content: _with_body(
        content, "<style>" + ".a b>c~d{display:none}" * MB + "</style>"
    ),
    "style for everything": lambda content: _with_body(
        content, "<style>" + "".join(f"div div div .c{n} *{{color:red}}" for n in range(5_000)) + "</style>"
    ),
    "entities": lambda content: (_entities("html") + content_to_page(content, "trs") + "&a12;").encode(),
    "a comment without end": lambda content: (
        content_to_page(content, "trs").encode() + b"<!--" + b"-" * 20 * MB
    ),
    "noughts": lambda content: bytes(100 * MB),
}

WORDS: Mapping[str, Callable[[Content], bytes]] = {
    "entities in Word": lambda content: _word(content, lambda text: text.replace(
        "<w:document", _entities("w:document") + "<w:document", 1).replace(
        "<w:body>", "<w:body><w:p><w:r><w:t>&a12;</w:t></w:r></w:p>")),
    "zip of 2 GB": lambda content: _word(content, lambda text: text + " " * (2000 * MB)),
    "a million cells in Word": lambda content: _in_word(
        content, "<w:tbl>" + ("<w:tr>" + "<w:tc><w:p/></w:tc>" * 60 + "</w:tr>") * 20_000 + "</w:tbl>"
    ),
    "tables 5,000 deep in Word": lambda content: _in_word(
        content, "<w:tbl><w:tr><w:tc>" * 5_000 + "<w:p/></w:tc></w:tr></w:tbl>" * 5_000
    ),
    "spans in Word": lambda content: _in_word(
        content, f'<w:tbl><w:tr><w:tc><w:tcPr>{WIDE}</w:tcPr><w:p/></w:tc></w:tr></w:tbl>'
    ),
}  # fmt: skip

SHEETS: Mapping[str, Callable[[Content], bytes]] = {
    "entities in a sheet": lambda content: _sheet(content, lambda text: text.replace(
        "<worksheet", _entities("worksheet") + "<worksheet", 1).replace("<sheetData>", "<sheetData>&a12;")),
    "a million rows": lambda content: _sheet(content, lambda text: text.replace("</sheetData>", "".join(
        f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1000, 1_000_000)) + "</sheetData>")),
    "one cell far away": lambda content: _sheet(content, lambda text: text.replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')),
    "merged over all": lambda content: _sheet(content, lambda text: text.replace(
        "</mergeCells>", '<mergeCell ref="A900:XFD1048576"/></mergeCells>')),
    "zip of 2 GB in a sheet": lambda content: _sheet(content, lambda text: text + " " * (2000 * MB)),
}  # fmt: skip


def _word(content: Content, change: Callable[[str], str]) -> bytes:
    return _with_part(content_to_docx(content), "word/document.xml", change)


def _in_word(content: Content, more: str) -> bytes:
    return _word(content, lambda text: text.replace("<w:sectPr>", f"{more}<w:sectPr>"))


def _sheet(content: Content, change: Callable[[str], str]) -> bytes:
    return _with_part(content_to_xlsx(content, arrangement="one sheet"), "xl/worksheets/sheet1.xml", change)


def _with_part(package: bytes, name: str, change: Callable[[str], str]) -> bytes:
    parts = package_to_parts(package)
    return parts_to_package(parts | {name: change(parts[name].decode()).encode()})
