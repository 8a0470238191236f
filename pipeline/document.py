"""One document through the stages: read → bind → normalise → check, with the ladder of readers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.bind import holds_number, is_printed, pages_to_mentions, raw_to_bound
from pipeline.check.identities import observations_to_checks
from pipeline.check.verify import Reading, doubtful_cells, verify
from pipeline.forms import load_forms
from pipeline.forms.labels import fold
from pipeline.normalise.heading import is_annual_report, lines_to_heading
from pipeline.normalise.observations import tables_to_observations
from pipeline.normalise.sections import lines_to_sections
from pipeline.read import LADDER, Step, read
from pipeline.read.frame import Frame
from pipeline.records import (
    Box,
    Heading,
    Leftover,
    RawDocument,
    RawTable,
    Report,
    Section,
    Snapshot,
    TextLine,
)

MODERN = ("active_disclosure", "applications", "review_litigation")
"""The tables that a report since fiscal year 2019 prints together."""

NOBODY = Heading("", None, "", None)

SCAN = (
    "no text on any page: if its pages are pictures (a scan), run it through a program for text "
    "recognition (OCR) and put the searchable PDF in its place; if it shows text, fetch it again"
)
GARBLED = (
    "its fonts do not say which characters their shapes stand for: print the file to a new PDF with other "
    "software, or run it through a program for text recognition (OCR)"
)
LOCKED = "it is encrypted and no known password opens it: add the password to passwords in pipeline.toml"


class UnreadableError(Exception):
    """A file that no reader opens; the message is the reason and the remedy."""


class ReaderError(Exception):
    """What a reader's library raised, by name."""


@dataclass
class Source:
    """A file that opens with `password`, what `step` made of it `first`, and other steps of pages of it."""

    path: Path
    password: str | None
    step: Step
    first: RawDocument
    _read: dict[tuple[Step, frozenset[int]], RawDocument] = field(default_factory=dict)

    def read(self, step: Step, pages: frozenset[int]) -> RawDocument:
        """What a step makes of these pages; nothing where its library fails on them."""
        if (step, pages) not in self._read:
            try:
                raw = _attempt(step, self.path, self.password, pages, self.first.page_sizes)
            except ReaderError:  # a reader that throws is a reader that saw nothing: the ladder goes on
                raw = RawDocument(step.reader, self.first.page_sizes, (), (), ())
            self._read[step, pages] = raw
        return self._read[step, pages]

    @cached_property
    def texts(self) -> dict[int, str]:
        return pages_to_texts(self.first)

    @cached_property
    def mentions(self) -> dict[str, frozenset[int]]:
        """The pages that show each table's labels."""
        return pages_to_mentions(self.texts)

    def pages(self, table: str, reading: Reading | None) -> frozenset[int]:
        """Pages that hold the table, each with the next: a row of bare numbers may end there."""
        seen = {cell.page for cell in reading.bound.cells} if reading else set()
        seen |= self.mentions.get(table, frozenset())
        return frozenset(seen | {page + 1 for page in seen if page < len(self.first.page_sizes)})


def read_document(
    snapshot: Snapshot, passwords: tuple[str, ...] = (), confirm: frozenset[str] = frozenset()
) -> Report:
    """Everything that one file gives; a file that cannot be read gives a Report with status failed.

    `confirm` names tables that a second, independent reader is to read in any case.
    """
    started = time.process_time()
    try:
        source = open_source(snapshot.path, passwords)
        report = _source_to_report(source, confirm)
    except UnreadableError as reason:
        report = _report((), status="failed", error=str(reason))
    return replace(
        report,
        report_id=snapshot.report_id,
        sha256=snapshot.sha256,
        source_file=snapshot.path.name,
        source_url=snapshot.source_url,
        seconds=time.process_time() - started,
    )


def open_source(path: Path, passwords: Sequence[str]) -> Source:
    """The file as the first reader that opens it reads it; raises UnreadableError where none does."""
    errors: list[str] = []
    for step in (LADDER[0], next(step for step in LADDER if step.is_independent_of(LADDER[0].reader))):
        for password in (None, *passwords):
            try:
                first = _attempt(step, path, password)
            except ReaderError as error:
                errors.append(str(error))
                continue
            if first.page_sizes:
                return Source(path, password, step, first)
            errors.append(f"{step.reader} finds no page in it")
    if any("password" in error.lower() for error in errors):
        raise UnreadableError(LOCKED)
    reason = f"no reader opens it ({errors[0][:160]})"
    raise UnreadableError(f"{reason}: it may be cut off or damaged, fetch it again")


