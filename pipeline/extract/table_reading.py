"""A table as one reader gave it, and how well it came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.forms import CellKey
from pipeline.records import BoundTable, Check, Observation


@dataclass(frozen=True)
class TableReading:
    """A table as one reader gave it: what was bound, what the cells say and how its identities fare."""

    bound: BoundTable
    observations: tuple[Observation, ...]
    checks: tuple[Check, ...]

    @cached_property
    def cells(self) -> Mapping[CellKey, Observation]:
        return {(seen.item, seen.column): seen for seen in self.observations}

    @cached_property
    def reader(self) -> str:
        return self.observations[0].reader

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.verdict == "fail"]

    @cached_property
    def unreadable(self) -> frozenset[CellKey]:
        return frozenset(key for key, seen in self.cells.items() if seen.status == "unreadable")

    @property
    def blank_rows(self) -> frozenset[str]:
        """The rows in which nothing is printed."""
        printed = {seen.item for seen in self.observations if seen.raw}
        return frozenset(seen.item for seen in self.observations) - printed

    def rank(self) -> tuple[int, ...]:
        """Higher is better: complete before consistent before readable before sure of its labels."""
        inexact = sum(seen.match != "exact" for seen in self.observations)
        return (
            -len(self.bound.missing),
            len(self.cells),
            -len(self.failed),
            -len(self.unreadable),
            -len(self.bound.leftovers),
            -inexact,
        )
