"""Load and run the model that recognises lines of text.

It is in the wheel of rapidocr, and onnxruntime runs it; both are of the extra [scan]. The package rapidocr is
not imported: it would load all that it needs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.installation.scan_model import MODEL, TO_INSTALL, model_file, scan_to_problem

_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""The variable without which onnxruntime (from 1.29) tells its makers of each process, from its import on."""

_NO_MEMORY = re.compile("bad_alloc|allocate memory")


def lines_to_outputs(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the probabilities that the model gives: lines × steps from left to right × classes.

    `batch` is lines × 3 colours × rows × columns. It takes memory by lines × columns. Raises MemoryError, and
    ModuleNotFoundError where the extra is not installed.
    """
    session = _session()
    with _memory_errors():
        outputs: npt.NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: batch})[0]
    return outputs


@cache
def characters() -> tuple[str, ...]:
    """Return the characters of the model's classes, in their order; the first is none."""
    told = _session().get_modelmeta().custom_metadata_map["character"]
    return ("", *told.splitlines(), " ")


def problem() -> str:
    """Return what is missing to recognise lines, in words for a report; "" if nothing is."""
    return TO_INSTALL if scan_to_problem() else ""


@cache
def _session() -> Any:
    """Return the loaded model, which works in one thread and tells nobody of it."""
    file = model_file()
    if file is None:
        raise ModuleNotFoundError(f"no model {MODEL}", name="rapidocr")
    os.environ[_NO_TELEMETRY] = "1"
    with _memory_errors():
        onnxruntime = _import_quietly()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # plans for each width take 32 MB, and save no time
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def _import_quietly() -> Any:
    """Return the module onnxruntime.

    Its import looks for other processors than this one, and writes to stderr where it may not: in the sandbox
    that would be the last words of a worker.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import onnxruntime
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    return onnxruntime


@contextmanager
def _memory_errors() -> Iterator[None]:
    """Raise MemoryError where onnxruntime has no memory: its own error is one of all kinds."""
    try:
        yield
    except Exception as error:
        if _NO_MEMORY.search(str(error)):
            raise MemoryError from error
        raise
