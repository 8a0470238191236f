"""Copied reports: how much of a report's text stands in another report too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from pipeline.derive.prose.chapters import ChapterText
from pipeline.forms.labels import ideographs

WHOLE = "whole"

SHINGLE_CHARACTERS = 8
"""Count. A shingle has as many characters: shorter runs occur in unrelated texts."""

SECTION_MIN_SHINGLES = 50
"""Count. A section with fewer shingles is not compared by itself: short ones are alike by chance."""

BUCKETS = 128
"""Count. A sketch has as many buckets of one byte: its standard error is at most 0.5 / √128, 4.4 %."""

CANDIDATES = 3
"""Count. As many texts with the most similar sketches are compared in full: the best sketch may err."""

SIMILARITY_DIGITS = 4
"""Count, after the point. The table has as many digits."""

Key = TypeVar("Key", bound=Hashable)
Shingles = npt.NDArray[np.uint32]

_NO_WORD = re.compile(r"[\W_]+")
_ANY_NUMBER = re.compile(r"\d+")
_NOTHING: Shingles = np.empty(0, np.uint32)


class Similarity(NamedTuple):
    """A row of the table `similarity`. The other report is an earlier one, or one of another agency."""

    report_id: str
    agency: str
    fiscal_year: int
    other_report_id: str
    other_agency: str
    other_year: int
    relation: str
    section: str
    similarity: float
    copied: float


class ReportHead(NamedTuple):
    """Which report a text is of; its fields are in sort order of the table."""

    agency: str
    fiscal_year: int
    report_id: str
    agency_id: str


@dataclass(frozen=True, slots=True)
class ReportShingles:
    """A report's text as sorted shingles (hashes of 8 characters), by section and of all sections
    (`whole`)."""

    head: ReportHead
    sections: Mapping[str, Shingles]
    whole: Shingles


def chapters_to_similarity(chapters: Iterable[ChapterText]) -> list[Similarity]:
    """Compare every two years of an agency, whole and by section, and each report with the most similar one
    of another agency.

    Reports without agency, year or text are left out.
    """
    texts = _chapters_to_texts(chapters)
    agencies = _group(texts, lambda head: head.agency_id)
    near = {
        row.report_id: row
        for of_year in _group(texts, lambda head: head.fiscal_year).values()
        for row in _nearest(of_year)
    }
    return [row for text in texts for row in _rows(text, agencies[text.head.agency_id], near)]


def _rows(
    text: ReportShingles, of_agency: Sequence[ReportShingles], near: Mapping[str, Similarity]
) -> Iterator[Similarity]:
    """Yield the comparisons of one report."""
    for other in of_agency:
        if other.head.fiscal_year < text.head.fiscal_year:
            yield from _years(text, other)
    if text.head.report_id in near:
        yield near[text.head.report_id]


def _group(
    texts: Iterable[ReportShingles], key: Callable[[ReportHead], Key]
) -> dict[Key, list[ReportShingles]]:
    """Return the texts by a key of their heads, earlier years first."""
    groups: dict[Key, list[ReportShingles]] = defaultdict(list)
    for text in sorted(texts, key=lambda text: text.head.fiscal_year):
        groups[key(text.head)].append(text)
    return groups


def _chapters_to_texts(chapters: Iterable[ChapterText]) -> list[ReportShingles]:
    """Return the texts by agency, year and report_id."""
    reports: dict[ReportHead, dict[str, list[Shingles]]] = defaultdict(lambda: defaultdict(list))
    for chapter in chapters:
        if chapter.agency and chapter.fiscal_year is not None:
            found = text_to_shingles(chapter.text, chapter.agency)
            head = ReportHead(chapter.agency, chapter.fiscal_year, chapter.report_id, chapter.agency_id)
            reports[head][chapter.section].append(found)
    texts = [_text(head, reports[head]) for head in sorted(reports)]
    return [text for text in texts if len(text.whole)]


def _text(head: ReportHead, parts: Mapping[str, list[Shingles]]) -> ReportShingles:
    """Return the shingles of one report."""
    sections = {section: _union(found) for section, found in parts.items()}
    return ReportShingles(head, sections, _union(sections.values()))


def _union(parts: Iterable[Shingles]) -> Shingles:
    """Return the shingles of all parts, sorted, each once."""
    return np.unique(np.concatenate([_NOTHING, *parts]))


def text_to_shingles(text: str, agency: str) -> Shingles:
    """Return the hashes of all runs of eight characters, sorted, each once.

    Punctuation, white space and the agency's name are left out, and every number counts as 0: a copied report
    with other figures and names is still a copy.
    """
    name, running = (_NO_WORD.sub("", ideographs(each)) for each in (agency, text))
    bare = _ANY_NUMBER.sub("0", running.replace(name, ""))
    codes = np.frombuffer(bare.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    size = len(codes) - SHINGLE_CHARACTERS + 1
    if size < 1:
        return _NOTHING
    mixed = np.zeros(size, np.uint64)
    for place in range(SHINGLE_CHARACTERS):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + size]
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return np.unique((mixed >> np.uint64(32)).astype(np.uint32))


def _years(text: ReportShingles, other: ReportShingles) -> Iterator[Similarity]:
    """Yield the comparison of two years of an agency, whole and by section."""
    yield _compare(text, other, "years", WHOLE, text.whole, other.whole)
    for section, shingles in text.sections.items():
        others = other.sections.get(section, _NOTHING)
        if min(len(shingles), len(others)) >= SECTION_MIN_SHINGLES:
            yield _compare(text, other, "years", section, shingles, others)


def _compare(
    text: ReportShingles, other: ReportShingles, relation: str, section: str, one: Shingles, two: Shingles
) -> Similarity:
    """Return the comparison of two sets of shingles."""
    shared = len(np.intersect1d(one, two, assume_unique=True))
    return Similarity(
        *(text.head.report_id, text.head.agency, text.head.fiscal_year),
        *(other.head.report_id, other.head.agency, other.head.fiscal_year),
        relation,
        section,
        similarity=round(shared / (len(one) + len(two) - shared), SIMILARITY_DIGITS),
        copied=round(shared / len(one), SIMILARITY_DIGITS),
    )


def _nearest(texts: Sequence[ReportShingles]) -> Iterator[Similarity]:
    """Yield for each text the most similar one of another agency. Sketches choose the candidates, full
    texts decide."""
    sketches = np.array([_sketch(text.whole) for text in texts])
    agencies = np.unique([text.head.agency_id for text in texts], return_inverse=True)[1]
    for place, text in enumerate(texts):
        alike = np.count_nonzero(sketches == sketches[place], axis=1)
        alike[agencies == agencies[place]] = -1
        rows = [
            _compare(text, texts[at], "nearest", WHOLE, text.whole, texts[at].whole) for at in _highest(alike)
        ]
        if rows:
            yield max(rows, key=lambda row: row.similarity)


def _highest(alike: npt.NDArray[np.intp]) -> Iterator[int]:
    """Yield the indexes of the highest counts, the first of equal ones; -1 is never chosen."""
    for _ in range(CANDIDATES):
        at = int(alike.argmax())
        if alike[at] < 0:
            return
        alike[at] = -1
        yield at


def _sketch(shingles: Shingles) -> npt.NDArray[np.uint8]:
    """Return a MinHash sketch with one permutation: the last byte of the least hash in each bucket.

    Two texts agree in about the share of buckets that is their Jaccard index, and in one of 256 of the others
    by chance.
    """
    least = np.full(BUCKETS, np.iinfo(np.uint32).max, np.uint32)
    np.minimum.at(least, shingles % BUCKETS, shingles // BUCKETS)
    return least.astype(np.uint8)
