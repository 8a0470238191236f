"""Scans of degraded pages, read and held against the truth: `python -m benchmarks.scans [--small]`.

Reports are printed in several fonts, spoilt as paper, copiers, scanners, cameras and faxes spoil them, and
written as files whose pages are pictures (benchmarks/scans/scans.toml says how). Each is read, and what
became of its cells is printed by setting and written to benchmarks/.results/scans.json. Fonts that are not
installed are named with Debian's package; $SCAN_FONTS may name folders that hold them. `--expect FILE` fails
where a count is worse than its [scans.small], [scans.tuning] or [scans.held_out] says.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from pebble import ProcessPool

from benchmarks.scans.fonts import FontError, find_font
from benchmarks.scans.making import is_made, make_scan
from benchmarks.scans.peers import PEERS, read_peer
from benchmarks.scans.plan import Scan, plan_scans, small_scans
from benchmarks.scans.results import (
    NO_MORE,
    counts_by_setting,
    counts_to_table,
    judged_to_counts,
    keep_counts,
    whole_counts,
)
from benchmarks.scans.settings import PARTS, load_settings
from benchmarks.scans.sheet import draw_contact_sheet
from benchmarks.scoring.counts import worse_counts
from benchmarks.scoring.programs import OURS, read_all
from benchmarks.scoring.scores import Judged, judge
from benchmarks.scoring.tables import aligned, wrong_cells_lines, wrong_checks_lines
from benchmarks.scoring.truths import Truth, folder_to_truths
from benchmarks.speed import RESULTS

KEPT = Path(__file__).parents[1] / ".scans"

MADE_BY_ONE = 20
"""Count of scans that a process makes: it keeps the fonts of all of them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 1 where a count is worse than committed; 2 wrong usage, or a font that is not there."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the workers end with us
    parser = _parser()
    options = parser.parse_args(arguments)
    scans = chosen_scans(options)
    problems = [PEERS[program].problem() for program in options.programs if program in PEERS]
    if not scans or any(problems):
        parser.error("; ".join(filter(None, problems)) or "no scan is chosen")
    try:
        make_all(scans, options.keep, options.jobs)
    except FontError as error:
        parser.error(str(error))
    if options.sheet:
        draw_contact_sheet(scans, options.keep, options.sheet)
    if options.make:
        return 0
    totals = {program: measure(program, scans, options) for program in options.programs}
    return print_worse(totals[OURS], options) if options.expect else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scans", description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="only the settings that one may look at, or the others")
    parser.add_argument("--settings", type=_names(load_settings()), metavar="NAME,…", help="only these")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only scans of such names")
    parser.add_argument("--small", action="store_true", help="a report in each of a few settings")
    parser.add_argument("--first", type=int, metavar="N", help="only so many reports of each setting")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds a document may take")
    parser.add_argument(
        "--keep", type=Path, default=KEPT, metavar="DIR", help="where scans lie, and are used"
    )
    parser.add_argument("--make", action="store_true", help="make the scans and read none")
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="draw a crop of every setting")
    parser.add_argument("--list", type=int, default=0, metavar="N", help="print N wrong cells")
    parser.add_argument("--results", type=Path, default=RESULTS / "scans.json", metavar="FILE")
    parser.add_argument("--expect", type=Path, metavar="FILE", help="compare ours with committed counts")
    parser.add_argument(
        "--programs",
        type=_names((OURS, *PEERS)),
        default=[OURS],
        metavar="NAME,…",
        help=f"of {', '.join((OURS, *PEERS))}; default: {OURS}",
    )
    return parser


class _names:  # noqa: N801 (a type of argparse: its name stands in messages)
    """Names parted by commas, each of those that are known."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = list(known)

    def __call__(self, text: str) -> list[str]:
        names = text.split(",")
        if unknown := sorted(set(names) - set(self.known)):
            raise argparse.ArgumentTypeError(f"no {', '.join(unknown)}; there are {', '.join(self.known)}")
        return names


def chosen_scans(options: argparse.Namespace) -> list[Scan]:
    """Return the scans that the command line asks for."""
    settings: dict[str, int] = {}
    chosen = []
    for scan in small_scans() if options.small else plan_scans():
        wanted = options.part in (None, scan.setting.part) and fnmatch(scan.name, options.only)
        if wanted and (not options.settings or scan.setting.name in options.settings):
            settings[scan.setting.name] = settings.get(scan.setting.name, 0) + 1
            if not options.first or settings[scan.setting.name] <= options.first:
                chosen.append(scan)
    return chosen


def make_all(scans: Sequence[Scan], folder: Path, jobs: int) -> None:
    """Write the scans into the folder; FontError where a font is not installed."""
    for font in {scan.font for scan in scans}:
        for file in (*font.files, font.digits):
            if file:
                find_font(file.partition(":")[0], font.package)
    waiting = [scan for scan in scans if not is_made(scan, folder)]
    spawn = multiprocessing.get_context("spawn")
    pool: Any = ProcessPool(max_workers=jobs, max_tasks=MADE_BY_ONE, context=spawn)
    try:
        for done in as_completed([pool.schedule(make_scan, args=(scan, folder)) for scan in waiting]):
            done.result()
    finally:
        pool.stop()
        pool.join()


def measure(program: str, scans: Sequence[Scan], options: argparse.Namespace) -> dict[str, Mapping[str, int]]:
    """Read all scans by one program; print and keep what became of their cells, and return it by setting."""
    names = {scan.name: scan.setting.name for scan in scans}
    truths = [truth for truth in folder_to_truths(options.keep) if truth.name in names]
    judged = sorted(
        _judged(program, truths, options), key=lambda each: list(names).index(each.score.document)
    )
    kept = {name: json.loads((options.keep / f"{name}.json").read_text(encoding="utf-8")) for name in names}
    counted = (
        (names[each.score.document], judged_to_counts(each, kept[each.score.document])) for each in judged
    )
    totals = counts_by_setting(counted)
    keep_counts(options.results, program, totals)
    print(f"{program}:", aligned(counts_to_table(totals)), sep="\n", flush=True)
    if options.list:
        print(*wrong_checks_lines(judged), *wrong_cells_lines(judged, options.list), sep="\n")
    return {**totals}


def _judged(program: str, truths: Sequence[Truth], options: argparse.Namespace) -> list[Judged]:
    if program in PEERS:
        return [judge(program, truth, read_peer(program, truth)) for truth in truths]
    outcomes = read_all(program, truths, options.jobs, options.timeout, RESULTS / "cache")
    return [judge(program, truth, outcome) for truth, outcome in outcomes]


def print_worse(totals: Mapping[str, Mapping[str, int]], options: argparse.Namespace) -> int:
    """Return 1 where a count of ours is worse than the committed one, 0 where none is."""
    section = "small" if options.small else options.part or "full"
    expected = tomllib.loads(options.expect.read_text(encoding="utf-8"))["scans"][section]
    worse = worse_counts(expected, whole_counts(totals.values()), NO_MORE)
    if worse:
        print(f"worse than {options.expect} [scans.{section}] says:", *worse, sep="\n", file=sys.stderr)
    return int(bool(worse))


if __name__ == "__main__":
    sys.exit(main())
