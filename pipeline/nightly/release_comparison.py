"""Tonight's tables compared with those of the last good release, document by document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.records import report_id_to_part
from pipeline.tables.written_tables import out_to_rows

COLUMNS = (
    "report_id", "sha256", "source_file", "source_url", "agency", "fiscal_year", "status", "error", "cells",
    "cells_suspect", "checks_passed", "checks_failed", "reading_version",
)  # fmt: skip

NEWER = ("agency_id", "bureau_type", "region_given", "superseded_by", "standing", "kept_apart")
"""Columns that tables of earlier versions may lack."""


Place = tuple[str, int]
"""A file and a part of it."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A row of the table `reports` with the columns that a night needs."""

    report_id: str
    sha256: str
    name: str
    url: str
    agency: str
    year: int | None
    status: str
    error: str
    cells: int
    suspect: int
    passed: int
    failed: int
    version: str
    agency_id: str = ""
    bureau_type: str | None = None
    region_given: str | None = None
    superseded_by: str | None = None
    standing: str = ""
    kept_apart: str = ""

    @property
    def unit(self) -> str:
        """Return what stays the same when its body is renamed; its name if that is all that is known."""
        return self.agency_id or self.agency

    @property
    def place(self) -> Place:
        """Return its file and its part of it: 1 for the first report in a file."""
        return self.name, report_id_to_part(self.report_id)

    @property
    def sound(self) -> int:
        """Return the number of cells whose values can be used."""
        return self.cells - self.suspect

    @property
    def is_read(self) -> bool:
        """Whether the document could be read."""
        return self.status != "failed"


@dataclass(frozen=True, slots=True)
class ReleaseComparison:
    """Two releases compared. `pairs` are a document before and the one in its place now: the same content, or
    a newer one of the same name.

    `gone` have nothing in their place. `withdrawn` left because no URL gives them any more. `new` were not
    there before.
    """

    pairs: tuple[tuple[DocumentRow, DocumentRow], ...]
    gone: tuple[DocumentRow, ...]
    withdrawn: tuple[DocumentRow, ...]
    new: tuple[DocumentRow, ...]

    @property
    def revised(self) -> tuple[tuple[DocumentRow, DocumentRow], ...]:
        """Return the pairs whose content differs."""
        return tuple((old, now) for old, now in self.pairs if old.sha256 != now.sha256)


def out_to_documents(out: Path | None) -> list[DocumentRow]:
    """Return every document in these tables, [] if there are none."""
    return [_to_row(row) for row in out_to_rows(out, "reports", COLUMNS, NEWER)] if out else []


def compare_releases(
    before: Iterable[DocumentRow], now: Iterable[DocumentRow], superseded: Collection[str]
) -> ReleaseComparison:
    """Compare documents `before` and `now`. `superseded` are hashes that no URL gives any more.

    A superseded document that leaves is withdrawn, not gone. What its URL gives now is compared with it.
    """
    old, same = {row.report_id: row for row in before}, {row.report_id: row for row in now}
    fresh = {row.place: row for row in same.values() if row.report_id not in old}
    places = {report_id: _place(row, same, fresh) for report_id, row in old.items()}
    missing = [row for report_id, row in old.items() if places[report_id] is None]
    pairs = tuple((old[report_id], row) for report_id, row in places.items() if row)
    taken = {row.report_id for _, row in pairs}
    return ReleaseComparison(
        pairs,
        gone=tuple(row for row in missing if row.sha256 not in superseded),
        withdrawn=tuple(row for row in missing if row.sha256 in superseded),
        new=tuple(row for row in fresh.values() if row.report_id not in taken),
    )


def _place(
    row: DocumentRow, same: Mapping[str, DocumentRow], fresh: Mapping[Place, DocumentRow]
) -> DocumentRow | None:
    """Return the document in the place of a former one: of the same content, else new and of the same
    name."""
    return same.get(row.report_id) or fresh.get(row.place)


def _to_row(row: Mapping[str, Any]) -> DocumentRow:
    """Return the document of a row of `reports`; a CSV has only texts."""
    year = row["fiscal_year"]
    return DocumentRow(
        report_id=row["report_id"],
        sha256=row["sha256"],
        name=row["source_file"],
        url=row["source_url"] or "",
        agency=row["agency"] or "",
        year=int(year) if year not in (None, "") else None,
        status=row["status"],
        error=row["error"] or "",
        cells=int(row["cells"] or 0),
        suspect=int(row["cells_suspect"] or 0),
        passed=int(row["checks_passed"] or 0),
        failed=int(row["checks_failed"] or 0),
        version=row["reading_version"] or "",
        agency_id=row["agency_id"] or "",
        bureau_type=row["bureau_type"] or None,
        region_given=row["region_given"] or None,
        superseded_by=row["superseded_by"] or None,
        standing=row["standing"] or "",
        kept_apart=row["kept_apart"] or "",
    )
