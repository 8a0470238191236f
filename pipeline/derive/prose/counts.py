"""Chapters → counted terms. Counting takes the most time here, so what was counted before is reused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.derive.prose.chapters import ChapterText, han_runs
from pipeline.derive.prose.words import run_to_terms
from pipeline.forms.labels import ideographs

PASSED_OVER = ("preamble",)
"""Sections prescribed by law: every report says the same there."""

_KEY_BYTES = 16
"""Bytes of the hash that says whether a section was counted before."""


class ReportSection(NamedTuple):
    """A section of a report: what counts as one document for TF-IDF."""

    report_id: str
    agency: str
    fiscal_year: int | None
    section: str


class Bag(NamedTuple):
    """A bag of words: the terms of one section as indexes in the vocabulary, ascending, with their counts.
    Arrays, as dictionaries of ten thousand reports would fill the memory."""

    numbers: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]


class Counts(NamedTuple):
    """`words` is the vocabulary in the order of code points; `bags` are by a hash of the text that was
    counted."""

    words: list[str]
    bags: Mapping[str, Bag]


NOTHING = Counts([], {})


def chapters_to_counts(chapters: Iterable[ChapterText], before: Counts = NOTHING) -> Counts:
    """Return the terms of every section; the result does not depend on what was counted `before`."""
    vocabulary = {word: number for number, word in enumerate(before.words)}
    bags = {}
    for place, texts in by_section(chapters).items():
        key = document_to_key(place, texts)
        bags[key] = before.bags.get(key) or _bag(texts, place.agency, vocabulary)
    return _in_order(Counts(list(vocabulary), bags))


def by_section(chapters: Iterable[ChapterText]) -> Mapping[ReportSection, list[str]]:
    """Return the texts of every section in which terms are counted."""
    places: dict[ReportSection, list[str]] = defaultdict(list)
    for chapter in chapters:
        if chapter.text and chapter.section not in PASSED_OVER:
            place = ReportSection(chapter.report_id, chapter.agency, chapter.fiscal_year, chapter.section)
            places[place].append(chapter.text)
    return places


def document_to_key(place: ReportSection, texts: Iterable[str]) -> str:
    """Return a hash of all that the terms of a section depend on."""
    told = "\0".join((place.agency, *texts))
    return blake2b(told.encode("utf-8", "replace"), digest_size=_KEY_BYTES).hexdigest()


def text_to_terms(text: str, agency: str) -> Iterator[str]:
    """Yield the words of a text that say something, without parts of the agency's own name."""
    words = chain.from_iterable(map(run_to_terms, han_runs(ideographs(text))))
    return (word for word in words if word not in agency)


def _bag(texts: Iterable[str], agency: str, vocabulary: dict[str, int]) -> Bag:
    """Return the bag of these texts. New terms are added to the vocabulary."""
    counted = Counter(term for text in texts for term in text_to_terms(text, agency))
    numbers = [vocabulary.setdefault(term, len(vocabulary)) for term in counted]
    return Bag(np.array(numbers, np.int32), np.array(list(counted.values()), np.int32))


def _in_order(counts: Counts) -> Counts:
    """Return the counts with only the words that occur, in the order of code points."""
    used = np.zeros(len(counts.words), bool)
    for bag in counts.bags.values():
        used[bag.numbers] = True
    words = sorted(counts.words[number] for number in np.flatnonzero(used))
    places = {word: place for place, word in enumerate(words)}
    moved = np.array([places.get(word, -1) for word in counts.words], np.int32)
    return Counts(
        words, {key: _ascending(moved[bag.numbers], bag.counts) for key, bag in counts.bags.items()}
    )


def _ascending(numbers: npt.NDArray[np.int32], counts: npt.NDArray[np.int32]) -> Bag:
    """Return the bag in ascending order."""
    order = np.argsort(numbers)
    return Bag(numbers[order], counts[order])
