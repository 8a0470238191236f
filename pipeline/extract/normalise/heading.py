"""Find who reports on what year, and when it was published: by the title, or else by what the text says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.extract.normalise.agency_names import fuller
from pipeline.extract.normalise.around_title import CRUMB, Field, HeadLine, heads_to_fields
from pipeline.extract.normalise.authors import (
    fields_to_agencies,
    lines_to_signature,
    opening_to_acting,
    opening_to_authors,
    opening_to_contacts,
)
from pipeline.extract.normalise.body_text import compact, lines_to_body
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.normalise.dates import PERIOD, YEAR, found_to_year, half_width
from pipeline.extract.normalise.publication import lines_to_publication
from pipeline.extract.normalise.title import Title, field_to_title, lines_to_heads, text_to_title
from pipeline.extract.normalise.title_choice import lines_to_title, title_of_year
from pipeline.extract.normalise.title_forms import load_title_forms
from pipeline.records import ReportIdentity, TextLine

_OPENING_MAX_LINES = 40
"""Count. The year and the author are looked for in as many lines below the title."""

_OPENING_MAX_CHARACTERS = 4000
"""Count. And in no more characters: a line may be ever so long."""

_PERIOD_REACH = 24
"""Count, of characters. So near to the period of the figures stands what it is the period of."""

_REPORT_MIN_CHAPTERS = 3
"""Count. A text without a title is a report if it has as many chapters of the forms."""

_OF_THIS_LAW = {"active_disclosure", "applications", "review_litigation"}


def lines_to_heading(lines: Sequence[TextLine], document_title: str = "") -> ReportIdentity:
    """Return who reports on what year: agency, year, title and ISO date of publication.

    The agency is "" where nothing names it; year and date are None. `lines` are those outside of tables.
    `document_title` is the title in the file's metadata.
    """
    body = lines_to_body(lines)
    title = lines_to_title(body) or lines_to_title(lines)
    named = text_to_title(document_title)
    opening = _opening(body, title)
    heads = _head(body, title)
    period = _period_years(opening)
    title = title_of_year(title, period, _years_of(named)) if title else None
    year = next(_years(title, period, opening, named), None)
    return ReportIdentity(
        agency=_agency(title, body, opening, heads, named),
        fiscal_year=year,
        title=title.text if title else (named.text if named else ""),
        published_on=lines_to_publication(body, heads, title.last + 1 if title else 0, year),
        doubt=_doubt(title, period, year),
    )


def is_annual_report(lines: Sequence[TextLine], document_title: str = "") -> bool:
    """Whether title or chapters are those of an annual report on government information disclosure."""
    body = lines_to_body(lines)
    title = lines_to_title(body) or lines_to_title(lines)
    if title and not title.judges:
        return True
    if text_to_title(document_title) and any("公开" in compact(line.text) for line in body):
        return True
    chapters = {key for line in body if (key := line_to_key(line.text)) not in (None, "other")}
    return len(chapters) >= _REPORT_MIN_CHAPTERS and not chapters.isdisjoint(_OF_THIS_LAW)


def _opening(body: Sequence[TextLine], title: Title | None) -> str:
    """Return the text below the title without white space, its punctuation half-width."""
    start = title.end if title else 0
    text = "".join(line.text for line in body[start : start + _OPENING_MAX_LINES])
    return half_width(compact(text)[:_OPENING_MAX_CHARACTERS])


def _head(body: Sequence[TextLine], title: Title | None) -> list[HeadLine]:
    """Return the lines around the title, down to the first sentence or chapter below it."""
    heads, start = lines_to_heads(body), title.end if title else 0
    for place in range(start, len(heads)):
        is_prose = "。" in heads[place].text or line_to_key(heads[place].line) is not None
        if is_prose and not heads[place].fields:
            return heads[:place]
    return heads


# --------------------------------------------------------------------- the year


def _years(title: Title | None, period: frozenset[int], opening: str, named: Title | None) -> Iterator[int]:
    """Yield the year reported on, from the best source to the weakest.

    A source that names several is none; the period of the figures tells which of a title's years it is, or
    the file's metadata.
    """
    of_title, of_file = _years_of(title), _years_of(named)
    if len(of_title) > 1:
        found = (of_title & years for years in (period, of_file))
        yield from (year for years in found if len(years) == 1 for year in years)
        return
    about = {found_to_year(year) for year in map(YEAR.search, _reports(opening)) if year}
    for years in (of_title, period, of_file, about - {None}):
        if len(years) == 1:
            yield from (year for year in years if year)


def _period_years(opening: str) -> frozenset[int]:
    """Return the years in which the period of the figures begins and ends; none of a period of many years."""
    years: set[int] = set()
    for period in PERIOD.finditer(opening):
        first, last = found_to_year(period), found_to_year(period, "end")
        around = opening[max(0, period.start() - _PERIOD_REACH) : period.end() + _PERIOD_REACH]
        if first and (last or first) - first <= 1 and load_title_forms().preamble.period.search(around):
            years |= {first, last or first}
    return frozenset(years)


def _reports(opening: str) -> list[str]:
    """Return every mention of a year's report."""
    about = load_title_forms().preamble.about
    return [found[0] for pattern in about for found in pattern.finditer(opening)]


def _doubt(title: Title | None, period: frozenset[int], year: int | None) -> str:
    """Return in words that title and period name different years, or the title several; "" where neither."""
    of_title = _years_of(title)
    if of_title and period and not of_title & period:
        return f"the title says {_named(of_title)}, the period of the figures {_named(period)}"
    if of_title and not year:
        return f"what is at the head names {_named(of_title)}, and nothing says which is reported on"
    return ""


def _years_of(title: Title | None) -> frozenset[int]:
    """Return the years that a title names; none where there is no title."""
    return title.years if title else frozenset[int]()


def _named(years: frozenset[int]) -> str:
    """Return years in words."""
    return " and ".join(map(str, sorted(years)))


# ------------------------------------------------------------------- the agency


def _agency(
    title: Title | None,
    body: Sequence[TextLine],
    opening: str,
    heads: Sequence[HeadLine],
    named: Title | None,
) -> str:
    """Return the reporting agency by the best source that names one, as full as another gives it.

    What a letter is about reports only where more than the letter's title says so.
    """
    if title and title.judges:
        return ""
    of_title = title.agency if title else ""
    others = [*_agencies(body, opening, list(heads_to_fields(heads)), named)]
    if title and title.of_another:
        return fuller(of_title, others) if of_title in (fuller(other, [of_title]) for other in others) else ""
    sources = [*_known([of_title]), *others]
    return fuller(sources[0], sources[1:]) if sources else ""


def _agencies(
    body: Sequence[TextLine], opening: str, fields: Sequence[Field], named: Title | None
) -> Iterator[str]:
    """Yield the reporting agency by other sources than the title, from the best to the weakest."""
    labelled = map(field_to_title, fields)
    yield from _known([one.agency for one in labelled if one])
    yield from opening_to_authors(opening)
    yield from _known([lines_to_signature(body)])
    yield from fields_to_agencies(fields, "agency")
    yield from opening_to_contacts(opening)
    yield from _known([named.agency if named else ""])
    yield from fields_to_agencies(fields, "source", CRUMB)
    yield from opening_to_acting(opening)


def _known(names: Sequence[str]) -> Iterator[str]:
    """Yield the names that are any."""
    yield from filter(None, names)
