"""Numbers over several columns, and several under one header: `python -m benchmarks.merged`.

Reports with such numbers, made by a seed, are printed by several programs and read. What comes out is held
against what the page says: a cell that such a number covers has no number of its own. Printed, and written to
benchmarks/.results/merged.json: how many cells came out otherwise and were not flagged. Fails where any did.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.corpus.producers import producer
from benchmarks.speed import RESULTS
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.records import Report
from pipeline.workers import Task, tasks_to_reports
from tools.generator import Spec, Style, compose
from tools.generator.merged import chance_unruly

PRODUCERS = ("canvas", "reportlab", "chromium")
YEARS = {"fy2019": 2020, "fy2021": 2023}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, read, compare; 1 where a cell is wrong silently."""
    options = _parser().parse_args(arguments)
    programs = options.producers.split(",")
    result: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        truths = dict(print_reports(options.reports, options.seed, programs, Path(folder)))
        tasks = [Task(document) for document in paths_to_documents([Path(folder)])]
        for report in tasks_to_reports(tasks, Settings(jobs=options.jobs)):
            name = Path(report.source_file).name
            kinds = Counter(kind for kind, _ in judged(truths[name], report))
            result += kinds + Counter({f"report {report.status}": 1})
            for kind, line in judged(truths[name], report):
                if kind in ("silent", "blamed"):
                    print(f"{name}: {kind}: {line}", file=sys.stderr)
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dict(sorted(result.items())), indent=1, ensure_ascii=False)
    (RESULTS / "merged.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return int(result["silent"] + result["blamed"] > 0)


def print_reports(
    count: int, seed: int, programs: Sequence[str], folder: Path
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Write so many reports, and yield the name of each file with the truth about it."""
    for number in range(count):
        program = programs[number % len(programs)]
        report = compose(chance_spec(number, seed))
        path = folder / f"{number:04}-{program}.pdf"
        producer(program).print_reports([(report, path)])
        yield path.name, report.truth


def chance_spec(number: int, seed: int = 1) -> Spec:
    """Return a report with a few unruly numbers, as its number and the seed say."""
    chance = random.Random(f"merged {seed} {number}")
    form = chance.choice(sorted(YEARS))
    style = Style(
        ruling=chance.choice(("solid", "solid", "solid", "grey", "double", "dashed")),
        cut=chance.choice(("rows", "anywhere")),
        row_height=chance.choice((20.0, 23.0, 28.0)),
        blanks=chance.choice(("none", "none", "some", "zeros")),
    )
    return Spec(
        "示例市示例局",
        YEARS[form],
        active=form,
        applications=form,
        seed=number,
        style=style,
        unruly=chance_unruly(form, chance),
    )


def judged(truth: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str]]:
    """Yield for each cell what came of it (right, flagged, missing, silent), and what was read.

    Also yield each sum (blamed) that is laid to the publisher, although he printed no such error.
    """
    cells = {(seen.table, seen.item, seen.column): seen for seen in report.observations}
    for table, item, column, value, status, _ in truth["cells"]:
        seen = cells.get((table, item, column))
        words = f"{table}.{item}.{column}: {seen.raw!r} ({seen.status}) for {value}" if seen else ""
        if not seen:
            yield "missing", words
        elif seen.status in ("suspect", "unreadable"):
            yield "right" if status == "unreadable" else "flagged", words
        elif seen.status == "ok":
            yield "right" if (seen.value, status) == (value, "ok") else "silent", words
        else:
            yield "right" if seen.status == status else "silent", words
    own = {tuple(pair) for pair in truth["meta"]["failing_checks"]}
    for check in report.checks:
        if check.attribution == "publisher" and (check.check, check.scope) not in own:
            yield "blamed", f"{check.check} {check.scope}: {check.left:g} is not {check.right:g}"


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.merged", description=__doc__)
    parser.add_argument("--reports", type=int, default=300, help="how many reports are printed")
    parser.add_argument("--seed", type=int, default=1, help="another one prints others")
    parser.add_argument("--producers", default=",".join(PRODUCERS), help="the programs that print them")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read")
    return parser


if __name__ == "__main__":
    sys.exit(main())
