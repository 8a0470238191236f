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
from io import BytesIO
from pathlib import Path

import pypdfium2
from reportlab.pdfgen.canvas import Canvas

from benchmarks.corpus.producers import PRODUCERS, producer
from benchmarks.scoring.counts import counts_parser, publish, worse_counts
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.records import ReportIdentity
from pipeline.workers import Task, tasks_to_reports
from tools.generator import Manuscript, Spec, compose
from tools.generator.fonts import FONT, load_font
from tools.generator.render import Table
from tools.generator.titles import Surroundings, TitlePage, page_to_blocks, surrounded_pages, title_pages

PAGES, SMALL_PAGES = 400, 60
SURROUNDED, SMALL_SURROUNDED = 100, 20
"""Counts of pages with a menu beside the title, or a table of labels above it."""

MENU_SIZE, MENU_MARGIN, MENU_TOP = 7.0, 8.0, 60.0
"""Points. The size of a menu in a margin, its distance from the edge of the page, and from the top."""

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
    pages = [
        *title_pages(SMALL_PAGES if options.small else PAGES, options.seed),
        *surrounded_pages(SMALL_SURROUNDED if options.small else SURROUNDED, options.seed),
    ]
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
            for path, page in zip(paths, own, strict=True):
                if page.around.menu:
                    path.write_bytes(with_menu(path.read_bytes(), page.around))
                named[path.name] = page
        tasks = [Task(document) for document in paths_to_documents([Path(folder)])]
        for report in tasks_to_reports(tasks, Settings(jobs=jobs)):
            name = Path(report.source_file).name
            yield name, named[name], report.heading


def page_to_manuscript(page: TitlePage) -> Manuscript:
    """Return a report with this head and one table; the title in the file's metadata is empty."""
    report = compose(Spec("示例市示例局", page.year))
    table = next(block for block in report.blocks if isinstance(block, Table))
    return Manuscript((*page_to_blocks(page), table), report.style, "", {})


def with_menu(pdf: bytes, around: Surroundings) -> bytes:
    """Return a PDF with a menu in the margin of its first page."""
    with pypdfium2.PdfDocument(pdf) as document:
        first = document[0]
        width, height = first.get_size()
        out = BytesIO()
        canvas = Canvas(out, pagesize=(width, height))
        load_font()
        canvas.setFont(FONT, MENU_SIZE)
        for at, text in enumerate(around.menu):
            y = height - MENU_TOP - 2 * MENU_SIZE * at
            if around.menu_side == "left":
                canvas.drawString(MENU_MARGIN, y, text)
            else:
                canvas.drawRightString(width - MENU_MARGIN, y, text)
        canvas.save()
        with pypdfium2.PdfDocument(out.getvalue()) as menu:
            first.insert_obj(menu.page_as_xobject(0, document).as_pageobject())
        first.gen_content()
        made = BytesIO()
        document.save(made)
    return made.getvalue()


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
    return worse_counts(expected, totals, expected)


if __name__ == "__main__":
    sys.exit(main())
