"""The headings of forms/sections.toml, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pipeline.typed_toml import Strict, load_packaged

_VARIED = re.compile("[、，,。：:和及与的]")


Words = tuple[str, ...]


class _Section(Strict, frozen=True):
    """A section in sections.toml."""

    key: str
    exact: Words
    keywords: Words


class _Rows(Strict, frozen=True):
    """How rows of the forms' tables start and end."""

    starts: Words
    ends: Words


class _Furniture(Strict, frozen=True):
    """Lines that are no text of the report."""

    lines: Words


class _File(Strict, frozen=True):
    """What sections.toml holds."""

    section: tuple[_Section, ...]
    rows: _Rows
    furniture: _Furniture


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of the contract: its key, its exact folded headings, and keywords that a heading has."""

    key: str
    exact: frozenset[str]
    keywords: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class ChapterForms:
    """All of sections.toml; `chapters` are in the order in which their keywords are tried."""

    chapters: tuple[Chapter, ...]
    table_row: re.Pattern[str]
    furniture: re.Pattern[str]


@cache
def load_chapter_forms() -> ChapterForms:
    """Return the compiled sections.toml."""
    data = load_packaged("pipeline.forms", "sections.toml", _File)
    rows, furniture = data.rows, data.furniture
    return ChapterForms(
        chapters=tuple(
            Chapter(s.key, frozenset(map(fold_heading, s.exact)), re.compile(any_of(s.keywords)))
            for s in data.section
        ),
        table_row=re.compile(rf"{any_of(rows.starts)}.*|.*{any_of(rows.ends)}|.*[0-9]"),
        furniture=re.compile(any_pattern(furniture.lines)),
    )


def fold_heading(name: str) -> str:
    """Return a heading as headings are compared, without what bureaus vary: 、, 和, 及, 的."""
    return _VARIED.sub("", name)


def any_pattern(patterns: Iterable[str]) -> str:
    """Return a pattern that matches what any of the patterns does."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words, the longest first; none where there are no words."""
    longest_first = sorted(words, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})"
