"""The collector of garbage stands still while a document is read, and no longer."""

from __future__ import annotations

import gc
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.extract.document import read_document
from pipeline.extract.garbage import no_collection
from pipeline.extract.opened_pdf import EngineOptions
from pipeline.records import Snapshot
from tests.run.small_pdfs import text_pdf


def test_an_error_sets_the_collector_going_again() -> None:
    with pytest.raises(ValueError, match="odd"), no_collection():
        assert not gc.isenabled()
        raise ValueError("odd")
    assert gc.isenabled()


def test_who_does_without_the_collector_gets_none() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_document_is_read_without_the_collector(tmp_path: Path) -> None:
    pdf = tmp_path / "cover.pdf"
    pdf.write_bytes(text_pdf([["cover"]]))
    seen: list[bool] = []
    options = EngineOptions(notice=lambda step: seen.append(gc.isenabled()))
    report = read_document(Snapshot(pdf, sha256(pdf.read_bytes()).hexdigest()), engines=options)
    assert report.status == "not_a_report"
    assert seen == [False]
    assert gc.isenabled()
