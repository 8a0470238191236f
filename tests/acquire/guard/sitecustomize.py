"""Imported by every Python that a test starts (PYTHONPATH): no connection leads out of this machine.

An attempt is refused before a packet is sent, and written to the file that NIANBAO_GUARD_LOG names, for a
crawler may take the refusal for one more broken site.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

_EVENTS = ("socket.connect", "socket.sendto", "socket.sendmsg")


def _is_loopback(host: object) -> bool:
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(what: str) -> None:
    if log := os.environ.get("NIANBAO_GUARD_LOG"):
        with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"{what}\n")
    raise PermissionError(f"a test tried to reach {what}")


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS and isinstance(arguments[1], tuple) and not _is_loopback(arguments[1][0]):
        _refuse(f"{event} {arguments[1]}")
    if event == "socket.getaddrinfo" and arguments[0] not in (None, "localhost", b"localhost"):
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
        try:
            ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            _refuse(f"the resolver, for {host}")


sys.addaudithook(_hook)
