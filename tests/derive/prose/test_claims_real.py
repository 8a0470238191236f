"""What is made of sentences of published reports: no figure is said to differ that does not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claim_patterns import claim_cells, claim_patterns
from pipeline.derive.prose.claims import Claim, Number, chapters_to_claims
from pipeline.extract.normalise.phrases import parse_quantity
from pipeline.forms import load_forms

FILE = Path(__file__).with_name("real_sentences.toml")
SENTENCES: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["sentence"]
CELLS = {
    (form.table, item, column)
    for form in load_forms()
    if form.form == "fy2021"
    for item, column in form.units
} & claim_cells()
HOLDER = {
    rule.item: next(figure.cells[0][:3] for figure in rule.figures if figure.cells[0][:3] in CELLS)
    for rule in claim_patterns().rules
}


def claims(sentence: Mapping[str, Any], cells: Mapping[tuple[str, str, str], float]) -> list[Claim]:
    """The claims of a sentence beside a table of the newest form: 0 but for these cells."""
    numbers: list[Number] = [("r", *cell, float(cells.get(cell, 0)), "ok") for cell in sorted(CELLS)]
    chapter = ChapterText("", "r", sentence["agency"], sentence["year"], "overview", 1, sentence["text"])
    return chapters_to_claims([chapter], numbers, parse_quantity)


def own_table(sentence: Mapping[str, Any]) -> dict[tuple[str, str, str], float]:
    return {HOLDER[item]: value for item, value in sentence.get("table", {}).items()}


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: f"{s['agency']} {s['year']}")
def test_what_a_published_sentence_says(sentence: dict[str, Any]) -> None:
    found = [[c.item, c.claimed, c.doubt] for c in claims(sentence, own_table(sentence))]
    assert found == sentence["told"]


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: f"{s['agency']} {s['year']}")
def test_a_figure_differs_only_where_it_is_certain(sentence: dict[str, Any]) -> None:
    """Against a table whose every figure is another, certain figures differ, doubtful ones do not."""
    other = {cell: 10_000.0 * place**3 for place, cell in enumerate(sorted(CELLS), 3)}
    certain = [[item, figure] for item, figure, doubt in sentence["told"] if doubt in ("", "another reading")]
    found = claims(sentence, other)
    assert [[c.item, c.claimed] for c in found if c.verdict == "differs"] == certain


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
    }  # fmt: skip
