"""How this program was called, so that a message names a command that works where the user stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.printable import path_to_shell, to_printable

SCRIPT = "nianbao"
Word = str | Path
"""A part of a command: a path may be spelled otherwise so that a shell takes it as one."""

_called: tuple[Word, ...] = ()


def to_command(*words: Word) -> str:
    """`nianbao run one.pdf --force`: these words after those that start the program, quoted for a shell."""
    return " ".join(map(_to_shell, (*program(), *words)))


def program() -> tuple[Word, ...]:
    """The words that start this program: as it was called, or, from a program of others, by this Python."""
    return _called or _by_module() or _by_script() or (_as_seen_here(sys.executable), "-m", "pipeline")


def call_as(words: Sequence[Word]) -> None:
    """Take over how a parent process was called: a child's own words start no command."""
    global _called
    _called = tuple(words)


def _by_module() -> tuple[Word, ...]:
    """`.venv/bin/python -m pipeline`, with the options of Python; () where it was not so called."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None or spec.name != "pipeline.__main__":
        return ()
    return tuple(sys.orig_argv[: len(sys.orig_argv) - len(sys.argv) + 1])


def _by_script() -> tuple[Word, ...]:
    """`nianbao` where the shell finds this very one by that name, else its path; () where it is not one."""
    path = Path(sys.argv[0])
    if path.stem != SCRIPT:
        return ()
    found = shutil.which(SCRIPT)
    if found and path.exists() and Path(found).samefile(path):
        return (SCRIPT,)
    return (_as_seen_here(sys.argv[0]),)


def _as_seen_here(path: str) -> Path:
    """Relative to the working folder where it is in a folder of that; a name alone means another program."""
    whole, here = Path(path).absolute(), Path.cwd()
    below = whole.relative_to(here) if whole.is_relative_to(here) else whole
    return below if len(below.parts) > 1 else whole


def _to_shell(word: Word) -> str:
    if os.name == "nt":
        return subprocess.list2cmdline([to_printable(str(word))])
    if isinstance(word, Path) or to_printable(word) != word:
        return path_to_shell(str(word))
    import shlex

    return shlex.quote(word)
