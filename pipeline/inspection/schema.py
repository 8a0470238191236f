"""The data dictionary as text for the terminal, as Markdown or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from pipeline.derive import crosswalk
from pipeline.tables import dictionary


def schema_to_text(layout: str) -> str:
    """Return the data dictionary as `text`, `markdown` or `json`, or how the forms correspond
    (`crosswalk`)."""
    return _LAYOUTS[layout]()


def _text() -> str:
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for table, entries in groupby(dictionary.dictionary(), key=lambda entry: entry.table):
        yield f"{table}: {dictionary.tables()[table].meaning}"
        for entry in entries:
            unit = f" [{entry.unit}]" if entry.unit else ""
            yield f"  {entry.column:<24} {entry.type:<8} {entry.meaning}{unit}"
            allowed = dictionary.values(table, entry.column)
            yield from (f"    {name}: {meaning}" for name, meaning in allowed.items())
        yield ""
    yield dictionary.REMARK


def _json() -> str:
    entries = [entry._asdict() for entry in dictionary.dictionary()]
    keys = [{name: getattr(key, name) for name in key.__slots__} for key in dictionary.vocabulary()]
    return json.dumps({"columns": entries, "vocabulary": keys}, ensure_ascii=False, indent=2)


_LAYOUTS: Mapping[str, Callable[[], str]] = {
    "text": _text,
    "markdown": lambda: dictionary.to_markdown().rstrip("\n"),
    "json": _json,
    "crosswalk": lambda: crosswalk.to_markdown().rstrip("\n"),
}
