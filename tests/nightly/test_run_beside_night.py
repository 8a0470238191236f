"""A run by hand beside a night into the same tables: nothing lost, nothing mixed, one line each.

NIANBAO_EVERY_POINT=1 has forty rounds in place of ten.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline
import pipeline.files.lock
from pipeline.cli.options import BUSY, OK
from pipeline.files.lock import is_held
from pipeline.run import run
from pipeline.tables.out_folder import out_to_beside
from pipeline.tables.written_tables import out_to_strays
from tests.nightly.stub import World, pdf
from tests.run.test_two_runs import compete

pytestmark = pytest.mark.long

ROUNDS = 40 if os.environ.get("NIANBAO_EVERY_POINT") else 10


def years(out: Path) -> list[int]:
    return sorted(pipeline.load(out).reports["fiscal_year"].tolist())


def once_the_night_is_at_work(by_hand: Callable[[], object], out: Path) -> None:
    """A run that begins while a night has the tables, and has no patience."""
    end = time.monotonic() + 300
    while not is_held(out_to_beside(out, "lock")) and time.monotonic() < end:
        time.sleep(0.005)
    pipeline.files.lock.PATIENCE = 0.0
    by_hand()


def test_a_run_by_hand_beside_a_night_loses_nothing_and_mixes_nothing(begun: World) -> None:
    """The night lets the run end; the run is told and comes again."""
    expected = years(begun.out)
    busy = 0
    for number in range(ROUNDS):
        own = begun.data / f"own{number}.pdf"
        own.write_bytes(pdf(f"by hand {number}", 1950 + number))
        url = f"https://one.example/{2100 + number}.pdf"
        begun.sites["one"] = {**begun.sites["one"], url: pdf(f"one {number}", 2100 + number)}
        begun.now = f"2026-11-23T02:{number:02}:00Z"
        by_hand = functools.partial(run, [own], begun.out, begun.settings)
        in_the_midst = functools.partial(once_the_night_is_at_work, by_hand, begun.out)
        night, hand = compete([begun.night, in_the_midst if number % 2 else by_hand])
        assert (night, hand) in ((OK, OK), (OK, BUSY))
        if hand == BUSY:
            busy += 1
            by_hand()
        expected = sorted([*expected, 1950 + number, 2100 + number])
        assert years(begun.out) == expected
        assert out_to_strays(begun.out, thorough=True) == frozenset()
    assert busy, "no run by hand ever met a night"
    assert not [path.name for path in begun.data.iterdir() if path.name.startswith(".")]
    quiet = replace(begun, now="2026-11-24T02:00:00Z")
    assert quiet.night().headline == "nothing new"


def test_a_night_takes_over_what_a_killed_run_by_hand_had_ready(begun: World) -> None:
    from pipeline.tables.staging import READY

    own = begun.data / "own.pdf"
    own.write_bytes(pdf("by hand", 2001))
    before = begun.data / "before"
    before.mkdir()
    for path in begun.out.iterdir():
        (before / path.name).write_bytes(path.read_bytes())
    run([own], begun.out, begun.settings)
    ready = begun.out / READY
    ready.mkdir(mode=0o700)
    for path in [*begun.out.glob("*.parquet"), *begun.out.glob("*.csv"), begun.out / "datapackage.json"]:
        path.rename(ready / path.name)
        path.write_bytes((before / path.name).read_bytes())
    begun.night()
    assert 2001 in years(begun.out)
    assert not ready.exists()
