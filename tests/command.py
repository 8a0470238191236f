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
PATIENCE = 240
"""Seconds after which a command is ended that takes one or two."""

FORKING = """
import json, os, signal, sys
import duckdb, jieba, pandas, pandera.pandas, pyarrow.parquet, rich.console, structlog
import pipeline.cli, pipeline.derive.chain, pipeline.nightly.night, pipeline.run, pipeline.tables.writer
from pipeline.__main__ import main
from pipeline.derive.prose.words import run_to_terms

list(run_to_terms("年报"))  # jieba reads its dictionary
for line in sys.stdin:
    asked = json.loads(line)
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    signal.alarm(asked["patience"])
    for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
        os.dup2(os.open(name, os.O_RDWR), number)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["pipeline", *asked["words"]]
    sys.exit(main())
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
        [sys.executable, "-c", FORKING], env=_environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert started.stdin and started.stdout
    atexit.register(started.communicate)  # it ends where nothing more can be asked
    return started.stdin, started.stdout


def _environment() -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
