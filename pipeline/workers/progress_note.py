"""What the code of a worker may call: it says which step comes next, and is quiet."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable

OUT_OF_MEMORY = 77
"""The exit status of a worker that could not get more memory: it is not used again."""

_notice: Callable[[str], None] | None = None


def note(step: str) -> None:
    """Say which step is taken next, for the case that it is the last; of no effect outside a worker."""
    if _notice:
        _notice(step)


def notify(notice: Callable[[str], None]) -> None:
    """Have every step told to `notice` from now on."""
    global _notice
    _notice = notice


def hush_readers() -> None:
    """The PDF libraries warn about every odd font; what matters of it shows in the cells."""
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")
