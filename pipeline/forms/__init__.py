"""What the forms say, as data: one TOML file per form generation, read into frozen types.

A new form is a new file in this folder; `docs/adding-a-form.md` shows one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.errors import Error
from pipeline.forms.labels import fold

CellKey = tuple[str, str]
"""(item, column), both keys of the vocabulary."""


class FormError(Error, ValueError):
    """A form file that contradicts itself; the message names the file, the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Label:
    """A row or column of a form: its key, the first label as printed and all its folded variants."""

    key: str
    printed: str
    folded: frozenset[str]
    unit: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Σ weight × item = 0, tested once in every column (`across` is columns) or row (rows)."""

    name: str
    across: str
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TableForm:
    """One table of one form. `units` holds every number cell that the form prints."""

    form: str
    table: str
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    units: Mapping[CellKey, str]
    optional_columns: frozenset[str]
    rows_in_header: bool
    headings: frozenset[str]
    telling: frozenset[str]
    ignored: frozenset[str]
    unit_labels: frozenset[str]
    identities: tuple[Identity, ...]

    def expected(self, bound: Collection[CellKey] = ()) -> Iterator[CellKey]:
        """Every cell of a complete table, in the form's order; optional columns if `bound` has some of it."""
        columns = {column for _, column in bound} | {c.key for c in self.columns} - self.optional_columns
        return (cell for cell in self.units if cell[1] in columns)


@cache
def load_forms() -> tuple[TableForm, ...]:
    """Every table of every form, the newest form first."""
    names = sorted((f.name for f in files(__package__).iterdir() if f.name.startswith("fy")), reverse=True)
    return tuple(table for name in names for table in file_to_tables(name, _read(name)))


@cache
def tables_in_force(year: int) -> Mapping[str, str]:
    """The tables that the reports on a fiscal year have to print, and the form that each follows.

    The form of fyNNNN is in force from fiscal year NNNN until the next one's; the first also before.
    """
    forms = sorted({each.form for each in load_forms()})
    form = max((form for form in forms if form <= f"fy{year}"), default=forms[0])
    return {each.table: form for each in load_forms() if each.form == form}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def file_to_tables(name: str, data: Mapping[str, Any]) -> list[TableForm]:
    """The tables of one form file; raises FormError where a key is used and not defined."""
    return [
        _table(name, data["form"], table, entry) for table, entry in data.items() if isinstance(entry, dict)
    ]


def _table(name: str, form: str, table: str, entry: Mapping[str, Any]) -> TableForm:
    rows, columns = _labels(entry["rows"]), _labels(entry["columns"])
    units = _units(entry, rows, columns)
    _require_known(name, table, entry, rows, columns)
    return TableForm(
        form=form,
        table=table,
        rows=rows,
        columns=columns,
        units=units,
        optional_columns=frozenset(entry.get("optional_columns", ())),
        rows_in_header=entry.get("rows_in_header", False),
        headings=_folded(entry.get("headings", ())),
        telling=_folded(entry["telling"]),
        ignored=_folded(entry.get("ignored", ())),
        unit_labels=_folded(entry.get("unit_labels", ())),
        identities=tuple(Identity(i["name"], i["across"], i["weights"]) for i in entry.get("identities", ())),
    )


def _labels(entries: list[dict[str, Any]]) -> tuple[Label, ...]:
    return tuple(Label(e["key"], e["labels"][0], _folded(e["labels"]), e.get("unit", "")) for e in entries)


def _folded(labels: Any) -> frozenset[str]:
    return frozenset(fold(label) for label in labels)


def _units(
    entry: Mapping[str, Any], rows: tuple[Label, ...], columns: tuple[Label, ...]
) -> dict[CellKey, str]:
    """The unit of every cell, rows in order: a block's own unit, else its row's."""
    units: dict[CellKey, str] = {}
    blocks = [*entry["cells"], {"rows": "*", "columns": entry.get("optional_columns", [])}]
    for row in rows:
        for block in blocks:
            if block["rows"] == "*" or row.key in block["rows"]:
                keys = [c.key for c in columns] if block["columns"] == "*" else block["columns"]
                units.update({(row.key, key): block.get("unit", row.unit) for key in keys})
    return units


def _require_known(
    name: str, table: str, entry: Mapping[str, Any], rows: tuple[Label, ...], columns: tuple[Label, ...]
) -> None:
    known = {"rows": {r.key for r in rows}, "columns": {c.key for c in columns}}
    blocks = entry["cells"]
    used = [(axis, key) for block in blocks for axis in known if block[axis] != "*" for key in block[axis]]
    summed = {"columns": "rows", "rows": "columns"}
    used += [(summed[i["across"]], key) for i in entry.get("identities", ()) for key in i["weights"]]
    used += [("columns", key) for key in entry.get("optional_columns", ())]
    unknown = sorted({f"{key} ({axis})" for axis, key in used if key not in known[axis]})
    if unknown:
        place = f"forms/{name} [{table}]"
        raise FormError(f"{place}: {', '.join(unknown)} used but not listed; add the label or fix the key")
