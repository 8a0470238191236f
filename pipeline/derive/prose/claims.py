"""Figures claimed in prose → the table claims, beside the figures of the form. A claim differs only if
everything is certain."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claim_patterns import FormFigure, Rule, WeightedCell, claim_patterns
from pipeline.derive.prose.own_names import OwnNames, agency_to_own_names
from pipeline.derive.prose.sentences import Sentence, text_to_sentences
from pipeline.records import BLANK_STATUSES, NUMBER_STATUSES, SUM_DIGITS, Quantity

Parse = Callable[[str, str], Quantity]
"""A number phrase and the unit wanted → what it says."""

UNKNOWN, EXPLAINED = "no table value", "another reading"
CONTRADICTED, CONFLICTING = "agrees elsewhere", "claimed otherwise elsewhere"
RECOGNISED = "recognised text"

Number = tuple[str, str, str, str, float | None, str]
"""report_id, table, item, column, value or None, status."""

Values = Mapping[tuple[str, str, str, str], tuple[float | None, str]]

_BRACKETS = re.compile(r"\([^()]*\)")
_NONE = re.compile("[未没无不免]|(?<![0-9])0|零")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?=年)")


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
    unit: str
    scope: str
    verdict: str
    doubt: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ClaimedFigure:
    """A figure found in a sentence, from `start` to `end` of its folded text. `hedge` is a word like 约
    beside it; `subject` names the application, "" where that is left out."""

    rule: Rule
    start: int
    end: int
    claimed: float
    hedge: str
    subject: str


def chapters_to_claims(
    chapters: Iterable[ChapterText],
    numbers: Iterable[Number],
    parse: Parse,
    recognised: Collection[str] = (),
) -> list[Claim]:
    """Return every figure claimed, in the order of the chapters and of the text.

    Where a report claims two figures of one item, one of them must be meant otherwise than the table: neither
    differs. Claims of the reports `recognised` are unclear: nothing holds the prose of pictures.
    """
    values = {number[:4]: number[4:] for number in numbers}
    claims = [claim for chapter in chapters for claim in chapter_to_claims(chapter, values, parse)]
    certain: dict[tuple[str, str], set[float]] = {}
    for claim in claims:
        if claim.scope == "same":
            certain.setdefault((claim.report_id, claim.item), set()).add(claim.claimed)
    return [
        claim._replace(verdict="unclear", doubt=RECOGNISED)
        if claim.report_id in recognised
        else _without_contradiction(claim, certain)
        for claim in claims
    ]


def _without_contradiction(claim: Claim, certain: Mapping[tuple[str, str], set[float]]) -> Claim:
    """Return the claim as unclear if it differs and another claim of its item says another figure."""
    if claim.verdict != "differs" or len(certain[claim.report_id, claim.item]) == 1:
        return claim
    agrees = claim.table_value in certain[claim.report_id, claim.item]
    return claim._replace(verdict="unclear", doubt=CONTRADICTED if agrees else CONFLICTING)


def chapter_to_claims(chapter: ChapterText, values: Values, parse: Parse) -> Iterator[Claim]:
    """Yield the claims of one chapter."""
    own = agency_to_own_names(chapter.agency, chapter.fiscal_year)
    for sentence in text_to_sentences(chapter.text, own.mark):
        claimed_figures = list(_sentence_to_figures(sentence, chapter, parse))
        for claimed_figure in claimed_figures:
            yield _judge(chapter, own, sentence, claimed_figure, claimed_figures, values)


def _sentence_to_figures(sentence: Sentence, chapter: ChapterText, parse: Parse) -> Iterator[ClaimedFigure]:
    """Yield the figures of a sentence from left to right. Of overlapping figures of one item, the first is
    kept."""
    ends: dict[str, int] = {}
    rules = _rules_about(sentence, chapter.section)
    found = _candidates(sentence.folded, rules, chapter.fiscal_year, parse)
    for figure in sorted(found, key=lambda m: (m.start, -m.end)):
        item = figure.rule.item
        if figure.start >= ends.get(item, 0) and _is_about(figure, sentence, chapter.section):
            yield figure
            ends[item] = figure.end


def _rules_about(sentence: Sentence, section: str) -> list[Rule]:
    """Return the rules whose topic is named in the sentence, before it in the paragraph, or by the
    chapter."""
    known, text = claim_patterns(), sentence.before + sentence.folded
    topics = {id(t) for t in known.topics if section in t.chapters or t.named.search(text)}
    return [rule for rule in known.rules if id(rule.topic) in topics]


def _candidates(
    text: str, rules: Iterable[Rule], fiscal_year: int | None, parse: Parse
) -> Iterator[ClaimedFigure]:
    """Yield every match of these rules."""
    may_be_none = _NONE.search(text) is not None
    for rule in rules:
        for pattern in rule.patterns:
            for match in pattern.finditer(text):
                found = match.groupdict()
                quantity = parse(f"{found['number']}{found['factor'] or ''}{rule.printed_unit}", rule.unit)
                if quantity.value is not None and _is_of_year(found, fiscal_year):
                    subject = found.get("subject") or ""
                    hedge = found["hedge"] or found["more"] or found["after"]
                    if not hedge and rule.unit == rule.printed_unit:
                        hedge = found["factor"]  # 1.2万件 is rounded
                    if not hedge and rule.needs_subject and not subject:
                        hedge = found["number"]
                    yield ClaimedFigure(rule, *match.span(), quantity.value, hedge or "", subject)
        for pattern in rule.zero if may_be_none else ():
            for match in pattern.finditer(text):
                subject = match.groupdict().get("subject") or ""
                yield ClaimedFigure(rule, *match.span(), 0.0, "", subject)


def _is_of_year(found: Mapping[str, str | None], fiscal_year: int | None) -> bool:
    """Whether a year named in a match is the one after the fiscal year (`next`) or before it (`last`)."""
    following, last = found.get("next"), found.get("last")
    if fiscal_year is None:
        return not (following or last)
    return following in (None, str(fiscal_year + 1)) and last in (None, str(fiscal_year - 1))


def _is_about(claimed_figure: ClaimedFigure, sentence: Sentence, section: str) -> bool:
    """Whether the figure's topic is named in the sentence, before it in the paragraph, or by the chapter, and
    what it follows on is told before it."""
    topic, text = claimed_figure.rule.topic, sentence.folded
    if not claimed_figure.rule.follows.search(sentence.before + text[: claimed_figure.end]):
        return False
    outweighed = topic.outweighs.search(text, claimed_figure.start, claimed_figure.end)
    if not outweighed and topic.foreign.search(_told(text[: claimed_figure.start])):
        return False
    read = sentence.before + text[: claimed_figure.end]
    return section in topic.chapters or topic.named.search(read) is not None


def _judge(
    chapter: ChapterText,
    own: OwnNames,
    sentence: Sentence,
    claimed_figure: ClaimedFigure,
    claimed_figures: Sequence[ClaimedFigure],
    values: Values,
) -> Claim:
    """Return the claim of a figure, with verdict."""
    rule = claimed_figure.rule
    figure = _form_figure(rule, chapter.report_id, values)
    table_value = _total(figure.cells, chapter.report_id, values) if figure else None
    scope, doubt = _scope(chapter, own, sentence, claimed_figure, claimed_figures)
    verdict = "unclear"
    if claimed_figure.claimed == table_value and claim_patterns().soft.fullmatch(doubt):
        scope = "same"
    if scope == "same":
        verdict, doubt = _verdict(claimed_figure.claimed, table_value, figure, chapter.report_id, values)
    return Claim(
        *(chapter.report_id, chapter.agency, chapter.fiscal_year, chapter.section, chapter.page),
        *(figure.table if figure else "", rule.item, figure.column if figure else ""),
        claimed=claimed_figure.claimed,
        table_value=table_value,
        unit=rule.unit,
        scope=scope,
        verdict=verdict,
        doubt=own.unmark(doubt),
        sentence=sentence.printed,
    )


# ------------------------------------------------------------------------ the table's figure


def _form_figure(rule: Rule, report_id: str, values: Values) -> FormFigure | None:
    """Return the first place of which the report has every cell; if there is none, that of the newest form;
    None if no form prints the figure."""
    whole = (h for h in rule.figures if all((report_id, *cell[:3]) in values for cell in h.cells))
    return next(whole, rule.figures[0] if rule.figures else None)


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
    claimed: float, table_value: float | None, figure: FormFigure | None, report_id: str, values: Values
) -> tuple[str, str]:
    """Return verdict and doubt from the claimed figure and the table's."""
    if figure is None or table_value is None:
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
    own: OwnNames,
    sentence: Sentence,
    claimed_figure: ClaimedFigure,
    claimed_figures: Sequence[ClaimedFigure],
) -> tuple[str, str]:
    """Return scope and doubt: `other` if another body or year is meant, `unclear` if a word makes it
    doubtful, else `same`."""
    known, rule = claim_patterns(), claimed_figure.rule
    before = _told(_text_before(sentence.folded, claimed_figure, claimed_figures))
    period = _told(sentence.before.rpartition("。")[2]) + before
    if body := _word(known.wide.search(sentence.folded)) or _other_body(period):
        return "other", body
    if year := _other_year(before, chapter.fiscal_year):
        return "other", year
    clause = re.split("[，,:]", before)[-1]
    word = (
        claimed_figure.hedge
        or _word(known.garbled.search(sentence.folded))
        or _doubtful_word(known.period, period, claimed_figure)
        or _doubtful_word(known.sentence, before, claimed_figure)
        or _doubtful_word(known.clause, clause, claimed_figure)
        or _word(known.bracket.match(sentence.folded, claimed_figure.end))
        or _word(rule.bracket.match(sentence.folded, claimed_figure.end))
        or _doubt_before(chapter, own, sentence, claimed_figure, before)
    )
    return ("unclear", word) if word else ("same", "")


