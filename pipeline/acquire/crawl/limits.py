"""Limits of memory for the processes of the crawl."""

from __future__ import annotations

import sys

_MB = 1 << 20


def limit_memory(megabytes: int) -> None:
    """Make allocations beyond so many MB raise MemoryError in this process. Does nothing outside Linux,
    where no such limit is kept."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * _MB, megabytes * _MB))
