"""Keep libraries from work that costs more than it saves while a file is read."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import cv2

FREED_KEPT_MAX_BYTES = 32 << 20
"""Bytes. So much freed memory is kept for what is asked for next; at 8 MB pages' pictures are given back."""

_TRIM = -1
"""Number in glibc of its setting of how much freed memory is given back."""

_MMAP = -3
"""Number in glibc of its setting of how large a piece of memory must be to be asked for by itself."""

_OWN_SETTING = "MALLOC_TRIM_THRESHOLD_"
"""The variable by which whoever starts the program sets how much is kept."""


@contextmanager
def frugal_libraries() -> Iterator[None]:
    """Let OpenCV work in one thread, and memory that is freed be kept for the next page.

    Pictures of cells are small: a second thread waits for its share of them, and a twelfth of the time of
    reading is its waiting. The memory of a picture would go back to the system, which clears it anew for the
    next. OpenCV has the threads of whoever called again; the memory stays with the process.
    """
    _keep_freed_memory()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


@cache
def _keep_freed_memory() -> None:
    """Set how much freed memory glibc keeps; other systems have no such setting."""
    if sys.platform != "linux" or _OWN_SETTING in os.environ:
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option:
        set_option(_TRIM, FREED_KEPT_MAX_BYTES)
        set_option(_MMAP, FREED_KEPT_MAX_BYTES)
