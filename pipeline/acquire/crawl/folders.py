"""Reports that lie in a folder of this machine, taken as if they had been fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.acquire.crawl.visit import Visit
from pipeline.acquire.samples import folder_to_samples, is_sample
from pipeline.acquire.search import folder_to_found
from pipeline.acquire.sources import Source


def take_folders(visit: Visit, sources: Sequence[Source]) -> None:
    """The PDFs of every source that names a folder, by their names from there."""
    for source in sources:
        if source.folder:
            folder = Path(source.folder)
            found = folder_to_found(folder)
            samples = folder_to_samples(folder)
            wanted = [path for path in found.files if not is_sample(path, samples)]
            files = {path.relative_to(folder).as_posix(): path for path in wanted}
            visit.take_folder(source, files, found.passed_over)
