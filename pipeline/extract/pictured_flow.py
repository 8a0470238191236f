"""Read the pictures of a document without pages that may show its tables: each becomes a page of its own.

So a table goes on from one picture to the next as it does from page to page, and what stands between pictures
keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib import import_module
from itertools import groupby
from typing import Any, TypeVar

import numpy as np

from pipeline.errors import lacks_memory
from pipeline.extract.read import PICTURES_STEP
from pipeline.extract.read.flow.blocks import FlowBlock, FlowDocument, FlowPicture
from pipeline.extract.read.flow.layout import PAGE, LaidOut, lay_out, text_blocks
from pipeline.extract.read.picture.loose_picture import (
    UnreadPictureError,
    bytes_to_page,
    shows_table,
)
from pipeline.extract.read.picture.pictures import PagePicture
from pipeline.extract.read.picture.ruled_tables import INK_DARKEST
from pipeline.extract.read.picture.way_up import KNOWN_ENOUGH, count_known
from pipeline.records import (
    LIBRARY_WORDS_MAX_CHARACTERS,
    PICTURE_READER,
    Box,
    RawDocument,
    RawTable,
)

_T = TypeVar("_T")

LOOKED_MAX_PICTURES = 60
"""Count. No more pictures of a document are looked at; a report with a picture for each page has some ten."""

READ_MAX_PICTURES = 30
"""Count. No more pictures of a document are read: each takes seconds, and a report's tables are on a few."""

DIGITS_MIN_HEIGHT = 8.5
"""Pixels of a picture as it is stored. Of lower digits two readings may err alike: sums have to hold them.

In 50 reports with pictures of 84 to 110 pixels an inch, in which digits are 8.9 to 12 high, 30 of them made
smaller and stored as JPEG of quality 50, none of 8,768 cells was wrong silently.
"""

COARSE = "the picture has too few pixels for two readings to be enough"

TOLD_MAX_PICTURES = 3
"""Count. Of so many pictures that are not read it is told why; of others, how many they are."""

UNREAD = "picture {number} is not read: {why}"
MORE_UNREAD = "{count} more pictures are not read"
FAILED = "their reader fails ({words})"
LEFT_OUT_HERE = "what reads pictures was left out, for it crashed or hung on this file"
BEYOND = "no more than {limit} pictures of a document are read"
NOT_HELD = "the file does not hold it"

STEP = " ".join(PICTURES_STEP)
"""How pictures are read, as the steps of a report name it."""


@dataclass(frozen=True)
class FlowPictures:
    """What is known of the pictures in a document.

    `may_show` are those that may show a table, in their order. `unread` says in words what is not read of
    them, and why. `others` counts those that show no table, as far as a glance tells. `pictures` are those
    that were read, by the page which each became; `numbers` are theirs in the source. `inks` are cells of
    these, as the second reader sees them.
    """

    may_show: tuple[FlowPicture, ...] = ()
    unread: tuple[str, ...] = ()
    others: int = 0
    pictures: dict[int, Any] = field(default_factory=dict)
    numbers: Mapping[int, int] = field(default_factory=dict)
    inks: dict[Any, Any] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """Return in words what of the pictures is not read, and why; "" where all are."""
        more = len(self.unread) - TOLD_MAX_PICTURES
        rest = [MORE_UNREAD.format(count=more)] if more > 0 else []
        return "; ".join([*self.unread[:TOLD_MAX_PICTURES], *rest])


NO_PICTURES = FlowPictures()
"""What is known of pictures that nobody has looked at."""


def flow_to_pictures(flow: FlowDocument) -> FlowPictures:
    """Return which pictures of a document may show a table, at a glance: none of them is read yet."""
    found = [block for block in flow.blocks if isinstance(block, FlowPicture)]
    may_show, unread, known = list[FlowPicture](), list[str](), set[bytes]()
    others = len(found[LOOKED_MAX_PICTURES:])
    for picture in found[:LOOKED_MAX_PICTURES]:
        data = picture.load()
        digest = sha256(data).digest()
        if digest in known:
            continue
        known.add(digest)
        try:
            if not data:
                raise UnreadPictureError(NOT_HELD)
            if _guarded(shows_table, data):
                may_show.append(picture)
            else:
                others += 1
        except UnreadPictureError as error:
            unread.append(UNREAD.format(number=picture.number, why=error))
    return FlowPictures(tuple(may_show), tuple(unread), others)


def why_unread(without: frozenset[str]) -> str:
    """Return in words why no picture can be read; "" where they can. `without` are engines left out."""
    if PICTURE_READER in without:
        return LEFT_OUT_HERE
    problem: str = import_module("pipeline.extract.read.picture.line_model").problem()
    return problem


