"""Find what may be the title of a report among the lines at its head, and what each says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from pipeline.extract.normalise.agency_names import (
    EDGES,
    fuller,
    head_to_agency,
    is_agency,
    is_joint,
    names_another,
)
from pipeline.extract.normalise.around_title import (
    CACHED_HEAD_LINES_MAX,
    CRUMB,
    Field,
    HeadLine,
    line_to_head,
    printed,
)
from pipeline.extract.normalise.body_text import compact, height_of, squeeze
from pipeline.extract.normalise.dates import DAY_OR_MONTH, PERIOD, SHORT_YEAR, YEAR, found_to_year
from pipeline.extract.normalise.title_forms import load_title_forms
from pipeline.records import TextLine

TITLE_ZONE_MAX_LINES = 40
"""Count. The title stands in the first lines."""

TITLE_MAX_LINES = 4
"""Count. A title has no more lines."""

_BELOW_MAX_LINES = 12
"""Count. No more lines of the web site, dates and names are skipped below a title."""

ALL = 2
"""Count. A title says who reports, and on what year."""

_NAME_END_MAX_CHARACTERS = 6
"""Count. The last line of a long name has no more characters; its beginning stands above.

Taught by names in two lines above the title, whose first line was cut off.
"""

_NAME_LINE_MIN_WIDTH_SHARE = 0.8
"""Share of the width of the line below. A narrower line above is not the beginning of a name."""

_TITLE_LINES_MAX_HEIGHT_DIFFERENCE_RATIO = 0.12
"""Times a line's height. Lines of one title differ by less in height."""

_LARGER_MIN_RATIO = 1.2
"""Times a line's height. A title that is as much larger is the page's, and the other that of a list.

Taught by digits of another font, which make a line of one size higher by an eighth.
"""

_TITLE_LINES_MAX_GAP_RATIO = 1.6
"""Times a line's height. Lines of one title are less far apart."""

_CACHED_TITLES_MAX = 1024
"""Count. As many texts are kept in memory with the title they are: lines at the head, alone and joined."""

