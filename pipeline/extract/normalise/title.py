"""Find the title of a report, and what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.extract.normalise.body_text import compact
from pipeline.extract.normalise.chapter_forms import load_chapter_forms
from pipeline.extract.normalise.dates import YEAR, found_to_year
from pipeline.forms.labels import ideographs
from pipeline.records import TextLine

_TITLE_ZONE_MAX_LINES = 40
"""Count. The title stands in the first lines."""

_LINE_MAX_CHARACTERS = 200
"""Count. No more of a line is looked at: a line may be ever so long."""

_PLAIN_ALNUM = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}
_TITLE_MAX_LINES = 4
"""Count. A title has no more lines."""

_NAME_END_MAX_CHARACTERS = 6
"""Count. The last line of a long name has no more characters; its beginning stands above.

Taught by names in two lines above the title, whose first line was cut off.
"""

_AGENCY_MAX_CHARACTERS = 40
"""Count. No agency has a longer name."""

_NAME_LINE_MIN_WIDTH_SHARE = 0.8
"""Share of the width of the line below. A narrower line above is not the beginning of a name."""

_TITLE_LINES_MAX_HEIGHT_DIFFERENCE_RATIO = 0.12
"""Times a line's height. Lines of one title differ by less in height."""

_TITLE_LINES_MAX_GAP_RATIO = 1.6
"""Times a line's height. Lines of one title are less far apart."""

_PROSE = re.compile(r"[，。；！？]")
_YEAR_BELOW = re.compile(r"[（(]20[0-9]{2}年?度?[）)]")
_AROUND = '《》“”"〈〉<>'
_DATE_BELOW = re.compile(
    r"[（(]?20[0-9]{2}年[0-9]{1,2}月(?:[0-9]{1,2}日)?[）)]?|20[0-9]{2}[-.][0-9]{1,2}[-.][0-9]{1,2}"
)
_OPENING = re.compile(r"本|根据|按照|依据|为|现|20[0-9]{2}年")
_NO_BEGINNING = re.compile(r"[，。；：！？]|公开|^附件[0-9]*$|(?:文件|网站?|公报|目录)$|^.{41,}$")
_REGION = re.compile("[省市区县州盟旗镇乡]")
_LEAD = re.compile(r"^(?:附件[0-9]*[:：]?|关于|公布|发布)+")
_TAIL = re.compile(r"(?:关于|的|[:：])+$")
_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[^\x00-\u024f])\s+(?=[^\x00-\u024f])|(?<=[0-9])\s+(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Title:
    """A title: lines `first` to `last` of the body; `agency` is "" and `year` None where it names none."""

    text: str
    agency: str
    year: int | None
    first: int
    last: int


def lines_to_title(body: Sequence[TextLine]) -> Title | None:
    """Return the first title of an annual report among the lines at the head; None where there is none."""
    zone = [printed(line.text) for line in body[:_TITLE_ZONE_MAX_LINES]]
    for last in range(len(zone)):
        for first in range(last, max(-1, last - _TITLE_MAX_LINES), -1):
            if _PROSE.search(zone[first]):
                break
            title = _parsed(zone, first, last)
            if title and not _in_prose(zone, first):
                return _with_lines_below(zone, _with_lines_above(body, zone, title))
    return None


def text_to_title(text: str) -> Title | None:
    """Return the title that one text is, such as that in a PDF's metadata; None where it is none."""
    return _parsed([printed(text)], 0, 0)


def printed(text: str) -> str:
    """Return text with plain digits and letters in place of full-width ones; punctuation stays as it is."""
    return ideographs(text[:_LINE_MAX_CHARACTERS]).translate(_PLAIN_ALNUM).strip()


def is_agency(text: str) -> bool:
    """Whether a line is the name of an agency and nothing else."""
    name = compact(text)
    return (
        len(name) <= _AGENCY_MAX_CHARACTERS
        and not _OPENING.match(name)
        and bool(load_chapter_forms().titles.agency.fullmatch(name))
    )


def head_to_agency(head: str) -> str:
    """Return the agency in what stands before 政府信息公开; "" where it names none."""
    name = YEAR.sub("", head)
    name = _TAIL.sub("", _LEAD.sub("", name.strip(_AROUND))).strip(_AROUND)
    if name.endswith("人民"):
        name += "政府"  # XX县人民政府信息公开年度报告
    return "" if name in load_chapter_forms().titles.nobody or len(name) < 2 else name


def _in_prose(zone: Sequence[str], first: int) -> bool:
    """Whether the line above is a sentence that goes on here."""
    return first > 0 and bool(_PROSE.search(zone[first - 1])) and not zone[first - 1].endswith("。")


def _parsed(zone: Sequence[str], first: int, last: int) -> Title | None:
    """Return the title that these lines together are; None where they are none."""
    text = _BETWEEN_IDEOGRAPHS.sub("", "".join(zone[first : last + 1])).strip(_AROUND)
    found = load_chapter_forms().titles.whole.fullmatch(compact(text))
    if not found:
        return None
    year = YEAR.search(found[0])
    return Title(text, head_to_agency(found["head"]), found_to_year(year) if year else None, first, last)


def _with_lines_above(body: Sequence[TextLine], zone: Sequence[str], title: Title) -> Title:
    """Return the title with the lines above it that are its beginning."""
    for first in range(title.first - 1, max(-1, title.first - _TITLE_MAX_LINES), -1):
        longer = _parsed(zone, first, title.last)
        if not longer:
            break
        if _begins(body[first], body[first + 1], "".join(zone[first : title.first]), title.agency):
            title = longer
        elif len(compact(zone[first])) > _NAME_END_MAX_CHARACTERS:
            break
    return title


def _begins(above: TextLine, line: TextLine, text: str, agency: str) -> bool:
    """Whether the line above, with this `text`, begins a title that so far names `agency`."""
    titles, text = load_chapter_forms().titles, compact(text)
    if above.page != line.page or _NO_BEGINNING.search(text) or load_chapter_forms().web_head.fullmatch(text):
        return False
    unfinished = text.endswith(titles.unfinished)
    if not agency:
        return unfinished or is_agency(text) or bool(YEAR.search(text))
    if titles.remainder.fullmatch(agency):
        return unfinished or is_agency(text)
    if agency.startswith(text) or not _alike(above, line):
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


def _with_lines_below(zone: Sequence[str], title: Title) -> Title:
    """Return the title with the year, the agency, dates and lines of the web site right below it."""
    for text in zone[title.last + 1 : title.last + 5]:
        name = compact(text)
        if _YEAR_BELOW.fullmatch(name) and title.year is None:
            year = YEAR.search(name)
            title = replace(title, text=title.text + name, year=found_to_year(year) if year else None)
        elif is_agency(name):
            title = replace(title, agency=title.agency or name)
        elif not _DATE_BELOW.fullmatch(name) and not load_chapter_forms().web_head.fullmatch(name):
            break
        title = replace(title, last=title.last + 1)
    return title
