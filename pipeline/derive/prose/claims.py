"""Figures claimed in prose → the table claims, beside the figures of the form. A claim differs only if
everything is certain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claim_patterns import FormFigure, Rule, WeightedCell, claim_patterns
from pipeline.derive.prose.sentences import Sentence, text_to_sentences
from pipeline.records import BLANK_STATUSES, NUMBER_STATUSES, SUM_DIGITS, Quantity

Parse = Callable[[str, str], Quantity]
"""A number phrase and the unit wanted → what it says."""

UNIT = "件"
UNKNOWN, EXPLAINED, CONTRADICTED = "no table value", "another reading", "agrees elsewhere"

Number = tuple[str, str, str, str, float | None, str]
"""report_id, table, item, column, value or None, status."""

Values = Mapping[tuple[str, str, str, str], tuple[float | None, str]]

_BRACKETS = re.compile(r"\([^()]*\)")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?=年)")
_REGION = re.compile("(?P<level>[省市区县州盟旗])(?P<bare>[^省市区县州盟旗]{3,})$")


class Claim(NamedTuple):
    """A row of the table `claims`. `doubt` is the word or the reason that makes it unclear."""

    report_id: str
    agency: str
    fiscal_year: int | None
    section: str
    page: int
    table: str
    item: str
    column: str
    claimed: float
    table_value: float | None
    scope: str
    verdict: str
    doubt: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ClaimedFigure:
    """A figure found in a sentence, from `start` to `end` of its folded text. `hedge` is a word like 约
    beside it."""

    rule: Rule
    start: int
    end: int
    claimed: float
    hedge: str


def chapters_to_claims(
    chapters: Iterable[ChapterText], numbers: Iterable[Number], parse: Parse
) -> list[Claim]:
    """Return every figure claimed, in the order of the chapters and of the text.

    If one claim of a report agrees with the table, another claim of the same item that differs is unclear:
    the words must mean two things.
    """
    values = {number[:4]: number[4:] for number in numbers}
    claims = [claim for chapter in chapters for claim in chapter_to_claims(chapter, values, parse)]
    settled = {(claim.report_id, claim.item) for claim in claims if claim.verdict == "agrees"}
    return [_without_contradiction(claim, settled) for claim in claims]


def _without_contradiction(claim: Claim, settled: set[tuple[str, str]]) -> Claim:
    """Return the claim as unclear if it differs and another claim of its item agrees."""
    if claim.verdict == "differs" and (claim.report_id, claim.item) in settled:
        return claim._replace(verdict="unclear", doubt=CONTRADICTED)
    return claim


def chapter_to_claims(chapter: ChapterText, values: Values, parse: Parse) -> Iterator[Claim]:
    """Yield the claims of one chapter."""
    for sentence in text_to_sentences(chapter.text):
        claimed_figures = list(_sentence_to_mentions(sentence, chapter.section, parse))
        for claimed_figure in claimed_figures:
            yield _judge(chapter, sentence, claimed_figure, claimed_figures, values)


def _sentence_to_mentions(sentence: Sentence, section: str, parse: Parse) -> Iterator[ClaimedFigure]:
    """Yield the figures of a sentence from left to right. Of overlapping figures of one item, the first is
    kept."""
    ends: dict[str, int] = {}
    for claimed_figure in sorted(_candidates(sentence.folded, parse), key=lambda m: (m.start, -m.end)):
        item = claimed_figure.rule.item
        if claimed_figure.start >= ends.get(item, 0) and _is_about(claimed_figure, sentence, section):
            yield claimed_figure
            ends[item] = claimed_figure.end


def _candidates(text: str, parse: Parse) -> Iterator[ClaimedFigure]:
    """Yield every match of every rule."""
    for rule in claim_patterns().rules:
        for pattern in rule.patterns:
            for match in pattern.finditer(text):
                quantity = parse(f"{match['number']}{match['factor'] or ''}{UNIT}", UNIT)
                if quantity.value is not None:
                    hedge = match["hedge"] or match["more"] or match["after"] or _unnamed(rule, match)
                    yield ClaimedFigure(rule, match.start(), match.end(), quantity.value, hedge)
        for pattern in rule.zero:
            for match in pattern.finditer(text):
                yield ClaimedFigure(rule, match.start(), match.end(), 0.0, "")


def _unnamed(rule: Rule, match: re.Match[str]) -> str:
    """Return the number as a doubt if the rule needs a subject and the match has none, else ""."""
    return match["number"] if rule.needs_subject and not match["subject"] else ""


def _is_about(claimed_figure: ClaimedFigure, sentence: Sentence, section: str) -> bool:
    """Whether the figure's topic is named in the sentence, before it in the paragraph, or by the chapter."""
    topic = claimed_figure.rule.topic
    if topic.foreign.search(sentence.folded[: claimed_figure.start]):
        return False
    read = sentence.before + sentence.folded[: claimed_figure.end]
    return section in topic.chapters or topic.named.search(read) is not None


