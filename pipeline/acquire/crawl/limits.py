"""Limits of memory for the processes of the crawl."""

from __future__ import annotations

import sys

from pipeline.files.regular_file import MB


def limit_memory(megabytes: int) -> None:
    """Make allocations beyond so many MB raise MemoryError in this process. Does nothing outside Linux,
    where no such limit is kept."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * MB, megabytes * MB))
