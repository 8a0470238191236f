"""Which contents of a folder are samples, by the list that lies beside them."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.acquire.samples import folder_to_samples, is_sample
from pipeline.errors import PathError

PDF = b"%PDF-1.4 sample"
HASH = sha256(PDF).hexdigest()


def test_the_hash_decides_and_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "samples.sha256").write_text(f"{HASH}  示例.pdf\nnot a line of it\n", encoding="utf-8")
    samples = folder_to_samples(tmp_path)
    assert samples == {HASH}
    (tmp_path / "renamed.pdf").write_bytes(PDF)
    (tmp_path / "示例.pdf").write_bytes(PDF + b" edited")
    os.mkfifo(tmp_path / "pipe.pdf")
    names = ("renamed.pdf", "示例.pdf", "pipe.pdf", "nowhere.pdf")
    assert [is_sample(tmp_path / name, samples) for name in names] == [True, False, False, False]


def test_a_folder_without_a_list_has_no_samples(tmp_path: Path) -> None:
    assert folder_to_samples(tmp_path) == frozenset()
    assert folder_to_samples(tmp_path / "nowhere") == frozenset()


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "samples.sha256")
    with pytest.raises(PathError, match=r"samples.sha256: cannot be read \(a named pipe, no regular file\)"):
        folder_to_samples(tmp_path)
