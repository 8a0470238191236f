"""Nothing in these tests sends a packet beyond loopback, nor do the processes that they start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.acquire.guard.sitecustomize  # noqa: F401  (guards this process too)
from tests.acquire.site import Site

GUARD = Path(__file__).parent / "guard"


@pytest.fixture(autouse=True)
def guarded(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of what was tried; every process started in the test has the guard too."""
    log = tmp_path_factory.mktemp("guard") / "log"
    paths = [str(GUARD), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("NIANBAO_GUARD_LOG", str(log))
    yield log
    assert not log.exists(), log.read_text(encoding="utf-8")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site
