"""Give up rights over files, the network and signals with Landlock, for good.

What this process gives up, its children lack too. The kernel's interface is three system calls and three
structures. It is the same on every architecture since Linux 5.13. See
https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""Numbers of the kernel: its system calls for a ruleset."""

_VERSION, _PATH_BENEATH = 1, 1
"""Numbers of the kernel: the flag that asks for the version, and the kind of rule that is added."""

_NO_NEW_PRIVS = 38
"""Number of the kernel, for prctl: no more rights."""

_TCP_VERSION = 4
"""Version of Landlock. It knows TCP, and older ones do not."""

_SCOPES_VERSION = 6
"""Version of Landlock. It knows scopes, which are other processes, and older ones do not."""

_FIELD_BYTES = 8
"""Bytes of a field of the kernel's structure. A version knows one field for each of its kinds of rights."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
"""Bits of the kernel: rights over what is there."""

_REMOVE = 1 << 4 | 1 << 5
"""Bits of the kernel: removing folders and files."""

_MAKE_DIR, _MAKE_FILE = 1 << 7, 1 << 8
"""Bits of the kernel: making folders and files."""

_REFER = 1 << 13
"""Bit of the kernel: moving a file to another folder."""

_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

READ = _READ_FILE | _READ_DIR
"""The right to read files and to list folders."""

USE = READ | _EXECUTE
"""The right to read files, and to run or load them as programs and libraries."""

WRITE = _WRITE_FILE | _READ_FILE | _READ_DIR | _TRUNCATE | _REMOVE | _MAKE_DIR | _MAKE_FILE | _REFER
"""The right to read, change, make and remove files and folders.

Links, pipes, sockets and devices cannot be made: no reader needs any.
"""

_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files (a bit for each) that each version of the interface knows.

Versions after 5 add no right over files that is used here.
"""

_TCP = 1 << 0 | 1 << 1
"""Bits of the kernel: binding and connecting TCP sockets."""

_OTHER_PROCESSES = 1 << 0 | 1 << 1
"""Bits of the kernel: connecting to abstract Unix sockets of other processes, and sending them signals."""


class _Ruleset(ctypes.Structure):
    """The kernel's structure for the rights that are given up."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    """The kernel's structure for the rights that are kept below one path."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the version of the interface that this kernel has, 0 if it has none or has it turned off."""
    if sys.platform != "linux":
        return 0
    try:
        return _call(_CREATE, None, 0, _VERSION)
    except OSError:
        return 0


def renounce_new_rights() -> None:
    """Let no program that this process starts have more rights than this process.

    Otherwise a file with a setuid bit could give more. Landlock and seccomp both require this first. Raises
    OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")


def restrict(rights: Iterable[tuple[Path, int]]) -> int:
    """Take all rights over files from this thread but `rights`, and all TCP and signals to other processes.

    `rights` has pairs of a path and the rights (bits) that are kept below it. Return the version of Landlock
    that is enforced, 0 if the kernel has none; an older version enforces less. Raises OSError.
    """
    spoken = version()
    if not spoken:
        return 0
    handled = _FILES[min(spoken, max(_FILES))]
    attributes = _Ruleset(
        handled, _TCP if spoken >= _TCP_VERSION else 0, _OTHER_PROCESSES if spoken >= _SCOPES_VERSION else 0
    )
    ruleset = _call(_CREATE, ctypes.byref(attributes), _size(spoken), 0)
    try:
        for path, allowed in rights:
            _allow(ruleset, path, allowed & handled)
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return spoken


def _size(spoken: int) -> int:
    """Return the bytes of the structure in this version: a kernel refuses a longer one than it knows."""
    return _FIELD_BYTES * (1 + (spoken >= _TCP_VERSION) + (spoken >= _SCOPES_VERSION))


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    """Keep these rights below a path. A path that does not exist needs none."""
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            allowed &= _OF_FILES
        _call(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(_PathBeneath(allowed, parent)), 0)
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    """Make a system call and return its result. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    sized = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = int(libc.syscall(ctypes.c_long(number), *sized))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
