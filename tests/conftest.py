"""For all tests: how fast a machine is decides nothing, and what one leaves behind is no other's to find."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def own_temporary_folder() -> Iterator[None]:
    """Tests that look for leftovers run beside others; short, for sockets are made in it."""
    with tempfile.TemporaryDirectory(prefix="nb-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", None)
        yield
