"""The digest of a night: what it has to say, as JSON for programs and as short Markdown for a mail or a
chat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes

from pipeline.nightly.release_gates import GateFailure
from pipeline.printable import json_to_printable, to_printable

_DIGEST_ENTRIES_MAX = 10
"""Count. A list in the Markdown, which a person reads, has no more entries; the JSON has all."""

_DIGEST_TEXT_MAX_CHARACTERS = 200
"""Count. The Markdown has no more characters of a text that is not ours."""

_DIGEST_ADDRESSES_MAX = 5
"""Count. A line of the Markdown names no more addresses; the JSON has all."""

_DIGEST_ADDRESS_MAX_CHARACTERS = 500
"""Count. The Markdown has no more characters of an address."""

_LISTS = ("new", "revised", "damaged", "withdrawn", "gone", "failed", "flagged", "contradicted", "overdue")
_NEWER = ("damaged", "contradicted")
"""The lists of which an older program knew nothing."""
_BLANKS = re.compile(r"[ \t\r\n]+")
# Words of any script, without a sign that Markdown or a chat interprets, and without a commit hash.
_QUIET = re.compile(r"(?!.*\b[0-9a-f]{7})[^\W\d_](?:[^\W_]|[ ,;()%+…、，。；：？！（）《》“”]|: )*")
_LIVE = re.compile(r"[`<>@]|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
_ESCAPED = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+")
_LIVE_IN_ADDRESS = re.compile("[`<>@]")


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document in the digest; `note` says what is worth knowing about it."""

    report_id: str
    name: str
    url: str
    agency: str
    year: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """Something unusual at a source. `kind` is lists (its list changed), blocked, robots, failed or note.

    `times` counts its addresses: `url` is the first of them, `others` are the rest.
    """

    source: str
    kind: str
    text: str
    url: str = ""
    times: int = 1
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """The outcome of reading a document tonight, for the ledger."""

    sha256: str
    version: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Digest:
    """All that a night has to say. `tables` is the folder of its tables.

    `exit_status` and `published` are also recorded in the ledger.
    """

    night: int
    started: str
    ended: str
    exit_status: int
    published: bool
    headline: str
    tables: str
    counts: Mapping[str, int]
    findings: tuple[GateFailure, ...] = ()
    new: tuple[DocumentEntry, ...] = ()
    revised: tuple[DocumentEntry, ...] = ()
    withdrawn: tuple[DocumentEntry, ...] = ()
    gone: tuple[DocumentEntry, ...] = ()
    failed: tuple[DocumentEntry, ...] = ()
    flagged: tuple[DocumentEntry, ...] = ()
    overdue: tuple[DocumentEntry, ...] = ()
    sources: tuple[SourceEntry, ...] = ()
    readings: tuple[ReadOutcome, ...] = ()
    damaged: tuple[DocumentEntry, ...] = ()
    contradicted: tuple[DocumentEntry, ...] = ()


def digest_to_json(digest: Digest) -> str:
    """Return the digest as JSON that is safe to show."""
    return json_to_printable(json.dumps(asdict(digest), ensure_ascii=False, indent=1)) + "\n"


def json_to_digest(text: str) -> Digest:
    """Return the digest of a JSON text. ValueError, KeyError or TypeError if the text is none."""
    values: dict[str, Any] = {**{name: [] for name in _NEWER}, **json.loads(text)}
    records = {
        "findings": GateFailure,
        "sources": SourceEntry,
        "readings": ReadOutcome,
        **dict.fromkeys(_LISTS, DocumentEntry),
    }
    lists = {name: tuple(map(partial(_to_record, record), values[name])) for name, record in records.items()}
    return Digest(**{**values, **lists})


def _to_record(record: type[Any], entry: Mapping[str, Any]) -> Any:
    """Return a record of the digest; JSON knows no tuples."""
    return record(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    )


def digest_to_markdown(digest: Digest) -> str:
    """Return a short page that begins with what needs attention. Long lists are cut; the JSON has them
    whole."""
    sections = [
        _section("Look at this first", map(_finding_to_line, digest.findings)),
        _section("New reports", map(_entry_to_line, digest.new)),
        _section("Revised by their bureau", map(_entry_to_line, digest.revised)),
        _section("Damaged since, not by their bureau", map(_entry_to_line, digest.damaged)),
        _section("Withdrawn", map(_entry_to_line, digest.withdrawn)),
        _section("Gone from the tables", map(_entry_to_line, digest.gone)),
        _section("Could not be read", map(_entry_to_line, digest.failed)),
        _section("Flagged", map(_entry_to_line, digest.flagged)),
        _section("Contradicted by another file of the year", map(_entry_to_line, digest.contradicted)),
        *(
            _section(title, _sources_to_lines(digest.sources, kind), _TODOS.get(kind, ""))
            for kind, title in _KIND_TITLES.items()
        ),
        _section("Not there yet", map(_entry_to_line, digest.overdue)),
    ]
    head = f"# Night {digest.night}, {digest.started}: {plain(digest.headline)}\n\n{_counts(digest.counts)}\n"
    return "\n".join([head, *filter(None, sections)])


