"""Convert one document with LibreOfficeKit: `python office_child.py LIBRARY PROFILE FILE TARGET`.

It exits with 0 when the target is written. It imports nothing of ours: in a sandbox Python finds no package
that was not loaded before.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_HOOK = "libreofficekit_hook_2"
_LOAD_PLACE, _SAVE_PLACE = 2, 2
"""Counts. Which function of LibreOfficeKit's tables loads a document, and which saves one."""


def main(arguments: Sequence[str]) -> int:
    """Convert a file, and return 0 where the target is written."""
    library, profile, file, target = map(Path, arguments)
    pointer = ctypes.c_void_p
    start = getattr(ctypes.CDLL(str(library)), _HOOK)
    start.restype, start.argtypes = pointer, [ctypes.c_char_p, ctypes.c_char_p]
    office = start(os.fsencode(library.parent), profile.as_uri().encode())
    load = ctypes.CFUNCTYPE(pointer, pointer, ctypes.c_char_p)(_function(office, _LOAD_PLACE))
    document = load(office, file.absolute().as_uri().encode())
    if not document:
        return 1
    save = ctypes.CFUNCTYPE(ctypes.c_int, pointer, *(ctypes.c_char_p,) * 3)(_function(document, _SAVE_PLACE))
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
