"""Know whether what recognises text in pictures is installed, and where its model is; nothing is loaded."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from pipeline.installation.extras import extra_to_problem

EXTRA = "scan"
"""The extra that brings the model and what runs it."""

MODEL = "PP-OCRv6_rec_small.onnx"

TO_INSTALL = "the extra [scan] is not installed: `make all` installs it, or pip with [scan]"
"""What a report says; a command of this machine has no place in the tables."""


def scan_to_problem() -> str:
    """Return what is missing to recognise text in pictures, and what to do. "" if nothing is."""
    lacks_model = f"the model {MODEL}, which this rapidocr does not bring: install rapidocr 3.10"
    return extra_to_problem(EXTRA) or ("" if model_file() else lacks_model)


def unread_to_words(count: int) -> str:
    """Return that so many documents have pictures that are not read, and what to do. "" for none.

    Also "" if nothing is missing any more: they are still to be read.
    """
    problem = scan_to_problem() if count else ""
    documents = "1 document has" if count == 1 else f"{count:,} documents have"
    words = f"{documents} pages that are pictures (scans), and they are not read: they need {problem}"
    return words if problem else ""


def model_file() -> Path | None:
    """Return where the model is, None if the package that has it is not installed or has it no more."""
    found = find_spec("rapidocr")
    if found is None or not found.submodule_search_locations:
        return None
    file = Path(found.submodule_search_locations[0], "models", MODEL)
    return file if file.is_file() else None
