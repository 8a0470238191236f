"""Have the kernel refuse system calls with seccomp, for good, to this process and its children.

It covers what Landlock does not know. The filter is a program of some hundred steps, which the kernel runs at
every call. refused.csv lists the refused calls of each machine. See
https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

from __future__ import annotations

import csv
import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REFUSED = Path(__file__).with_name("refused.csv")

_PR_SET_SECCOMP, _FILTER = 22, 2
"""Numbers of the kernel, for prctl: that a filter is set."""

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Numbers of the kernel: the codes of a filter's steps."""

_STEP_BYTES = 8
"""Bytes of one step of a filter."""

_HALF_BYTES = 4
"""Bytes of one half of an argument: a step reads no more."""

_NUMBER, _MACHINE, _FIRST, _THIRD = 0, 4, 16, 32
"""Bytes before what a filter reads: the call, the machine, the low halves of two arguments."""

_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
"""Numbers of the kernel: what a filter returns."""

_REFUSE, _FEIGN = _ERROR | errno.EPERM, _ERROR
_OTHER_ABI = 0x40000000
"""Number of the kernel. Calls from it on are those of another interface."""

_DEATH_SIGNAL, _DUMPABLE, _SUBREAPER = 1, 4, 36
"""Numbers of the kernel: options of prctl that a worker may not use.

So it still dies with its parent, its parent can still look at it, and it still adopts orphans.
"""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The kernel's number for a machine, and the numbers there of calls that depend on their arguments."""

    machine: int
    prctl: int
    prlimit64: int
    setsid: int


_MACHINE_NUMBERS = {
    "x86_64": _Numbers(0xC000003E, 157, 302, 112),
    "aarch64": _Numbers(0xC00000B7, 167, 261, 157),
}


def refuse() -> str:
    """Have the kernel refuse these calls from now on. Return "", or why it cannot.

    no_new_privs has to be set before (see landlock.renounce_new_rights).
    """
    name = platform.machine()
    if name not in _MACHINE_NUMBERS or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        return f"no filter of calls on {name}"
    steps = b"".join(_steps(_MACHINE_NUMBERS[name], sorted(_refused(name))))
    held = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("HxxxxxxP", len(steps) // _STEP_BYTES, ctypes.addressof(held))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_SECCOMP, _FILTER, program, 0, 0):
        return f"no filter of calls ({os.strerror(ctypes.get_errno())})"
    return ""


def _refused(machine: str) -> Iterator[int]:
    """Yield the numbers of the calls that are refused on this machine."""
    with REFUSED.open(encoding="utf-8", newline="") as lines:
        yield from (int(row[machine]) for row in csv.DictReader(lines) if row[machine])


def _steps(numbers: _Numbers, refused: list[int]) -> Iterator[bytes]:
    """Yield the steps of the filter. Each path through them ends in a return.

    The two counts of a comparison say how many steps are skipped if it is true, and if it is false.
    """
    yield _step(_LOAD, _MACHINE)
    yield _step(_EQUAL, numbers.machine, 1, 0)
    yield _step(_RETURN, _REFUSE)
    yield _step(_LOAD, _NUMBER)
    yield from _end(_AT_LEAST, _OTHER_ABI, _REFUSE)
    for number in refused:
        yield from _end(_EQUAL, number, _REFUSE)
    yield from _end(_EQUAL, numbers.setsid, _FEIGN)  # it seems to work, but the session stays
    yield from _where(numbers.prctl, _FIRST, (_DEATH_SIGNAL, _DUMPABLE, _SUBREAPER))
    yield from _new_limits(numbers.prlimit64)
    yield _step(_RETURN, _ALLOW)


def _where(number: int, place: int, values: tuple[int, ...]) -> Iterator[bytes]:
    """Yield steps that refuse a call if the argument at the offset `place` has one of these values."""
    yield _step(_EQUAL, number, 0, 2 + 2 * len(values))
    yield _step(_LOAD, place)
    for value in values:
        yield from _end(_EQUAL, value, _REFUSE)
    yield _step(_RETURN, _ALLOW)


def _new_limits(number: int) -> Iterator[bytes]:
    """Yield steps that refuse a call which sets new limits; one that only asks for them is allowed."""
    yield _step(_EQUAL, number, 0, 6)
    for half in (_THIRD, _THIRD + _HALF_BYTES):
        yield _step(_LOAD, half)
        yield _step(_EQUAL, 0, 1, 0)
        yield _step(_RETURN, _REFUSE)


def _end(test: int, value: int, result: int) -> Iterator[bytes]:
    """Yield steps that end with this result if the test is true."""
    yield _step(test, value, 0, 1)
    yield _step(_RETURN, result)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one step as bytes, with the counts of steps to skip."""
    return struct.pack("HBBI", code, if_true, if_false, value)