def _word(found: re.Match[str] | None) -> str:
    """Return the matched text, "" without a match."""
    return found[0] if found else ""


def _doubtful_word(words: re.Pattern[str], text: str, claimed_figure: ClaimedFigure) -> str:
    """Return the first of the words in the text that is a doubt for this figure, "" if there is none."""
    allowed = [claimed_figure.rule.allows, *([] if claimed_figure.claimed else [claim_patterns().none])]
    found = (word[0] for word in words.finditer(text))
    return next((word for word in found if not any(a.fullmatch(word) for a in allowed)), "")


def _told(text: str) -> str:
    """Return the text without brackets and without what says nothing of the figures behind it."""
    return claim_patterns().asides.sub(lambda aside: aside["kept"] or "", _BRACKETS.sub("", text))


def _text_before(text: str, claimed_figure: ClaimedFigure, claimed_figures: Sequence[ClaimedFigure]) -> str:
    """Return the text before the figure in its sentence, without the figures claimed in it."""
    kept, end = [], 0
    for other in claimed_figures:
        if other.start < claimed_figure.start:
            kept.append(text[end : other.start])
            end = max(end, other.end)
    return "".join([*kept, text[end : claimed_figure.start]])


def _other_body(before: str) -> str:
    """Return the word for a body other than the agency, or for a region that acts; "" if there is none."""
    known = claim_patterns()
    rest = known.harmless.sub("", known.own.sub("", before))
    return _word(known.body.search(rest)) or _word(known.region.search(before))


