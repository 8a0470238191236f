"""The words of forms/titles.toml, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.extract.normalise.chapter_forms import Words, any_of, any_pattern
from pipeline.typed_toml import Strict, load_packaged

Patterns = tuple[re.Pattern[str], ...]

_LONG_LABEL_MIN_CHARACTERS = 3
"""Count. No title and no name begins with a label as long."""

_DATED = ("published", "dated", "written", "updated")


class _Title(Strict, frozen=True):
    """The words that titles are made of."""

    subject: Words
    ends: Words
    letters: Words
    orders: Words
    publishes: str
    hands_on: str
    judged: str
    lead: str
    tail: str
    remainders: Words
    unfinished: Words


class _Zones(Strict, frozen=True):
    """How places end that have no government of their own, and the districts that end so too."""

    ends: Words
    districts: Words


class _Names(Strict, frozen=True):
    """What the names of bodies are made of."""

    ends: Words
    nobody: Words
    never: Words
    placeless: str
    desks: Words
    own_district: str
    government_office: str
    site: str
    governments: dict[str, Words]
    zones: _Zones


class _Preamble(Strict, frozen=True):
    """How a preamble names the body that reports."""

    name: str
    report: str
    written_by: Words
    reported_by: Words
    asked: Words
    acting: Words
    about: Words
    period: str
    gathers: str
    own_office: str


class _Around(Strict, frozen=True):
    """What stands around a title; `labels` has the labels of each kind of value."""

    crumbs: Words
    separators: str
    number: str
    red_head: str
    site: str
    tools: Words
    printed_at: str
    labels: dict[str, Words]


class _File(Strict, frozen=True):
    """What titles.toml holds."""

    title: _Title
    names: _Names
    preamble: _Preamble
    around: _Around


@dataclass(frozen=True, slots=True)
class Titles:
    """What the title of a report is made of; `whole` has the groups head, subject, tail and remark.

    `report` is a title from its beginning, `judged` a document on a report of another body. `order` is how a
    notice ends, which is a title where it `publishes`. `about` parts who writes from what it is about.
    """

    whole: re.Pattern[str]
    subject: re.Pattern[str]
    report: re.Pattern[str]
    judged: re.Pattern[str]
    order: re.Pattern[str]
    publishes: re.Pattern[str]
    hands_on: re.Pattern[str]
    lead: re.Pattern[str]
    tail: re.Pattern[str]
    remainder: re.Pattern[str]
    unfinished: Words


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of bodies are made of.

    `desks` and `own_district` have the group body, `government_office` the group government; `governments`
    are those of places, by how the name of the place ends.
    """

    ends: Words
    agency: re.Pattern[str]
    nobody: frozenset[str]
    never: re.Pattern[str]
    placeless: re.Pattern[str]
    desks: Patterns
    own_district: re.Pattern[str]
    government_office: re.Pattern[str]
    site: re.Pattern[str]
    governments: Mapping[str, str]
    zones: Words
    districts: Words


