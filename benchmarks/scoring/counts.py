"""Counts of a benchmark that stands apart from the corpus: written, and held against committed ones."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from benchmarks.speed import RESULTS

Counts = Mapping[str, int]


def counts_parser(name: str, description: str | None, *, small: str, seed: str) -> argparse.ArgumentParser:
    """Return the parser of such a benchmark's command line; `small` and `seed` say what these options do."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--small", action="store_true", help=small)
    parser.add_argument("--seed", type=int, default=0, help=seed)
    parser.add_argument("--expect", type=Path, metavar="FILE", help="compare with committed figures")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read")
    return parser


def publish(
    name: str, totals: Counts, options: argparse.Namespace, worse_than: Callable[[Counts, Counts], list[str]]
) -> int:
    """Print counts, and write them to benchmarks/.results/NAME.json.

    Return 1 where `worse_than` finds one worse than the committed one, if --expect is given, else 0.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dict(sorted(totals.items())), indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    if not options.expect:
        return 0
    section = "small" if options.small else "full"
    expected = tomllib.loads(options.expect.read_text(encoding="utf-8"))[name][section]
    worse = worse_than(expected, totals)
    if worse:
        print(f"worse than {options.expect} [{name}.{section}] says:", *worse, sep="\n", file=sys.stderr)
    return int(bool(worse))


def worse_counts(expected: Counts, totals: Counts, no_more: Collection[str]) -> list[str]:
    """Return in words which counts are worse than committed: more of `no_more`, or less of any other."""
    return [
        f"{name}: {totals.get(name, 0)}, committed {count}"
        for name, count in expected.items()
        if (totals.get(name, 0) > count if name in no_more else totals.get(name, 0) < count)
    ]
