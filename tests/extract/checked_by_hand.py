"""Observations and readings made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.extract.identities import observations_to_checks
from pipeline.extract.table_reading import TableReading
from pipeline.forms import load_forms
from pipeline.records import BoundTable, Box, Check, Leftover, Observation

OUTCOMES = ("upheld", "corrected", "other", "pending", "total")

Number = float | str
"""A text in place of a number is the status of a cell without one."""


def observation(
    item: str, column: str, number: Number, table: str = "review_litigation", template: str = "fy2021",
    reader: str = "pypdfium2", match: str = "exact",
) -> Observation:  # fmt: skip
    value, status = (None, number) if isinstance(number, str) else (float(number), "ok")
    return Observation(
        table=table, template=template, item=item, column=column, value=value, unit="件",
        raw="" if value is None else f"{value:g}", status=status, page=1, box=Box(0, 0, 1, 1),
        reader=reader, match=match, row_label=item, column_label=column,
    )  # fmt: skip


def group(item: str, *numbers: Number, **more: str) -> list[Observation]:
    """One group of table 四: 结果维持, 结果纠正, 其他结果, 尚未审结, 总计."""
    return [observation(item, column, n, **more) for column, n in zip(OUTCOMES, numbers, strict=True)]


def checks_of(observations: Sequence[Observation]) -> list[Check]:
    return observations_to_checks(observations, load_forms())


def verdicts(observations: Sequence[Observation]) -> dict[tuple[str, str], str]:
    return {(check.check, check.scope): check.verdict for check in checks_of(observations)}


def reading(
    observations: Sequence[Observation],
    reader: str = "pypdfium2",
    leftovers: Sequence[str] = (),
    missing: Sequence[tuple[str, str]] = (),
) -> TableReading:
    """What a reader made of one table."""
    observations = tuple(seen._replace(reader=reader) for seen in observations)
    table, template = observations[0].table, observations[0].template
    left = tuple(Leftover(table, 1, text, Box(0, 0, 1, 1), "left over") for text in leftovers)
    bound = BoundTable(table, template, (), tuple(missing), left)
    return TableReading(bound, observations, tuple(checks_of(observations)))


def changed(observations: Sequence[Observation], new: Mapping[tuple[str, str], Number]) -> list[Observation]:
    """The same cells, some of them read otherwise."""
    return [
        seen._replace(value=other.value, status=other.status, raw=other.raw)
        if (other := _other(seen, new))
        else seen
        for seen in observations
    ]


def _other(seen: Observation, new: Mapping[tuple[str, str], Number]) -> Observation | None:
    key = (seen.item, seen.column)
    return observation(*key, new[key]) if key in new else None
