"""Prose that states figures: each as the tables have it, or another, or one that a person leaves open."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from .figures import Cell
from .prose import HEADINGS, HEADINGS_FY2014, OPENING, PLATFORM, SHORT_PREAMBLE, Chapter, Chapters

SENTENCES = 14
"""Count. A report has as many that state figures."""

WRONG = 0.3
"""How likely one of the figures that a sentence states for certain is another than the tables have."""

TEN_THOUSAND = 10_000
AMOUNTS = ("fees_collected", "fees_charged")
"""Items that sentences state in 元, and tables in 万元."""

AGREES, DIFFERS, UNPRINTED = "agrees", "differs", "unprinted"
EXPLAINED, OPEN = "explained", "open"
"""What a person takes a figure for: the table's, another one, one that no table has; a sum that the words may
mean, or none of the agency's own of the year."""

LEADS = ("", "", "", "{we}高度重视政务公开工作。", "进一步规范登记、审核、归档各环节。", "各项工作平稳有序。")
"""What stands before a sentence in its paragraph."""

UNPRINTED_ITEMS = ("fees_collected", "fees_collected.cases", "fees_charged", "fees_charged.notices")
"""Items that no form has had since 2019."""

FIRST_MODERN = 2019
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
NUMERALS = "零一二三四五六七八九"
_PLACEHOLDER = re.compile(r"\{([a-z_.]+)([+?]?)\}")


class Claimed(NamedTuple):
    """A figure in the prose: an item of the tables, its number in their unit, what a person takes it for."""

    item: str
    value: float
    verdict: str


@dataclass(frozen=True, slots=True)
class ClaimingChapter(Chapter):
    """A chapter with the figures that its prose states."""

    claims: tuple[Claimed, ...] = field(default=(), repr=False)


class Writer(NamedTuple):
    """Who writes: the kind of body in claims.toml, its name, what it calls itself, the last character of its
    region, and of a town its short name."""

    body: str
    agency: str
    we: str
    level: str
    unit: str = ""


class Written(NamedTuple):
    """A sentence as printed in a chapter, with the figures that it states."""

    section: str
    text: str
    claims: tuple[Claimed, ...]


@cache
def sentences() -> Mapping[str, Any]:
    """What claims.toml holds."""
    return tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))


def claiming_chapters(writer: Writer, year: int, printed: Mapping[Cell, float], rng: Random) -> Chapters:
    """The chapters of a report whose tables print these figures."""
    words = {
        **writer._asdict(),
        **{"year": str(year), "last": str(year - 1), "next": str(year + 1), "fixed": str(rng.randint(2, 60))},
    }
    said = list(_choose(words, dict(_facts(printed, rng)), rng))
    texts = {
        "preamble": [SHORT_PREAMBLE.format(**words)],
        "overview": [OPENING.format(**words)],
        "active_disclosure": [],
        "applications": [],
        "review_litigation": [],
        "problems": [PLATFORM.format(**words)],
        "other": [],
    }
    for one in said:
        texts[one.section].append(rng.choice(LEADS).format(**words) + one.text)
    headings = HEADINGS_FY2014 if year < FIRST_MODERN else HEADINGS
    return tuple(
        ClaimingChapter(
            section,
            headings.get(section, ""),
            tuple(paragraphs),
            tuple(claim for one in said if one.section == section for claim in one.claims),
        )
        for section, paragraphs in texts.items()
    )


def _facts(printed: Mapping[Cell, float], rng: Random) -> Iterator[tuple[str, float]]:
    """The figure of each item that the report prints, and of those that no form of its year prints."""
    for name, places in sentences()["items"].items():
        found = (_cells(printed, *place) for place in places)
        if cells := next(filter(None, found), []):
            yield name, sum(printed[cell] for cell in cells)
    if any(table == "applications" for table, _, _ in printed):
        yield from ((name, rng.randint(1, 9) * (100 if name in AMOUNTS else 1)) for name in UNPRINTED_ITEMS)


