"""Sample reports in a folder: a list beside them says which contents are samples, not reports to count."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from pipeline.errors import PathError
from pipeline.files.regular_file import DOCUMENT_MAX_BYTES, file_to_sha256, read_regular

LIST = "samples.sha256"
"""The list: a hash and a name in each line, as `sha256sum` writes them. Only the hash counts."""

_LIST_MAX_BYTES = 1 << 20
"""Bytes that the list may have: about ten thousand samples."""


def folder_to_samples(folder: Path) -> frozenset[str]:
    """Return the hashes in the list of samples of a folder; none if there is no list.

    PathError if the list cannot be read: the samples would count as reports.
    """
    try:
        text = read_regular(folder / LIST, largest=_LIST_MAX_BYTES).decode(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
    except OSError as error:
        todo = "check its rights, or put back the list of the samples"
        raise PathError(f"{folder / LIST}: cannot be read ({error.strerror}): {todo}") from error
    return frozenset(re.findall(r"^([0-9a-f]{64})\b", text, re.MULTILINE))


def is_sample(path: Path, samples: Collection[str]) -> bool:
    """Whether the content of a file is one of these samples, whatever its name."""
    try:
        return bool(samples) and file_to_sha256(path, largest=DOCUMENT_MAX_BYTES) in samples
    except OSError:
        return False
