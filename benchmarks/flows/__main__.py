"""Documents without pages: `python -m benchmarks.flows [--small] [--mutants N] [--bombs] [--pictures]`.

The comparison collection is printed as web pages in six shapes, as Word files and spreadsheets by several
programs, and read. How many cells are exact, flagged, missing or silently wrong, what came of wrong sums and
of the heads, and the CPU time of a page beside that of pandas.read_html, is printed, and written to
benchmarks/.results/flows.json. `--expect FILE` fails where a figure is worse than its [flows.small] or
[flows.full] says.

`--mutants N` reads N files instead into each of which a trap is put (benchmarks.flows.mutants), `--bombs`
files that are made to take all memory and time (benchmarks.flows.bombs), `--pictures` six files whose tables
are pictures (benchmarks.flows.pictured), which needs the extra [scan].
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.flows.bombs import read_bombs
from benchmarks.flows.cost import cpu_of_pages
from benchmarks.flows.mutants import read_mutants
from benchmarks.flows.pictured import read_pictured
from benchmarks.flows.printing import PRINTINGS, Printed, lacking, print_all, wanted_printings, wanted_reports
from benchmarks.flows.reading import compared, read_printed, wrong_lines
from benchmarks.scoring.counts import counts_parser, publish, worse_counts
from pipeline.extract.read.picture.line_model import problem

NO_MORE = (
    "silent", "missing", "flagged", "blamed", "misread_sums",
    *(f"{fact}_{verdict}" for fact in ("agency", "year", "published") for verdict in ("wrong", "unknown")),
)  # fmt: skip
"""Figures of which there may be no more than committed; of all others no less."""

LINES = 5
"""Count. So many lines on a file that is not read as it should be are printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, read, compare; 1 where a figure is worse than committed, or a mutant silently wrong."""
    options = _parser().parse_args(arguments)
    with _folder(options.keep) as folder:
        if options.mutants:
            return read_mutants(options.mutants, options.only, options.seed, options.jobs, folder)
        if options.bombs:
            return read_bombs(folder, options.jobs)
        if options.pictures:
            if words := problem():
                print(f"not read: {words}", file=sys.stderr)
                return 0
            return publish("flows_pictured", read_pictured(folder, options.seed), options, worse_than)
        totals = read_collection(folder, options.seed, small=options.small)
    return publish("flows", totals, options, worse_than)


def read_collection(folder: Path, seed: int, *, small: bool) -> Counter[str]:
    """Print the collection, read it, and return what came of it."""
    printings = wanted_printings(small=small)
    for left_out in set(PRINTINGS) - set(printings):
        if without := lacking(left_out):
            print(f"not printed: {left_out.name} (not installed: {without})", file=sys.stderr)
    totals: Counter[str] = Counter(dict.fromkeys(NO_MORE, 0))
    every: list[Printed] = []
    for printed in print_all(wanted_reports(small=small), printings, folder, seed):
        every.append(printed)
        report = read_printed(printed)
        counts = compared(printed.truth, report)
        totals.update(counts)
        totals.update(("files", f"files {printed.printing.name}"))
        if any(counts[name] for name in NO_MORE):
            lines = [*wrong_lines(printed.truth, report)][:LINES]
            print(f"{printed.path}: {report.status}", *lines, sep="\n  ", file=sys.stderr)
    totals.update(cpu_of_pages([one for one in every if one.printing.kind == "html"], 1 if small else 5))
    return totals


def worse_than(expected: Mapping[str, int], totals: Mapping[str, int]) -> list[str]:
    """Return in words which figures are worse than committed, or of another number of files."""
    if expected["files"] != totals["files"]:
        return [f"its figures are of {expected['files']} files, and {totals['files']} were read"]
    return worse_counts(expected, totals, NO_MORE)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Yield the folder of the files: one that is kept, or one that is gone afterwards."""
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
    else:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = counts_parser("flows", __doc__, small="a few reports, by the programs that are quick",
                           seed="another one prints others")  # fmt: skip
    parser.add_argument("--mutants", type=int, default=0, metavar="N", help="read N files with traps instead")
    parser.add_argument("--only", type=_numbers, help="the numbers of the mutants to read, as in 40,83")
    parser.add_argument("--bombs", action="store_true", help="read files that are made to take all memory")
    parser.add_argument("--pictures", action="store_true", help="read files whose tables are pictures")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder in which the files are left")
    return parser


def _numbers(words: str) -> list[int]:
    """Return the numbers in words like 40,83."""
    return [int(word) for word in words.split(",")]


if __name__ == "__main__":
    sys.exit(main())
