"""Define the keys of settings files. The type, default, limits and meaning of each stand only at its field.

Values are checked by them. Help texts, messages and docs/configuration-keys.md are made from them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, time
from typing import Annotated, Any, TypeVar

from pipeline.errors import QUOTED_MAX_CHARACTERS, TomlError

Record = TypeVar("Record")

DAY_SECONDS = 86_400
"""Seconds. No pause and no timeout in the settings is longer."""

TIMEOUT_MIN_SECONDS = 0.001
"""Seconds. No timeout in the settings is shorter; 0 would be no time at all."""

MEMORY_MIN_MB = 256
"""MB. The settings give no process less memory."""

SIZE_MAX_MB = 2**24
"""MB. No size in the settings is larger."""

_FIELD_TYPES: Mapping[str, tuple[Any, str]] = {
    "str": (str, "a text"),
    "str | None": (str, "a text"),
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "tuple[str, ...]": (tuple[str, ...], "a list of texts"),
}
"""The type that checks the values of a field, and its name in words, by the annotation of the field."""


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What a key has beyond the type of its field.

    The value of a `secret` key is never shown. A key with a `record` holds a list of tables, and each table
    becomes one record. `name` is the key in the file, if it differs from the field.
    """

    meaning: str
    least: float | None = None
    above: float | None = None
    most: float | None = None
    secret: bool = False
    name: str = ""
    record: type | None = None

    @property
    def bounds(self) -> tuple[float | None, float | None, float | None]:
        """Return the three bounds: at least, above, at most. None means no bound."""
        return self.least, self.above, self.most


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a settings file. `field` is the field that takes its value."""

    name: str
    field: str
    kind: str
    default: Any
    limits: KeyLimits

    @property
    def meaning(self) -> str:
        """Return what the key means, in words."""
        return self.limits.meaning

    @property
    def is_required(self) -> bool:
        """Whether the file has to give the key."""
        return self.default is MISSING

    @property
    def expected(self) -> str:
        """Return the type and the limits in words, such as: a whole number, at least 1."""
        if self.limits.record:
            return "a list of tables"
        kind, (least, above, most) = _FIELD_TYPES[self.kind][1], self.limits.bounds
        if least is not None and most is not None:
            return f"{kind} from {least} to {most}"
        bounds = {"above": above, "at least": least, "at most": most}
        return ", ".join((kind, *(f"{words} {each}" for words, each in bounds.items() if each is not None)))

    @property
    def shown_default(self) -> str:
        """Return the default as it would be written in the file, "" if there is none."""
        if self.is_required or self.default is None:
            return ""
        is_number = isinstance(self.default, float)
        return f"{self.default:g}" if is_number else json.dumps(self.default, ensure_ascii=False)

    def fits(self, value: object) -> bool:
        """Whether a value, as TOML gives it, is allowed."""
        try:
            self.convert(value)
        except ValueError:
            return False
        return True

    def convert(self, value: object) -> Any:
        """Return a value of TOML as the field takes it. Raises ValueError if it is not allowed."""
        import msgspec  # it takes 10 ms, which a help text should not cost

        if self.limits.record:
            return msgspec.convert(value, tuple[dict[str, Any], ...])
        least, above, most = self.limits.bounds
        if most is None and self.kind == "float":
            most = sys.float_info.max
        bounds = {"ge": least, "gt": above, "le": most}
        given: dict[str, Any] = {name: bound for name, bound in bounds.items() if bound is not None}
        return msgspec.convert(value, Annotated[_FIELD_TYPES[self.kind][0], msgspec.Meta(**given)])


def key(default: Any = MISSING, meaning: str = "", **limits: Any) -> Any:
    """Return a field for a key. A key without a default has to be given. For `limits` see KeyLimits."""
    known = KeyLimits(meaning, **limits)
    return field(default=default, repr=not known.secret, metadata={"limits": known})


def keys(record: type) -> dict[str, Key]:
    """Return the keys of a record by name. Fields that were not made by `key` are left out."""
    found = ((each, each.metadata["limits"]) for each in fields(record) if "limits" in each.metadata)
    known = (
        Key(limits.name or each.name, each.name, str(each.type), each.default, limits)
        for each, limits in found
    )
    return {each.name: each for each in known}


def table_to_record(table: object, record: type[Record], where: str = "") -> Record:
    """Return the table as a record.

    Raises TomlError. Its message names the place (`where`), the key, the value and what is allowed.
    """
    known, start = keys(record), f"{where}: " if where else ""
    if not isinstance(table, dict):
        raise TomlError(f"{start}must be a table of keys and values")
    if unknown := sorted(set(table) - set(known)):
        told = ", ".join(name if name.isprintable() and name.strip() else ascii(name) for name in unknown)
        raise TomlError(f"{start}unknown {_cut(told)}: allowed are {', '.join(known)}")
    values = {known[name].field: _value(known[name], value, where) for name, value in table.items()}
    for each in known.values():
        if each.is_required and each.name not in table:
            raise TomlError(f"{start}{each.name} is missing: it must be {each.expected} ({each.meaning})")
    return record(**values)


def _value(known: Key, value: object, where: str) -> Any:
    """Return one value as its field takes it. Raises TomlError."""
    try:
        converted = known.convert(value)
    except ValueError:
        start, read = f"{where}: " if where else "", f"= {_cut(_written(value))}"
        told = f"{start}{known.name} {'(not shown)' if known.limits.secret else read}"
        raise TomlError(f"{told}: must be {known.expected} ({known.meaning})") from None
    inner = f"{where}, {known.name}" if where else known.name
    if known.limits.record:
        return tuple(table_to_record(each, known.limits.record, inner) for each in converted)
    return converted


def _written(value: object) -> str:
    """Return the value as text for a message, as TOML writes it if it is no list and no table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return str(value)
    try:
        return repr(value)
    except (ValueError, RecursionError):  # Python writes no number of more than 4,300 digits
        return "a very long value"


def _cut(text: str) -> str:
    """Return the text, cut after as many characters as a message quotes."""
    return text if len(text) <= QUOTED_MAX_CHARACTERS else f"{text[:QUOTED_MAX_CHARACTERS]}…"


def keys_to_help(record: type, names: Collection[str] = ()) -> str:
    """Return one line for each key: its default as TOML, its meaning, what is allowed.

    `names` picks the keys; without names all are shown.
    """
    chosen = [each for each in keys(record).values() if not names or each.name in names]
    given = [f"{each.name} = {each.shown_default}" for each in chosen]
    wide = max(map(len, given))
    return "\n".join(
        f"  {line:<{wide}}   {each.meaning} ({each.expected})"
        for line, each in zip(given, chosen, strict=True)
    )


def keys_to_markdown(record: type) -> str:
    """Return a table in Markdown with one row for each key."""
    head = ["| key | default | what it means | what is allowed |", "|---|---|---|---|"]
    rows = (
        f"| `{each.name}` | {_as_code(each)} | {_as_cell(each.meaning)} | {each.expected} |"
        for each in keys(record).values()
    )
    return "\n".join([*head, *rows])


def _as_code(each: Key) -> str:
    """Return the default as code in Markdown."""
    if each.is_required:
        return "has to be given"
    shown = _as_cell(each.shown_default)
    return f"`{shown}`" if shown else ""


def _as_cell(text: str) -> str:
    """Return the text for a cell of Markdown."""
    return text.replace("|", "\\|")
