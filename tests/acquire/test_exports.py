"""What modules say they offer is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import pipeline

MODULES = sorted(found.name for found in pkgutil.walk_packages(pipeline.__path__, "pipeline."))


@pytest.mark.parametrize("name", ["pipeline", *MODULES])
def test_every_name_in_all_is_there(name: str) -> None:
    module = importlib.import_module(name)
    offered = getattr(module, "__all__", ())
    assert [entry for entry in offered if not hasattr(module, entry)] == []
    assert len(set(offered)) == len(offered)