_KIND_TITLES = {
    "lists": "Lists that changed",
    "blocked": "Sites that blocked us",
    "robots": "Refused by robots.txt",
    "failed": "Addresses that gave no report",
    "note": "Notes of the crawl",
}

_TODOS = {
    "failed": "A file that is not read counts once you have converted it and put it into a source's `folder`:"
}
"""What is said at the head of a section on what to do."""


def plain(text: str) -> str:
    """Return a text from a site or a file as one line of Markdown without links, mentions or formatting.

    Anything but plain words becomes code, which Markdown, chats and GitHub leave alone. Addresses, mentions
    and tags in it are broken up too, for programs that show code as text.
    """
    line = to_printable(_cut(_BLANKS.sub(" ", text).strip(" "), _DIGEST_TEXT_MAX_CHARACTERS))
    return line if _QUIET.fullmatch(line) else f"`{_LIVE.sub(_to_number, line)}`" if line else ""


def address(url: str) -> str:
    """Return an address as code, so that it can be copied but not clicked."""
    readable = _ESCAPED.sub(_to_readable, _cut(url, _DIGEST_ADDRESS_MAX_CHARACTERS))
    shown = to_printable(readable)
    return f"`{_LIVE_IN_ADDRESS.sub(lambda found: f'%{ord(found[0]):02X}', shown)}`"


def _to_readable(found: re.Match[str]) -> str:
    """Return escaped words of a script such as the Chinese as they are read; a browser escapes them again."""
    try:
        text = unquote_to_bytes(found[0]).decode()
    except UnicodeDecodeError:
        return found[0]
    return text if text.isalnum() else found[0]


def _cut(text: str, most: int) -> str:
    """Return the first characters, with … if there are more."""
    return text if len(text) <= most else f"{text[:most]}…"


def _to_number(found: re.Match[str]) -> str:
    """Return a character as its hexadecimal escape."""
    return f"\\x{ord(found[0]):02x}"


def _section(title: str, lines: Iterable[str], todo: str = "") -> str:
    """Return a section of the page, with what to do at its head; "" without lines."""
    every = list(lines)
    if not every:
        return ""
    more = [f"- … and {len(every) - _DIGEST_ENTRIES_MAX:,} more"] if len(every) > _DIGEST_ENTRIES_MAX else []
    head = [f"## {title} ({len(every):,})", "", *([todo, ""] if todo else [])]
    return "\n".join([*head, *every[:_DIGEST_ENTRIES_MAX], *more, ""])


def _counts(counts: Mapping[str, int]) -> str:
    """Return the counts in one line."""
    return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in counts.items())


def _finding_to_line(finding: GateFailure) -> str:
    """Return the line of a failed gate."""
    numbers = f"{finding.before:,} before, {finding.now:,} now"
    return f"- **{plain(finding.gate)}**: {numbers}: {plain(finding.look)}"


def _entry_to_line(entry: DocumentEntry) -> str:
    """Return the line of a document."""
    who = " ".join(filter(None, (entry.agency, str(entry.year or "")))) or entry.name
    where = address(entry.url) if entry.url else plain(entry.name)
    note = f": {plain(entry.note)}" if entry.note else ""
    return f"- {plain(who)}{f' ({where})' if who != entry.name else ''}{note}"


def _sources_to_lines(entries: Sequence[SourceEntry], kind: str) -> Iterator[str]:
    """Yield a line for each entry of this kind."""
    for entry in entries:
        if entry.kind == kind:
            yield f"- {plain(entry.source)}: {plain(entry.text)}{_addresses(entry)}"


def _addresses(entry: SourceEntry) -> str:
    """Return the first addresses of an entry, and how many more there are."""
    if not entry.url:
        return ""
    urls = [address(url) for url in (entry.url, *entry.others)[:_DIGEST_ADDRESSES_MAX]]
    more = entry.times - len(urls)
    return f" ({', '.join([*urls, *([f'… and {more:,} more'] if more > 0 else [])])})"
