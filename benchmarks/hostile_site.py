"""How much longer a site waits because another one on the same night answers to do harm.

A well-behaved site is crawled beside each hostile one, and beside a harmless one before and after that.
Each hostile answer comes while the reports of the other site are fetched. Measured at the well-behaved site:
the longest time from a report of its own to the crawl's next request, and the time from the first of these
requests to the last.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.acquire.crawl import CrawlResult, crawl
from pipeline.acquire.sources import CrawlSettings, Source
from tests.acquire.bureau import NOW, list_page, report
from tests.acquire.hostile import SITES, in_list, page
from tests.acquire.site import Answering, Reply, Site

_HARMLESS = "harmless"
_GOOD, _BAD = "good.test", "bad.test"
_LATER = 1.5  # seconds until the hostile answer is asked for


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds that the good site waited at most for the next request, and from the first to the last."""

    longest: float
    whole: float
    requests: int
    result: CrawlResult


def main() -> None:
    """Prints a line for each kind of hostile answer."""
    options = _parser().parse_args()
    names = [name for name in SITES if not options.only or options.only in name]
    print(f"{'hostile site':44} {'longest wait':>12} {'harmless':>9} {'more':>6} {'in all':>7} {'more':>6}")
    before = _measure(_HARMLESS, options.reports)
    for name in names:
        waited, after = _measure(name, options.reports), _measure(_HARMLESS, options.reports)
        longest, whole = max(before.longest, after.longest), max(before.whole, after.whole)
        print(
            f"{name:44} {waited.longest:11.2f}s {longest:8.2f}s {waited.longest - longest:+6.2f}"
            f" {waited.whole:6.2f}s {waited.whole - whole:+6.2f}  {_outcomes(waited.result)}",
            flush=True,
        )
        before = after


def _measure(name: str, reports: int) -> Waited:
    """One night beside the site of this name."""
    with TemporaryDirectory() as folder, Site() as site, _apart(name) as hostile:
        settings = CrawlSettings(
            "a@example.org", delay=0, max_delay=0, timeout=10, retries=0, disk_reserve_mb=0,
            allow_loopback=True, hosts=dict.fromkeys((_GOOD, _BAD), "127.0.0.1"),
        )  # fmt: skip
        ends: list[float] = []
        starts: list[float] = []
        good = _publish(site, reports, starts, ends)
        home = Path(folder)
        result = crawl([hostile, good], home / "raw", home / "ledger.sqlite", settings, NOW)
        gaps = [start - end for start, end in zip(starts[1:], ends, strict=False)]
        return Waited(max(gaps), starts[-1] - starts[0], len(starts), result)


def _publish(site: Site, reports: int, starts: list[float], ends: list[float]) -> Source:
    """A list of so many reports, each of which takes the server some time, so that the night is long."""

    def timed(body: bytes) -> Reply:
        starts.append(time.monotonic())
        time.sleep(0.05)
        ends.append(time.monotonic())
        return Reply(body)

    def answering(body: bytes) -> Answering:
        return lambda asked: timed(body)

    urls = {f"/{number}.pdf": f"{number}年年报" for number in range(2000, 2000 + reports)}
    for path in urls:
        site.put(path, answering(report(int(path[1:5]))), _GOOD)
    return Source(_GOOD, lists=(site.put("/nb/", list_page(urls), _GOOD),))


@contextmanager
def _apart(name: str) -> Iterator[Source]:
    """The hostile site, served by a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(name, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def _serve(name: str, told: Connection) -> None:
    with Site() as site:
        harmless = in_list(lambda: page("<p>nothing</p>"))
        source = SITES.get(name, harmless)(site, _BAD)
        rules = site.pages.get((_BAD, "/robots.txt"), Reply(b"", 404))
        assert isinstance(rules, Reply)
        site.put("/robots.txt", replace(rules, pause=_LATER), _BAD)
        told.send(source)
        time.sleep(3600)


def _outcomes(result: CrawlResult) -> str:
    (bad, good) = result.sources
    said = ", ".join(f"{number} {name}" for name, number in sorted(bad.outcomes.items()))
    stored = good.outcomes.get("stored", 0)
    return f"[{said}; {stored} stored]" + (f" {result.problem}" if result.problem else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_site", description=__doc__)
    parser.add_argument("--reports", type=int, default=60, help="of the well-behaved site (default: 60)")
    parser.add_argument("--only", help="the hostile sites whose names hold this")
    return parser


if __name__ == "__main__":
    main()
