"""Reports with texts over several cells, several numbers under one header, and blank totals: four of a kind.

They lie in a folder of their own beside the other documents, whose figures stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random
from zlib import crc32

from tools.generator import Printed, Spec
from tools.generator.figures import testable
from tools.generator.merged import (
    DASH,
    Merged,
    Parted,
    Unruly,
    merged_applicants,
    merged_block,
    merged_documents,
    merged_outcomes,
    merged_rows,
    merged_table,
)
from tools.generator.reports import figures_for, layouts_of

from .axes import Change, form_of
from .plan import Entry, draft_to_spec, is_printable
from .producers import PRODUCERS

FOLDER = MERGED_AXIS = "merged"
EACH = 4
"""Documents of a kind."""

RULINGS = ("solid", "grey", "double", "dashed", "dotted")
ALIGNED = ("value", "value_left", "value_right")
DECISIONS = ("administrative_licensing", "administrative_penalty", "administrative_coercion")

DIGITS = str.maketrans("二三四", "234")

Make = Callable[[Spec, Random], Spec]
"""A report as the form has it → the same with what makes it one of its kind."""


def unruly(made: Callable[[str, Random], Iterable[Unruly]], text: str = "") -> Make:
    """Return what puts such numbers in a report, or this text in their place."""

    def make(spec: Spec, rng: Random) -> Spec:
        align = rng.choice(ALIGNED)
        found = [replace(one, align=align) for one in made(spec.applications, rng)]
        if text:
            found = [replace(one, text=text) for one in found if isinstance(one, Merged)]
        return replace(spec, unruly=tuple(found))

    return make


def parted(*rest: tuple[str, str]) -> Make:
    """Return what puts other texts beside the numbers of the decisions, one or the other of `rest`."""

    def make(spec: Spec, rng: Random) -> Spec:
        texts = [(str(rng.randint(1, 400)), *rng.choice(rest)) for _ in DECISIONS]
        align = rng.choice(ALIGNED)
        found = (
            Parted("active_disclosure", (item, "decisions"), each, align)
            for item, each in zip(DECISIONS, texts, strict=True)
        )
        return replace(spec, unruly=tuple(found))

    return make


def blank_totals(spec: Spec, rng: Random) -> Spec:
    """Leave most totals blank, whatever their parts add up to."""
    figures = figures_for(spec)
    cells = {(layout.table, *key) for layout in layouts_of(spec, figures) for key in layout.number_keys()}
    sums = testable({cell: figures[cell] for cell in cells})
    totals = sorted({left[0] for _, _, left, _ in sums if len(left) == 1})
    chosen = rng.sample(totals, round(0.7 * len(totals)))
    return replace(spec, printed=tuple((cell, Printed("", None, "blank")) for cell in chosen))


KINDS: Mapping[str, tuple[Make, tuple[str, ...]]] = {
    "over columns of table 三": (unruly(merged_applicants), ("fy2021", "fy2019")),
    "over rows of table 三": (unruly(merged_rows), ("fy2021", "fy2019")),
    "over rows and columns": (unruly(merged_block), ("fy2021", "fy2019")),
    "over all of table 三": (unruly(merged_table), ("fy2021", "fy2019")),
    "over columns of table 二": (unruly(merged_documents), ("fy2021", "fy2019")),
    "over columns of table 四": (unruly(merged_outcomes), ("fy2021", "fy2019")),
    "a sentence over columns": (unruly(merged_applicants, "本年未收到申请"), ("fy2021", "fy2019")),
    "a dash over columns": (unruly(merged_applicants, DASH), ("fy2021", "fy2019")),
    "spare columns": (parted(("0", "0"), ("", ""), ("", "0")), ("fy2021",)),
    "several numbers under a header": (parted(("3", "1"), ("0", "7"), ("", "2")), ("fy2021",)),
    "blank totals": (blank_totals, ("fy2021", "fy2019")),
}
"""Of each kind what makes it, and the forms that have it."""


def plan_merged(seed: int = 0) -> tuple[Entry, ...]:
    """Return every document, kind by kind. The first of each kind costs least to print."""
    taken: set[str] = set()
    return tuple(entry for number, name in enumerate(KINDS) for entry in _entries(number, name, taken, seed))


def _entries(number: int, name: str, taken: set[str], seed: int) -> Iterator[Entry]:
    make, forms = KINDS[name]
    first, *others = PRODUCERS
    for turn in range(EACH):
        producer = others[(3 * number + turn) % len(others)] if turn else first
        label = f"{'-'.join(name.translate(DIGITS).split())}-{producer}-{turn + 1}"
        rng = Random(crc32(f"{seed}/{label}".encode()))
        spec = make(draft_to_spec(label, forms[turn % len(forms)], (), taken, seed), rng)
        ruling = rng.choice(
            [
                each
                for each in RULINGS
                if is_printable(producer, Change("ruling", each, style={"ruling": each}))
            ]
        )
        spec = replace(spec, style=replace(spec.style, ruling=ruling), spaces=_spaces(rng))
        yield Entry(f"{FOLDER}/{label}", producer, {"form": form_of(spec), MERGED_AXIS: name}, spec)


def _spaces(rng: Random) -> tuple[tuple[str, float], ...]:
    """Return empty paper over the tables, so that pages end somewhere in them."""
    return tuple((table, float(rng.randrange(0, 420, 20))) for table in ("active_disclosure", "applications"))
