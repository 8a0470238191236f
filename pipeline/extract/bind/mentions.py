"""Find which tables of the forms the text of a page mentions, whether or not a grid was found for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from operator import itemgetter

from pipeline.extract.bind.label_index import anchors, load_form_labels
from pipeline.forms import CellKey, load_forms

LABEL_PAIRS_MIN_SHARE = 0.75
"""Share of a label's pairs of neighbouring characters. A label is on a page if as many of its pairs are.

Taught by labels that are set over several lines: the line ends part a few pairs. At 0.375 prose seems to
mention tables.
"""


def pages_to_mentions(texts: Mapping[int, str]) -> dict[str, frozenset[int]]:
    """Return the tables that the folded texts of the pages mention, each with its pages."""
    return {table: pages for table in load_form_labels() if (pages := _pages(table, texts))}


def _pages(table: str, texts: Mapping[int, str]) -> frozenset[int]:
    """Return the pages with a telling label or two others.

    None where the document has fewer than two telling ones.
    """
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
    """Whether a folded label is in a text, if need be with a few of its pairs parted."""
    if label in text:
        return True
    pairs = _pairs(label)
    return sum(map(text.__contains__, pairs)) >= LABEL_PAIRS_MIN_SHARE * len(pairs)


@cache
def _pairs(label: str) -> tuple[str, ...]:
    """Return the pairs of neighbouring characters of a label of the forms."""
    return tuple(label[i : i + 2] for i in range(len(label) - 1))


def is_printed(table: str, missing: CellKey, bound: frozenset[CellKey], text: str) -> bool:
    """Whether a cell that was not bound seems to be printed: the label of its row or column is in the text.

    A row that the bureau left out is missing in every reading, and no other reader needs to look for it. Of
    the label of a column, which may stand over several lines beside others, only the characters are looked
    for.
    """
    form_labels = load_form_labels()[table]
    item, column = missing
    for axis, key, at in ((form_labels.rows, item, 0), (form_labels.columns, column, 1)):
        if key not in map(itemgetter(at), bound):
            labels = [label for label, keys in axis.keys.items() if key in keys and len(label) > 2]
            return any(label in text if at == 0 else set(label) <= set(text) for label in labels)
    return True
