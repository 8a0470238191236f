"""The gates of a release: tonight's tables are not published if too much is missing that was there before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.nightly.release_comparison import DocumentRow, ReleaseComparison

_NAMED_DOCUMENTS_MAX = 5
"""Count. A failure names no more documents."""


@dataclass(frozen=True, slots=True)
class GateFailure:
    """A gate that stops the release: counts `before` and `now`; `look` says what to look at."""

    gate: str
    before: int
    now: int
    look: str


def comparison_to_findings(comparison: ReleaseComparison, settings: Settings) -> list[GateFailure]:
    """Return the gates that fail: more documents, cells or passed checks were lost than the settings allow.

    Only documents of the last release count, so that new documents cannot hide losses.
    """
    measures = (
        ("documents", settings.lost_documents, lambda row: int(row.is_read)),
        ("cells", settings.lost_cells, lambda row: row.sound),
        ("checks passed", settings.lost_checks, lambda row: row.passed),
    )
    found = (_measure(name, comparison, count, share) for name, share, count in measures)
    return [finding for finding in found if finding]


def listings_to_findings(before: Mapping[str, int | None], now: Mapping[str, int]) -> list[GateFailure]:
    """Return a failure for each source whose lists gave links in the last good night and none tonight."""
    return [
        GateFailure(
            f"source {name}",
            was,
            0,
            "look at its list pages in a browser, or at its folder, then mend sources.toml",
        )
        for name, was in before.items()
        if was and now.get(name) == 0
    ]


def _measure(
    name: str, comparison: ReleaseComparison, count: Callable[[DocumentRow], int], share: float
) -> GateFailure | None:
    """Return the failure of one gate, None if it passes. Gains in some documents do not make up for losses
    in others."""
    before = sum(count(old) for old, _ in comparison.pairs) + sum(map(count, comparison.gone))
    losses = list(_losses(comparison, count))
    lost = sum(loss for _, loss in losses)
    if lost <= share * before:
        return None
    worst = sorted(losses, key=lambda entry: -entry[1])[:_NAMED_DOCUMENTS_MAX]
    names = ", ".join(f"{row.name} (-{loss})" for row, loss in worst)
    more = f" and {len(losses) - _NAMED_DOCUMENTS_MAX} more" if len(losses) > _NAMED_DOCUMENTS_MAX else ""
    return GateFailure(name, before, before - lost, f"look at {names}{more}")


def _losses(
    comparison: ReleaseComparison, count: Callable[[DocumentRow], int]
) -> Iterator[tuple[DocumentRow, int]]:
    """Yield each document that lost something, with how much."""
    for old, now in comparison.pairs:
        if (loss := count(old) - count(now)) > 0:
            yield old, loss
    for row in comparison.gone:
        if loss := count(row):
            yield row, loss
