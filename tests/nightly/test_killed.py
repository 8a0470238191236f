"""A night killed between two of its writes and run again ends like one that was never killed.

An evenly spread sample of the points; NIANBAO_EVERY_POINT=1 has every one tried.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.acquire.audit import find_damage
from pipeline.acquire.crashpoints import pass_point
from pipeline.acquire.ledger import Ledger
from pipeline.acquire.store import Store
from pipeline.nightly.digest import json_to_digest
from pipeline.tables import staging
from tests.acquire import deadly
from tests.nightly.stub import World, pdf

pytestmark = pytest.mark.kills

SAMPLE = 10
KEYS = {"urls": "url", "fetches": "url, id", "documents": "sha256", "outcomes": "sha256, id"}
TIMES = {"at", "first_seen", "last_seen", "id", "night", "first_fetch"}


@pytest.fixture(autouse=True)
def points_in_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage `export` knows nothing of points: they are put before its renamings here."""
    move = staging.move

    def move_later(source: Path, target: Path) -> Path:
        pass_point(f"export: before {target.name}")
        return move(source, target)

    monkeypatch.setattr(staging, "move", move_later)


def second_night(world: World) -> World:
    """A new report, a revised one, one that stays, one that cannot be read, one that is gone."""
    addresses = [f"https://one.example/{year}.pdf" for year in (2022, 2023, 2024, 2025, 2026)]
    contents = [pdf("one", 2022), pdf("revised", 2023), None, pdf("one", 2025), pdf("broken", 2026)]
    site = dict(zip(addresses, contents, strict=True))
    return replace(world, sites={"one": site}, now="2026-11-23T02:00:00Z")


def count_points(work: Callable[[], object]) -> int:
    reader, writer = os.pipe()
    if not os.fork():
        deadly.arm(deadly.NEVER)
        work()
        os.write(writer, str(deadly.passed()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        points = int(answer.read())
    os.wait()
    return points


def state(world: World) -> dict[str, Any]:
    """The published tables and all that the ledger says counts; times and numbers of rows left out."""
    with sqlite3.connect(world.ledger) as connection:
        connection.row_factory = sqlite3.Row
        rows = {
            name: [{k: row[k] for k in row.keys() if k not in TIMES} for row in connection.execute(  # noqa: SIM118
                f"SELECT * FROM {name} ORDER BY {key}")] for name, key in KEYS.items()
        }  # fmt: skip
        published = connection.execute("SELECT count(*) FROM nights WHERE published").fetchone()[0]
    tables = {
        path.name: path.read_bytes() for path in world.out.iterdir() if path.suffix in (".csv", ".parquet")
    }
    files = {path.name: path.read_bytes() for path in world.raw.rglob("*") if path.is_file()}
    releases = sorted(path.name for path in (world.data / "processed.releases").iterdir())
    hidden = [path.name for path in world.data.iterdir() if path.name.startswith(".")]
    return {**rows, "published": published, "tables": tables, "files": files, "releases": releases,
            "hidden": hidden, "announced": announced(world)}  # fmt: skip


def announced(world: World) -> list[tuple[str, str]]:
    """Every new, revised and failed document that the digests tell of, each as often as it is told."""
    told = []
    for file in sorted((world.data / "nights").glob("[0-9]*.json")):
        digest = json_to_digest(file.read_text(encoding="utf-8"))
        for kind in ("new", "revised", "failed"):
            told += [(kind, entry.report_id) for entry in getattr(digest, kind)]
    return sorted(told)


def test_killed_anywhere_and_run_again_nothing_differs(world: World) -> None:
    world.settings = replace(world.settings, batch=2)
    world.night()
    start = world.data

    def copy(name: str) -> World:
        target = start.parent / name / "data"
        shutil.copytree(start, target, symlinks=True)
        return second_night(replace(world, data=target))

    points = count_points(copy("counted").night)
    whole = copy("whole")
    whole.night()
    ended = [state(whole)]
    whole.night()  # what is killed after its publication is recorded by the next, which is a night itself
    ended.append(state(whole))
    assert points > 80
    every = bool(os.environ.get("NIANBAO_EVERY_POINT"))
    chosen = range(1, points + 1, 1 if every else -(-points // SAMPLE))
    for point in chosen:
        killed = copy(str(point))
        assert deadly.is_killed_at(point, killed.night)
        told = killed.nights()
        with Ledger(killed.ledger) as ledger:
            expected = ended[len(ledger.nights()) - 2]
            assert find_damage(Store(killed.raw), ledger) == []
        actual = state(killed)
        differing = [name for name in expected if actual[name] != expected[name]]
        assert not differing, f"killed at point {point}: {differing}"
        assert told[-1].exit_status in (0, 1)
        shutil.rmtree(killed.data.parent)


def test_killed_while_a_plain_folder_becomes_a_release(world: World) -> None:
    from pipeline.run import run

    world.data.mkdir()
    (world.data / "own.pdf").write_bytes(pdf("by hand", 2001))
    run([world.data / "own.pdf"], world.out, world.settings)
    whole = replace(world, data=world.data.parent / "whole" / "data")
    shutil.copytree(world.data, whole.data)
    whole.night()
    expected = {path.name: path.read_bytes() for path in whole.out.glob("*.csv")}
    points = count_points(_copied(world, "count").night)
    without_out = []
    for point in range(points - 18, points - 12):  # around the pointer's first setting
        killed = _copied(world, str(point))
        assert deadly.is_killed_at(point, killed.night)
        without_out += [point] * (not os.path.lexists(killed.out))
        killed.nights()
        assert {path.name: path.read_bytes() for path in killed.out.glob("*.csv")} == expected, point
        assert announced(killed) == announced(whole), point
    assert without_out, "no kill between the going of the folder and the coming of the pointer"


def _copied(world: World, name: str) -> World:
    target = world.data.parent / name / "data"
    shutil.copytree(world.data, target)
    return replace(world, data=target)
