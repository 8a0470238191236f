"""Where the model of lines is, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.extract import version
from pipeline.extract.read.picture.line_model import lines_to_outputs, problem
from pipeline.installation import extras, scan_model
from pipeline.installation.scan_model import model_file, scan_to_problem, unread_to_words
from pipeline.records import Report

SCAN = replace(Report.empty(), steps=("ocr ruled",))


@pytest.fixture(autouse=True)
def fresh_version() -> Iterator[None]:
    version._picture_version.cache_clear()
    yield
    version._picture_version.cache_clear()


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is not installed."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None)


def test_where_it_is_installed_nothing_is_said() -> None:
    assert (scan_to_problem(), problem(), unread_to_words(3)) == ("", "", "")
    assert model_file() is not None


@pytest.mark.usefixtures("lacking")
def test_a_line_says_how_many_documents_wait_and_what_to_run() -> None:
    one, more = unread_to_words(1), unread_to_words(1200)
    assert one.startswith("1 document has pages that are pictures (scans), and they are not read: they need ")
    assert more.startswith("1,200 documents have pages that are pictures (scans)")
    assert "the extra [scan], which is not installed (no onnxruntime and 1 more): run `" in more
    assert unread_to_words(0) == ""


@pytest.mark.usefixtures("lacking")
def test_a_report_says_it_without_a_path_of_this_machine() -> None:
    assert problem() == "the extra [scan] is not installed: `make all` installs it, or pip with [scan]"


@pytest.mark.usefixtures("lacking")
def test_the_version_says_that_pictures_were_not_read() -> None:
    told = version.report_to_version(SCAN)
    assert told == f"{version.reading_version()}-no-scan"
    assert version.lacks_scan(told)
    assert not version.lacks_scan(version.reading_version())


def lay_model(folder: Path, patch: pytest.MonkeyPatch, content: bytes) -> None:
    """A package rapidocr that has this for its model."""
    folder.joinpath("models").mkdir(parents=True, exist_ok=True)
    folder.joinpath("models", scan_model.MODEL).write_bytes(content)
    found = SimpleNamespace(submodule_search_locations=[str(folder)])
    patch.setattr(scan_model, "find_spec", lambda name: found)
    version._picture_version.cache_clear()


def test_another_model_is_another_version_of_pictures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, told = version.reading_version(), set()
    for content in (b"one", b"two", b"one"):
        lay_model(tmp_path, monkeypatch, content)
        told.add(version.report_to_version(SCAN))
    monkeypatch.setattr("pipeline.extract.version.metadata.version", lambda package: "another")
    version._picture_version.cache_clear()
    told.add(version.report_to_version(SCAN))
    assert len(told) == 3
    assert all(each.startswith(f"{plain}-") and not version.lacks_scan(each) for each in told)


def test_a_package_without_the_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_model(tmp_path, monkeypatch, b"one")
    tmp_path.joinpath("models", scan_model.MODEL).unlink()
    assert model_file() is None
    assert scan_to_problem() == (
        "the model PP-OCRv6_rec_small.onnx, which this rapidocr does not bring: install rapidocr 3.10"
    )
    assert version.lacks_scan(version.report_to_version(SCAN))


def test_the_libraries_of_pictures_are_none_of_the_plain_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the extra's own, nor those that they alone need."""
    seen: list[tuple[str, ...]] = []
    monkeypatch.setattr(version, "files_to_version", lambda files, besides: seen.append(besides) or "x")
    version.reading_version.__wrapped__()
    assert seen == [extras.EXTRAS["scan"]]


def test_without_the_model_nothing_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from pipeline.extract.read.picture import line_model

    monkeypatch.setattr(line_model, "model_file", lambda: None)
    line_model._session.cache_clear()
    try:
        with pytest.raises(ModuleNotFoundError, match="PP-OCRv6_rec_small"):
            lines_to_outputs(np.zeros((1, 3, 48, 32), np.float32))
    finally:
        line_model._session.cache_clear()
