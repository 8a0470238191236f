"""One log for this program and its libraries: JSON lines where nobody watches, plain lines on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

PROGRAM = """
import logging
from pipeline.logs import get_log, start_logs
start_logs()
get_log("night").info("tables written", stage="export", source="示例局")
logging.getLogger("pipeline.export.folder").warning("%s: not whole", "out")
logging.getLogger("scrapy").setLevel(logging.DEBUG)  # as Scrapy does when it starts
logging.getLogger("scrapy.core.engine").info("chatter")
try:
    password = "secret"
    1 / 0
except ZeroDivisionError as error:
    get_log("night").exception("broken off", error=str(error))
"""


def test_lines_are_json_where_nobody_watches() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    first, second, third = map(json.loads, done.stderr.splitlines())
    assert (first["event"], first["stage"], first["source"], first["level"]) == (
        *("tables written", "export", "示例局", "info"),
    )
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["logger"]) == ("out: not whole", "pipeline.export.folder")
    assert third["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert "secret" not in done.stderr


def test_lines_are_plain_on_a_terminal() -> None:
    master, terminal = pty.openpty()
    subprocess.run([sys.executable, "-c", PROGRAM], stderr=terminal, check=True)
    os.close(terminal)
    shown = os.read(master, 1 << 16).decode()
    os.close(master)
    assert "tables written" in shown
    assert not shown.lstrip().startswith("{")
    assert "ZeroDivisionError" in shown and "'secret'" not in shown.replace('password = "secret"', "")
