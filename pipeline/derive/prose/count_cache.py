"""The counted words of all chapters in a file beside the tables, so that the next run need not count them
again."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.feather

from pipeline.files.durable import written_beside
from pipeline.tables.staging import WORDS

VERSION = b"tables_version"

Bag = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
"""A bag of words: indexes in the vocabulary, and how often each word occurs."""


def load_counts(out: Path, version: str) -> tuple[list[str], dict[str, Bag]]:
    """Return the vocabulary, and the bags of words by key; nothing if the file is missing, damaged or of
    another version."""
    path = out / WORDS
    try:
        table = pyarrow.feather.read_table(path) if path.is_file() else None
    except (pa.ArrowException, OSError):
        return [], {}
    if table is None or (table.schema.metadata or {}).get(VERSION) != version.encode():
        return [], {}
    return _table_to_counts(table.combine_chunks())


def save_counts(words: list[str], bags: Mapping[str, Any], out: Path, version: str) -> None:
    """Write the vocabulary and the bags, one row for every bag."""
    out.mkdir(parents=True, exist_ok=True)
    ends = np.cumsum([0, *(len(numbers) for numbers, _ in bags.values())])
    numbers, counts = (_joined(bag[part] for bag in bags.values()) for part in (0, 1))
    coded = pa.DictionaryArray.from_arrays(numbers, pa.array(words, pa.large_string()))
    columns = {
        "key": pa.array(bags, pa.large_string()),
        "words": pa.LargeListArray.from_arrays(ends, coded),
        "counts": pa.LargeListArray.from_arrays(ends, counts),
    }
    table = pa.table(columns).replace_schema_metadata({VERSION: version.encode()})
    with written_beside(out / WORDS) as file:
        pyarrow.feather.write_feather(table, file, compression="zstd")


def _table_to_counts(table: pa.Table) -> tuple[list[str], dict[str, Bag]]:
    """Return the vocabulary and the bags of a table."""
    if not len(table):
        return [], {}
    words, counts = (table[name].chunk(0) for name in ("words", "counts"))
    ends = words.offsets.to_numpy()
    numbers, times = words.values.indices.to_numpy(), counts.values.to_numpy()
    slices = [slice(start, end) for start, end in pairwise(ends)]
    bags = zip(table["key"].to_pylist(), slices, strict=True)
    return words.values.dictionary.to_pylist(), {key: (numbers[at], times[at]) for key, at in bags}


def _joined(parts: Any) -> npt.NDArray[np.int32]:
    """Return the arrays as one."""
    return np.concatenate([np.empty(0, np.int32), *parts])
