"""The last gate before a connection: what a name may resolve to, whose certificate may be odd, and how long
the head of an answer may be.

The interfaces of zope are Any to the type checker, which knows no other way to fulfil them.
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
from pipeline.errors import Error

SETTING = "NIANBAO_GUARD"
HEAD_LINES, HEAD_BYTES = 250, 1 << 16  # browsers and proxies stop at 100 to 250 headers of 64 to 256 KB
CHUNKS, READS, CHUNK_BYTES = 10_000, 2000, 64  # so many chunks, and so many packets, may be smaller
CRUMBS = f"the answer comes in pieces of less than {CHUNK_BYTES} bytes"
_STATUS = re.compile(rb"HTTP/\d+\.\d+ [1-9]\d\d(?!\S)")


@dataclass
class Guard:
    """What may be connected to; `refused` says why a host's addresses were not, host by host.

    `hosts` answers for the resolver where given.
    """

    allow_loopback: bool = False
    hosts: Mapping[str, str] | None = None
    refused: dict[str, str] = field(default_factory=dict)

    def admits(self, host: str, addresses: Sequence[Any]) -> bool:
        """Whether every address of a host may be connected to; one that may not spoils the others."""
        try:
            for address in addresses:
                number = ipaddress.ip_address(str(address.host).partition("%")[0])
                check_address(number, self.allow_loopback)
        except (RefusedError, ValueError) as error:
            self.refused[host] = f"{host} leads to an address that is not asked: {error}"
            return False
        return True


class HeadError(Error):
    """The head of an answer has no end or is none, or the answer comes in crumbs."""


class _Chunks(_ChunkedTransferDecoder):
    """Twisted's decoder, which hands on at once what came at once, and gives up a body in crumbs.

    A chunk costs as much as a request's worth of work, however few bytes are in it.
    """

    def __init__(self, take: Callable[[bytes], None], finish: Callable[[bytes], None]) -> None:
        super().__init__(self._gather, self._finish)
        self._take, self._end = take, finish
        self._pieces: list[bytes] = []
        self._chunks = self._sum = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        super().dataReceived(data)
        self._hand_on()

    def _gather(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._chunks += 1
        self._sum += len(piece)
        if self._chunks > CHUNKS and self._sum < self._chunks * CHUNK_BYTES:
            raise HeadError(CRUMBS)

    def _finish(self, rest: bytes) -> None:
        self._hand_on()
        self._end(rest)

    def _hand_on(self) -> None:
        if self._pieces:
            whole = b"".join(self._pieces)
            self._pieces.clear()
            self._take(whole)


def is_crumbs(packets: int, size: int) -> bool:
    """Whether so many bytes came in so many packets that each costs more than it brings."""
    return packets > READS and size < packets * CHUNK_BYTES


class _Parser(_LenientHTTPClientParser):
    """Scrapy's parser, which gives up a head that is too long: answers that come before the answer (1xx) and
    headers that go on over many lines included."""

    _transferDecoders: Any = {b"chunked": _Chunks}  # noqa: N815, RUF012
    _lines = _bytes = _reads = _sum = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """What comes byte by byte costs as much a byte as other answers a packet."""
        self._reads += 1
        self._sum += len(data)
        # A body that ends with its connection would be whole in Twisted's eyes: the spider gives that up.
        if is_crumbs(self._reads, self._sum) and not isinstance(self.bodyDecoder, _IdentityTransferDecoder):
            raise HeadError(CRUMBS)
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def statusReceived(self, status: bytes) -> None:  # noqa: N802
        """A number of any size and sign would pass for one."""
        if not _STATUS.match(status):
            wanted = "HTTP and a number of three digits"
            raise HeadError(f"the answer begins with {status[:100]!r}, not with {wanted}")
        super().statusReceived(status)  # type: ignore[no-untyped-call]

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        self._lines += 1
        self._bytes += len(line) + 1
        if self._lines > HEAD_LINES or self._bytes > HEAD_BYTES:
            raise HeadError(f"the head of the answer is longer than {HEAD_LINES} lines or {HEAD_BYTES} bytes")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        raise HeadError(f"a line in the head of the answer is longer than {self.MAX_LENGTH} bytes")


class _Protocol(_LenientHTTP11ClientProtocol):
    """Twisted makes the parser of every request itself: its class can only be changed afterwards."""

    def request(self, request: Any) -> Any:
        answer = super().request(request)
        parser: Any = self._parser
        parser.__class__ = _Parser
        return answer

    def _giveUp(self, reason: Any) -> None:  # noqa: N802
        """At once: to close politely, a site would have to take part."""
        super()._giveUp(reason)  # type: ignore[no-untyped-call]
        transport: Any = self.transport
        transport.abortConnection()


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Handler(HTTP11DownloadHandler):
    """Scrapy's handler with connections of its own, all of which verify or none."""

    def __init__(self, crawler: Crawler, policy: Any) -> None:
        super().__init__(crawler)
        self._contextFactory: Any = policy
        self._pool._factory = _Factory


class GuardedHandler(BaseDownloadHandler):
    """Every connection goes through the guard; those that verify and those that do not are never mixed.

    A request is verified unless its `meta` says `verify` False.
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
        install_resolver(self._guard)
        check_url(request.url)
        return await self._handlers[request.meta.get("verify", True)].download_request(request)

    async def close(self) -> None:
        for handler in self._handlers.values():
            await handler.close()


def install_resolver(guard: Guard) -> None:
    """From here on the reactor connects to no name but through the guard.

    Asked for before every request: Scrapy puts in its own resolver after the handlers are made.
    """
    from twisted.internet import reactor

    if isinstance(reactor.nameResolver, GuardedResolver):
        return
    resolver = GAIResolver(reactor, reactor.getThreadPool)
    reactor.installNameResolver(GuardedResolver(resolver, guard))


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves a name, and tells only addresses that may be connected to: what is checked is what is used."""

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
        sieve = _Sieve(resolutionReceiver, hostName, self._guard)
        if self._guard.hosts is not None:
            return _answer(sieve, hostName, portNumber, self._guard.hosts)
        return self._resolver.resolveHostName(sieve, hostName, portNumber, addressTypes, transportSemantics)


@implementer(IResolutionReceiver)
class _Sieve:
    """Waits for all addresses of a name, and hands them on if all may be connected to."""

    def __init__(self, receiver: Any, host: str, guard: Guard) -> None:
        self._receiver = receiver
        self._host = host
        self._guard = guard
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._guard.admits(self._host, self._addresses):
            for address in self._addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing is under way."""


def _answer(receiver: _Sieve, host: str, port: int, hosts: Mapping[str, str]) -> Any:
    """What the table of hosts says; a literal address is its own answer, an unknown name has none."""
    resolution = _Resolution(host)
    receiver.resolutionBegan(resolution)
    for text in filter(None, (hosts.get(host, _literal(host)),)):
        kind: Any = IPv6Address if ":" in text else IPv4Address
        receiver.addressResolved(kind("TCP", text, port))
    receiver.resolutionComplete()
    return resolution


def _literal(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
