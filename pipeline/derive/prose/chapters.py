"""A chapter of prose, as light as this stage needs it."""

from __future__ import annotations

import re
from typing import NamedTuple

_HAN = re.compile("[\u4e00-\u9fff]+")


class ChapterText(NamedTuple):
    """One row of `sections`: whose report, on what year, which chapter, the page it begins on, its prose."""

    agency_id: str
    report_id: str
    agency: str
    fiscal_year: int | None
    section: str
    page: int
    text: str


def han_runs(text: str) -> list[str]:
    """The pieces of a text between its punctuation, digits and Latin letters."""
    return _HAN.findall(text)
