"""Who reports on what year, by what stands at the head of a page: `python -m benchmarks.titles [--small]`.

Combinations of tools.generator.titles are printed by every producer in turn, and read. In how many the
agency, the year and the day of publication are right, unknown or wrong is printed, and written to
benchmarks/.results/titles.json. `--expect FILE` fails where a figure is worse than its [titles.small] or
[titles.full] says.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.corpus.producers import PRODUCERS, producer
from benchmarks.speed import RESULTS
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.records import ReportIdentity
from pipeline.workers import Task, tasks_to_reports
from tools.generator import Manuscript, Spec, compose
from tools.generator.render import Table
from tools.generator.titles import TitlePage, page_to_blocks, title_pages

PAGES, SMALL_PAGES = 400, 60
SMALL_PRODUCERS = ("canvas", "reportlab")
"""Those that print a page in no time."""

RIGHT, UNKNOWN, WRONG = "right", "unknown", "wrong"
FACTS = ("agency", "year", "published")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, read, compare; 1 where a figure is worse than committed."""
    options = _parser().parse_args(arguments)
    pages = list(title_pages(SMALL_PAGES if options.small else PAGES, options.seed))
    programs = SMALL_PRODUCERS if options.small else tuple(PRODUCERS)
    totals: Counter[str] = Counter({"pages": len(pages)})
    for name, page, heading in read_pages(pages, programs, options.jobs):
        verdicts = judged(heading, page)
        totals.update(f"{fact}_{verdict}" for fact, verdict in verdicts.items())
        if WRONG in verdicts.values():
            print(f"{name}: {heading} for {page.agency}, {page.year}, {page.published}", file=sys.stderr)
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dict(sorted(totals.items())), indent=1)
    (RESULTS / "titles.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return _print_worse(totals, options) if options.expect else 0


def read_pages(
    pages: Sequence[TitlePage], programs: Sequence[str], jobs: int
) -> Iterator[tuple[str, TitlePage, ReportIdentity]]:
    """Print every page by one of the programs, and yield its name, the page and what is read from it."""
    with tempfile.TemporaryDirectory() as folder:
        named: dict[str, TitlePage] = {}
        for place, program in enumerate(programs):
            own = pages[place :: len(programs)]
            paths = [Path(folder, f"{program}-{number:03}.pdf") for number in range(len(own))]
            producer(program).print_reports(list(zip(map(page_to_manuscript, own), paths, strict=True)))
            named |= {path.name: page for path, page in zip(paths, own, strict=True)}
        tasks = [Task(document) for document in paths_to_documents([Path(folder)])]
        for report in tasks_to_reports(tasks, Settings(jobs=jobs)):
            name = Path(report.source_file).name
            yield name, named[name], report.heading


def page_to_manuscript(page: TitlePage) -> Manuscript:
    """Return a report with this head and one table; the title in the file's metadata is empty."""
    report = compose(Spec("示例市示例局", page.year))
    table = next(block for block in report.blocks if isinstance(block, Table))
    return Manuscript((*page_to_blocks(page), table), report.style, "", {})


def judged(heading: ReportIdentity, page: TitlePage) -> dict[str, str]:
    """Return of each of FACTS whether it is right, unknown or wrong."""
    found = (heading.agency, heading.fiscal_year, heading.published_on)
    wanted = (page.agency, page.year, page.published)
    return {
        fact: RIGHT if one == other else WRONG if one else UNKNOWN
        for fact, one, other in zip(FACTS, found, wanted, strict=True)
    }


def worse_than(expected: Mapping[str, int], totals: Mapping[str, int]) -> list[str]:
    """Return in words which figures are worse than committed, or of another number of pages."""
    if expected["pages"] != totals["pages"]:
        return [f"its figures are of {expected['pages']} pages, and {totals['pages']} were read"]
    return [
        f"{name}: {totals.get(name, 0)}, committed {count}"
        for name, count in expected.items()
        if name != "pages" and totals.get(name, 0) > count
    ]


def _print_worse(totals: Mapping[str, int], options: argparse.Namespace) -> int:
    """Return 1 where a figure is worse than the committed one, 0 where none is."""
    section = "small" if options.small else "full"
    expected = tomllib.loads(options.expect.read_text(encoding="utf-8"))["titles"][section]
    worse = worse_than(expected, totals)
    if worse:
        print(f"worse than {options.expect} [titles.{section}] says:", *worse, sep="\n", file=sys.stderr)
    return int(bool(worse))


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.titles", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few pages, by the programs that are quick")
    parser.add_argument("--seed", type=int, default=0, help="another one prints others")
    parser.add_argument("--expect", type=Path, metavar="FILE", help="compare with committed figures")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read")
    return parser


if __name__ == "__main__":
    sys.exit(main())
