"""forms/phrases.toml and forms/units.toml as they stand: words of number phrases, and units by dimension."""

from __future__ import annotations

from functools import cache
from typing import Any

from msgspec import field

from pipeline.typed_toml import Strict, load_packaged

Words = tuple[str, ...]


class Family(Strict, frozen=True):
    """Phrases of one kind; `examples` and `counter_examples` are for the tests."""

    name: str
    role: str
    words: Words
    examples: tuple[dict[str, Any], ...]
    counter_examples: tuple[dict[str, Any], ...]
    symbols: Words = ()
    strokes: Words = ()
    factor: int = 0
    powers: tuple[int, ...] = ()


class PhraseFile(Strict, frozen=True):
    """All families, the columns that count a difference, and signs that say a decrease or an increase."""

    signed_columns: Words
    either_way: Words
    accounts: Words
    family: tuple[Family, ...]


class Unit(Strict, frozen=True):
    """The units of one dimension: `names` are those of its base unit, `multiples` hold so many of that."""

    whole: bool
    names: Words
    multiples: dict[str, int] = field(default_factory=dict)
    bare_from: dict[str, float] = field(default_factory=dict)


@cache
def load_phrases() -> PhraseFile:
    """Return what phrases.toml says, read once."""
    return load_packaged(__package__, "phrases.toml", PhraseFile)


@cache
def load_units() -> dict[str, Unit]:
    """Return what units.toml says, by the name of the dimension, read once."""
    return load_packaged(__package__, "units.toml", dict[str, Unit])
