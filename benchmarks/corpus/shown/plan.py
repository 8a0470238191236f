"""Which reports there are of every kind: four each, by several programs and over several forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING
from zlib import crc32

from tools.generator import Spec
from tools.generator.figures import Cell, Figures, figures_of
from tools.generator.reports import figures_for, layouts_of

from .finishing import Finishing
from .kinds import KINDS, Kind
from .places import marks

if TYPE_CHECKING:
    from ..plan import Entry

FOLDER = SHOWN_AXIS = "shown"
EACH = 4
"""Documents of a kind."""

CELLS = 4
"""Number cells of a document that are of the kind, where it is about single cells."""

WIDE = ("decisions", "made", "in_force", "newly_made", "total_disclosed")
"""Columns of table 二 with room for thousands, which no sum holds."""

AMOUNTS = ("change", "fee_amount", "procurement_amount")
"""Columns of table 二 that are no counts."""

SMALL_APPLICATIONS = {
    "new_received": 7, "carried_in": 2, "granted": 4, "unavailable.not_held": 3, "handled_total": 7,
    "carried_out": 2,
}  # fmt: skip
"""A column of table 三 of a small bureau."""


def plan_shown(seed: int = 0) -> tuple[Entry, ...]:
    """Return every document, kind by kind. The first of each kind costs least to print."""
    taken: set[str] = set()
    return tuple(entry for number, kind in enumerate(KINDS) for entry in _entries(number, kind, taken, seed))


def _entries(number: int, kind: Kind, taken: set[str], seed: int) -> Iterator[Entry]:
    from ..axes import form_of
    from ..plan import Entry, draft_to_spec

    first = kind.producers[:1]
    others = kind.producers[1:] or first
    for turn in range(EACH):
        producer = first[0] if not turn else others[(3 * number + turn) % len(others)]
        form = kind.forms[(number + turn) % len(kind.forms)]
        label = f"{slug(kind.name)}-{producer}-{turn + 1}"
        spec = draft_to_spec(label, form, (), taken, seed)
        finished, finishing = _fill(kind, spec, producer, Random(crc32(f"{seed}/{label}".encode())))
        axes = {"form": form_of(spec), SHOWN_AXIS: kind.name}
        yield Entry(f"{FOLDER}/{label}", producer, axes, finished, finishing)


def slug(name: str) -> str:
    """Return a name as a part of the name of a file."""
    words = "".join(char if char.isalnum() or char in "+ -△﹣（）()" else "" for char in name)
    return "-".join(words.split())


def _fill(kind: Kind, spec: Spec, producer: str, rng: Random) -> tuple[Spec, Finishing]:
    """Return the report with the cells of the kind, and what is to be done with its file."""
    if kind.small:
        spec = replace(spec, figures=tuple(small_figures(spec).items()))
    figures = figures_for(spec)
    cells = tuple(rng.sample(_candidates(kind.cells, spec, figures), CELLS)) if kind.cells else ()
    written = [kind.write(figures[cell], rng) for cell in cells] if kind.write else []
    by_itself = bool(kind.way) and producer == "canvas"
    style = replace(spec.style, font=kind.font)
    keys = [cell[1:] for cell in cells]
    if by_itself:
        ways = ((key, kind.way, each.older or "7") for key, each in zip(keys, written, strict=True))
        style = replace(style, shown=tuple(ways))
    pieces = ((key, each.pieces) for key, each in zip(keys, written, strict=True) if each.pieces)
    printed = [replace(each.printed, text=each.text) if by_itself else each.printed for each in written]
    spec = replace(
        spec, style=replace(style, pieces=tuple(pieces)), printed=tuple(zip(cells, printed, strict=True))
    )
    texts = tuple((each.text, each.older) for each in written)
    is_finished = kind.finish is not None and not by_itself
    return spec, Finishing(kind.name, cells, marks(len(cells), rng), texts, is_finished)


def _candidates(which: str, spec: Spec, figures: Figures) -> list[Cell]:
    """Return the number cells of which `Kind.cells` speaks."""
    every = [(layout.table, *key) for layout in layouts_of(spec, figures) for key in layout.number_keys()]
    active = [cell for cell in every if cell[0] == "active_disclosure"]
    if which == "large":
        return [cell for cell in active if cell[2] in WIDE]
    if which == "signed":
        return [cell for cell in active if cell[2] == "change"]
    counts = [cell for cell in every if cell[2] not in AMOUNTS and figures[cell] == int(figures[cell])]
    return [cell for cell in counts if (figures[cell] > 0 if which == "seen" else figures[cell] == 0)]


def small_figures(spec: Spec) -> Figures:
    """Return figures of one digit each, as a small bureau has them; the sums hold."""
    figures = dict.fromkeys(figures_of(spec.agency, spec.year, spec.seed), 0.0)
    active = [cell for cell in figures if cell[0] == "active_disclosure"]
    figures |= {cell: float(number % 10) for number, cell in enumerate(active)}
    for item, value in SMALL_APPLICATIONS.items():
        figures |= {("applications", item, column): float(value) for column in ("natural_person", "total")}
    for group in ("review", "litigation_direct", "litigation_after_review"):
        columns = [cell for cell in figures if cell[:2] == ("review_litigation", group)]
        figures |= {columns[0]: 3.0, columns[1]: 2.0, ("review_litigation", group, "total"): 5.0}
    return figures