@dataclass(frozen=True, slots=True)
class Preamble:
    """How a preamble names the body that reports: those who name it have the group name. `about` finds the
    year of the report."""

    written_by: Patterns
    reported_by: Patterns
    asked: Patterns
    acting: Patterns
    about: Patterns
    period: re.Pattern[str]
    gathers: re.Pattern[str]
    own_office: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a title; `label` has the group label, and `kinds` says what its value is."""

    crumb: re.Pattern[str]
    separator: re.Pattern[str]
    number: re.Pattern[str]
    red_head: re.Pattern[str]
    site: re.Pattern[str]
    tools: re.Pattern[str]
    printed_at: re.Pattern[str]
    label: re.Pattern[str]
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TitleForms:
    """All of titles.toml."""

    titles: Titles
    names: Names
    preamble: Preamble
    around: Around


@cache
def load_title_forms() -> TitleForms:
    """Return the compiled titles.toml."""
    data = load_packaged("pipeline.forms", "titles.toml", _File)
    return TitleForms(_titles(data.title), _names(data.names), _preamble(data.preamble), _around(data.around))


def _titles(title: _Title) -> Titles:
    """Compile the words of titles."""
    subject, ends = any_of(title.subject), any_of(title.ends)
    tail = rf"(?:工作|情况|的|年度|及|[0-9〇○零一二三四五六七八九年度（(）)]){{0,16}}{ends}"
    letters = any_of((*title.letters, *title.orders))
    return Titles(
        whole=re.compile(
            rf"(?P<head>[^，。；！？]{{0,60}}?)(?P<subject>{subject})(?P<tail>{tail}{letters}?)"
            r"(?P<remark>[（(][^，。）)]{0,12}[）)]?)?"
        ),
        subject=re.compile(subject),
        report=re.compile(rf"[^，。；！？]{{0,60}}?{subject}{tail}"),
        judged=re.compile(rf"[^，。；！？]{{0,60}}?{subject}{tail}{title.judged}[^，。；！？]{{0,16}}"),
        order=re.compile(f"{any_of(title.orders)}$"),
        publishes=re.compile(title.publishes),
        hands_on=re.compile(title.hands_on),
        lead=re.compile(rf"^{title.lead}"),
        tail=re.compile(rf"{title.tail}$"),
        remainder=re.compile(any_of(title.remainders)),
        unfinished=title.unfinished,
    )


def _names(names: _Names) -> Names:
    """Compile the words of names."""
    return Names(
        ends=names.ends,
        agency=re.compile(
            rf"[^，。；：:！？《》“”]{{1,40}}{any_of(names.ends)}(?:[（(][^）)]{{1,20}}[）)])?"
        ),
        nobody=frozenset(names.nobody),
        never=re.compile(any_of(names.never)),
        placeless=re.compile(names.placeless),
        desks=tuple(map(re.compile, names.desks)),
        own_district=re.compile(names.own_district),
        government_office=re.compile(names.government_office),
        site=re.compile(names.site),
        governments={end: name for name, ends in names.governments.items() for end in ends},
        zones=names.zones.ends,
        districts=names.zones.districts,
    )


def _preamble(preamble: _Preamble) -> Preamble:
    """Compile what preambles say, with the name and the report filled in."""
    name, report = f"(?P<name>{preamble.name})", preamble.report

    def compiled(patterns: Iterable[str]) -> Patterns:
        return tuple(re.compile(pattern.format(name=name, report=report)) for pattern in patterns)

    return Preamble(
        written_by=compiled(preamble.written_by),
        reported_by=compiled(preamble.reported_by),
        asked=compiled(preamble.asked),
        acting=compiled(preamble.acting),
        about=compiled(preamble.about),
        period=re.compile(preamble.period),
        gathers=re.compile(preamble.gathers),
        own_office=re.compile(preamble.own_office),
    )


def _around(around: _Around) -> Around:
    """Compile what stands around a title."""
    kinds = {label: kind for kind, labels in around.labels.items() for label in labels}
    dated = any_of(label for label, kind in kinds.items() if kind in _DATED)
    long = any_of(label for label in kinds if len(label) >= _LONG_LABEL_MIN_CHARACTERS)
    initials = "".join(
        sorted({label[0] for label in kinds})
    )  # few places of a line begin so: looked at first
    return Around(
        crumb=re.compile(any_pattern(around.crumbs)),
        separator=re.compile(around.separators),
        number=re.compile(around.number),
        red_head=re.compile(around.red_head),
        site=re.compile(around.site),
        tools=re.compile(any_pattern(around.tools)),
        printed_at=re.compile(around.printed_at),
        label=re.compile(
            rf"(?=[{initials}])(?P<label>{any_of(kinds)}(?=\s*[:：|｜])|{dated}(?=\s*20[0-9]{{2}})|^{long})\s*[:：|｜]?\s*"
        ),
        kinds=kinds,
    )
