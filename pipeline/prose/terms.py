"""Key terms: what a report says in a chapter more than other reports do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.forms.labels import ideographs
from pipeline.prose.chapters import Chapter, han_runs
from pipeline.prose.words import run_to_terms

MOST = 20
DIGITS = 6
PASSED_OVER = ("preamble",)
"""Sections that the law writes: every report says the same there."""


@dataclass(frozen=True, slots=True)
class Term:
    """A row of the table `terms`; `rank` counts from 1 within report and section."""

    report_id: str
    agency: str
    fiscal_year: int | None
    section: str
    term: str
    count: int
    tf_idf: float
    rank: int


class Place(NamedTuple):
    """A section of a report: what counts as one document."""

    report_id: str
    agency: str
    fiscal_year: int | None
    section: str


class Bag(NamedTuple):
    """The terms of one place as their numbers in the vocabulary, with how often each occurs; as arrays,
    for dictionaries of ten thousand reports would fill the memory."""

    place: Place
    numbers: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]


def chapters_to_terms(chapters: Iterable[Chapter]) -> list[Term]:
    """The terms of every report and section with the highest TF-IDF, in the order of the chapters.

    tf is the share of the section's terms, idf = ln((1 + n) / (1 + df)) + 1 over the n reports that
    have the section. Terms of equal weight stand in the order of their code points.
    """
    vocabulary: dict[str, int] = {}
    bags = [_bag(place, texts, vocabulary) for place, texts in _by_place(chapters).items()]
    terms = sorted(vocabulary)
    order = np.empty(len(terms), np.int64)
    order[[vocabulary[term] for term in terms]] = np.arange(len(terms))
    words = list(vocabulary)
    rarity = _sections_to_rarity(bags, len(words))
    return [term for bag in bags for term in _best(bag, rarity[bag.place.section], order, words)]


def _by_place(chapters: Iterable[Chapter]) -> Mapping[Place, list[str]]:
    places: dict[Place, list[str]] = defaultdict(list)
    for chapter in chapters:
        if chapter.text and chapter.section not in PASSED_OVER:
            place = Place(chapter.report_id, chapter.agency, chapter.fiscal_year, chapter.section)
            places[place].append(chapter.text)
    return places


def _bag(place: Place, texts: Iterable[str], vocabulary: dict[str, int]) -> Bag:
    """The bag of these texts; terms that are new are added to the vocabulary."""
    counted = Counter(term for text in texts for term in text_to_terms(text, place.agency))
    numbers = [vocabulary.setdefault(term, len(vocabulary)) for term in counted]
    return Bag(place, np.array(numbers, np.int32), np.array(list(counted.values()), np.int32))


def text_to_terms(text: str, agency: str) -> Iterator[str]:
    """The words of a text that can tell something, without the parts of the agency's own name."""
    words = chain.from_iterable(map(run_to_terms, han_runs(ideographs(text))))
    return (word for word in words if word not in agency)


def _sections_to_rarity(bags: Iterable[Bag], size: int) -> Mapping[str, npt.NDArray[np.float64]]:
    """The idf of every term of the vocabulary, by section."""
    reports: Counter[str] = Counter()
    holders: dict[str, npt.NDArray[np.int32]] = {}
    for bag in bags:
        reports[bag.place.section] += 1
        holders.setdefault(bag.place.section, np.zeros(size, np.int32))[bag.numbers] += 1
    return {section: np.log((1 + reports[section]) / (1 + df)) + 1 for section, df in holders.items()}


def _best(
    bag: Bag, rarity: npt.NDArray[np.float64], order: npt.NDArray[np.int64], words: list[str]
) -> Iterator[Term]:
    weights = np.round(bag.counts / max(bag.counts.sum(), 1) * rarity[bag.numbers], DIGITS)
    chosen = np.lexsort((order[bag.numbers], -weights))[:MOST]
    for rank, at in enumerate(chosen.tolist(), 1):
        yield Term(*bag.place, words[bag.numbers[at]], int(bag.counts[at]), float(weights[at]), rank)
