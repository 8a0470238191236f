"""Find the title of a report, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.extract.normalise.agency_names import EDGES, fuller, head_to_agency, is_agency
from pipeline.extract.normalise.around_title import CRUMB, Field, HeadLine, line_to_head, printed
from pipeline.extract.normalise.body_text import compact, squeeze
from pipeline.extract.normalise.dates import DAY_OR_MONTH, PERIOD, YEAR, found_to_year
from pipeline.extract.normalise.title_forms import load_title_forms
from pipeline.records import TextLine

TITLE_ZONE_MAX_LINES = 40
"""Count. The title stands in the first lines."""

_TITLE_MAX_LINES = 4
"""Count. A title has no more lines."""

_BELOW_MAX_LINES = 12
"""Count. No more lines of the web site, dates and names are skipped below a title."""

_ALL = 2
"""Count. A title says who reports, and on what year."""

_NAME_END_MAX_CHARACTERS = 6
"""Count. The last line of a long name has no more characters; its beginning stands above.

Taught by names in two lines above the title, whose first line was cut off.
"""

_NAME_LINE_MIN_WIDTH_SHARE = 0.8
"""Share of the width of the line below. A narrower line above is not the beginning of a name."""

_TITLE_LINES_MAX_HEIGHT_DIFFERENCE_RATIO = 0.12
"""Times a line's height. Lines of one title differ by less in height."""

_TITLE_LINES_MAX_GAP_RATIO = 1.6
"""Times a line's height. Lines of one title are less far apart."""

