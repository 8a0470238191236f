"""robots.txt → what may be fetched. If it cannot be fetched, nothing of the site may be (RFC 9309)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protego import Protego

ROBOT = "nianbao"

ROBOTS_MAX_BYTES = 512 * 1024
"""Bytes of a robots.txt that are parsed. RFC 9309 asks for at least 500 KiB."""

_ADDRESSED = re.compile(
    r"^[^\S\n]*user[-\s]?agent(?:[^\S\n]*:|[^\S\n])[^\S\n]*([^#\n]*)", re.IGNORECASE | re.MULTILINE
)
_ANOTHER_ROBOT = "User-agent: another"
_WITH_WILDCARD = re.compile(r"^[^\S\n]*(?:dis)?allow[^#\n]*[*$]", re.IGNORECASE | re.MULTILINE)

_WILDCARD_RULES_MAX = 1000
"""Count. A robots.txt with more rules that have wildcards closes its site.

Every address is compared with each of them. With 14,000 that took 40 ms an address. A test pins it.
"""


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one robots.txt. `closed` says why nothing may be fetched; `delay` is the crawl delay in
    seconds."""

    _parsed: Protego | None = None
    closed: str = ""
    delay: float = 0.0

    def why_forbidden(self, url: str) -> str:
        """Return why the address may not be fetched; "" if it may."""
        if self.closed:
            return self.closed
        if self._parsed and not self._parsed.can_fetch(url, ROBOT):
            return "robots.txt does not allow it"
        return ""


def body_to_rules(body: bytes) -> RobotsRules:
    """Parse a robots.txt. Of one that is too long only the first 512 KB count."""
    from protego import Protego

    whole = body if len(body) <= ROBOTS_MAX_BYTES else body[:ROBOTS_MAX_BYTES].rpartition(b"\n")[0]
    text = whole.decode("utf-8-sig", "replace")
    if (number := len(_WITH_WILDCARD.findall(text))) > _WILDCARD_RULES_MAX:
        return closed_rules(
            f"{number} of its rules have wildcards, at most {_WILDCARD_RULES_MAX} are looked at"
        )
    parsed = Protego.parse(_name_others_alike(text))
    return RobotsRules(parsed, delay=parsed.crawl_delay(ROBOT) or 0.0)


def _name_others_alike(text: str) -> str:
    """Return the same rules for us, with all other robots under one name.

    Protego stores every rule for every robot it applies to: thousands of each would become millions.
    """
    return _ADDRESSED.sub(_name_one, "\n".join(text.splitlines()))


def _name_one(found: re.Match[str]) -> str:
    """Return a User-agent line with one spelling of the name if Protego would match it with ours (`n` and
    `*n**` too)."""
    name = found[1].strip().lower()
    if name in ("", "*"):
        return found[0]
    bare = name.replace("*", "")
    return f"User-agent: {bare}" if bare and ROBOT.startswith(bare) else _ANOTHER_ROBOT


def status_to_rules(status: int | None) -> RobotsRules:
    """Return the rules for a response without a body: 404 and similar allow everything, any other status
    nothing."""
    if status and 400 <= status < 500 and status != 429:
        return RobotsRules()
    return closed_rules(f"it answers {status}")


def closed_rules(reason: str) -> RobotsRules:
    """Return rules that allow nothing tonight, for this reason."""
    return RobotsRules(closed=f"robots.txt could not be had ({reason})")
