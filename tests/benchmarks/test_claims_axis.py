"""The reports of benchmarks.claims: figures in prose are held against the right cells, and no others."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from benchmarks.claims import NO_MORE, compared, read_claims, worse_than, wrong
from benchmarks.corpus.claims import CLAIMS_AXIS, EACH, FOLDER, WRITERS, plan_claims
from benchmarks.corpus.plan import Entry
from benchmarks.corpus.producers import PRODUCERS
from benchmarks.headings import SMALL_PRODUCERS
from tools.generator import compose
from tools.generator.claims import Claimed, sentences

EXPECTED = Path(__file__).parents[2] / "benchmarks" / "expected.toml"
PLAN = plan_claims()
SAMPLE = 4
"""Count of reports; the whole is `python -m benchmarks.claims`."""


def claims_of(entry: Entry) -> list[Claimed]:
    return [Claimed(*claim) for claim in compose(entry.spec).truth["claims"]]


def test_every_body_writes_and_every_producer_prints_and_a_seed_gives_others() -> None:
    assert {entry.axes[CLAIMS_AXIS] for entry in PLAN} == set(WRITERS)
    assert {entry.producer for entry in PLAN} == set(PRODUCERS)
    assert len({entry.name for entry in PLAN}) == len(PLAN) == EACH * len(PRODUCERS)
    assert all(entry.name.startswith(f"{FOLDER}/") for entry in PLAN)
    assert not {entry.spec for entry in PLAN} & {entry.spec for entry in plan_claims(1)}


def test_every_item_is_stated_and_what_is_certain_is_stated_once() -> None:
    stated = {claim.item for entry in PLAN for claim in claims_of(entry)}
    assert {name.partition("_and_")[0] for name in sentences()["items"]} <= stated
    verdicts = {claim.verdict for entry in PLAN for claim in claims_of(entry)}
    assert verdicts == {"agrees", "differs", "unprinted", "explained", "open"}
    for entry in PLAN:
        certain = [claim.item for claim in claims_of(entry) if claim.verdict != "open"]
        assert len(certain) == len(set(certain))


def test_a_figure_is_the_tables_or_not_as_it_is_said_to_be() -> None:
    for entry in PLAN:
        truth = compose(entry.spec).truth
        printed = {tuple(cell[:3]): cell[3] for cell in truth["cells"]}
        received = printed.get(("applications", "new_received", "total"))
        for item, value, verdict in truth["claims"]:
            if item == "new_received" and received is not None and verdict != "explained":
                assert (verdict == "agrees") == (value == received)


def test_the_figures_of_a_sample_are_held_against_their_cells() -> None:
    sample = [entry for entry in PLAN if entry.producer in SMALL_PRODUCERS][:SAMPLE]
    read = list(read_claims(sample, jobs=1))
    assert len(read) == SAMPLE
    for name, truth, found in read:
        assert wrong(truth, found) == [], name
        assert compared(truth, found)["agreeing"] > 0, name


def test_what_is_certain_and_not_so_is_told() -> None:
    truth = [("review", 5.0, "open"), ("granted", 2.0, "agrees"), ("refused", 3.0, "differs")]
    found = [("review", 5.0, "differs"), ("granted", 2.0, "agrees"), ("refused", 3.0, "open")]
    assert wrong(truth, found) == [("review", 5.0, "differs")]
    counts = compared(truth, found)
    assert +counts == {"agreeing": 1, "differing_undecided": 1, "open": 1, "false_differs": 1}


def test_a_figure_that_is_worse_is_told() -> None:
    committed = {"agreeing": 8, "false_differs": 0}
    assert worse_than(committed, {"agreeing": 9}) == []
    assert worse_than(committed, {"agreeing": 7, "false_differs": 1}) == [
        "agreeing: 7, committed 8",
        "false_differs: 1, committed 0",
    ]


@pytest.mark.parametrize("section", ["small", "full"])
def test_the_committed_figures_are_those_that_are_asked_for(section: str) -> None:
    figures = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["claims"][section]
    entries = [entry for entry in PLAN if section == "full" or entry.producer in SMALL_PRODUCERS]
    assert figures["reports"] == len(entries)
    assert figures.keys() >= {*NO_MORE, "agreeing", "differing", "unprinted", "open"}
    assert figures["false_differs"] == figures["false_agrees"] == 0
