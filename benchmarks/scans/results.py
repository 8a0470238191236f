"""What became of the cells of scans, added up by setting."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.scoring.scores import Judged
from benchmarks.scoring.tables import percent
from pipeline.files.durable import written_beside

Counts = Mapping[str, float]

NO_MORE = ("missing", "suspect", "silent", "sealed_silent", "blamed", "failures")
"""Counts of which there may be no more than committed; of all others no less."""

HEADINGS = (
    "setting", "documents", "cells", "right", "exact", "missing", "flagged", "right but suspect", "silent",
    "sealed", "sealed exact", "sealed silent", "blamed sums", "failures", "CPU s/table page",
)  # fmt: skip


def judged_to_counts(judged: Judged, kept: Mapping[str, Any]) -> Counter[str]:
    """Return the counts of one document; `kept` is what was written beside it.

    `suspect` are cells that are right and said to be doubtful, and not among `exact`; `blamed` are right
    sums that are laid to the publisher.
    """
    score = judged.score
    sealed = {tuple(cell) for cell in kept["sealed"]}
    verdicts = Counter(wrong.verdict for wrong in judged.cells if wrong.cell in sealed)
    return Counter(
        documents=1,
        cells=score.cells,
        exact=score.exact,
        missing=score.missing,
        flagged=score.flagged,
        suspect=score.false_alarms,
        silent=score.silent,
        sealed=len(sealed),
        sealed_exact=len(sealed) - verdicts.total(),
        sealed_silent=verdicts["silent"],
        blamed=sum(check.verdict == "publisher" for check in judged.checks),
        errors_planted=score.errors_planted,
        errors_attributed=score.errors_attributed,
        failures=int(bool(score.failure)),
        table_pages=len(kept["tables"]),
        cpu_ms=round(score.cpu_seconds * 1000),
    )


def counts_by_setting(counted: Iterable[tuple[str, Counter[str]]]) -> dict[str, Counter[str]]:
    """Return the counts of documents added up by the setting that stands before each."""
    totals: dict[str, Counter[str]] = {}
    for setting, counts in counted:
        totals.setdefault(setting, Counter()).update(counts)
    return totals


def counts_to_table(totals: Mapping[str, Counts]) -> list[tuple[str, ...]]:
    """Return a line a setting under its headings, and one for all."""
    whole: Counter[str] = Counter()
    for counts in totals.values():
        whole.update(counts)
    return [HEADINGS, *(_line(name, counts) for name, counts in (*totals.items(), ("all", whole)))]


def _line(name: str, counts: Counts) -> tuple[str, ...]:
    said = Counter(counts)
    return (
        name,
        str(said["documents"]),
        str(said["cells"]),
        percent((said["exact"] + said["suspect"]) / max(said["cells"], 1)),
        percent(said["exact"] / max(said["cells"], 1)),
        str(said["missing"]),
        str(said["flagged"]),
        f"{said['suspect'] / max(said['cells'], 1):.3%}",
        str(said["silent"]),
        str(said["sealed"]),
        str(said["sealed_exact"]),
        str(said["sealed_silent"]),
        str(said["blamed"]),
        str(said["failures"]),
        f"{said['cpu_ms'] / max(said['table_pages'], 1) / 1000:.2f}",
    )


def keep_counts(file: Path, program: str, totals: Mapping[str, Counts]) -> None:
    """Write the counts of a program, by setting, beside those of other programs and settings in the file."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[program] = kept.get(program, {}) | {name: dict(counts) for name, counts in totals.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(file) as content:
        content.write((json.dumps(kept, indent=1) + "\n").encode())


def whole_counts(totals: Iterable[Counts]) -> Counter[str]:
    """Return the counts of all settings together."""
    whole: Counter[str] = Counter()
    for counts in totals:
        whole.update({name: int(count) for name, count in counts.items()})
    return whole
