"""Counted words go into a file and come back; what is not theirs is counted anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.derive.prose.count_cache import load_counts, save_counts
from pipeline.tables.staging import WORDS, finish_killed_run, is_unfinished, remove_old_temporaries, temporary

BAGS = {
    "a": (np.array([0, 2], np.int32), np.array([5, 1], np.int32)),
    "nothing": (np.array([], np.int32), np.array([], np.int32)),
    "b": (np.array([1], np.int32), np.array([7], np.int32)),
}


def test_they_come_back(tmp_path: Path) -> None:
    save_counts(["公开", "政务", "解读"], BAGS, tmp_path / "out", "1")
    words, bags = load_counts(tmp_path / "out", "1")
    assert words == ["公开", "政务", "解读"]
    assert [(key, *map(list, bag)) for key, bag in bags.items()] == [
        ("a", [0, 2], [5, 1]), ("nothing", [], []), ("b", [1], [7]),
    ]  # fmt: skip


def test_no_words_come_back_as_none(tmp_path: Path) -> None:
    save_counts([], {}, tmp_path, "1")
    assert (tmp_path / WORDS).exists()
    assert load_counts(tmp_path, "1") == ([], {})


def test_those_of_another_version_are_not_taken(tmp_path: Path) -> None:
    save_counts(["公开", "政务", "解读"], BAGS, tmp_path, "1")
    assert load_counts(tmp_path, "2") == ([], {})


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"ARROW1\0\0" + bytes(100) + b"ARROW1"])
def test_a_damaged_file_is_as_good_as_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / WORDS).write_bytes(content)
    assert load_counts(tmp_path, "1") == ([], {})
    assert load_counts(tmp_path / "nowhere", "1") == ([], {})


def test_one_that_was_cut_off_is_as_good_as_none(tmp_path: Path) -> None:
    save_counts(["公开", "政务", "解读"], BAGS, tmp_path, "1")
    whole = (tmp_path / WORDS).read_bytes()
    for size in range(0, len(whole), 50):
        (tmp_path / WORDS).write_bytes(whole[:size])
        assert load_counts(tmp_path, "1") == ([], {})


def test_what_a_killed_run_leaves_is_swept(tmp_path: Path) -> None:
    temporary(tmp_path / WORDS).touch()  # of an earlier version
    assert is_unfinished(tmp_path)
    remove_old_temporaries(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / f".{WORDS}.0123456789abcdef.part").touch()
    finish_killed_run(tmp_path)
    assert list(tmp_path.iterdir()) == []
