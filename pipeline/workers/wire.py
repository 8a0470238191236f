"""What a worker says to its parent: frames of bytes, each with its kind and its length."""

from __future__ import annotations

import socket
import struct

from pipeline.errors import Error

READY, STEP, ANSWER, ERROR = b"r", b"s", b"a", b"e"
"""It waits for the first job, it takes a step, it is done, it could not do it."""

LONGEST = 32 << 20
"""Bytes of the longest frame that is taken from a worker; the largest answer to a real report has one MB."""

TOKEN = 16
"""Bytes before a job and before its answer, drawn anew for every job."""

_HEAD = struct.Struct(">cI")
_CHUNK = 1 << 18


class WireError(Error):
    """A worker sent what is no frame, or too long a one."""


def send(line: socket.socket, kind: bytes, body: bytes) -> None:
    line.sendall(_HEAD.pack(kind, len(body)) + body)


class Frames:
    """The frames that come over a line."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._bytes = bytearray()

    def receive(self) -> None:
        """Take in what comes within the line's timeout, or raise TimeoutError; EOFError at the end."""
        try:
            chunk = self._line.recv(_CHUNK)
        except ConnectionError:
            chunk = b""
        if not chunk:
            raise EOFError
        self._bytes += chunk

    def take(self) -> tuple[bytes, bytes] | None:
        """Kind and body of the next frame; None where it has not come yet, WireError where it is too long."""
        if len(self._bytes) < _HEAD.size:
            return None
        kind, length = _HEAD.unpack_from(self._bytes)
        if length > LONGEST:
            raise WireError(f"it sent more than {LONGEST >> 20} MB")
        end = _HEAD.size + length
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[_HEAD.size : end])
        del self._bytes[:end]
        return kind, body
