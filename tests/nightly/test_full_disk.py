"""A disk that is full somewhere in the night: readers see the last good release, the next night ends well."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline
from pipeline.acquire.ledger import Ledger, LedgerError
from pipeline.nightly import release
from tests.nightly.stub import World, pdf

pytestmark = pytest.mark.long


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def full_ledger(*_: object, **__: object) -> None:
    raise LedgerError("ledger.sqlite: database or disk is full: free space, then run again")


def second_write(write: Callable[..., None]) -> Callable[..., None]:
    """A disk that takes one file more."""
    written: list[Path] = []

    def write_one(path: Path, text: str) -> None:
        written.append(path)
        if len(written) > 1:
            full()
        write(path, text)

    return write_one


@pytest.mark.parametrize(
    ("where", "does"),
    [
        ("pipeline.nightly.release._copy", full),
        ("pipeline.nightly.release.write_atomically", full),
        ("pipeline.nightly.release.write_atomically", second_write(release.write_atomically)),
        ("pipeline.tables.writer.sync", full),
        ("pipeline.nightly.release.Path.symlink_to", full),
        ("pipeline.nightly.night_record.write_atomically", full),
        ("pipeline.acquire.ledger.Ledger.record_night", full_ledger),
    ],
)
def test_a_full_disk_costs_nothing_but_time(
    begun: World, monkeypatch: pytest.MonkeyPatch, where: str, does: Callable[..., None]
) -> None:
    addresses = {**begun.sites["one"], "https://one.example/2025.pdf": pdf("one", 2025)}
    tonight = replace(begun, sites={"one": addresses})
    with monkeypatch.context() as patch:
        patch.setattr(where, does)
        with pytest.raises((OSError, LedgerError), match=r"[Nn]o space|disk is full"):
            tonight.night()
    assert len(pipeline.load(begun.out).reports) in (3, 4)
    told = tonight.nights()
    assert [entry.year for digest in told for entry in digest.new] == [2025]
    assert len(pipeline.load(begun.out).reports) == 4
    with Ledger(begun.ledger) as ledger:
        assert sum(night.published for night in ledger.nights()) == 2
        assert ledger.pending("1") == []
    assert not list(begun.data.rglob("*.part"))


def test_a_copy_that_does_not_fit_is_removed(begun: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.nightly.release._copy", full)
    with pytest.raises(OSError, match="No space"):
        begun.night()
    assert [folder.name for folder in (begun.data / "processed.releases").iterdir()] == ["0001"]
