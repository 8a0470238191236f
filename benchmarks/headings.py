"""Chapters by headings that bureaus word and number otherwise: `python -m benchmarks.headings [--small]`.

The reports of benchmarks.corpus.headings are printed, each by its own program, and read. How many of their
chapters are found, and how many cells of their tables are as printed, is printed, and written to
benchmarks/.results/headings.json. `--expect FILE` fails where a figure is worse than its [headings.small] or
[headings.full] says.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.corpus.headings import plan_headings
from benchmarks.corpus.plan import Entry
from benchmarks.corpus.producers import producer
from benchmarks.merged import judged
from benchmarks.scoring.counts import counts_parser, publish, worse_counts
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.records import Report
from pipeline.workers import Task, tasks_to_reports
from tools.generator import compose

SMALL_PRODUCERS = ("canvas", "reportlab")
"""Those that print a report in no time."""

NO_MORE = ("chapters_missed", "chapters_invented", "silent", "missing", "flagged", "blamed")
"""Figures of which there may be no more than committed; of all others no less."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, read, compare; 1 where a figure is worse than committed."""
    parser = counts_parser(
        "headings",
        __doc__,
        small="those of the programs that are quick",
        seed="another one prints others",
    )
    options = parser.parse_args(arguments)
    entries = wanted_entries(plan_headings(options.seed), small=options.small)
    totals: Counter[str] = Counter(dict.fromkeys(NO_MORE, 0) | {"reports": len(entries)})
    for name, truth, report in read_entries(entries, options.jobs):
        counts = compared(truth, report)
        totals.update(counts)
        if any(counts[kind] for kind in NO_MORE):
            print(f"{name}: {[(each.section, each.heading) for each in report.sections]}", file=sys.stderr)
    return publish("headings", totals, options, worse_than)


def wanted_entries(entries: Sequence[Entry], *, small: bool) -> Sequence[Entry]:
    """Return the entries; with `small` those of the programs that are quick."""
    return [entry for entry in entries if entry.producer in SMALL_PRODUCERS] if small else entries


def read_entries(entries: Sequence[Entry], jobs: int) -> Iterator[tuple[str, Mapping[str, Any], Report]]:
    """Print reports, and yield the name of each with what it says and what is read from it."""
    with tempfile.TemporaryDirectory() as folder:
        truths: dict[str, Mapping[str, Any]] = {}
        for program in dict.fromkeys(entry.producer for entry in entries):
            own = [entry for entry in entries if entry.producer == program]
            paths = [Path(folder, f"{Path(entry.name).name}.pdf") for entry in own]
            composed = [compose(entry.spec) for entry in own]
            producer(program).print_reports(list(zip(composed, paths, strict=True)))
            truths |= {path.name: one.truth for path, one in zip(paths, composed, strict=True)}
        tasks = [Task(document) for document in paths_to_documents([Path(folder)])]
        for report in tasks_to_reports(tasks, Settings(jobs=jobs)):
            name = Path(report.source_file).name
            yield name, truths[name], report


def compared(truth: Mapping[str, Any], report: Report) -> Counter[str]:
    """Return how many chapters were found, missed or invented, and what came of the cells."""
    wanted = Counter((section, "".join(heading.split())) for section, heading in truth["sections"])
    found = Counter((each.section, "".join(each.heading.split())) for each in report.sections)
    chapters = {
        "chapters_found": (wanted & found).total(),
        "chapters_missed": (wanted - found).total(),
        "chapters_invented": (found - wanted).total(),
    }
    return Counter(chapters) + Counter(kind for kind, _ in judged(truth, report))


def worse_than(expected: Mapping[str, int], totals: Mapping[str, int]) -> list[str]:
    """Return in words which figures are worse than committed."""
    return worse_counts(expected, totals, NO_MORE)


if __name__ == "__main__":
    sys.exit(main())
