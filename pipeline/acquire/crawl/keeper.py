"""Documents that were fetched, unpacked or found in a folder → the store and the ledger."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.acquire.crawl.earlier_fetches import EarlierFetches
from pipeline.acquire.crawl.recorder import Recorder
from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.crawl.response import BodyError, CrawlResponse
from pipeline.acquire.ledger import SeenLink
from pipeline.acquire.sources import CrawlSettings
from pipeline.acquire.store import Store, Stored, StoreError
from pipeline.files.regular_file import MB


class Keeper:
    """Keep what a night's crawl brings: `store` has the bytes, `recorder` tells the ledger of them."""

    def __init__(
        self, store: Store, earlier: EarlierFetches, recorder: Recorder, settings: CrawlSettings
    ) -> None:
        self.store = store
        self.earlier = earlier
        self.recorder = recorder
        self.largest = int(settings.document_mb * MB)
        self._reserve = settings.disk_reserve_mb

    def to_response(self, source: str, key: str) -> CrawlResponse:
        """Return an empty response for a document that no request of its own brings, under this key."""
        return CrawlResponse(self.earlier.with_earlier(CrawlRequest(key, key, source, Role.DOCUMENT)))

    def record_stored(
        self, response: CrawlResponse, stored: Stored, links: Sequence[SeenLink] = (), text: str = ""
    ) -> None:
        """Record a document that is in the store now, as `same` if its address gave it before."""
        cached = response.request.cached
        same = cached is not None and cached.sha256 == stored.sha256
        self.recorder.record(response, "same" if same else "stored", stored=stored, links=links, text=text)

    def require_space(self, request: CrawlRequest, size: int) -> None:
        """Raise StoreError if this content would leave less free space than `disk_reserve_mb`."""
        free = shutil.disk_usage(_existing(self.store.root)).free
        if free - size < self._reserve * MB:
            self.recorder.count(request, "postponed")
            raise StoreError(
                f"{self.store.root}: {free >> 20} MB are free on its disk, and {self._reserve:g} are to stay "
                "so (disk_reserve_mb): free space, the next night fetches the rest"
            )


def require_whole(damage: str) -> None:
    """Raise BodyError if there is damage to tell of."""
    if damage:
        raise BodyError(f"{damage}: what was known before is kept, and asked for again")


def _existing(path: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())
