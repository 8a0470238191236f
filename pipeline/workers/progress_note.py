"""Let the code in a worker tell its parent the next step, and keep its libraries quiet."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable


class ProgressNote:
    """A function that is called with each step before it is taken.

    If the process dies, its parent knows from this in which step.
    """

    def __init__(self) -> None:
        self._listener: Callable[[str], None] | None = None

    def __call__(self, step: str) -> None:
        """Tell the listener, if there is one, the step that comes next."""
        if self._listener:
            self._listener(step)

    def send_to(self, listener: Callable[[str], None]) -> None:
        """Tell every step to `listener` from now on."""
        self._listener = listener


note = ProgressNote()
"""The note of this process. It does nothing outside a worker."""


def silence_libraries() -> None:
    """Turn off logs and warnings, for the whole process.

    The PDF libraries warn about every odd font. What matters of it shows in the cells.
    """
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")
