"""Scores added up, and held against the figures that are committed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scoring.scores import Score
from benchmarks.scoring.truths import PARTS

HIGHER_IS_BETTER = {
    "exact": True,
    "silent": False,
    "false_alarms": False,
    "errors_found": True,
    "errors_attributed": True,
    "attributed_wrongly": False,
}
"""The committed figures: shares of all cells or planted errors; silent and attributed_wrongly are counts."""
DIGITS = 6


class ExpectationError(Exception):
    """Committed figures that do not fit what was measured; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Total:
    """Scores of one program added up."""

    documents: int
    pages: int
    cells: int
    exact: int
    missing: int
    flagged: int
    silent: int
    false_alarms: int
    errors_planted: int
    errors_found: int
    errors_attributed: int
    attributed_wrongly: int
    cpu_seconds: float
    failures: int

    @property
    def exact_share(self) -> float:
        return _share(self.exact, self.cells)

    def figures(self) -> dict[str, float]:
        """Those of HIGHER_IS_BETTER."""
        return {
            "exact": self.exact_share,
            "silent": self.silent,
            "false_alarms": self.false_alarms / self.cells if self.cells else 0.0,
            "errors_found": _share(self.errors_found, self.errors_planted),
            "errors_attributed": _share(self.errors_attributed, self.errors_planted),
            "attributed_wrongly": self.attributed_wrongly,
        }


def _share(part: int, whole: int) -> float:
    """1 where there is nothing to get right."""
    return part / whole if whole else 1.0


def scores_to_total(scores: Iterable[Score]) -> Total:
    rows = list(scores)

    def sum_of(name: str) -> Any:
        return sum(getattr(row, name) for row in rows)

    return Total(
        documents=len(rows),
        failures=sum(bool(row.failure) for row in rows),
        **{name: sum_of(name) for name in Total.__slots__ if name not in ("documents", "failures")},
    )


# -------------------------------------------------------------- committed figures


def load_expected(
    file: Path, section: str, documents: Mapping[str, int]
) -> Mapping[str, Mapping[str, float]]:
    """The figures of a section of expected.toml by part; `documents` says how many of each were measured."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    if section not in sections:
        raise ExpectationError(f"{file}: no [{section}], only {', '.join(sections)}: add it")
    parts = {part: dict(figures) for part, figures in sections[section].items()}
    for part, figures in parts.items():
        committed, measured = figures.pop("documents"), documents.get(part, 0)
        if committed != measured:
            raise ExpectationError(
                f"{file} [{section}.{part}]: its figures are of {committed} documents, and {measured} were "
                "measured: print the whole corpus, or where the plan has changed, commit its new figures"
            )
    return parts


def worse_than(expected: Mapping[str, float], total: Total) -> list[str]:
    """What is worse than expected, in words: the figure, what was measured and what was committed."""
    return [
        f"{name}: {_figure(measured)}, committed {_figure(expected[name])}"
        for name, measured in total.figures().items()
        if _is_worse(name, round(measured, DIGITS), expected[name])
    ]


def _is_worse(name: str, measured: float, expected: float) -> bool:
    return measured < expected if HIGHER_IS_BETTER[name] else measured > expected


def _figure(value: float) -> str:
    return str(round(value, DIGITS))


def by_part(parts: Mapping[str, str], scores: Sequence[Score]) -> dict[str, Total]:
    """The totals of each part of a corpus; `parts` says of each document which one it belongs to."""
    return {
        part: scores_to_total(score for score in scores if parts[score.document] == part) for part in PARTS
    }