def _judge(
    chapter: ChapterText,
    sentence: Sentence,
    claimed_figure: ClaimedFigure,
    claimed_figures: Sequence[ClaimedFigure],
    values: Values,
) -> Claim:
    """Return the claim of a figure, with verdict."""
    figure = _form_figure(claimed_figure.rule, chapter.report_id, values)
    table_value = _total(figure.cells, chapter.report_id, values)
    scope, doubt = _scope(chapter, sentence, claimed_figure, claimed_figures)
    verdict = "unclear"
    if scope == "same":
        verdict, doubt = _verdict(claimed_figure.claimed, table_value, figure, chapter.report_id, values)
    return Claim(
        *(chapter.report_id, chapter.agency, chapter.fiscal_year, chapter.section, chapter.page),
        *(figure.table, claimed_figure.rule.item, figure.column),
        claimed=claimed_figure.claimed,
        table_value=table_value,
        scope=scope,
        verdict=verdict,
        doubt=doubt,
        sentence=sentence.printed,
    )


# ------------------------------------------------------------------------ the table's figure


def _form_figure(rule: Rule, report_id: str, values: Values) -> FormFigure:
    """Return the first place of which the report has every cell; if there is none, that of the newest
    form."""
    whole = (h for h in rule.figures if all((report_id, *cell[:3]) in values for cell in h.cells))
    return next(whole, rule.figures[0])


def _total(cells: Sequence[WeightedCell], report_id: str, values: Values) -> float | None:
    """Return the sum of these cells, None unless all are known and one is a number. Blanks count as 0."""
    found = [values.get((report_id, *cell[:3]), (None, "")) for cell in cells]
    if any(status not in (*NUMBER_STATUSES, *BLANK_STATUSES) for _, status in found):
        return None
    if not any(status in NUMBER_STATUSES for _, status in found):
        return None
    weighted = (cell.weight * (value or 0.0) for cell, (value, _) in zip(cells, found, strict=True))
    return round(sum(weighted), SUM_DIGITS)


def _verdict(
    claimed: float, table_value: float | None, figure: FormFigure, report_id: str, values: Values
) -> tuple[str, str]:
    """Return verdict and doubt from the claimed figure and the table's."""
    if table_value is None:
        return "unclear", UNKNOWN
    if claimed == table_value:
        return "agrees", ""
    readings = (_present(cells, report_id, values) for cells in figure.readings)
    if any(_explains(cells, claimed, report_id, values) for cells in readings):
        return "unclear", EXPLAINED
    return "differs", ""


def _present(cells: Sequence[WeightedCell], report_id: str, values: Values) -> list[WeightedCell]:
    """Return the cells that the report has."""
    return [cell for cell in cells if (report_id, *cell[:3]) in values]


