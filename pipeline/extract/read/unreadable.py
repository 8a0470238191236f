"""The error of a file that no reader opens."""

from __future__ import annotations

from pipeline.errors import Error
from pipeline.records import LIBRARY_WORDS_MAX_CHARACTERS, Reason


class UnreadableError(Error):
    """A file that no reader opens: `reason` in one word, and a message with the reason and the remedy."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


def error_to_words(error: Exception) -> str:
    """Return what a library said when it failed, short and in one line."""
    return " ".join(str(error).split())[:LIBRARY_WORDS_MAX_CHARACTERS]
