"""Calls that the kernel refuses a process for good, itself and its children: what Landlock does not know.

A filter is a program of some hundred steps that the kernel walks through at every call; refused.csv lists
what is refused on which machine. See https://docs.kernel.org/userspace-api/seccomp_filter.html.
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
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST, _THIRD = 0, 4, 16, 32
"""Where in what a filter is shown the call, the machine, and the low half of two arguments stand."""

_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_REFUSE, _FEIGN = _ERROR | errno.EPERM, _ERROR
_OTHER_ABI = 0x40000000
_DEATH_SIGNAL, _DUMPABLE, _SUBREAPER = 1, 4, 36
"""What of itself a worker may not change by prctl: it dies with its parent, who can look at it."""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Of a machine: its own, and those of the calls whose arguments decide."""

    machine: int
    prctl: int
    prlimit64: int
    setsid: int


_NUMBERS = {
    "x86_64": _Numbers(0xC000003E, 157, 302, 112),
    "aarch64": _Numbers(0xC00000B7, 167, 261, 157),
}


def refuse() -> str:
    """Have the kernel refuse these calls from now on; why it cannot, or "". Needs no_new_privs."""
    name = platform.machine()
    if name not in _NUMBERS or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        return f"no filter of calls on {name}"
    steps = b"".join(_steps(_NUMBERS[name], sorted(_refused(name))))
    held = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("HxxxxxxP", len(steps) // 8, ctypes.addressof(held))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_SECCOMP, _FILTER, program, 0, 0):
        return f"no filter of calls ({os.strerror(ctypes.get_errno())})"
    return ""


def _refused(machine: str) -> Iterator[int]:
    with REFUSED.open(encoding="utf-8", newline="") as lines:
        yield from (int(row[machine]) for row in csv.DictReader(lines) if row[machine])


def _steps(numbers: _Numbers, refused: list[int]) -> Iterator[bytes]:
    """The program: every path through it ends in a return; a jump goes over so many steps."""
    yield _step(_LOAD, _MACHINE)
    yield _step(_EQUAL, numbers.machine, 1, 0)
    yield _step(_RETURN, _REFUSE)
    yield _step(_LOAD, _NUMBER)
    yield from _end(_AT_LEAST, _OTHER_ABI, _REFUSE)
    for number in refused:
        yield from _end(_EQUAL, number, _REFUSE)
    yield from _end(_EQUAL, numbers.setsid, _FEIGN)  # who asks sees no error, and stays in its session
    yield from _where(numbers.prctl, _FIRST, (_DEATH_SIGNAL, _DUMPABLE, _SUBREAPER))
    yield from _new_limits(numbers.prlimit64)
    yield _step(_RETURN, _ALLOW)


def _where(number: int, place: int, values: tuple[int, ...]) -> Iterator[bytes]:
    """Refuse that call with one of these values."""
    yield _step(_EQUAL, number, 0, 2 + 2 * len(values))
    yield _step(_LOAD, place)
    for value in values:
        yield from _end(_EQUAL, value, _REFUSE)
    yield _step(_RETURN, _ALLOW)


def _new_limits(number: int) -> Iterator[bytes]:
    """Refuse that call where it brings new limits, for whichever process, and does not only ask."""
    yield _step(_EQUAL, number, 0, 6)
    for half in (_THIRD, _THIRD + 4):
        yield _step(_LOAD, half)
        yield _step(_EQUAL, 0, 1, 0)
        yield _step(_RETURN, _REFUSE)


def _end(test: int, value: int, result: int) -> Iterator[bytes]:
    """End with this result where the test is true."""
    yield _step(test, value, 0, 1)
    yield _step(_RETURN, result)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
