"""Folders of this machine that sources name → documents, recorded as if they had been fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.acquire.crawl.night_crawl import NightCrawl
from pipeline.acquire.samples import folder_to_samples, is_sample
from pipeline.acquire.search import search_folder
from pipeline.acquire.sources import Source
from pipeline.errors import PathError


def take_folders(night_crawl: NightCrawl, sources: Sequence[Source]) -> None:
    """Record the documents of every source that names a folder, each by its path below that folder.

    Containers are unpacked: archive.zip/inner.docx.
    """
    for source in sources:
        if source.folder:
            _take_folder(night_crawl, source, Path(source.folder))


def _take_folder(night_crawl: NightCrawl, source: Source, folder: Path) -> None:
    """Record the files of one folder except samples. If the list of samples cannot be read, record no
    file: a sample would count as a report."""
    found = search_folder(folder)
    try:
        samples = folder_to_samples(folder)
    except PathError as error:
        night_crawl.take_folder(source, {}, [str(error)])
        return
    wanted = [path for path in found.files if not is_sample(path, samples)]
    named = {path.relative_to(folder).as_posix(): path for path in wanted}
    night_crawl.take_folder(source, named, found.passed_over, samples)