def _cells(printed: Mapping[Cell, float], table: str, column: str, *rows: str) -> list[Cell]:
    """The cells of these rows that the report prints."""
    return [
        cell
        for cell in printed
        if (cell[0], cell[2]) == (table, column) and any(fnmatchcase(cell[1], row) for row in rows)
    ]


def _choose(words: Mapping[str, str], facts: Mapping[str, float], rng: Random) -> Iterator[Written]:
    """Sentences in a random order; of each item at most one figure is certain."""
    pool: Sequence[Mapping[str, Any]] = sentences()["sentence"]
    stated: set[str] = set()
    left = SENTENCES
    for sentence in rng.sample(pool, len(pool)):
        is_own = words["body"] in sentence.get("bodies", [words["body"]])
        needs = sentence.get("needs", ())
        if left and is_own and _items(sentence) <= facts.keys() and all(facts[name] for name in needs):
            written = _write(sentence, words, facts, rng)
            certain = {claim.item for claim in written.claims if claim.verdict != OPEN}
            if not certain & stated:
                stated |= certain
                left -= 1
                yield written


def _items(sentence: Mapping[str, Any]) -> set[str]:
    """The items whose figures a sentence needs."""
    found = {name for name, _ in _PLACEHOLDER.findall(sentence["text"])}
    return (found & {*sentences()["items"], *UNPRINTED_ITEMS}) | set(sentence.get("none", ()))


def _write(
    sentence: Mapping[str, Any], words: Mapping[str, str], facts: Mapping[str, float], rng: Random
) -> Written:
    """The sentence with its figures filled in, one of them wrong, as it happens."""
    certain = [name for name, mark in _PLACEHOLDER.findall(sentence["text"]) if name in facts and not mark]
    changed = {name for name in certain if name not in UNPRINTED_ITEMS}
    wrong = rng.choice([*sorted(changed), ""]) if rng.random() < WRONG else ""
    spelling = rng.choice(SPELLINGS)
    claims = [_none(item, facts) for item in sentence.get("none", ())]

    def fill(found: re.Match[str]) -> str:
        name, mark = found.groups()
        if name in words:
            return words[name]
        if name not in facts:
            return spelling(rng.randint(2, 9))
        is_other = mark == "+" or name == wrong
        number = int(facts[name]) + (_beyond(facts) + rng.randint(3, 40)) * is_other
        item, _, is_sum = name.partition("_and_")
        verdict = OPEN if mark == "+" else DIFFERS if is_other else EXPLAINED if is_sum else _agreeing(name)
        claims.append(Claimed(item, number / TEN_THOUSAND if name in AMOUNTS else number, verdict))
        return str(number) if name in AMOUNTS else spelling(number)

    text = _PLACEHOLDER.sub(fill, sentence["text"])
    return Written(sentence.get("section", "overview"), text, tuple(claims))


def _none(item: str, facts: Mapping[str, float]) -> Claimed:
    """The claim that there is none of an item."""
    return Claimed(item, 0, DIFFERS if facts[item] and item not in UNPRINTED_ITEMS else _agreeing(item))


def _agreeing(item: str) -> str:
    """What a person takes the figure of an item for that is as it should be."""
    return UNPRINTED if item in UNPRINTED_ITEMS else AGREES


def _beyond(facts: Mapping[str, float]) -> int:
    """A number so large that no sum of others that is meant by the same words is larger."""
    return int(sum(facts.get(name, 0) for name in ("new_received", "carried_in", "review", "litigation")))


def _in_words(number: int) -> str:
    """A number up to 99 in Chinese numerals, a larger one in digits."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    return (NUMERALS[tens] * (tens > 1) + "十" if tens else "") + (NUMERALS[ones] if ones else "")


def _wide(number: int) -> str:
    """A number in full-width digits."""
    return str(number).translate(WIDE)


SPELLINGS: tuple[Callable[[int], str], ...] = (str, str, str, _wide, _in_words)
"""How the numbers of a sentence are written."""
