"""Who reports on what year, by what stands at the head of a page: `python -m benchmarks.titles [--small]`.

Combinations of tools.generator.titles are printed by every producer in turn, and read. In how many the
agency, the year and the day of publication are right, unknown or wrong is printed, and written to
benchmarks/.results/titles.json. `--expect FILE` fails where a figure is worse than its [titles.small] or
[titles.full] says.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.corpus.producers import PRODUCERS, producer
from benchmarks.scoring.counts import counts_parser, publish
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
    parser = counts_parser(
        "titles",
        __doc__,
        small="a few pages, by the programs that are quick",
        seed="another one prints others",
    )
    options = parser.parse_args(arguments)
    pages = list(title_pages(SMALL_PAGES if options.small else PAGES, options.seed))
    programs = SMALL_PRODUCERS if options.small else tuple(PRODUCERS)
    totals: Counter[str] = Counter({"pages": len(pages)})
    for name, page, heading in read_pages(pages, programs, options.jobs):
        verdicts = judged(heading, page)
        totals.update(f"{fact}_{verdict}" for fact, verdict in verdicts.items())
        if WRONG in verdicts.values():
            print(f"{name}: {heading} for {page.agency}, {page.year}, {page.published}", file=sys.stderr)
    return publish("titles", totals, options, worse_than)


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


if __name__ == "__main__":
    sys.exit(main())
