"""claims.toml → compiled patterns of figures claimed in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline.forms import load_forms
from pipeline.typed_toml import Strict, load_packaged

Pattern = re.Pattern[str]
Words = tuple[str, ...]

OWN, OWN_REGION = "\ufdd0", "\ufdd1"
"""Marks that stand for the characters of the agency's own name and of its region: no text has them."""


class _Place(Strict, frozen=True):
    """Items of a form's table whose sum a figure is, all in one column."""

    table: str
    items: Words
    column: str


class _Rule(Strict, frozen=True, rename={"readings": "or"}):
    """A rule in claims.toml; `or` are other sums that its words may mean."""

    item: str
    topic: str
    patterns: Words
    cells: tuple[_Place, ...] = ()
    zero: Words = ()
    readings: tuple[Words, ...] = ()
    unit: str = "件"
    needs_subject: bool = False
    follows: str = ""
    allows: str = "(?!)"
    bracket: str = "(?!)"
    judges: Words = ()


class _Topic(Strict, frozen=True):
    chapters: Words
    named: str
    goes_on: str
    foreign: str
    outweighs: str


class _Scope(Strict, frozen=True):
    kinds: dict[str, str]
    own: str
    wide: str
    body: str
    region: str
    harmless: str


class _Doubt(Strict, frozen=True):
    asides: Words
    bracket: str
    soft: str
    garbled: str
    none: str
    period: dict[str, str]
    sentence: dict[str, str]
    clause: dict[str, str]


class _File(Strict, frozen=True):
    """What claims.toml holds; `parts` are named parts of patterns."""

    parts: dict[str, str]
    rule: tuple[_Rule, ...]
    topic: dict[str, _Topic]
    scope: _Scope
    doubt: _Doubt


