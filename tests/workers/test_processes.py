"""Processes are looked at without an error, whatever the system says of them."""

from __future__ import annotations

import os
from collections.abc import Callable

import psutil
import pytest

from pipeline.workers import processes


@pytest.mark.parametrize("look", [processes.resident, processes.used, processes.waited])
def test_a_process_of_our_own_has_numbers(look: Callable[[int], float]) -> None:
    assert look(os.getpid()) >= 0
    assert processes.resident(os.getpid()) > 1 << 20


@pytest.mark.parametrize(
    "error",
    [
        psutil.NoSuchProcess(1), psutil.ZombieProcess(1), psutil.AccessDenied(1),
        OSError(24, "Too many open files"), ProcessLookupError(), IndexError("an empty stat"),
        ValueError("an empty statm"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_counts_as_gone(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object, *__: object) -> None:
        raise error

    for name in ("memory_info", "cpu_times", "environ", "status"):
        monkeypatch.setattr(psutil.Process, name, refuse)
    pid = os.getpid()
    assert (processes.resident(pid), processes.used(pid), processes._variable(pid, "PATH")) == (0, 0.0, "")
    assert not processes._is_of_session(pid, os.getsid(pid))