def _attempt(step: Step, *arguments: Any) -> RawDocument:
    """`read`, with whatever a library raises on a broken file as ReaderError.

    tablers passes on panics of Rust as exceptions that are no `Exception`; running out of memory is
    the machine's trouble and not the reader's.
    """
    try:
        return read(step, *arguments)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise ReaderError(f"{type(error).__name__} {error}".strip()) from error


def _source_to_report(source: Source, confirm: frozenset[str]) -> Report:
    first = source.first
    if not any(line.text for line in first.lines) and not any(c.text for t in first.tables for c in t.cells):
        return _report((), status="failed", error=SCAN, pages=len(first.page_sizes))
    readings, leftovers = document_to_readings(first)
    if not readings and not source.mentions and not is_annual_report(first.lines):
        if _is_garbled("".join(line.text for line in first.lines)):
            return _report((), status="failed", error=GARBLED, pages=len(first.page_sizes))
        return _report((), status="not_a_report", pages=len(first.page_sizes))
    best = climb(source, readings)
    settled = [_verified(source, reading, confirm) for reading in best.values()]
    return readings_to_report(source, settled, leftovers)


def _is_garbled(text: str) -> bool:
    """Whether much of a text is neither Chinese nor plain Latin: glyph numbers taken for characters."""
    odd = sum(not (char < "\x80" or "\u2000" <= char <= "\u206f" or _is_chinese(char)) for char in text)
    return odd > 0.2 * len(text)


