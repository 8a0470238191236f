"""One log for this program and its libraries: JSON lines where nobody watches, plain lines on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from tests.cli.hostile_texts import is_steering, printed_to_text

PROGRAM = """
import logging
from pipeline.logs import get_log, start_logs
start_logs()
get_log("night").info("tables written", stage="export", source="示例局")
logging.getLogger("pipeline.tables.folder").warning("%s: not whole", "out")
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
    assert (second["event"], second["logger"]) == ("out: not whole", "pipeline.tables.folder")
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


HOSTILE = """
import logging
from pipeline.logs import get_log, start_logs
start_logs()
every = "".join(map(chr, range(0x110000)))
some = "".join(map(chr, [*range(0xA0), 0x202E, 0xDCFF, 0xE0041]))
get_log("night").info("read" + some, document=every, notes=[some], count=3)
logging.getLogger("scrapy").warning("%s is odd", some)
try:
    raise ValueError("forged\\n2026-11-29T00:00:00Z [info] all is well" + some)
except ValueError:
    get_log("night").exception("broken off")
import warnings
warnings.warn("odd \\x1b[31m")
"""
SOME = "".join(map(chr, [*range(0xA0), 0x202E, 0xDCFF, 0xE0041]))


@pytest.mark.long
def test_a_json_line_says_everything_and_steers_nothing() -> None:
    """Each place of a line has what steers; one has every character there is."""
    done = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, check=True)
    lines = printed_to_text(done.stderr).splitlines()
    read, odd, broken, warned = map(json.loads, lines)
    every = "".join(map(chr, range(0x110000)))
    paired = every.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert read["document"] in (every, paired)
    assert [read["event"], odd["event"]] == [f"read{SOME}", f"{SOME} is odd"]
    assert read["notes"] == [SOME]
    assert broken["exception"][0]["exc_value"].startswith("forged\n")
    assert broken["exception"][0]["exc_value"].endswith(f"all is well{SOME}")
    assert "odd \x1b[31m" in warned["event"]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal as POSIX has it")
def test_a_terminal_is_sent_nothing_of_others() -> None:
    small = HOSTILE.replace("document=every", "document=some")
    master, terminal = pty.openpty()
    subprocess.run([sys.executable, "-c", small], stderr=terminal, check=True)
    os.close(terminal)
    shown = os.read(master, 1 << 16).decode()
    os.close(master)
    without_colours = re.sub(r"\x1b\[[0-9;]*m", "", shown.replace("\r\n", "\n"))
    assert [char for char in without_colours if is_steering(char)] == []
    assert r"\x1b\x1c" in shown and r"\x9b" in shown and r"\u202e\udcff\U000e0041" in shown
    assert "\n  2026-11-29T00:00:00Z [info] all is well" in without_colours  # below its own line
