"""Points between two writes at which a test can kill the process, to show that the next run repairs
everything."""

from __future__ import annotations

from collections.abc import Callable

hook: Callable[[str], None] | None = None
"""Called at every point. Only tests set it; no option or setting can."""


def pass_point(name: str) -> None:
    """Call the hook with the point's name, if a test has set one."""
    if hook is not None:
        hook(name)