_PROSE = re.compile(r"[，。；！？]")
_NO_REMARK = re.compile(r"[（(【\[](?:年报)?[）)】\]]")
_OPEN_BRACKET = re.compile(r"[（(][^（）()]*$")
_YEAR_BELOW = re.compile(rf"[（(]{YEAR.pattern}[）)]")
_NO_BEGINNING = re.compile(
    r"[，。；：！？]|公开|^附件[0-9]*$|(?:文件|网站?|公报|目录)$|^.{41,}$|[0-9]{5}|[/|｜]|[A-Za-z]{3}"
)
_REGION = re.compile("[省市区县州盟旗镇乡]")
_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[^\x00-\u024f])\s+(?=[^\x00-\u024f])|(?<=[0-9])\s+(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Title:
    """A title: lines `first` to `last` of the body; the text of the report begins at line `end`.

    `head` is what stands before 政府信息公开, without the year; `agency` is the body that it names, "" where
    it names none. `years` are all that the title names. A document number or a date names none. `size` is
    the height of its lines in points, 0 where it stands on none. `is_crowded` says that another title stands
    on its line. `of_another` says that it is a letter that hands on another body's report, `judges` that the
    document is on one. `rivals` are titles of other years that may be the report's as well.
    """

    text: str
    head: str
    agency: str
    years: frozenset[int]
    first: int = 0
    last: int = 0
    end: int = 1
    size: float = 0.0
    is_crowded: bool = False
    of_another: bool = False
    judges: bool = False
    rivals: tuple[Title, ...] = ()

    @property
    def says(self) -> int:
        """Return how much it says: 0 to ALL, an agency and a year."""
        return bool(self.agency or self.judges) + bool(self.years)


def lines_to_heads(body: Sequence[TextLine]) -> list[HeadLine]:
    """Return the lines among which the title is, taken apart.

    A labelled name that a line's end cut (发布机构：…管理 / 委员会) is whole, and its end no line of its own.
    """
    heads = [_text_to_head(line.text) for line in body[:TITLE_ZONE_MAX_LINES]]
    for place, (above, below) in enumerate(pairwise(heads)):
        if above.is_cut and not below.fields and is_agency(name := above.fields[-1].value + below.text):
            heads[place] = above._replace(fields=(*above.fields[:-1], Field(above.fields[-1].kind, name)))
            heads[place + 1] = below._replace(text="")
    return heads


@lru_cache(maxsize=CACHED_HEAD_LINES_MAX)
def _text_to_head(text: str) -> HeadLine:
    """Return a line taken apart, without the words of a menu."""
    return line_to_head(_without_menu(text))


def _without_menu(text: str) -> str:
    """Return of a line with words of a menu and one title the title."""
    words = text.split()
    titled = [word for word in words if load_title_forms().titles.subject.search(word)]
    others = [word for word in words if word not in titled]
    return titled[0] if len(titled) == 1 and others and all(map(_is_of_menu, others)) else text


def _is_of_menu(word: str) -> bool:
    """Whether a word is one of a menu's, and no label or step of a breadcrumb."""
    forms = load_title_forms()
    is_step = forms.around.separator.search(word) or not forms.names.never.search(word)
    return not is_step and all(field.kind == CRUMB for field in line_to_head(word).fields)


def text_to_title(text: str) -> Title | None:
    """Return the title that one text is, such as that in a PDF's metadata; None where it is none."""
    return _parsed(printed(text))


def field_to_title(field: Field) -> Title | None:
    """Return the title that a web page labels as one; a step of a breadcrumb is one if it says all."""
    title = text_to_title(field.value) if field.kind in ("title", CRUMB) else None
    return title if title and (field.kind == "title" or title.says == ALL) else None


def lines_to_titles(body: Sequence[TextLine], heads: Sequence[HeadLine]) -> Iterator[Title]:
    """Yield every title among lines, from the top, with the lines above that are its beginning."""
    done = -1
    for last in range(len(heads)):
        for first in range(last, max(done, last - TITLE_MAX_LINES), -1):
            if _PROSE.search(heads[first].text):
                break
            title = _lines_parsed(heads, first, last) if heads[first].text and heads[last].text else None
            if title and not _in_prose(heads, first):
                title = _with_end_below(heads, title)
                size = max(map(height_of, body[first : last + 1]))
                yield _with_lines_above(body, heads, replace(title, size=size))
                done = title.last
                break


def _with_end_below(heads: Sequence[HeadLine], title: Title) -> Title:
    """Return the title with its last words, where the line below it begins with them (的批复) or closes its
    bracket."""
    below = heads[title.end].text if title.end < len(heads) else ""
    longer = _lines_parsed(heads, title.first, title.end) if below else None
    is_end = longer and (longer.judges or below.startswith("的") or _OPEN_BRACKET.search(title.text))
    return longer if longer and is_end else title


def labelled_title(body: Sequence[TextLine], heads: Sequence[HeadLine]) -> Title | None:
    """Return the first title that the web page labels as such, or has whole in a breadcrumb; else None."""
    for place, head in enumerate(heads):
        for field in head.fields:
            if title := field_to_title(field):
                found = replace(title, first=place, last=place, end=place + 1)
                return with_lines_below(body, heads, found)
    return None


def _in_prose(heads: Sequence[HeadLine], first: int) -> bool:
    """Whether the line above is a sentence that goes on here."""
    above = heads[first - 1].text if first else ""
    return bool(_PROSE.search(above)) and not above.endswith("。")


def _lines_parsed(heads: Sequence[HeadLine], first: int, last: int) -> Title | None:
    """Return the title that these lines together are, without what stands around; None if they are none."""
    title = _parsed("".join([head.text for head in heads[first : last + 1]]))
    return title and replace(title, first=first, last=last, end=last + 1)


@lru_cache(maxsize=_CACHED_TITLES_MAX)
def _parsed(text: str) -> Title | None:
    """Return the title that a text is, as if it were the first line; None where it is none."""
    forms = load_title_forms().titles
    text = _BETWEEN_IDEOGRAPHS.sub("", text).strip(EDGES)
    if not forms.subject.search(text):
        return None
    plain = _undated(text)
    if forms.judged.fullmatch(plain):
        return Title(text, "", "", frozenset(_years_in(plain)), judges=True)
    found = forms.whole.fullmatch(plain)
    if not found or (forms.order.search(found["tail"]) and not forms.publishes.search(found["head"])):
        return None
    if inner := forms.report.match(found["head"]):
        return _one_of_two(inner[0], found[0].removeprefix(inner[0]))
    remark = found["remark"] or ""
    named = found[0] if _YEAR_BELOW.fullmatch(remark) else found[0].removesuffix(remark)
    head = _NO_REMARK.sub("", YEAR.sub("", found["head"]))
    years = frozenset([*_years_in(named), *_years_in(head, SHORT_YEAR)])
    head = SHORT_YEAR.sub("", head)
    agency = head_to_agency(head) or _remark_to_agency(remark)
    another = names_another(head, agency)
    return Title(text, head, agency, years, of_another=another)


def _remark_to_agency(remark: str) -> str:
    """Return the agency that stands in brackets behind a title; "" where there is none."""
    name = remark.strip("（）()")
    return name if is_agency(name) else ""


def _years_in(text: str, pattern: re.Pattern[str] = YEAR) -> Iterator[int]:
    """Yield the years in a text that a report can be about."""
    yield from (year for year in map(found_to_year, pattern.finditer(text)) if year)


def _one_of_two(left: str, right: str) -> Title | None:
    """Return what two titles on one line say, a menu's and the report's: whose year it is, they do not."""
    titles = [title for text in (left, right) if (title := _parsed(text))]
    if not titles:
        return None
    best = max(reversed(titles), key=lambda title: title.says)
    years = frozenset(year for title in titles for year in title.years if best.says == ALL)
    return replace(best, text=f"{left} {right}", years=years, is_crowded=True)


def _undated(text: str) -> str:
    """Return a text without white space and without its dates; of a whole year the year stays."""
    return compact(DAY_OR_MONTH.sub("", PERIOD.sub(r"\g<year>年", squeeze(text))))


def _with_lines_above(body: Sequence[TextLine], heads: Sequence[HeadLine], title: Title) -> Title:
    """Return the title with the lines above it that are its beginning, over dates and document numbers.

    What stands above a labelled value or a breadcrumb is the name of the web site.
    """
    below = title.first
    for first in range(title.first - 1, max(-1, title.first - TITLE_MAX_LINES), -1):
        if heads[first].fields:
            break
        if not heads[first].text:
            continue
        longer = _lines_parsed(heads, first, title.last)
        if not longer:
            break
        text = _undated("".join(head.text for head in heads[first : title.first]))
        if is_agency(text) and fuller(title.agency, [text]) != title.agency and not title.of_another:
            return replace(title, agency=text)
        if _begins(body[first], body[below], text, title):
            title = replace(longer, size=title.size)
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
    unfinished = text.endswith(forms.unfinished) or _is_cut(text, title.text)
    if not agency and (unfinished or is_agency(text) or YEAR.search(text) or SHORT_YEAR.search(text)):
        return True
    if forms.remainder.fullmatch(agency) and (unfinished or is_agency(text)):
        return True
    if not title.head or agency.startswith(text) or not _alike(above, line):
        return False
    if not _REGION.search(agency) and (is_agency(text) or _REGION.search(text)):
        return True
    if is_agency(text):
        return is_joint(text, agency)
    return unfinished or above.box.x1 - above.box.x0 > _NAME_LINE_MIN_WIDTH_SHARE * (
        line.box.x1 - line.box.x0
    )


def _is_cut(above: str, below: str) -> bool:
    """Whether a line ends inside a number or a word (20, 政府) that the next one goes on with."""
    in_number = above[-1:].isdigit() and below[:1].isdigit()
    return in_number or (above.endswith("政府") and below.startswith("信息公开"))


def _alike(above: TextLine, line: TextLine) -> bool:
    """Whether two lines are of one size, one right below the other."""
    height = line.box.bottom - line.box.top
    difference, gap = above.box.bottom - above.box.top - height, line.box.top - above.box.bottom
    same_size = abs(difference) < _TITLE_LINES_MAX_HEIGHT_DIFFERENCE_RATIO * height
    return same_size and gap < _TITLE_LINES_MAX_GAP_RATIO * height


def with_lines_below(
    body: Sequence[TextLine], heads: Sequence[HeadLine], title: Title, until: int | None = None
) -> Title:
    """Return the title with what stands right below it, above the line `until`.

    That is its year, its agency, itself once more, and what stands around a title. A larger name is that of
    what follows.
    """
    until = min(len(heads) if until is None else until, title.end + _BELOW_MAX_LINES)
    for place in range(title.end, until):
        head, name = heads[place], _undated(heads[place].text).strip(EDGES)
        if _YEAR_BELOW.fullmatch(name):
            title = replace(title, text=title.text + name, years=title.years.union(_years_in(name)))
        elif is_agency(name) and not is_larger(height_of(body[place]), title.size):
            title = replace(title, agency=fuller(title.agency, [name]) if title.agency else name)
        elif not (head.fields or _is_around(head, heads[place - 1]) or _repeats(title, name)):
            break
        title = replace(title, end=place + 1)
    return title


def is_larger(size: float, other: float) -> bool:
    """Whether a size is that of a title beside another: a font's digits make a line higher by an eighth."""
    return size > _LARGER_MIN_RATIO * other > 0


def _is_around(head: HeadLine, above: HeadLine) -> bool:
    """Whether a line has nothing of a text: it stands around a title, or is the value of the label above."""
    return not head.text or (above.waits and not _PROSE.search(head.text))


def _repeats(title: Title, text: str) -> bool:
    """Whether a line says the title once more."""
    again = _parsed(text)
    return bool(again and again.agency == title.agency and again.years == title.years)
