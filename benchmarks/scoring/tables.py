"""Scores as tables of text: by program, by producer, by axis, and a list of wrong cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from benchmarks.peers import Value
from benchmarks.scoring.programs import OURS, PROGRAMS
from benchmarks.scoring.scores import WRONG, Judged, Score
from benchmarks.scoring.totals import Total, by_part, scores_to_total
from benchmarks.scoring.truths import Truth

LISTS = "break_positions"
"""An axis with many values a document; it is left to the written report."""

HEADINGS = (
    "program",
    "documents",
    "cells",
    "exact",
    "missing",
    "flagged",
    "silent",
    "false alarms",
    "errors found",
    "attributed",
    "wrongly",
    "CPU ms/page",
    "failures",
)


def programs_table(scores: Sequence[Score], truths: Sequence[Truth]) -> str:
    """A line a program; for ours also one for each part of the corpus."""
    parts = {truth.name: truth.part for truth in truths}
    lines: list[tuple[str, ...]] = [HEADINGS]
    for program, rows in _by(scores, lambda score: score.program).items():
        totals = {program: scores_to_total(rows)}
        if program == OURS:
            totals |= {f"  {part}": total for part, total in by_part(parts, rows).items()}
        lines += [(name, *_total_to_texts(total)) for name, total in totals.items() if total.documents]
    return aligned(lines)


def _total_to_texts(total: Total) -> tuple[str, ...]:
    return (
        str(total.documents),
        str(total.cells),
        percent(total.exact_share),
        str(total.missing),
        str(total.flagged),
        str(total.silent),
        f"{total.figures()['false_alarms']:.4%}",
        f"{total.errors_found} of {total.errors_planted}",
        str(total.errors_attributed),
        str(total.attributed_wrongly),
        f"{total.cpu_seconds / max(total.pages, 1) * 1000:.1f}",
        str(total.failures),
    )


def producers_table(scores: Sequence[Score]) -> str:
    """The share of exact cells, and how many are silent, of each program on each producer's documents."""
    return _share_table("producer", scores, lambda score: {"": (score.producer,)})


def axes_table(scores: Sequence[Score], truths: Sequence[Truth]) -> str:
    """The same for each value of each axis."""
    axes = {
        truth.name: {axis: (value,) for axis, value in truth.axes.items() if axis != LISTS}
        for truth in truths
    }
    return _share_table("axis", scores, lambda score: axes[score.document])


def _share_table(
    heading: str, scores: Sequence[Score], values: Callable[[Score], Mapping[str, tuple[str, ...]]]
) -> str:
    programs = list(_by(scores, lambda score: score.program))
    groups: dict[tuple[str, str], list[Score]] = {}
    for score in scores:
        for axis, named in values(score).items():
            for value in named:
                groups.setdefault((axis, value), []).append(score)
    order = list(dict.fromkeys(axis for axis, _ in groups))
    lines: list[tuple[str, ...]] = [(heading, "documents", *programs)]
    for axis, value in sorted(groups, key=lambda group: (order.index(group[0]), group[1])):
        rows = _by(groups[axis, value], lambda score: score.program)
        documents = len({score.document for score in groups[axis, value]})
        shares = (_share_and_silent(rows.get(program, [])) for program in programs)
        lines.append((f"{axis} {value}".strip(), str(documents), *shares))
    return aligned(lines)


def _share_and_silent(rows: Sequence[Score]) -> str:
    total = scores_to_total(rows)
    silent = f" ({total.silent})" if total.silent else ""
    return percent(total.exact_share) + silent if rows else "—"


def percent(share: float) -> str:
    """A share in percent with three places, rounded down: 100.000% says that it is all."""
    return f"{int(share * 100_000) / 1000:.3f}%"


def documents_table(judged: Iterable[Judged]) -> str:
    """A line for each document with a cell or a check that is not as it should be."""
    headings = ("document", "silent", "missing", "flagged", "false alarms", "wrong checks", "failure")
    lines: list[tuple[str, ...]] = [headings]
    for each in judged:
        s = each.score
        if each.cells or each.checks or s.failure:
            counts = (s.silent, s.missing, s.flagged, s.false_alarms, len(each.checks))
            lines.append((s.document, *map(str, counts), s.failure))
    return aligned(lines)


def wrong_checks_lines(judged: Iterable[Judged]) -> Iterator[str]:
    """What is said wrongly of sums."""
    said = {
        "not found": "the bureau's error was not found",
        "reading": "the bureau's error was laid to the reading",
        "publisher": "a right sum was said to be the bureau's error",
        "misread": "a right sum failed, and the reading was blamed",
    }
    for wrong in (check for each in judged for check in each.checks):
        yield f"{wrong.document}: {' '.join(wrong.check)}: {said[wrong.verdict]}"


def wrong_cells_lines(judged: Iterable[Judged], limit: int) -> Iterator[str]:
    """The first `limit` wrong cells, the worst first: where they are, what is printed, what was read."""
    wrong = [cell for each in judged for cell in each.cells]
    wrong.sort(key=lambda cell: (WRONG.index(cell.verdict), cell.document))
    for cell in wrong[:limit]:
        verdict = "false alarm" if cell.is_false_alarm else cell.verdict
        page = f"page {cell.page}" if cell.page else "no page"
        place = f"{cell.document}, {page}: {'.'.join(cell.cell)}"
        yield f"{verdict}: {place}: printed {_shown(cell.expected)}, read {_shown(cell.read)}"
    if len(wrong) > limit:
        yield f"… and {len(wrong) - limit} more"


def _shown(value: Value | None) -> str:
    return "no such cell" if value is None else f"{value[0]} {value[1]}"


def _by(scores: Iterable[Score], key: Callable[[Score], str]) -> dict[str, list[Score]]:
    """Scores by program in the order of PROGRAMS, or by another key in their own order."""
    groups: dict[str, list[Score]] = {}
    for score in sorted(scores, key=lambda score: PROGRAMS.index(score.program)):
        groups.setdefault(key(score), []).append(score)
    return groups


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Columns side by side, the first to the left and the others to the right; 三 takes two places."""
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            [set_cell_size(line[0], widths[0])]
            + [" " * (width - cell_len(t)) + t for t, width in zip(line[1:], widths[1:], strict=True)]
        )
        for line in lines
    )
