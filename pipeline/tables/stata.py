"""A table → a Stata file (.dta, version 118, for Stata 14 and later) with labels in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.tables.dictionary import Column, coded_values, tables
from pipeline.tables.titles import column_to_english, column_to_title, table_to_title, value_to_title

_ROW_MAX_CHARACTERS = 21
"""Count. As much of the row's key is in the name of a cell; Stata takes 32 characters in all."""

_COLUMN_MAX_CHARACTERS = 9
"""Count. As much of the column's key is in the name of a cell, behind two underscores."""

_LABEL_MAX_CHARACTERS = 80
"""Count. Stata takes no longer label of a variable or a file."""

_FIXED_TEXT_MAX_BYTES = 244
"""Bytes. A column with longer texts is a strL: each row of a fixed one is as wide as the widest."""

_KEY_MAX_BYTES = 2045
"""Bytes. So wide may a fixed text be. A key stays one where it can: Stata merges by no strL."""

_NUMBER_MAX = 8.9e307
"""Count. Stata's missing values begin a little above."""

_EMPTY = "(empty) 空"


def write_stata(table: str, frame: pd.DataFrame, path: Path, made_on: datetime) -> None:
    """Write a table. `made_on` is the time in the head of the file, which would else be that of writing.

    Texts of closed vocabularies are numbers with labels, dates are days. Stata knows no missing text: null
    and the empty text are one. A number beyond 8.9e307, which it cannot hold, is missing, and a NUL is ␀.
    """
    columns, names = tables()[table].columns, table_to_stata_names(table)
    made = pd.DataFrame({names[c.name]: _to_stata(table, c, frame[c.name]) for c in columns})
    labels = {
        names[c.name]: {float(code): text for code, text in column_to_value_labels(table, c.name).items()}
        for c in columns
    }
    made.to_stata(
        path,
        version=118,
        write_index=False,
        time_stamp=made_on,
        data_label=_cut(f"{table_to_title(table)} | {table}"),
        variable_labels={names[c.name]: column_to_label(table, c) for c in columns},
        value_labels={name: labelled for name, labelled in labels.items() if labelled},
        convert_dates={names[c.name]: "td" for c in columns if c.type == "date"},
        convert_strl=[names[c.name] for c in columns if _is_long(table, c, made[names[c.name]])],
    )


@cache
def table_to_stata_names(table: str) -> Mapping[str, str]:
    """Return the name in Stata of each column: its own, but of a panel's cell row and column are each cut.

    So `refused_state_secret__*` are the cells of a row of the form, `*__natu_pers` those of a column.
    """
    return {column.name: _to_stata_name(column.name) for column in tables()[table].columns}


def column_to_label(table: str, column: Column) -> str:
    """Return the label of a variable: its title in Chinese and in English."""
    return _cut(f"{column_to_title(table, column.name)} | {column_to_english(column.name)}")


@cache
def column_to_value_labels(table: str, column: str) -> Mapping[int, str]:
    """Return the labels of a column with a closed vocabulary by their codes, {} for any other.

    The code is the place in the data dictionary, from 1, so it is the same in every file.
    """
    return {code: _value_label(column, value) for code, value in enumerate(coded_values(table, column), 1)}


def _value_label(column: str, value: str) -> str:
    """Return a value with its Chinese title; the empty text would be seen nowhere."""
    title = value_to_title(column, value)
    return value if title == value != "" else f"{value} {title}" if value else _EMPTY


def _to_stata(table: str, column: Column, values: pd.Series[Any]) -> Any:
    """Return a column as Stata can hold it."""
    if coded := coded_values(table, column.name):
        return values.map({value: code for code, value in enumerate(coded, 1)}).astype("Int16")
    if column.type == "date":
        return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    if column.type == "string":
        return values.fillna("").str.replace("\x00", "␀").astype(object)
    if column.type == "float64":
        return values.where(values.abs() < _NUMBER_MAX, np.nan)
    return values


def _is_long(table: str, column: Column, values: pd.Series[Any]) -> bool:
    """Whether a column is to be a strL."""
    if values.dtype != object or values.empty:
        return False
    known = column.name in tables()[table].key or column.name in ("agency", "agency_id")
    widest = max(len(text.encode()) for text in values)
    return widest > (_KEY_MAX_BYTES if known else _FIXED_TEXT_MAX_BYTES)


def _to_stata_name(name: str) -> str:
    """Return a name of at most 32 characters."""
    row, sign, column = name.partition("__")
    return f"{_shortened(row, _ROW_MAX_CHARACTERS)}{sign}{_shortened(column, _COLUMN_MAX_CHARACTERS)}"


def _shortened(name: str, most: int) -> str:
    """Return a name of at most so many characters: the longest word loses a letter, again and again."""
    words = name.split("_")
    while len("_".join(words)) > most:
        longest = max(range(len(words)), key=lambda place: len(words[place]))
        words[longest] = words[longest][:-1]
    return "_".join(words)


def _cut(label: str) -> str:
    """Return a label that is not too long."""
    return label if len(label) <= _LABEL_MAX_CHARACTERS else f"{label[: _LABEL_MAX_CHARACTERS - 1]}…"
