"""forms → the cells that each check is about: where it fails, it says nothing about any other cell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pyarrow as pa

from pipeline.forms import TableForm, load_forms
from pipeline.tables.rate_definitions import series_keys


class CheckedCell(NamedTuple):
    """A cell of a form that a check tests; `scope` is the column or row it is tested on."""

    table: str
    template: str
    check: str
    scope: str
    item: str
    column: str


@cache
def checked_cells() -> pa.Table:
    """Return every cell of every check of every form, with columns as in CheckedCell."""
    rows = [cell._asdict() for form in load_forms() for cell in (*_in_one_report(form), *_across_years(form))]
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in CheckedCell._fields]))


def _in_one_report(form: TableForm) -> Iterator[CheckedCell]:
    for total in form.sums:
        for item, column in total.weights:
            yield CheckedCell(form.table, form.form, total.name, total.scope, item, column)


def _across_years(form: TableForm) -> Iterator[CheckedCell]:
    """Yield the cells of the later report; the row or column that a check is about is its key."""
    for check, key in series_keys().items():
        for item, column in form.units:
            if key in (item, column):
                scope = column if item == key else item
                yield CheckedCell(form.table, form.form, check, scope, item, column)
