"""Reports that lie in a folder of this machine, taken as if they had been fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.acquire.crawl.visit import Visit
from pipeline.acquire.sources import Source


def take_folders(visit: Visit, sources: Sequence[Source]) -> None:
    """The PDFs of every source that names a folder."""
    for source in sources:
        if source.folder:
            visit.take_folder(source, _folder_to_files(Path(source.folder)))


def _folder_to_files(folder: Path) -> dict[str, Path]:
    """Every PDF below `folder` by its name from there, hidden ones left out; {} where there is no folder."""
    files = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return {name: path for name, path in files.items() if _is_wanted(name)}


def _is_wanted(name: str) -> bool:
    return name.lower().endswith(".pdf") and not any(part.startswith(".") for part in name.split("/"))
