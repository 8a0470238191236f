"""Reports → addresses to open them at, from a page: where they were fetched, or the file that is there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pandas as pd

WEB = ("http", "https")
_SIGNS = "!$&'()*+,;=:@/?%#[]~"
"""What stands in an address as it is; all else is written in per cent, so that it can be nothing else."""


def reports_to_links(reports: pd.DataFrame, page: Path, folders: Iterable[Path]) -> dict[str, str]:
    """Return report_id → address for the reports that have one. Files are looked for below the `folders`,
    and their addresses lead there from `page`."""
    heads = reports[["report_id", "source_file", "source_url"]].itertuples(index=False, name=None)
    found = {report_id: _to_link(file, url, page, folders) for report_id, file, url in heads}
    return {report_id: link for report_id, link in found.items() if link}


def link_to_page(links: Mapping[str, str], report_id: str, page: Any) -> str:
    """Return the address of a report's page, "" if it has none; of the report if the page is not known."""
    link = links.get(report_id, "")
    known = link and not pd.isna(page) and "#" not in link
    return f"{link}#page={page:.0f}" if known else link


def _to_link(file: str, url: Any, page: Path, folders: Iterable[Path]) -> str:
    if not pd.isna(url) and urlsplit(url).scheme in WEB:
        return quote(url, safe=_SIGNS)
    there = next((folder / file for folder in folders if (folder / file).is_file()), None)
    if there is None:
        return ""
    return quote(Path(os.path.relpath(there.resolve(), page.parent.resolve())).as_posix())
