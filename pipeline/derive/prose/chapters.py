"""A chapter of prose as the modules of this package use it."""

from __future__ import annotations

import re
from typing import NamedTuple

_HAN = re.compile("[\u4e00-\u9fff]+")


class ChapterText(NamedTuple):
    """One row of `sections`: agency, report, year, chapter, the page it begins on, its text."""

    agency_id: str
    report_id: str
    agency: str
    fiscal_year: int | None
    section: str
    page: int
    text: str


def han_runs(text: str) -> list[str]:
    """Return the runs of Chinese characters in a text, without punctuation, digits and Latin letters."""
    return _HAN.findall(text)
