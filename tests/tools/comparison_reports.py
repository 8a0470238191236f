"""The collection to compare, drawn once for all tests of a run: it takes seven seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock
from pytest import TempPathFactory

ROOT = Path(__file__).parents[2]
COMMAND = ("tools.generator", "comparison")


def comparison_reports(folders: TempPathFactory) -> Path:
    """The folder that `python -m tools.generator comparison` writes, whichever process of the tests asks."""
    base = folders.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = common / "comparison-reports"
    with FileLock(common / "comparison-reports.lock"):
        if not folder.is_dir():
            begun = folder.with_name("comparison-reports-begun")
            subprocess.run([sys.executable, "-m", *COMMAND, begun], cwd=ROOT, check=True, capture_output=True)
            begun.rename(folder)
    return folder
