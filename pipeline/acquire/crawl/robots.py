"""robots.txt → what may be asked; where it cannot be had, nothing is (RFC 9309)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protego import Protego

ROBOT = "nianbao"
LONGEST = 512 * 1024  # bytes that are looked at; the standard asks for 500 KiB
_ADDRESSED = re.compile(
    r"^[^\S\n]*user[-\s]?agent(?:[^\S\n]*:|[^\S\n])[^\S\n]*([^#\n]*)", re.IGNORECASE | re.MULTILINE
)
_OTHERS = "User-agent: another"
_WITH_WILDCARD = re.compile(r"^[^\S\n]*(?:dis)?allow[^#\n]*[*$]", re.IGNORECASE | re.MULTILINE)
_WILDCARDS = 1000  # rules that every address is held against one by one


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
    text = whole.decode("utf-8-sig", "replace")
    if (number := len(_WITH_WILDCARD.findall(text))) > _WILDCARDS:
        return closed_rules(f"{number} of its rules have wildcards, at most {_WILDCARDS} are looked at")
    parsed = Protego.parse(_name_others_alike(text))
    return Rules(parsed, delay=parsed.crawl_delay(ROBOT) or 0.0)


def _name_others_alike(text: str) -> str:
    """The same rules for us, all other robots under one name.

    Protego keeps every rule for every robot that it is for: of thousands each there would be millions.
    """
    return _ADDRESSED.sub(_name_one, "\n".join(text.splitlines()))


def _name_one(found: re.Match[str]) -> str:
    """The line with one spelling of a name that Protego takes for ours, `n` and `*n**` too."""
    name = found[1].strip().lower()
    if name in ("", "*"):
        return found[0]
    bare = name.replace("*", "")
    return f"User-agent: {bare}" if bare and ROBOT.startswith(bare) else _OTHERS


def status_to_rules(status: int | None) -> Rules:
    """What an answer without rules means: 404 and its like allow all, everything else nothing."""
    if status and 400 <= status < 500 and status != 429:
        return Rules()
    return closed_rules(f"it answers {status}")


def closed_rules(reason: str) -> Rules:
    """Nothing may be asked tonight."""
    return Rules(closed=f"robots.txt could not be had ({reason})")
