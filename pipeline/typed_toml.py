"""Read TOML as typed values. A file of the package is checked against its shape when it is read."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any, TypeVar

import msgspec

from pipeline.errors import QUOTED_MAX_CHARACTERS, TomlError

Shape = TypeVar("Shape")

_STEP = re.compile(r"\.(?P<key>[^.\[\]]+)|\[(?P<number>\d+)\]")


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that allows only the keys of its shape. A misspelt key is an error and is not ignored."""


def load_packaged(package: str, name: str, shape: type[Shape]) -> Shape:
    """Return a TOML file of the package as a `shape`. Raises TomlError if it does not fit."""
    try:
        return table_to_typed(bytes_to_table(files(package).joinpath(name).read_bytes()), shape)
    except TomlError as error:
        raise TomlError(f"{package.replace('.', '/')}/{name}: {error}: mend it there") from None


def bytes_to_table(content: bytes) -> dict[str, Any]:
    """Return the keys and values of a TOML file.

    Raises TomlError, which says where the file is wrong but quotes nothing of it: the file may hold
    passwords, and the parser's own messages quote what they read.
    """
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1:,}"
        raise TomlError(f"is not TOML in UTF-8 (at {place}): save it as UTF-8") from None
    except RecursionError:
        raise TomlError("is not TOML that can be read (nested too deep): write plain keys") from None
    except ValueError as error:  # Python refuses a number of thousands of digits too
        raise TomlError(f"is not TOML in UTF-8 ({_reason(error)}): mend that line") from None


def _reason(error: ValueError) -> str:
    """Return what is wrong and where, without any content of the file."""
    told = str(error)
    place = told[told.rfind("(") :].strip("()") if isinstance(error, tomllib.TOMLDecodeError) else ""
    return told if place and not {"'", '"'} & set(told) else place or "a number is too long"


def table_to_typed(table: object, shape: type[Shape]) -> Shape:
    """Return the table as a `shape`. Raises TomlError with the place, what is expected and what was read."""
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as error:
        told, _, path = str(error).partition(" - at `$")
        place = path.removesuffix("`")
        read = repr(_value_at(table, place))
        raise TomlError(
            f"{place.lstrip('.') or 'the file'}: {told}, read {read[:QUOTED_MAX_CHARACTERS]}"
        ) from None


def _value_at(table: Any, place: str) -> object:
    """Return the value at that place.

    For a place inside a table with free keys, msgspec gives no exact path; then it is that table.
    """
    for step in _STEP.finditer(place.partition("[...]")[0]):
        table = table[step["key"] or int(step["number"])]
    return table
