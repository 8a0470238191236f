"""Accuracy of ours and of every peer on a corpus: `python -m benchmarks.accuracy [--programs NAME,…]`.

Reads every NAME.pdf with its NAME.json, writes a row for each program and document to accuracy.csv (the rows
of programs that are not run now are kept) and prints what they add up to: by program, by producer, by axis.
What exact, missing, flagged and silent mean: `benchmarks.scoring.scores`. How peers are used:
`benchmarks.peers`. A peer's raw tables are kept, so that a second run is fast; ours is always read again.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers import PEERS
from benchmarks.scoring.programs import OURS, PROGRAMS, read_all
from benchmarks.scoring.scores import Judged, Score, judge, load_scores, replace_scores
from benchmarks.scoring.tables import (
    axes_table,
    documents_table,
    producers_table,
    programs_table,
    wrong_cells_lines,
    wrong_checks_lines,
)
from benchmarks.scoring.totals import ExpectationError, by_part, load_expected, worse_than
from benchmarks.scoring.truths import CorpusError, Truth, folder_to_truths

BENCHMARKS = Path(__file__).parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 1 where a figure of ours is worse than committed; 2 wrong usage, or no corpus."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the workers end with us
    parser = _parser()
    options = parser.parse_args(arguments)
    programs = options.programs or [name for name in PROGRAMS if not _problem(name)]
    if problems := [problem for name in programs if (problem := _problem(name))]:
        parser.error("; ".join(problems))
    if OURS not in programs and (options.expect or options.list):
        parser.error(f"--expect and --list are about ours: add {OURS} to --programs")
    try:
        truths = folder_to_truths(options.corpus, options.small, options.only)
        judged = {program: measure(program, truths, options) for program in programs}
        scores = _scores_of(truths, options.results / "accuracy.csv")
        print_tables(scores, truths)
        if options.list:
            print_wrong(judged[OURS], options.list)
        return print_worse(truths, scores, options) if options.expect else 0
    except (CorpusError, ExpectationError) as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=BENCHMARKS / ".corpus", metavar="DIR")
    parser.add_argument("--small", action="store_true", help="only the representative few")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only documents of such names")
    parser.add_argument("--results", type=Path, default=BENCHMARKS / ".results", metavar="DIR")
    parser.add_argument(
        "--programs",
        type=_names,
        metavar="NAME,…",
        help=f"of {', '.join(PROGRAMS)}; default: all that are installed",
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds a document may take")
    parser.add_argument("--expect", type=Path, metavar="FILE", help="compare ours with committed figures")
    parser.add_argument("--list", type=int, default=0, metavar="N", help="print N wrong cells of ours")
    return parser


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := sorted(set(names) - set(PROGRAMS)):
        raise argparse.ArgumentTypeError(f"no program {', '.join(unknown)}; there are {', '.join(PROGRAMS)}")
    return names


def _problem(program: str) -> str:
    return PEERS[program].problem() if program in PEERS else ""


def measure(program: str, truths: Sequence[Truth], options: argparse.Namespace) -> list[Judged]:
    """Run one program over all documents and keep its rows."""
    started = time.perf_counter()
    outcomes = read_all(program, truths, options.jobs, options.timeout, options.results / "cache")
    judged = [judge(program, truth, outcome) for truth, outcome in outcomes]
    judged.sort(key=lambda each: each.score.document)
    scores = [each.score for each in judged]
    replace_scores(options.results / "accuracy.csv", program, scores, keep_others=options.only != "*")
    seconds = time.perf_counter() - started
    print(f"{program}: {len(scores)} documents in {seconds:.0f} s", file=sys.stderr)
    return judged


def _scores_of(truths: Sequence[Truth], file: Path) -> list[Score]:
    """What is known of these documents, of programs run before too."""
    names = {truth.name for truth in truths}
    return [score for score in load_scores(file) if score.document in names]


def print_tables(scores: Sequence[Score], truths: Sequence[Truth]) -> None:
    print(programs_table(scores, truths))
    print("\nexact cells by producer (silent ones in brackets)")
    print(producers_table(scores))
    print("\nexact cells by axis (silent ones in brackets)")
    print(axes_table(scores, truths))


def print_wrong(judged: Sequence[Judged], limit: int) -> None:
    print("\ndocuments that are not all as they should be")
    print(documents_table(judged), *wrong_checks_lines(judged), *wrong_cells_lines(judged, limit), sep="\n")


def print_worse(truths: Sequence[Truth], scores: Sequence[Score], options: argparse.Namespace) -> int:
    """1 where a figure of ours is worse than the committed one, 0 where none is."""
    section = "small" if options.small else "full"
    parts = {truth.name: truth.part for truth in truths}
    expected = load_expected(options.expect, section, Counter(parts.values()))
    totals = by_part(parts, [score for score in scores if score.program == OURS])
    worse = [f"{part}: {line}" for part in expected for line in worse_than(expected[part], totals[part])]
    if worse:
        print(f"worse than {options.expect} [{section}] says; --list 50 shows cells:", file=sys.stderr)
        print(*worse, sep="\n", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
