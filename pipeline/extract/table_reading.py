"""A table as one reader read it, and how good that reading is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.forms import CellKey
from pipeline.records import PICTURE_READER, SPANNING, BoundTable, Check, Observation

_READER = Observation._fields.index("reader")


@dataclass(frozen=True)
class TableReading:
    """A table as one reader read it: its bound cells, what they say, and how its sums come out."""

    bound: BoundTable
    observations: tuple[Observation, ...]
    checks: tuple[Check, ...]

    @cached_property
    def cells(self) -> Mapping[CellKey, Observation]:
        """Return the observations by item and column."""
        return {(seen.item, seen.column): seen for seen in self.observations}

    @cached_property
    def reader(self) -> str:
        """Return the name of the reader."""
        return self.observations[0].reader

    def read_by(self, reader: str) -> TableReading:
        """Return the same reading as that of another reader, which reads every cell alike."""
        own = [(*seen[:_READER], reader, *seen[_READER + 1 :]) for seen in self.observations]
        return replace(self, observations=tuple(map(Observation._make, own)))  # faster than _replace

    @property
    def failed(self) -> list[Check]:
        """Return the checks that did not pass: sums that are off, or that a blank total leaves open."""
        return [check for check in self.checks if check.verdict != "pass"]

    @cached_property
    def unreadable(self) -> frozenset[CellKey]:
        """Return the cells whose text is not understood."""
        return frozenset(key for key, seen in self.cells.items() if seen.status == "unreadable")

    @cached_property
    def inexact(self) -> frozenset[CellKey]:
        """Return the cells whose labels are not exactly those of the form."""
        return frozenset(key for key, seen in self.cells.items() if seen.match != "exact")

    @cached_property
    def spanning(self) -> frozenset[CellKey]:
        """Return the cells over several of which a text is printed, or that have several texts."""
        return frozenset(key for key, seen in self.cells.items() if seen.match == SPANNING)

    @cached_property
    def pictured(self) -> frozenset[CellKey]:
        """Return the cells that were read from a picture."""
        return frozenset(key for key, seen in self.cells.items() if seen.reader == PICTURE_READER)

    @property
    def blank_rows(self) -> frozenset[str]:
        """Return the rows in which nothing is printed."""
        printed = {seen.item for seen in self.observations if seen.raw}
        return frozenset(seen.item for seen in self.observations) - printed

    def rank(self) -> tuple[int, ...]:
        """Return a key to compare readings by; the greater one is better.

        A complete reading comes before a consistent one, then a readable one, then one with exact labels.
        """
        return (
            -len(self.bound.missing),
            len(self.cells),
            -len(self.failed),
            -len(self.unreadable),
            -len(self.bound.leftovers),
            -len(self.inexact),
        )

    def is_better(self, other: TableReading) -> bool:
        """Whether this reading is better than another.

        None is that parts a cell which the other saw as one: it may go by the places of digits, or by what is
        filled behind them.
        """
        return other.spanning <= self.spanning and self.rank() > other.rank()
