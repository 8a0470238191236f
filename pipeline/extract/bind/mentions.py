"""Which tables of the forms the text of a page shows, whether or not a grid was found for them."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.extract.bind.label_index import anchors, load_knowledge
from pipeline.forms import CellKey, load_forms

SHARE = 0.75
"""A label is on a page if this share of its pairs of neighbouring characters is: line ends part a few."""


def pages_to_mentions(texts: Mapping[int, str]) -> dict[str, frozenset[int]]:
    """The tables that the folded texts of the pages show, each with the pages that hold its labels."""
    return {table: pages for table in load_knowledge() if (pages := _pages(table, texts))}


def _pages(table: str, texts: Mapping[int, str]) -> frozenset[int]:
    """Pages with a telling label or two others, if the document holds two telling ones."""
    telling = frozenset().union(*(form.telling for form in load_forms() if form.table == table))
    if sum(any(_shows(text, label) for text in texts.values()) for label in telling) < 2:
        return frozenset()
    own = [label for label, name in anchors().items() if name == table and len(label) > 2]
    return frozenset(
        page
        for page, text in texts.items()
        if any(_shows(text, label) for label in telling) or sum(label in text for label in own) > 1
    )


def _shows(text: str, label: str) -> bool:
    if label in text:
        return True
    pairs = [label[i : i + 2] for i in range(len(label) - 1)]
    return sum(pair in text for pair in pairs) >= SHARE * len(pairs)


def is_printed(table: str, missing: CellKey, bound: frozenset[CellKey], text: str) -> bool:
    """Whether a cell that was not bound seems to be there: its row's or column's label is in the text.

    A row that the bureau left out is missing in every reading; no reader need look for it again. Of a
    column's label, which may stand over several lines beside others, only the characters are looked for.
    """
    knowledge = load_knowledge()[table]
    item, column = missing
    for axis, key, at in ((knowledge.rows, item, 0), (knowledge.columns, column, 1)):
        if not any(cell[at] == key for cell in bound):
            labels = [label for label, keys in axis.keys.items() if key in keys and len(label) > 2]
            return any(label in text if at == 0 else set(label) <= set(text) for label in labels)
    return True
