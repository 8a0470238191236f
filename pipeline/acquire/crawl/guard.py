"""Checks between Scrapy and the network: no connection to an address that is not public, certificates
verified unless a source says otherwise, limits on the head of a response and on tiny pieces.

The zope interfaces of Twisted are Any for the type checker: zope has no type information.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from twisted.internet._resolver import GAIResolver
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from twisted.web.client import BrowserLikePolicyForHTTPS
from twisted.web.http import _ChunkedTransferDecoder, _IdentityTransferDecoder
from zope.interface import implementer  # type: ignore[import-untyped]

from pipeline.acquire.addresses import RefusedError, check_address, check_url
from pipeline.errors import SHORT_QUOTED_MAX_CHARACTERS, Error

SETTING = "NIANBAO_GUARD"

HEADER_MAX_LINES = 250
"""Count. The head of a response has no more lines. Browsers and proxies stop at 100 to 250 headers."""

HEADER_MAX_BYTES = 1 << 16
"""Bytes that the head of a response may have. Browsers and proxies stop at 64 to 256 KB."""

PIECE_MIN_BYTES = 64
"""Bytes. Chunks or packets that have fewer on average are tiny.

A tiny one costs as much work as one of 64 KB, and a hostile site could send millions.
"""

TINY_CHUNKS_MAX = 10_000
"""Count. A body with more chunks that are tiny is given up."""

TINY_PACKETS_MAX = 2000
"""Count. A response in more packets that are tiny is given up."""

TINY_PIECES = f"the answer comes in pieces of less than {PIECE_MIN_BYTES} bytes"
_STATUS = re.compile(rb"HTTP/\d+\.\d+ [1-9]\d\d(?!\S)")


@dataclass
class Guard:
    """What may be connected to.

    `hosts` (name → address) replaces the resolver in tests. `refused` collects by host why its addresses were
    refused.
    """

    allow_loopback: bool = False
    hosts: Mapping[str, str] | None = None
    refused: dict[str, str] = field(default_factory=dict)

    def admits(self, host: str, addresses: Sequence[Any]) -> bool:
        """Whether every address of a host may be connected to. One forbidden address forbids the host."""
        try:
            for address in addresses:
                number = ipaddress.ip_address(str(address.host).partition("%")[0])
                check_address(number, self.allow_loopback)
        except (RefusedError, ValueError) as error:
            self.refused[host] = f"{host} leads to an address that is not asked: {error}"
            return False
        return True


class HeadError(Error):
    """The head of a response is malformed or too long, or the response comes in tiny pieces."""


class _Chunks(_ChunkedTransferDecoder):
    """Twisted's decoder of chunked bodies, with a limit on tiny chunks.

    It hands on all chunks of a packet together. Every chunk costs the same work, however few bytes it holds.
    """

    def __init__(self, take: Callable[[bytes], None], finish: Callable[[bytes], None]) -> None:
        super().__init__(self._gather, self._finish)
        self._take, self._end = take, finish
        self._pieces: list[bytes] = []
        self._chunks = self._sum = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Decode a packet and hand on what it held."""
        super().dataReceived(data)
        self._hand_on()

    def _gather(self, piece: bytes) -> None:
        """Keep the content of one chunk; HeadError if chunks are many and tiny."""
        self._pieces.append(piece)
        self._chunks += 1
        self._sum += len(piece)
        if self._chunks > TINY_CHUNKS_MAX and self._sum < self._chunks * PIECE_MIN_BYTES:
            raise HeadError(TINY_PIECES)

    def _finish(self, rest: bytes) -> None:
        """Hand on what is left and end the body."""
        self._hand_on()
        self._end(rest)

    def _hand_on(self) -> None:
        """Pass the gathered chunks on as one piece."""
        if self._pieces:
            whole = b"".join(self._pieces)
            self._pieces.clear()
            self._take(whole)


def comes_in_tiny_pieces(packets: int, size: int) -> bool:
    """Whether so many packets brought so few bytes that each costs more than it brings."""
    return packets > TINY_PACKETS_MAX and size < packets * PIECE_MIN_BYTES


