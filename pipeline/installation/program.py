"""Know how this program was called, so that a command in a message works in the user's folder and shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.printable import path_to_shell, to_printable

SCRIPT = "nianbao"
"""The name of the command that is installed with the package."""

Word = str | Path
"""One word of a command. A Path may be written differently, so that a shell takes it as one word."""

_called: tuple[Word, ...] = ()


def to_command(*words: Word) -> str:
    """Return a command of this program, quoted for a shell, such as `nianbao run one.pdf --force`."""
    return " ".join(map(word_to_shell, (*program(), *words)))


def program() -> tuple[Word, ...]:
    """Return the words that start this program.

    They are those with which it was called. If another program imported this package, they call it with the
    same Python.
    """
    return _called or _by_module() or _by_script() or (_as_seen_here(sys.executable), "-m", "pipeline")


def call_as(words: Sequence[Word]) -> None:
    """Take over the words with which a parent process was called.

    The words with which a child process was called are no command that a user could type.
    """
    global _called
    _called = tuple(words)


def _by_module() -> tuple[Word, ...]:
    """Return words such as `.venv/bin/python -m pipeline`, with the options of Python.

    () if the program was not called in this way.
    """
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None or spec.name != "pipeline.__main__":
        return ()
    return tuple(sys.orig_argv[: len(sys.orig_argv) - len(sys.argv) + 1])


def _by_script() -> tuple[Word, ...]:
    """Return `nianbao` if the shell finds this program by that name, otherwise its path.

    () if the program was not called by its script.
    """
    path = Path(sys.argv[0])
    if path.stem != SCRIPT:
        return ()
    found = shutil.which(SCRIPT)
    if found and path.exists() and Path(found).samefile(path):
        return (SCRIPT,)
    return (_as_seen_here(sys.argv[0]),)


def _as_seen_here(path: str) -> Path:
    """Return the path, relative to the working folder if it is in one of its subfolders.

    A name without a folder is never returned: a shell would look for another program.
    """
    whole, here = Path(path).absolute(), Path.cwd()
    below = whole.relative_to(here) if whole.is_relative_to(here) else whole
    return below if len(below.parts) > 1 else whole


def word_to_shell(word: Word) -> str:
    """Return one word, quoted for the shell of this system."""
    if os.name == "nt":
        return subprocess.list2cmdline([to_printable(str(word))])
    if isinstance(word, Path) or to_printable(word) != word:
        return path_to_shell(str(word))
    import shlex

    return shlex.quote(word)
