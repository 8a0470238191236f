"""Send and receive frames of bytes between a worker and its parent.

A frame has a kind (one byte), the length of its body (four bytes), and its body.
"""

from __future__ import annotations

import socket
import struct

from pipeline.errors import Error

READY, STEP, ANSWER, ERROR = b"r", b"s", b"a", b"e"
"""Kinds of frames: waiting for the first job, taking a step, the answer to a job, a job that failed."""

FRAME_MAX_BYTES = 32 << 20
"""Bytes of the longest frame that is taken from a worker. The largest answer to a real report has 1 MB."""

TOKEN_BYTES = 16
"""Bytes of the random token before a job and before its answer, new for every job.

With 16 no worker can guess it.
"""

_FRAME_HEAD = struct.Struct(">cI")
_RECEIVED_AT_ONCE = 1 << 18
"""Bytes that are received at one time."""


class WireError(Error):
    """A worker sent something that is no frame, or a frame that is too long."""


def send(connection: socket.socket, kind: bytes, body: bytes) -> None:
    """Send one frame. Raises OSError."""
    connection.sendall(_FRAME_HEAD.pack(kind, len(body)) + body)


class FrameReader:
    """The frames that arrive over a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._bytes = bytearray()

    def receive(self) -> None:
        """Receive some bytes and keep them.

        Raises TimeoutError if none come within the timeout of the connection, EOFError if it is closed.
        """
        try:
            chunk = self._connection.recv(_RECEIVED_AT_ONCE)
        except ConnectionError:
            chunk = b""
        if not chunk:
            raise EOFError
        self._bytes += chunk

    def take(self) -> tuple[bytes, bytes] | None:
        """Return the kind and the body of the next frame, None if it has not arrived in full.

        Raises WireError if it is too long.
        """
        if len(self._bytes) < _FRAME_HEAD.size:
            return None
        kind, length = _FRAME_HEAD.unpack_from(self._bytes)
        if length > FRAME_MAX_BYTES:
            raise WireError(f"it sent more than {FRAME_MAX_BYTES >> 20} MB")
        end = _FRAME_HEAD.size + length
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[_FRAME_HEAD.size : end])
        del self._bytes[:end]
        return kind, body
