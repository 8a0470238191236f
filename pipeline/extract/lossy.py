"""What may be trusted of a document that may have lost something: what a passed sum holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from pipeline.forms import load_forms
from pipeline.records import Box, Check, Observation, Report

UNHELD = "the file may have lost something, and no sum holds this cell"
ALL_DIGITS = frozenset("0123456789")

IsCorrected = Callable[[int, Box], bool]
"""Whether a cell (its page, its box in points as displayed) is not read as the text has it."""


def as_lossy(report: Report, is_corrected: IsCorrected) -> Report:
    """Return the report of a file that may have lost something, as it was read: it trusts sums alone.

    `is_corrected` says of a cell whether it is not read as the text of the file has it.
    """
    observations, checks = (
        tuple(_held_by_sums(report, is_corrected)),
        tuple(map(_laid_to_reading, report.checks)),
    )
    return replace(report, observations=observations, checks=checks)


def _held_by_sums(report: Report, is_corrected: IsCorrected) -> Iterator[Observation]:
    """Yield the observations of a file that may have lost something: a cell that no sum holds is suspect.

    What is lost is not drawn either: 2776 becomes 2, and the page shows a 2; -1 a dash, and a number a blank.
    Where the page shows other characters than the text has, one of the two is lost, and no sum says which: a
    0 that is drawn as a dash, or not at all, counts as 0 all the same.
    """
    numbers = {(one.table, one.item, one.column): one.raw for one in report.observations if one.value}
    checks = [check for check in report.checks if _holds(check, numbers)]
    held = {(check.table, *cell) for check in checks for cell in check.cells}
    for seen in report.observations:
        is_held = (seen.table, seen.item, seen.column) in held and not is_corrected(seen.page, seen.box)
        is_trusted = seen.status in ("ok", "blank", "not_applicable")
        yield seen if not is_trusted or is_held else seen._replace(status="suspect", doubt=UNHELD)


def _holds(check: Check, numbers: Mapping[tuple[str, str, str], str]) -> bool:
    """Whether a passed sum says that nothing of it is lost; `numbers` are all printed ones but zeros.

    Of blanks that count as 0 any sum is 0. And 12 = 12 becomes 1 = 1 where every 2 is lost, as it is with a
    font: a sum of one part holds its cells only in a table that shows all ten digits. A font whose shapes are
    all those of the digit 3 above makes a sum right again that has as many parts on both sides.
    """
    if check.verdict != "pass" or (check.left == 0 and check.blanks_as_zero) or check.check in _level_sums():
        return False
    parts = sum((check.table, *cell) in numbers for cell in check.cells)
    shown = {char for (table, _, _), raw in numbers.items() if table == check.table for char in raw}
    return parts > 2 or shown >= ALL_DIGITS


@cache
def _level_sums() -> frozenset[str]:
    """Return the names of the sums with as many parts on both sides."""
    identities = (identity for form in load_forms() for identity in form.identities)
    return frozenset(identity.name for identity in identities if not sum(identity.weights.values()))


def _laid_to_reading(check: Check) -> Check:
    """Return a check of a file that may have lost something: if it fails, it is no error of the publisher."""
    return check._replace(attribution="reading") if check.verdict == "fail" else check
