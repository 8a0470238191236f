"""A night of many bureaus, killed and run again: `python -m benchmarks.night`.

A test site on loopback has 50 sources with 40 reports each: the PDFs of data/raw, each made distinct by a
comment after its end. A tenth of the reports are given a fault in turn, and two sources are down. `nightly`
(crawl → run → checks → publish) is killed once in the crawl and once while it reads, goes on, and has a
second night with nothing new; a night that is never killed is the measure of its tables. Printed, and
written to benchmarks/.results/night.json; the exit status is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, redirect_stdout
from dataclasses import asdict, dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from sqlite3 import connect
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.speed import RAW, RESULTS
from pipeline.acquire.sources import Catalogue, CrawlSettings, Source
from pipeline.config import Settings
from tests.acquire.site import Answering, Asked, Reply, Site

FIRST, SECOND = "2026-11-22T02:00:00Z", "2026-11-23T02:00:00Z"
GOAL = 60.0
"""Seconds of a second night with nothing new."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of `nightly`: seconds by the clock, requests, and those answered whole though they were known."""

    seconds: float
    requests: int
    known_whole: int
    killed: bool


@dataclass
class Web(Site):
    """The test site, which remembers what it answered whole."""

    whole: list[tuple[str, str]] = field(default_factory=list)

    def forget(self) -> None:
        super().forget()
        self.whole.clear()

    def answer(self, host: str, path: str, headers: Mapping[str, str]) -> Reply:
        reply = super().answer(host, path, headers)
        if reply.status == 200 and ("ETag", _tag(host, path)) in reply.headers:
            self.whole.append((host, path))
        return reply


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish, run, kill, compare, print."""
    options = _parser().parse_args(arguments)
    bodies = [path.read_bytes() for path in sorted(RAW.glob("*.pdf"))]
    with TemporaryDirectory(prefix="night-", dir=options.folder) as folder, Web() as web:
        sources = [_publish(web, number, options.reports, bodies) for number in range(options.sources)]
        _break_two(web, sources)
        crawl = _settings(sources)
        killed = Bench(web, Path(folder, "killed"), Catalogue(crawl, tuple(sources)), options.jobs)
        spans = killed.run_killed(options.sources * options.reports)
        web.forget()
        whole = Bench(web, Path(folder, "whole"), killed.catalogue, options.jobs)
        spans["a night never killed"] = whole.run(FIRST)
        result = {
            "documents": options.sources * options.reports,
            "sources": options.sources,
            "spans": {name: asdict(span) for name, span in spans.items()},
            "published": len(killed.tables()["reports"]),
            "reports": dict(Counter(row["status"] for row in killed.tables()["reports"])),
            "not_fetched": _ledger_to_failures(killed.data / "ledger.sqlite"),
            "not_read": dict(
                Counter(row["error"][:80] for row in killed.tables()["reports"] if row["error"])
            ),
            "differing": _differing(killed.tables(), whole.tables()),
        }
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    (RESULTS / "night.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    second = spans["second night, nothing new"]
    return int(second.seconds > GOAL or second.known_whole > 0 or bool(result["differing"]))


@dataclass(frozen=True)
class Bench:
    """One place of tables, and the nights that make them."""

    web: Web
    data: Path
    catalogue: Catalogue
    jobs: int

    def run_killed(self, documents: int) -> dict[str, Span]:
        """A first night killed in its crawl and in its reading, and a second with nothing new."""
        crawling = lambda: len(self.web.asked) > documents  # noqa: E731  (half of pages and PDFs)
        saved = lambda: any(self.data.glob("processed.releases/*/reports.parquet"))  # noqa: E731
        return {
            "first night, killed in its crawl": self.run(FIRST, crawling),
            "again, killed while it reads": self.run(FIRST, saved),
            "again, to its end": self.run(FIRST),
            "second night, nothing new": self.run(SECOND),
        }

    def run(self, now: str, kill_when: Callable[[], bool] | None = None) -> Span:
        """A night in a process of its own; killed a second after `kill_when` says so."""
        asked, before = len(self.web.asked), set(self.web.whole)
        self.web.whole.clear()
        started = time.perf_counter()
        process = multiprocessing.get_context("spawn").Process(
            target=_night, args=(self.data, self.catalogue, self.jobs, now)
        )
        process.start()
        killed = _kill(process, kill_when) if kill_when else False
        process.join()
        if process.exitcode and not killed:
            raise RuntimeError(f"the night ended with exit code {process.exitcode}: see above")
        seconds = time.perf_counter() - started
        known = sum(address in before for address in self.web.whole)
        self.web.whole.extend(before)
        span = Span(seconds, len(self.web.asked) - asked, known, killed)
        print(f"{now[:10]}: {span}", file=sys.stderr, flush=True)
        return span

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The published tables but for the seconds that a reading took."""
        import pyarrow.parquet as parquet

        tables = {path.stem: parquet.read_table(path) for path in (self.data / "processed").glob("*.parquet")}
        kept = {name: [c for c in table.column_names if c != "seconds"] for name, table in tables.items()}
        return {name: table.select(kept[name]).to_pylist() for name, table in tables.items()}


def _night(data: Path, catalogue: Catalogue, jobs: int, now: str) -> None:
    """`nightly` as the command runs it."""
    from pipeline.nightly.night import Plan, nightly

    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):  # its log
        nightly(Plan(data / "raw", data / "processed", Settings(jobs=jobs), catalogue), lambda: now)


