"""The frozen types that stand between the stages: a stage imports these and itself.

Lengths are PDF points. Every `Box` is measured from the top left of the page as displayed, x to the right
and y downwards. Pages are numbered from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import nan
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, Protocol

_REPORT_ID_DIGITS = 16
"""Count, hexadecimal. The id of a report has as many digits of the hash of its bytes."""

REPORT_ID_LETTER = "r"
"""What the id of a report begins with.

A spreadsheet takes sixteen digits for a number and loses the last, and 9203679535e83326 for an infinite one.
"""

_PART_SIGN = "-"
"""What stands before the number of a further report of a file in its id."""

NUMBER_STATUSES = ("ok", "corrected")
"""The statuses of a cell whose number is known."""

BLANK_STATUSES = ("blank", "not_applicable")
"""The statuses of a cell in which the body printed no number."""

LIBRARY_WORDS_MAX_CHARACTERS = 160
"""Count. No more characters are kept of what a library says: they go into one cell of a table."""

SUM_DIGITS = 6
"""Count, after the point. The two sides of a sum are compared with as many digits.

Decimals in 万元 do not add up exactly in floats.
"""


class Box(NamedTuple):
    """A bounding box on a page as displayed, in points."""

    x0: float
    top: float
    x1: float
    bottom: float


NOWHERE = Box(nan, nan, nan, nan)
"""The box of what stands on no page."""


class Spot(NamedTuple):
    """A place in a file: a page, counted from 1, and points from the top of it."""

    page: int
    top: float


class Edged(Protocol):
    """Whatever has the four edges of a box, in points."""

    @property
    def x0(self) -> float: ...
    @property
    def top(self) -> float: ...
    @property
    def x1(self) -> float: ...
    @property
    def bottom(self) -> float: ...


def bounding_box(boxes: Sequence[Edged]) -> Box:
    """Return the smallest box that holds all of these; raise ValueError where there are none."""
    return Box(
        min(map(_LEFT, boxes)), min(map(_TOP, boxes)), max(map(_RIGHT, boxes)), max(map(_BOTTOM, boxes))
    )


_LEFT, _TOP, _RIGHT, _BOTTOM = map(attrgetter, Box._fields)


def sha256_to_report_id(sha256: str, part: int = 1) -> str:
    """Return the id of a report: a letter and the first 16 digits of the hash of its file; of a further
    report in the file also its number in it (`part`): r0123456789abcdef-2."""
    first = REPORT_ID_LETTER + sha256[:_REPORT_ID_DIGITS]
    return first if part == 1 else f"{first}{_PART_SIGN}{part}"


def report_id_to_first(report_id: str) -> str:
    """Return the id of the first report in the file of a report."""
    return report_id.partition(_PART_SIGN)[0]


def report_id_to_part(report_id: str) -> int:
    """Return which report of its file it is, counted from 1."""
    return int(report_id.partition(_PART_SIGN)[2] or 1)


# --------------------------------------------------------------- acquire → read


PDF_MEDIA_TYPE = "application/pdf"
"""The media type of documents with pages; the kinds of all others are in acquire/media_types.toml."""

OLD_WORD_MEDIA_TYPE = "application/msword"
"""The media type of .doc and .wps files, whose second reader is a program that may be missing."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it was found: its path, and the SHA-256 of its bytes that names it from here on.

    `media_type` is that of its bytes, by IANA's names, whatever its name or a server says.
    """

    path: Path
    sha256: str
    source_url: str | None = None
    media_type: str = PDF_MEDIA_TYPE

    @property
    def report_id(self) -> str:
        """Return the id of the first report in the file, by which the tables name it."""
        return sha256_to_report_id(self.sha256)


# ------------------------------------------------------------------ read → bind


Corners = tuple[float, float, float, float]
"""x0, top, x1, bottom, in points."""


class CharacterBoxes(Protocol):
    """The boxes of characters, a row for each, in one array: a page has many, few are asked for.

    The numbers of a row are those of Corners.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, at: tuple[int, int]) -> float: ...

    def tolist(self) -> list[list[float]]:
        """Return all rows."""


class Glyph(NamedTuple):
    """A printed character, or a run of them, in points on the page as turned for reading.

    `turn` counts the clockwise quarter turns that bring it upright there: 0 for all but turned labels.
    `parts` are the boxes of the characters of a run on one line, as the font declares them.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    turn: int = 0
    parts: CharacterBoxes | tuple[()] = ()

    @property
    def height(self) -> float:
        """Return the height of its box in points."""
        return self.bottom - self.top


class RawCell(NamedTuple):
    """One cell of a ruled or borderless grid, its text as printed.

    Rows and columns are counted from 0. Within `text` a blank stands where the page shows a gap. A line feed
    stands where a line ends although the next character would still have fitted; wrapped lines are joined.
    `left` and `right` are measured in the reading direction of the table, which is another on a page that is
    turned sideways.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    left: float
    right: float
    box: Box


