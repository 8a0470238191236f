"""Hold simple selectors of CSS against elements, for a parser that knows none.

Names, ids, classes and attributes are known, and what stands within what. A rule of which more is said than
that is not heeded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.extract.read.flow.html_styles import Declarations, StyleRule

_PARTS = re.compile(r"\s*([>+~])\s*|\s+")
_COMPOUND = re.compile(r"(?P<tag>\*|[a-zA-Z][\w-]*)?(?P<rest>(?:#[\w-]+|\.[\w-]+|\[[^\]]+\])*)")
_SIMPLE = re.compile(r"([#.])([\w-]+)|\[\s*([\w-]+)\s*(?:=\s*[\"']?([^\"'\]]*?)[\"']?\s*)?\]")


class Named(NamedTuple):
    """What selectors ask of an element: its tag, id, classes and attributes."""

    tag: str
    id: str
    classes: frozenset[str]
    attributes: dict[str, str]


class _Compound(NamedTuple):
    """What one part of a selector asks of an element."""

    tag: str
    id: str
    classes: frozenset[str]
    attributes: tuple[tuple[str, str], ...]

    def holds(self, named: Named) -> bool:
        """Whether an element is as it asks."""
        return (
            self.tag in ("*", named.tag)
            and self.id in ("", named.id)
            and self.classes <= named.classes
            and all(
                name in named.attributes and value in ("", named.attributes[name])
                for name, value in self.attributes
            )
        )


class Selectors:
    """The rules of a page that simple selectors name."""

    def __init__(self, rules: Sequence[StyleRule]) -> None:
        self._rules = [(parts, rule) for rule in rules if (parts := _parts(rule.selector))]
        around = [parts[1:] for parts, _ in self._rules]
        self._around = frozenset(compound for parts in around for _, compound in parts)
        self._asks_of_all = any(relation == ">" for parts in around for relation, _ in parts)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._rules)

    def ask(self, named: Named) -> bool:
        """Whether what stands within an element may depend on it: of a child, on all of them."""
        return self._asks_of_all or any(compound.holds(named) for compound in self._around)

    def said(self, path: Sequence[Named]) -> tuple[list[Declarations], bool]:
        """Return what rules say of the last of nested elements, the strongest last; whether one adds text."""
        found = [rule for parts, rule in self._rules if _holds(parts, path)]
        adds = any(rule.pseudo in ("before", "after") and "content" in rule.declarations for rule in found)
        return [rule.declarations for rule in found if not rule.pseudo], adds


_Parts = tuple[tuple[str, _Compound], ...]
"""The parts of a selector from its end, each with how it stands to the next: > for a child, else ""."""


def _parts(selector: str) -> _Parts:
    """Return the parts of a selector; () where it asks more than is known here."""
    words = _PARTS.split(selector.strip())
    compounds, relations = words[::2], words[1::2]
    if any(relation in ("+", "~") for relation in relations):
        return ()
    parts = [_compound(text) for text in compounds]
    if not all(parts):
        return ()
    behind = [*(relation or "" for relation in relations), ""]
    return tuple((relation, part) for relation, part in zip(behind, parts, strict=True) if part)[::-1]


def _compound(text: str) -> _Compound | None:
    """Return what one part asks; None where it is not known."""
    found = _COMPOUND.fullmatch(text)
    if not found or not text:
        return None
    simple = _SIMPLE.findall(found["rest"])
    return _Compound(
        (found["tag"] or "*").lower(),
        next((name for sign, name, _, _ in simple if sign == "#"), ""),
        frozenset(name for sign, name, _, _ in simple if sign == "."),
        tuple((attribute.lower(), value) for _, _, attribute, value in simple if attribute),
    )


def _holds(parts: _Parts, path: Sequence[Named]) -> bool:
    """Whether a selector holds for the last of nested elements."""
    if not parts[0][1].holds(path[-1]):
        return False
    at = len(path) - 2
    for relation, compound in parts[1:]:
        while at >= 0 and not compound.holds(path[at]):
            if relation == ">":
                return False
            at -= 1
        if at < 0:
            return False
        at -= 1
    return True
