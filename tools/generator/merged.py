"""Texts that are not printed one a cell: one over several cells, or several under one header."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from .layouts import APPLICANTS, OUTCOMES, GridCell, Key, Layout, active_disclosure, applications

Truth = tuple[tuple[Key, float | None, str], ...]
"""Cells, each with the value that a reader may take from it, and its status."""

DASH = "—"


@dataclass(frozen=True, slots=True)
class Merged:
    """One text over several cells of a table: nobody can tell whose a number is. `align` is a role of a cell.

    A dash says of each of them that there is nothing to count.
    """

    table: str
    keys: tuple[Key, ...]
    text: str
    align: str = "value"

    @property
    def truth(self) -> Truth:
        """Return the cells that it stands in."""
        status = "not_applicable" if self.text == DASH else "unreadable"
        return tuple((key, None, status) for key in self.keys)

    def on_grid(self, layout: Layout) -> Layout:
        """Return the layout with one cell in place of those that the number stands over."""
        over = [cell for cell in layout.cells if cell.key in self.keys]
        top, left = min(cell.row for cell in over), min(cell.col for cell in over)
        bottom = max(cell.row + cell.row_span for cell in over)
        right = max(cell.col + cell.col_span for cell in over)
        one = GridCell(top, left, bottom - top, right - left, self.text, self.align)
        return replace(layout, cells=(*(cell for cell in layout.cells if cell not in over), one))


@dataclass(frozen=True, slots=True)
class Parted:
    """Several texts in the cells that a spare ruling makes of one, under a header that spans them all.

    The first number is the cell's where the others are zeros or blank: a grid with spare columns. Else nobody
    can tell.
    """

    table: str
    key: Key
    texts: tuple[str, ...]
    align: str = "value"

    @property
    def truth(self) -> Truth:
        """Return the cell."""
        first, *others = self.texts
        is_first = bool(first) and set(others) <= {"", "0"}
        return ((self.key, float(first), "ok") if is_first else (self.key, None, "unreadable"),)

    def on_grid(self, layout: Layout) -> Layout:
        """Return the layout with as many cells as there are texts in place of one."""
        whole = next(cell for cell in layout.cells if cell.key == self.key)
        parts = tuple(
            GridCell(whole.row, whole.col + at, 1, 1, text, self.align) for at, text in enumerate(self.texts)
        )
        return replace(layout, cells=(*(cell for cell in layout.cells if cell is not whole), *parts))


Unruly = Merged | Parted


def with_unruly(layout: Layout, unruly: Iterable[Unruly]) -> Layout:
    """Return the layout with those of its numbers that are not printed one a cell."""
    for one in unruly:
        layout = one.on_grid(layout) if one.table == layout.table else layout
    return layout


# ------------------------------------------------------------------ by chance


def chance_unruly(template: str, rng: Random) -> tuple[Unruly, ...]:
    """Return a few such numbers in one table of a report in that form."""
    kind = rng.choice(("applicants", "block", "documents", "outcomes", "parted"))
    align = rng.choice(("value", "value_left", "value_right"))
    found = {
        "applicants": merged_applicants,
        "block": merged_block,
        "documents": merged_documents,
        "outcomes": merged_outcomes,
        "parted": parted_decisions,
    }[kind](template, rng)
    return tuple(replace(one, align=align) for one in found)


def merged_applicants(template: str, rng: Random) -> Iterator[Unruly]:
    """Yield numbers over columns of table 三: in one row, in some, or in all."""
    rows = list(dict.fromkeys(item for item, _ in applications(template).number_keys()))
    chosen = rng.choice((rng.sample(rows, 1), rng.sample(rows, 4), rows))
    runs = chance_runs([key for key, _ in APPLICANTS], rng)
    for item in chosen:
        for run in runs:
            yield Merged("applications", tuple((item, column) for column in run), chance_number(rng))


def merged_block(template: str, rng: Random) -> Iterator[Unruly]:
    """Yield one number over several rows and columns of table 三."""
    rows = list(dict.fromkeys(item for item, _ in applications(template).number_keys()))
    start, count = rng.randrange(2, len(rows) - 4), rng.randint(2, 3)
    run = rng.choice(chance_runs([key for key, _ in APPLICANTS], rng))
    keys = tuple((item, column) for item in rows[start : start + count] for column in run)
    yield Merged("applications", keys, chance_number(rng))


def merged_rows(template: str, rng: Random) -> Iterator[Unruly]:
    """Yield numbers over several rows of single columns of table 三."""
    rows = list(dict.fromkeys(item for item, _ in applications(template).number_keys()))
    start, count = rng.randrange(2, len(rows) - 6), rng.randint(2, 6)
    for column, _ in rng.sample(APPLICANTS, 2):
        keys = tuple((item, column) for item in rows[start : start + count])
        yield Merged("applications", keys, chance_number(rng))


def merged_table(template: str, rng: Random) -> Iterator[Unruly]:
    """Yield one number over all of table 三."""
    yield Merged("applications", tuple(applications(template).number_keys()), chance_number(rng))


def merged_documents(template: str, rng: Random) -> Iterator[Unruly]:
    """Yield a number over columns of one row of table 二, or over columns of two rows."""
    items = ("regulations", "normative_documents")
    columns = [column for item, column in active_disclosure(template).number_keys() if item == items[1]]
    run = rng.choice(chance_runs(columns, rng))
    chosen = rng.choice((items[:1], items[1:], items))
    yield Merged(
        "active_disclosure", tuple((item, column) for item in chosen for column in run), chance_number(rng)
    )


def merged_outcomes(template: str, rng: Random) -> Iterator[Unruly]:
    """Yield numbers over columns of table 四: over all, over its groups, or over a part of one."""
    groups = ("review", "litigation_direct", "litigation_after_review")
    keys = [(group, column) for group in groups for column, _ in OUTCOMES]
    by_group = [keys[at : at + len(OUTCOMES)] for at in range(0, len(keys), len(OUTCOMES))]
    start = rng.randrange(len(keys) - 1)
    part = keys[start : start + rng.randint(2, 6)]
    for run in rng.choice(([keys], by_group, [by_group[0]], [part])):
        yield Merged("review_litigation", tuple(run), chance_number(rng))


def parted_decisions(template: str, rng: Random) -> Iterator[Unruly]:
    """Yield several numbers under the one header of a part of table 二; the form of fy2019 has no such."""
    if template != "fy2021":
        yield from merged_documents(template, rng)
        return
    for item, column in (
        ("administrative_licensing", "decisions"),
        ("administrative_penalty", "decisions"),
        ("administrative_coercion", "decisions"),
        ("administrative_fees", "fee_amount"),
    ):
        if rng.random() < 0.6:
            rest = rng.choice((("0", "0"), ("", ""), ("", "0"), (chance_number(rng), chance_number(rng))))
            yield Parted("active_disclosure", (item, column), (chance_number(rng), *rest))


def chance_runs(columns: Sequence[str], rng: Random) -> list[list[str]]:
    """Return runs of two or more neighbouring columns: those that a merged cell covers."""
    while True:
        runs: list[list[str]] = [[columns[0]]]
        chance = rng.choice((0.3, 0.6, 1.0))
        for column in columns[1:]:
            if rng.random() < chance:
                runs[-1].append(column)
            else:
                runs.append([column])
        if found := [run for run in runs if len(run) > 1]:
            return found


def chance_number(rng: Random) -> str:
    """Return a number as it is printed, often 0."""
    return str(rng.choice((0, 0, 1, 2, 3, 7, 12, 52, 305)))
