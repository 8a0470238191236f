"""Several reports in one file, and files in containers: `python -m benchmarks.several [--small]`.

Each kind is made anew with other bureaus and figures, read as a folder is, and held against what was printed:
every report has a row of its own with its own cells, or the file says that it holds more. What came out is
printed, and written to benchmarks/.results/several.json. `--expect FILE` fails where a figure is worse than
its [several.small] or [several.full] says.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.scoring.counts import counts_parser, publish, worse_counts
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.records import Reason, Report
from pipeline.workers import Task, tasks_to_reports
from tools.generator import Spec, Style, generate
from tools.generator.several import (
    GBK,
    attached,
    behind,
    beside,
    running,
    scanned,
    with_contents,
    with_tables_of,
    zipped,
)

ROUNDS = 6
"""Count of files of each kind."""

TOLD = (Reason.SEVERAL_REPORTS, Reason.PICTURES)
FLAGS = ("suspect", "unreadable")
NO_MORE = ("silent", "lost", "headings_wrong", "untold")
"""Figures of which there may be no more than committed; of all others no less."""

HTTP_HEAD = b"\r\n--part\r\nContent-Type: application/pdf\r\n\r\n"

Truth = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A file, and the reports in it in the order of its rows. Of `hidden` ones it has to say that there are
    more."""

    content: bytes
    truths: Sequence[Truth]
    hidden: bool = False


Kind = Callable[[Spec, Spec, float], Made]
"""Two reports, and how far below the first the second begins where it runs on → the file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, read, compare; 1 where a figure is worse than committed."""
    parser = counts_parser(
        "several",
        __doc__,
        small="one file of each kind that is read in no time",
        seed="another one makes others",
    )
    options = parser.parse_args(arguments)
    files = make_all(1, options.seed, QUICK) if options.small else make_all(ROUNDS, options.seed)
    totals = read_kinds(files, options.jobs)
    return publish("several", totals, options, worse_than)


def make_all(rounds: int, seed: int = 0, kinds: Collection[Kind] = ()) -> dict[str, Made]:
    """Return so many files of these kinds, or of every kind, by name."""
    return {
        f"{turn:02}-{kind.__name__}{suffix}": kind(*_specs(turn, 1000 * seed + 100 * place + turn))
        for turn in range(rounds)
        for place, (kind, suffix) in enumerate(KINDS.items())
        if not kinds or kind in kinds
    }


