"""What a process of the crawl may take of the machine."""

from __future__ import annotations

import sys

_MB = 1 << 20


def limit_memory(megabytes: int) -> None:
    """Beyond so much, this process gets a MemoryError; other systems than Linux do not keep such a bound."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * _MB, megabytes * _MB))