_PROSE = re.compile(r"[，。；！？]")
_YEAR_BELOW = re.compile(r"[（(]20[0-9]{2}年?度?[）)]")
_NO_BEGINNING = re.compile(
    r"[，。；：！？]|公开|^附件[0-9]*$|(?:文件|网站?|公报|目录)$|^.{41,}$|[0-9]{5}|[/|｜]|[A-Za-z]{3}"
)
_REGION = re.compile("[省市区县州盟旗镇乡]")
_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[^\x00-\u024f])\s+(?=[^\x00-\u024f])|(?<=[0-9])\s+(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Title:
    """A title: lines `first` to `last` of the body; the text of the report begins at line `end`.

    `head` is what stands before 政府信息公开, without the year; `agency` is the body that it names, "" where
    it names none. `years` are all that the title names. A document number or a date names none.
    """

    text: str
    head: str
    agency: str
    years: frozenset[int]
    first: int
    last: int
    end: int

    @property
    def says(self) -> int:
        """Return how much it says: 0 to _ALL, an agency and a year."""
        return bool(self.agency) + bool(self.years)


def lines_to_heads(body: Sequence[TextLine]) -> list[HeadLine]:
    """Return the lines among which the title is, taken apart."""
    return [line_to_head(line.text) for line in body[:TITLE_ZONE_MAX_LINES]]


def lines_to_title(body: Sequence[TextLine]) -> Title | None:
    """Return the title of an annual report among the lines at the head; None where there is none.

    It is the first one, or one below it that says more or as little, with no sentence between them: the name
    of a web site's folder stands above titles. Where no line is a title, it is what the page labels as one.
    """
    heads = lines_to_heads(body)
    best: Title | None = None
    for title in _titles(body, heads):
        if best and _is_prose_between(heads, best, title):
            break
        if not best or title.says > best.says or title.says == best.says < _ALL:
            best = title
    return _with_lines_below(heads, best) if best else _labelled_title(heads)


def text_to_title(text: str) -> Title | None:
    """Return the title that one text is, such as that in a PDF's metadata; None where it is none."""
    return _parsed(printed(text), 0, 0)


def field_to_title(field: Field) -> Title | None:
    """Return the title that a web page labels as one; a step of a breadcrumb is one if it says all."""
    title = text_to_title(field.value) if field.kind in ("title", CRUMB) else None
    return title if title and (field.kind == "title" or title.says == _ALL) else None


def _titles(body: Sequence[TextLine], heads: Sequence[HeadLine]) -> Iterator[Title]:
    """Yield every title among lines, from the top, with the lines above that are its beginning."""
    done = -1
    for last in range(len(heads)):
        for first in range(last, max(done, last - _TITLE_MAX_LINES), -1):
            if _PROSE.search(heads[first].text):
                break
            title = _lines_parsed(heads, first, last) if heads[first].text and heads[last].text else None
            if title and not _in_prose(heads, first):
                yield _with_lines_above(body, heads, title)
                done = last
                break


def _labelled_title(heads: Sequence[HeadLine]) -> Title | None:
    """Return the first title that the web page labels as such, or has whole in a breadcrumb; else None."""
    for place, head in enumerate(heads):
        for field in head.fields:
            if title := field_to_title(field):
                return _with_lines_below(heads, replace(title, first=place, last=place, end=place + 1))
    return None


def _is_prose_between(heads: Sequence[HeadLine], above: Title, title: Title) -> bool:
    """Whether a sentence stands between two titles."""
    between = heads[above.end : title.first]
    return any(_PROSE.search(head.text) and not head.fields for head in between)


def _in_prose(heads: Sequence[HeadLine], first: int) -> bool:
    """Whether the line above is a sentence that goes on here."""
    above = heads[first - 1].text if first else ""
    return bool(_PROSE.search(above)) and not above.endswith("。")


def _lines_parsed(heads: Sequence[HeadLine], first: int, last: int) -> Title | None:
    """Return the title that these lines together are, without what stands around; None if they are none."""
    return _parsed("".join(head.text for head in heads[first : last + 1]), first, last)


def _parsed(text: str, first: int, last: int) -> Title | None:
    """Return the title that a text is; None where it is none."""
    text = _BETWEEN_IDEOGRAPHS.sub("", text).strip(EDGES)
    found = load_title_forms().titles.whole.fullmatch(_undated(text))
    if not found:
        return None
    years = (found_to_year(year) for year in YEAR.finditer(found[0]))
    head = YEAR.sub("", found["head"])
    return Title(text, head, head_to_agency(head), frozenset(filter(None, years)), first, last, last + 1)


def _undated(text: str) -> str:
    """Return a text without white space and without its dates; of a whole year the year stays."""
    return compact(DAY_OR_MONTH.sub("", PERIOD.sub(r"\g<year>年", squeeze(text))))


def _with_lines_above(body: Sequence[TextLine], heads: Sequence[HeadLine], title: Title) -> Title:
    """Return the title with the lines above it that are its beginning, over dates and document numbers.

    What stands above a labelled value or a breadcrumb is the name of the web site.
    """
    below = title.first
    for first in range(title.first - 1, max(-1, title.first - _TITLE_MAX_LINES), -1):
        if heads[first].fields:
            break
        if not heads[first].text:
            continue
        longer = _lines_parsed(heads, first, title.last)
        if not longer:
            break
        text = _undated("".join(head.text for head in heads[first : title.first]))
        if is_agency(text) and fuller(title.agency, [text]) != title.agency:
            return replace(title, agency=text)
        if _begins(body[first], body[below], text, title):
            title = longer
        elif not _ends_name(heads[first].text):
            break
        below = first
    return title


def _ends_name(text: str) -> bool:
    """Whether a line above a title may be the end of a name that begins on the line above it."""
    name = compact(text)
    return len(name) <= _NAME_END_MAX_CHARACTERS and name.endswith(load_title_forms().names.ends)


def _begins(above: TextLine, line: TextLine, text: str, title: Title) -> bool:
    """Whether the line above, with this `text`, is the beginning of a title."""
    forms, agency = load_title_forms().titles, title.agency
    never = load_title_forms().names.never
    if above.page != line.page or _NO_BEGINNING.search(text) or never.search(text):
        return False
    if title.years and YEAR.search(text):
        return False
    unfinished = text.endswith(forms.unfinished)
    if not agency and (unfinished or is_agency(text) or YEAR.search(text)):
        return True
    if forms.remainder.fullmatch(agency) and (unfinished or is_agency(text)):
        return True
    if not title.head or agency.startswith(text) or not _alike(above, line):
        return False
    if not _REGION.search(agency) and (is_agency(text) or _REGION.search(text)):
        return True
    if is_agency(text):
        return False
    return unfinished or above.box.x1 - above.box.x0 > _NAME_LINE_MIN_WIDTH_SHARE * (
        line.box.x1 - line.box.x0
    )


def _alike(above: TextLine, line: TextLine) -> bool:
    """Whether two lines are of one size, one right below the other."""
    height = line.box.bottom - line.box.top
    difference, gap = above.box.bottom - above.box.top - height, line.box.top - above.box.bottom
    same_size = abs(difference) < _TITLE_LINES_MAX_HEIGHT_DIFFERENCE_RATIO * height
    return same_size and gap < _TITLE_LINES_MAX_GAP_RATIO * height


def _with_lines_below(heads: Sequence[HeadLine], title: Title) -> Title:
    """Return the title with what stands right below it.

    That is its year, its agency, itself once more, and what stands around a title.
    """
    for place in range(title.end, min(len(heads), title.end + _BELOW_MAX_LINES)):
        head, name = heads[place], _undated(heads[place].text).strip(EDGES)
        if _YEAR_BELOW.fullmatch(name):
            years = {year for found in YEAR.finditer(name) if (year := found_to_year(found))}
            title = replace(title, text=title.text + name, years=title.years | years)
        elif is_agency(name):
            title = replace(title, agency=fuller(title.agency, [name]) if title.agency else name)
        elif not (head.fields or _is_around(head, heads[place - 1]) or _repeats(title, name)):
            break
        title = replace(title, end=place + 1)
    return title


def _is_around(head: HeadLine, above: HeadLine) -> bool:
    """Whether a line has nothing of a text: it stands around a title, or is the value of the label above."""
    return not head.text or (above.waits and not _PROSE.search(head.text))


def _repeats(title: Title, text: str) -> bool:
    """Whether a line says the title once more."""
    again = _parsed(text, 0, 0)
    return bool(again and again.agency == title.agency and again.years == title.years)
