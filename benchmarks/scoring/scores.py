"""A program's cells and failed checks against the truth of one document: a row of accuracy.csv.

Every cell that the document prints, or that the program says it prints, is one of:
- exact: value and status as printed (a blank as blank, — as not_applicable); flagged where nobody can tell;
- missing: printed, and not given, or given without a value by a program that cannot flag;
- flagged: given as suspect or unreadable where the truth is neither; of these, false alarms are suspect
  with the right value;
- silent: given with another value or status, or although it is not printed at all, and nothing said.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from benchmarks.peers import Cell, Value
from benchmarks.scoring.programs import OURS, PROGRAMS, Outcome, outcome_to_cells
from benchmarks.scoring.truths import Truth
from pipeline.files.durable import written_beside

FLAGS = ("suspect", "unreadable")
WRONG = ("silent", "missing", "flagged")
"""What a cell can be other than exact, worst first."""


@dataclass(frozen=True, slots=True)
class Score:
    """One program on one document; the errors are sums that the bureau itself got wrong."""

    program: str
    document: str
    producer: str
    pages: int
    cells: int
    exact: int
    missing: int
    flagged: int
    silent: int
    false_alarms: int
    errors_planted: int
    errors_found: int
    errors_attributed: int
    attributed_wrongly: int
    cpu_seconds: float
    failure: str


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that is not exact: `verdict` is one of WRONG, None stands for no such cell."""

    verdict: str
    document: str
    page: int | None
    cell: Cell
    expected: Value | None
    read: Value | None

    @property
    def is_false_alarm(self) -> bool:
        return self.verdict == "flagged" and _is_false_alarm(self.expected, self.read)


@dataclass(frozen=True, slots=True)
class WrongCheck:
    """A sum that a bureau got wrong and ours did not say so (`verdict`: not found, reading), or the reverse.

    Then `verdict` is publisher, or misread where ours itself blames its reading.
    """

    verdict: str
    document: str
    check: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """The row of a document, with each cell and each check that is not as it should be."""

    score: Score
    cells: list[WrongCell]
    checks: list[WrongCheck]


def judge(program: str, truth: Truth, outcome: Outcome) -> Judged:
    """What a program gave for one document, held against the truth."""
    read = {} if outcome.failure else outcome_to_cells(outcome)
    wrong = list(_wrong_cells(truth, read, outcome.on_page or {}, can_flag=program == OURS))
    verdicts = [cell.verdict for cell in wrong]
    cells = len(truth.cells.keys() | read.keys())
    failed = {} if outcome.failure else dict(outcome.checks)
    checks = list(_wrong_checks(truth, failed))
    blamed = [check.verdict for check in checks]
    score = Score(
        program=program,
        document=truth.name,
        producer=truth.producer,
        pages=truth.pages,
        cells=cells,
        exact=cells - len(wrong),
        missing=verdicts.count("missing"),
        flagged=verdicts.count("flagged"),
        silent=verdicts.count("silent"),
        false_alarms=sum(cell.is_false_alarm for cell in wrong),
        errors_planted=len(truth.wrong_sums),
        errors_found=len(truth.wrong_sums) - blamed.count("not found"),
        errors_attributed=len(truth.wrong_sums) - blamed.count("not found") - blamed.count("reading"),
        attributed_wrongly=blamed.count("reading") + blamed.count("publisher"),
        cpu_seconds=round(outcome.cpu_seconds, 3),
        failure=outcome.failure,
    )
    return Judged(score, wrong, checks)


def _wrong_checks(truth: Truth, failed: Mapping[tuple[str, str], str]) -> Iterator[WrongCheck]:
    for check in sorted(truth.wrong_sums | failed.keys()):
        blamed = failed.get(check, "not found")
        if check not in truth.wrong_sums:
            yield WrongCheck("publisher" if blamed == "publisher" else "misread", truth.name, check)
        elif blamed != "publisher":
            yield WrongCheck(blamed, truth.name, check)


def _wrong_cells(
    truth: Truth, read: Mapping[Cell, Value], on_page: Mapping[Cell, int], can_flag: bool
) -> Iterator[WrongCell]:
    for cell in dict.fromkeys((*truth.cells, *read)):
        expected, given = truth.cells.get(cell), read.get(cell)
        verdict = cell_to_verdict(expected, given, can_flag)
        if verdict != "exact":
            yield WrongCell(verdict, truth.name, on_page.get(cell), cell, expected, given)


def cell_to_verdict(expected: Value | None, given: Value | None, can_flag: bool) -> str:
    """exact, missing, flagged or silent; None stands for a cell that is not printed, or not given."""
    if expected == given:
        return "exact"
    if given is None:
        return "missing"
    flagged = given[1] in FLAGS
    if flagged and can_flag and expected and expected[1] in FLAGS:
        return "exact"
    if not can_flag:
        return "missing" if flagged and expected else "silent"
    return "flagged" if flagged else "silent"


def _is_false_alarm(expected: Value | None, given: Value | None) -> bool:
    return bool(expected and given and given[1] == "suspect" and expected[0] == given[0])


# ------------------------------------------------------------------------- csv


def load_scores(file: Path) -> list[Score]:
    """The rows of accuracy.csv; none where there is no such file."""
    if not file.exists():
        return []
    kinds = {"int": int, "float": float, "str": str}
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Score(**{field.name: kinds[str(field.type)](row[field.name]) for field in fields(Score)})
            for row in csv.DictReader(lines)
        ]


def replace_scores(file: Path, program: str, scores: Sequence[Score], keep_others: bool = False) -> None:
    """Write accuracy.csv with the rows of one program exchanged and those of all other programs kept.

    `keep_others` keeps its own rows of other documents too.
    """
    measured = {score.document for score in scores}
    rows = [
        row
        for row in load_scores(file)
        if row.program != program or (keep_others and row.document not in measured)
    ]
    rows += scores
    rows.sort(key=lambda row: (PROGRAMS.index(row.program), row.document))
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = io.StringIO(newline="")
    writer = csv.DictWriter(lines, [field.name for field in fields(Score)])
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    with written_beside(file) as content:
        content.write(lines.getvalue().encode())
