"""Frames → the tables terms, similarity and claims, made anew from all reports, as each is compared with
the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claim_patterns import claim_cells
from pipeline.derive.prose.claims import chapters_to_claims
from pipeline.derive.prose.count_cache import load_counts, save_counts
from pipeline.derive.prose.counts import Bag, Counts, chapters_to_counts
from pipeline.derive.prose.frames import cell_rows, recognised_reports, rows_to_frames, section_rows
from pipeline.derive.prose.similarity import chapters_to_similarity
from pipeline.derive.prose.terms import chapters_to_terms
from pipeline.extract.normalise.phrases import parse_quantity
from pipeline.tables.frames import Frames
from pipeline.tables.version import tables_version


def frames_to_prose(frames: Frames, out: Path) -> dict[str, pd.DataFrame]:
    """Return the tables terms, similarity and claims by name. Words that an earlier run into `out` counted
    are not counted again."""
    chapters = [ChapterText._make(row) for row in section_rows(frames)]
    return rows_to_frames(
        terms=chapters_to_terms(chapters, _count(chapters, out)),
        similarity=chapters_to_similarity(chapters),
        claims=chapters_to_claims(
            chapters, cell_rows(frames, claim_cells()), parse_quantity, recognised_reports(frames)
        ),
    )


def _count(chapters: Sequence[ChapterText], out: Path) -> Counts:
    """Return the counted words of all chapters, and keep them for the next run."""
    words, bags = load_counts(out, tables_version())
    counts = chapters_to_counts(chapters, Counts(words, {key: Bag(*bag) for key, bag in bags.items()}))
    save_counts(*counts, out, tables_version())
    return counts