class WeightedCell(NamedTuple):
    """A cell of a form's table that is added (weight 1) or subtracted (-1)."""

    table: str
    item: str
    column: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class FormFigure:
    """Where a form has a figure: the sum of `cells`. `readings` are other sums that the words may mean."""

    cells: tuple[WeightedCell, ...]
    readings: tuple[tuple[WeightedCell, ...], ...]

    @property
    def table(self) -> str:
        """Return the table of the figure."""
        return self.cells[0].table

    @property
    def column(self) -> str:
        """Return the column of the figure."""
        return self.cells[0].column


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic of a sentence: words that name it, words that show that it still holds in the sentences
    after, words of foreign topics, words of the figure that outweigh those, and the chapters in which it
    needs no name."""

    chapters: frozenset[str]
    named: Pattern
    goes_on: Pattern
    foreign: Pattern
    outweighs: Pattern


@dataclass(frozen=True, slots=True)
class Rule:
    """One figure: how it is claimed (`zero`: how it is said that there is none), and where the forms have
    it, none if no form prints it.

    `follows` has to be found in the text up to the figure's end. Of the words of doubt, those that `allows`
    matches are none here; `bracket` finds others behind the figure. Bodies of the kinds in `judges` decide
    such cases of others, and have to say that it is about their own.
    """

    item: str
    patterns: tuple[Pattern, ...]
    zero: tuple[Pattern, ...]
    figures: tuple[FormFigure, ...]
    topic: Topic
    unit: str
    needs_subject: bool
    follows: Pattern
    allows: Pattern
    bracket: Pattern
    judges: frozenset[str]

    @property
    def printed_unit(self) -> str:
        """Return the unit behind the number in the patterns: 元 for amounts in 万元."""
        return self.unit.removeprefix("万")


@dataclass(frozen=True, slots=True)
class ClaimPatterns:
    """All of claims.toml. `period`, `sentence` and `clause` are words of doubt, by how far behind them a
    figure is affected, `garbled` anywhere in its sentence. With a `soft` one it can still agree; `none` are
    none where nothing is claimed. `asides` say nothing of the figure behind them, but for their group `kept`.
    `own_kinds` are patterns of own names."""

    rules: tuple[Rule, ...]
    topics: tuple[Topic, ...]
    own_kinds: Mapping[str, str]
    own: Pattern
    wide: Pattern
    body: Pattern
    region: Pattern
    harmless: Pattern
    period: Pattern
    sentence: Pattern
    clause: Pattern
    asides: Pattern
    bracket: Pattern
    soft: Pattern
    garbled: Pattern
    none: Pattern


@cache
def claim_patterns() -> ClaimPatterns:
    """Return claims.toml, compiled once."""
    data = load_packaged(__package__, "claims.toml", _File)
    parts = _parts(data.parts)
    topics = {name: _topic(entry, parts) for name, entry in data.topic.items()}
    scope, doubt = data.scope, data.doubt
    return ClaimPatterns(
        rules=tuple(_rule(entry, parts, topics) for entry in data.rule),
        topics=tuple(topics.values()),
        own_kinds={name: _fill(text, parts) for name, text in scope.kinds.items()},
        own=re.compile(_fill(scope.own, parts)),
        wide=re.compile(_fill(scope.wide, parts)),
        body=re.compile(scope.body),
        region=re.compile(_fill(scope.region, parts)),
        harmless=re.compile(scope.harmless),
        period=re.compile("|".join(doubt.period.values())),
        sentence=re.compile("|".join(doubt.sentence.values())),
        clause=re.compile("|".join(doubt.clause.values())),
        asides=re.compile(_fill("|".join(doubt.asides), parts)),
        bracket=re.compile(rf"\((?:{doubt.bracket})"),
        soft=re.compile(doubt.soft),
        garbled=re.compile(doubt.garbled),
        none=re.compile(doubt.none),
    )


@cache
def claim_cells() -> frozenset[tuple[str, str, str]]:
    """Return the (table, item, column) that the rules use; no other cells are needed."""
    return frozenset(
        cell[:3]
        for rule in claim_patterns().rules
        for figure in rule.figures
        for cells in (figure.cells, *figure.readings)
        for cell in cells
    )


def _parts(entries: Mapping[str, str]) -> Mapping[str, str]:
    """Return the named parts of patterns, with parts inside them filled in."""
    done = {"own": OWN, "own_region": OWN_REGION}
    for name, text in entries.items():
        done[name] = _fill(text, done)
    return done


def _fill(text: str, parts: Mapping[str, str]) -> str:
    """Fill the named parts into a pattern."""
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _topic(entry: _Topic, parts: Mapping[str, str]) -> Topic:
    """Return the topic of an entry."""
    texts = (entry.named, entry.goes_on, entry.foreign, entry.outweighs)
    return Topic(frozenset(entry.chapters), *_compiled(texts, parts))


def _rule(entry: _Rule, parts: Mapping[str, str], topics: Mapping[str, Topic]) -> Rule:
    """Return the rule of an entry."""
    return Rule(
        item=entry.item,
        patterns=_compiled(entry.patterns, parts),
        zero=_compiled(entry.zero, parts),
        figures=tuple(_form_figure(place, entry.readings) for place in entry.cells),
        topic=topics[entry.topic],
        unit=entry.unit,
        needs_subject=entry.needs_subject,
        follows=re.compile(_fill(entry.follows, parts)),
        allows=re.compile(entry.allows),
        bracket=re.compile(rf"\((?:{entry.bracket})"),
        judges=frozenset(entry.judges),
    )


def _compiled(patterns: Sequence[str], parts: Mapping[str, str]) -> tuple[Pattern, ...]:
    """Compile the patterns."""
    return tuple(re.compile(_fill(pattern, parts)) for pattern in patterns)


def _form_figure(place: _Place, readings: Sequence[Sequence[str]]) -> FormFigure:
    """Return the cells of one place. Other readings are for the first table that has the items they name."""
    table, column = place.table, place.column
    found = (tuple(c for name in names for c in _cells(table, column, name)) for names in readings)
    own = tuple(cell for name in place.items for cell in _cells(table, column, name))
    return FormFigure(own, tuple(cells for cells in found if cells))


def _cells(table: str, column: str, name: str) -> list[WeightedCell]:
    """Return the cells of a name: `refused.*`, `-carried_in`, `review:pending`; none if no form prints
    such an item."""
    weight = -1 if name.startswith("-") else 1
    item, _, other_column = name.removeprefix("-").partition(":")
    stem = item.removesuffix("*")
    items = [known for known in _items(table) if known == item or (item != stem and known.startswith(stem))]
    return [WeightedCell(table, known, other_column or column, weight) for known in items]


@cache
def _items(table: str) -> tuple[str, ...]:
    """Return the row keys that any form prints in this table."""
    forms = (form for form in load_forms() if form.table == table)
    return tuple(dict.fromkeys(item for form in forms for item, _ in form.units))
