"""The order of the stages: acquire → read in workers → tables → derive → write. Only this file knows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.acquire import Document, paths_to_documents, paths_to_holdings
from pipeline.acquire.changes import Changes, holdings_to_changes
from pipeline.acquire.samples import folder_to_samples
from pipeline.config import FORMATS, Settings
from pipeline.errors import PathError
from pipeline.installation.extras import require_extra
from pipeline.installation.program import to_command
from pipeline.records import Reason, Report, report_id_to_first
from pipeline.tables.failure_notes import FailureNotes, load_notes, save_notes
from pipeline.tables.out_folder import explained_disk_errors, hold_out, is_pointer, require_usable
from pipeline.tables.staging import finish_killed_run
from pipeline.tables.state import (
    TablesState,
    is_complete,
    is_misplaced,
    load_whole,
    out_to_known_rows,
    out_to_state,
)
from pipeline.workers import Task, WorkerError, document_to_failure, task_to_report, tasks_to_reports

if TYPE_CHECKING:
    from pipeline.tables.frames import Frames

Progress = Callable[[Report, int, int], None]


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run: every document asked for, how many were read just now, whether Ctrl-C ended it.

    `replaced` are files whose former content is gone. `withdrawn` are those that left the tables because no
    URL gives their content any more. `left` counts documents still to be read. `damaged` are replaced files
    whose new content is not a whole file, with the reason. `passed_over` has sentences on what was not
    searched.
    """

    documents: tuple[Document, ...]
    read: int
    replaced: tuple[str, ...]
    interrupted: bool
    withdrawn: tuple[str, ...] = ()
    left: int = 0
    damaged: Mapping[str, str] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()

    @property
    def paths(self) -> dict[str, Path]:
        """Return the path that leads a user to each document, by the report_id of its first report."""
        return {document.snapshot.report_id: document.path for document in self.documents}


def _silent(report: Report, done: int, total: int) -> None:
    """Report no progress."""


def run(
    paths: Iterable[Path],
    out: Path,
    settings: Settings,
    *,
    force: bool = False,
    formats: Sequence[str] = FORMATS,
    progress: Progress = _silent,
    most: int | None = None,
    again: Collection[str] = (),
    wait: float = 0.0,
) -> RunResult:
    """Read what is new under `paths` and bring the tables in `out` up to date, as `update` does.

    Tables that a night has published get no samples. `out` is locked against other runs and nights. Raises
    BusyError if another holds it for longer than `wait`
    seconds, OutError if the tables cannot be written, and what `update` raises.
    """
    require_usable(out)
    if out.is_symlink() and not out.exists():
        night = to_command("nightly", "--out", out)
        raise PathError(f"{out}: points to a release that is gone: run `{night}`, or remove that link")
    given = tuple(paths)
    with hold_out(out, wait):
        samples = _samples(given) if is_pointer(out) else frozenset()
        result = update(
            given,
            out,
            settings,
            force=force,
            again=again,
            without=samples,
            formats=formats,
            progress=progress,
            most=most,
        )
    return replace(result, passed_over=(*result.passed_over, *_samples_to_note(samples, out)))


def _samples(paths: Iterable[Path]) -> frozenset[str]:
    """Return the hashes of the samples that are listed in these folders, or beside these files."""
    folders = {path if path.is_dir() else path.parent for path in paths}
    return frozenset().union(*map(folder_to_samples, folders))


def _samples_to_note(samples: Collection[str], out: Path) -> Iterator[str]:
    """Yield a sentence on the samples that published tables do not show, if there are any."""
    if samples:
        count = f"{len(samples):,} samples are" if len(samples) > 1 else "1 sample is"
        yield f"{count} left out of {out}, which a night has published: give another --out for them"


def update(
    paths: Iterable[Path],
    out: Path,
    settings: Settings,
    *,
    force: bool = False,
    again: Collection[str] = (),
    without: Collection[str] = (),
    formats: Sequence[str] = FORMATS,
    progress: Progress = _silent,
    most: int | None = None,
) -> RunResult:
    """Read what is new under `paths` and bring the tables in `out`, which the caller has locked, up to date.

    A store below a path gives the documents that count in its ledger; superseded ones leave the tables.
    Contents in `again` (SHA-256) are read although they were read before. Those in `without` are kept only if
    a URL gives them. At most `most` documents are read. Failures of other settings are read again, and
    everything is if `out` holds tables of more than one run.

    What was read until Ctrl-C is kept; also what was read until no worker could be started, which then raises
    WorkerError. Raises PathError if a path leads to nothing, TablesError if `out` holds what this program did
    not write.
    """
    if settings.prose:
        require_extra("prose", "a run")
    if "duckdb" in formats:
        require_extra("compare", "the format duckdb")
    with explained_disk_errors(out):
        finish_killed_run(out)
    state = out_to_state(out)
    written = out_to_known_rows(out, state)
    notes = load_notes(out)
    unknown = force or state == TablesState.MIXED
    known = set() if unknown else _known(written, notes, settings) - set(again)
    holdings = paths_to_holdings(paths, known, without, settings.largest)
    documents = holdings.documents
    fresh = [document for document in documents if document.snapshot.sha256 not in known]
    chosen = fresh[:most]
    reports, ended = _read([Task(document) for document in chosen], settings, progress)
    left = len(fresh) - len(reports)
    if left:  # the newer content that supersedes another may not have been read yet
        holdings = replace(holdings, superseded=frozenset())
    changes = holdings_to_changes(holdings, written, known)
    outdated = changes.leaving or changes.sources or is_misplaced(written, _given(documents))
    if reports or outdated or state != TablesState.WHOLE or not is_complete(out, formats, settings.prose):
        with_prose = settings.prose and not left
        with explained_disk_errors(out):
            save_notes(notes, notes.with_reports(reports, settings), out)
            update_tables(reports, documents, changes, out, settings, formats, with_prose)
    if isinstance(ended, WorkerError):
        raise ended
    withdrawn = dict.fromkeys(row["source_file"] for row in written if row["sha256"] in holdings.superseded)
    return RunResult(
        documents,
        len(reports),
        changes.replaced,
        ended is not None,
        tuple(withdrawn),
        left,
        changes.damaged,
        holdings.passed_over,
    )


