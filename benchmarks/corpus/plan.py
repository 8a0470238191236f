"""What the corpus consists of: which report is printed by which program, and what is particular about it.

Every producer prints the same four groups: looks, each with one particular of content; page ends; tables
without rulings; and random mixtures. The producer `canvas`, which cuts exactly, prints every page end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import cycle, islice
from math import ceil
from random import Random
from typing import Any
from zlib import crc32

from tools.generator import Break, Spec, Style
from tools.generator.layouts import Layout, active_disclosure, applications, review_litigation

from .agencies import NAMES
from .axes import (
    ALL,
    CONTENTS,
    FORM,
    FORMS,
    LOOKS,
    MODERN,
    SYSTEM_FONT,
    YEARS,
    Change,
    axes_of,
    changed,
    is_fair,
)
from .producers import PRODUCERS, producer
from .shown.finishing import Finishing

SMALL = 60
MIXTURES = 18
UNCOUNTED = ("break_positions",)


@dataclass(frozen=True, slots=True)
class Entry:
    """One document: `name` without suffix, who prints it, its value on every axis it is counted under.

    `finishing` is what makes it one of the kinds of benchmarks.corpus.shown.
    """

    name: str
    producer: str
    axes: Mapping[str, str]
    spec: Spec
    finishing: Finishing | None = None


Draft = tuple[str, str, tuple[Change, ...]]
"""A document before it has an agency and a year: its name (less the producer's), its form, its changes."""


def plan(small: bool = False, seed: int = 0) -> tuple[Entry, ...]:
    """Every document of the corpus by producer; or `SMALL` of them that show all there is.

    Another `seed` gives another corpus of the same kind: other reports, figures and mixtures.
    """
    entries = _entries(seed)
    return representative(entries, SMALL) if small else entries


@cache
def _entries(seed: int) -> tuple[Entry, ...]:
    taken: set[str] = set()
    return tuple(entry for name in PRODUCERS for entry in producer_to_entries(name, taken, seed))


def producer_to_entries(name: str, taken: set[str], seed: int) -> Iterator[Entry]:
    """The documents of one producer; each takes an agency that is not `taken` yet."""
    number = list(PRODUCERS).index(name)
    drafts = [*looks(name, number, seed), *page_ends(name, number)]
    drafts += [*unruled(name, number, seed), *mixtures(name, seed)]
    if is_printable(name, SYSTEM_FONT):
        drafts = list(with_system_font(drafts))
    seen: Counter[str] = Counter()
    for label, form, changes in drafts:
        seen[label] += 1
        label = f"{name}-{label}" + (f"-{seen[label]}" if seen[label] > 1 else "")
        spec = draft_to_spec(label, form, changes, taken, seed)
        yield Entry(label, name, axes_of(spec), spec)


def with_system_font(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Every fourth document that goes beyond its form in a font that is not embedded."""
    for number, (label, form, changes) in enumerate(drafts):
        also = (*changes, SYSTEM_FONT)
        yield label, form, also if number % 4 == 0 and number >= len(FORM) and fits(form, also) else changes


def salted(text: str, seed: int) -> str:
    """What a choice follows from: the text alone for the first corpus, with the seed for others."""
    return f"{seed}/{text}" if seed else text


def draft_to_spec(label: str, form: str, changes: Iterable[Change], taken: set[str], seed: int) -> Spec:
    """The report of a draft; all that is random in it follows from its name and the seed."""
    lot = crc32(salted(label, seed).encode())
    rng = Random(lot)
    start = lot % len(NAMES)
    agency = next(agency for agency in (*NAMES[start:], *NAMES[:start]) if agency not in taken)
    taken.add(agency)
    year = rng.choice(YEARS[form])
    spec = Spec(
        agency,
        year,
        **FORMS[form],
        seed=lot % 1000,
        wording="short",
        file=f"{label}.pdf",
        published_on=f"{year + 1}-01-{rng.randint(5, 30):02d}",
        style=Style(row_height=rng.choice((23.0, 24.5, 26.0, 28.0)), body_size=14.0),
    )
    spec = changed(spec, changes)
    header = spec.style.page_header.format(agency=agency)
    return replace(spec, style=replace(spec.style, page_header=header))


# ------------------------------------------------------------- what a producer can


def is_printable(name: str, change: Change) -> bool:
    """Whether this producer can print what the change asks for."""
    cannot: Mapping[str, Any] = producer(name).CANNOT
    return not any(value in cannot.get(field, ()) for field, value in change.style.items())


def common_forms(changes: Iterable[Change]) -> list[str]:
    """The forms on which all these changes can be seen."""
    return [form for form in ALL if all(form in change.forms for change in changes)]


def fits(form: str, changes: Sequence[Change]) -> bool:
    """Whether these changes make one fair report: no axis twice, nothing set twice."""
    fields = [key for change in changes for key in (*change.spec, *change.style)]
    once = len(set(fields)) == len(fields)
    return once and is_fair(changed(Spec("", 2020, **FORMS[form]), changes))


def slug(*changes: Change) -> str:
    """The axes and values of changes as a part of a file name."""
    words = "-".join(f"{change.axis} {change.value}" for change in changes)
    return "-".join(words.replace("三", "3").replace(",", "").split())


# ------------------------------------------------------------------------- looks


def looks(name: str, number: int, seed: int) -> Iterator[Draft]:
    """Each form as it is, then each look with the next particular of content that goes with it."""
    for change in FORM:
        yield slug(change), change.value, (change,)
    rng = Random(salted(f"looks/{name}", seed))
    contents = [change for change in CONTENTS if is_printable(name, change)]
    offset = number * len(contents) // len(PRODUCERS) + seed
    waiting = [*contents[offset % len(contents) :], *contents[: offset % len(contents)]]
    for look in (look for look in LOOKS if is_printable(name, look)):
        content = next(content for content in waiting if agreeing_forms(look, content))
        waiting.remove(content)
        waiting.append(content)
        yield slug(look, content), rng.choice(agreeing_forms(look, content)), (look, content)


def agreeing_forms(look: Change, content: Change) -> list[str]:
    """The forms for a look with a content, the newest more often; none if they do not go together."""
    forms = [form for form in common_forms((look, content)) if fits(form, (look, content))]
    return [form for form in forms for _ in range(3 if form == "fy2021" else 2 if form == "fy2019" else 1)]


# --------------------------------------------------------------------- page ends


def page_ends(name: str, number: int) -> Iterator[Draft]:
    """Ends of pages in tables 二, 三 and 四: planned ones, and where they fall after some empty paper.

    Half of the latter have wrong sums as well, which need every row found again.
    """
    others = len(PRODUCERS) - 1
    for kind in ("between", "inside"):
        for form in ("fy2021", "fy2019"):
            every = sweep(form, kind)
            stride = others if kind == "between" else 2 * others
            own = every if name == "canvas" else every[number - 1 :: stride]
            for place, breaks in own:
                change = break_change(kind, form, place, breaks, cut_rules(name))
                yield f"{kind}-{form}-{place:02d}", form, (change,)
    for step in range(4):
        form = ALL[(number + step) % len(ALL)]
        space = space_change(number * 4 + step, step % 2 == 1)
        yield f"fall-{step + 1}", form, (space, *wrong_sums(number + step)[: step // 2])


def break_change(kind: str, form: str, place: int, breaks: tuple[Break, ...], rules: Sequence[str]) -> Change:
    """Planned breaks; those inside cells with one or the other of the `rules` at the cut, in turn."""
    style: dict[str, Any] = {"breaks": breaks, "cut": "rows"}
    if kind == "inside":
        rule = rules[place % len(rules)]
        style |= {"cut": "anywhere", "cut_rule": rule, "headers": "stack", "row_height": 30.0}
    elif place % 3 == 2:
        style["repeat_header"] = True
    return Change("break", kind, style=style, forms=(form,))


def wrong_sums(number: int) -> tuple[Change]:
    """One of the changes that make sums wrong, in turn."""
    every = [change for change in CONTENTS if change.axis == "wrong_sums"]
    return (every[number % len(every)],)


def cut_rules(name: str) -> list[str]:
    """With and without the rules that close and open a cut cell, as far as this producer can."""
    every = ("both", "none", "no_close", "no_open")
    return [rule for rule in every if is_printable(name, Change("cut_rule", rule, style={"cut_rule": rule}))]


def space_change(number: int, anywhere: bool) -> Change:
    """Empty paper over the tables, so that pages end elsewhere in them."""
    spaces = tuple(
        (table, float(stride * number % 420))
        for table, stride in (
            ("active_disclosure", 61),
            ("applications", 97),
            ("review_litigation", 43),
            ("statistics", 83),
        )
    )
    return Change("break", "fall", spec={"spaces": spaces}, style={"cut": "anywhere" if anywhere else "rows"})


@cache
def sweep(form: str, kind: str) -> tuple[tuple[int, tuple[Break, ...]], ...]:
    """Numbered documents that together end a page at every place of tables 二, 三 and 四.

    Two places of table 三, one or two of table 二 and one of table 四 share a document.
    """
    long, short, last = (
        places(layout, kind) for layout in (applications(form), active_disclosure(form), review_litigation())
    )
    count = max(ceil(len(long) / 2), ceil(len(short) / 2))
    spread = zip(islice(cycle(last), count), range(count), strict=True)
    return tuple((n, (*short[n::count], *long[n::count], planned)) for planned, n in spread)


def places(layout: Layout, kind: str) -> list[Break]:
    """Every page end between two rows of a table, or inside each of its rows."""
    if kind == "between":
        return [Break(layout.table, row) for row in range(1, layout.rows)]
    return [
        Break(layout.table, row, lines)
        for row in range(layout.rows)
        for lines in range(1, lines_of(layout, row) + 1)
    ]


def lines_of(layout: Layout, row: int) -> int:
    """After how many lines a page can end in a row: long labels and stacked headers take several."""
    texts = [cell.text for cell in layout.cells if cell.row == row and cell.row_span == 1]
    if layout.table == "review_litigation":
        return 3 if row == 2 else 1
    return 2 if max(map(len, texts)) > 25 and layout.widths[0] < 0.1 else 1


# ------------------------------------------------------------- without rulings


def unruled(name: str, number: int, seed: int) -> Iterator[Draft]:
    """Reports whose tables have no rulings, a third of them with sums of the bureau's own that are wrong."""
    bare = Change("ruling", "none", style={"ruling": "none"})
    others = [
        change
        for change in CONTENTS
        if change.axis in ("labels", "totals", "extra_row", "prose") or change.value == "some"
    ]
    rng = Random(salted(f"unruled/{name}", seed))
    forms = [*FORMS, "fy2021", "fy2021", "fy2019"]
    for place, form in enumerate(forms):
        changes: tuple[Change, ...] = (bare,)
        if place % 3 == 1:
            changes += wrong_sums(number + place)
        elif place % 3 == 2:
            changes += (rng.choice([change for change in others if form in change.forms]),)
        yield slug(*changes), form, changes


# -------------------------------------------------------------------- mixtures


OFTEN = {"ruling": 0.6, "numbers": 0.4, "labels": 0.4, "blanks": 0.3, "wrong_sums": 0.6, "break": 0.4}
SELDOM = 0.14
"""How likely an axis is to be away from its usual value in a mixture."""


def mixtures(name: str, seed: int) -> Iterator[Draft]:
    """Reports with everything at random."""
    for number in range(1, MIXTURES + 1):
        rng = Random(salted(f"mixture/{name}/{number}", seed))
        form = rng.choice([*ALL, *MODERN, "fy2021", "fy2021"])
        chosen: list[Change] = []
        for axis, changes in by_axis(name).items():
            if rng.random() < OFTEN.get(axis, SELDOM):
                change = rng.choice(changes)
                if form in change.forms and fits(form, [*chosen, change]):
                    chosen.append(change)
        yield f"mix-{number:02d}", form, tuple(chosen)


@cache
def by_axis(name: str) -> dict[str, list[Change]]:
    """All that a mixture of this producer's chooses from."""
    every = [
        *LOOKS,
        *CONTENTS,
        Change("ruling", "none", style={"ruling": "none"}),
        Change("prose", "full", spec={"wording": "full"}),
    ]
    every += [
        break_change(kind, form, place, breaks, cut_rules(name))
        for form in ("fy2021", "fy2019")
        for kind in ("between", "inside")
        for place, breaks in sweep(form, kind)
    ]
    axes: dict[str, list[Change]] = {}
    for change in every:
        if is_printable(name, change):
            axes.setdefault(change.axis, []).append(change)
    return axes


# ----------------------------------------------------------------- a representative few


def representative(entries: Sequence[Entry], count: int) -> tuple[Entry, ...]:
    """So many entries that every producer and every value of every axis is among them, if it can be.

    One after the other, the entry that shows most of what no other has shown yet.
    """
    shown: Counter[tuple[str, str]] = Counter()
    chosen: list[Entry] = []
    while len(chosen) < min(count, len(entries)):
        best = max((entry for entry in entries if entry not in chosen), key=lambda e: gain(e, shown))
        chosen.append(best)
        shown.update(values_of(best))
    return tuple(entry for entry in entries if entry in chosen)


def gain(entry: Entry, shown: Mapping[tuple[str, str], int]) -> tuple[int, float]:
    """How many values an entry would show for the first time; then, how rare those are that it shows."""
    values = values_of(entry)
    return sum(value not in shown for value in values), sum(1 / (1 + shown.get(value, 0)) for value in values)


def values_of(entry: Entry) -> list[tuple[str, str]]:
    """What an entry shows: its producer, its value on every axis, whether it rules its tables."""
    axes = [(axis, value) for axis, value in entry.axes.items() if axis not in UNCOUNTED]
    bare = entry.axes["ruling"] == "none"
    return [*axes, ("producer", entry.producer), ("without rulings by", entry.producer if bare else "")]
