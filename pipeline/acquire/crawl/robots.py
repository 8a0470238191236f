"""robots.txt → what may be asked; where it cannot be had, nothing is (RFC 9309)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protego import Protego

ROBOT = "nianbao"
LONGEST = 512 * 1024  # bytes that are looked at; the standard asks for 500 KiB


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt allows; `closed` says why nothing is, `delay` is in seconds."""

    _parsed: Protego | None = None
    closed: str = ""
    delay: float = 0.0

    def why_not(self, url: str) -> str:
        """Why the address is not asked; "" where it may be."""
        if self.closed:
            return self.closed
        if self._parsed and not self._parsed.can_fetch(url, ROBOT):
            return "robots.txt does not allow it"
        return ""


def body_to_rules(body: bytes) -> Rules:
    """The rules in a robots.txt; of one that is too long those in its first 512 KB."""
    from protego import Protego

    whole = body if len(body) <= LONGEST else body[:LONGEST].rpartition(b"\n")[0]
    parsed = Protego.parse(whole.decode("utf-8-sig", "replace"))
    return Rules(parsed, delay=parsed.crawl_delay(ROBOT) or 0.0)


def status_to_rules(status: int | None) -> Rules:
    """What an answer without rules means: 404 and its like allow all, everything else nothing."""
    if status and 400 <= status < 500 and status != 429:
        return Rules()
    return closed_rules(f"it answers {status}")


def closed_rules(reason: str) -> Rules:
    """Nothing may be asked tonight."""
    return Rules(closed=f"robots.txt could not be had ({reason})")