def _is_chinese(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"


def pages_to_texts(raw: RawDocument) -> dict[int, str]:
    """All text of every page, folded as labels are."""
    texts: dict[int, list[str]] = {page: [] for page in range(1, len(raw.page_sizes) + 1)}
    for line in raw.lines:
        texts[line.page].append(line.text)
    for table in raw.tables:
        texts[table.page] += [cell.text for cell in table.cells]
    return {page: "".join(map(fold, parts)) for page, parts in texts.items()}


def document_to_readings(raw: RawDocument) -> tuple[dict[str, Reading], list[Leftover]]:
    """The tables of the forms that a reader found, and the cells of its grids that are no such table."""
    bound, leftovers = raw_to_bound(raw.tables)
    readings: dict[str, Reading] = {}
    for table in bound:
        observations = tables_to_observations([table])
        checks = observations_to_checks(observations, load_forms())
        readings[table.table] = Reading(table, observations, tuple(checks))
    return readings, leftovers


def climb(source: Source, readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The best reading of every table: steps of the ladder are taken while one is missing or incomplete."""
    best = dict(readings)
    for step in LADDER:
        wanted = [table for table in _expected(best, source) if _falls_short(table, best.get(table), source)]
        if not wanted:
            break
        if step == source.step:
            continue
        pages = frozenset[int]().union(*(source.pages(table, best.get(table)) for table in wanted))
        found, _ = document_to_readings(source.read(step, pages))
        for table in wanted:
            if table in found and (table not in best or found[table].rank() > best[table].rank()):
                best[table] = found[table]
    return {form.table: best[form.table] for form in load_forms() if form.table in best}


def _expected(readings: Mapping[str, Reading], source: Source) -> list[str]:
    """The tables that were read, and others that the pages show."""
    if set(MODERN) <= readings.keys():
        return list(readings)
    return [*readings, *(table for table in source.mentions if table not in readings)]


def _falls_short(table: str, reading: Reading | None, source: Source) -> bool:
    """Whether the pages show more of a table than was read of it."""
    if reading is None or not _is_clean(reading):
        return True
    if not reading.bound.missing:
        return False
    bound, text = frozenset(reading.cells), "".join(source.texts.values())
    return any(is_printed(table, cell, bound, text) for cell in reading.bound.missing)


def _is_clean(reading: Reading) -> bool:
    return not any(holds_number(left.text) for left in reading.bound.leftovers)


def _verified(source: Source, reading: Reading, confirm: frozenset[str]) -> Reading:
    clean = _is_clean(reading)
    doubtful = doubtful_cells(reading, clean)
    if reading.bound.table in confirm:
        doubtful |= frozenset(reading.cells)
    return verify(reading, doubtful, clean, _independent(source, reading))


def _independent(source: Source, reading: Reading) -> Iterator[Reading]:
    """What every reader that shares no code with the reading's makes of the same table."""
    table = reading.bound.table
    for step in LADDER:
        if step.is_independent_of(reading.reader):
            found, _ = document_to_readings(source.read(step, source.pages(table, reading)))
            if table in found:
                yield found[table]


def readings_to_report(source: Source, readings: Sequence[Reading], leftovers: Sequence[Leftover]) -> Report:
    """The report of a document whose tables are settled."""
    first = source.first
    regions = _regions(readings)
    frames = [Frame(*size, turn) for size, turn in zip(first.page_sizes, first.turns, strict=True)]
    lines = [
        line
        for line in first.lines
        if not _inside(line.page, frames[line.page - 1].to_displayed(line.box), regions)
    ]
    lines += _swallowed(first.tables, readings, frames)
    lines.sort(key=lambda line: (line.page, line.box.top, line.box.x0))
    missing = [f"{r.bound.table}.{i}.{c}" for r in readings for i, c in r.bound.missing]
    missing += _missing_tables({reading.bound.table for reading in readings})
    report = _report(
        readings,
        heading=_heading(lines, source),
        pages=len(first.page_sizes),
        sections=lines_to_sections(lines, [frame.reading_size for frame in frames]),
        leftovers=(
            *(left for reading in readings for left in reading.bound.leftovers),
            *(left for left in leftovers if not _inside(left.page, left.box, regions)),
        ),
        missing=tuple(missing),
    )
    return replace(report, status=_status(report))


def _missing_tables(found: set[str]) -> list[str]:
    return [table for table in MODERN if table not in found] if found & set(MODERN) else []


def _status(report: Report) -> str:
    if not report.observations:
        return "no_tables"
    if report.missing:
        return "partial"
    failed = any(check.verdict == "fail" for check in report.checks)
    suspect = any(seen.status == "suspect" for seen in report.observations)
    return "flagged" if failed or suspect else "ok"


def _regions(readings: Iterable[Reading]) -> dict[int, list[Box]]:
    """Where the tables of the forms stand on each page."""
    regions: dict[int, list[Box]] = {}
    for reading in readings:
        for page, box in reading.bound.regions:
            regions.setdefault(page, []).append(box)
    return regions


def _inside(page: int, box: Box, regions: Mapping[int, Sequence[Box]]) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return any(r.x0 <= x <= r.x1 and r.top <= y <= r.bottom for r in regions.get(page, ()))


def _swallowed(
    tables: Sequence[RawTable], readings: Iterable[Reading], frames: Sequence[Frame]
) -> list[TextLine]:
    """Chapter headings and prose that stand in cells of a table."""
    headings = frozenset().union(*(form.headings for form in load_forms()))
    left = {(lo.page, lo.text) for r in readings for lo in r.bound.leftovers if len(fold(lo.text)) > 30}
    return [
        TextLine(table.page, " ".join(cell.text.split("\n")), frames[table.page - 1].to_reading(cell.box))
        for table in tables
        for cell in table.cells
        if fold(cell.text) in headings or (table.page, cell.text) in left
    ]


def _heading(lines: Sequence[TextLine], source: Source) -> Heading:
    """Who reports on what year: the file's own title is asked only where the pages do not say."""
    heading = lines_to_heading(lines)
    if heading.agency and heading.fiscal_year:
        return heading
    return lines_to_heading(lines, _metadata_title(source))


def _metadata_title(source: Source) -> str:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(source.path, password=source.password) as document:
            return str(document.get_metadata_value("Title"))
    except pypdfium2.PdfiumError:
        return ""


def _report(
    readings: Sequence[Reading],
    *,
    heading: Heading = NOBODY,
    pages: int = 0,
    sections: Sequence[Section] = (),
    leftovers: Sequence[Leftover] = (),
    missing: tuple[str, ...] = (),
    status: str = "",
    error: str = "",
) -> Report:
    observations = tuple(seen for reading in readings for seen in reading.observations)
    used = {seen.reader for seen in observations} | {seen.confirmed_by for seen in observations} - {""}
    return Report(
        report_id="",
        sha256="",
        source_file="",
        source_url=None,
        heading=heading,
        pages=pages,
        templates=tuple(dict.fromkeys(reading.bound.template for reading in readings)),
        readers=tuple(step for step in dict.fromkeys(s.reader for s in LADDER) if step in used),
        observations=observations,
        checks=tuple(check for reading in readings for check in reading.checks),
        sections=tuple(sections),
        leftovers=tuple(leftovers),
        missing=missing,
        status=status,
        error=error,
        seconds=0.0,
    )


@cache
def reading_version() -> str:
    """What the outcome of a reading depends on, as a short hash: this code, its data and the readers."""
    digest = sha256()
    root = Path(__file__).parent
    stages = ("read", "bind", "normalise", "check", "forms")
    for path in sorted((root / "document.py", *(p for stage in stages for p in (root / stage).iterdir()))):
        if path.suffix in (".py", ".toml", ".csv"):
            digest.update(path.name.encode() + path.read_bytes())
    for library in ("tablers", "pdfplumber", "pdfminer.six", "camelot-py", "rapidfuzz"):
        digest.update(f"{library} {metadata.version(library)}".encode())
    return digest.hexdigest()[:12]
