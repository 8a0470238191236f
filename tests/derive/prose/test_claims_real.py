"""What is made of sentences of published reports: no figure is said to differ that does not."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claim_patterns import claim_cells, claim_patterns
from pipeline.derive.prose.claims import Claim, Number, chapters_to_claims
from pipeline.extract.normalise.phrases import parse_quantity
from pipeline.forms import load_forms


def sentences(name: str) -> list[dict[str, Any]]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["sentence"]
    return found


SENTENCES = sentences("real_sentences.toml")
DECIDED = sentences("decided_sentences.toml") + sentences("fresh_sentences.toml")
CELLS = {
    (form.table, item, column)
    for form in load_forms()
    if form.form == "fy2021"
    for item, column in form.units
} & claim_cells()
HOLDER = {
    rule.item: figure.cells[0][:3]
    for rule in claim_patterns().rules
    for figure in rule.figures
    if figure.cells[0][:3] in CELLS
}


CERTAIN = ("", "another reading", "no table value")
"""What `told` says of figures that are held against the table."""


def claims(sentence: Mapping[str, Any], cells: Mapping[tuple[str, str, str], float]) -> list[Claim]:
    """The claims of a sentence beside a table of the newest form: 0 but for these cells."""
    numbers: list[Number] = [("r", *cell, float(cells.get(cell, 0)), "ok") for cell in sorted(CELLS)]
    chapter = ChapterText("", "r", sentence["agency"], sentence["year"], "overview", 1, sentence["text"])
    return chapters_to_claims([chapter], numbers, parse_quantity)


def own_table(sentence: Mapping[str, Any]) -> dict[tuple[str, str, str], float]:
    return {HOLDER[item]: value for item, value in sentence.get("table", {}).items()}


OTHER = {cell: 10_000.0 * place**3 for place, cell in enumerate(sorted(CELLS), 3)}
"""A table whose every figure is another than a sentence here says."""


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: f"{s['agency']} {s['year']}")
def test_what_a_published_sentence_says(sentence: dict[str, Any]) -> None:
    found = []
    for own, other in zip(claims(sentence, own_table(sentence)), claims(sentence, OTHER), strict=True):
        soft = other.doubt if other.scope != "same" else ""
        found.append([own.item, own.claimed, own.doubt or soft])
    assert found == sentence["told"]


def certain(sentence: Mapping[str, Any]) -> Counter[tuple[str, float]]:
    """The figures of a sentence that are held against the table."""
    return Counter((c.item, c.claimed) for c in claims(sentence, OTHER) if c.scope == "same")


def said(sentence: Mapping[str, Any]) -> Counter[tuple[str, float]]:
    return Counter((item, float(figure)) for item, figure in sentence["says"])


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: f"{s['agency']} {s['year']}")
def test_a_figure_differs_only_where_it_is_certain(sentence: dict[str, Any]) -> None:
    """Against a table whose every figure is another, certain figures differ, doubtful ones do not."""
    told = [(item, figure) for item, figure, doubt in sentence["told"] if doubt in CERTAIN]
    assert certain(sentence) == Counter(told)
    once = Counter(item for item, _ in told)
    found = [(c.item, c.claimed) for c in claims(sentence, OTHER) if c.verdict == "differs"]
    assert found == [(item, figure) for item, figure in told if once[item] == 1 and item in HOLDER]


@pytest.mark.parametrize("sentence", DECIDED, ids=lambda s: f"{s['agency']} {s['year']}")
def test_nothing_is_certain_that_a_person_leaves_open(sentence: dict[str, Any]) -> None:
    explained = Counter((item, float(figure)) for item, figure in sentence.get("explained", []))
    assert certain(sentence) - explained <= said(sentence)
    told = sentence.get("table") or dict(sentence["says"])
    table = {HOLDER[item]: figure for item, figure in told.items() if item in HOLDER}
    assert [c for c in claims(sentence, table) if c.verdict == "differs"] == []


def decided(sentence: Mapping[str, Any]) -> Counter[tuple[str, float]]:
    """The figures of a sentence that agree with the table that it means, or of which no form has a table."""
    told = {HOLDER[item]: figure for item, figure in sentence["says"] if item in HOLDER}
    found = (c for c in claims(sentence, told) if c.scope == "same")
    return Counter((c.item, c.claimed) for c in found if c.verdict == "agrees" or c.table_value is None)


def test_most_of_what_a_person_decides_is_decided() -> None:
    says = sum((said(sentence) for sentence in DECIDED), Counter())
    read = sum((said(sentence) & decided(sentence) for sentence in DECIDED), Counter())
    assert len(DECIDED) > 420
    assert read.total() > 0.9 * says.total() > 670


def test_the_one_report_whose_prose_and_table_differ_is_found() -> None:
    differ = [
        (sentence["agency"], claim.item, claim.claimed, claim.table_value)
        for sentence in SENTENCES
        for claim in claims(sentence, own_table(sentence))
        if claim.verdict == "differs"
    ]
    assert differ == [("长春市退役军人事务局", "new_received", 2, 3)]
    assert next(s for s in SENTENCES if s["agency"] == differ[0][0])["seen"]


def test_there_are_sentences_for_most_rules() -> None:
    told = {item for sentence in SENTENCES for item, _, _ in sentence["told"]}
    assert len(SENTENCES) > 90
    assert set(HOLDER) - told == {
        "regulations.in_force", "administrative_penalty.decisions", "administrative_coercion.decisions",
        "review.corrected", "review.other", "litigation.corrected", "litigation.other",
    }  # fmt: skip
