"""Reports whose chapters are worded and numbered otherwise than the forms have them: one of a kind.

They lie in a folder of their own. What counts of them is which chapters are found: benchmarks.headings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from zlib import crc32

from tools.generator import Spec
from tools.generator.headings import numbered, reworded
from tools.generator.prose import Chapters, write_chapters
from tools.generator.reports import figures_for

from .axes import form_of
from .plan import Entry, draft_to_spec
from .producers import PRODUCERS

FOLDER = HEADINGS_AXIS = "headings"

KINDS: Mapping[str, tuple[str, str, str]] = {
    "a preface": ("fy2021", "chapters", "引言"),
    "a preface with a blank": ("fy2019", "chapters", "引　言"),
    "a preface in brackets": ("fy2021", "brackets", "（前言）"),
    "a word before": ("fy2021", "chapters", "编制说明"),
    "older words": ("fy2014 national", "chapters", ""),
    "older words and a preface": ("fy2014 national", "chapters", "引言"),
    "older words in digits": ("fy2014 national", "digits", ""),
    "older words in parts": ("fy2014 national", "parts", "前言"),
    "digits": ("fy2021", "digits", ""),
    "brackets": ("fy2019", "brackets", ""),
    "square brackets": ("fy2021", "square brackets", ""),
    "Roman numerals": ("fy2021", "roman", ""),
    "circled numerals": ("fy2019", "circled", ""),
    "financial numerals": ("fy2021", "financial", ""),
    "parts": ("fy2021", "parts", "导语"),
    "parts and chapters": ("fy2019", "parts and chapters", ""),
    "a colon behind the number": ("fy2021", "a colon", ""),
    "no sign behind the number": ("fy2019", "no sign", ""),
    "no numbers": ("fy2021", "no number", "引言"),
    "two numbers": ("fy2021", "twice", ""),
    "two numbers alike": ("fy2019", "twice alike", ""),
    "one number twice": ("fy2021", "one number twice", ""),
    "a unit behind the heading": ("fy2021", "a unit behind", ""),
}
"""Of each kind its form, its manner of numbers, and what stands over the preamble."""


def plan_headings(seed: int = 0) -> tuple[Entry, ...]:
    """Return every document, kind by kind; the producers take turns."""
    return tuple(_entries(seed))


def _entries(seed: int) -> Iterator[Entry]:
    taken: set[str] = set()
    for number, (name, (form, manner, preface)) in enumerate(KINDS.items()):
        producer = list(PRODUCERS)[number % len(PRODUCERS)]
        label = f"{'-'.join(name.lower().split())}-{producer}"
        spec = draft_to_spec(label, form, (), taken, seed)
        chapters = _chapters(spec, older=name.startswith("older"))
        spec = replace(spec, chapters=numbered(chapters, manner, preface), spaces=_spaces(label, seed))
        yield Entry(f"{FOLDER}/{label}", producer, {"form": form_of(spec), HEADINGS_AXIS: name}, spec)


def _chapters(spec: Spec, *, older: bool) -> Chapters:
    """Return the chapters that the report of a spec has by itself, or with the older words."""
    written = write_chapters(
        spec.agency, spec.year, spec.seed, figures_for(spec), bool(spec.statistics), spec.wording
    )
    return reworded(written) if older else written


def _spaces(label: str, seed: int) -> tuple[tuple[str, float], ...]:
    """Return empty paper over the tables, so that headings stand elsewhere on their pages."""
    rng = Random(crc32(f"{seed}/{label}".encode()))
    return tuple((table, float(rng.randrange(0, 200, 20))) for table in ("active_disclosure", "applications"))
