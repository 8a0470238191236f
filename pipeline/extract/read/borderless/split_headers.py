"""Join headers that the end of a page cuts in two: their labels move to the page of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from pipeline.extract.read.borderless.columns import overlap
from pipeline.extract.read.borderless.header_blocks import PageWords, follows
from pipeline.extract.read.borderless.label_sets import Labels
from pipeline.extract.read.borderless.rows import is_short, words_to_stacks
from pipeline.extract.read.borderless.words import Word, has_letter, join_words
from pipeline.forms.labels import fold
from pipeline.records import bounding_box

RUNNING_TITLE_MAX_WORDS = 2
"""Count. No more words of a running title stand above the rest of a header."""


def join_split_headers(pages: Sequence[PageWords], labels: Labels) -> None:
    """Move the column labels of a cut header to the page of its rest; pieces of labels are made whole."""
    for before, page in pairwise(pages):
        if follows(before, page):
            _join_split_header(before, page, labels)


def _join_split_header(before: PageWords, page: PageWords, labels: Labels) -> None:
    """Move the labels of a header that is cut, at the end of `before`, to its rest on `page`."""
    start, end = _end_of_rows(before, labels), _start_of_rows(page, labels)
    over = [w.y for w in before.labels if w.name in labels.others | labels.spanning and w.y > start]
    if not over:
        return
    opening = [w for w in (*before.labels, *before.words) if w.y > min(over) - w.height]
    rest = [w for w in (*page.labels, *page.words) if w.y < end]
    column_headers = [w for w in rest if w.name in labels.columns]
    known = labels.columns | labels.spanning | labels.others
    pieces = [w for w in opening if is_short(w) and has_letter(w) and fold(w.text) not in known]
    joined = [found for stack in words_to_stacks(pieces) if (found := _stack_to_head(stack, rest, labels))]
    spent = {id(w) for words, _ in joined for w in words}
    whole = [
        w
        for w in opening
        if w.name in labels.columns and id(w) not in spent and not _stands_under(w, column_headers)
    ]
    if not joined and not (column_headers and whole):
        return
    lines = bounding_box([w.box for w in (*column_headers, *(words[-1] for words, _ in joined))])
    moved = [_moved(join_words(words), label, lines.top, lines.bottom) for words, label in joined]
    moved += [_moved(w, w.name, lines.top, lines.bottom) for w in whole]
    spent |= {id(w) for w in whole}
    _without(before, spent)
    _without(page, spent)
    page.labels += moved


def _end_of_rows(page: PageWords, labels: Labels) -> float:
    """Return the height, in points, at which the last label of a row ends; 0 where there is none."""
    return max((w.box.bottom for w in page.labels if w.name in labels.rows - labels.columns), default=0.0)


def _start_of_rows(page: PageWords, labels: Labels) -> float:
    """Return the height, in points, at which the first label of a row begins.

    Infinite where there is none.
    """
    tops = (w.box.top for w in page.labels if w.name in labels.rows - labels.columns)
    return min(tops, default=float("inf"))


def _stands_under(word: Word, column_headers: Iterable[Word]) -> bool:
    """Whether a word shares some of its width with a column header."""
    return any(overlap(word.box, column_header.box) > 0 for column_header in column_headers)


def _stack_to_head(
    stack: Sequence[Word], rest: Sequence[Word], labels: Labels
) -> tuple[list[Word], str] | None:
    """Return the pieces of a column label and its folded text; None where they make no label.

    The last pieces stand at the top of the next page, in `rest`.
    """
    text = fold("".join(w.text for w in stack))
    box = bounding_box([w.box for w in stack])
    below = sorted((w for w in rest if overlap(w.box, box) > 0), key=lambda w: w.y)
    for skipped in range(min(RUNNING_TITLE_MAX_WORDS + 1, len(below))):
        for end in range(skipped + 1, len(below) + 1):
            label = text + "".join(fold(w.text) for w in below[skipped:end])
            if label in labels.columns:
                return [*stack, *below[skipped:end]], label
            if not any(column.startswith(label) for column in labels.columns):
                break
    return None


def _moved(word: Word, label: str, top: float, bottom: float) -> Word:
    """Return the word as the label, between these heights of the next page."""
    return Word(word.text, word.box._replace(top=top, bottom=bottom), word.glyphs, label)


def _without(page: PageWords, spent: set[int]) -> None:
    """Drop the labels and words with these ids from a page."""
    page.labels = [w for w in page.labels if id(w) not in spent]
    page.words = [w for w in page.words if id(w) not in spent]
