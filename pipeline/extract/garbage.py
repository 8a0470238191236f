"""Let Python's collector of garbage stand still while a file is read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep Python from searching for cycles of objects that nobody needs.

    A page becomes a thousand small objects, none of them in a cycle, and each few hundred are searched: a
    tenth of the time of a document. Whoever had switched the search off finds it off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
