"""Commands in processes of their own that start at once: they are forked from one that has all loaded."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
SAMPLE = next((ROOT / "data" / "raw").glob("*.pdf"))
PATIENCE = 240
"""Seconds after which a command is ended that takes one or two."""

FORKING = """
import atexit, gc, json, os, signal, sys, tempfile
import duckdb
import pipeline.nightly.night
from pipeline.__main__ import main

def answer(words):
    "Run a command, and end this process without taking apart what is loaded: most commands cost less."
    sys.argv = ["pipeline", *words]
    try:
        status = main()
    except SystemExit as end:
        status = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status or 0)

def be(asked):
    "Become the process of a command."
    signal.alarm(asked["patience"])
    for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
        os.dup2(os.open(name, os.O_RDWR), number)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    answer(asked["words"])

answers = os.dup(1)
for number in (1, 2):
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)
with tempfile.TemporaryDirectory() as folder:  # one run loads and builds what others then share
    sys.argv[2:] = ["--out", folder + "/tables"]
    sys.argv[0:1] = ["pipeline", "run"]
    main()
gc.freeze()
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork() or be(asked)
    os.write(answers, b"%d\\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os._exit(0)
"""


def ask(folder: Path, *words: str | Path) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a command in `folder`; -14 where it does not end."""
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        asked = {
            "words": [str(word) for word in words],
            "folder": str(folder),
            "environment": _environment(),
            "out": out.name,
            "err": err.name,
            "patience": PATIENCE,
        }
        questions, answers = _forking()
        questions.write(json.dumps(asked) + "\n")
        questions.flush()
        status = int(answers.readline())
        said, complained = (os.fsdecode(Path(file.name).read_bytes()) for file in (out, err))
        return status, said, complained


@cache
def _forking() -> tuple[IO[str], IO[str]]:
    """Where this process asks for a fork, and where it learns how that ended."""
    started = subprocess.Popen(
        [sys.executable, "-c", FORKING, SAMPLE], env=_environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert started.stdin and started.stdout
    atexit.register(started.communicate)  # it ends where nothing more can be asked
    return started.stdin, started.stdout


def _environment() -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