class _StrictParser(_LenientHTTPClientParser):
    """Scrapy's parser of responses, with a limit on the length of the head.

    Interim responses (1xx) and headers that continue over several lines count too.
    """

    _transferDecoders: Any = {b"chunked": _Chunks}  # noqa: N815, RUF012
    _lines = _bytes = _reads = _sum = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Parse a packet; HeadError if packets are many and tiny, as each costs as much as a full one."""
        self._reads += 1
        self._sum += len(data)
        # A body that ends with its connection would be whole in Twisted's eyes: the spider gives that up.
        if comes_in_tiny_pieces(self._reads, self._sum) and not isinstance(
            self.bodyDecoder, _IdentityTransferDecoder
        ):
            raise HeadError(TINY_PIECES)
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def statusReceived(self, status: bytes) -> None:  # noqa: N802
        """Accept a status line; HeadError unless it has a status of three digits. Twisted would take any
        number, also a negative one."""
        if not _STATUS.match(status):
            wanted = "HTTP and a number of three digits"
            raise HeadError(
                f"the answer begins with {status[:SHORT_QUOTED_MAX_CHARACTERS]!r}, not with {wanted}"
            )
        super().statusReceived(status)  # type: ignore[no-untyped-call]

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        """Accept a line of the head; HeadError if there are too many lines or bytes."""
        self._lines += 1
        self._bytes += len(line) + 1
        if self._lines > HEADER_MAX_LINES or self._bytes > HEADER_MAX_BYTES:
            most = f"{HEADER_MAX_LINES} lines or {HEADER_MAX_BYTES} bytes"
            raise HeadError(f"the head of the answer is longer than {most}")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        """Raise HeadError for a line that is too long."""
        raise HeadError(f"a line in the head of the answer is longer than {self.MAX_LENGTH} bytes")


class _Protocol(_LenientHTTP11ClientProtocol):
    """A connection whose responses are parsed by `_StrictParser`. Twisted creates the parser itself, so
    its class is changed afterwards."""

    def request(self, request: Any) -> Any:
        """Send a request and give its parser the strict class."""
        result = super().request(request)
        parser: Any = self._parser
        parser.__class__ = _StrictParser
        return result

    def _giveUp(self, reason: Any) -> None:  # noqa: N802
        """Close the connection at once: a polite close would wait for the site."""
        super()._giveUp(reason)  # type: ignore[no-untyped-call]
        transport: Any = self.transport
        transport.abortConnection()


class _Factory(_LenientHTTP11ClientFactory):
    """Makes connections of the strict protocol."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        """Return a new strict connection."""
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Handler(HTTP11DownloadHandler):
    """Scrapy's handler with its own pool of connections, either all verified or none."""

    def __init__(self, crawler: Crawler, policy: Any) -> None:
        super().__init__(crawler)
        self._contextFactory: Any = policy
        self._pool._factory = _Factory


class GuardedHandler(BaseDownloadHandler):
    """A download handler whose connections all pass the guard.

    Verified and unverified connections are kept apart. A request is verified unless its `meta` says `verify`
    False.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._guard: Guard = crawler.settings[SETTING]
        strict = BrowserLikePolicyForHTTPS()  # type: ignore[no-untyped-call]
        self._handlers = {
            True: _Handler(crawler, strict),
            False: _Handler(crawler, _ScrapyClientContextFactory()),
        }

    async def download_request(self, request: Request) -> Response:
        """Fetch a request; RefusedError if its address may not be fetched."""
        install_resolver(self._guard)
        check_url(request.url)
        return await self._handlers[request.meta.get("verify", True)].download_request(request)

    async def close(self) -> None:
        """Close all connections."""
        for handler in self._handlers.values():
            await handler.close()


def install_resolver(guard: Guard) -> None:
    """Make the reactor resolve every name through the guard.

    This is called before every request, as Scrapy installs its own resolver after the handlers are made.
    """
    from twisted.internet import reactor

    if isinstance(reactor.nameResolver, GuardedResolver):
        return
    resolver = GAIResolver(reactor, reactor.getThreadPool)
    reactor.installNameResolver(GuardedResolver(resolver, guard))


@implementer(IHostnameResolver)
class GuardedResolver:
    """A resolver that returns only addresses that may be connected to. The address that is checked is the
    one that is used."""

    def __init__(self, resolver: Any, guard: Guard) -> None:
        self._resolver = resolver
        self._guard = guard

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Any = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        """Resolve a name, by the guard's table of hosts if there is one."""
        sieve = _AddressFilter(resolutionReceiver, hostName, self._guard)
        if self._guard.hosts is not None:
            return _answer(sieve, hostName, portNumber, self._guard.hosts)
        return self._resolver.resolveHostName(sieve, hostName, portNumber, addressTypes, transportSemantics)


@implementer(IResolutionReceiver)
class _AddressFilter:
    """Collects all addresses of a name and passes them on if all may be connected to, otherwise none."""

    def __init__(self, receiver: Any, host: str, guard: Guard) -> None:
        self._receiver = receiver
        self._host = host
        self._guard = guard
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803
        """Tell the receiver that the resolution began."""
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        """Keep an address until all are known."""
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        """Pass on the addresses if the guard admits them."""
        if self._guard.admits(self._host, self._addresses):
            for address in self._addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()


@implementer(IHostResolution)
class _Resolution:
    """A resolution that is complete from the start."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Do nothing: nothing is under way."""


def _answer(receiver: _AddressFilter, host: str, port: int, hosts: Mapping[str, str]) -> Any:
    """Resolve by the table of hosts. A literal address resolves to itself, an unknown name to nothing."""
    resolution = _Resolution(host)
    receiver.resolutionBegan(resolution)
    for text in filter(None, (hosts.get(host, _literal(host)),)):
        kind: Any = IPv6Address if ":" in text else IPv4Address
        receiver.addressResolved(kind("TCP", text, port))
    receiver.resolutionComplete()
    return resolution


def _literal(host: str) -> str:
    """Return the address that `host` spells, "" for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
