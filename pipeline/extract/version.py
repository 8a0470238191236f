"""The version of the reading: a document that was read by another version is read again.

What recognises text in pictures counts for those documents alone that have pages which are pictures, and
LibreOffice for old Word files alone. So to install one of them, or another one, has no other document read
again.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import metadata

from pipeline.installation.extras import EXTRAS
from pipeline.installation.libreoffice import office_version
from pipeline.installation.scan_model import EXTRA, model_file, scan_to_problem
from pipeline.records import OLD_WORD_MEDIA_TYPE, Report
from pipeline.versions import READING, VERSION_DIGITS, files_to_version, names_to_files

NO_SCAN = "no-scan"
"""The version of what recognises text in pictures where it is not installed."""

NO_OFFICE = "no-office"
"""The version of the second reader of old Word files where it is not installed."""


@cache
def reading_version() -> str:
    """Return a short hash of the code and data that read, and of the libraries that they import.

    It is the version of reports without pictures.
    """
    return files_to_version(names_to_files(READING), EXTRAS[EXTRA])


def report_to_version(report: Report) -> str:
    """Return the version of what read a report: that of the reading, and of what it needs besides, if
    anything."""
    return _version(report.has_pictures, report.media_type == OLD_WORD_MEDIA_TYPE)


def is_of_today(version: str) -> bool:
    """Whether a report of this version would be read by the same code, data, libraries, model and second
    reader today.

    The model is looked at for versions of reports with pictures alone.
    """
    return version in (_version(False, False), _version(False, True)) or version in (
        *(_version(True, False), _version(True, True)),
    )


def lacks_scan(version: str) -> bool:
    """Whether a report of this version has pictures that were not read, for the extra was not installed."""
    return f"-{NO_SCAN}" in version


def _version(has_pictures: bool, is_old_word: bool) -> str:
    """Return the version of reports with such pages and of such a kind."""
    parts = [reading_version()]
    if has_pictures:
        parts.append(_picture_version())
    if is_old_word:
        parts.append(_office_version())
    return "-".join(parts)


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


@cache
def _office_version() -> str:
    """Return a short hash of the LibreOffice that is installed, or NO_OFFICE."""
    version = office_version()
    return sha256(version.encode()).hexdigest()[:VERSION_DIGITS] if version else NO_OFFICE