def read_pictures(
    flow: FlowDocument, pictures: FlowPictures, notice: Callable[[str], None]
) -> tuple[LaidOut, FlowPictures]:
    """Return a document with those of its pictures read that may show a table, and what became of these.

    `notice` is called with the step and the number of pictures before they are read.
    """
    wanted = pictures.may_show[:READ_MAX_PICTURES]
    notice(f"{STEP} {len(wanted)}")
    unread = [
        UNREAD.format(number=one.number, why=BEYOND.format(limit=READ_MAX_PICTURES))
        for one in pictures.may_show[READ_MAX_PICTURES:]
    ]
    pages, read, numbers = list[LaidOut](), dict[int, Any](), dict[int, int]()
    for part in _parts(flow.blocks, frozenset(one.number for one in wanted)):
        number = PAGE + len(pages)
        if not isinstance(part, FlowPicture):
            pages.append(lay_out(replace(flow, blocks=tuple(part)), number))
            continue
        try:
            read[number] = _read(part, number)
        except UnreadPictureError as error:
            unread.append(UNREAD.format(number=part.number, why=error))
            continue
        numbers[number] = part.number
        pages.append(_to_laid_out(read[number], part.number))
    told = (*pictures.unread, *unread)
    return _joined(flow.reader, pages), replace(pictures, unread=told, pictures=read, numbers=numbers)


def _parts(
    blocks: Sequence[FlowBlock], wanted: frozenset[int]
) -> Iterator[FlowPicture | Sequence[FlowBlock]]:
    """Yield the pictures with these numbers, and what stands before, between and behind them."""
    taken = (block for block in blocks if not isinstance(block, FlowPicture) or block.number in wanted)
    for is_picture, run in groupby(taken, lambda block: isinstance(block, FlowPicture)):
        if is_picture:
            yield from (block for block in run if isinstance(block, FlowPicture))
        elif shown := text_blocks(run):
            yield shown


def _read(picture: FlowPicture, page: int) -> Any:
    """Return what is read of a picture, as a page. Raises UnreadPictureError, MemoryError."""
    loose = _guarded(bytes_to_page, picture.load())
    read = _guarded(_read_upright, loose.page, page)
    if _is_coarse(read, loose.times):
        read = replace(read, doubts=dict.fromkeys(read.cells, COARSE) | dict(read.doubts))
    return read


def _guarded(step: Callable[..., _T], *arguments: Any) -> _T:
    """Return what a step makes of a picture. UnreadPictureError for whatever a library raises on it."""
    try:
        return step(*arguments)
    except UnreadPictureError:
        raise
    except Exception as error:
        if lacks_memory(error):
            raise MemoryError from error
        words = f"{type(error).__name__} {error}"[:LIBRARY_WORDS_MAX_CHARACTERS]
        raise UnreadPictureError(FAILED.format(words=words)) from error


def _read_upright(picture: PagePicture, page: int) -> Any:
    """Return what is read of a picture, upright as it is shown; turned where only so it says anything known.

    Which way up a page lies is told by many lines, of which a picture of one table has too few.
    """
    read = import_module("pipeline.extract.read.picture.ocr_reader").picture_to_read
    upright = read(picture, page, is_upright=True)
    known = _count_known(upright)
    if known >= KNOWN_ENOUGH:
        return upright
    turned = read(picture, page)
    return turned if _count_known(turned) > known else upright


def _count_known(read: Any) -> int:
    """Return how many pairs of characters in a picture stand in labels of the forms."""
    cells = (cell.text for table in read.tables for cell in table.cells)
    return count_known([*cells, *(line.text for line in read.lines)])


def _is_coarse(read: Any, times: float) -> bool:
    """Whether the digits of a picture are too low, as it is stored, for two readings to be enough."""
    heights = [
        np.count_nonzero((read.cells[cell.box].crop < INK_DARKEST).any(axis=1))
        for table in read.tables
        for cell in table.cells
        if cell.text.isdecimal()
    ]
    return bool(heights) and float(np.median(heights)) / times < DIGITS_MIN_HEIGHT


def _to_laid_out(read: Any, number: int) -> LaidOut:
    """Return a picture as a page; `number` is that of the picture in its source."""
    page, orientation = read.content.number, read.content.orientation
    raw = RawDocument(
        PICTURE_READER,
        ((orientation.width, orientation.height),),
        (orientation.quarters,),
        tuple(read.tables),
        tuple(read.lines),
        {page: read.content.printed},
    )
    return LaidOut(raw, dict(_places(read.tables, page, number)))


def _places(tables: Sequence[RawTable], page: int, number: int) -> Iterator[tuple[tuple[int, Box], str]]:
    """Yield the cells of a picture, each with its place in words."""
    for count, table in enumerate(tables, 1):
        for cell in table.cells:
            words = f"picture {number}, table {count}, row {cell.row + 1}, column {cell.col + 1}"
            yield (page, cell.box), words


def _joined(reader: str, pages: Sequence[LaidOut]) -> LaidOut:
    """Return pages as one document."""
    raws = [page.raw for page in pages]
    raw = RawDocument(
        reader,
        tuple(size for raw in raws for size in raw.page_sizes),
        tuple(turn for raw in raws for turn in raw.turns),
        tuple(table for raw in raws for table in raw.tables),
        tuple(line for raw in raws for line in raw.lines),
        {number: page for raw in raws for number, page in raw.printed.items()},
    )
    places = {place: words for page in pages for place, words in page.places.items()}
    doubts = {place: words for page in pages for place, words in page.doubts.items()}
    return LaidOut(raw, places, doubts)
