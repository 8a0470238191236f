"""Have LibreOffice turn a document into a .docx, in a process of its own that inherits the worker's sandbox.

A program that is started as soffice opens a socket to others of its kind, which a worker's sandbox refuses.
LibreOfficeKit, the same program as a library, opens none. office_child.py is the program that loads it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pipeline.child_processes import kept_variables
from pipeline.extract.read.backends import office_child

CONVERSION_MAX_SECONDS = 45.0
"""Seconds that a conversion may take, which takes 4 s, most of them waiting."""


def convert_to_docx(file: Path, folder: Path, library: Path) -> Path | None:
    """Return the .docx that LibreOffice makes of a file, in a folder; None where it makes none."""
    target = folder / "converted.docx"
    with tempfile.TemporaryDirectory(prefix="office") as profile:
        command = [
            sys.executable,
            "-IS",
            office_child.__file__,
            str(library),
            profile,
            str(file),
            str(target),
        ]
        variables = kept_variables(os.environ) | {"HOME": profile, "TMPDIR": profile}
        try:
            subprocess.run(
                command,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=CONVERSION_MAX_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return target if target.exists() else None
