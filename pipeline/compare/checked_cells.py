"""forms → the cells that each check is about: where it fails, it says nothing about any other cell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pyarrow as pa

from pipeline.derive.across_years import IDENTITIES
from pipeline.forms import TableForm, load_forms


class CheckedCell(NamedTuple):
    """A cell of a form that a check tests; `scope` is the column or row it is tested on. The report that
    prints the cell is that of the check, or that of `years_back` years before."""

    table: str
    template: str
    check: str
    scope: str
    item: str
    column: str
    years_back: int = 0


@cache
def checked_cells() -> pa.Table:
    """Return every cell of every check of every form, with columns as in CheckedCell."""
    rows = [cell._asdict() for form in load_forms() for cell in (*_in_one_report(form), *_across_years(form))]
    texts = [(name, pa.string()) for name in CheckedCell._fields[:-1]]
    return pa.Table.from_pylist(rows, schema=pa.schema([*texts, ("years_back", pa.int16())]))


def _in_one_report(form: TableForm) -> Iterator[CheckedCell]:
    for total in form.sums:
        for item, column in total.weights:
            yield CheckedCell(form.table, form.form, total.name, total.scope, item, column)


def _across_years(form: TableForm) -> Iterator[CheckedCell]:
    """Yield the cells of both reports, as far as the form prints them."""
    for identity in IDENTITIES:
        for term in (identity.left, *identity.right):
            if identity.table == form.table and (term.item, term.column) in form.units:
                place = identity.check, identity.scope, term.item, term.column, term.years_back
                yield CheckedCell(form.table, form.form, *place)
