"""Claims planted in generated reports are found; generated prose, which tells the truth, differs nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from cn2an import an2cn
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derive.prose.chapters import ChapterText
from pipeline.derive.prose.claim_patterns import claim_cells
from pipeline.derive.prose.claims import Claim, chapters_to_claims
from pipeline.extract.normalise.phrases import parse_quantity
from tools.generator.figures import Figures, figures_of
from tools.generator.prose import Chapter as Written
from tools.generator.prose import write_chapters

pytestmark = pytest.mark.long

HABITS = ("full", "short", "quoting")
TABLES_OF = {True: {"statistics"}, False: {"applications", "active_disclosure", "review_litigation"}}
FAR = 10_000
"""So far off that no other reading of the words explains it."""

PLANTED = {
    "本年度我局办结政府信息公开申请{}件。": ("handled_total",),
    "{year}年，本机关办结政府信息公开申请共计{}宗，群众较为满意。": ("handled_total",),
    "依申请公开工作规范有序，结转下年度继续办理{}件。": ("carried_out",),
    "从依申请公开办理结果看，予以公开{}件。": ("granted",),
    "从依申请公开办理结果看，无法提供 {} 件。": (
        "unavailable.not_held", "unavailable.needs_creation", "unavailable.unclear_after_correction",
    ),
}  # fmt: skip
SPELLED: dict[str, Callable[[int], str]] = {
    "plain": str,
    "full width": lambda n: str(n).translate({48 + d: 0xFF10 + d for d in range(10)}),
    "in words": lambda n: an2cn(n, "low") if n < FAR else str(n),
    "in thousands": lambda n: f"{n:,}",
}


def judged(agency: str, year: int, figures: Figures, written: Sequence[Written], fy2014: bool) -> list[Claim]:
    chapters = [
        ChapterText(agency, "0" * 16, agency, year, each.section, 1, "\n".join(each.paragraphs))
        for each in written
    ]
    cells = [
        ("0" * 16, *place, float(value), "ok")
        for place, value in figures.items()
        if place in claim_cells() and place[0] in TABLES_OF[fy2014]
    ]
    return chapters_to_claims(chapters, cells, parse_quantity)


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("fy2014", [False, True])
def test_generated_prose_agrees_with_its_tables_and_differs_nowhere(habit: str, fy2014: bool) -> None:
    for seed in range(25):
        agency, year = f"示例市第{seed}示例局", 2017 if fy2014 else 2023
        figures = figures_of(agency, year, seed)
        claims = judged(
            agency, year, figures, write_chapters(agency, year, seed, figures, fy2014, habit), fy2014
        )
        assert [claim for claim in claims if claim.verdict == "differs"] == []
        assert {"new_received"} <= {claim.item for claim in claims if claim.verdict == "agrees"}


@settings(max_examples=60)
@given(
    seed=st.integers(0, 500),
    sentence=st.sampled_from(sorted(PLANTED)),
    spelled=st.sampled_from(sorted(SPELLED)),
    wrong=st.booleans(),
)
def test_a_planted_claim_is_found(seed: int, sentence: str, spelled: str, wrong: bool) -> None:
    agency, year = "示例市水务示例局", 2023
    figures = figures_of(agency, year, seed)
    true = int(sum(figures["applications", item, "total"] for item in PLANTED[sentence]))
    claimed = true + FAR * wrong
    planted = sentence.format(SPELLED[spelled](claimed), year=year)
    written = write_chapters(agency, year, seed, figures, False)
    written = tuple(
        replace(each, paragraphs=(*each.paragraphs, planted)) if each.section == "problems" else each
        for each in written
    )
    (claim,) = (c for c in judged(agency, year, figures, written, False) if c.section == "problems")
    verdict = "differs" if wrong else "agrees"
    assert (claim.claimed, claim.table_value, claim.verdict) == (claimed, true, verdict)
    assert claim.sentence == planted


@settings(max_examples=20)
@given(seed=st.integers(0, 500), by=st.integers(FAR, 2 * FAR))
def test_a_figure_of_the_generated_prose_that_is_changed_differs(seed: int, by: int) -> None:
    agency, year = "示例市水务示例局", 2023
    figures = figures_of(agency, year, seed)
    received = int(figures["applications", "new_received", "total"])
    was, now = (f"新收政府信息公开申请{number}件" for number in (received, received + by))
    written = tuple(
        replace(each, paragraphs=tuple(text.replace(was, now) for text in each.paragraphs))
        for each in write_chapters(agency, year, seed, figures, False)
    )
    claims = judged(agency, year, figures, written, False)
    found = [(c.claimed, c.table_value, c.verdict) for c in claims if c.item == "new_received"]
    assert found == [(received + by, received, "differs")]
