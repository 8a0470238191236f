"""Every threshold of the package has a name of its own, a unit, and words."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

import pipeline

FOLDER = Path(pipeline.__file__).parent
UNITS = (
    *("Bytes", "Count", "Days", "Degrees", "Index", "MB", "Month and day", "Pixels", "Pixels a point"),
    *("Points", "Seconds", "Share of", "Shades of 256", "Steps of niceness", "Times", "Twice points"),
    *("Ratio of rapidfuzz, 0 to 100", "Ratio of two", "Units of the sum", "Value of a byte", "Version of"),
    *("Weights of", "Year", "Years"),
    *("Bit of", "Bits of", "Exit status", "Mode of", "Number in", "Number of", "Numbers of"),
    *("Statuses of HTTP",),
)
"""How the words of a number begin: its unit, or what kind of number the system or a standard has given."""

WAITS = {"join", "poll", "settimeout", "sleep", "wait"}
SIZES = {"lru_cache", "nice", "token_bytes", "token_hex"}
"""Functions whose numbers are limits. A number among their arguments has a name."""

ALONE = "__main__.py"
"""A file that says again what others say: it imports nothing before it knows that all is installed."""

DATE_CHARACTERS = 10
"""An ISO date is cut from a time with its bare number: a shorter slice takes a part, and is no limit."""


class Threshold(NamedTuple):
    file: str
    names: tuple[str, ...]
    words: str


def is_number(value: ast.expr) -> bool:
    """Whether this is a number, some numbers, or made of numbers and MB alone (1 << 20, 4 * MB)."""
    allowed = (
        *(ast.BinOp, ast.Constant, ast.Name, ast.Tuple, ast.UnaryOp),
        *(ast.expr_context, ast.operator, ast.unaryop),
    )
    parts = list(ast.walk(value))
    numbers = [part.value for part in parts if isinstance(part, ast.Constant)]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    plain = all(isinstance(part, allowed) for part in parts) and names <= {"MB"}
    return plain and bool(numbers) and all(type(number) in (int, float) for number in numbers)


def file_to_thresholds(file: Path) -> Iterator[Threshold]:
    """Yield the numbers of a module that have a name, each with the text below it, or ""."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for statement, after in pairwise([*body, None]):
        if isinstance(statement, ast.Assign) and is_number(statement.value):
            text = (
                after.value.value
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                else ""
            )
            (target,) = statement.targets
            names = tuple(part.id for part in ast.walk(target) if isinstance(part, ast.Name))
            yield Threshold(file.relative_to(FOLDER).as_posix(), names, str(text))


FILES = sorted(FOLDER.rglob("*.py"))
TREES = {file.relative_to(FOLDER).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
THRESHOLDS = [found for file in FILES for found in file_to_thresholds(file)]


def test_there_are_thresholds() -> None:
    extract = [threshold for threshold in THRESHOLDS if threshold.file.startswith("extract/")]
    assert len(extract) > 80 and len(THRESHOLDS) - len(extract) > 150


def numbers_in(*nodes: ast.AST) -> list[int | float]:
    """Return the numbers that stand in these parts of the code."""
    found = [part.value for node in nodes for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return [number for number in found if isinstance(number, int | float) and not isinstance(number, bool)]


def bare_fractions(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the comparisons in functions with a fraction that has no name; a half is the middle."""
    for compared in ast.walk(tree):
        if isinstance(compared, ast.Compare) and any(
            type(number) is float and number % 0.5 for number in numbers_in(compared)
        ):
            yield compared


def bare_limits(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield waits, caches and random names whose number has no name; 0 is no wait."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            name = ast.unparse(call.func).rpartition(".")[2]
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            if name in WAITS | SIZES and any(is_number(each) and any(numbers_in(each)) for each in given):
                yield call


def bare_cuts(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the slices to a number that has no name."""
    for cut in ast.walk(tree):
        if (
            isinstance(cut, ast.Slice)
            and cut.upper
            and max(numbers_in(cut.upper), default=0) > DATE_CHARACTERS
        ):
            yield cut


@pytest.mark.parametrize("find", [bare_fractions, bare_limits, bare_cuts])
def test_nothing_decides_without_a_name(find: Callable[[ast.AST], Iterator[ast.expr]]) -> None:
    found = [f"{file}:{at.lineno} {ast.unparse(at)}" for file, tree in TREES.items() for at in find(tree)]
    assert found == []


def test_no_name_means_two_thresholds() -> None:
    files: dict[str, list[str]] = {}
    for threshold in THRESHOLDS:
        for name in threshold.names if threshold.file != ALONE else ():
            files.setdefault(name.lstrip("_"), []).append(threshold.file)
    assert {name: found for name, found in files.items() if len(found) > 1} == {}


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda threshold: "-".join(threshold.names))
def test_a_threshold_says_its_unit(threshold: Threshold) -> None:
    assert threshold.words.startswith(UNITS), (
        f"{threshold.file}: {', '.join(threshold.names)} does not begin with its unit"
    )
