"""Places between two writes where a test may kill the process: a second run has to mend everything."""

from __future__ import annotations

from collections.abc import Callable

hook: Callable[[str], None] | None = None
"""What tests put here is called at every point; nothing that a user can say does."""


def pass_point(name: str) -> None:
    """Nothing, unless a test has put a hook in place."""
    if hook is not None:
        hook(name)
