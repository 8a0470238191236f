"""What the corpus consists of: which report is printed by which program, and what is particular about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

from tests.generator import Break, Spec, Style

from .producers import PRODUCERS, producer


@dataclass(frozen=True, slots=True)
class Entry:
    """One document: `name` without suffix, who prints it, and its value on every axis it is counted under."""

    name: str
    producer: str
    axes: Mapping[str, str]
    spec: Spec


PLAIN = Spec("示例市示例局", 2022, style=Style(row_height=23))
LOOKS: dict[tuple[str, str], dict[str, Any]] = {
    **{("ruling", r): {"ruling": r} for r in (
        "solid", "dashed", "dotted", "strokes", "grey", "double", "rects", "boxes", "none")},
    **{("orientation", o): {"orientation": o} for o in ("landscape", "a3", "rotate90", "sideways")},
    **{("header", h): {"headers": h, "side": h} for h in ("wrap", "stack", "pair", "rotated")},
    ("furniture", "watermark"): {"watermark": "rotated"},
    ("furniture", "plain watermark"): {"watermark": "plain"},
    ("furniture", "seal"): {"seal": True},
    ("sides", "open"): {"sides": False},
    ("side_by_side", "yes"): {"side_by_side": True},
    ("repeat_header", "yes"): {"repeat_header": True},
    ("font", "system"): {"font": "system"},
    ("cut", "anywhere"): {"cut": "anywhere"},
    **{("break", f"applications row {r} between"): {"breaks": (Break("applications", r),)}
       for r in (5, 12, 20)},
    **{("break", f"applications row {r} inside"):
       {"breaks": (Break("applications", r, 1),), "cut": "anywhere"} for r in (9, 16)},
}


def plan(small: bool = False) -> tuple[Entry, ...]:
    """Every document of the corpus, in the order of the producers."""
    entries = tuple(entry for name in PRODUCERS if find_spec(PRODUCERS[name]) for entry in entries_of(name))
    return entries[::7] if small else entries


def entries_of(name: str) -> Iterator[Entry]:
    cannot = producer(name).CANNOT
    for (axis, value), fields in LOOKS.items():
        if not any(fields[field] in cannot.get(field, ()) for field in fields):
            label = f"{name}-{axis}-{value}".replace(" ", "-")
            spec = replace(PLAIN, style=Style(**fields), published_on="2023-01-16", file=f"{label}.pdf")
            yield Entry(label, name, {axis: value}, spec)
