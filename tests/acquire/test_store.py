"""A content is in the store whole or not at all, once, and what is wrong there is found."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.acquire.audit import find_damage
from pipeline.acquire.ledger import Fetch, Ledger
from pipeline.acquire.store import Store, StoreError

PDF = b"%PDF-1.4\nsome report\n%%EOF\n"
NAME = sha256(PDF).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "raw")


def files(store: Store) -> list[str]:
    """Every file below the root, hidden ones too."""
    return sorted(str(path.relative_to(store.root)) for path in store.root.rglob("*") if path.is_file())


def kinds(store: Store) -> list[tuple[str, str]]:
    return [(damage.kind, damage.path.name) for damage in store.verify()]


def test_a_content_is_one_file_under_its_hash(store: Store) -> None:
    stored = store.put(PDF)
    assert (stored.sha256, stored.size, stored.is_new) == (NAME, len(PDF), True)
    assert files(store) == [f"{NAME[:2]}/{NAME}.pdf"]
    assert store.path(NAME).read_bytes() == PDF
    assert list(store.hashes()) == [NAME]


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o027, 0o077])
def test_files_and_folders_have_the_modes_that_the_umask_leaves(store: Store, umask: int) -> None:
    before = os.umask(umask)
    try:
        store.put(PDF)
    finally:
        os.umask(before)
    made = store.path(NAME)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (made, made.parent, store.root / ".incoming")]
    assert modes == [0o666 & ~umask, 0o777 & ~umask, 0o777 & ~umask]


def test_the_same_content_again_is_not_new_and_not_written(store: Store) -> None:
    store.put(PDF)
    before = store.path(NAME).stat().st_ino
    assert store.put(PDF).is_new is False
    assert store.path(NAME).stat().st_ino == before
    assert len(files(store)) == 1


def test_pieces_give_what_the_whole_gives(store: Store) -> None:
    with store.sink() as sink:
        for start in range(0, len(PDF), 7):
            sink.write(PDF[start : start + 7])
        assert list(store.hashes()) == []
        stored = sink.keep()
    assert (stored.sha256, stored.size) == (NAME, len(PDF))
    assert files(store) == [f"{NAME[:2]}/{NAME}.pdf"]


def test_a_sink_that_is_left_without_keep_leaves_nothing(store: Store) -> None:
    with pytest.raises(ConnectionError), store.sink() as sink:
        sink.write(PDF)
        raise ConnectionError
    with store.sink() as sink:
        sink.write(PDF)
    assert files(store) == []


def test_a_file_whose_bytes_have_changed_is_put_right_by_the_next_put(store: Store) -> None:
    store.put(PDF)
    store.path(NAME).write_bytes(PDF.swapcase())
    store.put(PDF)
    assert store.path(NAME).read_bytes() == PDF
    assert store.verify() == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", NAME.upper(), NAME[:63], NAME + "0", f"{NAME}\n"])
def test_only_a_hash_has_a_path(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        store.path(name)


# ------------------------------------------------------------------ full disks and closed folders


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_leaves_nothing_visible(store: Store, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(descriptor: int, *_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(f"pipeline.acquire.store.os.{call}", full)
        with pytest.raises(StoreError, match=r"raw/.*No space left on device.*free space"):
            store.put(PDF)
    assert files(store) == []
    assert store.put(PDF).is_new


def _put_beyond_the_limit(root: Path, answer: multiprocessing.queues.Queue[str]) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        Store(root).put(PDF * 10_000)
        answer.put("stored")
    except StoreError as error:
        answer.put(str(error))


def test_a_limit_of_the_system_in_the_middle_of_a_write_leaves_nothing_visible(store: Store) -> None:
    """Here the system itself writes half of the bytes and then no more."""
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
    process = spawn.Process(target=_put_beyond_the_limit, args=(store.root, answer))
    process.start()
    assert "File too large" in answer.get(timeout=300)
    process.join(300)
    assert files(store) == []


def test_a_store_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file")
    with pytest.raises(StoreError, match=r"raw/\.incoming: cannot be written .*check the rights"):
        Store(tmp_path / "raw").put(PDF)


# ------------------------------------------------------------------ what is wrong is found


def test_a_sound_store_and_an_empty_one_have_nothing_wrong(store: Store) -> None:
    assert store.verify() == []
    store.put(PDF)
    (store.root / "某局2025年年报.pdf").write_bytes(b"put here by hand")
    assert store.verify() == []


def test_altered_stray_and_unreadable_files_are_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    other = store.put(b"%PDF- other").sha256
    store.put(PDF)
    store.path(NAME).write_bytes(PDF[:-1])
    stray = store.path(other).with_name("report.pdf")
    stray.write_bytes(b"")
    misplaced = store.path(NAME).with_name(f"{other}.pdf")
    misplaced.write_bytes(b"%PDF- other")
    assert sorted(kinds(store)) == sorted(
        [("altered", f"{NAME}.pdf"), ("stray", "report.pdf"), ("stray", f"{other}.pdf")]
    )
    assert set(store.hashes()) == {NAME, other}

    def broken(path: Path, **_: object) -> str:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("pipeline.acquire.store.file_to_sha256", broken)
    assert ("unreadable", f"{NAME}.pdf") in kinds(store)


def test_sizes_that_the_ledger_knows_spare_the_hashing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(PDF)
    os.truncate(store.path(NAME), 1 << 40)
    (damage,) = store.verify({NAME: len(PDF)})
    assert (damage.kind, damage.todo) == (
        "altered",
        "it has more than the 27 bytes that were stored: remove it, the next night fetches it again",
    )
    (damage,) = store.verify()
    assert (damage.kind, "more bytes than any report" in damage.todo) == ("altered", True)


def test_a_link_in_place_of_a_content_is_put_right_by_the_next_put(store: Store, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pdf"
    outside.write_bytes(PDF)
    store.put(PDF)
    store.path(NAME).unlink()
    store.path(NAME).symlink_to(outside)
    assert not store.holds(NAME)
    assert kinds(store) == [("stray", f"{NAME}.pdf")]
    assert store.put(PDF).is_new
    assert not store.path(NAME).is_symlink()
    assert outside.read_bytes() == PDF


def test_a_sweep_removes_temporary_files_of_its_own_and_nothing_else(store: Store, tmp_path: Path) -> None:
    store.put(PDF)
    incoming = store.root / ".incoming"
    (incoming / "0123.part").write_bytes(b"left by a killed write")
    (incoming / "notes.txt").write_text("somebody's")
    os.mkfifo(incoming / "pipe.part")
    assert sorted(kinds(store)) == [("leftover", "0123.part"), ("stray", "notes.txt"), ("stray", "pipe.part")]
    assert store.sweep() == 1
    assert sorted(path.name for path in incoming.iterdir()) == ["notes.txt", "pipe.part"]


def test_a_sweep_does_not_follow_a_link_to_another_folder(store: Store, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    (others / "thesis.part").write_text("somebody's")
    store.root.mkdir()
    (store.root / ".incoming").symlink_to(others)
    assert store.sweep() == 0
    assert kinds(store) == [("stray", ".incoming")]
    assert (others / "thesis.part").exists()


def test_a_file_where_writes_have_their_place_is_told(store: Store) -> None:
    store.root.mkdir()
    (store.root / ".incoming").touch()
    assert kinds(store) == [("stray", ".incoming")]


def _die_while_writing(root: Path) -> None:
    sink = Store(root).sink()
    sink.write(PDF)
    os._exit(9)


def test_what_a_killed_write_left_is_found_and_swept_and_a_write_under_way_is_not(store: Store) -> None:
    killed = multiprocessing.get_context("spawn").Process(target=_die_while_writing, args=(store.root,))
    killed.start()
    killed.join(30)
    with store.sink() as sink:
        sink.write(PDF)
        assert [kind for kind, _ in kinds(store)] == ["leftover"]
        assert store.sweep() == 1
        assert store.verify() == []
        sink.keep()
    assert files(store) == [f"{NAME[:2]}/{NAME}.pdf"]
    assert store.sweep() == 0


def test_a_sweep_between_making_and_locking_a_temporary_file_costs_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[int] = []

    def sweep_once(name: str) -> None:
        if name == "store: temporary file made" and not swept:
            swept.append(store.sweep())

    monkeypatch.setattr("pipeline.acquire.store.pass_point", sweep_once)
    assert store.put(PDF).is_new
    assert swept == [1]
    assert files(store) == [f"{NAME[:2]}/{NAME}.pdf"]


def test_store_and_ledger_tell_what_the_other_does_not_know(store: Store, tmp_path: Path) -> None:
    both, lost, orphan = (store.put(b"%%PDF- %d" % number) for number in range(3))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for stored in (both, lost):
            url = f"https://one.example/{stored.sha256}"
            ledger.record(Fetch(url, "one", "now", 200, {}, stored.sha256, stored.size, url, "stored"))
        store.path(lost.sha256).unlink()
        found = [(damage.kind, damage.path) for damage in find_damage(store, ledger)]
    assert found == [("missing", store.path(lost.sha256)), ("orphan", store.path(orphan.sha256))]


# ------------------------------------------------------------------ two at once


def _put_many(root: Path, start: multiprocessing.synchronize.Barrier) -> None:
    start.wait(30)
    for number in range(100):
        Store(root).put(b"%%PDF- %d" % number)
        Store(root).sweep()


def test_two_processes_at_once_neither_lose_nor_double_a_file(store: Store) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    writers = [spawn.Process(target=_put_many, args=(store.root, start)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(files(store)) == 100
    assert store.verify() == []
