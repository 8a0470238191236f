"""The pictures of docs/architecture.md: as committed, and with every part of the package in them."""

from __future__ import annotations

import re

from pipeline.versions import PACKAGE
from tools.architecture import APART, IMAGES, LAYERS, ground, pictures


def test_the_pictures_are_those_of_today() -> None:
    drawn = {name: (IMAGES / name).read_text(encoding="utf-8") for name in pictures()}
    assert drawn == pictures(), "run: python -m tools.architecture"


def test_the_way_of_a_document_names_files_that_are_there() -> None:
    named = set(re.findall(r"\w+\.py", pictures()["one-document.svg"]))
    assert len(named) > 10
    assert named <= {path.name for path in PACKAGE.rglob("*.py")}


def test_every_part_of_the_package_is_on_the_layers() -> None:
    named = [*(part.name for parts in LAYERS for part in parts), *ground()]
    parts = {path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or list(path.glob("*.py"))}
    assert sorted(named) == sorted(parts - APART)
