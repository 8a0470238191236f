"""A small web of government sites on loopback, with a switch for everything that can go wrong.

Every site has a name of its own (a.test, b.test …) and the same port. What a path answers is a `Reply`, or a
function of the request; every request is counted.
"""

from __future__ import annotations

import datetime
import socket
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """What is sent: headers as given, a Content-Length added unless `framing` is False.

    `pause` is in seconds before the header, `trickle` between the pieces of the body. Where `raw` is given,
    its pieces are the whole answer, head and all.
    """

    body: bytes = b""
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    pause: float = 0.0
    trickle: float = 0.0
    framing: bool = True
    raw: Callable[[], Iterable[bytes]] | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it arrived: `headers` by small names."""

    host: str
    path: str
    headers: Mapping[str, str]
    count: int  # of requests for this path of this host, this one included


Answering = Reply | Callable[[Asked], Reply]


@dataclass
class Site:
    """The server; `pages` maps host and path to what they answer, anything else is 404."""

    pages: dict[tuple[str, str], Answering] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    most_at_once: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._now: Counter[str] = Counter()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def wrap(self, context: Any) -> None:
        """Speak TLS from here on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def url(self, path: str, host: str = "a.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def put(self, path: str, reply: Answering | bytes | str, host: str = "a.test") -> str:
        """The address at which this is answered from now on."""
        body = reply.encode() if isinstance(reply, str) else reply
        self.pages[host, path] = Reply(body) if isinstance(body, bytes) else body
        return self.url(path, host)

    def paths(self, host: str = "a.test") -> list[str]:
        """What was asked of a host, in order."""
        return [asked.path for asked in self.asked if asked.host == host]

    def forget(self) -> None:
        """Requests are counted from here on."""
        self.asked.clear()
        self._counts.clear()

    def answer(self, host: str, path: str, headers: Mapping[str, str]) -> Reply:
        with self._lock:
            self._counts[host, path] += 1
            asked = Asked(host, path, headers, self._counts[host, path])
            self.asked.append(asked)
        found = self.pages.get((host, path), Reply(b"not found", 404))
        return found if isinstance(found, Reply) else found(asked)

    def entered(self, host: str, by: int) -> None:
        with self._lock:
            self._now[host] += by
            self.most_at_once[host] = max(self.most_at_once[host], self._now[host])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A crawler that hangs up is what many of the tests are about."""


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # a header and its body are two writes

        def do_GET(self) -> None:
            host = self.headers.get("Host", "").rpartition(":")[0]
            site.entered(host, 1)
            try:
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._send(site.answer(host, self.path, headers))
            finally:
                site.entered(host, -1)

        def _send(self, reply: Reply) -> None:
            time.sleep(reply.pause)
            if reply.raw:
                self.close_connection = True
                for piece in reply.raw():
                    self.wfile.write(piece)
                return
            lines = [f"HTTP/1.1 {reply.status} x", *(f"{name}: {value}" for name, value in reply.headers)]
            if reply.framing:
                lines.append(f"Content-Length: {len(reply.body)}")
            else:
                self.close_connection = True
            self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
            for piece in _pieces(reply):
                self.wfile.write(piece)
                time.sleep(reply.trickle)

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def finish(self) -> None:
            with suppress(OSError):
                super().finish()
            if self.close_connection:
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

    return Handler


def _pieces(reply: Reply) -> Iterator[bytes]:
    size = max(1, len(reply.body) // 50) if reply.trickle else 1 << 16
    for start in range(0, len(reply.body), size):
        yield reply.body[start : start + size]


def self_signed(host: str) -> ssl.SSLContext:
    """A server's context with a certificate that nobody has signed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    start = datetime.datetime(2020, 1, 1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, start.replace(year=2090))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, context = serialization.Encoding.PEM, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(private + certificate.public_bytes(encoding))
        context.load_cert_chain(file.name)
    return context
