"""Addresses: which may be fetched, and which are spellings of the same one."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from pipeline.errors import QUOTED_MAX_CHARACTERS, SHORT_QUOTED_MAX_CHARACTERS, Error

if TYPE_CHECKING:
    from tldextract import TLDExtract

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_SCHEMES = {"http": 80, "https": 443}
_DOTS = str.maketrans("。．｡", "...")
_QUAD = re.compile(r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})")
_LOCAL_NAME = re.compile(r"(?:.*\.)?(localhost|localdomain|local|internal|intranet|home\.arpa)")
_HOST_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_CLOUDS = tuple(
    map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24"))
)  # metadata services of Azure and Oracle
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SESSION = r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|sessionid|session_id|cftoken|cfid"
_SESSION_IN_PATH = re.compile(rf";(?:{_SESSION})=[^;/?#]*", re.IGNORECASE)
_SESSION_FIELD = re.compile(rf"(?:{_SESSION})=.*", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")

_ADDRESS_MAX_CHARACTERS = 4000
"""Count. A longer address is not asked: browsers and servers stop at 2000 to 8000."""

_CACHED_HOSTS_MAX = 4096
"""Count. The registered parts of as many hosts are kept in memory."""


class RefusedError(Error):
    """An address that is never fetched; the message says why."""


def join_link(base: str, link: str, encoding: str = "utf-8") -> str:
    """Return the absolute address of a page's link, as a browser would request it.

    The path is in UTF-8, the query in the page's `encoding`; escapes stay as they are. RefusedError if the
    link cannot be an address.
    """
    from w3lib.url import safe_url_string  # only here: of the extra [crawl], and `status` reads sources too

    _require_short(link)
    try:
        return safe_url_string(urljoin(base, link.strip()), encoding=encoding, path_encoding="utf-8")
    except ValueError as error:
        raise RefusedError(f"{link[:QUOTED_MAX_CHARACTERS]!r} is no address ({error})") from error


def url_to_canonical(url: str) -> str:
    """Return one spelling for all spellings of an address: without session id, fragment, default port and
    needless escapes."""
    parts = _split(url)
    host = _host(parts)
    port = "" if parts.port in (None, _SCHEMES.get(parts.scheme)) else f":{parts.port}"
    netloc = f"[{host}]{port}" if ":" in host else f"{host}{port}"
    path = _SESSION_IN_PATH.sub("", _unescape_needless(parts.path)) or "/"
    fields = [field for field in parts.query.split("&") if field and not _SESSION_FIELD.fullmatch(field)]
    return urlunsplit((parts.scheme, netloc, path, _unescape_needless("&".join(fields)), ""))


def url_to_host(url: str) -> str:
    """Return the host of an address, in lower case."""
    return _host(_split(url))


def url_to_origin(url: str) -> str:
    """Return scheme, host and port: the addresses that one robots.txt holds for."""
    parts = urlsplit(url_to_canonical(url))
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(_CACHED_HOSTS_MAX)
def host_to_registrable(host: str) -> str:
    """Return the part of a name that its owner registered: xx.gov.cn for gxj.xx.gov.cn; "" for IP addresses
    and the like.

    It uses the list of public suffixes that comes with tldextract; nothing is fetched.
    """
    return _suffixes()(host).top_domain_under_public_suffix


@cache
def _suffixes() -> TLDExtract:
    """Load tldextract with its own list of suffixes."""
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def check_url(url: str) -> None:
    """Raise RefusedError unless the address is http or https and does not itself name a machine that is not
    public.

    What a name resolves to is checked by `check_address`, when it is resolved.
    """
    parts = _split(url)
    if parts.scheme not in _SCHEMES:
        raise RefusedError(f"only http and https are asked, not {parts.scheme or 'no scheme'}")
    if parts.username is not None or parts.password is not None:
        raise RefusedError("an address with a user name or password in it is not asked")
    host = _host(parts)
    literal = _host_to_literal(host)
    if literal is not None:
        check_address(literal)
    elif _LOCAL_NAME.fullmatch(host):
        raise RefusedError(f"{host} names a machine that is not public")


def check_address(address: IPAddress, allow_loopback: bool = False) -> None:
    """Raise RefusedError unless the address is public. IPv4 addresses inside IPv6 ones are checked as
    IPv4."""
    if allow_loopback and address.is_loopback:
        return
    if kind := _why_not_public(_unwrap(address)):
        raise RefusedError(f"{address} is {kind}")


def _why_not_public(address: IPAddress) -> str:
    """Return what kind of address it is, "" for a public one."""
    if any(address in network for network in _CLOUDS):
        return "a cloud's metadata address"
    for kind in ("loopback", "link_local", "multicast", "unspecified", "private", "reserved"):
        if getattr(address, f"is_{kind}"):
            return f"a {kind.replace('_', '-')} address"
    if not address.is_global or (address.version == 6 and address not in _PUBLIC_V6):
        return "no public address"
    return ""


def _unwrap(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 address leads to; the address itself if it leads to none."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _host_to_literal(host: str) -> IPAddress | None:
    """Return the IP address that `host` spells, None for a name.

    RefusedError for unusual spellings: a resolver takes 127.1 and 0x7f.1 for addresses.
    """
    if ":" in host or _QUAD.fullmatch(host):
        try:
            return ipaddress.ip_address(host)
        except ValueError as error:
            raise RefusedError(f"{host} is no address ({error})") from error
    if re.fullmatch(r"\d+|0x[0-9a-f]*", host.rpartition(".")[2]):
        raise RefusedError(f"{host} is an address written in an unusual way")
    return None


def _require_short(url: str) -> None:
    """Raise RefusedError if an address is too long."""
    if len(url) > _ADDRESS_MAX_CHARACTERS:
        most = f"at most {_ADDRESS_MAX_CHARACTERS}"
        raise RefusedError(f"an address of {len(url)} characters is not asked ({most})")


def _split(url: str) -> SplitResult:
    """Split an address; RefusedError if it is too long or cannot be split."""
    _require_short(url)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise RefusedError(f"{url[:QUOTED_MAX_CHARACTERS]!r} is no address ({error})") from error
    return parts


def _host(parts: SplitResult) -> str:
    """Return the host as it will be resolved. Full-width digits and dots count as digits and dots, as in
    the resolver."""
    host = unicodedata.normalize("NFKC", parts.hostname or "").translate(_DOTS).rstrip(".").lower()
    if not host.isascii():
        host = _to_ascii(host)
    if ":" not in host and not _HOST_NAME.fullmatch(host):
        raise RefusedError(f"{parts.hostname!r} is no host name" if host else "an address without a host")
    return host


def _to_ascii(host: str) -> str:
    """Return an international name in ASCII (IDNA); RefusedError if that is impossible."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise RefusedError(f"{host[:SHORT_QUOTED_MAX_CHARACTERS]!r} is no host name ({error})") from error


def _unescape_needless(text: str) -> str:
    """Unescape what needs no escape: %41 becomes A, %2f stays, %e4 becomes %E4."""
    return _ESCAPE.sub(_unescape_one, text)


def _unescape_one(found: re.Match[str]) -> str:
    """Return one escape unescaped or in upper case."""
    char = chr(int(found[0][1:], 16))
    return char if _UNRESERVED.fullmatch(char) else found[0].upper()