def _explains(cells: Sequence[WeightedCell], claimed: float, report_id: str, values: Values) -> bool:
    """Whether another sum gives the figure, or could, as one of its cells is in doubt."""
    statuses = [values[report_id, *cell[:3]][1] for cell in cells]
    doubtful = any(status not in (*NUMBER_STATUSES, *BLANK_STATUSES) for status in statuses)
    return bool(cells) and (doubtful or _total(cells, report_id, values) == claimed)


# ------------------------------------------------------------------------ whose figure, of what time


def _scope(
    chapter: ChapterText,
    sentence: Sentence,
    claimed_figure: ClaimedFigure,
    claimed_figures: Sequence[ClaimedFigure],
) -> tuple[str, str]:
    """Return scope and doubt: `other` if another body or year is meant, `unclear` if a word makes it
    doubtful, else `same`."""
    known = claim_patterns()
    before = known.whole_year.sub(
        "", _BRACKETS.sub("", _text_before(sentence.folded, claimed_figure, claimed_figures))
    )
    if body := _word(known.wide.search(sentence.folded)) or _other_body(before, chapter.agency):
        return "other", body
    if year := _other_year(before, chapter.fiscal_year):
        return "other", year
    clause = re.split("[，,:]", before)[-1]
    word = (
        claimed_figure.hedge
        or _word(known.sentence.search(before))
        or _word(known.clause.search(clause))
        or _word(known.bracket.match(sentence.folded, claimed_figure.end))
        or _doubt_before(chapter, sentence, claimed_figure, before)
    )
    return ("unclear", word) if word else ("same", "")


def _word(found: re.Match[str] | None) -> str:
    """Return the matched text, "" without a match."""
    return found[0] if found else ""


def _text_before(text: str, claimed_figure: ClaimedFigure, claimed_figures: Sequence[ClaimedFigure]) -> str:
    """Return the text before the figure in its sentence, without the figures claimed in it."""
    kept, end = [], 0
    for other in claimed_figures:
        if other.start < claimed_figure.start:
            kept.append(text[end : other.start])
            end = max(end, other.end)
    return "".join([*kept, text[end : claimed_figure.start]])


def _other_body(before: str, agency: str) -> str:
    """Return the word for a body other than the agency, or for a region that acts; "" if there is none."""
    known = claim_patterns()
    rest = known.harmless.sub("", known.own.sub("", before))
    return _word(known.body.search(_agency_pattern(agency).sub("", rest))) or _word(
        known.region.search(before)
    )


def _agency_pattern(agency: str) -> re.Pattern[str]:
    """Return a pattern for the agency's name, also without its region: 市教育局, 教育局, but not 省教育局."""
    names = [re.escape(agency)] if agency else []
    if found := _REGION.search(agency):
        bare = re.escape(found["bare"])
        names += [found["level"] + bare, f"(?<![省市区县州盟旗]){bare}"]
    return re.compile("|".join(names) or "(?!)")


def _other_year(before: str, fiscal_year: int | None) -> str:
    """Return the first year before the figure that is not the report's, "" if there is none."""
    years = (year[0] for year in _YEAR.finditer(before))
    return next(filter(str(fiscal_year).__ne__, years), "")


def _doubt_before(
    chapter: ChapterText, sentence: Sentence, claimed_figure: ClaimedFigure, before: str
) -> str:
    """Return a doubt from sentences before it in the paragraph: their topic, body or year may still be
    meant."""
    known = claim_patterns()
    topic = claimed_figure.rule.topic
    named = topic.named.search(sentence.folded[: claimed_figure.end])
    if not named and chapter.section not in topic.chapters:
        return claimed_figure.rule.item
    if not known.own.search(before) and (wide := known.wide.search(sentence.before)):
        return wide[0]
    told = known.whole_year.sub("", sentence.before)
    years: list[str] = _YEAR.findall(told)
    if years and not _YEAR.search(before) and years[-1] != str(chapter.fiscal_year):
        return years[-1]
    return ""