def file_to_report(file: Path, settings: Settings, *, apart: bool = True) -> Report:
    """Return the report of one file, read `apart` in a process that a hostile file may crash, or in this
    process."""
    document = file_to_document(file, settings)
    if not apart:
        return task_to_report(Task(document), settings.passwords)
    (report,) = tasks_to_reports([Task(document)], settings)
    return report


def file_to_document(file: Path, settings: Settings) -> Document:
    """Return the document of one file, or of one in a container. PathError for a folder or a container."""
    if file.is_dir():
        raise PathError(f"{file}: is a folder: give one file")
    first, *more = paths_to_documents([file], settings.largest)
    if more:
        names = f"{first.path} or {more[0].path}" + (f", {len(more) - 1:,} more" if more[1:] else "")
        raise PathError(f"{file}: holds {len(more) + 1:,} documents: give one of them: {names}")
    return first


def _known(written: Iterable[dict[str, Any]], notes: FailureNotes, settings: Settings) -> set[str]:
    """Return the contents that need no reading: read by today's readers and rules, with settings that give
    the same outcome.

    Of a file with several reports each has to be so.
    """
    from pipeline.extract.version import is_of_today

    known: dict[str, bool] = {}
    for row in written:
        name = row["sha256"]
        is_known = is_of_today(row["reading_version"]) and not notes.is_due(name, row["reason"], settings)
        known[name] = is_known and known.get(name, True)
    return {name for name, is_known in known.items() if is_known}


def _given(documents: Iterable[Document]) -> dict[str, str]:
    """Return the region code that a source states for each content, by SHA-256."""
    return {document.snapshot.sha256: document.region for document in documents if document.region}


def _read(
    tasks: Sequence[Task], settings: Settings, progress: Progress
) -> tuple[list[Report], KeyboardInterrupt | WorkerError | None]:
    """Return the reports in the order in which they were done, and what ended the reading early: Ctrl-C,
    no worker, or None."""
    reports: list[Report] = []
    try:
        for report in tasks_to_reports(tasks, settings):
            reports.append(report)
            progress(report, len(reports), len(tasks))
    except (KeyboardInterrupt, WorkerError) as ended:
        return reports, ended
    return reports, None


def update_tables(
    reports: Sequence[Report],
    documents: Sequence[Document],
    changes: Changes,
    out: Path,
    settings: Settings,
    formats: Sequence[str],
    with_prose: bool,
) -> None:
    """Bring the tables in `out` up to date with these reports, and write all of them.

    If a check across years fails, a second reader first confirms the report. The tables of prose need all
    reports, so they are not made after every batch: with `with_prose` false they are removed, and the run
    that reads the last report makes them.
    """
    from pipeline.derive.across_years import needs_confirmation
    from pipeline.derive.chain import frames_to_prose_tables, frames_to_tables, place_and_check
    from pipeline.tables.frames import merge, withdraw
    from pipeline.tables.version import tables_version
    from pipeline.tables.writer import write

    given = _given(documents)
    old = withdraw(load_whole(out), changes.leaving, changes.sources)
    frames, series = place_and_check(merge(old, _to_frames(reports, documents)), given)
    tasks = _confirmations(needs_confirmation(series), documents)
    again = [report for report in _read(tasks, settings, _silent)[0] if report.status != "failed"]
    if again:
        frames, _ = place_and_check(merge(frames, _to_frames(again, documents)), given)
    prose = frames_to_prose_tables(frames, out) if with_prose else {}
    write(frames_to_tables(frames, prose), out, formats, tables_version())


def _confirmations(pairs: Iterable[tuple[str, str]], documents: Iterable[Document]) -> list[Task]:
    """Return a task for each file of a report in (report_id, table) that is at hand."""
    tables: dict[str, set[str]] = {}
    for report_id, table in pairs:
        tables.setdefault(report_id_to_first(report_id), set()).add(table)
    at_hand = {document.snapshot.report_id: document for document in documents}
    return [Task(at_hand[name], frozenset(tables[name])) for name in sorted(tables) if name in at_hand]


def _to_frames(reports: Sequence[Report], documents: Sequence[Document]) -> Frames:
    """Return the frames of these reports. A report that breaks the data contract fails alone, not the run."""
    from pipeline.tables.schemas import ContractError

    try:
        return _to_valid_frames(reports)
    except ContractError:
        sources = {document.snapshot.sha256: document for document in documents}
        return _to_valid_frames([_within_contract(report, sources[report.sha256]) for report in reports])


def _to_valid_frames(reports: Sequence[Report]) -> Frames:
    """Return the frames of reports that were read just now. ContractError if they break the data contract."""
    from pipeline.extract.version import report_to_version
    from pipeline.tables.frames import reports_to_frames
    from pipeline.tables.schemas import require_valid

    frames = reports_to_frames(reports, reading_version=report_to_version)
    require_valid(frames.tables())
    return frames


def _within_contract(report: Report, document: Document) -> Report:
    """Return the report, or a failure in its place if it breaks the data contract."""
    from pipeline.tables.schemas import ContractError

    try:
        _to_valid_frames([report])
        return report
    except ContractError as error:
        problems = " ".join(str(error).split())
        words = f"what was read breaks the contract ({problems}): report this"
        return document_to_failure(document, words, Reason.CONTRACT)
