"""Traps within number cells of pages and Word files: cells.toml says what stands in them and what is seen."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from string import Template

from benchmarks.flows.traps.cases import UNSURE, Case, Mutant, Name, Trap, name_of
from tools.generator.flows.markup import HtmlCell, HtmlTable
from tools.generator.flows.word import WordCell, WordTable, paragraph, run

SOME = (1, 2, 3, 8, 40)
"""Counts. In so many cells a trap is put, if there are so many."""

RUN = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class CellTrap:
    """What a trap puts into a cell; cells.toml says what its fields are."""

    markup: str
    seen: str = "number"
    blank: bool = False
    digits: int = 1
    head: str = ""
    value: float | None = None

    def filled(self, number: str, other: str) -> str:
        """Return the markup for a number."""
        texts = {"number": number, "first": number[:1], "rest": number[1:], "other": other}
        return Template(self.markup).substitute(texts)


def in_cell_traps() -> Iterator[Trap]:
    """Yield every trap of cells.toml."""
    kept = tomllib.loads(Path(__file__).with_name("cells.toml").read_text(encoding="utf-8"))
    makers = {"html": _page, "docx": _docx}
    for kind, traps in kept.items():
        for name, fields in traps.items():
            yield Trap(kind, name, partial(makers[kind], CellTrap(**fields)))


def _chosen(trap: CellTrap, case: Case) -> Mapping[Name, str]:
    """Return the markup of the cells that the trap is put into, and note what is seen there."""
    names = case.number_cells(digits=trap.digits, blank=trap.blank)
    count = min(len(names), case.chance.choice(SOME))
    filled = {}
    for name in case.chance.sample(names, count):
        filled[name] = trap.filled(case.text_of(name), str(case.chance.randint(2, 99)))
        if trap.seen == "unsure":
            case.seen[name] = UNSURE
        elif trap.value is not None:
            case.seen[name] = (trap.value, "ok")
    return filled


def _page(trap: CellTrap, case: Case) -> Mutant:
    markup = _chosen(trap, case)

    def changed(table: HtmlTable) -> HtmlTable:
        return table.changed(
            lambda cell: _with_inner(cell, markup.get(name_of(table.name, cell.cell) or ("", "", "")))
        )

    page = case.page(changed)
    return case.mutant(case.encoded(with_head(page, trap.head)))


def _with_inner(cell: HtmlCell, inner: str | None) -> HtmlCell:
    return cell if inner is None else replace(cell, inner=inner)


def with_head(page: str, head: str) -> str:
    """Return a page with more in its head."""
    return re.sub("</head>", lambda end: head + end.group(), page, count=1, flags=re.IGNORECASE)


def _docx(trap: CellTrap, case: Case) -> Mutant:
    markup = _chosen(trap, case)

    def changed(table: WordTable) -> WordTable:
        return table.changed(
            lambda cell: _with_content(cell, markup.get(name_of(table.name, cell.cell) or ("", "", "")))
        )

    return case.mutant(case.docx(changed))


def _with_content(cell: WordCell, markup: str | None) -> WordCell:
    if markup is None or not cell.begins:
        return cell
    content = RUN.sub(lambda text: run(text.group(1)), markup)
    is_block = "<w:p>" in markup or "<w:p/>" in markup
    is_block = is_block and "txbxContent" not in markup
    return replace(cell, content=content if is_block else paragraph(content, "center"))
