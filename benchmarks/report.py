"""Results → docs/benchmarks.md with its pictures: `python -m benchmarks.report`.

Reads benchmarks/.results/accuracy.csv and speed.json and the corpus that they were measured on. Writes
the page and docs/images/bench-*.png; nothing in them comes from anywhere else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.drawing.plots import pictures, save, save_small
from benchmarks.drawing.results import Results, ResultsError, load_results
from benchmarks.drawing.sheet import draw_sheet
from benchmarks.drawing.words import results_to_markdown

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 1 where results are missing or do not belong together."""
    options = _parser().parse_args(arguments)
    try:
        results = load_results(options.results, options.corpus, options.earlier)
    except ResultsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    write_report(results, options.out)
    print(f"written: {options.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description="Results to a page.")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / ".results", metavar="DIR")
    parser.add_argument("--corpus", type=Path, default=ROOT / "benchmarks" / ".corpus", metavar="DIR")
    parser.add_argument(
        "--earlier",
        type=Path,
        metavar="FILE",
        help="dated figures of programs that were not run now",
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md", metavar="FILE")
    return parser


def write_report(results: Results, out: Path) -> None:
    """The page, and its pictures in `images` beside it; those of an earlier run are removed."""
    folder = out.parent / "images"
    for old in folder.glob("bench-*.png"):
        old.unlink()
    drawn = pictures(results)
    for name, figure in drawn.items():
        save(figure, folder / name)
    save_small(draw_sheet(results), folder / "bench-corpus.png")
    out.write_text(results_to_markdown(results, {*drawn, "bench-corpus.png"}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
