"""The scripts of a page → the links that they would write, the next page of a list, and what they ask for.

No script is run: these are the habits of common programs for government sites, each with an example in
tests/acquire/crawl/test_site_systems.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

SCRIPTS_MAX_CHARACTERS = 400_000
"""Count. No more of the scripts of a page is looked through; a list of a thousand entries has half of it."""

ADDRESS = re.compile(
    r"(https?:/)?/\S+|\.{1,2}/\S+|[^\s:]+\.(pdf|s?html?|jhtml|jspx?|aspx?|php)([?#]\S*)?|\?[^\s=]+=\S*"
)
"""A text in a script that is an address."""

_ASKED_MAX = 3
"""Count. No more of the addresses that scripts ask for are named."""

_RECORD_MAX_CHARACTERS = 5000
"""Count. An entry of a list that is kept as records has no more: a link, a date, some styles."""

_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|css|js)(?:[?#]|$)", re.IGNORECASE)
# Hanweb: <datastore><nextgroup>…<recordset><record><![CDATA[<li><a href=…>]]></record>, in a script or alone
_RECORD = re.compile(r"<(record|nextgroup)>\s{0,20}<!\[CDATA\[", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s[^<>]{1,1000}>(?:[^<]|<(?!/?a\b)[^<>]{0,200}>){0,300}</a>", re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'<>\s]{1,1000})", re.IGNORECASE)
_OBJECT = re.compile(r"\{([^{}]{1,4000})\}")
_PAIR = re.compile(
    r"[\"']?(\w{1,40})[\"']?\s*:\s*(?:\"((?:[^\"\\]|\\.){0,1000})\"|'((?:[^'\\]|\\.){0,1000})')"
)
_ADDRESS_KEY = re.compile(r"url|link|href|path|src", re.IGNORECASE)
_TITLE_KEY = re.compile(r"title|name|text|subject|caption", re.IGNORECASE)
_FILE = re.compile(
    r"[\"']([^\"'\s<>]{0,500}/[^\"'\s<>/]{1,200}\.(?:pdf|docx?|wps|xlsx?|et|ofd|zip|rar)"
    r"(?:\?[^\"'\s<>]{0,200})?)[\"']",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:\.(?:get|post|getJSON|load)\(\s*|\bfetch\(\s*|\burl\s*:\s*|\.open\(\s*[\"'](?:GET|POST)[\"']\s*,\s*)"
    r"[\"']([^\"'\s]{2,300})[\"']",
    re.IGNORECASE,
)
_CALL = re.compile(r"\bcreatePageHTML\w{0,20}\(([^()]{1,300})\)")
_VARIABLE = re.compile(r"\b([A-Za-z_]\w{0,40})\s*=\s*[\"']?([\w-]{1,60})[\"']?\s*(?:[;,/\n]|$)")
_COUNT_OF_PAGES = re.compile(
    r"(?:countPage|nPageCount|pageCount|totalPages?|pageTotal)[\"']?\s*[:=]\s*[\"']?(\d{1,5})", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?P<stem>[^/.]+?)(?:_\d+)?\.(?P<ending>\w{1,9})")

_LISTS = (("countPage", "currentPage"), ("m_nPageCount", "m_nCurrPage"))
"""The variables in which a program keeps how many pages a list has, and which this is, counted from 0."""

_NAMES = ("m_strPageName", "m_strPageExt")
"""The variables in which it keeps what the names of these pages begin and end with."""


@dataclass(frozen=True, slots=True)
class Pager:
    """The next page of a list as its script counts them: `link` is "" on the last; `is_open` says that there
    are more pages of which nothing tells the address."""

    link: str = ""
    is_open: bool = False


def scripts_to_html(page: str, scripts: str) -> str:
    """Return the links that the scripts of a page would write, as HTML; "" if there are none.

    These are links in texts of a script, entries of a list that is data there, and the files it names.
    """
    scripts = scripts[:SCRIPTS_MAX_CHARACTERS]
    return "".join([*_records(page), *_written(scripts), *_entries(scripts), *_files(scripts)])


def scripts_to_requests(scripts: str) -> tuple[str, ...]:
    """Return the first addresses that scripts ask for."""
    found = (match[1] for match in _REQUEST.finditer(scripts[:SCRIPTS_MAX_CHARACTERS]))
    asked = (url for url in found if ("/" in url or "?" in url) and not _PICTURE.search(url))
    return tuple(dict.fromkeys(asked))[:_ASKED_MAX]


def scripts_to_pager(url: str, scripts: str) -> Pager:
    """Return the next page of the list at an address whose links to its pages are written by a script."""
    scripts = scripts[:SCRIPTS_MAX_CHARACTERS]
    variables = {match[1]: match[2] for match in _VARIABLE.finditer(scripts)}
    for call in _CALL.finditer(scripts):
        if pager := _call_to_pager(call[1], variables):
            return pager
    if pager := _variables_to_pager(url, variables):
        return pager
    return Pager(is_open=any(int(found[1]) > 1 for found in _COUNT_OF_PAGES.finditer(scripts)))


def _records(page: str) -> Iterator[str]:
    """Yield the entries of a list that is kept as records, and the link to the next of them."""
    if "<datastore" not in page.lower():
        return
    for record in _RECORD.finditer(page):
        end = page.find("]]>", record.end(), record.end() + _RECORD_MAX_CHARACTERS)
        entry = page[record.end() : end] if end > 0 else ""
        if record[1].lower() == "record":
            yield f"<div>{entry}</div>"
        elif href := _HREF.search(entry):
            yield f'<a rel="next" href="{href[1]}"></a>'


def _written(scripts: str) -> Iterator[str]:
    """Yield the links that stand whole in a text of a script."""
    plain = scripts.replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")
    for anchor in _ANCHOR.finditer(plain):
        href = _HREF.search(anchor[0])
        if href and ADDRESS.fullmatch(href[1]):
            yield f"<div>{anchor[0]}</div>"


def _entries(scripts: str) -> Iterator[str]:
    """Yield the entries of a list that is data in a script: what has a title and an address."""
    for entry in _OBJECT.finditer(scripts):
        pairs = [(pair[1], _unescaped(pair[2] or pair[3] or "")) for pair in _PAIR.finditer(entry[1])]
        address = _chosen(
            [pair for pair in pairs if ADDRESS.fullmatch(pair[1]) and not _PICTURE.search(pair[1])],
            _ADDRESS_KEY,
        )
        title = _chosen([pair for pair in pairs if not ADDRESS.fullmatch(pair[1])], _TITLE_KEY)
        if address and title:
            yield f'<div><a href="{escape(address)}">{escape(title)}</a></div>'


def _chosen(pairs: list[tuple[str, str]], key: re.Pattern[str]) -> str:
    """Return the value whose name says that it is wanted, else the longest; "" of none."""
    named = [value for name, value in pairs if key.search(name)]
    return next(iter(named), "") or max((value for _, value in pairs), key=len, default="")


def _unescaped(text: str) -> str:
    """Return a text of a script as it is shown."""
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text.replace("\\", "")


def _files(scripts: str) -> Iterator[str]:
    """Yield links to the files whose addresses are texts of a script."""
    for file in _FILE.finditer(scripts.replace("\\/", "/")):
        yield f'<a href="{escape(file[1])}"></a>'


def _call_to_pager(arguments: str, variables: Mapping[str, str]) -> Pager | None:
    """Return the pager of a call createPageHTML(25, 0, "index", "html"): pages, this one, stem, ending.

    Pages are counted from 0. With the name of an element before these, they are counted from 1.
    """
    plain = [argument.strip().strip("'\"") for argument in arguments.split(",")]
    values = [variables.get(value, value) for value in plain]
    first = next((place for place, value in enumerate(values) if value.isdecimal()), len(values))
    if len(values) < first + 4 or not values[first + 1].isdecimal():
        return None
    pages, now = int(values[first]), int(values[first + 1])
    stem, ending = values[first + 2 : first + 4]
    last = pages if first else pages - 1
    return Pager(f"{stem}_{now + 1}.{ending}" if now < last else "")


def _variables_to_pager(url: str, variables: Mapping[str, str]) -> Pager | None:
    """Return the pager of a list whose script keeps its numbers in variables that are known."""
    for pages, now in _LISTS:
        numbers = variables.get(pages, ""), variables.get(now, "")
        if all(map(str.isdecimal, numbers)):
            stem, ending = _page_name(url, variables)
            following = int(numbers[1]) + 1
            return Pager(f"{stem}_{following}.{ending}" if following < int(numbers[0]) else "")
    return None


def _page_name(url: str, variables: Mapping[str, str]) -> tuple[str, str]:
    """Return what the name of the first page of a list begins and ends with."""
    if all(name in variables for name in _NAMES):
        return variables[_NAMES[0]], variables[_NAMES[1]]
    found = _NUMBERED.fullmatch(urlsplit(url).path.rpartition("/")[2])
    return (found["stem"], found["ending"]) if found else ("index", "html")
