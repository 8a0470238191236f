"""Keep the folder of all workers of a run. If a run is killed, the next run removes its folder.

The folder's name is random, and every worker has it in a variable. Only processes with that variable are
ended: neither a process number nor the name of a folder proves that a process is a worker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.files.own_folder import clear_abandoned, make_own_folder
from pipeline.workers.processes import kill_marked
from pipeline.workers.sandbox import FOLDER_VARIABLE
from pipeline.workers.scratch import remove_tree

PREFIX = "nianbao-workers-"


@contextmanager
def workers_root() -> Iterator[Path]:
    """Make a new folder for the body of a `with`, locked as long as this process lives.

    Afterwards the folder and all that the workers left running are removed. Folders of killed runs are
    removed first. Raises OSError.
    """
    clear_abandoned(PREFIX, _clear)
    root, lock = make_own_folder(PREFIX)
    try:
        yield root
    finally:
        _clear(root)
        os.close(lock)


def _clear(root: Path) -> None:
    """End all workers of a folder, and remove it."""
    kill_marked(FOLDER_VARIABLE, f"{root}{os.sep}")
    remove_tree(root)
