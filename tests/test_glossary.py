"""docs/glossary.md names places in the code: each is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "glossary.md"
PLACE = re.compile(r"`((?:[\w-]+/)+[\w-]+\.\w+)(?:: ([\w.]+))?`")
PLACES = PLACE.findall(PAGE.read_text(encoding="utf-8"))


def is_there(file: str, name: str) -> bool:
    """Whether the file is there, and in it the name: of Python one that it defines, else a whole word."""
    path = ROOT / file
    if not path.is_file():
        return False
    if not name:
        return True
    if path.suffix != ".py":
        text = path.read_text(encoding="utf-8")
        return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text) is not None
    found: object = import_module(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    )
    module = found.__name__  # type: ignore[attr-defined]
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is not None and getattr(found, "__module__", module) == module


@pytest.mark.parametrize(("file", "name"), PLACES, ids=[f"{file}:{name}" for file, name in PLACES])
def test_every_place_of_the_glossary_is_in_the_code(file: str, name: str) -> None:
    assert is_there(file, name)


def test_every_term_names_a_place() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    terms = [row for row in rows if not row.startswith(("| 中文 ", "| English |"))]
    assert len(terms) > 25
    assert [row for row in terms if not PLACE.search(row.rsplit("|", 2)[1])] == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("pipeline/records.py", "Nothing"),
        ("pipeline/records.py", "Check.nothing"),
        ("pipeline/extract/fallback.py", "TableReading"),  # imported there, defined elsewhere
        ("pipeline/forms/vocabulary.csv", "carried"),
        ("pipeline/nothing.py", ""),
    ],
)
def test_a_place_that_is_not_there_is_found_out(file: str, name: str) -> None:
    assert not is_there(file, name)
