"""The last gate before a connection: what a name may resolve to, and whose certificate may be odd.

The interfaces of zope are Any to the type checker, which knows no other way to fulfil them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from twisted.internet._resolver import GAIResolver
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from twisted.web.client import BrowserLikePolicyForHTTPS
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from pipeline.acquire.addresses import RefusedError, check_address, check_url

SETTING = "NIANBAO_GUARD"


@dataclass
class Guard:
    """What may be connected to; `refused` says why a host's addresses were not, host by host.

    `hosts` answers for the resolver where given. The certificates of `unverified` hosts and their
    subdomains are taken as they are.
    """

    allow_loopback: bool = False
    hosts: Mapping[str, str] | None = None
    unverified: frozenset[str] = frozenset()
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

    def verifies(self, host: str) -> bool:
        return not any(host == name or host.endswith(f".{name}") for name in self.unverified)


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's handler, every connection of which goes through the guard."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._guard: Guard = crawler.settings[SETTING]
        self._contextFactory: Any = TlsPolicy(self._guard)

    async def download_request(self, request: Request) -> Response:
        install_resolver(self._guard)
        check_url(request.url)
        return await super().download_request(request)


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


@implementer(IPolicyForHTTPS)
class TlsPolicy:
    """Verifies as browsers do, but for the hosts that a source says not to."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._strict = BrowserLikePolicyForHTTPS()  # type: ignore[no-untyped-call]
        self._lenient = _ScrapyClientContextFactory()

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        policy: Any = self._strict if self._guard.verifies(hostname.decode("ascii")) else self._lenient
        return policy.creatorForNetloc(hostname, port)
