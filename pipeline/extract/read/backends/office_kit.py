"""Have LibreOffice turn a document into a .docx, in a process of its own that inherits the worker's sandbox.

A program that is started as soffice opens a socket to others of its kind, which a worker's sandbox refuses.
LibreOfficeKit, the same program as a library, opens none. Run `python -m …office_kit PROGRAM PROFILE FILE
TARGET`: it exits with 0 when the target is written.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.child_processes import kept_variables

CONVERSION_MAX_SECONDS = 40.0
"""Seconds that a conversion may take, which takes 4 s on a busy machine, most of them waiting."""

SYSTEM_FOLDERS = tuple(map(Path, ("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice")))
"""Folders beside its own from which LibreOffice reads its settings."""

_LIBRARIES = ("libmergedlo.so", "libsofficeapp.so")
_HOOK = "libreofficekit_hook_2"
_LOAD, _SAVE_AS = 2, 2
"""Counts. Which function of LibreOfficeKit's tables loads a document, and which saves one."""


def office_folder() -> Path | None:
    """Return the folder of the programs of LibreOffice; None where it is not installed."""
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found and any((Path(found).resolve().parent / library).exists() for library in _LIBRARIES):
            return Path(found).resolve().parent
    return None


def convert_to_docx(file: Path, folder: Path, program: Path) -> Path | None:
    """Return the .docx that LibreOffice makes of a file, in a folder; None where it makes none."""
    target = folder / "converted.docx"
    with tempfile.TemporaryDirectory(prefix="office") as profile:
        command = [sys.executable, "-P", "-m", __name__, str(program), profile, str(file), str(target)]
        variables = kept_variables(os.environ) | {"HOME": profile, "TMPDIR": profile}
        try:
            subprocess.run(
                command,
                env=variables | {"PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=CONVERSION_MAX_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return target if target.exists() else None


def main(arguments: Sequence[str]) -> int:
    """Convert a file, and return 0 where the target is written."""
    program, profile, file, target = map(Path, arguments)
    library = next(program / name for name in _LIBRARIES if (program / name).exists())
    pointer = ctypes.c_void_p
    start = getattr(ctypes.CDLL(str(library)), _HOOK)
    start.restype, start.argtypes = pointer, [ctypes.c_char_p, ctypes.c_char_p]
    office = start(os.fsencode(program), profile.as_uri().encode())
    load = ctypes.CFUNCTYPE(pointer, pointer, ctypes.c_char_p)(_function(office, _LOAD))
    document = load(office, file.absolute().as_uri().encode())
    if not document:
        return 1
    save = ctypes.CFUNCTYPE(ctypes.c_int, pointer, *(ctypes.c_char_p,) * 3)(_function(document, _SAVE_AS))
    return 0 if save(document, target.absolute().as_uri().encode(), b"docx", None) else 1


def _function(thing: int, number: int) -> int:
    """Return the address of a function of a thing: its first word points to a table of them."""
    table = ctypes.cast(thing, ctypes.POINTER(ctypes.c_void_p))[0]
    address = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[number]
    if not address:
        raise OSError("this LibreOffice has no such function")
    return int(address)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    os._exit(status)  # its own threads would hold up the end
