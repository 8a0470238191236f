"""Every threshold of the extraction has a name of its own, a unit, and words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import pipeline.extract

FOLDER = Path(pipeline.extract.__file__).parent
UNITS = (
    *(
        "Bytes",
        "Count",
        "Degrees",
        "Index",
        "Pixels",
        "Pixels a point",
        "Points",
        "Share of",
        "Shades of 256",
    ),
    *("Ratio of rapidfuzz, 0 to 100", "Ratio of two", "Times", "Twice points", "Units of the sum", "Years"),
)


class Threshold(NamedTuple):
    file: str
    name: str
    words: str


def is_number(value: ast.expr) -> bool:
    """Whether this is a number, or made of numbers alone (1 << 20)."""
    allowed = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    parts = list(ast.walk(value))
    numbers = [part.value for part in parts if isinstance(part, ast.Constant)]
    return all(isinstance(part, allowed) for part in parts) and all(type(n) in (int, float) for n in numbers)


def file_to_thresholds(file: Path) -> Iterator[Threshold]:
    """Yield the numbers of a module that have a name, each with the text below it, or ""."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for statement, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.Assign) and is_number(statement.value):
            text = (
                after.value.value
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                else ""
            )
            (target,) = statement.targets
            yield Threshold(file.relative_to(FOLDER).as_posix(), ast.unparse(target), str(text))


THRESHOLDS = [found for file in sorted(FOLDER.rglob("*.py")) for found in file_to_thresholds(file)]


def test_there_are_thresholds() -> None:
    assert len(THRESHOLDS) > 80


def bare_fractions(tree: ast.AST) -> Iterator[ast.Compare]:
    """Yield the comparisons in functions with a fraction that has no name; a half is the middle."""
    for compared in ast.walk(tree):
        values = [part.value for part in ast.walk(compared) if isinstance(part, ast.Constant)]
        if isinstance(compared, ast.Compare) and any(type(n) is float and n % 0.5 for n in values):
            yield compared


def test_no_fraction_decides_without_a_name() -> None:
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.rglob("*.py"))}
    found = [
        f"{file.name}:{at.lineno} {ast.unparse(at)}"
        for file, tree in trees.items()
        for at in bare_fractions(tree)
    ]
    assert found == []


def test_no_name_means_two_thresholds() -> None:
    files: dict[str, list[str]] = {}
    for threshold in THRESHOLDS:
        files.setdefault(threshold.name, []).append(threshold.file)
    assert {name: found for name, found in files.items() if len(found) > 1} == {}


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda threshold: threshold.name)
def test_a_threshold_says_its_unit(threshold: Threshold) -> None:
    assert threshold.words.startswith(UNITS), (
        f"{threshold.file}: {threshold.name} does not begin with its unit"
    )
