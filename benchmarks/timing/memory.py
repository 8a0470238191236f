"""How much memory a process and its children take at most, from /proc (Linux; elsewhere nothing is known).

`ru_maxrss` would not do: a child begins with the peak of the process that it was forked from. psutil tells
what a process holds now, and no peak.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path
from types import TracebackType

from pipeline.workers.processes import descendants

_PROC = Path("/proc")
_INTERVAL = 0.05
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class Watch:
    """While entered, looks at process `pid` and all below it; afterwards their peaks are known, in MB."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peaks: dict[int, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def own_mb(self) -> float | None:
        """Of the process itself."""
        return _to_mb(self._peaks.get(self._pid))

    @property
    def largest_child_mb(self) -> float | None:
        """Of the largest of the processes below it, None where there is none."""
        return _to_mb(max((peak for pid, peak in self._peaks.items() if pid != self._pid), default=None))

    def _look_on(self) -> None:
        while not self._over.is_set():
            self._look()
            self._over.wait(_INTERVAL)

    def _look(self) -> None:
        for pid in (self._pid, *descendants(self._pid)):
            if peak := _peak_kb(pid):
                self._peaks[pid] = max(peak, self._peaks.get(pid, 0))


def _to_mb(kilobytes: int | None) -> float | None:
    return None if kilobytes is None else kilobytes / 1024


def _peak_kb(pid: int) -> int:
    try:
        found = _PEAK.search((_PROC / str(pid) / "status").read_text())
    except OSError:  # it has ended meanwhile
        return 0
    return int(found[1]) if found else 0
