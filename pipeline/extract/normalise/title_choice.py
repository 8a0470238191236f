"""Choose among titles at the head of a file: a web page lists reports of other years beside its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.extract.normalise.agency_names import fuller
from pipeline.extract.normalise.around_title import HeadLine
from pipeline.extract.normalise.body_text import compact, height_of
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.normalise.title import (
    ALL,
    TITLE_MAX_LINES,
    TITLE_ZONE_MAX_LINES,
    Title,
    heads_to_labelled_title,
    lines_to_heads,
    lines_to_titles,
    with_lines_below,
)
from pipeline.extract.normalise.title_forms import load_title_forms
from pipeline.records import TextLine

_JUDGED_MAX_LINES = 12
"""Count. The title of a document on another body's report begins in as many lines."""

_LARGER_MIN_RATIO = 1.2
"""Times a line's height. A title that is as much larger is the page's, and the other that of a list.

Taught by digits of another font, which make a line of one size higher by an eighth.
"""

_PROSE = re.compile(r"[，。；！？]")


def lines_to_title(body: Sequence[TextLine]) -> Title | None:
    """Return the title of an annual report among the lines at the head; None where there is none.

    It is the first one, or one below it that says more or as little, with no sentence between them: the name
    of a web site's folder stands above titles. Titles of other years are left out where they are smaller;
    where they are not, they are its rivals. Where no line is a title, it is what the page labels as one.
    """
    places = _places_in_front(body[:TITLE_ZONE_MAX_LINES])
    lines = [body[place] for place in places]
    heads = lines_to_heads(lines)
    titles = list(_without_prose_between(heads, lines_to_titles(lines, heads)))
    if titles:
        best = with_lines_below(heads, _chosen(titles))
        title: Title | None = replace(best, end=max(best.end, titles[-1].end))
    else:
        title = heads_to_labelled_title(heads)
    return title and replace(
        title, first=places[title.first], last=places[title.last], end=places[title.end - 1] + 1
    )


def _places_in_front(lines: Sequence[TextLine]) -> list[int]:
    """Return the places of the lines beside which no larger one stands: those beside one are a menu's."""
    return [place for place, line in enumerate(lines) if not any(_is_beside(line, other) for other in lines)]


def _is_beside(line: TextLine, other: TextLine) -> bool:
    """Whether a line stands beside a larger one."""
    if line.page != other.page or not height_of(other) > _LARGER_MIN_RATIO * height_of(line):
        return False
    is_level = line.box.top < other.box.bottom and other.box.top < line.box.bottom
    return is_level and (line.box.x1 <= other.box.x0 or other.box.x1 <= line.box.x0)


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
    agencies = {one.agency for one in titles if one.agency}
    fullest = max((fuller(name, agencies) for name in agencies), key=len, default="")
    is_one = all(fuller(name, [fullest]) == fullest for name in agencies)
    years = frozenset[int]().union(*(one.years for one in titles))
    return replace(title, agency=fullest if is_one else "", years=years)


def names_report_of_another(body: Sequence[TextLine]) -> bool:
    """Whether a document without a title is one on another body's report, such as the answer to it."""
    judged, texts = load_title_forms().titles.judged, [compact(head.text) for head in lines_to_heads(body)]
    starts = range(min(len(texts), _JUDGED_MAX_LINES))
    return any(
        judged.fullmatch("".join(texts[start:end]))
        for start in starts
        for end in range(start + 1, start + 1 + TITLE_MAX_LINES)
    )


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
    of_page = [title for title in titles if title.agency or title.is_crowded]
    kept = [title for title in titles if title.agency or not any(_is_larger(one, title) for one in of_page)]
    if _differ(kept):
        largest = max(kept, key=lambda title: title.size)
        kept = [one for one in kept if not (_is_larger(largest, one) and largest.says >= one.says)]
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
    return title.size > _LARGER_MIN_RATIO * other.size
