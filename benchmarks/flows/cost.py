"""CPU time of a page: ours from its bytes to the report, and pandas.read_html alone, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from io import StringIO
from statistics import median
from typing import Any

import pandas as pd

from benchmarks.flows.printing import Printed
from benchmarks.flows.reading import read_printed
from tools.generator.flows import SHAPES

ROUNDS = 5
"""Count. So often is every page read by each of both; the median counts."""


def cpu_of_pages(pages: Sequence[Printed], rounds: int = ROUNDS) -> dict[str, int]:
    """Return the mean CPU time of a page in microseconds: ours, and that of pandas.read_html.

    Both are warmed up: what it takes to start is not in it. The text is decoded for pandas, as it would lose
    what the label of a page has no character for.
    """
    if not pages:
        return {}
    texts = [page.path.read_bytes().decode(SHAPES[page.printing.shape].charset) for page in pages]
    read_printed(pages[0])
    _tables(texts[0])
    ours, theirs = [], []
    for page, text in zip(pages, texts, strict=True):
        times = [(_cpu(read_printed, page), _cpu(_tables, text)) for _ in range(rounds)]
        ours.append(median(one for one, _ in times))
        theirs.append(median(other for _, other in times))
    return {"page_cpu_us": _mean_us(ours), "pandas_cpu_us": _mean_us(theirs)}


def _tables(text: str) -> int:
    """Return how many tables pandas reads on a page."""
    try:
        return len(pd.read_html(StringIO(text)))
    except ValueError:  # no tables in it
        return 0


def _cpu(read: Callable[[Any], object], what: Any) -> float:
    """Return the CPU seconds of a call."""
    started = time.process_time()
    read(what)
    return time.process_time() - started


def _mean_us(seconds: Sequence[float]) -> int:
    return round(1_000_000 * sum(seconds) / len(seconds))
