"""Figures as they are printed, and tables of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence


def percent(share: float, up: bool = False) -> str:
    """Three digits after the point, cut off and never rounded up (`up`: never down): 100 % means all."""
    if math.isnan(share):
        return "–"
    cut = math.ceil if up else math.floor
    scaled = cut(round(share * 1e5, 6)) / 1e3
    return "100 %" if scaled == 100 else "0 %" if scaled == 0 else f"{scaled:.3f} %"


def thousands(count: int) -> str:
    return f"{count:,}"


def times(factor: float | None) -> str:
    """A multiple, to the digits that a noisy machine bears; – where there is none."""
    if factor is None:
        return "–"
    return f"{factor:,.0f} ×" if factor >= 20 else f"{factor:.1f} ×" if factor >= 10 else f"{factor:.2f} ×"


def megabytes(size: float | None) -> str:
    return "–" if size is None else f"{size:,.0f} MB"


def seconds(duration: float) -> str:
    return f"{duration:,.0f} s" if duration >= 100 else f"{duration:.2f} s"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of Markdown, the first column to the left and all others to the right."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in row)} |"