@dataclass(frozen=True, slots=True)
class RawTable:
    """One grid on one page, as one reader saw it; nothing is interpreted, nothing is joined.

    `inferred` says that it is borderless: its cells follow from the places of the text. `cut` says that it
    may be the rest of the table above, cut within a row although no page ends there.
    """

    page: int
    reader: str
    cells: tuple[RawCell, ...]
    box: Box
    inferred: bool = False
    cut: bool = False


class Character(NamedTuple):
    """A printed character and its box on the page as displayed."""

    text: str
    box: Box


class Renamed(NamedTuple):
    """A character whose shape is that of the digit `shown`, whatever the file says."""

    character: Character
    shown: str


class PrintedPage(NamedTuple):
    """The characters of a page, and the boxes of those that were dropped as a watermark.

    All are measured on the page as turned for reading. `size` is its width and height as displayed, `turn`
    the clockwise quarter turns after which a person can read it.
    """

    glyphs: Sequence[Glyph]
    watermark: Sequence[Corners]
    size: tuple[float, float]
    turn: int


class TextLine(NamedTuple):
    """A printed line outside of all tables; `box` is measured on the page as turned for reading."""

    page: int
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What one reader read of the pages it was given, in reading order.

    `page_sizes` are width and height as displayed, in points. `turns` are the clockwise quarter turns after
    which a person can read the page: 0 for all but pages whose text stands sideways. `printed` has
    the characters of each page that was read, by its number; camelot gives none.
    """

    reader: str
    page_sizes: tuple[tuple[float, float], ...]
    turns: tuple[int, ...]
    tables: tuple[RawTable, ...]
    lines: tuple[TextLine, ...]
    printed: Mapping[int, PrintedPage] = field(default_factory=dict)


# ------------------------------------------------------------- bind → normalise


SPANNING = "spanning"
"""The match of a text that is printed once over several cells of the form: no number of it is known."""

PART = "|"
"""What parts the texts of several drawn cells that stand under one header."""


class BoundCell(NamedTuple):
    """A number cell that has the keys of the form.

    `match` says how its labels were recognised: exact; near (a similar label, and the order of the form's
    rows where two are similar); order (no label, only the place). `unit` is the unit of the vocabulary,
    `printed_unit` what the header or the unit column printed.
    """

    table: str
    item: str
    column: str
    text: str
    unit: str
    printed_unit: str
    row_label: str
    column_label: str
    match: str
    page: int
    box: Box
    reader: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """A printed cell that was not bound, with the reason in words; its places are those of an Observation."""

    table: str
    page: int
    text: str
    box: Box
    reason: str
    source_place: str = ""


@dataclass(frozen=True, slots=True)
class BoundTable:
    """One table of a form, joined over its pages.

    `missing` lists the (item, column) that were not found. `regions` are where it stands: (page, box).
    `inferred` says that a part of it is borderless. `again` says where it is printed anew, None where
    it is printed once.
    """

    table: str
    template: str
    cells: tuple[BoundCell, ...]
    missing: tuple[tuple[str, str], ...]
    leftovers: tuple[Leftover, ...]
    regions: tuple[tuple[int, Box], ...] = ()
    inferred: bool = False
    again: Spot | None = None


# ------------------------------------------------------------- normalise → check


class Quantity(NamedTuple):
    """A number phrase as it was understood; `value` is None where it was not, or where there is none."""

    value: float | None
    status: str
    raw: str


class Observation(NamedTuple):
    """A row of the table `observations`, without what the whole report shares (agency, year …).

    `confirmed_by` is the independent reader that read the same digits, or "page" where the drawn page shows
    them; "" where none did. `seen` says whether that page shows what was read: yes, no, not_looked. `doubt`
    says in words what it shows instead. In a document without pages `page` is 1 and `box` is NOWHERE;
    `source_place` names the cell there, "table 2, row 5, column 3", and is "" elsewhere.
    """

    table: str
    template: str
    item: str
    column: str
    value: float | None
    unit: str
    raw: str
    status: str
    page: int
    box: Box
    reader: str
    match: str
    row_label: str
    column_label: str
    confirmed_by: str = ""
    seen: str = "not_looked"
    doubt: str = ""
    source_place: str = ""


# ---------------------------------------------------------------- check → export


class Check(NamedTuple):
    """One sum of the form, tested once: `left` and `right` are its two sides, `cells` what it adds up.

    `attribution` says whose a failed sum is: the publisher's or the reading's; None while that is not known.
    """

    table: str
    check: str
    scope: str
    left: float
    right: float
    verdict: str
    attribution: str | None
    blanks_as_zero: int
    cells: tuple[tuple[str, str], ...]

    @property
    def difference(self) -> float:
        """Return left less right, rounded to 6 digits."""
        return round(self.left - self.right, SUM_DIGITS)


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter: `text` is its prose without tables, its paragraphs joined by line feeds."""

    section: str
    heading: str
    page: int
    text: str


