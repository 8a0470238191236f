"""The folder of one worker: what it is at, what its libraries say, and its temporary files."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

WIDTH = 128
"""Bytes of the state, which are written at once."""

TAIL = 4096
LONGEST = 160
IDLE = -1


class State(NamedTuple):
    """What a worker is at: the `number` of its task, when (time.monotonic) it began, the step it takes."""

    number: int
    since: float
    step: str

    @property
    def engine(self) -> str:
        """The library at work, "" before the first step."""
        return self.step.split(" ")[0]


@dataclass(frozen=True, slots=True)
class Den:
    """The folder named by the process id of its worker, which writes there and whose parent reads."""

    folder: Path

    @property
    def pid(self) -> int:
        return int(self.folder.name)

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def stderr(self) -> Path:
        return self.folder / "stderr"

    @property
    def state_file(self) -> Path:
        return self.folder / "state"

    def state(self) -> State | None:
        """None where the worker is idle or has not begun."""
        try:
            number, since, *step = self.state_file.read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return None
        return State(int(number), float(since), " ".join(step)) if int(number) != IDLE else None

    def size(self) -> int:
        """Bytes of the temporary files and of what was said."""
        files = [Path(folder, name) for folder, _, names in os.walk(self.temporary) for name in names]
        return sum(_size(file) for file in [*files, self.stderr])

    def last_words(self) -> str:
        """The last line on stderr, without what differs from run to run: addresses and our own paths."""
        try:
            with self.stderr.open("rb") as file:
                file.seek(max(0, _size(self.stderr) - TAIL))
                said = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        lines = [" ".join(line.split()) for line in said.replace(str(self.folder), "…").splitlines()]
        last = next((line for line in reversed(lines) if line), "")
        return re.sub(r"0x[0-9a-fA-F]+", "0x…", "".join(filter(str.isprintable, last)))[:LONGEST]

    def hush(self, most: int) -> None:
        """Begin stderr anew where it has more bytes than that."""
        if _size(self.stderr) > most:
            os.truncate(self.stderr, 0)

    def empty(self) -> None:
        """Remove the temporary files."""
        with os.scandir(self.temporary) as entries:
            for entry in entries:
                _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        Path(entry.path).unlink(missing_ok=True)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:  # gone meanwhile
        return 0
