"""What the code of a worker may call: it says which step comes next, and is quiet."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable

OUT_OF_MEMORY = 77
"""The exit status of a worker that could not get more memory: it is not used again."""


class ProgressNote:
    """Called with the step that is taken next, for the case that it is the last."""

    def __init__(self) -> None:
        self._listener: Callable[[str], None] | None = None

    def __call__(self, step: str) -> None:
        if self._listener:
            self._listener(step)

    def send_to(self, listener: Callable[[str], None]) -> None:
        """Tell every step to `listener` from now on."""
        self._listener = listener


note = ProgressNote()
"""The one of this process; of no effect outside a worker."""


def silence_libraries() -> None:
    """The PDF libraries warn about every odd font; what matters of it shows in the cells."""
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")
