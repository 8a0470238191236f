"""Reports whose prose states figures: a few of every producer, kind of body and form.

They lie in a folder of their own. What counts of them is what is made of these figures: benchmarks.claims.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle
from random import Random
from zlib import crc32

from tools.generator import Spec
from tools.generator.claims import Writer, claiming_chapters
from tools.generator.reports import figures_for, layouts_of

from .axes import form_of
from .plan import Entry, draft_to_spec
from .producers import PRODUCERS

FOLDER = CLAIMS_AXIS = "claims"
EACH = 8
"""Count of reports by each producer."""

WRITERS: Mapping[str, tuple[Writer, ...]] = {
    "bureau": (
        Writer("bureau", "示例市教育局", "我局", "市"),
        Writer("bureau", "示例县审计局", "本机关", "县"),
        Writer("bureau", "示例市发展和改革委员会", "我委", "市"),
        Writer("bureau", "示例区人力资源和社会保障局", "区人社局", "区"),
    ),
    "government": (
        Writer("government", "示例市人民政府", "示例市人民政府", "市"),
        Writer("government", "示例县人民政府", "全县", "县"),
    ),
    "office": (
        Writer("office", "示例区人民政府办公室", "我办", "区"),
        Writer("office", "示例县人民政府办公室", "县政府办", "县"),
    ),
    "town": (
        Writer("town", "示例县示例镇人民政府", "我镇", "县", "示例镇"),
        Writer("town", "示例区示例街道办事处", "示例街道办事处", "区", "示例街道"),
    ),
}
"""Of each kind of body some, with what they call themselves."""

FORMS = ("fy2021", "fy2021", "fy2019", "fy2014 national")
NOTHING = (("applications", 0), ("review_litigation", 0))
"""What makes the figures of a body that received no application."""

NOTHING_EACH = 5
"""Count. In one of as many reports nothing was received."""


def plan_claims(seed: int = 0) -> tuple[Entry, ...]:
    """Return every document, producer by producer; bodies and forms take turns."""
    return tuple(_entries(seed))


def _entries(seed: int) -> Iterator[Entry]:
    taken: set[str] = set()
    bodies, number = cycle(WRITERS), 0
    for producer in PRODUCERS:
        for turn in range(EACH):
            body, form = next(bodies), FORMS[(number // len(WRITERS)) % len(FORMS)]
            label = f"{body}-{producer}-{turn + 1}"
            rng = Random(crc32(f"{seed}/{label}".encode()))
            writer = rng.choice(WRITERS[body])
            spec = replace(draft_to_spec(label, form, (), taken, seed), agency=writer.agency)
            if number % NOTHING_EACH == 0 and spec.applications:
                spec = replace(spec, factors=NOTHING)
            spec = replace(spec, chapters=claiming_chapters(writer, spec.year, _printed(spec), rng))
            yield Entry(f"{FOLDER}/{label}", producer, {"form": form_of(spec), CLAIMS_AXIS: body}, spec)
            number += 1


def _printed(spec: Spec) -> dict[tuple[str, str, str], float]:
    """Return the figures that the tables of a report print."""
    figures = figures_for(spec)
    cells = [(layout.table, *key) for layout in layouts_of(spec, figures) for key in layout.number_keys()]
    return {cell: figures[cell] for cell in cells}
