"""The limits of a query."""

from __future__ import annotations

from dataclasses import dataclass

QUERY_SECONDS = 60
"""Seconds. A query may take as long, unless `sql --timeout` says otherwise."""

QUERY_MEMORY_MB = 2048
"""MB. A query may need as much memory, unless `sql --memory` says otherwise."""

QUERY_MEMORY_MIN_MB = 64
"""MB. `sql --memory` accepts no less."""

_ANSWER_MB = 1_000_000
"""Bytes that count as one MB of an answer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` until the query is stopped. `memory_mb` for its work and, as much again, for its result."""

    seconds: float = QUERY_SECONDS
    memory_mb: int = QUERY_MEMORY_MB

    @property
    def answer_bytes(self) -> int:
        """Return the most bytes of a result."""
        return self.memory_mb * _ANSWER_MB

    @property
    def too_slow(self) -> str:
        """Return the message for a query that took too long."""
        return f"not answered within {self.seconds:g} s: ask for less, or give a longer --timeout"

    @property
    def too_large(self) -> str:
        """Return the message for a query that needed too much memory."""
        return f"needs more than {self.memory_mb:,} MB of memory: ask for less, or give a larger --memory"

    @property
    def too_long(self) -> str:
        """Return the message for a result that is too large."""
        return f"the answer is larger than {self.memory_mb:,} MB: ask for less, or give a larger --memory"
