"""The headings and titles of forms/sections.toml, compiled once."""

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
    """Lines of web pages that are no text of the report; `head` is a pattern of its own."""

    lines: Words
    head: str


class _Title(Strict, frozen=True):
    """The words that titles are made of."""

    subject: Words
    ends: Words
    agencies: Words
    remainders: Words
    unfinished: Words
    nobody: Words


class _File(Strict, frozen=True):
    """What sections.toml holds."""

    section: tuple[_Section, ...]
    rows: _Rows
    furniture: _Furniture
    title: _Title


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of the contract: its key, its exact folded headings, and keywords that a heading has."""

    key: str
    exact: frozenset[str]
    keywords: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Titles:
    """What the title of a report is made of; all patterns match text without white space."""

    whole: re.Pattern[str]
    agency: re.Pattern[str]
    remainder: re.Pattern[str]
    unfinished: tuple[str, ...]
    nobody: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChapterForms:
    """All of sections.toml; `chapters` are in the order in which their keywords are tried."""

    chapters: tuple[Chapter, ...]
    table_row: re.Pattern[str]
    furniture: re.Pattern[str]
    web_head: re.Pattern[str]
    titles: Titles


@cache
def load_chapter_forms() -> ChapterForms:
    """Return the compiled sections.toml."""
    data = load_packaged("pipeline.forms", "sections.toml", _File)
    rows, furniture, title = data.rows, data.furniture, data.title
    return ChapterForms(
        chapters=tuple(
            Chapter(s.key, frozenset(map(fold_heading, s.exact)), re.compile(any_of(s.keywords)))
            for s in data.section
        ),
        table_row=re.compile(rf"{any_of(rows.starts)}.*|.*{any_of(rows.ends)}|.*[0-9]"),
        furniture=re.compile("|".join(f"(?:{line})" for line in furniture.lines)),
        web_head=re.compile(furniture.head),
        titles=Titles(
            whole=re.compile(
                rf"(?P<head>[^，。；！？]{{0,60}}?)(?P<subject>{any_of(title.subject)})"
                rf"(?P<tail>(?:工作|情况|的|年度|及|[0-9〇○零一二三四五六七八九年度（(）)]){{0,16}}"
                rf"{any_of(title.ends)}(?:[（(][^，。）)]{{1,12}}[）)])?)"
            ),
            agency=re.compile(
                rf"[^，。；：:！？《》“”]{{1,40}}{any_of(title.agencies)}(?:[（(][^）)]{{1,20}}[）)])?"
            ),
            remainder=re.compile(any_of(title.remainders)),
            unfinished=title.unfinished,
            nobody=frozenset(title.nobody),
        ),
    )


def fold_heading(name: str) -> str:
    """Return a heading as headings are compared, without what bureaus vary: 、, 和, 及, 的."""
    return _VARIED.sub("", name)


def any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words, the longest first."""
    return f"(?:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})"
