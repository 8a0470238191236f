"""Figures stated in prose, beside the tables: `python -m benchmarks.claims [--small]`.

The reports of benchmarks.corpus.claims are printed, each by its own program, and read; of what is read the
table claims is made. How many of the figures that a person takes for the agency's own of the year are held
against the right cell, and how many are that a person leaves open, is printed, and written to
benchmarks/.results/claims.json. `--expect FILE` fails where a figure is worse than its [claims.small] or
[claims.full] says.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.corpus.claims import plan_claims
from benchmarks.corpus.plan import Entry
from benchmarks.headings import read_entries, wanted_entries
from benchmarks.scoring.counts import counts_parser, publish, worse_counts
from pipeline.derive.prose.build import frames_to_prose
from pipeline.derive.prose.claims import EXPLAINED as EXPLAINED_BY
from pipeline.tables.frames import reports_to_frames
from tools.generator.claims import AGREES, DIFFERS, EXPLAINED, OPEN, UNPRINTED

NO_MORE = ("false_agrees", "false_differs", "agreeing_undecided", "differing_undecided", "unprinted_missed")
"""Figures of which there may be no more than committed; of all others no less."""

Judged = tuple[str, float, str]
"""Item, figure, and what it is taken for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, read, compare; 1 where a figure is worse than committed."""
    parser = counts_parser(
        "claims",
        __doc__,
        small="those of the programs that are quick",
        seed="another one prints others",
    )
    options = parser.parse_args(arguments)
    entries = wanted_entries(plan_claims(options.seed), small=options.small)
    totals: Counter[str] = Counter(dict.fromkeys(NO_MORE, 0) | {"reports": len(entries)})
    for name, truth, found in read_claims(entries, options.jobs):
        totals.update(compared(truth, found))
        for one in wrong(truth, found):
            print(f"{name}: {one}", file=sys.stderr)
    return publish("claims", totals, options, worse_than)


def read_claims(entries: Sequence[Entry], jobs: int) -> Iterator[tuple[str, list[Judged], list[Judged]]]:
    """Print reports, and yield the name of each with the figures that it states, and those that are found."""
    read = list(read_entries(entries, jobs))
    with tempfile.TemporaryDirectory() as folder:
        frames = reports_to_frames((report for _, _, report in read), reading_version="")
        table = frames_to_prose(frames, Path(folder))["claims"]
    own = {report_id: list(_judged(rows)) for report_id, rows in table.groupby("report_id")}
    for name, truth, report in read:
        stated = [(item, value, verdict) for item, value, verdict in truth["claims"]]
        yield name, stated, own[report.report_id]


def _judged(rows: pd.DataFrame) -> Iterator[Judged]:
    """Yield the claims of a report, as if each stood alone: another of its item can make one unclear."""
    for row in rows.itertuples():
        yield str(row.item), float(str(row.claimed)), _certain(row) if row.scope == "same" else OPEN


def _certain(row: Any) -> str:
    """Return what a claim is taken for of which it is certain whose figure it is."""
    if row.doubt == EXPLAINED_BY:
        return EXPLAINED
    if not row.table:
        return UNPRINTED
    return AGREES if row.claimed == row.table_value else DIFFERS


def wrong(truth: Iterable[Judged], found: Iterable[Judged]) -> list[Judged]:
    """Return what is certain of a report and is not so."""
    return sorted((_taken(found) - _taken(truth)).elements())


def _taken(figures: Iterable[Judged]) -> Counter[Judged]:
    """Return the figures that are taken for the agency's own of the year."""
    return Counter(one for one in figures if one[2] not in (OPEN, EXPLAINED))


def compared(truth: Sequence[Judged], found: Sequence[Judged]) -> Counter[str]:
    """Return how many figures of a report a person takes for what, and how many are so."""
    right = Counter(truth) & Counter(found)
    invented = Counter(verdict for _, _, verdict in wrong(truth, found))
    stated = Counter(verdict for _, _, verdict in truth)
    so = Counter(verdict for _, _, verdict in right.elements())
    return Counter(
        {
            "agreeing": so[AGREES],
            "agreeing_undecided": stated[AGREES] - so[AGREES],
            "differing": so[DIFFERS],
            "differing_undecided": stated[DIFFERS] - so[DIFFERS],
            "unprinted": so[UNPRINTED],
            "unprinted_missed": stated[UNPRINTED] - so[UNPRINTED],
            "open": stated[OPEN] + stated[EXPLAINED],
            "false_agrees": invented[AGREES] + invented[UNPRINTED],
            "false_differs": invented[DIFFERS],
        }
    )


def worse_than(expected: Mapping[str, int], totals: Mapping[str, int]) -> list[str]:
    """Return in words which figures are worse than committed."""
    return worse_counts(expected, totals, NO_MORE)


if __name__ == "__main__":
    sys.exit(main())
