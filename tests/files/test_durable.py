"""Files that are whole under their name: through no planted link, with the rights of any other file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.files.durable import leftovers, written_beside
from pipeline.nightly.release import write_atomically


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    """Neither at the name itself nor at the one that was used before it."""
    precious = tmp_path / "precious"
    precious.write_text("keep")
    path = tmp_path / "night.json"
    for name in (path.name, f".{path.name}.part", f".{path.name}.0123.part"):
        (tmp_path / name).symlink_to(precious)
    write_atomically(path, "said")
    assert precious.read_text() == "keep"
    assert path.read_text() == "said" and not path.is_symlink()


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_umask_counts(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "latest.md", "said")
    finally:
        os.umask(before)
    assert (tmp_path / "latest.md").stat().st_mode & 0o777 == mode


def test_what_is_not_written_to_its_end_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "latest.md"
    write_atomically(path, "before")
    with pytest.raises(OSError, match="full"), written_beside(path) as file:
        file.write(b"half")
        raise OSError("full")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_writes_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "latest.md"
    (tmp_path / ".latest.md.0123456789abcdef.part").touch()
    (tmp_path / ".latest.json.0123456789abcdef.part").touch()
    assert [part.name for part in leftovers(path)] == [".latest.md.0123456789abcdef.part"]
    write_atomically(path, "now")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        ".latest.json.0123456789abcdef.part", "latest.md",
    ]  # fmt: skip
