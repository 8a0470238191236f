"""The files around the benchmark: its own lock, what it says has to be installed, what make and CI run."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "locks" / "bench.lock").read_text(encoding="utf-8")


def test_no_agpl_program_is_installed() -> None:
    assert "pymupdf" not in LOCK.lower()


def test_ci_installs_what_the_page_names() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    page = (ROOT / "benchmarks" / "drawing" / "page.md").read_text(encoding="utf-8")
    needed = re.search(r"^needed=\((.+)\)$", ci, re.MULTILINE)
    install = re.search(r"apt-get install --no-install-recommends (.+?)\n    make", page, re.DOTALL)
    assert needed
    assert install
    named = set(install[1].replace("\\", " ").split())
    assert named - set(needed[1].split()) == {"default-jre-headless"}  # for tabula, which CI does not measure
    assert set(needed[1].split()) - {"systemd"} < named  # for the tests of the units
