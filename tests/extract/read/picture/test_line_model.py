"""The model that recognises lines: it tells nobody, has one thread, and bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.workers.sandbox import LIBRARY_LIMITS

ROOT = Path(__file__).parents[4]
WORK = """
import json, os, sys
import numpy as np
before = set(sys.modules)
from pipeline.extract.read.picture import line_model
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
outputs = line_model.lines_to_outputs(np.zeros((32, 3, 48, 64), np.float32))
line_model.lines_to_outputs(np.zeros((1, 3, 48, 2048), np.float32))
status = dict(line.split(":", 1) for line in open("/proc/self/status")) if sys.platform == "linux" else {}
print(json.dumps({
    "loaded": sorted(loaded), "used": "rapidocr" in sys.modules,
    "shape": outputs.shape, "characters": len(line_model.characters()),
    "threads": int(status.get("Threads", 1)), "peak": int(status.get("VmPeak", "0 kB").split()[0]),
}))
"""


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of a process that ran the model, and the files that its user then has."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    done = subprocess.run(
        [sys.executable, "-c", WORK], cwd=ROOT, env={**kept, **LIBRARY_LIMITS, "HOME": str(home)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {**json.loads(done.stdout), "files": [str(path) for path in home.rglob("*")]}


def test_onnxruntime_tells_its_makers_nothing(worked: dict[str, Any]) -> None:
    """Otherwise its import starts a thread, gives the machine a number, and sends what it notes."""
    assert worked["files"] == []
    assert worked["threads"] == 1


def test_only_what_runs_the_model_is_loaded_and_only_then(worked: dict[str, Any]) -> None:
    assert "onnxruntime" not in worked["loaded"]
    assert not worked["used"]


def test_the_model_gives_a_class_for_each_step(worked: dict[str, Any]) -> None:
    lines, _, classes = worked["shape"]
    assert (lines, classes) == (32, worked["characters"])


SHORT = """
import resource
import numpy as np
from pipeline.extract.read.picture import line_model
if {loaded}:
    line_model.lines_to_outputs(np.zeros((1, 3, 48, 64), np.float32))
else:
    import onnxruntime
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + (20 << 20),) * 2)
try:
    line_model.lines_to_outputs(np.zeros((1, 3, 48, 8000), np.float32))
except MemoryError:
    print("short")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is set on Linux only")
@pytest.mark.parametrize("loaded", [True, False])
def test_want_of_memory_is_told_as_such(loaded: bool) -> None:
    """So a worker is ended for it, and the document is not taken for one that shows nothing."""
    done = subprocess.run(
        [sys.executable, "-c", SHORT.format(loaded=loaded)], cwd=ROOT,
        env={**os.environ, **LIBRARY_LIMITS, "ORT_DISABLE_TELEMETRY": "1"}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == "short\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is set on Linux only")
def test_the_model_takes_little_of_a_workers_memory(worked: dict[str, Any]) -> None:
    """Of 2,048 columns at once, in many lines or in one; KB of addresses, which are what is limited."""
    assert worked["peak"] < 600 * 1024
