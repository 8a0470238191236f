"""Pages read apart: what a page takes too much of ends its reader, and nothing else."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.acquire.crawl import page_pool
from pipeline.acquire.crawl.night_crawl import NightCrawl
from pipeline.acquire.crawl.page_facts import FoundLink, PageFacts, PageTask, task_to_facts
from pipeline.acquire.crawl.page_pool import PageError, PagePool
from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.crawl.response import CrawlResponse
from pipeline.acquire.ledger import Ledger
from pipeline.acquire.sources import LINKS, Api, Source
from pipeline.acquire.store import Store
from pipeline.child_processes import kept_variables
from tests.acquire.bureau import NOW, QUICK

pytestmark = pytest.mark.network

URL = "http://a.gov.cn/nb/"
TITLE = "示例局2022年政府信息公开工作年度报告"
SOURCE = Source("甲局", lists=(URL,))
HANGING = replace(SOURCE, links="(年+)+报告")


def task(html: str | bytes, source: Source = SOURCE, role: Role = Role.LIST, links: int = 100) -> PageTask:
    body = html.encode() if isinstance(html, str) else html
    return PageTask(source, URL, body, role, 200, "", 0, 0, links)


def with_pool(act: Callable[[PagePool], Coroutine[Any, Any, Any]], **settings: float) -> Any:
    """What comes of an act with readers, all of which are ended."""
    chosen = replace(QUICK, **settings)  # type: ignore[arg-type]

    async def acted() -> Any:
        with closing(PagePool(chosen)) as made:
            return await act(made)

    return asyncio.run(acted())


def test_a_reading_is_that_of_this_process() -> None:
    page = task(f"<a href='1.html'>{TITLE}</a><a href='x.pdf'>附件</a><a href='2.html'>下一页</a>")
    found = FoundLink(f"{URL}1.html", f"{URL}1.html", Role.PAGE, TITLE, 2022)
    facts = PageFacts(found=(found,), next_page=f"{URL}2.html")
    assert task_to_facts(page) == facts
    assert with_pool(lambda made: made.read(page)) == facts


def test_a_page_without_end_keeps_no_other_waiting() -> None:
    async def act(made: PagePool) -> list[PageFacts]:
        hanging = asyncio.ensure_future(made.read(task(f"<a href=1>{'年' * 100}</a>", HANGING)))
        read = [await made.read(task(f"<a href=1>{TITLE}</a>")) for _ in range(3)]
        assert not hanging.done()
        made.close()
        with pytest.raises(PageError):
            await hanging
        return read

    assert [len(facts.found) for facts in with_pool(act, page_seconds=1000)] == [1] * 3


def test_a_page_that_takes_too_long_ends_its_reader() -> None:
    async def act(made: PagePool) -> PageFacts:
        with pytest.raises(PageError, match=r"reading the page took more than 0\.5 s"):
            await made.read(task(f"<a href=1>{'年' * 100}</a>", HANGING))
        facts: PageFacts = await made.read(task("<title>年报</title>"))
        return facts

    assert with_pool(act, page_seconds=0.5).title == "年报"


def test_no_page_is_blamed_for_a_reader_that_died_before() -> None:
    async def act(made: PagePool) -> PageFacts:
        await made.read(task("x"))
        for reader in made._idle:
            reader._process.kill()
            reader._process.wait()
        facts: PageFacts = await made.read(task("<title>年报</title>"))
        return facts

    assert with_pool(act).title == "年报"


def test_a_page_that_takes_too_much_memory_ends_its_reader() -> None:
    async def act(made: PagePool) -> None:
        await made.read(task(bytes(300 << 20)))

    with pytest.raises(PageError, match="took more than 256 MB of memory"):
        with_pool(act, memory_mb=256)


JUNK, TOO_LONG = "printf '\\0\\0\\0\\004junk'", "printf '\\377\\377\\377\\377'"


@pytest.mark.parametrize("says", [JUNK, TOO_LONG, "exit 3", "kill -9 $$"])
def test_a_reader_that_says_something_else_is_not_believed(
    says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "reader"
    script.write_text(f"#!/bin/sh\n{says}\nsleep 60\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(page_pool, "_PAGE_PROCESS_DEATH_SECONDS", 1.0)

    async def act(made: PagePool) -> None:
        await made.read(task("x"))

    with pytest.raises(PageError, match="the page's reader"):
        with_pool(act)


def test_a_reader_is_told_nothing_that_it_need_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:password@proxy.example")
    told = page_pool._environment()
    assert set(told) == {*kept_variables(os.environ), "PYTHONPATH"}
    assert not {"SECRET", "HTTPS_PROXY", "HOME"} & set(told)


def test_links_beyond_the_first_are_counted() -> None:
    html = "".join(f"<li><a href='{number}'>{TITLE}</a></li>" for number in range(30))
    facts = task_to_facts(task(html, links=10))
    assert (len(facts.found), facts.left_out) == (10, 20)


def test_items_beyond_the_first_are_counted() -> None:
    body = '{"data": [' + ",".join('{"url": "1.pdf", "title": "年报"}' for _ in range(30)) + "]}"
    source = Source("甲局", apis=(Api(URL, "data"),))
    facts = task_to_facts(replace(task(body, source, links=10), api=1))
    assert (len(facts.found), facts.items, facts.left_out) == (10, 10, 20)


def test_a_page_of_very_many_tags_is_not_read() -> None:
    assert "a page of 300000 tags" in task_to_facts(task("<b>" * 300_000)).problem


def test_the_usual_pattern_is_linear() -> None:
    assert not Source("甲局", links=LINKS).is_report("信息公开" * 20_000 + "年度" * 20_000)


class Counting:
    """Readers that only note for how many pages of each source they are asked at once."""

    def __init__(self) -> None:
        self.now, self.most = Counter[str](), Counter[str]()

    async def read(self, task: PageTask) -> PageFacts:
        for name in (task.source.name, "all"):
            self.now[name] += 1
            self.most[name] = max(self.most[name], self.now[name])
        await asyncio.sleep(0.01)
        self.now -= Counter((task.source.name, "all"))
        return PageFacts()


def test_of_one_source_one_page_is_read_at_once_and_others_beside_it(tmp_path: Path) -> None:
    sources, counting = [SOURCE, replace(SOURCE, name="乙局")], Counting()
    requests = [
        CrawlRequest(f"http://{host}.gov.cn/", "", name, Role.PAGE)
        for host in "abc"
        for name in ("甲局", "乙局")
    ]

    async def act(night_crawl: NightCrawl) -> None:
        await asyncio.gather(
            *(night_crawl.take(CrawlResponse(request, 200, body=b"<p>")) for request in requests)
        )

    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        made = NightCrawl(
            sources, Store(tmp_path), ledger, QUICK, NOW, time.monotonic, cast(PagePool, counting)
        )
        setattr(made, "_response_to_body", lambda response: asyncio.sleep(0, response.body))  # noqa: B010
        asyncio.run(act(made))
    assert counting.most == {"甲局": 1, "乙局": 1, "all": 2}
