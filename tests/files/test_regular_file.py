"""A file is opened at once or not at all, and gives no more bytes than were asked for."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.files.regular_file import (
    CHUNK,
    IrregularFileError,
    TooLargeError,
    file_to_chunks,
    has_sha256,
    is_regular,
    link_to_target,
    open_regular,
    path_to_kind,
    read_regular,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"some bytes")
    return path


def test_a_regular_file_is_read(file: Path) -> None:
    assert read_regular(file) == b"some bytes"
    assert read_regular(file, largest=10) == b"some bytes"
    assert is_regular(file)


def test_a_file_that_changes_no_longer_has_its_hash(file: Path) -> None:
    hashed = sha256(b"some bytes").hexdigest()
    assert has_sha256(file, hashed)
    assert not has_sha256(file, hashed, largest=9)
    file.write_bytes(b"SOME BYTES")
    assert not has_sha256(file, hashed)
    file.unlink()
    assert not has_sha256(file, hashed)
    os.mkfifo(file)
    assert not has_sha256(file, hashed)


def test_a_file_over_its_limit_is_refused_by_its_size(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_read(*_: object) -> bytes:
        raise AssertionError("it was read")

    os.truncate(file, 1 << 40)
    monkeypatch.setattr("pipeline.files.regular_file.os.read", no_read)
    with pytest.raises(TooLargeError, match="over 512 MB"):
        read_regular(file, largest=512 << 20)


def test_a_file_that_grows_while_it_is_read_ends_at_its_limit(file: Path) -> None:
    with open_regular(file, largest=2 * CHUNK) as opened, pytest.raises(TooLargeError, match="over 2 MB"):
        for _ in file_to_chunks(opened, 2 * CHUNK):
            with file.open("ab") as more:
                more.write(bytes(CHUNK))


def test_a_file_that_shrinks_while_it_is_read_ends_where_it_ends(file: Path) -> None:
    file.write_bytes(bytes(3 * CHUNK))
    read = 0
    with open_regular(file) as opened:
        for chunk in file_to_chunks(opened):
            read += len(chunk)
            os.truncate(file, 10)
    assert read == CHUNK


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (os.mkfifo, "a named pipe"),
        (os.mkdir, "a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
    ],
)
def test_what_is_no_regular_file_is_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], kind: str
) -> None:
    def no_open(*_: object) -> int:
        raise AssertionError("it was opened")

    path = tmp_path / "x"
    make(path)
    monkeypatch.setattr("pipeline.files.regular_file.os.open", no_open)
    with pytest.raises(IrregularFileError, match=f"{kind}, no regular file"):
        open_regular(path)
    assert path_to_kind(path) == kind
    assert not is_regular(path)


def test_a_pipe_that_takes_the_place_of_a_file_at_the_last_moment(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open = os.open

    def swap(path: Path, flags: int) -> int:
        file.unlink()
        os.mkfifo(file)
        assert flags & os.O_NONBLOCK
        return really_open(path, flags)

    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    monkeypatch.setattr("pipeline.files.regular_file.os.open", swap)
    with pytest.raises(IrregularFileError, match="a named pipe"):
        open_regular(file)
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


def test_a_file_that_has_its_reader_wait_is_an_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(*_: object) -> bytes:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr("pipeline.files.regular_file.os.read", wait)
    with pytest.raises(BlockingIOError):
        read_regular(file)


def test_links_are_followed_where_that_was_asked_for(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    assert read_regular(link) == b"some bytes"
    assert not is_regular(link)
    with pytest.raises(IrregularFileError, match="a link, no regular file"):
        open_regular(link, follow=False)


def test_a_link_leads_to_what_lies_in_its_folder(tmp_path: Path, file: Path) -> None:
    inner, outer, loop = (tmp_path / name for name in ("inner", "outer", "loop"))
    (tmp_path / "folder").mkdir()
    inner.symlink_to("folder/../file")
    outer.symlink_to(file)
    loop.symlink_to("loop")
    assert link_to_target(file, tmp_path) == file
    assert link_to_target(inner, tmp_path) == Path(os.path.realpath(file))
    with pytest.raises(IrregularFileError, match="out of its folder"):
        link_to_target(outer, tmp_path / "folder")
    with pytest.raises(IrregularFileError, match="in circles"):
        link_to_target(loop, tmp_path)
