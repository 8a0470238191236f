from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.light_tables import write_light_tables
from tests.nightly.stub import World, pdf, read_here

SITE = {f"https://one.example/{year}.pdf": pdf("one", year) for year in (2022, 2023, 2024)}


def read_quickly(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("pipeline.run.tasks_to_reports", read_here)
    patch.setattr("pipeline.extract.version.reading_version", lambda: "1")


@pytest.fixture(autouse=True)
def quick_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    read_quickly(monkeypatch)


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first night over the sites of `world` leaves behind."""
    data = tmp_path_factory.mktemp("first") / "data"
    with pytest.MonkeyPatch.context() as patch:
        read_quickly(patch)
        write_light_tables(patch)
        World(data, {"one": SITE}).night()
    return data


@pytest.fixture
def begun(world: World, first_night: Path) -> World:
    """The world after its first night."""
    shutil.copytree(first_night, world.data, symlinks=True)
    return world


@pytest.fixture
def world(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(quick_path)
    write_light_tables(monkeypatch)  # test_whole.py has whole ones
    return World(quick_path / "data", {"one": SITE})


@pytest.fixture
def until() -> Callable[..., bool]:
    """Waits until something is so, at most five minutes."""

    def wait(is_so: Callable[[], bool]) -> bool:
        end = time.monotonic() + 300
        while not is_so() and time.monotonic() < end:
            time.sleep(0.02)
        return is_so()

    return wait
