from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.nightly.stub import World, pdf, read_here


@pytest.fixture(autouse=True)
def quick_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.run.tasks_to_reports", read_here)
    monkeypatch.setattr("pipeline.document.reading_version", lambda: "1")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(tmp_path)
    site = {f"https://one.example/{year}.pdf": pdf("one", year) for year in (2022, 2023, 2024)}
    return World(tmp_path / "data", {"one": site})


@pytest.fixture
def until() -> Callable[..., bool]:
    """Waits until something is so, at most 20 seconds."""

    def wait(is_so: Callable[[], bool]) -> bool:
        end = time.monotonic() + 20
        while not is_so() and time.monotonic() < end:
            time.sleep(0.02)
        return is_so()

    return wait
