"""Find the paragraphs that are headings of chapters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.extract.normalise.body_text import CACHED_LINES_MAX, compact
from pipeline.extract.normalise.chapter_forms import Chapter, fold_heading, load_chapter_forms

_NUMERALS = {
    sign: number
    for signs in ("一二三四五六七八九十", "①②③④⑤⑥⑦⑧⑨⑩", "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", "壹贰叁肆伍陆柒捌玖拾")
    for number, sign in enumerate(signs, 1)
} | {numeral: number for number, numeral in enumerate(("十一", "十二", "十三"), 11)}
_NUMBERED = re.compile(
    r"\s*第?\s*([一二三四五六七八九十]{1,2})(\s*(?:部分|章)\s*[、.．:：]?|\s*[、.．，,:：]|\s+)\s*(\S.*)",
    re.DOTALL,
)
_OTHERWISE = {
    "digits": re.compile(r"\s*([0-9]{1,2})\s*[、.．]\s*(\S.*)", re.DOTALL),
    "brackets": re.compile(r"\s*[（(【〔](\w{1,2})[）)】〕]\s*[、.．]?\s*(\S.*)", re.DOTALL),
    "one sign": re.compile(r"\s*([①-⑩Ⅰ-Ⅹ壹贰叁肆伍陆柒捌玖拾])\s*[、.．]?\s*(\S.*)", re.DOTALL),
    "no sign behind": re.compile(r"\s*([一二三四五六七八九十]{1,2})(\S.*)", re.DOTALL),
}
"""How items of prose are numbered, and sometimes chapters; or as no word could be told from a number."""

_NUMBERED_AGAIN = re.compile(r"\s*(?:第?[一二三四五六七八九十]{1,2}(?:部分|章)?|[0-9]{1,2})\s*[、.．]\s*")
HEADING_MAX_CHARACTERS = 40
"""Count. A longer paragraph is no heading."""

_UNKNOWN_HEADING_MAX_CHARACTERS = 30
"""Count. A heading that no form has is no longer."""

_RUN_IN_HEADING_MAX_CHARACTERS = 30
"""Count. A heading with its text on the same line (一、总体情况。2023年…) is no longer."""

_AROUND = re.compile(r"[（(【〔“]?(.*?)[）)】〕”]?(?:[（(][^（）()]{1,12}[）)])?", re.DOTALL)
"""Brackets around a heading, and what bureaus say behind it in brackets (单位：件)."""

_NO_HEADING = re.compile(r"[；！？;!?]|[:：。].")
_COMMA = re.compile("[，,]")
_NOUN = ("情况", "事项", "措施", "问题")
_ORDER = (
    "preamble",
    "overview",
    "active_disclosure",
    "applications",
    "review_litigation",
    "problems",
    "other",
)
EXACT_WEIGHT, _UNNUMBERED_WEIGHT, _LIKELY_WEIGHT, LIKE_ITEMS_WEIGHT, _UNKNOWN_WEIGHT = 100, 40, 30, 11, 10
"""Weights of a heading in a chain: as the form prints it, so but without a number, by a keyword, as the form
prints it but numbered as items of prose are, else.
"""

_MAX_CANDIDATES = 300
"""Count. No more candidates are compared: their chains take time with the square of it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be the heading of a chapter; `rest` is the text that follows it in its paragraph.

    `like_items` says how it is numbered, where that is as items of prose are; "" where it is as chapters are.
    """

    heading: str
    rest: str
    number: int | None
    key: str
    weight: int
    like_items: str = ""


@lru_cache(maxsize=CACHED_LINES_MAX)
def text_to_candidate(raw: str) -> Candidate | None:
    """Return the heading that a paragraph is or begins with, or None; `raw` has the blanks of the page."""
    found = _NUMBERED.match(raw)
    if not found or found[1] not in _NUMERALS:
        return _whole_line(raw) if len(raw) <= HEADING_MAX_CHARACTERS else None
    name, rest = _split(found[3])
    key, weight = _name_to_key(compact(_NUMBERED_AGAIN.sub("", name, count=1)))
    if not weight or (weight == _UNKNOWN_WEIGHT and (rest or not found[2].strip())):
        return None
    return Candidate(raw[: found.start(3)].strip() + name.strip(), rest, _NUMERALS[found[1]], key, weight)


def _whole_line(raw: str) -> Candidate | None:
    """Return the heading that a line is as the forms print it, without a number or numbered as items are."""
    if chapter := _exact(compact(raw)):
        return Candidate(raw.strip(), "", None, chapter.key, _UNNUMBERED_WEIGHT)
    for kind, pattern in _OTHERWISE.items():
        found = pattern.fullmatch(raw)
        number = _number(found[1]) if found else None
        if found and number and (chapter := _exact(compact(found[2]))):
            return Candidate(raw.strip(), "", number, chapter.key, LIKE_ITEMS_WEIGHT, kind)
    return None


def _number(text: str) -> int | None:
    """Return the number that digits or a numeral stand for; None where it is none of a chapter."""
    return int(text) if text.isdecimal() else _NUMERALS.get(text)


def line_to_key(text: str) -> str | None:
    """Return the section whose numbered heading a line is; None where the forms know none such."""
    candidate = text_to_candidate(text)
    return candidate.key if candidate and candidate.weight in (EXACT_WEIGHT, _LIKELY_WEIGHT) else None


def raws_to_chapters(raws: Sequence[str]) -> dict[int, Candidate]:
    """Return the headings among paragraphs, by index: the chain of most weight whose numbers go up.

    Numbered items of prose fit in no such chain together with the chapters. A chapter with a wrong number
    fits in where its heading is printed as on the form and stands in the form's order.
    """
    found = [(i, c) for i, raw in enumerate(raws) if (c := text_to_candidate(raw))][:_MAX_CANDIDATES]
    best: list[tuple[int, int | None]] = []
    for place, (_, candidate) in enumerate(found):
        chains = [(best[k][0], k) for k in range(place) if best[k][0] and _follows(found[k][1], candidate)]
        weight, before = max(chains, key=lambda chain: chain[0], default=(0, None))
        starts = before is not None or candidate.weight != _UNKNOWN_WEIGHT or candidate.number == 1
        best.append((weight + candidate.weight if starts else 0, before))
    end = max(range(len(best)), key=lambda k: best[k][0], default=None)
    chain: dict[int, Candidate] = {}
    while end is not None:
        chain[found[end][0]] = found[end][1]
        end = best[end][1]
    return dict(sorted(chain.items()))


def _follows(before: Candidate, after: Candidate) -> bool:
    """Whether one candidate can be the next chapter after another."""
    in_order = _ORDER.index(before.key) < _ORDER.index(after.key)
    if before.number is None or after.number is None:
        return in_order and after.weight != _UNKNOWN_WEIGHT
    if before.like_items != after.like_items:
        return False
    if after.weight == _UNKNOWN_WEIGHT:
        return after.number == before.number + 1
    as_printed = before.weight == after.weight == EXACT_WEIGHT and not after.rest
    is_twice = after.number == before.number and after.key != before.key
    return after.number > before.number or (as_printed and (in_order or is_twice))


def _split(text: str) -> tuple[str, str]:
    """Split a line into its heading and the text that follows on it."""
    first, _, after = text.partition("。")
    if after.strip() and len(first) <= _RUN_IN_HEADING_MAX_CHARACTERS:
        return first + "。", after
    for sign in (" ", "：", ":"):
        word, _, after = text.partition(sign)
        if after.strip() and _exact(compact(word)) and not _exact(compact(text)):
            return word, after
    return text, ""


def _name_to_key(name: str) -> tuple[str, int]:
    """Return section and weight of a heading without its number; weight 0 where it is no heading."""
    name = name.rstrip("。：:")
    if chapter := _exact(name):
        return chapter.key, EXACT_WEIGHT
    comma = _COMMA.search(name) and not name.endswith(_NOUN)
    if (
        len(name) > HEADING_MAX_CHARACTERS
        or comma
        or _NO_HEADING.search(name)
        or load_chapter_forms().table_row.fullmatch(name)
    ):
        return "other", 0
    for chapter in load_chapter_forms().chapters:
        if chapter.keywords.search(name):
            return chapter.key, _LIKELY_WEIGHT
    return "other", _UNKNOWN_WEIGHT if len(name) <= _UNKNOWN_HEADING_MAX_CHARACTERS and not _COMMA.search(
        name
    ) else 0


def _exact(name: str) -> Chapter | None:
    """Return the chapter of which this is a heading as the form prints it; None where there is none."""
    around = _AROUND.fullmatch(name)
    folded = fold_heading(around[1] if around else name)
    return next((chapter for chapter in load_chapter_forms().chapters if folded in chapter.exact), None)
