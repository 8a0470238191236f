"""A crawl killed between two of its writes and run again ends like one that was never killed.

An evenly spread sample of the points; NIANBAO_EVERY_POINT=1 has every one tried.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.acquire import crashpoints
from pipeline.acquire.audit import find_damage
from pipeline.acquire.crawl import CrawlResult, crawl
from pipeline.acquire.ledger import Ledger, Night
from pipeline.acquire.sources import Source
from tests.acquire import deadly
from tests.acquire.bureau import NOW, QUICK, Home, list_page, pdf, publish, report
from tests.acquire.site import Asked, Reply, Site

pytestmark = [pytest.mark.kills, pytest.mark.network]

SAMPLE = 6
LATER = "2026-11-23T02:00:00Z"


def tell_points(file: Path) -> None:
    """How many points the crawl passes from here on, written down in its process."""
    passed = itertools.count(1)

    def tell(name: str) -> None:
        file.write_text(str(next(passed)), encoding="utf-8")

    crashpoints.hook = tell


def publish_both_nights(site: Site) -> Source:
    """A bureau, some of whose addresses say whether they have changed."""
    source = publish(site, [2020, 2021, 2022])
    for path in ("/nb/", "/nb/2021.html", "/files/2021.pdf"):
        site.put(path, _tagged(site.pages["a.test", path]))
    site.put("/broken.pdf", "<title>none</title>")
    return replace(source, urls=(site.url("/broken.pdf"),))


def revise(site: Site) -> None:
    """The second night: one report more, one revised, one gone."""
    years = [2020, 2021, 2022, 2023]
    publish(site, years)
    site.put("/nb/", list_page({f"/nb/{y}.html": f"示例局{y}年政府信息公开工作年度报告" for y in years}))
    site.put("/files/2020.pdf", report(2020, "新"))
    site.put("/files/2022.pdf", Reply(b"gone", 404))


def _tagged(reply: Any) -> Callable[[Asked], Reply]:
    whole = pdf(reply.body, ("ETag", '"1"'))
    return lambda asked: Reply(status=304) if "if-none-match" in asked.headers else whole


def run(source: Source, home: Home, now: str, prepare: Callable[[], None] | None = None) -> CrawlResult:
    return crawl([source], home.store.root, home.ledger, QUICK, now, prepare)


def close_night(home: Home, now: str) -> None:
    with Ledger(home.ledger) as ledger:
        ledger.record_night(Night(now, now, 0, "{}", True))


def state(home: Home) -> Mapping[str, Any]:
    """What must be the same: what every address came to in every night, each document stored once.

    A page may be asked once more: one that rested is not left alone when its PDF has failed before the kill.
    """
    return {
        "urls": home.rows("SELECT * FROM urls ORDER BY url"),
        "last": home.rows(
            """SELECT url, night, sha256, outcome, change FROM fetches
            WHERE id IN (SELECT max(id) FROM fetches GROUP BY url, night) AND outcome <> 'page'
            ORDER BY url, night"""
        ),
        "stored": home.rows("SELECT url, night, sha256 FROM fetches WHERE outcome = 'stored' ORDER BY 1, 2"),
        "documents": home.rows("SELECT sha256, size FROM documents ORDER BY 1"),
        "pages": home.rows("SELECT url, body FROM pages ORDER BY url"),
        "counts": home.rows("SELECT url, sha256 FROM contents WHERE counts ORDER BY url"),
        "listed": home.rows("SELECT source, night, links FROM listed ORDER BY night"),
        "files": {path.name: path.read_bytes() for path in home.folder.rglob("*.pdf")},
    }


def two_nights(site: Site, home: Home, first: Callable[..., Any], second: Callable[..., Any]) -> None:
    source = publish_both_nights(site)
    site.forget()
    first(source, home, NOW)
    close_night(home, NOW)
    revise(site)
    second(source, home, LATER)
    close_night(home, LATER)


def killed_at(point: int) -> Callable[..., None]:
    """A crawl that is killed at this point, and one after it."""

    def both(source: Source, home: Home, now: str) -> None:
        result = run(source, home, now, partial(deadly.arm, point))
        assert "SIGKILL" in result.problem, f"not killed at point {point}: {result.problem}"
        home.store.sweep()
        assert run(source, home, now).problem == ""

    return both


def test_killed_anywhere_and_run_again_nothing_differs(site: Site, quick_path: Path) -> None:
    whole, counts = Home(quick_path / "whole"), [quick_path / "1", quick_path / "2"]
    counting = [partial(run, prepare=partial(tell_points, file)) for file in counts]
    two_nights(site, whole, *counting)
    points = [int(file.read_text(encoding="utf-8")) for file in counts]
    assert min(points) > 30
    every = bool(os.environ.get("NIANBAO_EVERY_POINT"))
    chosen = [
        (night, point)
        for night in (0, 1)
        for point in range(1, points[night] + 1, 1 if every else -(-points[night] // (SAMPLE // 2)))
    ]
    for night, point in chosen:
        home = Home(quick_path / f"{night}-{point}")
        ways = [run, run]
        ways[night] = killed_at(point)  # type: ignore[assignment]
        two_nights(site, home, *ways)
        expected, actual = state(whole), state(home)
        differing = [name for name in expected if actual[name] != expected[name]]
        assert not differing, f"night {night + 1} killed at point {point}: {differing}"
        with Ledger(home.ledger) as ledger:
            assert find_damage(home.store, ledger) == []
