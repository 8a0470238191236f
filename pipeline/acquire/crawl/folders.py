"""Folders of this machine that sources name → documents, recorded as if they had been fetched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from pipeline.acquire.containers import Container, file_to_container
from pipeline.acquire.content import document_to_problem, is_container
from pipeline.acquire.crawl.keeper import Keeper, require_whole
from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.crawl.response import BodyError, CrawlResponse
from pipeline.acquire.ledger import SeenLink
from pipeline.acquire.pages import texts_to_year
from pipeline.acquire.samples import folder_to_samples, is_sample
from pipeline.acquire.search import search_folder
from pipeline.acquire.sources import Source
from pipeline.errors import PathError
from pipeline.files.regular_file import link_to_target, read_regular


def take_folders(keeper: Keeper, sources: Sequence[Source]) -> None:
    """Record the documents of every source that names a folder, each by its path below that folder.

    Containers are unpacked: archive.zip/inner.docx.
    """
    for source in sources:
        if source.folder:
            _take_folder(keeper, source, Path(source.folder))


def _take_folder(keeper: Keeper, source: Source, folder: Path) -> None:
    """Record the files of one folder except samples. If the list of samples cannot be read, record no
    file: a sample would count as a report."""
    found = search_folder(folder)
    taker = _FolderTaker(keeper, source)
    try:
        samples = folder_to_samples(folder)
    except PathError as error:
        taker.take({}, [str(error)])
        return
    wanted = [path for path in found.files if not is_sample(path, samples)]
    named = {path.relative_to(folder).as_posix(): path for path in wanted}
    taker.take(named, found.passed_over, samples)


class _FolderTaker:
    """Records the files of a source's folder."""

    def __init__(self, keeper: Keeper, source: Source) -> None:
        self._keeper = keeper
        self._source = source

    def take(
        self, files: Mapping[str, Path], notes: Sequence[str] = (), samples: Collection[str] = ()
    ) -> None:
        """Record the files of the folder, each by its name there; an empty folder is a list without links.

        `notes` say which of its entries were passed over. PDFs in containers are left out if they are
        `samples` (SHA-256).
        """
        key, recorder = f"folder:{self._source.name}", self._keeper.recorder
        told = [self._take_file(f"{key}/{name}", path, samples) for name, path in files.items()]
        for note in (*notes, *filter(None, told)):
            recorder.note(CrawlRequest(key, key, self._source.name, Role.LIST), note)
        recorder.record_list(self._source.name, key, len(files))

    def _take_file(self, key: str, path: Path, samples: Collection[str]) -> str:
        """Record a file as if it had been fetched, or each document in it but samples.

        Returns what to say of what else it holds, "" if there is nothing.
        """
        largest = self._keeper.largest
        try:
            target = link_to_target(path, Path(self._source.folder))
            body = read_regular(target, follow=False, largest=largest)
        except OSError as error:
            self._fail(key, f"cannot be read ({error.strerror})")
            return ""
        container = file_to_container(target, largest) if is_container(body) else Container()
        if container.problem:
            self._fail(key, container.problem)
        for member in container.members:
            if member.problem:
                self._fail(f"{key}/{member.name}", member.problem)
            elif not is_sample(member.path, samples):
                self._take_bytes(f"{key}/{member.name}", member.path.read_bytes())
        if not (container.problem or container.members):
            self._take_bytes(key, body)
        return f"{path}: {container.note}" if container.note else ""

    def _fail(self, key: str, reason: str) -> None:
        """Record a file that cannot be taken."""
        self._keeper.recorder.record(self._to_response(key), "failed", reason)

    def _to_response(self, key: str) -> CrawlResponse:
        """Return an empty response for a file of this key."""
        return self._keeper.to_response(self._source.name, key)

    def _take_bytes(self, key: str, body: bytes) -> None:
        """Record what a file holds."""
        source, stem = self._source, PurePosixPath(key).stem
        seen = [SeenLink(key, source.name, stem, texts_to_year(stem), source.folder, source.region)]
        if problem := document_to_problem(key, body):
            self._keeper.recorder.record(self._to_response(key), "not_read", problem, links=seen)
        else:
            self._keep(self._to_response(key), body, seen)

    def _keep(self, response: CrawlResponse, body: bytes, seen: Sequence[SeenLink]) -> None:
        """Store a document and record it."""
        keeper = self._keeper
        try:
            require_whole(keeper.earlier.damage_check(response.request, body)())
        except BodyError as error:
            keeper.recorder.record(response, "failed", str(error), links=seen)
            return
        keeper.require_space(response.request, len(body))
        keeper.record_stored(response, keeper.store.put(body), seen)
