"""Take one document through the stages, by its kind: a PDF, or what has no pages."""

from __future__ import annotations

import time
from dataclasses import replace

from pipeline.extract.flow_document import flow_to_report
from pipeline.extract.frugal import frugal_libraries
from pipeline.extract.garbage import no_collection
from pipeline.extract.opened_pdf import ALL_ENGINES, EngineOptions
from pipeline.extract.pdf_document import pdf_to_report
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.extract.report import failure
from pipeline.files.regular_file import has_sha256
from pipeline.records import PDF_MEDIA_TYPE, Reason, Report, Snapshot

CHANGED = "its bytes changed while it was read: run again once it is written whole"


@no_collection()
@frugal_libraries()
def read_document(
    snapshot: Snapshot,
    passwords: tuple[str, ...] = (),
    confirm: frozenset[str] = frozenset(),
    engines: EngineOptions = ALL_ENGINES,
) -> Report:
    """Return everything that one file gives.

    A file that cannot be read gives a Report with status failed, and no error. So does a file whose bytes are
    no longer those of the snapshot when all is read. `passwords` are tried where the file is encrypted.
    `confirm` names tables that an independent reader reads in any case. `engines` leaves engines out.
    """
    started = time.process_time()
    try:
        if snapshot.media_type == PDF_MEDIA_TYPE:
            report = pdf_to_report(snapshot.path, passwords, confirm, engines)
        else:
            report = flow_to_report(
                snapshot.path, snapshot.media_type, confirm, engines.notice, engines.without
            )
        if not has_sha256(snapshot.path, snapshot.sha256):  # each reader opens it by its path
            report = failure(Reason.BAD_FILE, CHANGED)
    except UnreadableError as unread:
        report = failure(unread.reason, str(unread))
    report = replace(report, seconds=time.process_time() - started, media_type=snapshot.media_type)
    return report.of_file(snapshot.sha256, snapshot.path.name, snapshot.source_url)
