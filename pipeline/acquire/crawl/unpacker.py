"""An archive that a site gives → each document in it, stored as if it had an address of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from pipeline.acquire.addresses import RefusedError, url_to_canonical
from pipeline.acquire.containers import Container, Member, bytes_to_container, clear_unpacked
from pipeline.acquire.content import document_to_problem
from pipeline.acquire.crawl.keeper import Keeper, require_whole
from pipeline.acquire.crawl.page_pool import PagePool
from pipeline.acquire.crawl.response import BodyError, CrawlResponse
from pipeline.acquire.ledger import SeenLink
from pipeline.acquire.pages import texts_to_year
from pipeline.acquire.sources import Source


@dataclass(frozen=True, slots=True)
class UnpackedArchive:
    """What came of an archive: the bytes of its documents (`size`), or why there are none (`problem`)."""

    size: int = 0
    problem: str = ""


class Unpacker:
    """Unpacks the archives of a crawl, one at a time: what is unpacked lies in one folder."""

    def __init__(self, keeper: Keeper, page_pool: PagePool) -> None:
        self._keeper = keeper
        self._page_pool = page_pool
        self._one_at_a_time = asyncio.Lock()

    async def unpack(self, source: Source, response: CrawlResponse, body: bytes) -> UnpackedArchive:
        """Record each document in the archive `body` that a response brought, and what in it is not read.

        The address of a document is that of the archive and its name there: archive.zip/inner.docx.
        """
        async with self._one_at_a_time:
            try:
                container = await self._page_pool.in_thread(bytes_to_container, body, self._keeper.largest)
                return await self._take(source, response, container)
            finally:
                await self._page_pool.in_thread(clear_unpacked)

    async def _take(self, source: Source, response: CrawlResponse, container: Container) -> UnpackedArchive:
        """Record the documents of a container."""
        request = response.request
        if not container.members:
            return UnpackedArchive(problem=container.problem or container.note)
        if container.note:
            self._keeper.recorder.note(request, f"{request.url}: {container.note}")
        sizes = [await self._take_member(source, response, member) for member in container.members]
        return UnpackedArchive(sum(sizes))

    async def _take_member(self, source: Source, above: CrawlResponse, member: Member) -> int:
        """Record one document; return its size in bytes, 0 of one that is not unpacked."""
        request, recorder = above.request, self._keeper.recorder
        try:
            key = url_to_canonical(f"{request.key}/{quote(member.name)}")
        except RefusedError:
            long = f"a file in it has a name of {len(member.name)} characters"
            recorder.note(request, f"{request.url}: {long}: unpack it by hand")
            return 0
        response, seen = self._keeper.to_response(source.name, key), _to_link(source, above, key, member)
        if member.problem:
            recorder.record(response, "not_read", member.problem, links=[seen])
            return 0
        body = await self._page_pool.in_thread(member.path.read_bytes)
        if problem := await self._page_pool.in_thread(document_to_problem, member.name, body):
            recorder.record(response, "not_read", problem, links=[seen])
            return len(body)
        try:
            check = self._keeper.earlier.damage_check(response.request, body)
            require_whole(await self._page_pool.in_thread(check))
        except BodyError as error:
            recorder.record(response, "failed", str(error), links=[seen])
            return len(body)
        self._keeper.require_space(response.request, len(body))
        self._keeper.record_stored(
            response, await self._page_pool.in_thread(self._keeper.store.put, body), [seen]
        )
        return len(body)


def _to_link(source: Source, above: CrawlResponse, key: str, member: Member) -> SeenLink:
    """Return what is seen of a document in an archive: its own name counts before that of the archive."""
    stem, title = PurePosixPath(member.name).stem, above.request.title
    name = stem if source.is_report(stem) else title or stem
    year = texts_to_year(stem, member.name, title)
    return SeenLink(key, source.name, name, year, above.request.key, source.region)