def _other_year(before: str, fiscal_year: int | None) -> str:
    """Return the first year before the figure that is not the report's, "" if there is none."""
    years = (year[0] for year in _YEAR.finditer(before))
    return next(filter(str(fiscal_year).__ne__, years), "")


def _doubt_before(
    chapter: ChapterText, own: OwnNames, sentence: Sentence, claimed_figure: ClaimedFigure, before: str
) -> str:
    """Return a doubt from sentences before it in the paragraph: their topic, body or year may still be
    meant."""
    known, rule = claim_patterns(), claimed_figure.rule
    named = rule.topic.named.search(sentence.folded[: claimed_figure.end])
    if not named and chapter.section not in rule.topic.chapters:
        of_others = own.bureau_type in rule.judges and not claimed_figure.subject
        if of_others or not _goes_on(claimed_figure, sentence):
            return rule.item
    if not known.own.search(before) and (wide := known.wide.search(sentence.before)):
        return wide[0]
    years: list[str] = _YEAR.findall(_told(sentence.before))
    if years and not _YEAR.search(before) and years[-1] != str(chapter.fiscal_year):
        return years[-1]
    return ""


def _goes_on(claimed_figure: ClaimedFigure, sentence: Sentence) -> bool:
    """Whether the topic named before in the paragraph is still spoken of: no other has come up, and figures
    of it were told, or the figure names the application."""
    topic = claimed_figure.rule.topic
    name = [*topic.named.finditer(sentence.before)][-1]
    if topic.foreign.search(sentence.before, name.end()):
        return False
    start = sentence.before.rfind("。", 0, name.start())
    told = sentence.before[start + 1 :] + sentence.folded[: claimed_figure.start]
    return bool(claimed_figure.subject) or topic.goes_on.search(told) is not None