def _kill(process: BaseProcess, when: Callable[[], bool]) -> bool:
    """SIGKILL once it is so; False where the process ended before."""
    while process.is_alive() and not when():
        time.sleep(0.05)
    if not process.is_alive():
        return False
    process.kill()
    return True


# ---------------------------------------------------------------- the site


def _settings(sources: Sequence[Source]) -> CrawlSettings:
    hosts = {host: "127.0.0.1" for source in sources for host in source.hosts}
    return CrawlSettings(
        "a@example.org", delay=0, max_delay=0, timeout=10, backoff=0.05, allow_loopback=True, hosts=hosts
    )


def _publish(web: Web, source: int, reports: int, bodies: Sequence[bytes]) -> Source:
    """A bureau with a list, a page for every report and a PDF on it."""
    host = f"s{source}.test"
    titles = {f"/nb/{n}.html": f"示例局{1980 + n}年政府信息公开工作年度报告" for n in range(reports)}
    items = "".join(f'<li><a href="{url}">{title}</a></li>' for url, title in titles.items())
    web.put("/robots.txt", _tagged("User-agent: *\nAllow: /\n"), host)
    web.put("/nb/", _tagged(f"<html><body><ul>{items}</ul></body></html>"), host)
    for number in range(reports):
        page = f"<html><body><h1>年报</h1><a href='/files/{number}.pdf'>附件.pdf</a></body></html>"
        web.put(f"/nb/{number}.html", _tagged(page), host)
        index = source * reports + number
        body = bodies[index % len(bodies)]
        fault = FAULTS[index // 10 % len(FAULTS)] if index % 10 == 7 else _tagged_pdf
        web.put(f"/files/{number}.pdf", fault(body, b"\n%% %d\n" % index), host)
    return Source(host, lists=(web.url("/nb/", host),))


def _break_two(web: Web, sources: Sequence[Source]) -> None:
    """One source whose robots.txt fails, and one with a riddle in place of its list."""
    web.put("/robots.txt", Reply(b"", 500), sources[-1].name)
    web.put("/nb/", Reply(b"<html><script>var arg1='A1'</script></html>"), sources[-2].name)


def _tag(host: str, path: str) -> str:
    return f'"{host}{path}"'


def _tagged(text: str) -> Answering:
    return _tagged_pdf(text.encode(), b"")


def _tagged_pdf(body: bytes, mark: bytes) -> Callable[[Asked], Reply]:
    """The body with its mark, put together when it is asked for; 304 for whoever has it."""

    def answer(asked: Asked) -> Reply:
        tag = _tag(asked.host, asked.path)
        if asked.headers.get("if-none-match") == tag:
            return Reply(status=304)
        return Reply(body + mark, headers=(("ETag", tag),))

    return answer


def _after(first: Reply, times: int = 1) -> Callable[[bytes, bytes], Answering]:
    """A fault that passes: so many answers like this, then the report."""
    return lambda body, mark: lambda asked: first if asked.count <= times else _tagged_pdf(body, mark)(asked)


def _cut(body: bytes, mark: bytes) -> Answering:
    return Reply(body[:9000], framing=False, headers=(("Content-Length", str(len(body))),))


def _slow(body: bytes, mark: bytes) -> Answering:
    def answer(asked: Asked) -> Reply:
        reply = _tagged_pdf(body, mark)(asked)
        return Reply(reply.body, reply.status, reply.headers, pause=0.3, trickle=0.01)

    return answer


FAULTS: tuple[Callable[[bytes, bytes], Answering], ...] = (
    _after(Reply(b"busy", 503, (("Retry-After", "1"),))),
    _after(Reply(b"", 429), 2),
    _after(Reply(b"%PDF-1.4 cut", framing=False, headers=(("Content-Length", "9999"),))),
    _cut,
    _slow,
    lambda body, mark: Reply(
        b"<html><title>404</title></html>", headers=(("Content-Type", "application/pdf"),)
    ),
    lambda body, mark: _tagged_pdf(body[: len(body) // 3], mark + b"%%EOF\n"),  # a PDF that is broken
    lambda body, mark: _tagged_pdf(b"%PDF-1.4\n" + mark * 200, b"%%EOF\n"),  # one with nothing in it
    lambda body, mark: lambda asked: Reply(b"", 302, (("Location", asked.path),)),
    lambda body, mark: Reply(b"", 404),
)


# ---------------------------------------------------------------- what came of it


def _ledger_to_failures(path: Path) -> dict[str, int]:
    """The last outcomes of what gave no document or page, addresses left out."""
    query = "SELECT outcome, reason, max(id) FROM fetches WHERE night = 1 GROUP BY url"
    with closing(connect(path)) as connection:
        rows = connection.execute(query).fetchall()
    reasons = (
        f"{o}: {re.sub('https?://[^ ]+', '…', r)}" for o, r, _ in rows if o not in ("stored", "same", "page")
    )
    return dict(Counter(reasons))


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.night", description=__doc__)
    parser.add_argument("--sources", type=int, default=50, help="default: 50")
    parser.add_argument("--reports", type=int, default=40, help="of each source (default: 40)")
    parser.add_argument("--jobs", type=int, default=0, help="processes that read (default: every core)")
    parser.add_argument("--folder", type=Path, help="where to work (default: the system's temporary folder)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
