"""Where LibreOffice is installed, which the readers of old Word files ask; nothing of it is loaded here."""

from __future__ import annotations

import shutil
from pathlib import Path

_LIBRARIES = ("libmergedlo.so", "libsofficeapp.so")
"""The files that may hold LibreOfficeKit, LibreOffice as a library."""

_VERSION_FILE = "versionrc"
"""The file beside the library that names its build."""

SYSTEM_FOLDERS = tuple(map(Path, ("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice")))
"""Folders beside its own from which LibreOffice reads its settings."""


def office_library() -> Path | None:
    """Return the file that holds LibreOfficeKit, in the folder of its programs; None where there is none."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            files = (Path(found).resolve().parent / library for library in _LIBRARIES)
            if library := next(filter(Path.exists, files), None):
                return library
    return None


def office_version() -> str:
    """Return what another LibreOffice says otherwise: what names its build, and the bytes of its library; ""
    where there is none."""
    library = office_library()
    if library is None:
        return ""
    try:
        build = library.with_name(_VERSION_FILE).read_text(encoding="utf-8", errors="replace")
        return f"{library.stat().st_size} {build}"
    except OSError:
        return library.name
