"""One root is over every error that this program raises on purpose."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

import cv2
import pytest

import pipeline
from pipeline.errors import lacks_memory

INTERNAL = {"Stopped"}
"""What ends a loop within one module, and reaches no caller."""


def errors() -> set[type[BaseException]]:
    """The public classes of errors that the package defines."""
    found: set[type[BaseException]] = set()
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if module.name.endswith("__main__"):
            continue
        found |= {
            kind
            for _, kind in getmembers(import_module(module.name), isclass)
            if issubclass(kind, BaseException) and kind.__module__.startswith("pipeline.")
        }
    return {kind for kind in found if not kind.__name__.startswith("_")}


def test_every_public_error_has_the_one_root() -> None:
    found = errors()
    assert len(found) > 20
    assert {kind.__name__ for kind in found if not issubclass(kind, pipeline.Error)} == INTERNAL


def test_a_caller_catches_whatever_is_wrong_with_the_one_root(tmp_path: Path) -> None:
    with pytest.raises(pipeline.Error, match=r"leads to nothing|no such|does not exist"):
        pipeline.read_report(tmp_path / "none.pdf", apart=False)


@pytest.mark.parametrize(
    ("error", "is_want"),
    [
        (MemoryError(), True),
        (ImportError("reader.so: failed to map segment from shared object"), True),
        (cv2.error("OpenCV(5.0.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed"), True),
        (RuntimeError("[ONNXRuntimeError] : 1 : Failed to allocate memory for requested buffer"), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("Failed to load page."), False),
        (ImportError("No module named 'rapidocr'"), False),
    ],
    ids=repr,
)  # fmt: skip
def test_want_of_memory_is_known_by_what_libraries_say(error: Exception, is_want: bool) -> None:
    assert lacks_memory(error) is is_want
