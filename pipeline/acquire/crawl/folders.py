"""Reports that lie in a folder of this machine, taken as if they had been fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.acquire.crawl.visit import Visit
from pipeline.acquire.samples import folder_to_samples, is_sample
from pipeline.acquire.search import folder_to_found
from pipeline.acquire.sources import Source
from pipeline.errors import PathError


def take_folders(visit: Visit, sources: Sequence[Source]) -> None:
    """The PDFs of every source that names a folder, by their names from there."""
    for source in sources:
        if source.folder:
            _take_folder(visit, source, Path(source.folder))


def _take_folder(visit: Visit, source: Source, folder: Path) -> None:
    """The files of one folder, without samples; nothing where it is unknown which of them are samples."""
    found = folder_to_found(folder)
    try:
        samples = folder_to_samples(folder)
    except PathError as error:
        visit.take_folder(source, {}, [str(error)])
        return
    wanted = [path for path in found.files if not is_sample(path, samples)]
    visit.take_folder(
        source, {path.relative_to(folder).as_posix(): path for path in wanted}, found.passed_over
    )
