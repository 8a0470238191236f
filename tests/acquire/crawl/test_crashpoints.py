"""Nights killed between every two of their writes, and run again, end like those never killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.acquire.audit import find_damage
from pipeline.acquire.ledger import Fetch, Ledger, Night, ReadingRecord, SeenLink
from pipeline.acquire.store import Store
from tests.acquire import deadly

pytestmark = pytest.mark.kills

NIGHTS = (
    {"/a": b"%PDF- a", "/b": b"%PDF- b", "/same": b"%PDF- a", "/gone": None},
    {"/a": b"%PDF- new a", "/b": b"%PDF- b", "/same": b"%PDF- a", "/gone": None},
)
"""What a made-up site gives on each of two nights, by path."""

KEYS = {
    "urls": "url",
    "fetches": "night, url",
    "documents": "sha256",
    "outcomes": "id",
    "listings": "night, url",
    "nights": "id",
}
MOST_POINTS = 300


def run_nights(data: Path) -> None:
    """Both nights in the order of a real one: sweep, list, fetch what tonight has not given, read, close."""
    store = Store(data / "raw")
    with Ledger(data / "ledger.sqlite") as ledger:
        for number, site in enumerate(NIGHTS):
            if len(ledger.nights()) == number:
                _run_night(store, ledger, site)


def _run_night(store: Store, ledger: Ledger, site: dict[str, bytes | None]) -> None:
    store.sweep()
    ledger.record_links([SeenLink(url, "one", url, None, "/list") for url in site], "now")
    if "one" not in ledger.links_tonight():
        ledger.record_list("one", "/list", len(site), "now")
    done = ledger.outcomes_tonight()
    for url, content in site.items():
        if url not in done:
            ledger.record(_fetch(store, url, content))
    for held in ledger.pending("v1"):
        ledger.record_reading(ReadingRecord(held.sha256, "v1", "ok", "", 1, "now"))
    ledger.record_night(Night("now", "now", 0, "{}", True))


def _fetch(store: Store, url: str, content: bytes | None) -> Fetch:
    if content is None:
        return Fetch(url, "one", "now", 404, {}, None, None, url, "failed", "404")
    stored = store.put(content)
    return Fetch(url, "one", "now", 200, {"ETag": url}, stored.sha256, stored.size, url, "stored")


def state(data: Path) -> dict[str, Any]:
    """Every file with its bytes, and every row of the ledger."""
    with sqlite3.connect(data / "ledger.sqlite") as connection:
        tables = {name: connection.execute(f"SELECT * FROM {name} ORDER BY {key}").fetchall()
                  for name, key in KEYS.items()}  # fmt: skip
    files = {p.relative_to(data): p.read_bytes() for p in (data / "raw").rglob("*") if p.is_file()}
    return {**tables, "files": files}


def test_killed_at_every_point_and_run_again_nothing_differs(quick_path: Path) -> None:
    run_nights(quick_path / "whole")
    expected = state(quick_path / "whole")
    point = 1
    while deadly.is_killed_at(point, partial(run_nights, data := quick_path / str(point))):
        run_nights(data)
        assert state(data) == expected, f"killed at point {point}"
        with Ledger(data / "ledger.sqlite") as ledger:
            assert find_damage(Store(data / "raw"), ledger) == []
        point += 1
        assert point < MOST_POINTS
    assert point > 50
    assert state(data) == expected


PASS = "from pipeline.acquire.crashpoints import pass_point as p; p('a'); p('b'); p('c')"


def run_program(program: str, **variables: str) -> tuple[int, bytes]:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        env={**os.environ, **variables},
        capture_output=True,
        timeout=120,
    )
    return ran.returncode, ran.stderr


def test_a_test_that_arms_a_point_ends_its_process_there() -> None:
    killed = run_program(f"from tests.acquire import deadly; deadly.arm(2); {PASS}")
    assert killed == (-signal.SIGKILL, b"killed at point 2: b\n")


def test_nothing_in_the_environment_ends_a_process() -> None:
    assert run_program(PASS, NIANBAO_KILL_AT_POINT="1") == (0, b"")