@dataclass(frozen=True, slots=True)
class ReportIdentity:
    """Who reports on what year; `published_on` is an ISO date.

    `doubt` says in words that title and figures are of different years; the fiscal year is the title's.
    """

    agency: str
    fiscal_year: int | None
    title: str
    published_on: str | None
    doubt: str = field(default="", repr=False)


NOBODY = ReportIdentity(agency="", fiscal_year=None, title="", published_on=None)
"""The identity of a document that could not be read, or that is no report."""


class Reason(StrEnum):
    """Why a report is not ok, in one word for programs; the data dictionary explains each."""

    NONE = ""
    BAD_FILE = "bad_file"
    UNOPENED = "unopened"
    LOCKED = "locked"
    NO_TEXT = "no_text"
    GARBLED = "garbled"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"
    TEMP_FILES = "temp_files"
    ERROR = "error"
    CONTRACT = "contract"
    PAGES_DIFFER = "pages_differ"
    TEXT_DIFFERS = "text_differs"
    DAMAGED = "damaged"
    HEADING_ALONE = "heading_alone"
    YEAR_DIFFERS = "year_differs"
    NOT_A_REPORT = "not_a_report"
    NO_TABLES = "no_tables"
    SEVERAL_REPORTS = "several_reports"
    PICTURES = "pictures"
    INCOMPLETE = "incomplete"
    DOUBTFUL = "doubtful"


OCR_LAYER = "ocr_layer"
"""In place of a reader's name: what was read is the work of a program for OCR."""

PICTURE_READER = "ocr"
"""The name in steps and tables of the reader of pages that are pictures."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one document gave, from which the tables are made.

    `readers` gave or confirmed values. `steps` are all steps in which any of its pages was read. `missing`
    lists what the form prints and the document does not: "table" or "table.item.column". `status` is one of
    those in the data dictionary. `error` says in words why a document failed, or what else should be known
    of it. `reason` says in one word why it is not ok. `seconds` is CPU time. `others` are the further reports
    in the same file, in its order. `media_type` is that of the file.
    """

    report_id: str
    sha256: str
    source_file: str
    source_url: str | None
    heading: ReportIdentity
    pages: int
    templates: tuple[str, ...]
    readers: tuple[str, ...]
    steps: tuple[str, ...]
    observations: tuple[Observation, ...]
    checks: tuple[Check, ...]
    sections: tuple[Section, ...]
    leftovers: tuple[Leftover, ...]
    missing: tuple[str, ...]
    status: str
    error: str
    seconds: float
    reason: Reason = Reason.NONE
    others: tuple[Report, ...] = ()
    media_type: str = PDF_MEDIA_TYPE

    def of_file(self, sha256: str, source_file: str, source_url: str | None) -> Report:
        """Return the report as one of this file; further ones in it have their number in their id."""
        others = tuple(
            replace(
                other,
                report_id=sha256_to_report_id(sha256, part),
                sha256=sha256,
                source_file=source_file,
                source_url=source_url,
            )
            for part, other in enumerate(self.others, start=2)
        )
        return replace(
            self,
            report_id=sha256_to_report_id(sha256),
            sha256=sha256,
            source_file=source_file,
            source_url=source_url,
            others=others,
        )

    @property
    def has_pictures(self) -> bool:
        """Whether pages that are pictures were read, or were to be read and what reads them is missing."""
        return any(step.partition(" ")[0] == PICTURE_READER for step in self.steps)

    @classmethod
    def empty(cls) -> Report:
        """Return the report of a document that gave nothing; `dataclasses.replace` fills in what is known."""
        return cls(
            report_id="",
            sha256="",
            source_file="",
            source_url=None,
            heading=NOBODY,
            pages=0,
            templates=(),
            readers=(),
            steps=(),
            observations=(),
            checks=(),
            sections=(),
            leftovers=(),
            missing=(),
            status="",
            error="",
            seconds=0.0,
        )
