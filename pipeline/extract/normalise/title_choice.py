"""Choose among titles at the head of a file: a web page lists reports of other years beside its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from math import inf

from pipeline.extract.normalise.agency_names import fuller
from pipeline.extract.normalise.around_title import HeadLine
from pipeline.extract.normalise.body_text import height_of
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.normalise.title import (
    ALL,
    TITLE_ZONE_MAX_LINES,
    Title,
    is_larger,
    labelled_title,
    lines_to_heads,
    lines_to_titles,
    with_lines_below,
)
from pipeline.records import TextLine

FULL_LINE_MIN_CHARACTERS = 24
"""Count. A line with as many is of the text, or as wide: it shows where the column of the text is.

Taught by menus in the margin, whose longest lines had 19.
"""

CACHED_ZONES_MAX = 8
"""Count. As many heads are kept in memory with their title: heading and chapters look for it in the same."""

_PROSE = re.compile(r"[，。；！？]")


def lines_to_title(body: Sequence[TextLine]) -> Title | None:
    """Return the title of an annual report among the lines at the head; None where there is none.

    It is the first one, or one below it that says more or as little, with no sentence between them: the name
    of a web site's folder stands above titles. Titles of other years are left out where they are smaller;
    where they are not, they are its rivals. Where no line is a title, it is what the page labels as one.
    """
    return _zone_to_title(tuple(body[:TITLE_ZONE_MAX_LINES]))


@lru_cache(maxsize=CACHED_ZONES_MAX)
def _zone_to_title(zone: Sequence[TextLine]) -> Title | None:
    """Return the title among the lines at the head."""
    places = _places_in_front(zone)
    lines = [zone[place] for place in places]
    heads = lines_to_heads(lines)
    titles = list(_without_prose_between(heads, lines_to_titles(lines, heads)))
    if titles:
        ends = [*(title.first for title in titles[1:]), None]
        whole = [with_lines_below(lines, heads, title, end) for title, end in zip(titles, ends, strict=True)]
        title: Title | None = replace(_chosen(whole), end=whole[-1].end)
    else:
        title = labelled_title(lines, heads)
    return title and replace(
        title, first=places[title.first], last=places[title.last], end=places[title.end - 1] + 1
    )


def _places_in_front(lines: Sequence[TextLine]) -> list[int]:
    """Return the places of the lines beside which no larger one stands, nor the text: those are a menu's."""
    smallest = min(map(height_of, lines), default=0.0)
    larger = [line for line in lines if is_larger(height_of(line), smallest)]
    full = [line for line in lines if len(line.text) >= FULL_LINE_MIN_CHARACTERS]
    left = min((line.box.x0 for line in full), default=-inf)
    right = max((line.box.x1 for line in full), default=inf)
    beside = {
        place
        for one in larger
        for place, line in enumerate(lines)
        if line.page == one.page and _is_beside(line, one)
    }
    return [
        place
        for place, line in enumerate(lines)
        if place not in beside and line.box.x1 > left and line.box.x0 < right
    ]


def _is_beside(line: TextLine, other: TextLine) -> bool:
    """Whether a line of a page stands beside a larger one."""
    box, larger = line.box, other.box
    is_level = box.top < larger.bottom and larger.top < box.bottom
    is_apart = box.x1 <= larger.x0 or larger.x1 <= box.x0
    return is_level and is_apart and is_larger(height_of(other), height_of(line))


def title_of_year(title: Title, *sources: frozenset[int]) -> Title:
    """Return the one of a title and its rivals whose year the first source names that names one of theirs.

    Where none does, the title names the years of all of them, and a body only if it is that of all.
    """
    titles = (title, *title.rivals)
    for years in sources if title.rivals else ():
        of_year = [one for one in titles if one.years and one.years <= years]
        if len({one.years for one in of_year}) == 1:
            return replace(_first(of_year), end=title.end, rivals=())
    if not title.rivals:
        return title
    years = frozenset(year for one in titles for year in one.years)
    return replace(title, agency=_agency_of_all(titles), years=years)


def _agency_of_all(titles: Sequence[Title]) -> str:
    """Return the body that every title names, or that no larger one may deny; "" where there is none."""
    named = [title for title in titles if title.agency]
    fullest = max((title.agency for title in named), key=len, default="")
    is_one = all(fuller(title.agency, [fullest]) == fullest for title in named)
    is_denied = any(_is_larger(other, title) for title in named for other in titles if not other.agency)
    return fullest if is_one and not is_denied else ""


def _without_prose_between(heads: Sequence[HeadLine], titles: Iterator[Title]) -> Iterator[Title]:
    """Yield the titles down to the first sentence, or chapter, below one."""
    above: Title | None = None
    for title in titles:
        if above and any(_is_text(head) for head in heads[above.end : title.first]):
            return
        yield title
        above = title


def _is_text(head: HeadLine) -> bool:
    """Whether a line is a sentence, or the heading of a chapter."""
    is_sentence = bool(_PROSE.search(head.text)) and not head.fields
    return is_sentence or line_to_key(head.line) is not None


def _chosen(titles: Sequence[Title]) -> Title:
    """Return the title that is the page's, with its rivals."""
    named = [title for title in titles if title.agency or title.judges]
    of_page = [*named, *(title for title in titles if title.is_crowded)]
    kept = [one for one in titles if one in named or not any(_is_larger(other, one) for other in of_page)]
    if _differ(kept):
        kept = [
            one
            for one in kept
            if not any(_is_larger(other, one) and other.says >= one.says for other in kept)
        ]
    best = _first(kept)
    rivals = [title for title in kept if title.years and title.years != best.years]
    return replace(best, rivals=tuple(rivals) if _differ(kept) else ())


def _first(titles: Sequence[Title]) -> Title:
    """Return the first title, or one below it that says more or as little."""
    best = titles[0]
    for title in titles[1:]:
        if title.says > best.says or title.says == best.says < ALL:
            best = title
    return best


def _differ(titles: Sequence[Title]) -> bool:
    """Whether titles name different years."""
    return len({title.years for title in titles if title.years}) > 1


def _is_larger(title: Title, other: Title) -> bool:
    """Whether a title is set in a larger size."""
    return is_larger(title.size, other.size)
