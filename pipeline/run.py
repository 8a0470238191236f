"""The order of the stages: this file alone knows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.acquire import Document, paths_to_documents, paths_to_holdings
from pipeline.acquire.changes import Changes, holdings_to_changes
from pipeline.config import FORMATS, Settings
from pipeline.errors import PathError
from pipeline.extras import require_extra
from pipeline.program import to_command
from pipeline.records import Reason, Report
from pipeline.tables.failure_notes import Notes, load_notes, save_notes
from pipeline.tables.out_folder import hold_out, require_usable, telling
from pipeline.tables.staging import mend
from pipeline.tables.state import (
    Standing,
    is_complete,
    is_misplaced,
    load_whole,
    out_to_known_rows,
    out_to_standing,
)
from pipeline.workers import Task, WorkerError, document_to_failure, task_to_report, tasks_to_reports

if TYPE_CHECKING:
    from pipeline.tables.frames import Frames

Progress = Callable[[Report, int, int], None]


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did: every document asked for, how many were read just now, and whether Ctrl-C ended it.

    `replaced` are the files whose content of the run before is nowhere any more, `withdrawn` those that left
    the tables because no URL gives their content any more, `left` how many are still to be read. `damaged`
    are those of the replaced whose new content is no whole file, each with why, and `passed_over` sentences
    on what was not searched.
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
        """Where the document of each report_id is."""
        return {document.snapshot.report_id: document.snapshot.path for document in self.documents}


def _silent(report: Report, done: int, total: int) -> None:
    """Nothing is said."""


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

    No other run and no night has `out` meanwhile: raises BusyError where one has it for longer than `wait`
    seconds, OutError where the tables cannot be written.
    """
    require_usable(out)
    if out.is_symlink() and not out.exists():
        night = to_command("nightly", "--out", out)
        raise PathError(f"{out}: points to a release that is gone: run `{night}`, or remove that link")
    with hold_out(out, wait):
        return update(
            paths, out, settings, force=force, again=again, formats=formats, progress=progress, most=most
        )


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
    """Read what is new under `paths` and bring the tables in `out`, which the caller holds, up to date.

    A store below a path gives what its ledger says counts, and what is superseded leaves the tables.
    The contents in `again` (SHA-256) are read although they were read before, and of all at most `most`;
    those in `without` are in the tables only where a URL gives them. What failed with other settings is read
    again, and so is everything where `out` holds tables of more than one run. What was read until
    Ctrl-C is kept, and until no worker can be started, which raises WorkerError afterwards. Raises PathError
    where a path leads to nothing, WrittenError where `out` holds what this program did not write.
    """
    if settings.prose:
        require_extra("prose", "a run")
    with telling(out):
        mend(out)
    standing = out_to_standing(out)
    written = out_to_known_rows(out, standing)
    notes = load_notes(out)
    unknown = force or standing == Standing.MIXED
    known = set() if unknown else _known(written, notes, settings) - set(again)
    holdings = paths_to_holdings(paths, known, without, settings.largest)
    documents = holdings.documents
    fresh = [document for document in documents if document.snapshot.sha256 not in known]
    chosen = fresh[:most]
    reports, ended = _read([Task(document) for document in chosen], settings, progress)
    left = len(fresh) - len(reports)
    if left:  # what is newer may not have been read
        holdings = replace(holdings, superseded=frozenset())
    changes = holdings_to_changes(holdings, written, known)
    outdated = changes.leaving or changes.sources or is_misplaced(written, _given(documents))
    if reports or outdated or standing != Standing.WHOLE or not is_complete(out, formats, settings.prose):
        with_prose = settings.prose and not left
        with telling(out):
            save_notes(notes, notes.with_reports(reports, settings), out)
            update_tables(reports, documents, changes, out, settings, formats, with_prose)
    if isinstance(ended, WorkerError):
        raise ended
    withdrawn = tuple(row["source_file"] for row in written if row["sha256"] in holdings.superseded)
    return RunResult(
        documents,
        len(reports),
        changes.replaced,
        ended is not None,
        withdrawn,
        left,
        changes.damaged,
        holdings.passed_over,
    )


def file_to_report(file: Path, settings: Settings, *, apart: bool = True) -> Report:
    """One file read: `apart` in a process of its own, which a hostile PDF may take down, or in this one."""
    if file.is_dir():
        raise PathError(f"{file}: is a folder: give one PDF file")
    (document,) = paths_to_documents([file], settings.largest)
    if not apart:
        return task_to_report(Task(document), settings.passwords)
    (report,) = tasks_to_reports([Task(document)], settings)
    return report


def _known(written: Iterable[dict[str, Any]], notes: Notes, settings: Settings) -> set[str]:
    """The contents that need no reading: read before, by the readers and rules of today, and with settings
    that decide alike."""
    from pipeline.extract.version import reading_version

    version = reading_version()
    rows = [row for row in written if row["reading_version"] == version]
    return {r["sha256"] for r in rows if not notes.is_due(r["sha256"], r["reason"], settings)}


def _given(documents: Iterable[Document]) -> dict[str, str]:
    """The region that the sources file, or a folder, gives for each content, by hash."""
    return {document.snapshot.sha256: document.region for document in documents if document.region}


def _read(
    tasks: Sequence[Task], settings: Settings, progress: Progress
) -> tuple[list[Report], KeyboardInterrupt | WorkerError | None]:
    """The reports as they were done, and what ended the reading before the last: Ctrl-C, or no worker."""
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

    A report that fails across years is confirmed by a second reader first. The tables of prose are made from
    all reports, so not after every batch: where more are to be read, or they are not wanted, they are taken
    away, and the run that reads the last report makes them.
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
    """A Task for each report in (report_id, table) whose file is at hand."""
    tables: dict[str, set[str]] = {}
    for report_id, table in pairs:
        tables.setdefault(report_id, set()).add(table)
    at_hand = {document.snapshot.report_id: document for document in documents}
    return [Task(at_hand[name], frozenset(tables[name])) for name in sorted(tables) if name in at_hand]


def _to_frames(reports: Sequence[Report], documents: Sequence[Document]) -> Frames:
    """The frames of these reports; one that breaks the data contract is failed alone, not the run."""
    from pipeline.extract.version import reading_version
    from pipeline.tables.frames import reports_to_frames
    from pipeline.tables.schemas import ContractError, require_valid

    version = reading_version()
    try:
        frames = reports_to_frames(reports, reading_version=version)
        require_valid(frames.tables())
        return frames
    except ContractError:
        sources = {document.snapshot.sha256: document for document in documents}
        sound = [_within_contract(report, sources[report.sha256], version) for report in reports]
        return reports_to_frames(sound, reading_version=version)


def _within_contract(report: Report, document: Document, version: str) -> Report:
    from pipeline.tables.frames import reports_to_frames
    from pipeline.tables.schemas import ContractError, require_valid

    try:
        require_valid(reports_to_frames([report], reading_version=version).tables())
        return report
    except ContractError as error:
        problems = " ".join(str(error).split())
        words = f"what was read breaks the contract ({problems}): report this"
        return document_to_failure(document, words, Reason.CONTRACT)