def _specs(turn: int, number: int) -> tuple[Spec, Spec, float]:
    """Return two reports of one year, and how far below the first the second begins where it runs on."""
    style = Style(cut=("rows", "anywhere")[turn % 2], row_height=(23.0, 26.0)[turn // 2 % 2])
    first = Spec("示例市甲示例局", 2021 + turn % 4, seed=number + 1, style=style)
    return first, replace(first, agency="示例市乙示例局", seed=-number - 1), 70.0 * turn


# ------------------------------------------------------------------------ kinds


def bureaus(one: Spec, other: Spec, gap: float) -> Made:
    """Two bureaus, page behind page."""
    return _joined(one, other)


def years(one: Spec, other: Spec, gap: float) -> Made:
    """Three years of a bureau."""
    return _joined(*(replace(one, year=year) for year in (one.year - 2, one.year - 1, one.year)))


def unlike(one: Spec, other: Spec, gap: float) -> Made:
    """A table without rulings behind one with them."""
    return _joined(one, replace(other, style=replace(other.style, ruling="none")))


def old_and_new(one: Spec, other: Spec, gap: float) -> Made:
    """A report of the old form before one of today's."""
    return _joined(
        replace(one, year=2018, active="", applications="", review=False, statistics="national"), one
    )


def runs_on(one: Spec, other: Spec, gap: float) -> Made:
    """A second report that begins below the first, somewhere on a page."""
    return Made(*running(one, other, gap=gap))


def runs_on_unruled(one: Spec, other: Spec, gap: float) -> Made:
    """The same without rulings."""
    bare = (replace(spec, style=replace(spec.style, ruling="none")) for spec in (one, other))
    return Made(*running(*bare, gap=gap))


def no_table_twice(one: Spec, other: Spec, gap: float) -> Made:
    """Two reports of which each lacks the tables of the other."""
    return Made(*running(replace(one, review=False, applications=""), replace(other, active=""), gap=gap))


def contents(one: Spec, other: Spec, gap: float) -> Made:
    """One report behind its cover and its table of contents."""
    return Made(*with_contents(one))


def compared(one: Spec, other: Spec, gap: float) -> Made:
    """A report without table 四, with the tables of last year behind it."""
    pdf, truths = with_tables_of(replace(one, review=False), replace(one, year=one.year - 1))
    return Made(pdf, truths[:1], hidden=True)


def side_by_side(one: Spec, other: Spec, gap: float) -> Made:
    """Two years on each page."""
    (left, truth), (right, _) = generate(one), generate(replace(one, year=one.year - 1))
    return Made(beside(left, right), [truth], hidden=True)


def half_scanned(one: Spec, other: Spec, gap: float) -> Made:
    """A scan behind a report."""
    (pdf, truth), (more, another) = generate(one), generate(other)
    return Made(behind(pdf, scanned(more, askew=gap / 700)), [truth, another])


def with_attachment(one: Spec, other: Spec, gap: float) -> Made:
    """A report to which another is attached."""
    (pdf, truth), (more, _) = generate(one), generate(other)
    return Made(attached(pdf, {"附件.pdf": more}), [truth], hidden=True)


def archive(one: Spec, other: Spec, gap: float) -> Made:
    """A ZIP archive with folders and names in GBK."""
    made = [generate(spec) for spec in (one, other)]
    members = [(f"年报/{number}局.pdf", pdf) for number, (pdf, _) in enumerate(made)]
    return Made(zipped(members, GBK), [truth for _, truth in made])


def archived_pair(one: Spec, other: Spec, gap: float) -> Made:
    """A ZIP archive with two PDFs in one file."""
    made = [generate(spec) for spec in (one, other)]
    both = HTTP_HEAD.join(pdf for pdf, _ in made)
    return Made(zipped([("both.pdf", both)]), [truth for _, truth in made])


def archive_within(one: Spec, other: Spec, gap: float) -> Made:
    """A ZIP archive of archives, one of each bureau."""
    made = [generate(spec) for spec in (one, other)]
    inner = [zipped([("年报/年报.pdf", pdf)], GBK) for pdf, _ in made]
    members = [(f"{number}局.zip", content) for number, content in enumerate(inner)]
    return Made(zipped(members, GBK), [truth for _, truth in made])


def glued(one: Spec, other: Spec, gap: float) -> Made:
    """Two PDFs one behind the other, with what a program left between them."""
    made = [generate(spec) for spec in (one, other)]
    return Made(HTTP_HEAD.join(pdf for pdf, _ in made), [truth for _, truth in made])


KINDS: Mapping[Kind, str] = {
    **dict.fromkeys((bureaus, years, unlike, old_and_new, runs_on, runs_on_unruled, no_table_twice), ".pdf"),
    **dict.fromkeys((contents, compared, side_by_side, half_scanned, with_attachment, glued), ".pdf"),
    **dict.fromkeys((archive, archived_pair, archive_within), ".zip"),
}
"""Each kind of file, and how the name of such a file ends."""

QUICK = KINDS.keys() - {side_by_side}
"""Kinds that are read in no time: every reader is asked of reports side by side."""


def _joined(*specs: Spec) -> Made:
    """Return the reports of these, page behind page."""
    made = [generate(spec) for spec in specs]
    return Made(behind(*(pdf for pdf, _ in made)), [truth for _, truth in made])


# ---------------------------------------------------------------------- verdicts


def read_kinds(files: Mapping[str, Made], jobs: int) -> Counter[str]:
    """Write the files into a folder, read it, and count what became of every report and cell."""
    with tempfile.TemporaryDirectory() as folder:
        for name, made in files.items():
            Path(folder, name).write_bytes(made.content)
        documents = paths_to_documents([Path(folder)])
        names = {document.snapshot.sha256: document.source_file for document in documents}
        tasks = [Task(document) for document in documents]
        read = {names[report.sha256]: report for report in tasks_to_reports(tasks, Settings(jobs=jobs))}
    totals: Counter[str] = Counter()
    for name, made in files.items():
        own = [read[key] for key in sorted(read) if name in Path(key).parts]
        verdicts = judged(made, [one for report in own for one in (report, *report.others)])
        totals += verdicts
        if any(verdicts[key] for key in NO_MORE) or verdicts["found"] < verdicts["reports"]:
            print(f"{name}: {dict(verdicts)}", file=sys.stderr)
    return totals


def judged(made: Made, reports: Sequence[Report]) -> Counter[str]:
    """Return how many reports were found, and what became of their cells.

    Cells are exact, flagged, lost (not given) or silent: given otherwise than printed, and nothing said. A
    file with reports that nobody can part is untold if it does not say so.
    """
    told = any(report.reason in TOLD for report in reports)
    counts = Counter(files=1, reports=len(made.truths), untold=int(made.hidden and not told))
    counts["found"] = min(len(reports), len(made.truths))
    counts["untold"] += len(reports) != len(made.truths) and not told
    for report, truth in zip(reports, made.truths, strict=False):
        named = (report.heading.agency, report.heading.fiscal_year)
        meta = truth["meta"]
        counts["headings_wrong"] += not made.hidden and named != (meta["agency"], meta["fiscal_year"])
        printed = {tuple(row[:3]): tuple(row[3:5]) for row in truth["cells"]}
        given = {
            (seen.table, seen.item, seen.column): (seen.value, seen.status) for seen in report.observations
        }
        counts += Counter(
            _cell_to_verdict(printed.get(cell), given.get(cell), told) for cell in printed | given
        )
    return counts


def _cell_to_verdict(printed: tuple[Any, ...] | None, given: tuple[Any, ...] | None, told: bool) -> str:
    """Return exact, flagged, lost or silent; what a file says it lost is flagged."""
    if printed == given:
        return "exact"
    if given is None:
        return "flagged" if told else "lost"
    return "flagged" if given[1] in FLAGS else "silent"


def worse_than(expected: Mapping[str, int], totals: Mapping[str, int]) -> list[str]:
    """Return in words which figures are worse than committed, or of another number of files."""
    if expected["files"] != totals["files"]:
        return [f"its figures are of {expected['files']} files, and {totals['files']} were read"]
    return worse_counts(expected, totals, NO_MORE)


if __name__ == "__main__":
    sys.exit(main())
