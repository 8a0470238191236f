"""The version of the reading: a document that was read by another version is read again.

What recognises text in pictures counts for those documents alone that have pages which are pictures. So to
install it, or another one, has no other document read again.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import metadata

from pipeline.installation.extras import EXTRAS
from pipeline.installation.scan_model import EXTRA, model_file, scan_to_problem
from pipeline.versions import READING, VERSION_DIGITS, files_to_version, names_to_files

NO_SCAN = "no-scan"
"""The version of what recognises text in pictures where it is not installed."""


@cache
def reading_version() -> str:
    """Return a short hash of the code and data that read, and of the libraries that they import.

    It is the version of reports without pictures.
    """
    return files_to_version(names_to_files(READING), EXTRAS[EXTRA])


def pictures_reading_version() -> str:
    """Return the version of reports that have pages which are pictures."""
    return f"{reading_version()}-{_picture_version()}"


def is_of_today(version: str) -> bool:
    """Whether a report of this version would be read by the same code, data, libraries and model today."""
    return version == reading_version() or version == pictures_reading_version()


def lacks_scan(version: str) -> bool:
    """Whether a report of this version has pictures that were not read, for the extra was not installed."""
    return version.endswith(f"-{NO_SCAN}")


@cache
def _picture_version() -> str:
    """Return a short hash of the model and of the packages of the extra, or NO_SCAN."""
    file = model_file()
    if file is None or scan_to_problem():
        return NO_SCAN
    digest = sha256(file.read_bytes())
    for package in EXTRAS[EXTRA]:
        digest.update(f"{package} {metadata.version(package)}\n".encode())
    return digest.hexdigest()[:VERSION_DIGITS]
