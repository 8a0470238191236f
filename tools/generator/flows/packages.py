"""ZIP packages (.docx, .xlsx) whose bytes follow from their parts alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date of each part: the first that a ZIP can say."""


def parts_to_package(parts: Mapping[str, bytes]) -> bytes:
    """Return a package with these parts, in their order."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, content)
    return kept.getvalue()


def package_to_parts(package: bytes) -> dict[str, bytes]:
    """Return the parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def with_part_changed(package: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """Return a package in which one part, as text in UTF-8, is changed."""
    parts = package_to_parts(package)
    parts[name] = change(parts[name].decode("utf-8")).encode("utf-8")
    return parts_to_package(parts)
