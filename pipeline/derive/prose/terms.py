"""Key terms: the words that a report uses in a section more than other reports do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.counts import Bag, Counts, ReportSection, by_section, document_to_key

TERMS_MAX = 20
"""Count. No more terms are kept of each section of a report."""

TF_IDF_DIGITS = 6
"""Count, after the point. The table has as many digits."""


@dataclass(frozen=True, slots=True)
class KeyTerm:
    """A row of the table `terms`; `rank` counts from 1 within report and section."""

    report_id: str
    agency: str
    fiscal_year: int | None
    section: str
    term: str
    count: int
    tf_idf: float
    rank: int


def chapters_to_terms(chapters: Iterable[ChapterText], counts: Counts) -> list[KeyTerm]:
    """Return the terms of every report and section with the highest TF-IDF, in the order of the chapters.

    tf is a term's share in the section, idf = ln((1 + n) / (1 + df)) + 1 over the n reports that have the
    section. Terms of equal weight are in the order of code points. `counts` are those of these chapters.
    """
    bags = {
        place: counts.bags[document_to_key(place, texts)] for place, texts in by_section(chapters).items()
    }
    rarity = _sections_to_rarity(bags, len(counts.words))
    return [
        term for place, bag in bags.items() for term in _best(place, bag, rarity[place.section], counts.words)
    ]


def _sections_to_rarity(
    bags: Mapping[ReportSection, Bag], size: int
) -> Mapping[str, npt.NDArray[np.float64]]:
    """Return the idf of every term of the vocabulary, by section."""
    reports: Counter[str] = Counter()
    holders: dict[str, npt.NDArray[np.int32]] = {}
    for place, bag in bags.items():
        reports[place.section] += 1
        holders.setdefault(place.section, np.zeros(size, np.int32))[bag.numbers] += 1
    return {section: np.log((1 + reports[section]) / (1 + df)) + 1 for section, df in holders.items()}


def _best(
    place: ReportSection, bag: Bag, rarity: npt.NDArray[np.float64], words: Sequence[str]
) -> Iterator[KeyTerm]:
    """Yield the terms of highest weight of one section."""
    weights = np.round(bag.counts / max(bag.counts.sum(), 1) * rarity[bag.numbers], TF_IDF_DIGITS)
    chosen = np.lexsort((bag.numbers, -weights))[:TERMS_MAX]
    for rank, at in enumerate(chosen.tolist(), 1):
        yield KeyTerm(*place, words[bag.numbers[at]], int(bag.counts[at]), float(weights[at]), rank)
