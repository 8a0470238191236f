"""Find the body that reports where the title does not name it: in preamble, signature, labels of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.extract.normalise.agency_names import is_agency, name_to_agency, name_to_body
from pipeline.extract.normalise.around_title import CRUMB, Field
from pipeline.extract.normalise.body_text import compact
from pipeline.extract.normalise.dates import DATE, half_width
from pipeline.extract.normalise.publication import SIGNATURE_MAX_LINES
from pipeline.extract.normalise.title_forms import Patterns, load_title_forms
from pipeline.records import TextLine

_BRACKETED = re.compile(r"\((?:以下|下)?简?称[^()]{0,30}\)")


def opening_to_authors(opening: str) -> Iterator[str]:
    """Yield the bodies that a preamble names as author of the report, or reports on.

    `opening` has no white space, and half-width punctuation. The office of a government writes that of the
    government and its own; it is named where the text says which.
    """
    forms = load_title_forms().preamble
    text = _BRACKETED.sub("", opening)
    for found in _found(forms.written_by, text):
        yield from _written_by(found, text)
    for found in _found(forms.reported_by, text):
        yield from filter(None, [name_to_agency(found["name"])])


def opening_to_contacts(opening: str) -> Iterator[str]:
    """Yield the bodies that a preamble says to ask; the office of a government answers for both."""
    text = _BRACKETED.sub("", opening)
    for found in _found(load_title_forms().preamble.asked, text):
        body = name_to_body(found["name"])
        if body and not load_title_forms().names.government_office.fullmatch(body):
            yield body


def opening_to_acting(opening: str) -> Iterator[str]:
    """Yield the bodies of whose year the text speaks; none that is but a place."""
    for found in _found(load_title_forms().preamble.acting, _BRACKETED.sub("", opening)):
        if is_agency(found["name"]) and (body := name_to_agency(found["name"])):
            yield body


def lines_to_signature(body: Sequence[TextLine]) -> str:
    """Return the agency above, or before, the date in the last lines; "" where there is none."""
    last = [compact(line.text) for line in body[-SIGNATURE_MAX_LINES:]]
    for above, text in zip([*last[:1], *last], last, strict=False):
        found = DATE.search(half_width(text))
        if found and not text[found.end() :].strip(")"):
            for name in (text[: found.start()].rstrip("("), above):
                if is_agency(name) and (signed := name_to_agency(name)):
                    return signed
    return ""


def fields_to_agencies(fields: Iterable[Field], *kinds: str) -> Iterator[str]:
    """Yield the bodies in labelled values and breadcrumbs of these kinds.

    What a web site calls itself is no witness, nor is the office that a government publishes through.
    """
    names = load_title_forms().names
    for field in fields:
        if field.kind in kinds and is_agency(name := compact(field.value)):
            is_site = field.kind in ("source", CRUMB) and names.site.fullmatch(name)
            if not is_site and not names.government_office.fullmatch(name) and (body := name_to_body(name)):
                yield body


def _found(patterns: Patterns, text: str) -> Iterator[re.Match[str]]:
    """Yield every match of some patterns."""
    for pattern in patterns:
        yield from pattern.finditer(text)


def _written_by(found: re.Match[str], text: str) -> Iterator[str]:
    """Yield the body for which the author of a report writes it, where that is clear."""
    forms = load_title_forms()
    body = name_to_body(found["name"])
    office = forms.names.government_office.fullmatch(body)
    if office and forms.preamble.gathers.match(text, found.end("name")):
        yield office["government"]
    elif body and (not office or forms.preamble.own_office.search(text)):
        yield body
