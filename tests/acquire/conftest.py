"""Nothing in these tests sends a packet beyond loopback, nor do the processes that they start."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing import forkserver
from pathlib import Path

import pytest

import tests.acquire.guard.sitecustomize  # noqa: F401  (guards this process too)
from tests.acquire.site import Site

GUARD = Path(__file__).parent / "guard"
PRELOADED = [
    *("pytest", "pipeline.acquire.crawl.spider", "scrapy.crawler", "scrapy.pqueues", "tests.acquire.bureau"),
    "tests.acquire.forked_pages",
]


@pytest.fixture(scope="session")
def guard_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a guarded process writes what it was kept from."""
    return tmp_path_factory.mktemp("guard") / "log"


@pytest.fixture(scope="session")
def guarded_server(guard_log: Path) -> Iterator[None]:
    """A guarded process that has Scrapy loaded, from which crawls are forked: a start takes no second."""
    with pytest.MonkeyPatch.context() as patch:
        _guard(patch, guard_log)
        multiprocessing.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()
    yield


@pytest.fixture(autouse=True)
def guarded(guard_log: Path, guarded_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of what was tried; every process started in the test has the guard too."""
    _guard(monkeypatch, guard_log)
    monkeypatch.setattr("pipeline.acquire.crawl.process.CONTEXT", multiprocessing.get_context("forkserver"))
    yield guard_log
    assert not guard_log.exists(), _take_text(guard_log)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def _guard(patch: pytest.MonkeyPatch, log: Path) -> None:
    paths = [str(GUARD), *filter(None, [os.environ.get("PYTHONPATH")])]
    patch.setenv("PYTHONPATH", os.pathsep.join(paths))
    patch.setenv("NIANBAO_GUARD_LOG", str(log))


def _take_text(log: Path) -> str:
    """What the log says; the next test begins with none."""
    text = log.read_text(encoding="utf-8")
    log.unlink()
    return text
