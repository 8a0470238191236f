"""A folder of tables → all of them as typed pandas frames, each read when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten
from typing import Any

import pandas as pd

from pipeline.config import FORMATS
from pipeline.errors import PathError
from pipeline.installation.program import to_command
from pipeline.tables.dictionary import closed_values, coded_values, tables
from pipeline.tables.file_names import PACKAGE
from pipeline.tables.folder import load, read_table
from pipeline.tables.frames import Frames
from pipeline.tables.sql_views import ALL, SUPERSEDED
from pipeline.tables.staging import SET
from pipeline.tables.titles import column_to_title, table_to_title
from pipeline.tables.written_tables import TablesError, one_set, out_to_package

_MEANING_MAX_CHARACTERS = 78
"""Count. The list of tables has no more of what each means."""

_NAMED_ENTRIES_MAX = 6
"""Count. A message names no more of what lies in a folder."""


class Tables(Mapping[str, pd.DataFrame]):
    """The tables of one folder, by name: `tables.panel_rates` or `tables["panel_rates"]`.

    `observations`, `checks`, `sections`, `leftovers` and `reports` leave out reports that another one of the
    same body and year supersedes, as `sql` does, so that nobody counts twice; with all_ before the name
    (`tables.all_reports`) they have all rows. Print the tables for a list of them; `columns("reports")` says
    what the columns of one mean.

    Texts with a closed vocabulary are categories in its order, dates datetime64, whole numbers Int64. A table
    is read when it is first asked for, and kept: change a copy. TablesError if a run wrote the folder anew
    since it was loaded, or if a table is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._package = out_to_package(folder)
        self._there = [name for name in tables() if _is_there(folder, name)]
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read[name] = self._standing(name) if name in SUPERSEDED else self._whole(name)
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or not _is_name(name):
            raise AttributeError(f"no table {name!r}: there are {', '.join(self)}")
        return self[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._there
        yield from (ALL + name for name in self._there if name in SUPERSEDED)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        counts = self._package.get("counts", {})
        wide = max(map(len, self._there), default=0)
        lines = [
            f"  {name:{wide}}  {counts.get(name, '?'):>9,} rows  {table_to_title(name)}: {_brief(name)}"
            for name in self._there
        ]
        several = ", ".join(ALL + name for name in self._there if name in SUPERSEDED)
        return "\n".join(
            [
                f"tables of {self._folder}, version {self._package.get('version', '(an earlier one)')}",
                *lines,
                f"  with superseded reports too: {several}",
                '  .columns("reports") says what the columns of a table mean',
            ]
        )

    def columns(self, name: str) -> pd.DataFrame:
        """Return a row for each column of a table: name, Chinese title, type, unit, meaning, and the values
        where only some are possible."""
        if not _is_name(name):
            raise KeyError(self._unknown(name))
        table = tables()[name.removeprefix(ALL)]
        rows = {
            column.name: {
                "title": column_to_title(table.name, column.name),
                "type": column.type,
                "unit": column.unit,
                "meaning": column.meaning,
                "values": ", ".join(coded_values(table.name, column.name)),
            }
            for column in table.columns
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("column")

    def frames(self) -> Frames:
        """Return the stored tables as a run holds them: all rows, untyped texts. TablesError."""
        with self._as_loaded():
            return load(self._folder)

    def _standing(self, name: str) -> pd.DataFrame:
        """Return the rows of reports that stand."""
        reports, rows = self[f"{ALL}reports"], self[ALL + name]
        standing = reports.loc[reports["superseded_by"].isna(), "report_id"]
        return rows[rows["report_id"].isin(standing)].reset_index(drop=True)

    def _whole(self, name: str) -> pd.DataFrame:
        """Read a table with all its rows."""
        if not _is_name(name):
            raise KeyError(self._unknown(name))
        table = name.removeprefix(ALL)
        if table not in self._there:
            raise TablesError(f"{self._folder}: has no table {table}: {_how_to_make(self._folder)}")
        with self._as_loaded():
            return _typed(table, read_table(self._folder, table))

    @contextmanager
    def _as_loaded(self) -> Iterator[None]:
        """Read within it what a run has not written anew since; TablesError."""
        with one_set(self._folder):
            if out_to_package(self._folder).get(SET) != self._package.get(SET):
                raise TablesError(f"{self._folder}: was written anew since it was loaded: load it again")
            yield

    def _unknown(self, name: str) -> str:
        return f"no table {name!r}: there are {', '.join(self)}"


def folder_to_tables(folder: Path) -> Tables:
    """Return the tables of a folder. PathError if it is none, or holds none; TablesError if they are of two
    runs."""
    if problem := _folder_to_problem(folder):
        raise PathError(problem)
    with one_set(folder):
        return Tables(folder)


def _folder_to_problem(folder: Path) -> str:
    """Return what is wrong with a path, what is there instead, and what to do; "" if it holds tables."""
    shown = folder if folder.is_absolute() else f"{folder} (in {Path.cwd()})"
    if folder.is_file():
        return f"{shown}: is a file: give the folder of tables that it lies in, {folder.parent}"
    if not folder.is_dir():
        there = next((path for path in folder.parents if path.is_dir()), Path())
        return f"{shown}: there is no such folder; {there} holds {_contents(there)}: {_how_to_make(folder)}"
    if any(_is_there(folder, name) for name in tables()):
        return ""
    if below := sorted(path.parent for path in folder.glob(f"*/{PACKAGE}")):
        return f"{shown}: holds no tables itself: load {' or '.join(map(str, below[:_NAMED_ENTRIES_MAX]))}"
    if any(folder.glob("*.pdf")):
        read = to_command("run", folder, "--out", "tables")
        return f'{shown}: holds reports, and no tables: `{read}` makes them, then load("tables")'
    return f"{shown}: holds no tables, but {_contents(folder)}: {_how_to_make(folder)}"


def _contents(folder: Path) -> str:
    """Return in words what lies in a folder."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    more = f" and {len(names) - _NAMED_ENTRIES_MAX:,} more" if len(names) > _NAMED_ENTRIES_MAX else ""
    return f"{', '.join(names[:_NAMED_ENTRIES_MAX])}{more}" if names else "nothing"


def _how_to_make(folder: Path) -> str:
    """Return how the tables of a folder are made."""
    return f"`{to_command('run', 'REPORTS', '--out', folder)}` makes them (REPORTS: files or folders)"


def _is_there(folder: Path, name: str) -> bool:
    return any((folder / f"{name}.{suffix}").is_file() for suffix in FORMATS)


def _is_name(name: str) -> bool:
    """Whether this program makes a table of this name."""
    return name in tables() or (name.startswith(ALL) and name.removeprefix(ALL) in SUPERSEDED)


def _brief(name: str) -> str:
    """Return the first words on a table."""
    return shorten(tables()[name].meaning.partition(": ")[0], _MEANING_MAX_CHARACTERS, placeholder=" …")


def _typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the types that analysis needs."""
    return pd.DataFrame(
        {
            column.name: _typed_column(table, column.name, column.type, frame[column.name])
            for column in tables()[table].columns
        }
    )


def _typed_column(table: str, name: str, kind: str, values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as categories, days or whole numbers, where it is one of these."""
    if closed := closed_values(table, name):
        further = sorted(set(values.dropna().unique()) - set(closed))
        return values.astype(pd.CategoricalDtype([*closed, *further]))
    if kind == "date":
        return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    return values.astype("Int64") if kind.startswith("int") else values
