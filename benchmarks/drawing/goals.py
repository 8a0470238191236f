"""What the benchmark has to show, each goal held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from .numbers import percent, thousands, times
from .results import OURS, Results, Tally, tally

FLOOR = "pypdfium2"
LINEAR = 1.25
"""How much more the last documents of the largest run may cost than those of the run before."""


@dataclass(frozen=True, slots=True)
class Goal:
    """`met` is None where nothing was measured that could tell."""

    what: str
    wanted: str
    measured: str
    met: bool | None


def results_to_goals(results: Results) -> list[Goal]:
    return [*_accuracy_goals(results), *_speed_goals(results.speed)]


def _accuracy_goals(results: Results) -> Iterator[Goal]:
    bare = {name for name, axes in results.axes.items() if axes.get("ruling") == ("none",)}
    ruled = tally(row for row in results.ours if row.document not in bare)
    unruled = tally(row for row in results.ours if row.document in bare)
    yield _exact("cells exact where tables have rulings of any kind", ruled, 1.0)
    yield _exact("cells exact where tables have no rulings", unruled, 0.995)
    yield from _trust_goals(tally(results.ours))
    for rows, where in (
        (results.shown, "where numbers are not plain text"),
        (results.merged, "where cells are merged"),
    ):
        own = tally(row for row in rows if row.program == OURS)
        if own.cells:
            yield from _apart_goals(own, where)


def _trust_goals(whole: Tally) -> Iterator[Goal]:
    """That nothing is wrong silently, and no alarm false; that the bureaus' own errors are told as such."""
    yield Goal("cells silently wrong", "0", thousands(whole.silent), whole.silent == 0)
    alarms = whole.share("false_alarms")
    what = "false alarms: right cells called suspect"
    yield Goal(what, "< 0.1 %", percent(alarms, up=True), alarms < 0.001)
    planted = whole.errors_planted
    for what, count in (
        ("the bureaus' own wrong sums found", whole.errors_found),
        ("the bureaus' own wrong sums laid to the bureau", whole.errors_attributed),
    ):
        yield Goal(what, "all", _of(count, planted), count == planted if planted else None)
    wrongly = whole.attributed_wrongly
    yield Goal("failed sums laid to the wrong side", "0", thousands(wrongly), wrongly == 0)


def _apart_goals(own: Tally, where: str) -> Iterator[Goal]:
    """That nothing is wrong silently in a part with figures of its own, and no bureau blamed for it."""
    yield Goal(f"cells silently wrong {where}", "0", thousands(own.silent), own.silent == 0)
    wrongly = own.attributed_wrongly
    yield Goal(f"sums laid to a bureau that is right {where}", "0", thousands(wrongly), wrongly == 0)


def _exact(what: str, cells: Tally, least: float) -> Goal:
    if not cells.cells:
        return Goal(what, _at_least(least), "no such document", None)
    measured = f"{percent(cells.share('exact'))} ({_of(cells.exact, cells.cells)})"
    return Goal(what, _at_least(least), measured, cells.exact >= least * cells.cells)


def _at_least(share: float) -> str:
    return "100 %" if share == 1 else f"≥ {share:.1%}".replace("%", " %")


def _of(part: int, whole: int) -> str:
    return f"{thousands(part)} of {thousands(whole)}"


def _speed_goals(speed: Mapping[str, Any]) -> Iterator[Goal]:
    ours = slower(speed, "once", OURS, FLOOR)
    what = f"CPU a page, as a multiple of the floor ({FLOOR}), where no second reading is needed"
    yield Goal(what, "≤ 2 ×", times(ours), None if ours is None else ours <= 2)
    for program, material, least in (("pdfplumber", "once", 8), ("camelot-lattice", "few", 40)):
        factor = slower(speed, material, program, OURS)
        what = f"CPU that {program} takes for the same pages, as a multiple of ours"
        yield Goal(what, f"≥ {least} ×", times(factor), None if factor is None else factor >= least)
    yield _linear(speed["growth"])


def _linear(growth: Sequence[Mapping[str, Any]]) -> Goal:
    what = "cost linear: CPU of an additional document, largest run against the one before"
    slopes = growth_to_slopes(growth)
    wanted = f"≤ {LINEAR:g} ×"
    if len(slopes) < 2:
        return Goal(what, wanted, "too few sizes measured", None)
    factor = slopes[-1] / slopes[-2]
    return Goal(what, wanted, times(factor), factor <= LINEAR)


def growth_to_slopes(growth: Sequence[Mapping[str, Any]]) -> list[float]:
    """CPU seconds of an additional document, between each size and the next."""
    return [
        (more["first"]["cpu"] - less["first"]["cpu"]) / (more["documents"] - less["documents"])
        for less, more in pairwise(growth)
    ]


def find_row(speed: Mapping[str, Any], material: str, program: str) -> Mapping[str, Any] | None:
    """The figures of a program on a material, None where it was not measured to the end."""
    found = (r for r in speed["programs"] if (r["material"], r["program"]) == (material, program))
    row = next(found, None)
    return row if row and row["rounds"] else None


def slower(speed: Mapping[str, Any], material: str, program: str, base: str) -> float | None:
    """How many times the CPU of `base` a program takes: the median of what it was in each round."""
    row, other = find_row(speed, material, program), find_row(speed, material, base)
    if row is None or other is None:
        return None
    pairs = zip(row["cpu_seconds"], other["cpu_seconds"], strict=False)
    return float(median(a / b for a, b in pairs))
