"""The result of a crawl, source by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What a crawl did at one source.

    `listed` counts its list pages, `links` the links to reports on them, `unopened` the entries that only a
    script opens. `outcomes` counts the outcomes of the ledger's fetches, and `postponed` for what was not
    fetched tonight; `changes` counts the ledger's changes. `notes` are sentences for the digest: what was
    left undone or looks odd, and what to do about it.
    """

    name: str
    listed: int
    links: int
    outcomes: Mapping[str, int]
    changes: Mapping[str, int]
    notes: tuple[str, ...]
    unopened: int = 0


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """The sources in their order, and the requests sent by host. `problem` says why the crawl ended early,
    if it did."""

    sources: tuple[SourceResult, ...]
    requests: Mapping[str, int]
    problem: str = ""


_NOTES_MAX = 100
"""Count. No more notes are kept of a source: a person reads them."""

_NAMED_HOSTS_MAX = 5
"""Count. No more hosts are named in one note."""


@dataclass
class Tally:
    """A SourceResult that is being counted. `foreign` counts links to hosts that are not the source's;
    `unsaid` the notes beyond the limit."""

    listed: int = 0
    links: int = 0
    unopened: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    foreign: Counter[str] = field(default_factory=Counter)
    notes: dict[str, None] = field(default_factory=dict)
    unsaid: int = 0

    def note(self, text: str) -> None:
        """Keep a sentence once; beyond the limit only count it."""
        if text in self.notes or len(self.notes) < _NOTES_MAX:
            self.notes[text] = None
        else:
            self.unsaid += 1

    def to_result(self, name: str) -> SourceResult:
        """Return the result of the source with this name."""
        outcomes, changes = dict(self.outcomes), dict(self.changes)
        notes = (*self.notes, *self._foreign_to_note(), *self._unsaid_to_note())
        return SourceResult(name, self.listed, self.links, outcomes, changes, notes, self.unopened)

    def _foreign_to_note(self) -> Iterator[str]:
        """Yield a note on links to other hosts, if there were any."""
        if self.foreign:
            named = ", ".join(host for host, _ in self.foreign.most_common(_NAMED_HOSTS_MAX))
            more = " …" if len(self.foreign) > _NAMED_HOSTS_MAX else ""
            yield (
                f"{self.foreign.total()} links to {len(self.foreign)} other hosts were not followed "
                f"({named}{more}): add to domains those that are the bureau's"
            )

    def _unsaid_to_note(self) -> Iterator[str]:
        """Yield a note on the notes that were left out, if any."""
        if self.unsaid:
            yield f"{self.unsaid} further notes are left out"
