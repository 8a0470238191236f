"""Print the summary at the end of a run: counts, and which documents to look at next."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.acquire.search import names_to_words
from pipeline.cli.options import parsed_to_given
from pipeline.cli.run_versions import Version, out_to_kept_apart, out_to_versions, row_to_place
from pipeline.installation.program import to_command
from pipeline.printable import to_printable
from pipeline.records import report_id_to_first
from pipeline.tables.written_tables import out_to_rows

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.run import RunResult

STATUSES = ("ok", "flagged", "partial", "no_tables", "not_a_report", "failed")
"""The statuses of a document, the least urgent first."""

_LISTED_DOCUMENTS_MAX = 12
"""Count. No more documents are listed: they would push the counts off the screen."""

_MEANINGS = {
    "partial": "a table of the form is missing or incomplete",
    "no_tables": "an annual report without any of the form's tables",
    "not_a_report": "no annual report",
}
_REPORTS_COLUMNS = (
    "report_id", "source_file", "status", "error", "cells", "cells_suspect", "checks_passed",
    "checks_failed", "readers", "reading_version", "media_type",
)  # fmt: skip
"""The columns of the table `reports` that the summary needs."""

_PAGES = ("text/html", "multipart/related")
"""The media types of web pages. Lists and error pages are saved beside reports, and nobody needs to look."""

_CHECKS_COLUMNS = ("report_id", "verdict", "attribution")
"""The columns of the table `checks` that the summary needs."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The documents of a run.

    `reports` has their rows of the table `reports`, one for each report in a document. `failed_by` counts
    failed checks by attribution. `failed_of` has the same counts for each report, by report_id. `versions`
    are the reports that another of their body and year supersedes, `kept_apart` the names of one year that
    would have shared an agency_id.
    """

    reports: tuple[Mapping[str, Any], ...]
    failed_by: Mapping[str, int]
    failed_of: Mapping[str, Mapping[str, int]]
    versions: tuple[Version, ...] = ()
    kept_apart: tuple[str, ...] = ()

    @property
    def statuses(self) -> Counter[str]:
        """Return the number of reports with each status."""
        return Counter(row["status"] for row in self.reports)

    @property
    def failed(self) -> int:
        """Return the number of documents that could not be read."""
        return self.statuses["failed"]

    @property
    def unread_pictures(self) -> int:
        """Return the number of documents with pages that are pictures, for which the extra is missing."""
        from pipeline.extract.version import lacks_scan

        return len({_first(row) for row in self.reports if lacks_scan(row["reading_version"])})

    @property
    def other_pages(self) -> list[str]:
        """Return the names of the web pages that are no reports."""
        return [row["source_file"] for row in self.reports if _is_other_page(row)]

    @property
    def to_look_at(self) -> list[Mapping[str, Any]]:
        """Return the rows of the documents that a person should look at."""
        return [row for row in self.reports if row["status"] != "ok" and not _is_other_page(row)]

    def total(self, column: str) -> int:
        """Return the sum of a column."""
        return sum(int(row[column] or 0) for row in self.reports)


def out_to_summary(out: Path, report_ids: Collection[str]) -> Summary:
    """Return the summary of all reports in these documents from `out`, the most urgent status first."""
    reports = [row for row in out_to_rows(out, "reports", _REPORTS_COLUMNS) if _first(row) in report_ids]
    failed_of: dict[str, Counter[str]] = {}
    for row in out_to_rows(out, "checks", _CHECKS_COLUMNS):
        if row["verdict"] == "fail" and _first(row) in report_ids:
            failed_of.setdefault(row["report_id"], Counter())[row["attribution"] or "not attributed"] += 1
    reports.sort(key=lambda row: (-STATUSES.index(row["status"]), row["source_file"]))
    versions = tuple(out_to_versions(out, report_ids))
    apart = tuple(out_to_kept_apart(out, report_ids))
    return Summary(tuple(reports), sum(failed_of.values(), Counter()), failed_of, versions, apart)


def _is_other_page(row: Mapping[str, Any]) -> bool:
    """Whether a row is that of a web page that is no report."""
    return row["status"] == "not_a_report" and row["media_type"] in _PAGES


def _first(row: Mapping[str, Any]) -> str:
    """Return the report_id of the first report in the file of a row."""
    return report_id_to_first(row["report_id"])


def print_summary(console: Console, summary: Summary, outcome: RunResult, parsed: argparse.Namespace) -> None:
    """Print the counts as a table, then what to do about each document that a person should look at."""
    from rich.table import Table

    table = Table(show_header=False)
    table.add_row("documents", _counts(summary.statuses, STATUSES) + _in_files(summary))
    table.add_row("read just now", _read_just_now(outcome))
    if outcome.left:
        table.add_row("still to read", f"{outcome.left:,}: run again")
    for name, value in _summary_to_lines(summary):
        table.add_row(name, value)
    table.add_row("tables", to_printable(str(parsed.out)))
    console.print(table)
    _print_unread_pictures(console, summary.unread_pictures)
    _print_versions(console, summary.versions)
    _print_kept_apart(console, summary.kept_apart)
    _print_other_pages(console, summary.other_pages)
    _print_next(console, summary.to_look_at, summary, outcome, parsed)


def _in_files(summary: Summary) -> str:
    """Return in words how many reports are in how many files; "" where each file holds one."""
    reports, files = len(summary.reports), len({_first(row) for row in summary.reports})
    return f": {reports:,} reports in {files:,} files" if reports > files else ""


def _read_just_now(outcome: RunResult) -> str:
    """Return in words how many documents this run has read."""
    if outcome.read:
        return f"{outcome.read:,} of them"
    return "none" if outcome.left else "none: nothing new"


def _counts(counts: Mapping[str, int], order: Iterable[str]) -> str:
    """Return the counts in words, in this order, without zeros."""
    return ", ".join(f"{counts[name]:,} {name}" for name in order if counts.get(name)) or "none"


def _summary_to_lines(summary: Summary) -> Iterable[tuple[str, str]]:
    """Yield the name and the text of each line of counts."""
    readers = Counter(name for row in summary.reports for name in (row["readers"] or "").split("+") if name)
    by = _counts(summary.failed_by, sorted(summary.failed_by))
    yield "cells", f"{summary.total('cells'):,}, of them {summary.total('cells_suspect'):,} suspect"
    yield "checks passed", f"{summary.total('checks_passed'):,}"
    yield "checks failed", f"{summary.total('checks_failed'):,}" + (f" ({by})" if summary.failed_by else "")
    yield "readers", ", ".join(f"{name} in {count:,}" for name, count in readers.most_common()) or "none"


def _print_unread_pictures(console: Console, count: int) -> None:
    """Print in a line how many documents have pictures that are not read, and what reads them."""
    from pipeline.installation.scan_model import unread_to_words

    if words := unread_to_words(count):
        console.print(to_printable(words), soft_wrap=True)


def _print_other_pages(console: Console, names: Sequence[str]) -> None:
    """Print in a line which web pages are no reports, such as lists and saved error pages."""
    if names:
        count = f"{len(names):,} web pages are" if len(names) > 1 else "1 web page is"
        words = f"{count} no annual report (status not_a_report): {names_to_words(names)}"
        console.print(to_printable(words), soft_wrap=True)


def _print_versions(console: Console, versions: tuple[Version, ...]) -> None:
    """Print which of several files of one body and year stands, and why."""
    if not versions:
        return
    console.print("Several files of one body and year, of which one counts (tables `reports`, `revisions`):")
    lines = [f"  {version.standing:<12} {version.sentence}" for version in versions]
    _print_listed(console, lines, "filter the table `reports` by standing")


def _print_kept_apart(console: Console, names: tuple[str, ...]) -> None:
    """Print which names of one year are taken for bodies of their own."""
    if not names:
        return
    console.print("Names that are no spellings of each other, taken for bodies of their own (`kept_apart`):")
    _print_listed(console, [f"  {line}" for line in names], "filter by kept_apart")


def _print_listed(console: Console, lines: Sequence[str], how: str) -> None:
    """Print the first lines of a list, and how to see the rest."""
    for line in lines[:_LISTED_DOCUMENTS_MAX]:
        console.print(to_printable(line), soft_wrap=True)
    if len(lines) > _LISTED_DOCUMENTS_MAX:
        _print_more(console, len(lines), how)


def _print_more(console: Console, count: int, how: str) -> None:
    """Print how to see what is not listed of so many."""
    console.print(f"  … and {count - _LISTED_DOCUMENTS_MAX:,} more: {how}.")


def _print_next(
    console: Console,
    rows: list[Mapping[str, Any]],
    summary: Summary,
    outcome: RunResult,
    parsed: argparse.Namespace,
) -> None:
    """Print the documents to look at next, with the reason and a command for each."""
    if not rows:
        console.print(_nothing_to_look_at(summary, outcome.left))
        return
    console.print("What to look at next:")
    for row in rows[:_LISTED_DOCUMENTS_MAX]:
        line = f"  {row['status']:<12} {row_to_place(row)}: {_row_to_reason(row, summary)}"
        console.print(to_printable(line), soft_wrap=True)
        console.print(f"  {'':<12} {_row_to_command(row, outcome.paths, parsed)}", soft_wrap=True)
    if len(rows) > _LISTED_DOCUMENTS_MAX:
        _print_more(console, len(rows), "filter the table `reports` by status")


def _nothing_to_look_at(summary: Summary, left: int) -> str:
    """Return what is said if every document that was read is ok."""
    if not left:
        ok = "every other document is ok" if summary.other_pages else "every document is ok"
        return f"Nothing {'else ' if summary.versions else ''}to look at: {ok}."
    read = len(summary.reports)
    so_far = f"all {read:,} read so far are ok" if read else "none is read yet"
    return f"Nothing to look at yet: {so_far}, {left:,} are still to be read."


def _row_to_reason(row: Mapping[str, Any], summary: Summary) -> str:
    """Return why a person should look at a document."""
    if row["error"]:
        return str(row["error"])
    failed = summary.failed_of.get(row["report_id"], {})
    parts = ["checks failed: " + _counts(failed, sorted(failed))] if failed else []
    if suspect := int(row["cells_suspect"] or 0):
        parts.append(f"cells suspect: {suspect}")
    return "; ".join(parts) or _MEANINGS.get(row["status"], row["status"])


def _row_to_command(row: Mapping[str, Any], paths: Mapping[str, Path], parsed: argparse.Namespace) -> str:
    """Return the command for a closer look at a document.

    For a failed document it is the command that reads it again, once it is mended, into the same tables.
    """
    file = paths[_first(row)]
    if row["status"] == "failed":
        given = parsed_to_given(parsed, "out", "jobs", "formats", "config")
        return f"to try again: {to_command('run', file, '--force', *given)}"
    return to_command("inspect", file, *parsed_to_given(parsed, "config"))
