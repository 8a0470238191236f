"""The root of every error that this program raises on purpose, so that a caller can catch them all."""

from __future__ import annotations

import re

QUOTED_MAX_CHARACTERS = 200
"""Count. A message quotes no more characters of a text that is not ours."""

SHORT_QUOTED_MAX_CHARACTERS = 100
"""Count. A message quotes no more characters of what is usually short: a host, a status line, a title."""


_NO_MEMORY = re.compile(
    "bad_alloc|insufficient memory|(failed to|cannot) allocate|failed to map segment", re.IGNORECASE
)
"""What libraries say in errors of their own that are no MemoryError: onnxruntime, OpenCV, the loader."""


class Error(Exception):
    """Something that a caller or a user can act on; the message says where, what was found, what to do."""


class DefectError(Error):
    """A mistake in this program, which nothing that a user gives can cause or mend.

    The command line shows its traceback in place of one line.
    """


class PathError(Error):
    """A path that the user gave cannot be used."""


class TomlError(Error, ValueError):
    """A TOML file does not say what it has to; the message names the place, what was read and expected."""


def lacks_memory(error: BaseException) -> bool:
    """Whether an error says that there is no memory left, whatever its class."""
    return isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)) is not None
