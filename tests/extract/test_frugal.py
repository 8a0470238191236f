"""Libraries are kept from costly work while a document is read, and OpenCV no longer."""

from __future__ import annotations

import resource
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import cv2
import pytest

from pipeline.extract.document import read_document
from pipeline.extract.frugal import frugal_libraries
from pipeline.extract.opened_pdf import EngineOptions
from pipeline.records import Snapshot
from tests.run.small_pdfs import text_pdf

_FAULTS = """
import resource
import numpy as np
from pipeline.extract.frugal import frugal_libraries

def pictures():
    return [np.ones(4 << 20, np.uint8) for _ in range(4)]

with frugal_libraries():
    pictures()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        pictures()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_an_error_gives_the_threads_back() -> None:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(2)
    try:
        with pytest.raises(ValueError, match="odd"), frugal_libraries():
            assert cv2.getNumThreads() == 1
            raise ValueError("odd")
        assert cv2.getNumThreads() == 2
    finally:
        cv2.setNumThreads(threads)


def test_a_document_is_read_with_one_thread(tmp_path: Path) -> None:
    pdf = tmp_path / "cover.pdf"
    pdf.write_bytes(text_pdf([["cover"]]))
    seen: list[int] = []
    options = EngineOptions(notice=lambda step: seen.append(cv2.getNumThreads()))
    read_document(Snapshot(pdf, sha256(pdf.read_bytes()).hexdigest()), engines=options)
    assert seen == [1]


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has the setting")
def test_memory_of_a_picture_is_used_again() -> None:
    faults = subprocess.run([sys.executable, "-c", _FAULTS], capture_output=True, text=True, check=True)
    pages_of_a_picture = (4 << 20) // resource.getpagesize()
    assert int(faults.stdout) < pages_of_a_picture
